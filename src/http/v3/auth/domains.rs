//! `GET /v3/auth/domains`.

use axum::extract::State;

use super::holder;
use crate::http::{
    caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, state::HttpState,
    v3::domains::Domains,
};

/// The domains that the caller can get a token for.
pub(in crate::http) async fn domains(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:get_auth_domains").in_general(&state).await?;
    let domains = match holder(&caller) {
        Some(holder) => state.roles.domains(holder, state.clock.now()).await?,
        None => Vec::new(),
    };
    Ok(Json(Page::of::<Domains>(&domains).wrap::<Domains>(&state, &inbound, None)))
}
