//! `PUT` and `DELETE` of a grant.

use axum::extract::State;
use hyper::StatusCode;

use super::{
    parties::{self, Missing},
    path::{CREATE, REVOKE, RoleGrantPath},
};
use crate::{
    domain::{assignment::Target, role::Role},
    http::{caller::Caller, error::ApiError, resource::Change, state::HttpState},
    store::{
        assignment::{self, is_granted},
        role,
    },
};

/// Gives the role. Giving it twice is giving it once.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    caller: Caller,
    path: RoleGrantPath,
) -> Result<StatusCode, ApiError> {
    let target = parties::target(&state, &caller, &path.grant, Some(&path.role_id), Missing::Refused).await?;
    path.grant.may(&caller, CREATE).on_target(&state, target)?;
    let mut change = Change::begin(&state).await?;
    let role = existing_role(&mut change, &path).await?;
    require_fitting_target(&mut change, &path, &role).await?;
    assignment::grant(&mut change.transaction, &path.assignment()).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the role away. What a user or group that is gone had can still be taken away.
pub(in crate::http) async fn revoke(
    State(state): State<HttpState>,
    caller: Caller,
    path: RoleGrantPath,
) -> Result<StatusCode, ApiError> {
    let target = parties::target(&state, &caller, &path.grant, Some(&path.role_id), Missing::Tolerated).await?;
    path.grant.may(&caller, REVOKE).on_target(&state, target)?;
    let mut change = Change::begin(&state).await?;
    if path.grant.target != Target::System {
        existing_role(&mut change, &path).await?;
        if !change.run(is_granted(&path.assignment())).await? {
            return Err(path.not_found());
        }
        if let Some(query) = parties::project_of(&path.grant.target)
            && change.run(query).await?.is_none()
        {
            return Err(parties::no_such_target(&path.grant.target));
        }
    }
    if !assignment::revoke(&mut change.transaction, &path.assignment()).await? {
        return Err(path.not_found());
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing_role(change: &mut Change<'_>, path: &RoleGrantPath) -> Result<Role, ApiError> {
    let role = change.run(role::role(&path.role_id)).await?;
    role.ok_or_else(|| ApiError::no_such("role", path.role_id.as_str()))
}

/// A domain's own role is for the projects of that domain. On another domain it may be given all the same: there it means
/// nothing, and Keystone does not look.
async fn require_fitting_target(change: &mut Change<'_>, path: &RoleGrantPath, role: &Role) -> Result<(), ApiError> {
    let Some(query) = parties::project_of(&path.grant.target) else {
        return match role.domain_id {
            None => Ok(()),
            Some(_) => Err(ApiError::invalid(format!(
                "Role {} is a domain-specific role. Unable to use a domain-specific role in a system assignment.",
                role.id
            ))),
        };
    };
    let Some(project) = change.run(query).await? else { return Err(parties::no_such_target(&path.grant.target)) };
    let is_project = matches!(path.grant.target, Target::Project(_));
    if is_project && role.domain_id.is_some() && role.domain_id != project.domain_id {
        return Err(ApiError::Refused {
            message: format!(
                "Project {} must be in the same domain as the role {} being assigned.",
                project.id, role.id
            ),
        });
    }
    Ok(())
}
