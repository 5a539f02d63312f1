//! Configuring a domain: all of it, a group, an option.

use axum::{
    extract::State,
    routing::{MethodRouter, get},
};
use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Names, Place,
    options::{check_place, checked, config_of, invalid, not_found, sorted, wrapped},
    show, stored,
};
use crate::{
    domain::ids::DomainId,
    http::{
        caller::Caller, error::ApiError, inbound::Inbound, json::Json, resource::Change,
        settings::DomainConfigSettings, state::HttpState,
    },
    store::domain_config::{self, Part, open_options, sensitive_options},
};

/// What the configuration, its groups and its options have in common.
pub(in crate::http) fn route() -> MethodRouter<HttpState> {
    let read = async |State(state): State<HttpState>, caller: Caller, names: Names| {
        show(&state, &caller, &Place::of(names)).await
    };
    get(read).patch(update).delete(delete)
}

/// `PUT /v3/domains/{domain_id}/config`: this configuration and nothing else. 201 where there was none.
pub(in crate::http) async fn replace(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    names: Names,
) -> Result<(StatusCode, Json), ApiError> {
    let place = Place::of(names);
    place.authorize(&state, &caller, "identity:create_domain_config").await?;
    place.check_domain(&state).await?;
    let settings = &state.settings.domain_config;
    let groups = checked(settings, &config_of(inbound.body.as_ref()))?;
    let domain_id = DomainId::from(place.domain_id.as_str());
    let mut change = Change::begin(&state).await?;
    let is_new = configured(&mut change, &domain_id, Part::All).await?.is_empty();
    domain_config::delete(&mut change.transaction, &domain_id, Part::All).await?;
    let options = sorted(settings, groups);
    domain_config::put(&mut change.transaction, &domain_id, &options.open, &options.sensitive).await?;
    change.commit().await?;
    let shown = if options.open.is_empty() { json!({}) } else { stored(&state, &place).await? };
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, wrapped(shown)))
}

/// `PATCH`: the options of the body, beside those that are there. A group or an option in the URL must be there already.
async fn update(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
    names: Names,
) -> Result<Json, ApiError> {
    let place = Place::of(names);
    place.authorize(&state, &caller, "identity:update_domain_config").await?;
    place.check_domain(&state).await?;
    let settings = &state.settings.domain_config;
    let mut config = config_of(inbound.body.as_ref());
    // The body for an option leaves out the group.
    if let Part::Option(group, _) = place.part() {
        config = json!({ group: config });
    }
    let groups = checked(settings, &config)?;
    check_subject(settings, &groups, place.part())?;
    let domain_id = DomainId::from(place.domain_id.as_str());
    let mut change = Change::begin(&state).await?;
    if place.group.is_some() && configured(&mut change, &domain_id, place.part()).await?.is_empty() {
        return Err(not_found(&place.domain_id, place.part()));
    }
    let options = sorted(settings, groups);
    domain_config::put(&mut change.transaction, &domain_id, &options.open, &options.sensitive).await?;
    change.commit().await?;
    // Where there is nothing to show, this is a 404 after the change, as it is in Keystone.
    let whole = Place { domain_id: place.domain_id, group: None, option: None };
    Ok(wrapped(stored(&state, &whole).await?))
}

/// `DELETE`. A group or an option must be there.
async fn delete(State(state): State<HttpState>, caller: Caller, names: Names) -> Result<StatusCode, ApiError> {
    let place = Place::of(names);
    place.authorize(&state, &caller, "identity:delete_domain_config").await?;
    place.check_domain(&state).await?;
    check_place(&state.settings.domain_config, place.part())?;
    let domain_id = DomainId::from(place.domain_id.as_str());
    let mut change = Change::begin(&state).await?;
    if let Some(group) = &place.group {
        let values = configured(&mut change, &domain_id, Part::Group(group)).await?;
        if values.is_empty() {
            return Err(not_found(&place.domain_id, Part::Group(group)));
        }
        // An option whose value is empty counts as not there.
        let found = |option: &String| values.get(option).is_some_and(crate::http::v3::projects::is_true);
        if place.option.as_ref().is_some_and(|option| !found(option)) {
            return Err(not_found(&place.domain_id, place.part()));
        }
    }
    domain_config::delete(&mut change.transaction, &domain_id, place.part()).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The values of what is configured, sensitive or not, by option.
async fn configured(
    change: &mut Change<'_>,
    domain_id: &DomainId,
    part: Part<'_>,
) -> Result<Map<String, Value>, ApiError> {
    let mut values = Map::new();
    for query in [open_options(domain_id, part), sensitive_options(domain_id, part)] {
        values.extend(change.run(query).await?.into_iter().map(|found| (found.option, found.value)));
    }
    Ok(values)
}

/// What is changed by the URL of a group or an option is that and nothing else.
fn check_subject(settings: &DomainConfigSettings, groups: &Map<String, Value>, part: Part<'_>) -> Result<(), ApiError> {
    check_place(settings, part)?;
    let (group, option) = match part {
        Part::All => return Ok(()),
        Part::Group(group) => (group, None),
        Part::Option(group, option) => (group, Some(option)),
    };
    let options = groups.get(group).and_then(Value::as_object);
    let first = |names: &Map<String, Value>| names.keys().next().cloned().unwrap_or_default();
    match (option, options) {
        (Some(option), Some(options)) if options.len() != 1 => Err(invalid(&format!(
            "Trying to update option {option} in group {group}, so that, and only that, option must be specified  in the \
             config"
        ))),
        (Some(option), Some(options)) if !options.contains_key(option) => Err(invalid(&format!(
            "Trying to update option {option} in group {group}, but config provided contains option {} instead",
            first(options)
        ))),
        (None, _) if groups.len() != 1 => Err(invalid(&format!(
            "Trying to update group {group}, so that, and only that, group must be specified in the config"
        ))),
        (None, None) => Err(invalid(&format!(
            "request to update group {group}, but config provided contains group {} instead",
            first(groups)
        ))),
        _ => Ok(()),
    }
}
