//! What the layers below report, as situations of the API.

use super::error::ApiError;
use crate::{
    auth::error::AuthError,
    domain::secret::SecretText,
    policy::PolicyError,
    store::StoreError,
    token::error::{ContextError, IssueError, Missing, ValidationError},
};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable("asking the database", error),
            StoreError::Conflict { subject, .. } => {
                Self::Conflict { kind: subject.to_owned(), details: "Duplicate entry".to_owned() }
            }
            StoreError::Refused { .. } if error.is_unstorable_value() => {
                Self::invalid("A value in the request cannot be stored.")
            }
            StoreError::Broken { .. } | StoreError::Refused { .. } => Self::unexpected("asking the database", error),
        }
    }
}

impl From<PolicyError> for ApiError {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::NotAuthorized { action } | PolicyError::InvalidScope { action, .. } => {
                Self::ForbiddenAction { action }
            }
            PolicyError::Unevaluable { ref action, .. } => {
                tracing::warn!("{error}");
                Self::ForbiddenAction { action: action.clone() }
            }
        }
    }
}

impl From<Missing> for ApiError {
    fn from(missing: Missing) -> Self {
        Self::not_found(missing.to_string())
    }
}

/// Keystone turns the `Unauthorized` of a validation into a 404 before it gets here, so that what is left of it comes from
/// a login.
impl From<ContextError> for ApiError {
    fn from(error: ContextError) -> Self {
        match error {
            ContextError::Missing(missing) => missing.into(),
            ContextError::ProjectDisabled(_)
            | ContextError::DomainDisabled(_)
            | ContextError::TrustPartyDomainDisabled(_) => Self::not_found(error.to_string()),
            ContextError::NoAccess { .. } => Self::unauthorized(error.to_string()),
            ContextError::TrustBroken(_) => Self::forbidden(error.to_string()),
            ContextError::Incomplete(_) => Self::unexpected("reading a token", error),
            ContextError::Store(error) => error.into(),
        }
    }
}

impl From<ValidationError> for ApiError {
    fn from(error: ValidationError) -> Self {
        match error {
            ValidationError::NoToken
            | ValidationError::Unrecognized
            | ValidationError::UnknownPayloadVersion(_)
            | ValidationError::NotValid => Self::not_found(error.to_string()),
            ValidationError::NoLongerValid { token } => Self::NoSuchToken { token: SecretText::new(token) },
            ValidationError::Context(error) => error.into(),
            ValidationError::NoKeys(error) => Self::Misconfigured { detail: error.to_string() },
            ValidationError::Store(error) => error.into(),
        }
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Context(error) => error.into(),
            IssueError::NoKeys(error) => Self::Misconfigured { detail: error.to_string() },
            IssueError::PrimaryKey(_) | IssueError::Unpackable(_) => Self::unexpected("minting a token", error),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthorized { detail } => Self::unauthorized(detail),
            AuthError::Disabled(_) | AuthError::AccountLocked(_) => {
                tracing::info!("login refused: {error}");
                Self::Unauthorized { detail: None }
            }
            AuthError::PasswordExpired(user_id) => Self::PasswordExpired { user_id: user_id.into_string() },
            AuthError::MethodNotSupported { supported } => Self::AuthMethodNotSupported { supported },
            // Keystone hands out a receipt for the methods that did succeed; without receipts this is a plain refusal.
            AuthError::InsufficientMethods { .. } => Self::unauthorized(error.to_string()),
            AuthError::Expecting { attribute, target } => Self::Expecting { attribute, target },
            AuthError::Malformed(message) => Self::Invalid { message },
            AuthError::Forbidden { action } => Self::ForbiddenAction { action },
            AuthError::PasswordTooLong { .. } => Self::Refused { message: error.to_string() },
            // Keystone crashes here. The operator has to know, and the caller has no business knowing.
            AuthError::UnusableHash { .. } => {
                tracing::error!("{error}");
                Self::unauthorized(error.to_string())
            }
            AuthError::Token(error) => error.into(),
            AuthError::Issue(error) => error.into(),
            AuthError::Store(error) => error.into(),
            AuthError::Overloaded => Self::unavailable("hashing passwords", error),
        }
    }
}
