//! Password hashes exactly as Keystone 30 stores and checks them.
//!
//! Four schemes are written and read: bcrypt, bcrypt over HMAC-SHA-256, scrypt and PBKDF2 with SHA-512. The hash text is
//! passlib's, which Keystone has kept although it no longer uses passlib (`keystone.common.password_hashing` and
//! `keystone.common.password_hashers`). What older releases wrote besides these (`$6$`, the first form of
//! `$bcrypt-sha256$`) Keystone 30 cannot check either: such a hash is [`UnusableHash`], not a wrong password.
//!
//! The functions here burn a processor for up to a second: a server calls them through [`PasswordWorkers`], never on an
//! async thread.

mod bcrypt;
mod bcrypt_sha256;
mod encoding;
mod error;
mod length;
mod pbkdf2;
mod requirements;
mod scheme;
mod scrypt;
mod settings;
mod workers;

pub use error::{PasswordError, UnusableHash, WorkError};
pub use requirements::{BadPasswordRegex, PasswordRequirements, RequirementsNotMet};
pub use scheme::Scheme;
pub use settings::{BadPasswordOption, NewHash, PasswordOptions, PasswordSettings};
pub use workers::{PasswordWorkers, WorkerSettings, WorkersState};

use std::hint::black_box;

use crate::domain::{random::Random, secret::SecretText};

/// Whether `password` is the one that `stored` was made from.
///
/// How much of a long password counts depends on the algorithm that is configured, not on the one of the stored hash:
/// see [`PasswordSettings`].
///
/// # Errors
///
/// [`PasswordError::TooLong`] under `strict_password_check`; [`PasswordError::Unusable`] for a stored text that Keystone
/// fails on too.
pub fn check_password(settings: &PasswordSettings, password: &SecretText, stored: &str) -> Result<bool, PasswordError> {
    let password = length::counted_bytes(settings, password)?;
    let same = match Scheme::of(stored)? {
        Scheme::Bcrypt => bcrypt::check(password, stored),
        Scheme::BcryptSha256 => bcrypt_sha256::check(password, stored),
        Scheme::Scrypt => scrypt::check(password, stored),
        Scheme::Pbkdf2Sha512 => pbkdf2::check(password, stored),
    }?;
    Ok(same)
}

/// A fresh hash of `password` with the configured algorithm, its salt taken from `random`.
///
/// # Errors
///
/// [`PasswordError::TooLong`] under `strict_password_check`.
pub fn hash_password(
    settings: &PasswordSettings,
    password: &SecretText,
    random: &dyn Random,
) -> Result<String, PasswordError> {
    let password = length::counted_bytes(settings, password)?;
    let text = match settings.new_hash {
        NewHash::Bcrypt { cost } => {
            let mut salt = [0; bcrypt::SALT_BYTES];
            random.fill(&mut salt);
            bcrypt::make(password, cost, salt)
        }
        NewHash::BcryptSha256 { cost } => {
            let mut salt = [0; bcrypt::SALT_BYTES];
            random.fill(&mut salt);
            bcrypt_sha256::make(password, cost, salt)
        }
        NewHash::Scrypt { block_size, parallelism, salt_bytes } => {
            let mut salt = vec![0; salt_bytes];
            random.fill(&mut salt);
            scrypt::make(password, &salt, block_size, parallelism)
        }
        NewHash::Pbkdf2Sha512 { rounds, salt_bytes } => {
            let mut salt = vec![0; salt_bytes];
            random.fill(&mut salt);
            Ok(pbkdf2::make(password, &salt, rounds))
        }
    }?;
    Ok(text)
}

/// Costs what [`check_password`] costs for a hash of the configured algorithm, and is never right.
///
/// For a user who does not exist: the time of the answer must not tell. A password that is too long is no error here,
/// because Keystone looks at the length only after it has found the user.
pub fn check_against_nobody(settings: &PasswordSettings, password: &SecretText) -> bool {
    let counted = length::truncated_bytes(settings, password);
    let spent = match settings.new_hash {
        NewHash::Bcrypt { cost } => bcrypt::make(counted, cost, [0; bcrypt::SALT_BYTES]),
        NewHash::BcryptSha256 { cost } => bcrypt_sha256::make(counted, cost, [0; bcrypt::SALT_BYTES]),
        NewHash::Scrypt { block_size, parallelism, salt_bytes } => {
            scrypt::make(counted, &vec![0; salt_bytes], block_size, parallelism)
        }
        NewHash::Pbkdf2Sha512 { rounds, salt_bytes } => Ok(pbkdf2::make(counted, &vec![0; salt_bytes], rounds)),
    };
    drop(black_box(spent));
    false
}
