//! `GET /v3/endpoints/{endpoint_id}`.

use axum::extract::{Path, State};

use super::Endpoints;
use crate::{
    http::{
        caller::Caller,
        collection::{Resource, wrap_member},
        error::ApiError,
        inbound::Inbound,
        json::Json,
        state::HttpState,
    },
    store::catalog::endpoint,
};

/// Shows an endpoint.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:get_endpoint").path("endpoint_id", &id).in_general(&state).await?;
    let endpoint = state.store.run(endpoint(&id)).await?.ok_or_else(|| ApiError::no_such("endpoint", &id))?;
    Ok(Json(wrap_member::<Endpoints>(Endpoints::wire(&endpoint), &state, &inbound)))
}
