//! `/v3/domains/{domain_id}/config` and `/v3/domains/config/.../default`: what is configured for a domain alone.
//!
//! Facts: `keystone/api/domains.py` and `DomainConfigManager` in `keystone/resource/core.py`. Fernstone reads the users of
//! every domain from its database, so that these options are kept for clients and have no effect.

mod defaults;
mod options;
mod write;

pub(in crate::http) use self::{
    defaults::{default_group, default_option, defaults},
    write::{replace, route},
};

use std::collections::HashMap;

use axum::extract::Path;
use serde_json::{Map, Value, json};

use self::options::{check_place, not_found, security_compliance, wrapped};
use crate::{
    http::{caller::Caller, error::ApiError, json::Json, state::HttpState},
    store::domain_config::{Part, open_options},
};

/// Which part of which domain's configuration a URL means.
#[derive(Debug)]
struct Place {
    domain_id: String,
    group: Option<String>,
    option: Option<String>,
}

/// The parameters of the path by their names.
type Names = Path<HashMap<String, String>>;

impl Place {
    fn of(Path(mut names): Names) -> Self {
        Self {
            domain_id: names.remove("domain_id").unwrap_or_default(),
            group: names.remove("group"),
            option: names.remove("option"),
        }
    }

    fn part(&self) -> Part<'_> {
        match (&self.group, &self.option) {
            (Some(group), Some(option)) => Part::Option(group, option),
            (Some(group), None) => Part::Group(group),
            (None, _) => Part::All,
        }
    }

    async fn authorize(&self, state: &HttpState, caller: &Caller, action: &'static str) -> Result<(), ApiError> {
        let mut question = caller.may(action).path("domain_id", &self.domain_id);
        for (name, value) in [("group", &self.group), ("option", &self.option)] {
            if let Some(value) = value {
                question = question.path(name, value);
            }
        }
        question.in_general(state).await.map(drop)
    }

    async fn check_domain(&self, state: &HttpState) -> Result<(), ApiError> {
        match state.store.domain(&self.domain_id.as_str().into()).await? {
            Some(_) => Ok(()),
            None => Err(ApiError::no_such("domain", &self.domain_id)),
        }
    }
}

/// `GET`: the whole configuration, a group or an option, without what is sensitive. That there is no such domain is found
/// out last.
async fn show(state: &HttpState, caller: &Caller, place: &Place) -> Result<Json, ApiError> {
    let config = if place.group.as_deref() == Some("security_compliance") {
        place.authorize(state, caller, "identity:get_security_compliance_domain_config").await?;
        security_compliance(&state.settings, &place.domain_id, place.option.as_deref())?
    } else {
        place.authorize(state, caller, "identity:get_domain_config").await?;
        stored(state, place).await?
    };
    place.check_domain(state).await?;
    Ok(wrapped(config))
}

/// What is stored for a domain, as it is shown.
async fn stored(state: &HttpState, place: &Place) -> Result<Value, ApiError> {
    check_place(&state.settings.domain_config, place.part())?;
    let found = state.store.run(open_options(&place.domain_id.as_str().into(), place.part())).await?;
    if found.is_empty() {
        return Err(not_found(&place.domain_id, place.part()));
    }
    if let (Some(option), Some(found)) = (&place.option, found.first()) {
        return Ok(json!({ option: found.value }));
    }
    let mut config: Map<String, Value> = Map::new();
    for found in found {
        let group = config.entry(found.group).or_insert_with(|| json!({}));
        group[found.option] = found.value;
    }
    Ok(Value::Object(config))
}
