//! `POST /v3/registered_limits`: several at a time, all of them or none.

use axum::extract::State;
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{
    RegisteredLimits, amount, hold_services, require_service_and_region, require_unique, schema::CREATE, tell_as_given,
};
use crate::{
    domain::limit::RegisteredLimit,
    http::{
        collection::Page,
        error::ApiError,
        inbound::{Facts, Inbound},
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, fits, normalized, text},
        },
        schema::Wording,
        state::HttpState,
    },
    store::limit::create_registered_limit,
};

/// Makes registered limits.
pub(super) async fn create(State(state): State<HttpState>, inbound: Inbound) -> Result<(StatusCode, Json), ApiError> {
    CREATE.check(&body(&inbound), Wording::Brief)?;
    inbound.caller()?.may("identity:create_registered_limits").in_general(&state).await?;
    let mut change = Change::begin(&state).await?;
    let given: Vec<Map<String, Value>> = given_list(&inbound, RegisteredLimits::COLLECTION).collect();
    let limits: Vec<RegisteredLimit> = given.iter().map(|attributes| read(&change, attributes)).collect();
    hold_services(&mut change, limits.iter().filter_map(|limit| limit.service_id.as_deref())).await?;
    for limit in &limits {
        let (service_id, region_id) = (limit.service_id.as_deref(), limit.region_id.as_deref());
        require_service_and_region(&mut change, service_id, region_id, RegisteredLimits::MEMBER).await?;
    }
    for limit in &limits {
        require_unique(&mut change, limit).await?;
        fits(limit.region_id.as_deref().unwrap_or_default(), "region_id", 64)?;
        create_registered_limit(&mut change.transaction, limit).await?;
    }
    change.commit().await?;
    Ok((StatusCode::CREATED, wrap::<RegisteredLimits>(&limits, &given, "default_limit", &state, &inbound)))
}

/// The objects of a list in the body that passed its schema.
pub(in crate::http::v3) fn given_list(inbound: &Facts, name: &str) -> impl Iterator<Item = Map<String, Value>> {
    let list = inbound.body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object).cloned().map(normalized)
}

/// What was made of what was given: a list without links of its own.
pub(in crate::http::v3) fn wrap<R: Resource>(
    items: &[R::Item],
    given: &[Map<String, Value>],
    amount: &str,
    state: &HttpState,
    inbound: &Inbound,
) -> Json {
    let mut page = Page::of::<R>(items);
    for (item, attributes) in page.items.iter_mut().zip(given) {
        tell_as_given(item, attributes, amount);
    }
    let mut answer = page.wrap::<R>(state, inbound, None);
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("links");
    }
    Json(answer)
}

fn read(change: &Change<'_>, attributes: &Map<String, Value>) -> RegisteredLimit {
    RegisteredLimit {
        id: change.new_id(),
        service_id: text(attributes, "service_id"),
        region_id: text(attributes, "region_id"),
        resource_name: text(attributes, "resource_name"),
        default_limit: amount(attributes, "default_limit").unwrap_or_default(),
        description: text(attributes, "description"),
    }
}
