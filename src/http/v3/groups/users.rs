//! `GET /v3/groups/{group_id}/users`.

use axum::extract::{Path, State};
use serde_json::Value;

use super::Groups;
use crate::{
    http::{
        caller::Caller,
        collection::Page,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        paging,
        resource::Resource,
        state::HttpState,
        v3::users::{Today, Users, password_expiry},
    },
    store::identity::{UserFilter, group, users as users_matching},
};

const FILTERS: &[&str] = &["domain_id", "enabled", "name", "password_expires_at"];

/// The users who are in a group for good; with a domain token, those of the domain.
pub(in crate::http) async fn users(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let found = state.store.run(group(&id.as_str().into())).await?;
    let question = caller.may("identity:list_users_in_group").path("group_id", &id).filters(FILTERS);
    match &found {
        Some(group) => question.on(&state, Groups::MEMBER, Some(Groups::wire(group)))?,
        None => question.in_general(&state).await.map(drop)?,
    }
    let mut hints = paging::hints(&state, &inbound, FILTERS)?;
    let password_expiry = password_expiry(&mut hints)?;
    let found = found.ok_or_else(|| ApiError::no_such("group", &id))?;
    let filter = UserFilter {
        group_id: Some(found.id),
        is_local: hints.filters.iter().any(|filter| filter.name == "name" && filter.is_for_database(Users::COLUMNS)),
        password_expiry,
        ..UserFilter::default()
    };
    let today = Today::of(&state);
    let members: Vec<_> =
        state.store.run(users_matching(&filter)).await?.into_iter().map(|user| today.shown(user)).collect();
    let mut page = Page::of::<Users>(&members).narrowed(&hints, Users::COLUMNS)?;
    if let Some(domain_id) = caller.context().and_then(|context| context.domain_id()) {
        page.items.retain(|item| item.get("domain_id").and_then(Value::as_str) == Some(domain_id.as_str()));
    }
    Ok(Json(page.wrap::<Users>(&state, &inbound, Some(&hints))))
}
