//! `GET /v3/groups`.

use axum::extract::State;
use serde_json::{Value, json};

use super::{Groups, schema::LIST_QUERY};
use crate::{
    domain::ids::GroupId,
    http::{
        error::ApiError, inbound::Inbound, json::Json, paging, resource::Resource, schema::query, state::HttpState,
    },
    store::identity::{GroupFilter, group, groups},
};

/// Lists groups; with a domain token, those of the domain.
pub(in crate::http) async fn list(State(state): State<HttpState>, inbound: Inbound) -> Result<Json, ApiError> {
    query::check(&LIST_QUERY, inbound.query.pairs())?;
    let caller = inbound.caller()?;
    let domain_id = caller.context().and_then(|context| context.domain_id());
    let question = caller.may("identity:list_groups").filters(Groups::FILTERS);
    match domain_id {
        Some(id) => question.on(&state, "group", json!({ "domain_id": id.as_str() }).as_object().cloned())?,
        None => question.in_general(&state).await.map(drop)?,
    }

    let hints = paging::hints(&state, &inbound, Groups::FILTERS)?;
    if let Some(marker) = &hints.marker
        && state.store.run(group(&marker.as_str().into())).await?.is_none()
    {
        return Err(ApiError::not_found(format!("Marker {marker} could not be found.")));
    }
    let filter = GroupFilter {
        domain_id: hints.exact("domain_id").map(Into::into),
        name: hints.exact("name").map(str::to_owned),
        ..GroupFilter::default()
    };
    let mut page = paging::page::<Groups>(&state, &hints, hints.filters.is_empty(), |window| {
        groups(&GroupFilter { marker: window.marker.map(GroupId::from), limit: window.limit, ..filter })
    })
    .await?;
    if let Some(id) = domain_id {
        page.items.retain(|item| item.get("domain_id").and_then(Value::as_str) == Some(id.as_str()));
    }
    let page = paging::finished::<Groups>(page, &hints)?;
    Ok(Json(page.wrap::<Groups>(&state, &inbound, Some(&hints))))
}
