//! What the targets share: the fuzzer's bytes, taken apart one by one.

use glasskey::term::{Tone, paint};

/// The fuzzer's bytes. Where they end, zeros follow, so that every input means something.
#[derive(Clone, Copy)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of them.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// The next one.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// One bit of chance.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    /// The next `N`.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// As many as the next two bytes say, or what is left.
    pub fn chunk(&mut self) -> &'a [u8] {
        let length = usize::from(u16::from_be_bytes(self.array())).min(self.0.len());
        let (chunk, rest) = self.0.split_at(length);
        self.0 = rest;
        chunk
    }

    /// All that is left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Puts a chunk behind its length, as [`Input::chunk`] takes it: for seeds.
pub fn chunk(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a seed's chunk is short");
    [&length.to_be_bytes(), bytes].concat()
}

/// Fails if a text that people are shown could steer their terminal.
pub fn assert_harmless(text: &str) {
    let bad = text.chars().find(|c| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(bad, None, "in {text:?}");
}

/// The authenticator data in an attestation object.
pub fn auth_data(object: &[u8]) -> Option<Vec<u8>> {
    let members = glasskey::ctap::cbor::decode(object).ok()?.value.into_map().ok()?;
    members.into_iter().find(|(name, _)| name.as_text() == Some("authData"))?.1.into_bytes().ok()
}

/// The signed part of a certificate: the first element of the sequence.
pub fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let (_, inside) = element(der)?;
    let (length, _) = element(inside)?;
    inside.get(..length)
}

/// The length of the first element with its head, and what is in it.
fn element(der: &[u8]) -> Option<(usize, &[u8])> {
    let (head, length) = match *der.get(1)? {
        length @ 0..=0x7f => (2, usize::from(length)),
        0x81 => (3, usize::from(*der.get(2)?)),
        0x82 => (4, usize::from(u16::from_be_bytes([*der.get(2)?, *der.get(3)?]))),
        _ => return None,
    };
    Some((head + length, der.get(head..head + length)?))
}

/// A few bytes of something genuine, changed.
pub fn bend(input: &mut Input<'_>, genuine: &[u8]) -> Vec<u8> {
    let mut bent = genuine.to_vec();
    for _ in 0..input.below(4) {
        let place = usize::from(u16::from_be_bytes(input.array()));
        match (input.below(3), bent.is_empty()) {
            (0, false) => bent.truncate(place % bent.len()),
            (1, _) => bent.insert(place % (bent.len() + 1), input.byte()),
            (_, false) => {
                let length = bent.len();
                bent[place % length] ^= input.byte();
            }
            _ => {}
        }
    }
    bent
}

/// Fails if anything on a screen steers the terminal but our own colours and line ends.
pub fn assert_harmless_screen(text: &str) {
    let mut text = text.replace('\n', "");
    for tone in [Tone::Good, Tone::Warn, Tone::Bad, Tone::Quiet, Tone::Strong] {
        let painted = paint(tone, "|");
        for style in painted.split('|') {
            text = text.replace(style, "");
        }
    }
    assert_harmless(&text);
}
