//! What a policy must look like (`keystone/policy/schema.py`): the object under `policy`, and not the body around it.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::{inbound::Facts, schema::Schema};

/// `POST /v3/policies`.
pub(super) static CREATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": properties(),
        "required": ["blob", "type"],
        "additionalProperties": true,
    }))
});

/// `PATCH /v3/policies/{policy_id}`.
pub(super) static UPDATE: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builtin(json!({
        "type": "object",
        "properties": properties(),
        "minProperties": 1,
        "additionalProperties": true,
    }))
});

/// What stands under `policy` in the body; `{}` where nothing does.
pub(super) fn given(inbound: &Facts) -> Value {
    let given = inbound.body.as_ref().and_then(|body| body.get("policy"));
    given.cloned().unwrap_or_else(|| json!({}))
}

fn properties() -> Value {
    json!({ "blob": { "type": "string" }, "type": { "type": "string", "maxLength": 255 } })
}
