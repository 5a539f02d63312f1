//! One Fernet key, parsed.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::number::KeyNumber;
use crate::domain::{lenient_base64, random::Random};

/// The key of 32 null bytes that Keystone falls back to for credentials (`fernet_utils.NULL_KEY`), never for tokens.
pub const NULL_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A key that encrypts and opens tokens. Its memory is wiped on drop, and `Debug` shows only its number.
#[derive(Clone)]
pub struct Key {
    number: KeyNumber,
    fingerprint: KeyFingerprint,
    fernet: fernet::Fernet,
}

impl Key {
    /// Parses the text of a key file.
    ///
    /// As lenient as Keystone's Fernet library: white space and other characters outside the alphabet are skipped, both
    /// base64 alphabets are read, missing padding is not forgiven, and non-ASCII characters are refused.
    ///
    /// # Errors
    /// [`MalformedKey`] if the text does not say 32 bytes.
    pub fn parse(number: KeyNumber, text: &str) -> Result<Self, MalformedKey> {
        if !text.is_ascii() {
            return Err(MalformedKey);
        }
        let bytes = lenient_base64::decode(text.as_bytes()).ok_or(MalformedKey)?;
        if bytes.len() != 32 {
            return Err(MalformedKey);
        }
        let fingerprint = KeyFingerprint(Sha256::digest(&*bytes).into());
        let canonical = Zeroizing::new(URL_SAFE.encode(&bytes[..]));
        let fernet = fernet::Fernet::new(&canonical).ok_or(MalformedKey)?;
        Ok(Self { number, fingerprint, fernet })
    }

    /// The number its file had when it was read. A rotation gives the staged key another one, so use
    /// [`Key::fingerprint`] to recognise a key.
    pub fn number(&self) -> KeyNumber {
        self.number
    }

    /// What identifies the key, whatever its number.
    pub fn fingerprint(&self) -> KeyFingerprint {
        self.fingerprint
    }

    /// The cipher made of the key.
    pub fn fernet(&self) -> &fernet::Fernet {
        &self.fernet
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("number", &self.number).finish_non_exhaustive()
    }
}

/// The SHA-256 of a key's 32 bytes: identifies it without telling it, on every node alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyFingerprint([u8; 32]);

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text of a key file is not a key. The message is the one of Keystone's Fernet library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Fernet key must be 32 url-safe base64-encoded bytes.")]
pub struct MalformedKey;

/// The text of a fresh key as Keystone writes it: 44 characters of URL-safe base64, no newline.
pub fn new_key_text(random: &dyn Random) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    random.fill(&mut *bytes);
    Zeroizing::new(URL_SAFE.encode(&bytes[..]))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::{Key, KeyNumber, NULL_KEY, new_key_text};
    use crate::domain::random::SeededRandom;

    const TEXT: &str = "6dsybu75NhCG7Hu_vhMFBh1LXE6F5ex6CIyfaqaz3UQ=";

    fn parse(text: &str) -> Option<Key> {
        Key::parse(KeyNumber::new(1), text).ok()
    }

    #[test]
    fn spellings_of_one_key_have_one_fingerprint() {
        let fingerprint = parse(TEXT).unwrap().fingerprint();
        for text in [
            format!("{TEXT}\n"),
            format!(" {TEXT}\r\n"),
            format!("{TEXT}=="),
            TEXT.replace('_', "/"),
            TEXT.replace("Q=", "R="),
            format!("6dsy!!{}", &TEXT[4..]),
        ] {
            assert_eq!(parse(&text).map(|key| key.fingerprint()), Some(fingerprint), "{text:?}");
        }
        assert_ne!(parse(NULL_KEY).unwrap().fingerprint(), fingerprint);
    }

    #[test]
    fn texts_that_are_not_32_bytes_are_refused() {
        for text in ["", "garbage", &TEXT[..43], &format!("\u{43a}{TEXT}"), &TEXT[4..], &format!("QUJD{TEXT}")] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_key_opens_what_it_sealed_and_debug_shows_its_number_only() {
        let key = parse(TEXT).unwrap();
        let token = key.fernet().encrypt_at_time(b"payload", 5);
        assert_eq!(key.fernet().decrypt_at_time(&token, None, 5).unwrap(), b"payload");
        assert_eq!(format!("{key:?}"), "Key { number: KeyNumber(1), .. }");
    }

    #[test]
    fn fresh_keys_are_44_characters_and_differ() {
        let random = SeededRandom::new(7);
        let (one, other) = (new_key_text(&*random), new_key_text(&*random));
        assert_eq!(one.len(), 44);
        assert!(one.ends_with('=') && parse(&one).is_some());
        assert_ne!(*one, *other);
    }
}
