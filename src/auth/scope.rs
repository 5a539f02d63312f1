//! From the scope that was asked for to the one that is granted.

use chrono::{DateTime, Utc};

use super::{error::AuthError, lookup::Lookup, request::ScopeRequest};

use crate::{
    assignment::resolver::RoleResolver,
    domain::{claims::Grant, resource::Project, user::User},
    store::Store,
};

/// The scope that a request names; `None` where it names none.
///
/// # Errors
///
/// Whatever is not there or disabled is one and the same refusal. Tokens from trusts are not minted here yet: a trust
/// is answered as one that does not exist.
pub async fn requested(scope: Option<&ScopeRequest>, lookup: Lookup<'_>) -> Result<Option<Grant>, AuthError> {
    let Some(scope) = scope else { return Ok(None) };
    Ok(Some(match scope {
        ScopeRequest::Unscoped => Grant::Unscoped,
        ScopeRequest::System => Grant::System("all".to_owned()),
        ScopeRequest::Domain(domain) => Grant::Domain(lookup.domain(domain).await?.id),
        ScopeRequest::Project(project) => Grant::Project(lookup.project(project).await?.id),
        ScopeRequest::Trust(id) => return Err(AuthError::unauthorized(format!("Could not find trust: {id}."))),
    }))
}

/// The scope of a login that names none: the user's default project if it can be used, else nothing
/// (Keystone `api/_shared/authentication.py`).
pub async fn default_for(
    user: &User,
    store: &Store,
    roles: &RoleResolver,
    now: DateTime<Utc>,
) -> Result<Grant, AuthError> {
    let Some(project_id) = &user.default_project_id else { return Ok(Grant::Unscoped) };
    let project = store.project(project_id).await?;
    if let Some(project) = project.filter(Project::is_enabled)
        && let Some(domain_id) = &project.domain_id
        && store.domain(domain_id).await?.is_some_and(|domain| domain.is_enabled())
        && !roles.project_roles(&user.id, project_id, now).await?.is_empty()
    {
        return Ok(Grant::Project(project.id));
    }
    tracing::debug!(user_id = %user.id, project_id = %project_id, "the default project cannot be used: the token is unscoped");
    Ok(Grant::Unscoped)
}
