//! Making, showing, changing, deleting one.

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::Value;

use super::{Domains, schema};
use crate::{
    domain::{ids::DomainId, resource::Project},
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, given, normalized},
        },
        schema::Wording,
        state::HttpState,
        v3::projects::{change, make, remove, reserve_name, url_safe_name},
    },
    store::resource::{domain_of, project},
};

/// `POST /v3/domains`.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    inbound: Inbound,
) -> Result<(StatusCode, Json), ApiError> {
    schema::CREATE.check(&body(&inbound), Wording::Brief)?;
    inbound.caller()?.may("identity:create_domain").in_general(&state).await?;
    let mut attributes = given(&inbound, Domains::MEMBER)?;
    let explicit = attributes.remove("explicit_domain_id");
    if state.settings.resource.url_safe_domain_names {
        url_safe_name("Domain", attributes.get("name").and_then(Value::as_str).unwrap_or_default())?;
    }
    let mut changing = Change::begin(&state).await?;
    let id = match explicit.as_ref().and_then(Value::as_str) {
        None => changing.new_id(),
        Some(id) if is_uuid(id) => id.to_owned(),
        Some(_) => return Err(ApiError::invalid("Domain ID does not conform to required UUID format.")),
    };
    let mut attributes = normalized(attributes);
    attributes.remove("explicit_domain_id");
    attributes.insert("is_domain".to_owned(), true.into());
    attributes.remove("domain_id");
    attributes.remove("parent_id");
    let made = make(&mut changing, id.into(), &attributes).await?;
    changing.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<Domains>(Domains::wire(&domain_of(made)), &state, &inbound))))
}

/// `GET /v3/domains/{domain_id}`.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let domain = state.store.domain(&id.as_str().into()).await?;
    let target = domain.as_ref().map(Domains::wire);
    caller.may("identity:get_domain").path("domain_id", &id).on(&state, Domains::MEMBER, target)?;
    let domain = domain.ok_or_else(|| ApiError::no_such("domain", &id))?;
    Ok(Json(wrap_member::<Domains>(Domains::wire(&domain), &state, &inbound)))
}

/// `PATCH /v3/domains/{domain_id}`.
pub(in crate::http) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    schema::UPDATE.check(&body(&inbound), Wording::Brief)?;
    permitted(&state, &inbound.caller()?, "identity:update_domain", &id).await?;
    let mut attributes = given(&inbound, Domains::MEMBER)?;
    if let Some(name) = attributes.get("name").and_then(Value::as_str) {
        reserve_name(&state.settings.resource, name)?;
    }
    // What makes it a domain is not changed here, whatever the client says.
    for name in ["is_domain", "domain_id", "parent_id"] {
        attributes.remove(name);
    }
    let mut changing = Change::begin(&state).await?;
    let found = found(&mut changing, &id).await?;
    let changed = change(&mut changing, found, &attributes).await?;
    // Another id is ignored, if it could be one.
    if let Some(other) = attributes.get("id").and_then(Value::as_str).filter(|other| other.chars().count() > 64) {
        return Err(ApiError::invalid(format!(
            "String length exceeded. The length of string '{other}' exceeds the limit of column id(CHAR(64))."
        )));
    }
    changing.commit().await?;
    Ok(Json(wrap_member::<Domains>(Domains::wire(&domain_of(changed)), &state, &inbound)))
}

/// `DELETE /v3/domains/{domain_id}`.
pub(in crate::http) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    permitted(&state, &caller, "identity:delete_domain", &id).await?;
    let mut changing = Change::begin(&state).await?;
    let found = found(&mut changing, &id).await?;
    remove(&mut changing, &found).await?;
    changing.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller may do `action` to a domain that exists. That there is none is said to everybody who has a token.
async fn permitted(state: &HttpState, caller: &Caller, action: &'static str, id: &str) -> Result<(), ApiError> {
    let domain = state.store.domain(&DomainId::from(id)).await?.ok_or_else(|| ApiError::no_such("domain", id))?;
    let question = caller.may(action).path("domain_id", id).about(Domains::MEMBER, Domains::wire(&domain));
    question.in_general(state).await.map(drop)
}

async fn found(changing: &mut Change<'_>, id: &str) -> Result<Project, ApiError> {
    let found = changing.run(project(&id.into())).await?;
    found.filter(|project| project.is_domain).ok_or_else(|| ApiError::no_such("domain", id))
}

/// A UUID as Keystone makes its ids: 32 hexadecimal digits in lower case.
fn is_uuid(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
