//! A small DER writer, able to write odd certificates. It checks nothing: that is its use.

/// One element: tag, length, and the parts' bytes one after the other.
#[must_use]
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut element = vec![tag];
    match u8::try_from(body.len()) {
        Ok(short) if short < 0x80 => element.push(short),
        _ => {
            let length: Vec<u8> =
                body.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            element.push(0x80 | u8::try_from(length.len()).unwrap_or(0));
            element.extend(length);
        }
    }
    element.extend(body);
    element
}

/// SEQUENCE.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// OBJECT IDENTIFIER, from its encoded bytes.
#[must_use]
pub fn oid(encoded: &[u8]) -> Vec<u8> {
    tlv(0x06, &[encoded])
}

/// OCTET STRING.
#[must_use]
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, &[bytes])
}

/// BIT STRING of whole bytes.
#[must_use]
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes])
}

/// BOOLEAN true.
#[must_use]
pub fn yes() -> Vec<u8> {
    tlv(0x01, &[&[0xff]])
}

/// A positive INTEGER, from its big-endian bytes.
#[must_use]
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    match digits.first() {
        None => tlv(0x02, &[&[0]]),
        Some(first) if *first >= 0x80 => tlv(0x02, &[&[0], &digits]),
        Some(_) => tlv(0x02, &[&digits]),
    }
}

/// An element inside an explicit context tag.
#[must_use]
pub fn explicit(number: u8, element: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, &[element])
}
