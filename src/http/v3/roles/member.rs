//! `/v3/roles/{role_id}`: showing, changing and deleting one.

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::{Roles, extra_attributes, immutable_among, schema::UPDATE};
use crate::{
    cascade::role::delete_role,
    domain::role::Role,
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{body, fits, given, require_matching_id, text},
            change::on_duplicate,
        },
        schema::Wording,
        state::HttpState,
    },
    store::role::{role, update_role},
};

/// The rules that guard one way of dealing with a role.
struct Actions {
    /// With a role of no domain.
    global: &'static str,
    /// With a role of a domain.
    domain: &'static str,
}

/// `GET /v3/roles/{role_id}`.
pub(in crate::http) async fn show(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    let actions = Actions { global: "identity:get_role", domain: "identity:get_domain_role" };
    let found = permitted(&state, &caller, &actions, &id).await?;
    Ok(Json(wrap_member::<Roles>(Roles::wire(&found), &state, &inbound)))
}

/// `PATCH /v3/roles/{role_id}`.
pub(in crate::http) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    UPDATE.check(&body(&inbound), Wording::Brief)?;
    let actions = Actions { global: "identity:update_role", domain: "identity:update_domain_role" };
    permitted(&state, &inbound.caller()?, &actions, &id).await?;
    let attributes = given(&inbound, Roles::MEMBER)?;
    require_matching_id(&attributes, &id)?;

    let mut change = Change::begin(&state).await?;
    let no_such_role = || ApiError::no_such("role", &id);
    let found = change.run(role(&id.as_str().into())).await?.ok_or_else(no_such_role)?;
    let changed = changed(found, &attributes)?;
    if !update_role(&mut change.transaction, &changed).await.map_err(on_duplicate("role", &attributes))? {
        return Err(no_such_role());
    }
    change.commit().await?;
    Ok(Json(wrap_member::<Roles>(Roles::wire(&changed), &state, &inbound)))
}

/// The role with what the client wants of it.
fn changed(role: Role, attributes: &Map<String, Value>) -> Result<Role, ApiError> {
    let immutable = immutable_among(attributes);
    // Nothing but this can be changed of an immutable role, and only alone.
    if role.immutable == Some(true) && (attributes.len() > 1 || !matches!(immutable, Some(None | Some(false)))) {
        return Err(refused(&role, "update"));
    }
    if attributes.get("domain_id").is_some_and(|given| given.as_str() != role.domain_id.as_ref().map(|id| id.as_str()))
    {
        return Err(ApiError::invalid("Update of `domain_id` is not allowed."));
    }
    let mut changed = role;
    if let Some(name) = text(attributes, "name") {
        changed.name = name;
    }
    if let Some(description) = attributes.get("description") {
        changed.description = description.as_str().map(str::to_owned);
        if let Some(description) = &changed.description {
            fits(description, "description", 255)?;
        }
    }
    changed.immutable = immutable.unwrap_or(changed.immutable);
    changed.extra.extend(extra_attributes(attributes)?);
    Ok(changed)
}

/// `DELETE /v3/roles/{role_id}`.
pub(in crate::http) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let actions = Actions { global: "identity:delete_role", domain: "identity:delete_domain_role" };
    permitted(&state, &caller, &actions, &id).await?;
    let mut change = Change::begin(&state).await?;
    let no_such_role = || ApiError::no_such("role", &id);
    let found = change.run(role(&id.as_str().into())).await?.ok_or_else(no_such_role)?;
    if found.immutable == Some(true) {
        return Err(refused(&found, "delete"));
    }
    let moment = change.moment;
    if !delete_role(&mut change.transaction, &found.id, &moment).await? {
        return Err(no_such_role());
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The role with this id, for a caller who may do that to it. That there is none is said to everybody who has a token.
///
/// # Errors
///
/// 404 where there is none; 403 for who may not.
async fn permitted(state: &HttpState, caller: &Caller, actions: &Actions, id: &str) -> Result<Role, ApiError> {
    let found = state.store.run(role(&id.into())).await?.ok_or_else(|| ApiError::no_such("role", id))?;
    let action = if found.domain_id.is_some() { actions.domain } else { actions.global };
    caller.may(action).path("role_id", id).about(Roles::MEMBER, Roles::wire(&found)).in_general(state).await?;
    Ok(found)
}

fn refused(role: &Role, what: &str) -> ApiError {
    ApiError::Refused {
        message: format!(
            "Unable to {what} immutable role resource: `{}. Set resource option \"immutable\" to false first.",
            role.id
        ),
    }
}
