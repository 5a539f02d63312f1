//! `/v3/users` (`keystone/api/users.py`).

mod attributes;
mod create;
mod groups;
mod list;
mod member;
mod options;
mod password;
mod password_expiry;
mod projects;
pub(super) mod schema;
mod tokens;
mod update;

pub(in crate::http) use self::{
    create::create,
    groups::groups,
    list::list,
    member::{delete, show},
    password::{change_password, read_password},
    projects::projects,
    tokens::revoke_tokens,
    update::update,
};
pub(super) use self::{member::find, password_expiry::password_expiry};

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        time::naive_time,
        user::{FederatedIdentity, InactivityLimit, User},
    },
    http::{resource::Resource, state::HttpState},
};

/// A user as shown: with what identity providers know him by, where one user is shown.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Shown {
    user: User,
    /// Enabled, and not inactive for too long.
    enabled: bool,
    federated: Vec<FederatedIdentity>,
}

/// What it depends on whether a user counts as enabled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Today {
    limit: InactivityLimit,
    date: NaiveDate,
}

impl Today {
    pub(super) fn of(state: &HttpState) -> Self {
        Self { limit: state.settings.identity.inactivity, date: state.clock.now().date_naive() }
    }

    /// Whether being enabled counts as being active.
    fn last_active_at(self, enabled: bool) -> Option<NaiveDate> {
        (enabled && self.limit.0.is_some_and(|days| days > 0)).then_some(self.date)
    }

    pub(super) fn shown(self, user: User) -> Shown {
        let enabled = user.is_enabled(self.limit, self.date);
        Shown { user, enabled, federated: Vec::new() }
    }
}

/// What is particular about users.
pub(in crate::http) struct Users;

/// Attributes that are stored, and never shown (`filter_user`).
const HIDDEN: &[&str] = &["password", "tenants", "groups", "domains"];

impl Resource for Users {
    type Item = Shown;

    const COLLECTION: &'static str = "users";
    const MEMBER: &'static str = "user";
    const FILTERS: &'static [&'static str] =
        &["domain_id", "enabled", "idp_id", "name", "protocol_id", "unique_id", "password_expires_at"];
    const COLUMNS: &'static [&'static str] = &["id", "name", "domain_id", "enabled", "default_project_id"];

    fn wire(shown: &Shown) -> Map<String, Value> {
        let user = &shown.user;
        let mut wire = user.extra.clone();
        wire.retain(|name, _| !HIDDEN.contains(&name.as_str()));
        wire.insert("id".to_owned(), user.id.as_str().into());
        wire.insert("name".to_owned(), user.name.as_deref().into());
        wire.insert("domain_id".to_owned(), user.domain_id.as_str().into());
        wire.insert("enabled".to_owned(), shown.enabled.into());
        match &user.default_project_id {
            Some(project_id) => wire.insert("default_project_id".to_owned(), project_id.as_str().into()),
            None => wire.shift_remove("default_project_id"),
        };
        wire.insert("password_expires_at".to_owned(), user.password_expires_at.map(naive_time).into());
        wire.insert("options".to_owned(), options::wire(&user.options));
        if !shown.federated.is_empty() {
            wire.insert("federated".to_owned(), federated(&shown.federated));
        }
        wire
    }
}

/// What identity providers know a user by, grouped by provider (`federated_objects_to_list`).
fn federated(identities: &[FederatedIdentity]) -> Value {
    let mut providers: Vec<(&str, Vec<Value>)> = Vec::new();
    for identity in identities {
        let protocol = json!({ "protocol_id": identity.protocol_id, "unique_id": identity.unique_id });
        match providers.iter_mut().find(|(idp_id, _)| *idp_id == identity.idp_id) {
            Some((_, protocols)) => protocols.push(protocol),
            None => providers.push((&identity.idp_id, vec![protocol])),
        }
    }
    providers.into_iter().map(|(idp_id, protocols)| json!({ "idp_id": idp_id, "protocols": protocols })).collect()
}
