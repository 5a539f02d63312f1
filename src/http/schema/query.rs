//! What the query strings of list requests must look like.
//!
//! Keystone checks them before it asks who is calling: a bad one is a 400 even without a token. Some lists take any query,
//! and so does nearly every request for a single resource.

use serde_json::{Map, Value, json};

use super::{Schema, Violation, Wording};

/// Checks a query string, given as its decoded names and values in their order. Of a name that is there several times
/// the first value counts.
///
/// # Errors
///
/// The fault that Keystone would name first.
pub fn check<'q>(schema: &Schema, parameters: impl IntoIterator<Item = (&'q str, &'q str)>) -> Result<(), Violation> {
    let mut query = Map::new();
    for (name, value) in parameters {
        query.entry(name).or_insert_with(|| Value::from(value));
    }
    schema.check(&Value::Object(query), Wording::Brief)
}

/// The texts that Keystone takes for a truth value, besides none at all.
pub fn boolean() -> Value {
    json!({
        "type": ["boolean", "string", "null"],
        "enum": [
            true, "True", "TRUE", "true", false, "False", "FALSE", "false", "", "1", "0", "y", "Y", "n", "N", "on",
            "ON", "off", "OFF", "yes", "no",
        ],
    })
}
