//! From the scope that was asked for to the one that is granted.

use chrono::{DateTime, Utc};

use super::{error::AuthError, lookup::Lookup, request::ScopeRequest};

use crate::{
    assignment::resolver::RoleResolver,
    domain::{claims::Grant, user::User},
    store::directory::Directory,
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
        ScopeRequest::Domain(domain) => Grant::Domain(lookup.domain(domain).await?.id.clone()),
        ScopeRequest::Project(project) => Grant::Project(lookup.project(project).await?.id.clone()),
        ScopeRequest::Trust(id) => return Err(AuthError::unauthorized(format!("Could not find trust: {id}."))),
    }))
}

/// The scope of a login that names none: the user's default project if it can be used, else nothing
/// (Keystone `api/_shared/authentication.py`).
pub async fn default_for(
    user: &User,
    directory: &Directory,
    roles: &RoleResolver,
    now: DateTime<Utc>,
) -> Result<Grant, AuthError> {
    let Some(project_id) = &user.default_project_id else { return Ok(Grant::Unscoped) };
    if let Some(found) = directory.lineage(project_id).await?
        && found.project.is_enabled()
        && !found.project.is_domain
        && found.domain.is_enabled()
        && !roles.roles_on(&user.id, &found, now).await?.is_empty()
    {
        return Ok(Grant::Project(project_id.clone()));
    }
    tracing::debug!(user_id = %user.id, project_id = %project_id, "the default project cannot be used: the token is unscoped");
    Ok(Grant::Unscoped)
}
