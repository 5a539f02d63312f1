//! Why nobody was authenticated.

use thiserror::Error;

use crate::{
    domain::ids::UserId,
    store::StoreError,
    token::error::{IssueError, ValidationError},
};

/// Why a login did not lead to a token. The HTTP layer decides what of it the caller is told.
#[derive(Debug, Error)]
pub enum AuthError {
    /// Wrong in a way the caller must not learn: unknown user, wrong password, disabled domain, unknown scope, ...
    #[error("{detail}")]
    Unauthorized {
        /// What was wrong: for the log, and for the caller where `insecure_debug` is on.
        detail: String,
    },
    /// The user, or a domain or project that the request names, is disabled. Keystone tells nobody, not even where
    /// `insecure_debug` is on.
    #[error("{0}")]
    Disabled(String),
    /// Too many failures; the password was not looked at. Keystone has a message for this and does not send it.
    #[error("The account is locked for user: {0}.")]
    AccountLocked(UserId),
    /// The password is right, and no longer good.
    #[error("The password is expired and needs to be changed for user: {0}.")]
    PasswordExpired(UserId),
    /// A method that is not configured, or not built yet.
    #[error("Attempted to authenticate with an unsupported method.")]
    MethodNotSupported {
        /// `[auth] methods`.
        supported: Vec<String>,
    },
    /// The methods used satisfy none of the user's `multi_factor_auth_rules`.
    #[error("Insufficient auth methods received for {user_id}. Auth Methods Provided: {methods:?}.")]
    InsufficientMethods {
        /// The user.
        user_id: UserId,
        /// What was proven.
        methods: Vec<String>,
    },
    /// Something is missing from the request.
    #[error("Expecting to find {attribute} in {target}.")]
    Expecting {
        /// What.
        attribute: String,
        /// Where.
        target: String,
    },
    /// The request is malformed in a way that the schema does not see.
    #[error("{0}")]
    Malformed(String),
    /// The user is who he says, and may not have this token.
    #[error("You are not authorized to perform the requested action: {action}.")]
    Forbidden {
        /// What he may not do.
        action: String,
    },
    /// Under `strict_password_check`: longer than the hash algorithm can take.
    #[error(
        "The password length must be less than or equal to {limit}. The server could not comply with the request because the password is invalid."
    )]
    PasswordTooLong {
        /// Bytes.
        limit: usize,
    },
    /// The stored hash is of a kind that nobody can check.
    #[error("the stored password of user {user_id} cannot be checked: {reason}")]
    UnusableHash {
        /// The user.
        user_id: UserId,
        /// Why; never the hash.
        reason: String,
    },
    /// The token of the method `token` was not accepted.
    #[error(transparent)]
    Token(#[from] ValidationError),
    /// The token could not be minted.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many passwords are waiting to be hashed.
    #[error("too many logins are waiting")]
    Overloaded,
}

impl AuthError {
    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::Unauthorized { detail: detail.into() }
    }

    pub(super) fn expecting(attribute: &str, target: &str) -> Self {
        Self::Expecting { attribute: attribute.to_owned(), target: target.to_owned() }
    }
}
