//! What the URL of a grant says.

use axum::extract::{FromRequestParts, Path};
use hyper::http::request::Parts;

use crate::{
    domain::{
        assignment::{Actor, Assignment, Target},
        ids::RoleId,
    },
    http::{
        caller::{Caller, Question},
        error::ApiError,
        inbound::Inbound,
    },
};

/// The prefix of the URLs of grants that count below their target.
const INHERITED: &str = "/v3/OS-INHERIT/";

/// Who, where, and whether for what is below: all that lists are about.
#[derive(Debug, Clone)]
pub(in crate::http) struct GrantPath {
    /// To whom.
    pub(super) actor: Actor,
    /// On what.
    pub(super) target: Target,
    /// Whether it is for what is below the target.
    pub(super) inherited: bool,
    parameters: Vec<(String, String)>,
}

/// The same with a role.
#[derive(Debug, Clone)]
pub(in crate::http) struct RoleGrantPath {
    /// Who and where.
    pub(super) grant: GrantPath,
    /// Which role.
    pub(super) role_id: RoleId,
}

impl GrantPath {
    /// Reads the variables of a URL, by Keystone's names.
    fn of(parameters: Vec<(String, String)>, inherited: bool) -> Option<Self> {
        let actor = match (value(&parameters, "user_id"), value(&parameters, "group_id")) {
            (Some(id), _) => Actor::User(id.into()),
            (None, Some(id)) => Actor::Group(id.into()),
            (None, None) => return None,
        };
        let target = match (value(&parameters, "project_id"), value(&parameters, "domain_id")) {
            (Some(id), _) => Target::Project(id.into()),
            (None, Some(id)) => Target::Domain(id.into()),
            (None, None) => Target::System,
        };
        Some(Self { actor, target, inherited, parameters })
    }

    /// Begins the question whether `caller` may do `action` to grants of this kind: on the system these have rules of their
    /// own, for users and for groups.
    pub(super) fn may<'a>(&self, caller: &'a Caller, action: Action) -> Question<'a> {
        let rule = match (&self.target, &self.actor) {
            (Target::Project(_) | Target::Domain(_), _) => action.rule,
            (Target::System, Actor::User(_)) => action.for_user_on_system,
            (Target::System, Actor::Group(_)) => action.for_group_on_system,
        };
        let question = caller.may(rule);
        self.parameters.iter().fold(question, |question, (name, value)| question.path(name, value))
    }
}

impl RoleGrantPath {
    fn of(grant: GrantPath) -> Option<Self> {
        let role_id = value(&grant.parameters, "role_id")?.into();
        Some(Self { grant, role_id })
    }

    /// The assignment that this is about.
    pub(super) fn assignment(&self) -> Assignment {
        Assignment {
            actor: self.grant.actor.clone(),
            target: self.grant.target.clone(),
            role_id: self.role_id.clone(),
            inherited: self.grant.inherited,
        }
    }

    /// `RoleAssignmentNotFound`.
    pub(super) fn not_found(&self) -> ApiError {
        let actor_id = match &self.grant.actor {
            Actor::User(id) => id.as_str(),
            Actor::Group(id) => id.as_str(),
        };
        let target_id = match &self.grant.target {
            Target::Project(id) => id.as_str(),
            Target::Domain(id) => id.as_str(),
            Target::System => "system",
        };
        ApiError::not_found(format!(
            "Could not find role assignment with role: {}, user or group: {actor_id}, project, domain, or system: \
             {target_id}.",
            self.role_id
        ))
    }
}

fn value<'p>(parameters: &'p [(String, String)], wanted: &str) -> Option<&'p str> {
    parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

/// What can be done to grants, by the names of its rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action {
    rule: &'static str,
    for_user_on_system: &'static str,
    for_group_on_system: &'static str,
}

/// `GET` of all.
pub(super) const LIST: Action = Action {
    rule: "identity:list_grants",
    for_user_on_system: "identity:list_system_grants_for_user",
    for_group_on_system: "identity:list_system_grants_for_group",
};

/// `GET` of one.
pub(super) const CHECK: Action = Action {
    rule: "identity:check_grant",
    for_user_on_system: "identity:check_system_grant_for_user",
    for_group_on_system: "identity:check_system_grant_for_group",
};

/// `PUT`.
pub(super) const CREATE: Action = Action {
    rule: "identity:create_grant",
    for_user_on_system: "identity:create_system_grant_for_user",
    for_group_on_system: "identity:create_system_grant_for_group",
};

/// `DELETE`.
pub(super) const REVOKE: Action = Action {
    rule: "identity:revoke_grant",
    for_user_on_system: "identity:revoke_system_grant_for_user",
    for_group_on_system: "identity:revoke_system_grant_for_group",
};

impl<S: Send + Sync> FromRequestParts<S> for GrantPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let inbound = Inbound::from_request_parts(parts, state).await?;
        let parameters = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let grant =
            parameters.ok().and_then(|Path(parameters)| Self::of(parameters, inbound.path.starts_with(INHERITED)));
        grant.ok_or_else(|| no_grant(&inbound))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RoleGrantPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let inbound = Inbound::from_request_parts(parts, state).await?;
        Self::of(GrantPath::from_request_parts(parts, state).await?).ok_or_else(|| no_grant(&inbound))
    }
}

fn no_grant(inbound: &Inbound) -> ApiError {
    ApiError::Unexpected {
        detail: format!("{} is routed as the URL of a grant and is none", inbound.path),
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(names: &[&str]) -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), format!("the {name}"))).collect()
    }

    #[test]
    fn variables_say_who_and_where() -> Result<(), &'static str> {
        let on_project = GrantPath::of(parameters(&["project_id", "group_id", "role_id"]), true).ok_or("a grant")?;
        assert_eq!(on_project.actor, Actor::Group("the group_id".into()));
        assert_eq!(on_project.target, Target::Project("the project_id".into()));
        let with_role = RoleGrantPath::of(on_project).ok_or("a role")?;
        assert_eq!(with_role.role_id, "the role_id".into());
        assert!(with_role.assignment().inherited);
        let on_system = GrantPath::of(parameters(&["user_id"]), false).ok_or("a grant")?;
        assert_eq!(on_system.target, Target::System);
        assert!(RoleGrantPath::of(on_system).is_none());
        assert!(GrantPath::of(parameters(&["domain_id", "role_id"]), false).is_none());
        Ok(())
    }
}
