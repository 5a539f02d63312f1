//! Lists, and single ones.

use axum::extract::{Path, State};

use super::{Readable, Target, list_hints};
use crate::http::{
    caller::Caller,
    collection::{Page, wrap_member},
    error::ApiError,
    inbound::Inbound,
    json::Json,
    schema::query,
    state::HttpState,
};

/// `GET /v3/<collection>`.
pub(in crate::http) async fn list<R: Readable>(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<Json, ApiError> {
    if let Some(schema) = R::list_query() {
        query::check(schema, inbound.query.pairs())?;
    }
    inbound.caller()?.may(R::LIST).filters(R::FILTERS).in_general(&state).await?;
    let hints = list_hints(&state, &inbound, R::FILTERS, R::list_limit(&state.settings))?;
    let found = state.store.run(R::matching(&hints)).await?;
    let page = Page::of::<R>(&found).narrowed(&hints, R::COLUMNS)?;
    Ok(Json(page.wrap::<R>(&state, &inbound, Some(&hints))))
}

/// `GET /v3/<collection>/{id}`.
pub(in crate::http) async fn show<R: Readable>(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let item = permitted::<R>(&state, &caller, R::GET, &id).await?;
    Ok(Json(wrap_member::<R>(R::wire(&item), &state, &inbound)))
}

/// The one with this id, for a caller who may do `action` to it.
///
/// # Errors
///
/// 403 for who may not; 404 where there is none.
pub(super) async fn permitted<R: Readable>(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    id: &str,
) -> Result<R::Item, ApiError> {
    let seen = asked::<R>(state, caller, action, id).await?;
    let item = match R::TARGET {
        Target::Nothing => state.store.run(R::one(id)).await?,
        Target::Itself | Target::ItselfIfFound => seen,
    };
    item.ok_or_else(|| R::absent(id))
}

/// Asks whether the caller may do `action` to the one with this id. Answers with it, if the rule saw it.
///
/// # Errors
///
/// 403 for who may not.
pub(in crate::http) async fn asked<R: Readable>(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    id: &str,
) -> Result<Option<R::Item>, ApiError> {
    let question = caller.may(action).path(R::ID, id);
    match R::TARGET {
        Target::Nothing => {
            question.in_general(state).await?;
            Ok(None)
        }
        Target::Itself => {
            let item = state.store.run(R::one(id)).await?;
            question.on(state, R::MEMBER, item.as_ref().map(R::wire))?;
            Ok(item)
        }
        Target::ItselfIfFound => {
            let item = state.store.run(R::one(id)).await?.ok_or_else(|| R::absent(id))?;
            question.on(state, R::MEMBER, Some(R::wire(&item)))?;
            Ok(Some(item))
        }
    }
}
