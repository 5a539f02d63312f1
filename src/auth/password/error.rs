//! Why a password could not be checked or hashed; a wrong password is none of these.

use thiserror::Error;

use super::Scheme;

/// A password that is not accepted, or a stored hash that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// `strict_password_check` is on and the password has more bytes than count (Keystone: 403, naming `limit`).
    #[error("the password has more than {limit} bytes")]
    TooLong {
        /// How many bytes count.
        limit: usize,
    },
    /// The stored text is no hash that Keystone 30 can check.
    #[error("the stored password hash cannot be used: {0}")]
    Unusable(#[from] UnusableHash),
}

/// What is wrong with a stored hash. Keystone answers 500 to all of these, save [`UnusableHash::FieldCount`], which
/// becomes a 400 "malformed password hash". The hash itself is never part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnusableHash {
    /// The text does not begin with the mark of a scheme that is known.
    #[error("it begins with the mark of no known scheme")]
    UnknownScheme,
    /// More or fewer parts between `$` than the scheme has.
    #[error("it does not have the parts of a {scheme} hash")]
    FieldCount {
        /// The scheme that the text began with.
        scheme: Scheme,
    },
    /// A cost parameter is missing, not a number, or out of the scheme's range.
    #[error("the {parameter} of its {scheme} parameters is missing or out of range")]
    Parameter {
        /// The scheme that the text began with.
        scheme: Scheme,
        /// Which parameter, in words.
        parameter: &'static str,
    },
    /// Salt or digest is not in the scheme's base64.
    #[error("the {field} of the {scheme} hash is not readable")]
    Encoding {
        /// The scheme that the text began with.
        scheme: Scheme,
        /// Which part, in words.
        field: &'static str,
    },
    /// The parameters ask for more memory than is ever spent on one password.
    #[error("its {scheme} parameters ask for more than {limit} bytes of memory")]
    TooCostly {
        /// The scheme that the text began with.
        scheme: Scheme,
        /// The bound.
        limit: usize,
    },
    /// A bcrypt hash, and a password of more bytes than bcrypt takes: it counts in full because another algorithm is
    /// configured, and Keystone's bcrypt (5.0) refuses it rather than cut it.
    #[error("bcrypt takes no password of more than 72 bytes, and another algorithm is configured")]
    PasswordOverBcryptLimit,
}

/// Why [`PasswordWorkers`](super::PasswordWorkers) gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WorkError {
    /// The password or the stored hash.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// As many passwords as allowed are waiting already (the caller may try again in a while).
    #[error("too many passwords are waiting to be hashed")]
    Overloaded,
    /// The workers stopped before this password was done.
    #[error("password hashing was interrupted")]
    Interrupted,
}
