//! The things that a grant is about, looked up before the policy is asked: rules refer to their attributes.

use serde_json::{Map, Value};

use super::path::GrantPath;
use crate::{
    domain::{
        assignment::{Actor, Target},
        ids::RoleId,
        resource::{Domain, Project},
        role::Role,
    },
    http::{
        caller::Caller,
        error::ApiError,
        resource::Resource as _,
        state::HttpState,
        v3::{
            domains::Domains,
            groups::Groups,
            projects::Projects,
            roles::Roles,
            users::{self, Users},
        },
    },
    store::{Query, identity, resource, role},
};

/// Whether a user or group that does not exist may be asked about: what it had should not be stuck there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is 404.
    Refused,
    /// It is left out.
    Tolerated,
}

/// What there is of what a URL names.
#[derive(Debug)]
struct Parties {
    role: Option<Role>,
    actor: Option<Map<String, Value>>,
    project: Option<Project>,
    domain: Option<Domain>,
}

/// The target of the policy.
///
/// # Errors
///
/// 404 for what is missing, although the policy was not asked yet: so it is in Keystone, except below `OS-INHERIT`, where
/// what is missing is an empty target, and told only to those who may.
pub(super) async fn target(
    state: &HttpState,
    caller: &Caller,
    path: &GrantPath,
    role_id: Option<&RoleId>,
    missing: Missing,
) -> Result<Map<String, Value>, ApiError> {
    if caller.is_above_policy() {
        return Ok(Map::new());
    }
    let parties = look_up(state, path, role_id).await?;
    let (actor_kind, actor_id) = match &path.actor {
        Actor::User(id) => ("user", id.as_str()),
        Actor::Group(id) => ("group", id.as_str()),
    };
    if !path.inherited {
        // The order in which Keystone looks them up.
        let on_domain = matches!(path.target, Target::Domain(_));
        if on_domain {
            require_target(path, &parties)?;
        }
        if let Some(id) = role_id.filter(|_| parties.role.is_none()) {
            return Err(ApiError::no_such("role", id.as_str()));
        }
        if parties.actor.is_none() && missing == Missing::Refused {
            return Err(ApiError::no_such(actor_kind, actor_id));
        }
        if !on_domain {
            require_target(path, &parties)?;
        }
    }
    let found = [
        ("role", parties.role.as_ref().map(Roles::wire)),
        (actor_kind, parties.actor),
        ("project", parties.project.as_ref().map(Projects::wire)),
        ("domain", parties.domain.as_ref().map(Domains::wire)),
    ];
    Ok(found.into_iter().filter_map(|(name, found)| Some((name.to_owned(), found?.into()))).collect())
}

/// 404 unless what the role is given on exists.
fn require_target(path: &GrantPath, parties: &Parties) -> Result<(), ApiError> {
    match &path.target {
        Target::Project(_) if parties.project.is_none() => Err(no_such_target(&path.target)),
        Target::Domain(_) if parties.domain.is_none() => Err(no_such_target(&path.target)),
        Target::Project(_) | Target::Domain(_) | Target::System => Ok(()),
    }
}

/// 404 for a project or domain that does not exist.
pub(super) fn no_such_target(target: &Target) -> ApiError {
    match target {
        Target::Project(id) => ApiError::no_such("project", id.as_str()),
        Target::Domain(id) => ApiError::no_such("domain", id.as_str()),
        Target::System => ApiError::no_such("system", "system"),
    }
}

/// Reads the project, or the one that acts as the domain. The system is none.
pub(super) fn project_of(target: &Target) -> Option<Query<Option<Project>>> {
    match target {
        Target::Project(id) => Some(resource::project(id)),
        Target::Domain(id) => Some(resource::project(&id.as_project()).map(|found| found.filter(|one| one.is_domain))),
        Target::System => None,
    }
}

async fn look_up(state: &HttpState, path: &GrantPath, role_id: Option<&RoleId>) -> Result<Parties, ApiError> {
    let role = match role_id {
        Some(id) => state.store.run(role::role(id)).await?,
        None => None,
    };
    let actor = match &path.actor {
        Actor::User(id) => users::find(state, id.as_str()).await?.as_ref().map(Users::wire),
        Actor::Group(id) => state.store.run(identity::group(id)).await?.as_ref().map(Groups::wire),
    };
    let (project, domain) = match &path.target {
        Target::Project(id) => (state.store.run(resource::project(id)).await?, None),
        Target::Domain(id) => (None, state.store.run(resource::domain(id)).await?),
        Target::System => (None, None),
    };
    Ok(Parties { role, actor, project, domain })
}
