//! `GET /v3/auth/system`.

use axum::extract::State;
use serde_json::{Value, json};

use super::{federated_groups, holder};
use crate::http::{caller::Caller, error::ApiError, inbound::Inbound, json::Json, state::HttpState};

/// Whether the caller can get a token for the system. Only roles of the user itself, and of groups that a federated login
/// brought, count here: a token for the system is also given for those of other groups.
pub(in crate::http) async fn system(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:get_auth_system").in_general(&state).await?;
    let is_held = match holder(&caller) {
        Some(holder) => {
            let holdings = state.roles.for_system(holder, state.clock.now()).await?;
            !holdings.directly_on_system(federated_groups(&caller)).is_empty()
        }
        None => false,
    };
    let scopes = if is_held { vec![json!({ "all": true })] } else { Vec::<Value>::new() };
    Ok(Json(json!({ "system": scopes, "links": { "self": state.url(&inbound, "auth/system") } })))
}
