//! Projects, and domains, which are projects that act as one.

use serde_json::{Map, Value};

use super::ids::{DomainId, ProjectId};

/// The id of the hidden row of `project` that every domain has as its domain and parent.
pub const ROOT_DOMAIN_ID: &str = "<<keystone.domain.root>>";

/// A row of `project` that is not a domain, or the one of a domain seen as a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// Id.
    pub id: ProjectId,
    /// Unique in its domain.
    pub name: String,
    /// `None` for a project that acts as a domain (the column then holds the root domain's id).
    pub domain_id: Option<DomainId>,
    /// `None` for a project that acts as a domain; the domain's id for a top-level project.
    pub parent_id: Option<ProjectId>,
    /// Whether it acts as a domain.
    pub is_domain: bool,
    /// A null column counts as `true` where Keystone tests it with `.get('enabled', True)`, and is kept apart here.
    pub enabled: Option<bool>,
    /// Text, may be empty.
    pub description: Option<String>,
    /// Rows of `project_tag`, in the order of the database.
    pub tags: Vec<String>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
    /// Option `immutable` (`IMMU` in `project_option`), if set.
    pub immutable: Option<bool>,
}

/// A domain: the same row seen as a domain.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// Id.
    pub id: DomainId,
    /// Unique among domains.
    pub name: String,
    /// As in [`Project::enabled`].
    pub enabled: Option<bool>,
    /// Text, may be empty.
    pub description: Option<String>,
    /// Rows of `project_tag`.
    pub tags: Vec<String>,
    /// The `extra` column.
    pub extra: Map<String, Value>,
    /// Option `immutable`, if set.
    pub immutable: Option<bool>,
}

/// Where a project hangs in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectNode {
    /// The project.
    pub id: ProjectId,
    /// Its domain, `None` for a project that acts as one.
    pub domain_id: Option<DomainId>,
    /// The project above it.
    pub parent_id: Option<ProjectId>,
}

impl Domain {
    /// Whether Keystone's truth test on `enabled` passes: null and false do not.
    pub fn is_enabled(&self) -> bool {
        self.enabled == Some(true)
    }
}

impl Project {
    /// As [`Domain::is_enabled`].
    pub fn is_enabled(&self) -> bool {
        self.enabled == Some(true)
    }

    /// The domain that the project belongs to, or is.
    pub fn owning_domain_id(&self) -> DomainId {
        self.domain_id.clone().unwrap_or_else(|| self.id.as_domain())
    }
}
