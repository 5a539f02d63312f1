//! `PATCH /v3/limits/{limit_id}`.

use axum::extract::{Path, State};

use super::{Limits, schema::UPDATE, strict_two_level};
use crate::{
    domain::limit::Limit,
    http::{
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Readable, Resource, asked,
            attributes::{body, given, require_matching_id, text},
        },
        schema::Wording,
        settings::LimitModel,
        state::HttpState,
        v3::registered_limits::{amount, hold_services, tell_as_given},
    },
    store::limit::{limit, update_limit},
};

/// Changes a limit. A limit of 0 and an empty description leave what was there, as in Keystone.
pub(super) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    UPDATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    asked::<Limits>(&state, &caller, "identity:update_limit", &id).await?;
    let attributes = given(&inbound, Limits::MEMBER)?;
    require_matching_id(&attributes, &id)?;

    let mut change = Change::begin(&state).await?;
    let mut limit = change.run(limit(&id)).await?.ok_or_else(|| Limits::absent(&id))?;
    hold_services(&mut change, limit.service_id.as_deref().into_iter()).await?;
    let said = amount(&attributes, "resource_limit");
    if state.settings.limit_model == LimitModel::StrictTwoLevel {
        let asked_for = Limit { resource_limit: said.unwrap_or(limit.resource_limit), ..limit.clone() };
        strict_two_level::check(&mut change, &[asked_for]).await?;
    }
    let said = said.filter(|amount| *amount != 0);
    limit.resource_limit = said.unwrap_or(limit.resource_limit);
    limit.description = text(&attributes, "description").filter(|text| !text.is_empty()).or(limit.description);
    update_limit(&mut change.transaction, &limit).await?;
    change.commit().await?;
    let mut wire = Limits::wire(&limit);
    if said.is_some() {
        tell_as_given(&mut wire, &attributes, "resource_limit");
    }
    Ok(Json(wrap_member::<Limits>(wire, &state, &inbound)))
}
