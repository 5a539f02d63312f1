//! `GET /v3/roles`.

use axum::extract::State;

use super::{Roles, schema::LIST_QUERY};
use crate::{
    http::{
        collection::Page,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{Resource, list_hints},
        schema::query,
        state::HttpState,
    },
    store::role::{RoleFilter, roles},
};

/// Lists the roles of a domain, or else those of no domain.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    let domain_id = inbound.query.get("domain_id").filter(|id| !id.is_empty());
    let action = if domain_id.is_some() { "identity:list_domain_roles" } else { "identity:list_roles" };
    caller.may(action).filters(Roles::FILTERS).in_general(&state).await?;
    let hints = list_hints(&state, &inbound, Roles::FILTERS, state.settings.identity.role_list_limit)?;
    let filter =
        RoleFilter { name: hints.exact("name").map(str::to_owned), domain_id: Some(domain_id.map(Into::into)) };
    let found = state.store.run(roles(&filter)).await?;
    let page = Page::of::<Roles>(&found).narrowed(&hints, Roles::COLUMNS)?;
    Ok(Json(page.wrap::<Roles>(&state, &inbound, Some(&hints))))
}
