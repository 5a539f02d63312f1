//! Why a token cannot be used or made.

use thiserror::Error;

use crate::{
    domain::ids::{DomainId, ProjectId},
    store::StoreError,
};

/// Something a token refers to that is not there (any more). Displayed as Keystone words it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Missing {
    /// The user.
    #[error("Could not find user: {0}.")]
    User(String),
    /// The project.
    #[error("Could not find project: {0}.")]
    Project(String),
    /// A domain.
    #[error("Could not find domain: {0}.")]
    Domain(String),
    /// A role that is assigned, or delegated.
    #[error("Could not find role: {0}.")]
    Role(String),
    /// The trust, which may also have expired or been used up.
    #[error("Could not find trust: {0}.")]
    Trust(String),
    /// The application credential.
    #[error("Could not find Application Credential: {0}.")]
    ApplicationCredential(String),
    /// The OAuth1 access token; Keystone names none.
    #[error("Access token not found")]
    AccessToken,
    /// The identity provider of a federated token.
    #[error("Could not find Identity Provider: {0}.")]
    IdentityProvider(String),
}

/// Why claims do not add up to a token that means something today (Keystone `TokenModel.mint`).
#[derive(Debug, Error)]
pub enum ContextError {
    /// Something that the claims name does not exist.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The project of the scope is disabled.
    #[error("Unable to validate token because project {0} is disabled")]
    ProjectDisabled(ProjectId),
    /// The domain of the user or of the scope is disabled.
    #[error("Unable to validate token because domain {0} is disabled")]
    DomainDisabled(DomainId),
    /// The user has no role on the target, or none any more.
    #[error("User {user_id} has no access to {target}")]
    NoAccess {
        /// The user.
        user_id: String,
        /// `the system`, `domain ...` or `project ...`.
        target: String,
    },
    /// The domain of one of a trust's two parties is disabled.
    #[error("{0} domain is disabled.")]
    TrustPartyDomainDisabled(&'static str),
    /// The trust does not hold: not for this user, its trustor is disabled, or has lost a role that it delegates.
    #[error("{0}")]
    TrustBroken(&'static str),
    /// The claims are of a shape that Keystone reads back and then fails on.
    #[error("the token's claims are incomplete: {0}")]
    Incomplete(&'static str),
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a token was not accepted. Displayed as Keystone words it.
#[derive(Debug, Error)]
pub enum ValidationError {
    /// There is no token.
    #[error("No token in the request")]
    NoToken,
    /// The text is no Fernet token, or no key opens it.
    #[error("Could not recognize Fernet token")]
    Unrecognized,
    /// It opens, and its payload is of no known version.
    #[error("This is not a recognized Fernet payload version: {0}")]
    UnknownPayloadVersion(String),
    /// Expired, revoked, or made by an application credential with access rules for a client that does not know these.
    #[error("Failed to validate token")]
    NotValid,
    /// It no longer gives access to anything, or its user is disabled.
    #[error("Could not find token: {token}.")]
    NoLongerValid {
        /// The text, which the caller sent.
        token: String,
    },
    /// It means nothing today.
    #[error(transparent)]
    Context(ContextError),
    /// There is no key at all.
    #[error(transparent)]
    NoKeys(NoKeys),
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a token was not minted.
#[derive(Debug, Error)]
pub enum IssueError {
    /// It would mean nothing.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// There is no key at all.
    #[error(transparent)]
    NoKeys(NoKeys),
    /// The primary key cannot be used. Nothing else may mint in its place.
    #[error("the primary key cannot be used: {0}")]
    PrimaryKey(String),
    /// The claims do not fit the payload.
    #[error("the token cannot be packed: {0}")]
    Unpackable(String),
}

/// The key repository is empty or cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("No encryption keys found; run keystone-manage fernet_setup to bootstrap one.")]
pub struct NoKeys;

impl From<StoreError> for IssueError {
    fn from(error: StoreError) -> Self {
        Self::Context(ContextError::Store(error))
    }
}
