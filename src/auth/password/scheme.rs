//! Which scheme made a stored hash: told by the text up to its second `$`.

use std::fmt;

use super::UnusableHash;

/// A password hashing scheme that Keystone 30 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `$2b$`, and the marks of its siblings.
    Bcrypt,
    /// `$bcrypt-sha256$`: bcrypt over an HMAC of the password, so that all of a long password counts.
    BcryptSha256,
    /// `$scrypt$`.
    Scrypt,
    /// `$pbkdf2-sha512$`.
    Pbkdf2Sha512,
}

impl Scheme {
    /// The scheme of `stored`.
    pub(super) fn of(stored: &str) -> Result<Self, UnusableHash> {
        let rest = stored.strip_prefix('$').ok_or(UnusableHash::UnknownScheme)?;
        let (mark, _) = rest.split_once('$').ok_or(UnusableHash::UnknownScheme)?;
        match mark {
            // `2` is known to Keystone but not to its bcrypt library: refused there, as a parameter.
            "2" | "2a" | "2b" | "2x" | "2y" => Ok(Self::Bcrypt),
            "bcrypt-sha256" => Ok(Self::BcryptSha256),
            // Keystone reads whatever follows `$7$` as it reads `$scrypt$`; it does not know the format that passlib
            // gave this mark.
            "scrypt" | "7" => Ok(Self::Scrypt),
            "pbkdf2-sha512" => Ok(Self::Pbkdf2Sha512),
            _ => Err(UnusableHash::UnknownScheme),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bcrypt => "bcrypt",
            Self::BcryptSha256 => "bcrypt_sha256",
            Self::Scrypt => "scrypt",
            Self::Pbkdf2Sha512 => "pbkdf2_sha512",
        })
    }
}
