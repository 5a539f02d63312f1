//! `$2b$12$<salt: 22 characters><digest: 31 characters>`.

use ::bcrypt::{HashParts, Version, hash_with_salt};
use base64::{
    Engine,
    alphabet::BCRYPT,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use subtle::ConstantTimeEq;

use super::{Scheme, UnusableHash};

/// bcrypt's own base64.
const BASE64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);
/// Bytes of salt in every bcrypt hash.
pub(super) const SALT_BYTES: usize = 16;
/// Bytes of a password that bcrypt looks at.
pub(super) const MAX_PASSWORD_BYTES: usize = 72;
/// Characters of an encoded salt.
const SALT_CHARACTERS: usize = 22;

/// The hash of `password`, at most 72 bytes of which count.
pub(super) fn make(password: &[u8], cost: u32, salt: [u8; SALT_BYTES]) -> Result<String, UnusableHash> {
    Ok(digest(password, cost, salt)?.format_for_version(Version::TwoB))
}

/// Hashes `password` with the parameters of `stored` and compares the texts as wholes: a stored hash in a spelling that
/// bcrypt does not write (a cost of `004`, text after the digest) is never right.
pub(super) fn check(password: &[u8], stored: &str) -> Result<bool, UnusableHash> {
    if !stored.is_ascii() {
        return Err(UnusableHash::Encoding { scheme: Scheme::Bcrypt, field: "text" });
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(UnusableHash::PasswordOverBcryptLimit);
    }
    let mut parts = stored.split('$').filter(|part| !part.is_empty());
    let (Some(version), Some(cost), Some(salt), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(UnusableHash::Encoding { scheme: Scheme::Bcrypt, field: "text" });
    };
    let version = match version {
        "2a" => Version::TwoA,
        "2b" => Version::TwoB,
        "2x" => Version::TwoX,
        "2y" => Version::TwoY,
        _ => return Err(UnusableHash::Parameter { scheme: Scheme::Bcrypt, parameter: "version" }),
    };
    let cost = cost.parse().map_err(|_| COST)?;
    let salt = salt.get(..SALT_CHARACTERS).and_then(decode_salt).ok_or(SALT)?;
    let expected = digest(password, cost, salt)?.format_for_version(version);
    Ok(bool::from(expected.as_bytes().ct_eq(stored.as_bytes())))
}

const COST: UnusableHash = UnusableHash::Parameter { scheme: Scheme::Bcrypt, parameter: "cost" };
const SALT: UnusableHash = UnusableHash::Encoding { scheme: Scheme::Bcrypt, field: "salt" };

fn digest(password: &[u8], cost: u32, salt: [u8; SALT_BYTES]) -> Result<HashParts, UnusableHash> {
    hash_with_salt(password, cost, salt).map_err(|_| COST)
}

/// The salt as its text stands in a hash.
pub(super) fn encode_salt(salt: [u8; SALT_BYTES]) -> String {
    BASE64.encode(salt)
}

/// The salt of a text in its one canonical spelling.
fn decode_salt(text: &str) -> Option<[u8; SALT_BYTES]> {
    BASE64.decode(text).ok()?.try_into().ok()
}
