//! `/v3/users` (`keystone/api/users.py`).

mod projects;

pub(in crate::http) use self::projects::projects;

use serde_json::{Map, Value};

use crate::domain::user::User;

/// What rules see of a user as a target.
fn target(user: &User) -> Map<String, Value> {
    let mut target = user.extra.clone();
    target.insert("id".to_owned(), user.id.as_str().into());
    target.insert("name".to_owned(), user.name.as_deref().into());
    target.insert("domain_id".to_owned(), user.domain_id.as_str().into());
    target.insert("enabled".to_owned(), user.enabled.into());
    if let Some(project_id) = &user.default_project_id {
        target.insert("default_project_id".to_owned(), project_id.as_str().into());
    }
    target
}
