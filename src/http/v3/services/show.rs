//! `GET /v3/services/{service_id}`.

use axum::extract::{Path, State};

use super::Services;
use crate::{
    http::{
        caller::Caller,
        collection::{Resource, wrap_member},
        error::ApiError,
        inbound::Inbound,
        json::Json,
        state::HttpState,
    },
    store::catalog::service,
};

/// Shows a service.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:get_service").path("service_id", &id).in_general(&state).await?;
    let service = state.store.run(service(&id)).await?.ok_or_else(|| ApiError::no_such("service", &id))?;
    Ok(Json(wrap_member::<Services>(Services::wire(&service), &state, &inbound)))
}
