//! An entry on the wire, with the links that say where it comes from.

use serde_json::{Map, Value, json};

use super::names::Names;
use crate::{
    assignment::expansion::{Entry, Party, Scope},
    http::error::ApiError,
};

/// An entry as clients see it. `root` is what all links begin with; with `names`, everything has its name beside its id.
pub(super) fn entry(entry: &Entry<'_>, root: &str, names: Option<&Names>) -> Result<Value, ApiError> {
    let mut scope = Map::new();
    match entry.scope {
        Scope::Project(id) => {
            scope.insert("project".to_owned(), named(id.as_str(), names.map(|names| names.project(id)))?);
        }
        Scope::Domain(id) => {
            scope.insert("domain".to_owned(), named(id.as_str(), names.map(|names| names.domain(id)))?);
        }
        Scope::System => {
            scope.insert("system".to_owned(), json!({ "all": true }));
        }
    }
    if is_inherited(entry) {
        scope.insert("OS-INHERIT:inherited_to".to_owned(), "projects".into());
    }
    let (kind, id) = match entry.holder {
        Party::User(id) => ("user", id.as_str()),
        Party::Group(id) => ("group", id.as_str()),
    };
    Ok(json!({
        "links": links(entry, root),
        "scope": scope,
        kind: named(id, names.map(|names| names.holder(entry.holder)))?,
        "role": named(entry.role_id.as_str(), names.map(|names| names.role(entry.role_id)))?,
    }))
}

fn named(id: &str, with_name: Option<Result<Value, ApiError>>) -> Result<Value, ApiError> {
    with_name.unwrap_or_else(|| Ok(json!({ "id": id })))
}

fn is_inherited(entry: &Entry<'_>) -> bool {
    entry.inherited || entry.source.is_some()
}

/// The grant that the entry comes from, the membership by which it reaches the user, and the rule by which the role
/// follows. In the last one Keystone has the two roles the wrong way round, and no such URL.
fn links(entry: &Entry<'_>, root: &str) -> Map<String, Value> {
    let target = match entry.source.unwrap_or(entry.scope) {
        Scope::Project(id) => format!("/projects/{id}"),
        Scope::Domain(id) => format!("/domains/{id}"),
        Scope::System => "/system".to_owned(),
    };
    let mut links = Map::new();
    let actor = match (entry.group_id, entry.holder) {
        (Some(group_id), Party::User(user_id)) => {
            links.insert("membership".to_owned(), format!("{root}/groups/{group_id}/users/{user_id}").into());
            format!("/groups/{group_id}")
        }
        (_, Party::User(id)) => format!("/users/{id}"),
        (_, Party::Group(id)) => format!("/groups/{id}"),
    };
    let role = entry.prior.unwrap_or(entry.role_id);
    let grant = format!("{target}{actor}/roles/{role}");
    let grant = if is_inherited(entry) { format!("/OS-INHERIT{grant}/inherited_to_projects") } else { grant };
    links.insert("assignment".to_owned(), format!("{root}{grant}").into());
    if let Some(prior) = entry.prior {
        let rule = format!("{root}/prior_role/{}/implies/{prior}", entry.role_id);
        links.insert("prior_role".to_owned(), rule.into());
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_where_an_entry_comes_from() {
        let (user, group, project, domain) = ("u".into(), "g".into(), "p".into(), "d".into());
        let (reader, member) = ("reader".into(), "member".into());
        let plain = Entry {
            holder: Party::User(&user),
            scope: Scope::Project(&project),
            role_id: &reader,
            inherited: false,
            group_id: None,
            source: None,
            prior: None,
        };
        let links = |entry: &Entry<'_>| Value::from(links(entry, "http://k/v3"));
        assert_eq!(links(&plain), json!({ "assignment": "http://k/v3/projects/p/users/u/roles/reader" }));
        let roundabout =
            Entry { group_id: Some(&group), source: Some(Scope::Domain(&domain)), prior: Some(&member), ..plain };
        assert_eq!(
            links(&roundabout),
            json!({
                "membership": "http://k/v3/groups/g/users/u",
                "assignment": "http://k/v3/OS-INHERIT/domains/d/groups/g/roles/member/inherited_to_projects",
                "prior_role": "http://k/v3/prior_role/reader/implies/member",
            })
        );
        let on_system = Entry { holder: Party::Group(&group), scope: Scope::System, ..plain };
        assert_eq!(links(&on_system), json!({ "assignment": "http://k/v3/system/groups/g/roles/reader" }));
    }
}
