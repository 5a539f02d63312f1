//! `/v3/projects` (`keystone/api/projects.py`).

mod hierarchy;
mod list;
pub(super) mod schema;
mod show;
mod tags;

pub(in crate::http) use self::{list::list, show::show};

use serde_json::{Map, Value, json};

use crate::{domain::resource::Project, http::resource::Resource};

/// What is particular about projects.
pub(super) struct Projects;

impl Resource for Projects {
    type Item = Project;

    const COLLECTION: &'static str = "projects";
    const MEMBER: &'static str = "project";
    const FILTERS: &'static [&'static str] = &["domain_id", "enabled", "name", "parent_id", "is_domain"];
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "domain_id", "description", "enabled", "parent_id", "is_domain"];

    fn wire(project: &Project) -> Map<String, Value> {
        let mut wire = project.extra.clone();
        wire.insert("id".to_owned(), project.id.as_str().into());
        wire.insert("name".to_owned(), project.name.as_str().into());
        wire.insert("domain_id".to_owned(), project.domain_id.as_ref().map(|id| id.as_str()).into());
        wire.insert("description".to_owned(), project.description.as_deref().into());
        wire.insert("enabled".to_owned(), project.enabled.into());
        wire.insert("parent_id".to_owned(), project.parent_id.as_ref().map(|id| id.as_str()).into());
        wire.insert("is_domain".to_owned(), project.is_domain.into());
        wire.insert("tags".to_owned(), json!(project.tags));
        wire.insert("options".to_owned(), options(project.immutable));
        wire
    }
}

/// The one option that projects and domains have.
pub(super) fn options(immutable: Option<bool>) -> Value {
    match immutable {
        Some(immutable) => json!({ "immutable": immutable }),
        None => json!({}),
    }
}
