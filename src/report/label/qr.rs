//! The QR code of a label: text in UTF-8, error correction level M.

use std::fmt::Write as _;

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

/// Free modules around the code (ISO/IEC 18004).
pub(super) const QUIET: i64 = 4;
/// That what follows is UTF-8 (AIM ECI assignment 26). Without it, readers take text for Latin-1, or guess.
const UTF8: u32 = 26;

/// A QR code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Qr {
    /// How many modules it is wide, without what is free around it.
    pub(super) modules: i64,
    /// Its dark modules, as a path in a grid of modules.
    pub(super) path: String,
}

impl Qr {
    /// The smallest code that holds a text; `None` where none does.
    pub(super) fn new(text: &str) -> Option<Self> {
        let code = (1..=40).find_map(|version| encode(text, Version::Normal(version)))?;
        let wide = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(wide).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let long = run.len();
                if run.first() == Some(&Color::Dark) {
                    write!(path, "M{x} {y}h{long}v1h-{long}z").ok()?;
                }
                x += long;
            }
        }
        Some(Self { modules: i64::try_from(wide).ok()?, path })
    }

    /// How many modules it is wide with what is free around it.
    pub(super) fn with_quiet(&self) -> i64 {
        self.modules.saturating_add(2 * QUIET)
    }
}

fn encode(text: &str, version: Version) -> Option<QrCode> {
    let mut bits = Bits::new(version);
    if !text.is_ascii() {
        bits.push_eci_designator(UTF8).ok()?;
    }
    bits.push_byte_data(text.as_bytes()).ok()?;
    bits.push_terminator(EcLevel::M).ok()?;
    QrCode::with_bits(bits, EcLevel::M).ok()
}
