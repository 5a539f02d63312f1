//! Revocation events: statements about tokens that are no longer good.

use chrono::{DateTime, Utc};

use super::{
    ids::{AccessTokenId, DomainId, ProjectId, RoleId, TrustId, UserId},
    time::whole_seconds,
};

/// A row of `revocation_event`. A token is revoked if it was issued at or before `issued_before` and every other field
/// that is present matches it (Keystone `models/revoke_model.py`, `revoke/backends/sql.py`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationEvent {
    /// Column of the same name, like all the following.
    pub domain_id: Option<DomainId>,
    /// Scope of the token.
    pub project_id: Option<ProjectId>,
    /// User, trustor or trustee.
    pub user_id: Option<UserId>,
    /// A role the token carries.
    pub role_id: Option<RoleId>,
    /// Trust.
    pub trust_id: Option<TrustId>,
    /// OAuth1 consumer.
    pub consumer_id: Option<String>,
    /// OAuth1 access token.
    pub access_token_id: Option<AccessTokenId>,
    /// Tokens issued up to and including this time.
    pub issued_before: DateTime<Utc>,
    /// The token's own expiry.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the event was written; events are pruned by it.
    pub revoked_at: DateTime<Utc>,
    /// One token.
    pub audit_id: Option<String>,
    /// A token and all that were made from it.
    pub audit_chain_id: Option<String>,
}

impl RevocationEvent {
    /// An event that so far matches every token issued up to `now`; the caller narrows it. Times are whole seconds.
    pub fn at(now: DateTime<Utc>) -> Self {
        let now = whole_seconds(now);
        Self {
            domain_id: None,
            project_id: None,
            user_id: None,
            role_id: None,
            trust_id: None,
            consumer_id: None,
            access_token_id: None,
            issued_before: now,
            expires_at: None,
            revoked_at: now,
            audit_id: None,
            audit_chain_id: None,
        }
    }

    /// Every token of this user, or by which this user delegates or is delegated to.
    pub fn of_user(user_id: UserId, now: DateTime<Utc>) -> Self {
        Self { user_id: Some(user_id), ..Self::at(now) }
    }

    /// Every token for this project.
    pub fn of_project(project_id: ProjectId, now: DateTime<Utc>) -> Self {
        Self { project_id: Some(project_id), ..Self::at(now) }
    }

    /// One token.
    pub fn of_token(audit_id: String, now: DateTime<Utc>) -> Self {
        Self { audit_id: Some(audit_id), ..Self::at(now) }
    }

    /// Every token made from the one with this audit id.
    pub fn of_chain(audit_chain_id: String, now: DateTime<Utc>) -> Self {
        Self { audit_chain_id: Some(audit_chain_id), ..Self::at(now) }
    }
}
