//! What a client says about a user, and what of it Keystone refuses beyond the schema (`identity/core.py`).

use serde_json::{Map, Value};

use crate::{
    auth::new_password::NewPasswordError,
    domain::{ids::ProjectId, python, secret::SecretText, user::FederatedIdentity},
    http::{
        error::ApiError,
        resource::attributes::{extra, fits, linkable, text},
        state::HttpState,
    },
    store::identity::known_protocols,
};

/// Attributes with a column or a place of their own. `extra` in a body is what the answer to a change calls the others: it
/// is ignored, and so is when the password expires.
const PLACED: &[&str] = &[
    "id",
    "name",
    "domain_id",
    "password",
    "enabled",
    "default_project_id",
    "password_expires_at",
    "options",
    "federated",
    "extra",
];

/// The password among the attributes: `None` if there is none, `Some(None)` for null.
pub(super) fn password(attributes: &Map<String, Value>) -> Option<Option<SecretText>> {
    attributes.get("password").map(|password| password.as_str().map(SecretText::new))
}

/// The name without white space around it.
pub(super) fn name(attributes: &Map<String, Value>) -> Option<String> {
    text(attributes, "name").map(|name| python::strip(&name).to_owned())
}

/// What goes into the `extra` column.
///
/// # Errors
///
/// There is no room for links.
pub(super) fn extra_attributes(attributes: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    linkable(extra(attributes, PLACED))
}

/// The default project among the attributes: `None` if it is not said, `Some(None)` for null.
///
/// # Errors
///
/// It acts as a domain, or is no id. That it exists is not asked for.
pub(super) async fn default_project(
    state: &HttpState,
    attributes: &Map<String, Value>,
) -> Result<Option<Option<ProjectId>>, ApiError> {
    let Some(given) = attributes.get("default_project_id") else { return Ok(None) };
    let Some(id) = given.as_str() else { return Ok(Some(None)) };
    if state.store.project(&id.into()).await?.is_some_and(|project| project.is_domain) {
        return Err(ApiError::invalid(format!("User's default project ID cannot be a domain ID: {id}")));
    }
    fits(id, "default_project_id", 64)?;
    Ok(Some(Some(id.into())))
}

/// What identity providers shall know the user by, if the client says anything about it. An empty list says nothing.
///
/// # Errors
///
/// There is no such identity provider, or no such protocol of it.
pub(super) async fn federated(
    state: &HttpState,
    attributes: &Map<String, Value>,
) -> Result<Option<Vec<FederatedIdentity>>, ApiError> {
    let Some(providers) = attributes.get("federated").and_then(Value::as_array).filter(|list| !list.is_empty()) else {
        return Ok(None);
    };
    let member = |object: &Value, name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let idp_ids: Vec<String> = providers.iter().map(|provider| member(provider, "idp_id")).collect();
    let known = state.store.run(known_protocols(&idp_ids)).await?;
    let mut identities = Vec::new();
    for (provider, idp_id) in providers.iter().zip(&idp_ids) {
        if !known.iter().any(|(known, _)| known == idp_id) {
            return Err(ApiError::invalid(format!("Could not find Identity Provider: {idp_id}")));
        }
        for protocol in provider.get("protocols").and_then(Value::as_array).into_iter().flatten() {
            let protocol_id = member(protocol, "protocol_id");
            if !known.iter().any(|(known, protocol)| known == idp_id && protocol.as_ref() == Some(&protocol_id)) {
                return Err(ApiError::invalid(format!(
                    "Could not find federated protocol {protocol_id} for Identity Provider: {idp_id}."
                )));
            }
            let unique_id = member(protocol, "unique_id");
            fits(&unique_id, "unique_id", 255)?;
            identities.push(FederatedIdentity { idp_id: idp_id.clone(), protocol_id, unique_id });
        }
    }
    Ok(Some(identities))
}

impl From<NewPasswordError> for ApiError {
    fn from(error: NewPasswordError) -> Self {
        match error {
            NewPasswordError::Requirements(_) | NewPasswordError::NotAText => Self::invalid(error.to_string()),
            NewPasswordError::TooLong { .. } => Self::Refused { message: error.to_string() },
            NewPasswordError::Overloaded => Self::unavailable("hashing passwords", error),
        }
    }
}
