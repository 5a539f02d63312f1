//! `POST /v3/projects`.

use axum::extract::State;
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{Projects, make, schema};
use crate::http::{
    collection::wrap_member,
    error::ApiError,
    inbound::Inbound,
    json::Json,
    resource::{
        Change, Resource,
        attributes::{body, given, home_domain, normalized},
    },
    schema::Wording,
    state::HttpState,
};

/// Makes a project, in the domain of the caller's domain token where the client names none.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<(StatusCode, Json), ApiError> {
    schema::CREATE.check(&body(&inbound), Wording::Brief)?;
    let caller = inbound.caller()?;
    // The rule sees what is to be made.
    let target = inbound.body.as_ref().and_then(|body| body.get("project")).and_then(Value::as_object).cloned();
    caller.may("identity:create_project").on(&state, "project", Some(target.unwrap_or_default()))?;

    // Keystone misses the domain before it misses the project.
    let named = given(&inbound, Projects::MEMBER);
    let nothing = Map::new();
    let known = named.as_ref().unwrap_or(&nothing);
    let home = match known.get("is_domain").is_some_and(super::rules::is_true) {
        true => None,
        false => Some(home_domain(known, &caller, &state)?),
    };
    let mut attributes = named?;
    attributes.extend(home.map(|id| ("domain_id".to_owned(), id.into())));
    let attributes: Map<String, Value> = normalized(attributes);
    let mut change = Change::begin(&state).await?;
    let id = change.new_id().into();
    let project = make(&mut change, id, &attributes).await?;
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<Projects>(Projects::wire(&project), &state, &inbound))))
}
