//! `GET /v3/services`.

use axum::extract::State;

use super::Services;
use crate::{
    http::{
        caller::Caller,
        collection::{Page, Resource},
        error::ApiError,
        inbound::Inbound,
        json::Json,
        state::HttpState,
        v3::catalog_hints,
    },
    store::catalog::{ServiceFilter, services},
};

/// Lists services.
pub(in crate::http) async fn list(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:list_services").filters(Services::FILTERS).in_general(&state).await?;
    let hints = catalog_hints(&state, &inbound, Services::FILTERS)?;
    let filter = ServiceFilter { service_type: hints.exact("type").map(str::to_owned), ..ServiceFilter::default() };
    let found = state.store.run(services(&filter)).await?;
    let page = Page::of::<Services>(&found).narrowed(&hints, Services::COLUMNS)?;
    Ok(Json(page.wrap::<Services>(&state, &inbound, Some(&hints))))
}
