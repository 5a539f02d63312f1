//! `GET /v3/domains`.

use axum::extract::State;
use serde_json::{Value, json};

use super::{Domains, schema::LIST_QUERY};
use crate::http::{
    collection::filtered,
    error::ApiError,
    hints::Filter,
    inbound::Inbound,
    json::Json,
    resource::{Resource, list_hints},
    schema::query,
    state::HttpState,
    v3::projects,
};

/// Lists domains; with a domain token, only its own.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    let domain_id = caller.context().and_then(|context| context.domain_id()).cloned();
    let question = caller.may("identity:list_domains").filters(Domains::FILTERS);
    match &domain_id {
        Some(id) => {
            let target = json!({ "id": id.as_str() });
            question.on(&state, "domain", target.as_object().cloned())?;
        }
        None => {
            question.in_general(&state).await?;
        }
    }

    let hints = list_hints(&state, &inbound, Domains::FILTERS, state.settings.resource_list_limit)?;
    let mut sought = hints.clone();
    sought.filters.push(Filter::equals("is_domain", "1"));
    let max_limit = i64::try_from(state.settings.max_db_limit).unwrap_or(i64::MAX);
    let mut page = projects::page(&state, &sought, max_limit).await?;
    for item in &mut page.items {
        for name in ["parent_id", "domain_id", "is_domain"] {
            item.remove(name);
        }
    }
    if let Some(id) = &domain_id {
        page.items.retain(|item| item.get("id").and_then(Value::as_str) == Some(id.as_str()));
    }
    page.items = filtered(page.items, &hints, Domains::COLUMNS, |filter| !filter.is_for_database(Domains::COLUMNS))?;
    Ok(Json(page.wrap::<Domains>(&state, &inbound, Some(&hints))))
}
