//! `PATCH /v3/policies/{policy_id}`.

use axum::extract::{Path, State};
use serde_json::Value;

use super::{COLUMNS, Policies, schema};
use crate::{
    http::{
        caller::Caller,
        collection::wrap_member,
        error::ApiError,
        inbound::Inbound,
        json::Json,
        resource::{
            Change, Readable, Resource,
            attributes::{extra, linkable, text},
        },
        schema::Wording,
        state::HttpState,
    },
    store::policy::{policy, update_policy},
};

/// Changes a policy. An id among its attributes must be the one in the path: here even null is another.
pub(in crate::http) async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json, ApiError> {
    caller.may("identity:update_policy").path(Policies::ID, &id).in_general(&state).await?;
    let given = schema::given(&inbound);
    schema::UPDATE.check(&given, Wording::Full)?;
    let Value::Object(attributes) = given else { return Err(ApiError::expecting("policy", "request body")) };
    if attributes.get("id").is_some_and(|said| said.as_str() != Some(&id)) {
        return Err(ApiError::invalid("Cannot change policy ID"));
    }
    let mut change = Change::begin(&state).await?;
    let mut policy = change.run(policy(&id)).await?.ok_or_else(|| Policies::absent(&id))?;
    policy.policy_type = text(&attributes, "type").unwrap_or(policy.policy_type);
    policy.blob = attributes.get("blob").cloned().unwrap_or(policy.blob);
    policy.extra.extend(linkable(extra(&attributes, &COLUMNS))?);
    update_policy(&mut change.transaction, &policy).await?;
    change.commit().await?;
    Ok(Json(wrap_member::<Policies>(Policies::wire(&policy), &state, &inbound)))
}
