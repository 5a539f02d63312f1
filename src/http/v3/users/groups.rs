//! `GET /v3/users/{user_id}/groups`.

use axum::extract::{Path, State};
use serde_json::{Map, Value};

use crate::{
    domain::{group::Group, time::naive_time},
    http::{
        caller::Caller, collection::Page, error::ApiError, inbound::Inbound, json::Json, paging, resource::Resource,
        state::HttpState, v3::groups::Groups,
    },
    store::identity::{GroupMembership, groups_of_user},
};

const FILTERS: &[&str] = &["name"];

/// The groups that a user is in, with when that ends; with a domain token, those of the domain.
pub(in crate::http) async fn groups(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let found = super::find(&state, &id).await?;
    caller.may("identity:list_groups_for_user").path("user_id", &id).filters(FILTERS).on(
        &state,
        "user",
        found.as_ref().map(super::Users::wire),
    )?;
    let hints = paging::hints(&state, &inbound, FILTERS)?;
    let found = found.ok_or_else(|| ApiError::no_such("user", &id))?;
    let now = state.clock.now();
    let ttl = state.settings.identity.default_authorization_ttl;
    let items = state
        .store
        .run(groups_of_user(&found.user.id))
        .await?
        .iter()
        .filter(|(_, membership)| membership.expires_at(ttl).is_none_or(|end| now < end))
        .map(|(group, membership)| wire(group, membership, ttl))
        .collect();
    let mut page = Page { items, truncated: false }.narrowed(&hints, Groups::COLUMNS)?;
    if let Some(domain_id) = caller.context().and_then(|context| context.domain_id()) {
        page.items.retain(|item| item.get("domain_id").and_then(Value::as_str) == Some(domain_id.as_str()));
    }
    Ok(Json(page.wrap::<Groups>(&state, &inbound, Some(&hints))))
}

fn wire(group: &Group, membership: &GroupMembership, ttl: i64) -> Map<String, Value> {
    let mut wire = Groups::wire(group);
    wire.insert("membership_expires_at".to_owned(), membership.expires_at(ttl).map(naive_time).into());
    wire
}
