//! `/v3/roles/{prior_role_id}/implies`: which roles a role brings (`keystone/api/_shared/implied_roles.py`).

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::Roles;
use crate::{
    domain::role::{ImpliedRole, Role},
    http::{
        caller::Caller,
        error::ApiError,
        inbound::{Facts, Inbound},
        json::Json,
        resource::{Change, Resource},
        state::HttpState,
    },
    store::role::{create_implied_role, delete_implied_role, is_implied, role, roles_implied_by},
};

/// The two ids of the path.
type Ids = Path<(String, String)>;

/// `GET /v3/roles/{prior_role_id}/implies`.
pub(in crate::http) async fn list_implied(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(prior_id): Path<String>,
) -> Result<Json, ApiError> {
    let prior = existing(&state, &prior_id).await?;
    let target = Map::from_iter([("prior_role".to_owned(), Roles::wire(&prior).into())]);
    caller.may("identity:list_implied_roles").path("prior_role_id", &prior_id).on_target(&state, target)?;
    let implied = state.store.run(roles_implied_by(&prior.id)).await?;
    let implied: Vec<Value> = implied.iter().map(|role| named(role, &state, &inbound)).collect();
    let path = format!("roles/{prior_id}/implies");
    Ok(Json(inference(&prior, implied.into(), &path, &state, &inbound)))
}

/// `GET /v3/roles/{prior_role_id}/implies/{implied_role_id}`.
pub(in crate::http) async fn show_implied(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(ids): Ids,
) -> Result<Json, ApiError> {
    permitted(&state, &caller, &["identity:get_implied_role"], &ids).await?;
    require_rule(&state, &ids).await?;
    Ok(Json(Pair::read(&state, &ids).await?.wire(&state, &inbound)))
}

/// `HEAD`, which has a rule of its own besides that of `GET`, and no content.
pub(in crate::http) async fn check_implied(
    State(state): State<HttpState>,
    caller: Caller,
    Path(ids): Ids,
) -> Result<StatusCode, ApiError> {
    let actions = ["identity:check_implied_role", "identity:get_implied_role"];
    permitted(&state, &caller, &actions, &ids).await?;
    require_rule(&state, &ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT`: lets one role bring another. A role may bring itself, and roles each other.
pub(in crate::http) async fn create_implied(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(ids): Ids,
) -> Result<(StatusCode, Json), ApiError> {
    permitted(&state, &caller, &["identity:create_implied_role"], &ids).await?;
    let pair = Pair::read(&state, &ids).await?;
    let is_prohibited = state.settings.identity.prohibited_implied_roles.contains(&pair.implied.name);
    if is_prohibited || pair.prior.domain_id.is_none() && pair.implied.domain_id.is_some() {
        let message = format!("{} cannot be an implied roles.", pair.implied.id);
        return Err(ApiError::Refused { message });
    }
    let mut change = Change::begin(&state).await?;
    if !create_implied_role(&mut change.transaction, &rule(&ids)).await? {
        return Err(ApiError::Conflict { kind: "implied_role".to_owned(), details: "Duplicate entry".to_owned() });
    }
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(pair.wire(&state, &inbound))))
}

/// `DELETE`: lets one role no longer bring another.
pub(in crate::http) async fn delete_implied(
    State(state): State<HttpState>,
    caller: Caller,
    Path(ids): Ids,
) -> Result<StatusCode, ApiError> {
    permitted(&state, &caller, &["identity:delete_implied_role"], &ids).await?;
    let mut change = Change::begin(&state).await?;
    if !delete_implied_role(&mut change.transaction, &rule(&ids)).await? {
        return Err(no_such_rule(&ids));
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A role that brings, or may bring, another.
struct Pair {
    prior: Role,
    implied: Role,
}

impl Pair {
    /// Looks the implied role up first, as Keystone does where no rule made it look before.
    async fn read(state: &HttpState, (prior_id, implied_id): &(String, String)) -> Result<Self, ApiError> {
        let implied = existing(state, implied_id).await?;
        Ok(Self { prior: existing(state, prior_id).await?, implied })
    }

    fn wire(&self, state: &HttpState, inbound: &Facts) -> Value {
        let path = format!("roles/{}/implies/{}", self.prior.id, self.implied.id);
        inference(&self.prior, named(&self.implied, state, inbound), &path, state, inbound)
    }
}

fn rule((prior_id, implied_id): &(String, String)) -> ImpliedRole {
    ImpliedRole { prior: prior_id.as_str().into(), implied: implied_id.as_str().into() }
}

async fn require_rule(state: &HttpState, ids: &(String, String)) -> Result<(), ApiError> {
    if state.store.run(is_implied(&rule(ids))).await? { Ok(()) } else { Err(no_such_rule(ids)) }
}

fn no_such_rule((prior_id, implied_id): &(String, String)) -> ApiError {
    ApiError::not_found(format!("{prior_id} does not imply {implied_id}."))
}

/// Looks both up, and asks whether the caller may do all of that. Who has a token learns which roles there are.
///
/// # Errors
///
/// 404 where one of the two is not there; 403 for who may not.
async fn permitted(
    state: &HttpState,
    caller: &Caller,
    actions: &[&'static str],
    (prior_id, implied_id): &(String, String),
) -> Result<(), ApiError> {
    let target = match caller.is_above_policy() {
        true => Map::new(),
        false => Map::from_iter([
            ("prior_role".to_owned(), Roles::wire(&existing(state, prior_id).await?).into()),
            ("implied_role".to_owned(), Roles::wire(&existing(state, implied_id).await?).into()),
        ]),
    };
    for action in actions {
        let question = caller.may(action).path("prior_role_id", prior_id).path("implied_role_id", implied_id);
        question.on_target(state, target.clone())?;
    }
    Ok(())
}

async fn existing(state: &HttpState, id: &str) -> Result<Role, ApiError> {
    state.store.run(role(&id.into())).await?.ok_or_else(|| ApiError::no_such("role", id))
}

/// A role by its id and name.
pub(in crate::http::v3) fn named(role: &Role, state: &HttpState, inbound: &Facts) -> Value {
    let link = state.url(inbound, &format!("{}/{}", Roles::COLLECTION, role.id));
    json!({ "id": role.id.as_str(), "links": { "self": link }, "name": role.name })
}

fn inference(prior: &Role, implies: Value, path: &str, state: &HttpState, inbound: &Facts) -> Value {
    json!({
        "role_inference": { "prior_role": named(prior, state, inbound), "implies": implies },
        "links": { "self": state.url(inbound, path) },
    })
}
