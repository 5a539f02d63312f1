//! `POST /v3/policies`.

use axum::extract::State;
use hyper::StatusCode;
use serde_json::Value;

use super::{COLUMNS, Policies, schema};
use crate::{
    domain::service_policy::ServicePolicy,
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Resource,
            attributes::{extra, linkable, normalized, text},
        },
        schema::Wording,
        state::HttpState,
    },
    store::policy::create_policy,
};

/// Makes a policy.
pub(in crate::http) async fn create(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<(StatusCode, Json), ApiError> {
    caller.may("identity:create_policy").in_general(&state).await?;
    let given = schema::given(&inbound);
    schema::CREATE.check(&given, Wording::Full)?;
    let Value::Object(attributes) = given else { return Err(ApiError::expecting("policy", "request body")) };
    let attributes = normalized(attributes);
    let mut change = Change::begin(&state).await?;
    let policy = ServicePolicy {
        id: change.new_id(),
        policy_type: text(&attributes, "type").unwrap_or_default(),
        blob: attributes.get("blob").cloned().unwrap_or_default(),
        extra: linkable(extra(&attributes, &COLUMNS))?,
    };
    create_policy(&mut change.transaction, &policy).await?;
    change.commit().await?;
    Ok((StatusCode::CREATED, Json(wrap_member::<Policies>(Policies::wire(&policy), &state, &inbound))))
}
