//! `PATCH /v3/registered_limits/{registered_limit_id}`.

use axum::extract::{Path, State};

use super::{
    RegisteredLimits, amount, hold_services, require_service_and_region, require_unique, require_unused,
    schema::UPDATE, tell_as_given,
};
use crate::{
    http::{
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Readable, Resource,
            attributes::{body, fits, given, require_matching_id, text},
        },
        schema::Wording,
        state::HttpState,
    },
    store::limit::{registered_limit, update_registered_limit},
};

/// Changes a registered limit. One that is told anew what it is about must be the first about that, itself included: that is
/// Keystone's way.
pub(super) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    UPDATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    caller.may("identity:update_registered_limit").path(RegisteredLimits::ID, &id).in_general(&state).await?;
    let attributes = given(&inbound, RegisteredLimits::MEMBER)?;
    require_matching_id(&attributes, &id)?;
    let (service_id, region_id) = (text(&attributes, "service_id"), text(&attributes, "region_id"));

    let mut change = Change::begin(&state).await?;
    let found = change.run(registered_limit(&id)).await?;
    let services = found.as_ref().and_then(|limit| limit.service_id.as_deref());
    hold_services(&mut change, services.into_iter().chain(service_id.as_deref())).await?;
    let (said_service, said_region) = (service_id.as_deref(), region_id.as_deref());
    require_service_and_region(&mut change, said_service, said_region, RegisteredLimits::MEMBER).await?;
    let mut limit = found.ok_or_else(|| RegisteredLimits::absent(&id))?;
    require_unused(&mut change, &id).await?;

    let is_about = ["service_id", "region_id", "resource_name"].iter().any(|name| attributes.contains_key(*name));
    limit.service_id = service_id.or(limit.service_id);
    if attributes.contains_key("region_id") {
        limit.region_id = region_id;
        fits(limit.region_id.as_deref().unwrap_or_default(), "region_id", 64)?;
    }
    limit.resource_name = text(&attributes, "resource_name").or(limit.resource_name);
    limit.default_limit = amount(&attributes, "default_limit").unwrap_or(limit.default_limit);
    if attributes.contains_key("description") {
        limit.description = text(&attributes, "description");
    }
    if is_about {
        require_unique(&mut change, &limit).await?;
    }
    update_registered_limit(&mut change.transaction, &limit).await?;
    change.commit().await?;
    let mut wire = RegisteredLimits::wire(&limit);
    tell_as_given(&mut wire, &attributes, "default_limit");
    Ok(Json(wrap_member::<RegisteredLimits>(wire, &state, &inbound)))
}
