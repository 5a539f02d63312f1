//! Groups.

use serde_json::{Map, Value};

use super::ids::{DomainId, GroupId};

/// A row of `group`.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Id.
    pub id: GroupId,
    /// The domain that the group belongs to.
    pub domain_id: DomainId,
    /// Unique in its domain.
    pub name: String,
    /// Text, may be empty.
    pub description: Option<String>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
}
