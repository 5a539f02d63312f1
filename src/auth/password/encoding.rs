//! The base64 of scrypt and PBKDF2 hashes.
//!
//! Keystone writes the standard alphabet without padding. passlib, whose hashes live on in old databases, wrote PBKDF2
//! salts and digests with `.` for `+`; Keystone reads both, in scrypt hashes too.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Unused bits of the last character are not looked at, and padding may be there: as in Python.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text for `bytes`.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The bytes of `text`, or `None` if it is not base64.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok()
}

/// A count: decimal digits, with blanks around them as Python allows.
pub(super) fn decimal(text: &str) -> Option<u32> {
    let digits = text.trim();
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}
