//! Roles and which role brings which other.

use serde_json::{Map, Value};

use super::ids::{DomainId, RoleId};

/// What `role.domain_id` holds for a global role, in place of null.
pub const NULL_DOMAIN_ID: &str = "<<null>>";

/// A row of `role`.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Id.
    pub id: RoleId,
    /// Unique in its domain, or among the global roles.
    pub name: String,
    /// `None` for a global role. Domain-specific roles never appear in a token; only what they imply does.
    pub domain_id: Option<DomainId>,
    /// Text.
    pub description: Option<String>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
    /// Option `immutable` (`IMMU` in `role_option`), if set.
    pub immutable: Option<bool>,
}

/// A row of `implied_role`: who has `prior` has `implied` too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImpliedRole {
    /// Column `prior_role_id`.
    pub prior: RoleId,
    /// Column `implied_role_id`.
    pub implied: RoleId,
}
