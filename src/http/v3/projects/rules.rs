//! What projects and domains must be like, beyond their schemas (`keystone/resource/core.py`).

use serde_json::{Map, Value};

use crate::{
    domain::resource::Project,
    http::{
        error::ApiError,
        resource::attributes::{extra, linkable},
        settings::ResourceSettings,
    },
    store::StoreError,
};

/// Attributes with a column or a place of their own. `extra` in a body is what the answer to a change calls the others: it
/// is ignored.
const PLACED: &[&str] =
    &["id", "name", "domain_id", "description", "enabled", "parent_id", "is_domain", "tags", "options", "extra"];

/// Refuses a name with characters that are reserved in URLs.
///
/// # Errors
///
/// It has some.
pub(in crate::http::v3) fn url_safe_name(entity: &str, name: &str) -> Result<(), ApiError> {
    let reserved: String = name.chars().filter(|character| ":/?#[]@!$&'()*+,;=".contains(*character)).collect();
    if reserved.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid(format!("{entity} name cannot contain the following reserved characters: {reserved}")))
}

/// Refuses the name that stands for the domain of federated users. (Keystone has an assertion here, and crashes.)
///
/// # Errors
///
/// It is that name.
pub(in crate::http::v3) fn reserve_name(settings: &ResourceSettings, name: &str) -> Result<(), ApiError> {
    if name.to_lowercase() == settings.federated_domain_name.to_lowercase() {
        return Err(ApiError::invalid(format!("Domain cannot be named {name}")));
    }
    Ok(())
}

/// What goes into the `extra` column.
///
/// # Errors
///
/// There is no room for links.
pub(super) fn extra_attributes(attributes: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    linkable(extra(attributes, PLACED))
}

/// Python's truth of a JSON value.
pub(in crate::http::v3) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// What `options` say about `immutable`: nothing, that it is unset, or its value.
pub(super) fn immutable_among(attributes: &Map<String, Value>) -> Option<Option<bool>> {
    Some(attributes.get("options")?.get("immutable")?.as_bool())
}

/// The tags among attributes that passed a schema.
pub(super) fn tags_among(attributes: &Map<String, Value>) -> Option<Vec<String>> {
    let tags = attributes.get("tags")?.as_array()?;
    Some(tags.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// For `map_err`: a duplicate is a project of the same name in the same domain, or the same tag twice.
pub(super) fn on_duplicate(project: &Project) -> impl FnOnce(StoreError) -> ApiError {
    let details = if project.is_domain {
        format!("it is not permitted to have two projects acting as domains with the same name: {}", project.name)
    } else {
        format!(
            "it is not permitted to have two projects with either the same name or same id in the same domain: name is \
             {}, project id {}",
            project.name, project.id
        )
    };
    move |error| match &error {
        StoreError::Conflict { subject: "project", .. } if error.is_duplicate() => {
            ApiError::Conflict { kind: "project".to_owned(), details }
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn reserved_characters_are_named_in_their_order() {
        assert!(url_safe_name("Project", "a-b_c.d~e é%").is_ok());
        let refusal = url_safe_name("Domain", "a?b/c?").map_err(|error| error.to_string());
        assert_eq!(refusal, Err("Domain name cannot contain the following reserved characters: ?/?".to_owned()));
    }

    #[test]
    fn the_reserved_name_is_reserved_in_any_case() {
        let settings = ResourceSettings::default();
        assert!(reserve_name(&settings, "fEDERATED").is_err());
        assert!(reserve_name(&settings, "federated ").is_ok());
    }

    #[test]
    fn what_has_no_place_goes_into_extra() {
        let extra = extra_attributes(&attributes(json!({"name": "n", "extra": {"a": 1}, "links": {}, "x": null})));
        assert_eq!(extra.ok(), Some(attributes(json!({"links": {}, "x": null}))));
        for links in [json!(null), json!(1), json!(1.5), json!("a"), json!([]), json!(true)] {
            assert!(extra_attributes(&attributes(json!({"links": links}))).is_err(), "{links}");
        }
    }
}
