//! `GET /v3/OS-EP-FILTER/endpoints/{endpoint_id}/projects`.

use axum::extract::{Path, State};

use super::{list_projects, require};
use crate::{
    http::{caller::Caller, error::ApiError, inbound::Inbound, json::Json, state::HttpState, v3::endpoints::Endpoints},
    store::endpoint_filter::project_ids_of_endpoint,
};

/// Lists the projects that an endpoint is associated with.
pub(in crate::http) async fn projects_of_endpoint(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(endpoint_id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:list_projects_for_endpoint").path("endpoint_id", &endpoint_id).in_general(&state).await?;
    require::<Endpoints>(&state, &endpoint_id).await?;
    let ids = state.store.run(project_ids_of_endpoint(&endpoint_id)).await?;
    list_projects(&state, &inbound, &ids).await
}
