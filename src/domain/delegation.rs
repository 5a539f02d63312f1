//! Ways in which a user lets somebody or something act for him: trusts, application credentials, OAuth1 access tokens.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::ids::{AccessTokenId, ApplicationCredentialId, ProjectId, RoleId, TrustId, UserId};

/// A row of `trust` that is neither deleted, expired nor used up.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    /// Id.
    pub id: TrustId,
    /// Who delegates.
    pub trustor_user_id: UserId,
    /// Who may act.
    pub trustee_user_id: UserId,
    /// Where.
    pub project_id: Option<ProjectId>,
    /// Whether the trustee appears as the trustor.
    pub impersonation: bool,
    /// From `expires_at_int` (microseconds).
    pub expires_at: Option<DateTime<Utc>>,
    /// How many tokens may still be minted; `None`: any number.
    pub remaining_uses: Option<i64>,
    /// The trust this one was made from.
    pub redelegated_trust_id: Option<TrustId>,
    /// How often it may be delegated on.
    pub redelegation_count: Option<i64>,
    /// Rows of `trust_role`.
    pub role_ids: Vec<RoleId>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
}

/// A row of `application_credential`, without its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationCredential {
    /// The public id.
    pub id: ApplicationCredentialId,
    /// Unique for its user.
    pub name: String,
    /// Owner.
    pub user_id: UserId,
    /// Where it works.
    pub project_id: Option<ProjectId>,
    /// From `expires_at` (microseconds).
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it may be used to make further delegations.
    pub unrestricted: bool,
    /// Rows of `application_credential_role`.
    pub role_ids: Vec<RoleId>,
    /// Rows of `access_rule`; empty: any request is allowed.
    pub access_rules: Vec<AccessRule>,
}

/// A row of `access_rule`: one kind of request that an application credential may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRule {
    /// The public id (`external_id`).
    pub id: String,
    /// Service type.
    pub service: Option<String>,
    /// Path pattern.
    pub path: Option<String>,
    /// HTTP method.
    pub method: Option<String>,
}

/// A row of `access_token` (OAuth1), without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth1AccessToken {
    /// Id.
    pub id: AccessTokenId,
    /// The consumer that it was given to.
    pub consumer_id: String,
    /// Who authorised it.
    pub authorizing_user_id: UserId,
    /// Where it works.
    pub project_id: ProjectId,
    /// The roles it carries (a JSON list in the column `role_ids`).
    pub role_ids: Vec<RoleId>,
}
