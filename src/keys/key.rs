//! One Fernet key, parsed.

use std::{fmt, str::FromStr};

use aes::Aes128;
use base64::{Engine, engine::general_purpose::URL_SAFE};
use cbc::cipher::{BlockEncryptMut, KeyIvInit, block_padding::Pkcs7};
use hmac::{Hmac, Mac};
use sha1::Sha1;
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
    text_hash: [u8; 20],
    fernet: fernet::Fernet,
    /// What signs.
    signing: Zeroizing<[u8; HALF]>,
    /// What encrypts.
    encryption: Zeroizing<[u8; HALF]>,
}

/// Bytes of each half of a key.
const HALF: usize = 16;

/// Bytes of a block of the cipher.
const BLOCK: usize = 16;

/// The first byte of every Fernet token.
pub const FERNET_VERSION: u8 = 0x80;

/// Bytes of the version, the time and the initialization vector of a Fernet token.
const HEAD: usize = 1 + 8 + 16;

/// Bytes of its signature.
const SIGNATURE: usize = 32;

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
        if bytes.len() != 2 * HALF {
            return Err(MalformedKey);
        }
        let (mut signing, mut encryption) = (Zeroizing::new([0; HALF]), Zeroizing::new([0; HALF]));
        signing.copy_from_slice(&bytes[..HALF]);
        encryption.copy_from_slice(&bytes[HALF..]);
        let fingerprint = KeyFingerprint(Sha256::digest(&*bytes).into());
        let canonical = Zeroizing::new(URL_SAFE.encode(&bytes[..]));
        let fernet = fernet::Fernet::new(&canonical).ok_or(MalformedKey)?;
        let text_hash = Sha1::digest(text.as_bytes()).into();
        Ok(Self { number, fingerprint, text_hash, fernet, signing, encryption })
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

    /// What a row of `credential` says about the key that it is encrypted with: the SHA-1 of the text of the key's file, in
    /// hexadecimal digits (`keystone.credential.providers.fernet.core.primary_key_hash`). Another spelling of the same key
    /// has another hash.
    pub fn credential_hash(&self) -> String {
        self.text_hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What was encrypted with this key, if `sealed` was, whenever that was: no clock is asked. `sealed` has its padding.
    pub fn open(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        // The crate refuses times more than a minute ahead of what it is told, and adds that minute to it. Keystone refuses
        // none.
        const NO_TIME_IS_AHEAD: u64 = u64::MAX - 60;
        self.fernet.decrypt_at_time(sealed, None, NO_TIME_IS_AHEAD).ok().map(Zeroizing::new)
    }

    /// `payload` encrypted with this key at `timestamp` (seconds since 1970), as [`Key::open`] takes it. `iv` has to come from a
    /// source of randomness, and to be used once. The `fernet` crate would ask the system for it, each time, whatever source
    /// of randomness the program was given.
    #[expect(clippy::expect_used, reason = "the buffer has room for the padding, and HMAC takes keys of every length")]
    pub fn seal(&self, payload: &[u8], timestamp: u64, iv: [u8; 16]) -> String {
        // Padding takes at least one byte, and fills a block.
        let end = HEAD + payload.len() / BLOCK * BLOCK + BLOCK;
        let mut token = Vec::with_capacity(end + SIGNATURE);
        token.push(FERNET_VERSION);
        token.extend_from_slice(&timestamp.to_be_bytes());
        token.extend_from_slice(&iv);
        token.extend_from_slice(payload);
        token.resize(end, 0);
        let cipher = cbc::Encryptor::<Aes128>::new((&*self.encryption).into(), &iv.into());
        cipher.encrypt_padded_mut::<Pkcs7>(&mut token[HEAD..], payload.len()).expect("room");
        let mut signature = Hmac::<Sha256>::new_from_slice(&*self.signing).expect("a key");
        signature.update(&token);
        token.extend_from_slice(&signature.finalize().into_bytes());
        URL_SAFE.encode(token)
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

/// The text is no fingerprint: not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits")]
pub struct MalformedFingerprint;

impl FromStr for KeyFingerprint {
    type Err = MalformedFingerprint;

    fn from_str(text: &str) -> Result<Self, MalformedFingerprint> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(MalformedFingerprint);
        }
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(place * 2..place * 2 + 2).ok_or(MalformedFingerprint)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| MalformedFingerprint)?;
        }
        Ok(Self(bytes))
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
        for length in 0..48 {
            let payload = vec![7; length];
            let token = key.seal(&payload, 5, [9; 16]);
            assert_eq!(key.fernet.decrypt_at_time(&token, None, 5).unwrap(), payload);
            assert_eq!(*key.open(&token).unwrap(), payload);
        }
        assert_eq!(format!("{key:?}"), "Key { number: KeyNumber(1), .. }");
    }

    /// `hashlib.sha1(b"...").hexdigest()` of the text, as Keystone's provider does it.
    #[test]
    fn credentials_name_their_key_by_its_text() {
        assert_eq!(parse(NULL_KEY).unwrap().credential_hash(), "c5bdc272b97a0d521ef878dc26fb73e4075544dc");
        assert_ne!(parse(&format!("{TEXT}\n")).unwrap().credential_hash(), parse(TEXT).unwrap().credential_hash());
    }

    #[test]
    fn fingerprints_are_read_as_they_are_written() {
        let fingerprint = parse(TEXT).unwrap().fingerprint();
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        for text in ["", "zz", &fingerprint.to_string()[1..], &"\u{e9}".repeat(32), &"+1".repeat(32)] {
            assert!(text.parse::<super::KeyFingerprint>().is_err(), "{text}");
        }
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
