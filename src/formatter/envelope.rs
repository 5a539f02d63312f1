//! The Fernet envelope: token text to authenticated payload and back, knowing which key did it.
//!
//! What is here is what Keystone does around the cryptography of a [`Key`]: the padding it strips and restores,
//! the base64 it tolerates, and the timestamp, which is the token's issue time and is never judged here.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use zeroize::Zeroizing;

use super::error::{EnvelopeError, OpenError};
use crate::{
    domain::lenient_base64,
    keys::{FERNET_VERSION, Key, KeyFingerprint, KeySet},
};

/// Where the eight bytes of the timestamp end.
const TIMESTAMP_END: usize = 9;

/// What a key found in a token text.
pub(super) struct Opened {
    /// Seconds since 1970: the issue time.
    pub(super) timestamp: u64,
    /// The decrypted payload.
    pub(super) payload: Zeroizing<Vec<u8>>,
    /// The key that did it.
    pub(super) key: KeyFingerprint,
}

/// The text of a token with this payload, issued at `timestamp`. `iv` is as [`Key::seal`] wants it.
pub(super) fn seal(key: &Key, payload: &[u8], timestamp: u64, iv: [u8; 16]) -> String {
    let mut text = key.seal(payload, timestamp, iv);
    text.truncate(text.trim_end_matches('=').len());
    text
}

/// Tries the keys in their order.
pub(super) fn open(text: &str, keys: &KeySet) -> Result<Opened, OpenError> {
    if keys.is_empty() {
        return Err(OpenError::NoKeys);
    }
    let sealed = Sealed::parse(text)?;
    keys.iter()
        .find_map(|key| {
            let payload = key.open(&sealed.canonical)?;
            Some(Opened { timestamp: sealed.timestamp, payload, key: key.fingerprint() })
        })
        .ok_or(OpenError::NoKeyOpens { tried: keys.len() })
}

/// A token text that has the form of a Fernet token. Nothing in it is authenticated yet.
struct Sealed {
    timestamp: u64,
    canonical: String,
}

impl Sealed {
    /// Reads `text` as Keystone reads it.
    fn parse(text: &str) -> Result<Self, EnvelopeError> {
        // Keystone restores the padding by counting characters, and only then decodes the UTF-8 bytes. Both counts
        // matter: a character outside the alphabet is skipped by the decoder but was counted.
        let missing = match text.chars().count() % 4 {
            0 => 0,
            over => 4 - over,
        };
        let mut padded = Vec::with_capacity(text.len() + missing);
        padded.extend_from_slice(text.as_bytes());
        padded.resize(text.len() + missing, b'=');

        let bytes = lenient_base64::decode(&padded).ok_or(EnvelopeError::NotBase64)?;
        match bytes.first() {
            None => return Err(EnvelopeError::Empty),
            Some(&FERNET_VERSION) => {}
            Some(&other) => return Err(EnvelopeError::NotFernet(other)),
        }
        let timestamp = bytes
            .get(1..TIMESTAMP_END)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u64::from_be_bytes)
            .ok_or(EnvelopeError::TooShort(bytes.len()))?;
        // A key's decoder is strict, so it gets the canonical text of the same bytes.
        Ok(Self { timestamp, canonical: URL_SAFE.encode(&*bytes) })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;
    use crate::keys::KeyNumber;

    fn key(text: &str) -> Key {
        Key::parse(KeyNumber::new(1), text).unwrap()
    }

    const TEXT: &str = "Sbza-pVONKP5kRBdqiYdv9ctpzomXTeYxY4g16c-MJQ=";

    #[test]
    fn every_timestamp_opens() {
        for timestamp in [0, 1, 1 << 32, u64::MAX - 61, u64::MAX] {
            let sealed = Sealed::parse(&seal(&key(TEXT), b"payload", timestamp, [3; 16])).unwrap();
            assert_eq!(sealed.timestamp, timestamp);
            let opened = key(TEXT).open(&sealed.canonical);
            assert_eq!(opened.as_ref().map(|payload| payload.as_slice()), Some(b"payload".as_slice()));
        }
    }

    #[test]
    fn another_key_does_not_open() {
        let sealed = Sealed::parse(&seal(&key(TEXT), b"payload", 5, [3; 16])).unwrap();
        assert!(key("-dYojJK02EwINgxapnaXSsfIrE86iUSfeWpJna3RT-I=").open(&sealed.canonical).is_none());
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        assert!(matches!(Sealed::parse(""), Err(EnvelopeError::Empty)));
        assert!(matches!(Sealed::parse("a"), Err(EnvelopeError::NotBase64)));
        assert!(matches!(Sealed::parse("AAAA"), Err(EnvelopeError::NotFernet(0))));
        assert!(matches!(Sealed::parse("gAAA"), Err(EnvelopeError::TooShort(3))));
    }
}
