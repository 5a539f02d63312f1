//! OS-EP-FILTER: which project sees which endpoint (`keystone/api/os_ep_filter.py`, `catalog/core.py`). What that does to
//! the catalogs of tokens is in `token::catalog`.

mod endpoint_projects;
mod group_endpoints;
mod group_project;
mod group_projects;
mod groups;
mod project_endpoint;
mod project_endpoints;
mod project_groups;
mod schema;

pub(in crate::http) use self::{
    endpoint_projects::projects_of_endpoint,
    group_endpoints::endpoints_of_group,
    group_project::{add_group, check_group, remove_group},
    group_projects::projects_of_group,
    groups::{EndpointGroups, collection as groups},
    project_endpoint::{add_endpoint, check_endpoint, remove_endpoint},
    project_endpoints::endpoints_of_project,
    project_groups::groups_of_project,
};

use crate::{
    domain::{ids::ProjectId, resource::Project},
    http::{
        collection::Page,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{Readable, Resource},
        state::HttpState,
        v3::projects::Projects,
    },
};

/// The project, or the 404 that says there is none.
async fn require_project(state: &HttpState, id: &ProjectId) -> Result<Project, ApiError> {
    state.store.project(id).await?.ok_or_else(|| ApiError::no_such(Projects::MEMBER, id.as_str()))
}

/// The thing with this id, or the 404 that says there is none.
async fn require<R: Readable>(state: &HttpState, id: &str) -> Result<R::Item, ApiError> {
    state.store.run(R::one(id)).await?.ok_or_else(|| R::absent(id))
}

/// Lists associated projects. One that is gone makes the whole list a 404, as in Keystone.
async fn list_projects(state: &HttpState, inbound: &Inbound, ids: &[ProjectId]) -> Result<Json, ApiError> {
    let mut projects = Vec::with_capacity(ids.len());
    for id in ids {
        projects.push(require_project(state, id).await?);
    }
    Ok(Json(Page::of::<Projects>(&projects).wrap::<Projects>(state, inbound, None)))
}
