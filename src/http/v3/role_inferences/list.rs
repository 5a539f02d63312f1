//! `GET /v3/role_inferences`.

use std::collections::HashMap;

use axum::extract::State;
use serde_json::{Value, json};

use crate::{
    domain::ids::RoleId,
    http::{caller::Caller, error::ApiError, inbound::Inbound, json::Json, state::HttpState, v3::roles::named},
    store::role::{RoleFilter, implied_roles, roles},
};

/// Every rule that one role brings another, by the roles that bring.
pub(in crate::http) async fn list(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:list_role_inference_rules").in_general(&state).await?;
    let (rules, roles) = state.store.run_batch((implied_roles(), roles(&RoleFilter::default()))).await?;
    let roles: HashMap<RoleId, Value> =
        roles.into_iter().map(|role| (role.id.clone(), named(&role, &state, &inbound))).collect();
    let mut inferences: Vec<(RoleId, Vec<Value>)> = Vec::new();
    for rule in rules {
        // Foreign keys see to it that both are there.
        let Some(implied) = roles.get(&rule.implied).cloned() else { continue };
        match inferences.iter_mut().find(|(prior, _)| *prior == rule.prior) {
            Some((_, implies)) => implies.push(implied),
            None => inferences.push((rule.prior, vec![implied])),
        }
    }
    let inferences: Vec<Value> = inferences
        .into_iter()
        .filter_map(|(prior, implies)| Some(json!({ "prior_role": roles.get(&prior)?, "implies": implies })))
        .collect();
    Ok(Json(json!({ "role_inferences": inferences })))
}
