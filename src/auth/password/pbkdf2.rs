//! `$pbkdf2-sha512$25000$<salt>$<digest>`.

use ::pbkdf2::pbkdf2_hmac;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Scheme, UnusableHash, encoding};

/// The most that OpenSSL, on which Keystone stands, can count.
pub(super) const MAX_ROUNDS: u32 = i32::MAX as u32;
const DIGEST_BYTES: usize = 64;

/// The hash of `password`.
pub(super) fn make(password: &[u8], salt: &[u8], rounds: u32) -> String {
    let digest = digest(password, salt, rounds);
    let (salt, digest) = (encoding::encode(salt), encoding::encode(digest.as_slice()));
    format!("$pbkdf2-sha512${rounds}${salt}${digest}")
}

/// Hashes `password` with the parameters of `stored` and compares.
pub(super) fn check(password: &[u8], stored: &str) -> Result<bool, UnusableHash> {
    let parts: Vec<&str> = stored.split('$').skip(1).collect();
    let [_, rounds, salt, expected] = parts[..] else {
        return Err(UnusableHash::FieldCount { scheme: Scheme::Pbkdf2Sha512 });
    };
    let salt = encoding::decode(salt).ok_or(UnusableHash::Encoding { scheme: Scheme::Pbkdf2Sha512, field: "salt" })?;
    let expected =
        encoding::decode(expected).ok_or(UnusableHash::Encoding { scheme: Scheme::Pbkdf2Sha512, field: "digest" })?;
    let rounds = encoding::decimal(rounds)
        .filter(|rounds| (1..=MAX_ROUNDS).contains(rounds))
        .ok_or(UnusableHash::Parameter { scheme: Scheme::Pbkdf2Sha512, parameter: "number of rounds" })?;
    Ok(bool::from(digest(password, &salt, rounds).as_slice().ct_eq(&expected)))
}

fn digest(password: &[u8], salt: &[u8], rounds: u32) -> Zeroizing<[u8; DIGEST_BYTES]> {
    let mut digest = Zeroizing::new([0; DIGEST_BYTES]);
    pbkdf2_hmac::<Sha512>(password, salt, rounds, digest.as_mut_slice());
    digest
}
