//! `/v3/domains` (`keystone/api/domains.py`).
//!
//! A domain is a project's row without what makes it a project; how it is made, changed and deleted is with the projects.

pub(in crate::http) mod config;
mod list;
mod schema;
mod write;

pub(in crate::http) use self::{
    list::list,
    write::{create, delete, show, update},
};

use serde_json::{Map, Value, json};

use crate::{domain::resource::Domain, http::resource::Resource};

/// What is particular about domains: a project's row without what makes it a project.
pub(super) struct Domains;

impl Resource for Domains {
    type Item = Domain;

    const COLLECTION: &'static str = "domains";
    const MEMBER: &'static str = "domain";
    const FILTERS: &'static [&'static str] = &["name", "enabled"];
    const COLUMNS: &'static [&'static str] = &["id", "name", "description", "enabled"];

    fn wire(domain: &Domain) -> Map<String, Value> {
        let mut wire = domain.extra.clone();
        wire.insert("id".to_owned(), domain.id.as_str().into());
        wire.insert("name".to_owned(), domain.name.as_str().into());
        wire.insert("description".to_owned(), domain.description.as_deref().into());
        wire.insert("enabled".to_owned(), domain.enabled.into());
        wire.insert("tags".to_owned(), json!(domain.tags));
        wire.insert("options".to_owned(), super::projects::options(domain.immutable));
        wire
    }
}
