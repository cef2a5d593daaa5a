//! Mints certificates and attestations, good ones and bent ones, with P-256 alone.

use ciborium::Value;
use glasskey::{
    ctap::cbor,
    webauthn::{
        anchor::{Anchor, AnchorKind},
        client_data::{Challenge, ClientData},
        relying_party::RelyingParty,
    },
};
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer};

pub(crate) const AAGUID: [u8; 16] = *b"soft model no. 1";
pub(crate) const AAGUID_OID: &str = "1.3.6.1.4.1.45724.1.1.4";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut out = vec![tag];
    match len {
        0..128 => out.push(len.try_into().unwrap()),
        128..256 => out.extend([0x81, len.try_into().unwrap()]),
        _ => {
            out.push(0x82);
            out.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn oid(dotted: &str) -> Vec<u8> {
    use der::Encode;
    der::asn1::ObjectIdentifier::new(dotted).unwrap().to_der().unwrap()
}

/// `240101000000Z` becomes UTCTime, `20240101000000Z` GeneralizedTime.
fn time(text: &str) -> Vec<u8> {
    tlv(if text.len() == 13 { 0x17 } else { 0x18 }, text.as_bytes())
}

/// Country, organisation, unit, common name; empty parts are left out.
fn name(parts: [&str; 4]) -> Vec<u8> {
    let one = |(number, value): (u8, &str)| {
        let kind = if number == 6 { 0x13 } else { 0x0c };
        let pair = seq(&[&tlv(6, &[0x55, 4, number]), &tlv(kind, value.as_bytes())]);
        if value.is_empty() { vec![] } else { tlv(0x31, &pair) }
    };
    tlv(0x30, &[6, 10, 11, 3].into_iter().zip(parts).map(one).collect::<Vec<_>>().concat())
}

pub(crate) fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { tlv(1, &[0xff]) } else { vec![] };
    seq(&[&oid(id), &flag, &tlv(4, value)])
}

pub(crate) fn aaguid_extension(critical: bool, bytes: &[u8]) -> Vec<u8> {
    extension(AAGUID_OID, critical, &tlv(4, bytes))
}

pub(crate) fn basic_constraints(ca: bool, path_length: Option<u8>) -> Vec<u8> {
    let ca = if ca { tlv(1, &[0xff]) } else { vec![] };
    let length = path_length.map_or(vec![], |length| tlv(2, &[length]));
    extension("2.5.29.19", true, &seq(&[&ca, &length]))
}

pub(crate) fn key_cert_sign() -> Vec<u8> {
    extension("2.5.29.15", true, &[3, 2, 1, 6])
}

/// A signing key of a CA on a greater curve, and the hash that it signs with.
#[derive(Clone)]
pub(crate) enum Great {
    P384Sha256(p384::ecdsa::SigningKey),
    P384Sha384(p384::ecdsa::SigningKey),
    P521Sha384(p521::ecdsa::SigningKey),
    P521Sha512(p521::ecdsa::SigningKey),
}

impl Great {
    /// The OIDs of the curve and of the signature, and the point.
    fn parts(&self) -> (&'static str, &'static str, Vec<u8>) {
        let p384 =
            |key: &p384::ecdsa::SigningKey| key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        let p521 = |key: &p521::ecdsa::SigningKey| {
            p521::ecdsa::VerifyingKey::from(key).to_sec1_point(false).as_bytes().to_vec()
        };
        match self {
            Self::P384Sha256(key) => ("1.3.132.0.34", ECDSA_SHA256, p384(key)),
            Self::P384Sha384(key) => ("1.3.132.0.34", "1.2.840.10045.4.3.3", p384(key)),
            Self::P521Sha384(key) => ("1.3.132.0.35", "1.2.840.10045.4.3.3", p521(key)),
            Self::P521Sha512(key) => ("1.3.132.0.35", "1.2.840.10045.4.3.4", p521(key)),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        use p256::ecdsa::signature::hazmat::PrehashSigner;
        use sha2::{Digest, Sha256, Sha384, Sha512};
        let p384 = |key: &p384::ecdsa::SigningKey, hash: &[u8]| -> p384::ecdsa::DerSignature {
            key.sign_prehash(hash).unwrap()
        };
        let p521 = |key: &p521::ecdsa::SigningKey, hash: &[u8]| -> p521::ecdsa::DerSignature {
            let signature: p521::ecdsa::Signature = key.sign_prehash(hash).unwrap();
            signature.to_der()
        };
        match self {
            Self::P384Sha256(key) => p384(key, &Sha256::digest(message)).as_bytes().to_vec(),
            Self::P384Sha384(key) => p384(key, &Sha384::digest(message)).as_bytes().to_vec(),
            Self::P521Sha384(key) => p521(key, &Sha384::digest(message)).as_bytes().to_vec(),
            Self::P521Sha512(key) => p521(key, &Sha512::digest(message)).as_bytes().to_vec(),
        }
    }
}

/// A certificate before it is signed, with the key that it is for.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) version: u8,
    pub(crate) subject: [&'static str; 4],
    pub(crate) validity: [&'static str; 2],
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) key: SigningKey,
    /// In place of the key.
    pub(crate) great: Option<Great>,
    /// The algorithm outside the signed part.
    pub(crate) outer_algorithm: Option<&'static str>,
}

/// A signed certificate and its key.
#[derive(Clone)]
pub(crate) struct Minted {
    pub(crate) der: Vec<u8>,
    draft: Draft,
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

impl Draft {
    pub(crate) fn leaf() -> Self {
        Self {
            version: 2,
            subject: ["SE", "Soft Keys", "Authenticator Attestation", "Soft Key Serial 1"],
            validity: ["200101000000Z", "401231235959Z"],
            extensions: vec![basic_constraints(false, None), aaguid_extension(false, &AAGUID)],
            key: key(1),
            great: None,
            outer_algorithm: None,
        }
    }

    pub(crate) fn ca(name: &'static str, seed: u8) -> Self {
        Self {
            subject: ["SE", "Soft Keys", "", name],
            extensions: vec![basic_constraints(true, None), key_cert_sign()],
            key: key(seed),
            ..Self::leaf()
        }
    }

    pub(crate) fn self_signed(self) -> Minted {
        let issuer = Minted { der: vec![], draft: self.clone() };
        self.signed_by(&issuer)
    }

    pub(crate) fn signed_by(self, issuer: &Minted) -> Minted {
        let issuing = &issuer.draft;
        let signature_oid = issuing.great.as_ref().map_or(ECDSA_SHA256, |great| great.parts().1);
        let algorithm = seq(&[&oid(signature_oid)]);
        let own = || self.key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        let (curve, _, point) =
            self.great.as_ref().map_or_else(|| ("1.2.840.10045.3.1.7", "", own()), Great::parts);
        let curve = seq(&[&oid("1.2.840.10045.2.1"), &oid(curve)]);
        let public_key = seq(&[&curve, &tlv(3, &[&[0], &point[..]].concat())]);
        let signed = seq(&[
            &tlv(0xa0, &tlv(2, &[self.version])),
            &tlv(2, &[1]),
            &algorithm,
            &name(issuer.draft.subject),
            &seq(&[&time(self.validity[0]), &time(self.validity[1])]),
            &name(self.subject),
            &public_key,
            &tlv(0xa3, &tlv(0x30, &self.extensions.concat())),
        ]);
        let small = |message: &[u8]| {
            let signature: DerSignature = issuing.key.sign(message);
            signature.as_bytes().to_vec()
        };
        let signature = issuing.great.as_ref().map_or_else(|| small(&signed), |great| great.sign(&signed));
        let outer = seq(&[&oid(self.outer_algorithm.unwrap_or(signature_oid))]);
        let der = seq(&[&signed, &outer, &tlv(3, &[&[0], &signature[..]].concat())]);
        Minted { der, draft: self }
    }
}

impl Minted {
    pub(crate) fn key(&self) -> &SigningKey {
        &self.draft.key
    }

    pub(crate) fn anchor(&self, kind: AnchorKind) -> Anchor {
        Anchor { der: self.der.clone(), kind, name: self.draft.subject[3].into(), soft: true }
    }

    pub(crate) fn issuer(&self) -> Anchor {
        self.anchor(AnchorKind::Issuer)
    }
}

pub(crate) const CHALLENGE: Challenge = Challenge::new([7; 32]);

/// A key that makes attestations as it is told to.
#[derive(Clone)]
pub(crate) struct Maker {
    pub(crate) rp: RelyingParty,
    pub(crate) flags: u8,
    pub(crate) aaguid: [u8; 16],
    pub(crate) counter: u32,
    /// COSE_Key members, in place of the right ones.
    pub(crate) cose: Value,
    /// After the attested credential data.
    pub(crate) tail: Vec<u8>,
    pub(crate) client_data: Vec<u8>,
    pub(crate) leaf: Minted,
    /// The certificates that follow the leaf.
    pub(crate) chain: Vec<Vec<u8>>,
}

pub(crate) fn credential_key() -> SigningKey {
    key(99)
}

pub(crate) fn es256_key() -> Value {
    let point = credential_key().verifying_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&p256::FieldBytes>| Value::from(bytes.unwrap().to_vec());
    cose_key(&[
        (1, 2.into()),
        (3, (-7).into()),
        (-1, 1.into()),
        (-2, coordinate(point.x())),
        (-3, coordinate(point.y())),
    ])
}

pub(crate) fn cose_key(members: &[(i64, Value)]) -> Value {
    cbor::map(members.iter().cloned()).unwrap()
}

impl Maker {
    pub(crate) fn new(leaf: Minted) -> Self {
        let rp = RelyingParty::custody();
        Self {
            client_data: ClientData::create(&rp, &CHALLENGE).as_bytes().to_vec(),
            rp,
            flags: 0x45,
            aaguid: AAGUID,
            counter: 3,
            cose: es256_key(),
            tail: vec![],
            leaf,
            chain: vec![],
        }
    }

    pub(crate) fn auth_data(&self) -> Vec<u8> {
        let mut out = self.rp.id().hash().to_vec();
        out.push(self.flags);
        out.extend(self.counter.to_be_bytes());
        if self.flags & 0x40 != 0 {
            out.extend(self.aaguid);
            out.extend([0, 16]);
            out.extend([0xcd; 16]);
            out.extend(cbor::encode(&self.cose).unwrap());
        }
        out.extend(&self.tail);
        out
    }

    /// Signs as the leaf's key does.
    pub(crate) fn sign(&self, with: &SigningKey) -> Vec<u8> {
        use sha2::Digest;
        let hash = sha2::Sha256::digest(&self.client_data);
        let signature: DerSignature = with.sign(&[self.auth_data(), hash.to_vec()].concat());
        signature.as_bytes().to_vec()
    }

    pub(crate) fn statement(&self) -> Vec<(&'static str, Value)> {
        let mut x5c = vec![Value::from(self.leaf.der.clone())];
        x5c.extend(self.chain.iter().cloned().map(Value::from));
        let signature = self.sign(&self.leaf.draft.key);
        vec![("alg", (-7).into()), ("sig", signature.into()), ("x5c", Value::Array(x5c))]
    }

    pub(crate) fn object(&self) -> Vec<u8> {
        self.object_of("packed", self.statement())
    }

    pub(crate) fn object_of(&self, format: &str, statement: Vec<(&'static str, Value)>) -> Vec<u8> {
        let statement = cbor::map(statement).unwrap();
        let members = [("fmt", format.into()), ("attStmt", statement), ("authData", self.auth_data().into())];
        cbor::encode(&cbor::map(members).unwrap()).unwrap()
    }

    pub(crate) fn x5c(&self) -> Vec<Vec<u8>> {
        [vec![self.leaf.der.clone()], self.chain.clone()].concat()
    }
}

/// A vendor's root and a key with a leaf of it.
pub(crate) fn vendor() -> (Minted, Maker) {
    let root = Draft::ca("Soft Root CA", 2).self_signed();
    let leaf = Draft::leaf().signed_by(&root);
    (root, Maker::new(leaf))
}
