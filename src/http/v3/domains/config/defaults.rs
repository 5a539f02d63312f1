//! `GET /v3/domains/config/[{group}/[{option}/]]default`: what holds for domains without a configuration of their own.

use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use super::options::{check_place, invalid, open_group, wrapped};
use crate::{
    http::{caller::Caller, error::ApiError, json::Json, state::HttpState},
    store::domain_config::Part,
};

const ACTION: &str = "identity:get_domain_config_default";

/// Every option that is shown.
pub(in crate::http) async fn defaults(State(state): State<HttpState>, caller: Caller) -> Result<Json, ApiError> {
    caller.may(ACTION).in_general(&state).await?;
    let groups = &state.settings.domain_config.open;
    Ok(wrapped(groups.iter().map(|(group, options)| (group.clone(), object(options))).collect()))
}

/// Those of a group.
pub(in crate::http) async fn default_group(
    State(state): State<HttpState>,
    caller: Caller,
    Path(group): Path<String>,
) -> Result<Json, ApiError> {
    caller.may(ACTION).path("group", &group).in_general(&state).await?;
    let settings = &state.settings.domain_config;
    check_place(settings, Part::Group(&group))?;
    // A group of sensitive options alone has nothing to show.
    let options = open_group(settings, &group).unwrap_or_default();
    Ok(wrapped(if options.is_empty() { json!({}) } else { json!({ group: object(options) }) }))
}

/// One.
pub(in crate::http) async fn default_option(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group, option)): Path<(String, String)>,
) -> Result<Json, ApiError> {
    caller.may(ACTION).path("group", &group).path("option", &option).in_general(&state).await?;
    let settings = &state.settings.domain_config;
    check_place(settings, Part::Option(&group, &option))?;
    let options = open_group(settings, &group).unwrap_or_default();
    match options.iter().find(|(name, _)| *name == option) {
        Some((_, value)) => Ok(wrapped(json!({ option: value }))),
        None => Err(invalid(&format!("Reading the default for option {option} in group {group} is not supported"))),
    }
}

fn object(options: &[(String, Value)]) -> Value {
    Value::Object(options.iter().cloned().collect::<Map<_, _>>())
}
