//! What the query strings of list requests must look like.
//!
//! Keystone checks them before it asks who is calling: a bad one is a 400 even without a token. The lists of services,
//! of a user's projects and of the caller's own projects and domains take any query, and so does every request for a
//! single resource.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Schema, Violation, Wording};

/// A list whose query string is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListQuery {
    /// `/v3/projects` (`keystone.resource.schema`).
    Projects,
    /// `/v3/regions` (`keystone.catalog.schema`): the only one that allows nothing but its filters.
    Regions,
    /// `/v3/endpoints` (`keystone.catalog.schema`).
    Endpoints,
}

impl ListQuery {
    /// Checks a query string, given as its decoded names and values in their order. Of a name that is there several times
    /// the first value counts.
    ///
    /// # Errors
    ///
    /// The fault that Keystone would name first.
    pub fn check<'q>(self, parameters: impl IntoIterator<Item = (&'q str, &'q str)>) -> Result<(), Violation> {
        let mut query = Map::new();
        for (name, value) in parameters {
            query.entry(name).or_insert_with(|| Value::from(value));
        }
        let schema = match self {
            Self::Projects => &PROJECTS,
            Self::Regions => &REGIONS,
            Self::Endpoints => &ENDPOINTS,
        };
        schema.check(&Value::Object(query), Wording::Brief)
    }
}

/// The texts that Keystone takes for a truth value, besides none at all.
fn boolean() -> Value {
    json!({
        "type": ["boolean", "string", "null"],
        "enum": [
            true, "True", "TRUE", "true", false, "False", "FALSE", "false", "", "1", "0", "y", "Y", "n", "N", "on",
            "ON", "off", "OFF", "yes", "no",
        ],
    })
}

static PROJECTS: LazyLock<Schema> = LazyLock::new(|| {
    let tags = json!({ "type": "string" });
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "domain_id": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$" },
            "enabled": boolean(),
            "name": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": r"[\S]+" },
            "parent_id": { "type": "string", "format": "uuid" },
            "is_domain": boolean(),
            "tags": tags,
            "tags-any": tags,
            "not-tags": tags,
            "not-tags-any": tags,
            "marker": { "type": "string" },
            "limit": { "type": ["integer", "string"] },
        },
        "additionalProperties": true,
    }))
});

static REGIONS: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": { "parent_region_id": { "type": ["string", "null"], "minLength": 1, "maxLength": 255 } },
        "additionalProperties": false,
    }))
});

static ENDPOINTS: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": {
            "interface": { "type": "string", "enum": ["admin", "internal", "public"] },
            "region_id": { "type": ["string", "null"] },
            "service_id": { "type": "string" },
        },
        "additionalProperties": true,
    }))
});
