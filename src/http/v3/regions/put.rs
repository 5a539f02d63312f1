//! `PUT /v3/regions/{region_id}`: makes a region whose id the client chooses.

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::Value;

use super::{Regions, schema};
use crate::http::{
    collection::wrap_member,
    error::ApiError,
    inbound::Inbound,
    json::Json,
    resource::{
        Change, Resource, Writable,
        attributes::{body, given, normalized},
    },
    schema::Wording,
    state::HttpState,
};

/// As `POST`, with the id in the path. An id in the body must be the same.
pub(in crate::http) async fn put(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json), ApiError> {
    schema::CREATE.check(&body(&inbound), Wording::Brief)?;
    inbound.caller()?.may(Regions::CREATE).path("region_id", &id).in_general(&state).await?;
    let mut attributes = normalized(given(&inbound, Regions::MEMBER)?);
    let said = attributes.entry("id").or_insert_with(|| id.as_str().into());
    if said.as_str() != Some(&id) {
        let said = said.as_str().unwrap_or("None");
        return Err(ApiError::invalid(format!("Conflicting region IDs specified: \"{id}\" != \"{said}\"")));
    }
    attributes.insert("id".to_owned(), Value::from(id));
    let mut change = Change::begin(&state).await?;
    let region = Regions::create(&mut change, attributes).await?;
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<Regions>(Regions::wire(&region), &state, &inbound))))
}
