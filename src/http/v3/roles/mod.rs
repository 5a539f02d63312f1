//! `/v3/roles` (`keystone/api/roles.py`). Roles of a domain have rules of their own: which one is asked depends on the role.

mod create;
mod implied;
mod list;
mod member;
mod schema;

pub(super) use self::implied::named;
pub(in crate::http) use self::implied::{check_implied, create_implied, delete_implied, list_implied, show_implied};
pub(in crate::http) use self::{
    create::create,
    list::list,
    member::{delete, show, update},
};

use serde_json::{Map, Value};

use crate::{
    domain::role::Role,
    http::{
        error::ApiError,
        resource::{
            Resource,
            attributes::{extra, linkable},
        },
        v3::projects,
    },
};

/// What is particular about roles.
pub(in crate::http) struct Roles;

impl Resource for Roles {
    type Item = Role;

    const COLLECTION: &'static str = "roles";
    const MEMBER: &'static str = "role";
    const FILTERS: &'static [&'static str] = &["name", "domain_id"];
    const COLUMNS: &'static [&'static str] = &["id", "name", "domain_id", "description"];

    fn wire(role: &Role) -> Map<String, Value> {
        let mut wire = role.extra.clone();
        wire.insert("id".to_owned(), role.id.as_str().into());
        wire.insert("name".to_owned(), role.name.as_str().into());
        wire.insert("domain_id".to_owned(), role.domain_id.as_ref().map(|id| id.as_str()).into());
        wire.insert("description".to_owned(), role.description.as_deref().into());
        wire.insert("options".to_owned(), projects::options(role.immutable));
        wire
    }
}

/// What goes into the `extra` column. `extra` in a body is ignored.
fn extra_attributes(attributes: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    linkable(extra(attributes, &["id", "name", "domain_id", "description", "options", "extra"]))
}

/// What `options` say about `immutable`: nothing, that it is unset, or its value.
fn immutable_among(attributes: &Map<String, Value>) -> Option<Option<bool>> {
    Some(attributes.get("options")?.get("immutable")?.as_bool())
}
