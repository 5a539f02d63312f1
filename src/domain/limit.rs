//! Unified limits: how much of a resource a service's users may have.

use super::ids::{DomainId, ProjectId};

/// A row of `registered_limit`: what holds where nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredLimit {
    /// Id.
    pub id: String,
    /// The service that has the resource.
    pub service_id: Option<String>,
    /// Where; `None`: everywhere.
    pub region_id: Option<String>,
    /// `volumes`, `cores`, ...
    pub resource_name: Option<String>,
    /// How much; -1 for no limit.
    pub default_limit: i64,
    /// Text.
    pub description: Option<String>,
}

/// A row of `limit`: what holds for one project or domain instead. Which resource it is about stands in the registered
/// limit that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Id.
    pub id: String,
    /// For which project.
    pub project_id: Option<ProjectId>,
    /// For which domain.
    pub domain_id: Option<DomainId>,
    /// As in the registered limit.
    pub service_id: Option<String>,
    /// As in the registered limit.
    pub region_id: Option<String>,
    /// As in the registered limit.
    pub resource_name: Option<String>,
    /// How much; -1 for no limit.
    pub resource_limit: i64,
    /// Text.
    pub description: Option<String>,
}
