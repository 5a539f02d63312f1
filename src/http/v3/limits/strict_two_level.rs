//! `[unified_limit] enforcement_model = strict_two_level`: no project may have a higher limit than its domain
//! (`keystone/limit/models/strict_two_level.py`).
//!
//! A limit of 0 is none where limits are compared, because that is how Keystone asks whether there is one; and -1, which
//! means no limit elsewhere, is a number like any other.

use std::collections::HashSet;

use super::Limits;
use crate::{
    domain::{
        ids::{DomainId, ProjectId},
        limit::Limit,
    },
    http::{
        error::ApiError,
        resource::{Change, Resource as _},
        v3::projects::Projects,
    },
    store::{
        limit::{Resource, limits_of, registered_limit_of, resource_of_limit},
        resource::{project, project_ids_of_domains},
    },
};

/// Checks limits that are to be written, together: against each other, and against those that are there.
///
/// # Errors
///
/// 403 for the first that does not fit.
pub(super) async fn check(change: &mut Change<'_>, limits: &[Limit]) -> Result<(), ApiError> {
    for limit in limits {
        let Some(resource) = resource_of_limit(limit) else { continue };
        let fits = match &limit.project_id {
            Some(project_id) => {
                let project = change.run(project(project_id)).await?;
                let project = project.ok_or_else(|| ApiError::no_such(Projects::MEMBER, project_id.as_str()))?;
                let parent_id = project.parent_id.map(|id| DomainId::from(id.as_str()));
                let highest = match limits
                    .iter()
                    .find(|other| other.domain_id == parent_id && is_about(other, resource))
                {
                    Some(parent) => Some(parent.resource_limit),
                    None => limit_of_parent(change, resource, parent_id.as_ref()).await?.filter(|limit| *limit != 0),
                };
                highest.is_none_or(|highest| limit.resource_limit <= highest)
            }
            None => {
                let lowest = highest_of_projects(change, resource, limit.domain_id.as_ref()).await?;
                lowest.is_none_or(|lowest| limit.resource_limit >= lowest)
            }
        };
        if !fits {
            return Err(refusal(limit));
        }
    }
    Ok(())
}

fn is_about(limit: &Limit, resource: Resource<'_>) -> bool {
    resource_of_limit(limit) == Some(resource)
}

/// What the domain above a project has, or else everybody.
async fn limit_of_parent(
    change: &mut Change<'_>,
    resource: Resource<'_>,
    parent_id: Option<&DomainId>,
) -> Result<Option<i64>, ApiError> {
    let Some(parent_id) = parent_id else { return Ok(None) };
    let limits = change.run(limits_of(resource)).await?;
    if let Some(limit) = limits.iter().find(|limit| limit.domain_id.as_ref() == Some(parent_id)) {
        return Ok(Some(limit.resource_limit));
    }
    Ok(change.run(registered_limit_of(resource)).await?.map(|limit| limit.default_limit))
}

/// The most that a project of the domain has.
async fn highest_of_projects(
    change: &mut Change<'_>,
    resource: Resource<'_>,
    domain_id: Option<&DomainId>,
) -> Result<Option<i64>, ApiError> {
    // A limit for nobody: Keystone looks for the projects below `None`.
    let domain_id = domain_id.ok_or_else(|| ApiError::no_such(Projects::MEMBER, "None"))?;
    let projects = change.run(project_ids_of_domains(std::slice::from_ref(domain_id))).await?;
    let projects: HashSet<ProjectId> = projects.into_iter().collect();
    let limits = change.run(limits_of(resource)).await?;
    let of_projects = limits.iter().filter(|limit| limit.project_id.as_ref().is_some_and(|id| projects.contains(id)));
    Ok(of_projects.map(|limit| limit.resource_limit).filter(|limit| *limit != 0).max())
}

fn refusal(limit: &Limit) -> ApiError {
    let (level, id) = match (&limit.project_id, &limit.domain_id) {
        (Some(id), _) => ("project_id", id.as_str()),
        (None, id) => ("domain_id", id.as_ref().map_or("None", |id| id.as_str())),
    };
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "None".to_owned());
    let message = format!(
        "Invalid resource {}: The resource limit ({level}: {id}, resource_name: {}, resource_limit: {}, service_id: {}, \
         region_id: {}) doesn't satisfy current hierarchy model..",
        Limits::MEMBER,
        said(&limit.resource_name),
        limit.resource_limit,
        said(&limit.service_id),
        said(&limit.region_id),
    );
    ApiError::Refused { message }
}
