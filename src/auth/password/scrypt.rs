//! `$scrypt$ln=16,r=8,p=1$<salt>$<digest>`.

use ::scrypt::{Params, scrypt};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Scheme, UnusableHash, encoding};

/// log2 of N for new hashes: always this in Keystone 30, which does not use `password_hash_rounds` here.
pub(super) const LOG_N: u8 = 16;
/// Memory that one hash may ask for. Keystone has no such bound; the default parameters take 64 MiB.
pub(super) const MEMORY_LIMIT: usize = 1 << 30;
const DIGEST_BYTES: usize = 32;

/// The hash of `password`.
pub(super) fn make(password: &[u8], salt: &[u8], block_size: u32, parallelism: u32) -> Result<String, UnusableHash> {
    let digest = digest(password, salt, LOG_N, block_size, parallelism)?;
    let (salt, digest) = (encoding::encode(salt), encoding::encode(digest.as_slice()));
    Ok(format!("$scrypt$ln={LOG_N},r={block_size},p={parallelism}${salt}${digest}"))
}

/// Hashes `password` with the parameters of `stored` and compares.
pub(super) fn check(password: &[u8], stored: &str) -> Result<bool, UnusableHash> {
    let parts: Vec<&str> = stored.split('$').skip(1).collect();
    let [_, parameters, salt, expected] = parts[..] else {
        return Err(UnusableHash::FieldCount { scheme: Scheme::Scrypt });
    };
    let salt = encoding::decode(salt).ok_or(UnusableHash::Encoding { scheme: Scheme::Scrypt, field: "salt" })?;
    let expected =
        encoding::decode(expected).ok_or(UnusableHash::Encoding { scheme: Scheme::Scrypt, field: "digest" })?;
    let (mut log_n, mut block_size, mut parallelism) = (None, None, None);
    for parameter in parameters.split(',') {
        match parameter.split_once('=') {
            Some(("ln", value)) => log_n = encoding::decimal(value).and_then(|value| u8::try_from(value).ok()),
            Some(("r", value)) => block_size = encoding::decimal(value),
            Some(("p", value)) => parallelism = encoding::decimal(value),
            _ => {}
        }
    }
    let digest = digest(
        password,
        &salt,
        log_n.filter(|log_n| *log_n > 0).ok_or(parameter("cost"))?,
        block_size.ok_or(parameter("block size"))?,
        parallelism.ok_or(parameter("parallelism"))?,
    )?;
    Ok(bool::from(digest.as_slice().ct_eq(&expected)))
}

/// Whether scrypt can be run with these parameters, within [`MEMORY_LIMIT`].
pub(super) fn parameters(log_n: u8, block_size: u32, parallelism: u32) -> Result<Params, UnusableHash> {
    let blocks = 1_u128.checked_shl(u32::from(log_n)).unwrap_or(u128::MAX).max(u128::from(parallelism));
    if blocks.saturating_mul(128 * u128::from(block_size)) > MEMORY_LIMIT as u128 {
        return Err(UnusableHash::TooCostly { scheme: Scheme::Scrypt, limit: MEMORY_LIMIT });
    }
    Params::new(log_n, block_size, parallelism, DIGEST_BYTES).map_err(|_| parameter("combination"))
}

fn digest(
    password: &[u8],
    salt: &[u8],
    log_n: u8,
    block_size: u32,
    parallelism: u32,
) -> Result<Zeroizing<[u8; DIGEST_BYTES]>, UnusableHash> {
    let parameters = parameters(log_n, block_size, parallelism)?;
    let mut digest = Zeroizing::new([0; DIGEST_BYTES]);
    scrypt(password, salt, &parameters, digest.as_mut_slice()).map_err(|_| parameter("digest length"))?;
    Ok(digest)
}

const fn parameter(parameter: &'static str) -> UnusableHash {
    UnusableHash::Parameter { scheme: Scheme::Scrypt, parameter }
}
