//! `GET /v3/endpoints`.

use axum::extract::State;

use super::Endpoints;
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
    store::catalog::{EndpointFilter, endpoints},
};

/// Lists endpoints.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    ListQuery::Endpoints.check(inbound.query.pairs())?;
    let caller = inbound.caller()?;
    caller.may("identity:list_endpoints").filters(Endpoints::FILTERS).in_general(&state).await?;
    let hints = catalog_hints(&state, &inbound, Endpoints::FILTERS)?;
    let exact = |name: &str| hints.exact(name).map(str::to_owned);
    let filter = EndpointFilter {
        service_id: exact("service_id"),
        interface: exact("interface"),
        region_id: exact("region_id"),
        ..EndpointFilter::default()
    };
    let found = state.store.run(endpoints(&filter)).await?;
    let page = Page::of::<Endpoints>(&found).narrowed(&hints, Endpoints::COLUMNS)?;
    Ok(Json(page.wrap::<Endpoints>(&state, &inbound, Some(&hints))))
}
