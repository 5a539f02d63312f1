//! `/v3/groups/{group_id}`: showing, changing and deleting one.

use axum::extract::{Path, State};
use hyper::StatusCode;

use super::{Groups, extra_attributes, name, schema::UPDATE};
use crate::{
    cascade::group::delete_group,
    domain::group::Group,
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, given, require_matching_id},
            change::on_duplicate,
        },
        schema::Wording,
        state::HttpState,
    },
    store::identity::{group, update_group},
};

/// `GET /v3/groups/{group_id}`.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let found = permitted(&state, &caller, "identity:get_group", &id).await?;
    Ok(Json(wrap_member::<Groups>(Groups::wire(&found), &state, &inbound)))
}

/// `PATCH /v3/groups/{group_id}`.
pub(in crate::http) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    UPDATE.check(&body(&inbound), Wording::Brief)?;
    permitted(&state, &inbound.caller()?, "identity:update_group", &id).await?;
    let mut attributes = given(&inbound, Groups::MEMBER)?;
    require_matching_id(&attributes, &id)?;

    let mut change = Change::begin(&state).await?;
    let no_such_group = || ApiError::no_such("group", &id);
    let mut changed = change.run(group(&id.as_str().into())).await?.ok_or_else(no_such_group)?;
    if attributes.get("domain_id").is_some_and(|domain_id| domain_id.as_str() != Some(changed.domain_id.as_str())) {
        return Err(ApiError::invalid("Cannot change Domain ID"));
    }
    if let Some(name) = name(&attributes)? {
        attributes.insert("name".to_owned(), name.as_str().into());
        changed.name = name;
    }
    if let Some(description) = attributes.get("description") {
        changed.description = description.as_str().map(str::to_owned);
    }
    changed.extra.extend(extra_attributes(&attributes)?);
    let found = update_group(&mut change.transaction, &changed).await.map_err(on_duplicate("group", &attributes))?;
    if !found {
        return Err(no_such_group());
    }
    change.commit().await?;
    Ok(Json(wrap_member::<Groups>(Groups::wire(&changed), &state, &inbound)))
}

/// `DELETE /v3/groups/{group_id}`. That there is no such group is said to everybody who has a token.
pub(in crate::http) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let no_such_group = || ApiError::no_such("group", &id);
    let found = state.store.run(group(&id.as_str().into())).await?.ok_or_else(no_such_group)?;
    let question = caller.may("identity:delete_group").path("group_id", &id);
    question.about(Groups::MEMBER, Groups::wire(&found)).in_general(&state).await?;
    let mut change = Change::begin(&state).await?;
    let moment = change.moment;
    if !delete_group(&mut change.transaction, &found.id, &moment).await? {
        return Err(no_such_group());
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The group with this id, for a caller who may do `action` to it.
///
/// # Errors
///
/// 403 for who may not; 404 where there is none.
async fn permitted(state: &HttpState, caller: &Caller, action: &'static str, id: &str) -> Result<Group, ApiError> {
    let found = state.store.run(group(&id.into())).await?;
    caller.may(action).path("group_id", id).on(state, Groups::MEMBER, found.as_ref().map(Groups::wire))?;
    found.ok_or_else(|| ApiError::no_such("group", id))
}
