//! `/v3/groups` (`keystone/api/groups.py`).

mod create;
mod list;
mod member;
mod memberships;
mod schema;
mod users;

pub(in crate::http) use self::{
    create::create,
    list::list,
    member::{delete, show, update},
    memberships::{add, check, remove},
    users::users,
};

use serde_json::{Map, Value};

use crate::{
    domain::{group::Group, python},
    http::{
        error::ApiError,
        resource::{
            Resource,
            attributes::{extra, fits, linkable, text},
        },
    },
};

/// What is particular about groups.
pub(in crate::http) struct Groups;

impl Resource for Groups {
    type Item = Group;

    const COLLECTION: &'static str = "groups";
    const MEMBER: &'static str = "group";
    const FILTERS: &'static [&'static str] = &["domain_id", "name"];
    const COLUMNS: &'static [&'static str] = &["id", "name", "domain_id", "description"];

    fn wire(group: &Group) -> Map<String, Value> {
        let mut wire = group.extra.clone();
        wire.insert("id".to_owned(), group.id.as_str().into());
        wire.insert("name".to_owned(), group.name.as_str().into());
        wire.insert("domain_id".to_owned(), group.domain_id.as_str().into());
        wire.insert("description".to_owned(), group.description.as_deref().into());
        wire
    }
}

/// The name without white space around it. The column is shorter than the schema.
fn name(attributes: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let Some(name) = text(attributes, "name") else { return Ok(None) };
    let name = python::strip(&name);
    fits(name, "name", 64)?;
    Ok(Some(name.to_owned()))
}

/// What goes into the `extra` column. `extra` in a body is ignored.
fn extra_attributes(attributes: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    linkable(extra(attributes, &["id", "name", "domain_id", "description", "extra"]))
}
