//! `GET /v3/regions/{region_id}`.

use axum::extract::{Path, State};

use super::Regions;
use crate::{
    http::{
        caller::Caller,
        collection::{Resource, wrap_member},
        error::ApiError,
        inbound::Inbound,
        json::Json,
        state::HttpState,
    },
    store::catalog::region,
};

/// Shows a region.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:get_region").path("region_id", &id).in_general(&state).await?;
    let region = state.store.run(region(&id)).await?.ok_or_else(|| ApiError::no_such("region", &id))?;
    Ok(Json(wrap_member::<Regions>(Regions::wire(&region), &state, &inbound)))
}
