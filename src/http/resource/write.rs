//! Making, changing, deleting.

use axum::extract::{Path, State};
use hyper::StatusCode;

use super::{
    Writable,
    attributes::{body, given, normalized, require_matching_id},
    change::Change,
    read::{asked, permitted},
};
use crate::http::{
    caller::Caller, collection::wrap_member, error::ApiError, inbound::Inbound, json::Json, schema::Wording,
    state::HttpState,
};

/// `POST /v3/<collection>`.
pub(in crate::http) async fn create<R: Writable>(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<(StatusCode, Json), ApiError> {
    R::create_schema().check(&body(&inbound), Wording::Brief)?;
    inbound.caller()?.may(R::CREATE).in_general(&state).await?;
    let attributes = normalized(given(&inbound, R::MEMBER)?);
    let mut change = Change::begin(&state).await?;
    let item = R::create(&mut change, attributes).await?;
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<R>(R::wire(&item), &state, &inbound))))
}

/// `PATCH /v3/<collection>/{id}`.
pub(in crate::http) async fn update<R: Writable>(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    R::update_schema().check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    asked::<R>(&state, &caller, R::UPDATE, &id).await?;
    let mut attributes = given(&inbound, R::MEMBER)?;
    require_matching_id(&attributes, &id)?;
    let mut change = Change::begin(&state).await?;
    R::before_update(&mut change, &mut attributes).await?;
    // Once more: what was seen before the transaction may have changed.
    let item = change.run(R::one(&id)).await?.ok_or_else(|| R::absent(&id))?;
    let item = R::update(&mut change, item, attributes).await?;
    change.commit().await?;
    Ok(Json(wrap_member::<R>(R::wire(&item), &state, &inbound)))
}

/// `DELETE /v3/<collection>/{id}`.
pub(in crate::http) async fn delete<R: Writable>(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    permitted::<R>(&state, &caller, R::DELETE, &id).await?;
    let mut change = Change::begin(&state).await?;
    let item = change.run(R::one(&id)).await?.ok_or_else(|| R::absent(&id))?;
    R::delete(&mut change, item).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
