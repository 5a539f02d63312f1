//! `DELETE /v3/registered_limits/{registered_limit_id}`.

use axum::extract::{Path, State};
use hyper::StatusCode;

use super::{RegisteredLimits, hold_services, require_unused};
use crate::{
    http::{
        caller::Caller,
        error::ApiError,
        resource::{Change, Readable},
        state::HttpState,
    },
    store::limit::{delete_registered_limit, registered_limit},
};

/// Deletes a registered limit that no limit refers to.
pub(super) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.may("identity:delete_registered_limit").path(RegisteredLimits::ID, &id).in_general(&state).await?;
    let mut change = Change::begin(&state).await?;
    let limit = change.run(registered_limit(&id)).await?.ok_or_else(|| RegisteredLimits::absent(&id))?;
    hold_services(&mut change, limit.service_id.as_deref().into_iter()).await?;
    require_unused(&mut change, &id).await?;
    delete_registered_limit(&mut change.transaction, &id).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
