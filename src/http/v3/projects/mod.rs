//! `/v3/projects` (`keystone/api/projects.py`).
//!
//! A domain is a project too, made, changed and deleted under the same rules: `make`, `change` and `remove` have them for
//! both, as `keystone/resource/core.py` does.

mod change;
mod create;
mod hierarchy;
mod list;
mod make;
mod member;
mod remove;
mod rules;
pub(super) mod schema;
mod tag_filters;
mod tags;

pub(super) use self::{
    change::change,
    list::page,
    make::make,
    remove::remove,
    rules::{is_true, reserve_name, url_safe_name},
};
pub(in crate::http) use self::{
    create::create,
    list::list,
    member::{delete, show, update},
    tags::{add_tag, check_tag, delete_tag, delete_tags, list_tags, replace_tags},
};

use serde_json::{Map, Value, json};

use crate::{
    domain::resource::Project,
    http::{caller::Caller, error::ApiError, resource::Resource, state::HttpState},
};

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

/// The project with this id, for a caller who may do `action` to it. Whoever may not does not learn whether it exists.
async fn permitted(state: &HttpState, caller: &Caller, action: &'static str, id: &str) -> Result<Project, ApiError> {
    let project = state.store.project(&id.into()).await?;
    caller.may(action).path("project_id", id).on(state, "project", project.as_ref().map(Projects::wire))?;
    project.ok_or_else(|| ApiError::no_such("project", id))
}
