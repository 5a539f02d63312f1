//! The password options of `keystone.conf`, checked once.
//!
//! Keystone checks only some of them when it reads its configuration and fails on the others with every password; here
//! all of them are checked at start.

use thiserror::Error;

use super::{Scheme, bcrypt, pbkdf2, scrypt};

/// The options as they are written in `keystone.conf`; `Default` is Keystone's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordOptions {
    /// `[identity] password_hash_algorithm`, bcrypt by default.
    pub algorithm: Scheme,
    /// `[identity] password_hash_rounds`: log2 of the rounds for the two bcrypts (4 to 31, default 12), their number for
    /// `pbkdf2_sha512` (default 25000). `scrypt` does not use it. Zero means the default.
    pub rounds: Option<i64>,
    /// `[identity] scrypt_block_size`: scrypt's r. Zero means the default, 8.
    pub scrypt_block_size: Option<i64>,
    /// `[identity] scrypt_parallelism`: scrypt's p. Zero means the default, 1.
    pub scrypt_parallelism: Option<i64>,
    /// `[identity] salt_bytesize`, up to 96, for `scrypt` and `pbkdf2_sha512`. Zero means the default, 16.
    pub salt_bytesize: Option<i64>,
    /// `[identity] max_password_length`: how many bytes of a password count, at most 4096 (the default). bcrypt lowers
    /// it to 72.
    pub max_password_length: i64,
    /// `[DEFAULT] strict_password_check`: a longer password is refused instead of cut. Off by default.
    pub strict_password_check: bool,
}

impl Default for PasswordOptions {
    fn default() -> Self {
        Self {
            algorithm: Scheme::Bcrypt,
            rounds: None,
            scrypt_block_size: None,
            scrypt_parallelism: None,
            salt_bytesize: None,
            max_password_length: 4096,
            strict_password_check: false,
        }
    }
}

/// An option that no password could be hashed with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("[identity] {option} = {value}: {expected}")]
pub struct BadPasswordOption {
    /// The option's name in `[identity]`.
    pub option: &'static str,
    /// What it was set to.
    pub value: String,
    /// What it may be.
    pub expected: &'static str,
}

/// How passwords are hashed and how much of them counts: [`PasswordOptions`] that were found to be usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordSettings {
    /// The scheme for new hashes with its parameters.
    pub new_hash: NewHash,
    /// Bytes of a password that count, whatever scheme its stored hash is of.
    pub counted_bytes: usize,
    /// Whether a password with more bytes is refused (else they are ignored).
    pub strict: bool,
}

/// A scheme with what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewHash {
    /// bcrypt over the password itself.
    Bcrypt {
        /// log2 of the rounds, 4 to 31.
        cost: u32,
    },
    /// bcrypt over an HMAC of the password.
    BcryptSha256 {
        /// log2 of the rounds, 4 to 31.
        cost: u32,
    },
    /// scrypt with N = 65536.
    Scrypt {
        /// r.
        block_size: u32,
        /// p.
        parallelism: u32,
        /// Bytes of salt.
        salt_bytes: usize,
    },
    /// PBKDF2 with SHA-512.
    Pbkdf2Sha512 {
        /// Iterations.
        rounds: u32,
        /// Bytes of salt.
        salt_bytes: usize,
    },
}

impl NewHash {
    /// The scheme without its parameters.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Bcrypt { .. } => Scheme::Bcrypt,
            Self::BcryptSha256 { .. } => Scheme::BcryptSha256,
            Self::Scrypt { .. } => Scheme::Scrypt,
            Self::Pbkdf2Sha512 { .. } => Scheme::Pbkdf2Sha512,
        }
    }
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            new_hash: NewHash::Bcrypt { cost: DEFAULT_COST },
            counted_bytes: bcrypt::MAX_PASSWORD_BYTES,
            strict: false,
        }
    }
}

const DEFAULT_COST: u32 = 12;
/// What Keystone uses; the 60000 of its option's help text is not.
const DEFAULT_PBKDF2_ROUNDS: u32 = 25_000;
const DEFAULT_SALT_BYTES: u32 = 16;
/// Salt and digest have to fit into the column of the database.
const MAX_SALT_BYTES: u32 = 96;
const MAX_PASSWORD_BYTES: usize = 4096;

impl PasswordOptions {
    /// The settings that these options ask for.
    ///
    /// # Errors
    ///
    /// [`BadPasswordOption`] for the first option that is out of its range. Options of other algorithms than the one
    /// chosen are not looked at, except `salt_bytesize`, which Keystone always checks.
    pub fn settings(&self) -> Result<PasswordSettings, BadPasswordOption> {
        let salt_bytes =
            number("salt_bytesize", self.salt_bytesize, DEFAULT_SALT_BYTES, 1, MAX_SALT_BYTES, "0 to 96")? as usize;
        let cost = || number("password_hash_rounds", self.rounds, DEFAULT_COST, 4, 31, "4 to 31 for bcrypt");
        let new_hash = match self.algorithm {
            Scheme::Bcrypt => NewHash::Bcrypt { cost: cost()? },
            Scheme::BcryptSha256 => NewHash::BcryptSha256 { cost: cost()? },
            Scheme::Scrypt => {
                let expected = "a positive number that scrypt can use with at most 1 GiB of memory";
                let block_size = number("scrypt_block_size", self.scrypt_block_size, 8, 1, u32::MAX, expected)?;
                let parallelism = number("scrypt_parallelism", self.scrypt_parallelism, 1, 1, u32::MAX, expected)?;
                let usable = |option, block_size: u32, parallelism: u32, value: u32| {
                    scrypt::parameters(scrypt::LOG_N, block_size, parallelism).map_err(|_| BadPasswordOption {
                        option,
                        value: value.to_string(),
                        expected,
                    })
                };
                usable("scrypt_block_size", block_size, 1, block_size)?;
                usable("scrypt_parallelism", block_size, parallelism, parallelism)?;
                NewHash::Scrypt { block_size, parallelism, salt_bytes }
            }
            Scheme::Pbkdf2Sha512 => NewHash::Pbkdf2Sha512 {
                rounds: number(
                    "password_hash_rounds",
                    self.rounds,
                    DEFAULT_PBKDF2_ROUNDS,
                    1,
                    pbkdf2::MAX_ROUNDS,
                    "1 to 2147483647 for pbkdf2_sha512",
                )?,
                salt_bytes,
            },
        };
        let max_password_length = usize::try_from(self.max_password_length)
            .ok()
            .filter(|length| *length <= MAX_PASSWORD_BYTES)
            .ok_or_else(|| BadPasswordOption {
                option: "max_password_length",
                value: self.max_password_length.to_string(),
                expected: "0 to 4096",
            })?;
        let counted_bytes = match new_hash {
            NewHash::Bcrypt { .. } => max_password_length.min(bcrypt::MAX_PASSWORD_BYTES),
            _ => max_password_length,
        };
        Ok(PasswordSettings { new_hash, counted_bytes, strict: self.strict_password_check })
    }
}

/// A number in a range, where zero stands for the default as in Keystone.
fn number(
    option: &'static str,
    value: Option<i64>,
    default: u32,
    least: u32,
    most: u32,
    expected: &'static str,
) -> Result<u32, BadPasswordOption> {
    let value = value.unwrap_or(0);
    if value == 0 {
        return Ok(default);
    }
    u32::try_from(value).ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| BadPasswordOption {
        option,
        value: value.to_string(),
        expected,
    })
}
