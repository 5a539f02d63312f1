//! The association of a policy with what it is for: GET, PUT and DELETE, none of which has a body.

use axum::{
    extract::{Path, State},
    routing::{MethodRouter, get},
};
use hyper::StatusCode;

use super::subject::Subject;
use crate::{
    http::{caller::Caller, error::ApiError, resource::Change, state::HttpState},
    store::endpoint_policy::{associate, dissociate, policy_id_for},
};

/// GET, PUT and DELETE of the associations of one kind.
pub(in crate::http) fn routes<S: Subject>() -> MethodRouter<HttpState> {
    get(check::<S>).put(create::<S>).delete(delete::<S>)
}

async fn check<S: Subject>(
    State(state): State<HttpState>,
    caller: Caller,
    Path(path): Path<S>,
) -> Result<StatusCode, ApiError> {
    permit(&state, &caller, S::CHECK, &path).await?;
    let associated = state.store.run(policy_id_for(path.subject())).await?;
    if associated.as_deref() != Some(path.policy_id()) {
        return Err(ApiError::not_found("Could not find policy association."));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn create<S: Subject>(
    State(state): State<HttpState>,
    caller: Caller,
    Path(path): Path<S>,
) -> Result<StatusCode, ApiError> {
    permit(&state, &caller, S::CREATE, &path).await?;
    let mut change = Change::begin(&state).await?;
    let id = change.new_id();
    associate(&mut change.transaction, path.policy_id(), path.subject(), &id).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// That there was no association is not said.
async fn delete<S: Subject>(
    State(state): State<HttpState>,
    caller: Caller,
    Path(path): Path<S>,
) -> Result<StatusCode, ApiError> {
    permit(&state, &caller, S::DELETE, &path).await?;
    let mut change = Change::begin(&state).await?;
    dissociate(&mut change.transaction, path.policy_id(), path.subject()).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets pass who may do `action`, if all that the path names is there.
async fn permit<S: Subject>(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    path: &S,
) -> Result<(), ApiError> {
    path.in_path(caller.may(action)).in_general(state).await?;
    path.require(state).await
}
