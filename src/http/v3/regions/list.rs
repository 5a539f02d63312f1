//! `GET /v3/regions`.

use axum::extract::State;

use super::Regions;
use crate::{
    http::{
        collection::{Page, Resource},
        error::ApiError,
        inbound::Inbound,
        json::Json,
        schema::query::ListQuery,
        state::HttpState,
        v3::catalog_hints,
    },
    store::catalog::regions,
};

/// Lists regions. Any query parameter but the one filter is refused.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    ListQuery::Regions.check(inbound.query.pairs())?;
    let caller = inbound.caller()?;
    caller.may("identity:list_regions").filters(Regions::FILTERS).in_general(&state).await?;
    let hints = catalog_hints(&state, &inbound, Regions::FILTERS)?;
    let found = state.store.run(regions(hints.exact("parent_region_id"))).await?;
    let page = Page::of::<Regions>(&found).narrowed(&hints, Regions::COLUMNS)?;
    Ok(Json(page.wrap::<Regions>(&state, &inbound, Some(&hints))))
}
