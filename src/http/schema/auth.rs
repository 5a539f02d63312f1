//! What `POST /v3/auth/tokens` must look like (`keystone.auth.schema`).
//!
//! The schema is deliberately loose, as Keystone's is: blocks of methods that it does not name, and properties that it
//! does not know, pass. `system.all` may be null, because of how Keystone shares one schema between places.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Schema, Violation, Wording};

static TOKEN_REQUEST: LazyLock<Schema> = LazyLock::new(|| {
    let id_or_name = json!({
        "type": "object",
        "properties": { "id": { "type": "string" }, "name": { "type": "string" } },
    });
    let identity = json!({
        "type": "object",
        "properties": {
            "methods": { "type": "array", "items": { "type": "string" } },
            "password": {
                "type": "object",
                "properties": {
                    "user": {
                        "type": "object",
                        "properties": {
                            "id": { "type": "string" },
                            "name": { "type": "string" },
                            "password": { "type": "string" },
                            "domain": id_or_name,
                        },
                    },
                },
            },
            "token": {
                "type": "object",
                "properties": { "id": { "type": "string" } },
                "required": ["id"],
            },
        },
        "required": ["methods"],
    });
    let scope = json!({
        "type": ["object", "string"],
        "properties": {
            "project": {
                "type": "object",
                "properties": {
                    "name": { "type": "string" },
                    "id": { "type": "string" },
                    "domain": id_or_name,
                },
            },
            "domain": id_or_name,
            "OS-TRUST:trust": { "type": "object", "properties": { "id": { "type": "string" } } },
            "system": {
                "type": "object",
                "properties": { "all": { "type": "boolean", "enum": [true, false, null] } },
            },
        },
    });
    Schema::builtin(json!({
        "type": "object",
        "properties": { "identity": identity, "scope": scope },
        "required": ["identity"],
    }))
});

/// Checks the `auth` object of a request body.
///
/// # Errors
///
/// The fault that Keystone would name first: one against the schema, or a user, domain or project that is named neither
/// by id nor by name.
pub fn check_token_request(auth: &Value) -> Result<(), Violation> {
    TOKEN_REQUEST.check(auth, Wording::Full)?;
    let user = &auth["identity"]["password"]["user"];
    named(user, "identity/password/user")?;
    named(&user["domain"], "identity/password/user/domain")?;
    // A scope that is a text has no members.
    let scope = &auth["scope"];
    named(&scope["project"], "scope/project")?;
    named(&scope["project"]["domain"], "scope/project/domain")?;
    named(&scope["domain"], "scope/domain")
}

/// An object has to have an id or a name; what is not there is not looked at.
fn named(object: &Value, place: &str) -> Result<(), Violation> {
    match object.as_object() {
        Some(members) if !members.contains_key("id") && !members.contains_key("name") => {
            Err(Violation::in_words(place, "id or name must be present."))
        }
        _ => Ok(()),
    }
}
