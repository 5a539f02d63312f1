//! `GET /v3/limits/model`: what limits of projects have to do with each other.

use axum::extract::State;
use serde_json::json;

use crate::http::{caller::Caller, error::ApiError, json::Json, settings::LimitModel, state::HttpState};

/// Tells the configured model, in Keystone's words.
pub(in crate::http) async fn model(State(state): State<HttpState>, caller: Caller) -> Result<Json, ApiError> {
    caller.may("identity:get_limit_model").in_general(&state).await?;
    let (name, description) = match state.settings.limit_model {
        LimitModel::Flat => {
            ("flat", "Limit enforcement and validation does not take project hierarchy into consideration.")
        }
        LimitModel::StrictTwoLevel => {
            ("strict_two_level", "This model requires project hierarchy never exceeds a depth of two")
        }
    };
    Ok(Json(json!({ "model": { "name": name, "description": description } })))
}
