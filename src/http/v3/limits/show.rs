//! `GET /v3/limits/{limit_id}`.

use axum::extract::{Path, State};

use super::Limits;
use crate::{
    domain::limit::Limit,
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{Readable, Resource},
        state::HttpState,
        v3::{domains::Domains, projects::Projects},
    },
    store::limit::limit,
};

/// Shows a limit. The rule sees whom it is for.
pub(super) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let limit = state.store.run(limit(&id)).await?;
    let target = match &limit {
        Some(limit) => Some(target(&state, limit).await?),
        None => None,
    };
    caller.may(Limits::GET).path(Limits::ID, &id).on(&state, Limits::MEMBER, target)?;
    let limit = limit.ok_or_else(|| Limits::absent(&id))?;
    Ok(Json(wrap_member::<Limits>(Limits::wire(&limit), &state, &inbound)))
}

async fn target(state: &HttpState, limit: &Limit) -> Result<serde_json::Map<String, serde_json::Value>, ApiError> {
    let mut target = Limits::wire(limit);
    if let Some(id) = &limit.project_id {
        if let Some(project) = state.store.project(id).await? {
            target.insert("project".to_owned(), Projects::wire(&project).into());
        }
    } else if let Some(id) = &limit.domain_id
        && let Some(domain) = state.store.domain(id).await?
    {
        target.insert("domain".to_owned(), Domains::wire(&domain).into());
    }
    Ok(target)
}
