//! `$bcrypt-sha256$v=2,t=2b,r=12$<salt>$<digest>`: bcrypt over the base64 of an HMAC-SHA-256 of the password, keyed with
//! the text of the salt. All bytes of a password count.
//!
//! Only this second form exists for Keystone 30: the first one (`$bcrypt-sha256$2b,12$...`) it fails on. In one point we
//! differ from it: it rebuilds the bcrypt text with the cost unpadded and then compares texts, so that no password is
//! ever right for a cost below 10. Here they are checked.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Scheme, UnusableHash, bcrypt};

const MARK: &str = "$bcrypt-sha256$";
/// Characters of a bcrypt digest, which end every bcrypt hash.
const DIGEST_CHARACTERS: usize = 31;

/// The hash of `password`.
pub(super) fn make(password: &[u8], cost: u32, salt: [u8; bcrypt::SALT_BYTES]) -> Result<String, UnusableHash> {
    let salt_text = bcrypt::encode_salt(salt);
    let inner = bcrypt::make(keyed(&salt_text, password).as_bytes(), cost, salt)?;
    let digest = &inner[inner.len() - DIGEST_CHARACTERS..];
    Ok(format!("{MARK}v=2,t=2b,r={cost}${salt_text}${digest}"))
}

/// Hashes `password` with the parameters of `stored` and compares.
pub(super) fn check(password: &[u8], stored: &str) -> Result<bool, UnusableHash> {
    let mut parts = stored.strip_prefix(MARK).unwrap_or(stored).split('$');
    let (Some(parameters), Some(salt), Some(digest), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(UnusableHash::FieldCount { scheme: Scheme::BcryptSha256 });
    };
    let (mut version, mut cost) = (None, None);
    for parameter in parameters.split(',') {
        match parameter.split_once('=') {
            Some(("t", value)) => version = Some(value),
            Some(("r", value)) => cost = super::encoding::decimal(value),
            // `v` too: Keystone takes every hash of this shape for the second form.
            _ => {}
        }
    }
    let version = version.ok_or(UnusableHash::Parameter { scheme: Scheme::BcryptSha256, parameter: "version" })?;
    let cost = cost.ok_or(UnusableHash::Parameter { scheme: Scheme::BcryptSha256, parameter: "cost" })?;
    bcrypt::check(keyed(salt, password).as_bytes(), &format!("${version}${cost:02}${salt}{digest}"))
}

/// What bcrypt is given: 44 characters, whatever the length of the password.
#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn keyed(salt_text: &str, password: &[u8]) -> Zeroizing<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt_text.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(password);
    let digest = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    Zeroizing::new(STANDARD.encode(digest))
}
