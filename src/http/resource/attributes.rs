//! What a client says about a thing: the object under its name in the body.

use serde_json::{Map, Value};

use crate::{
    domain::python,
    http::{HttpState, caller::Caller, error::ApiError, inbound::Facts},
};

/// The object under `member` in the body, which is `{}` where there is no body.
///
/// # Errors
///
/// There is no such object. Keystone's schemas ask for it nearly everywhere; where they do not, it crashes.
pub fn given(inbound: &Facts, member: &str) -> Result<Map<String, Value>, ApiError> {
    match inbound.body.as_ref().and_then(|body| body.get(member)) {
        Some(Value::Object(attributes)) => Ok(attributes.clone()),
        _ => Err(ApiError::expecting(member, "request body")),
    }
}

/// The body as a schema sees it.
pub fn body(inbound: &Facts) -> Value {
    Value::Object(inbound.body.clone().unwrap_or_default())
}

/// The names of a new thing's attributes as Keystone stores them: `:` and `-` become `_` (`_normalize_dict`).
pub fn normalized(attributes: Map<String, Value>) -> Map<String, Value> {
    attributes.into_iter().map(|(name, value)| (name.replace([':', '-'], "_"), value)).collect()
}

/// An id among the attributes must be the one in the path (`_require_matching_id`).
///
/// # Errors
///
/// It is another.
pub fn require_matching_id(attributes: &Map<String, Value>, id: &str) -> Result<(), ApiError> {
    match attributes.get("id") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(given)) if given == id => Ok(()),
        Some(_) => Err(ApiError::invalid("Cannot change ID")),
    }
}

/// The domain of a new thing (`_normalize_domain_id`): the one that the client names, or else that of a domain token, or
/// else the default domain.
///
/// # Errors
///
/// Whoever comes with the admin token has to name one.
pub fn home_domain(attributes: &Map<String, Value>, caller: &Caller, state: &HttpState) -> Result<String, ApiError> {
    if let Some(named) = text(attributes, "domain_id").filter(|named| !named.is_empty()) {
        return Ok(named);
    }
    match caller.context() {
        Some(context) => Ok(context.domain_id().unwrap_or(&state.settings.default_domain_id).to_string()),
        None => Err(ApiError::invalid(
            "You have tried to create a resource using the admin token. As this token is not within a domain you must \
             explicitly include a domain for this resource to belong to.",
        )),
    }
}

/// What goes into the `extra` column: everything that neither is a column nor has a place of its own. An attribute of that
/// very name is lost (`ModelDictMixinWithExtras.from_dict`).
pub fn extra(attributes: &Map<String, Value>, columns: &[&str]) -> Map<String, Value> {
    attributes
        .iter()
        .filter(|(name, _)| !columns.contains(&name.as_str()) && *name != "extra")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A text among attributes that passed a schema; `None` where it is absent or null.
pub fn text(attributes: &Map<String, Value>, name: &str) -> Option<String> {
    attributes.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Attributes that are going to be stored and shown.
///
/// # Errors
///
/// `links` is where the answer has its links. (Keystone stores anything, and cannot show the thing ever after.)
pub fn linkable(attributes: Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let python_type = match attributes.get("links") {
        None | Some(Value::Object(_)) => return Ok(attributes),
        Some(Value::Null) => "NoneType",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Number(number)) if number.is_f64() => "float",
        Some(Value::Number(_)) => "int",
        Some(Value::String(_)) => "str",
        // Python asks for an index.
        Some(Value::Array(_)) => {
            return Err(ApiError::invalid("list indices must be integers or slices, not str"));
        }
    };
    Err(ApiError::invalid(format!("'{python_type}' object does not support item assignment")))
}

/// A truth value that passed a schema which lets texts through; absent, it is `default`. (Keystone crashes on texts.)
///
/// # Errors
///
/// It is a text.
pub fn flag(attributes: &Map<String, Value>, name: &str, default: Option<bool>) -> Result<Option<bool>, ApiError> {
    match attributes.get(name) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::Null) => Ok(None),
        Some(other) => {
            let shown = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            let quoted = other.as_str().map_or_else(|| other.to_string(), python::string);
            Err(ApiError::invalid(format!(
                "Invalid input for field/attribute {name}. Value: {shown}. {quoted} is not of type 'boolean'"
            )))
        }
    }
}

/// A text must not be longer than its column, in characters (`initialize_decorator` in `common/sql/core.py`).
///
/// # Errors
///
/// It is.
pub fn fits(text: &str, column: &str, length: usize) -> Result<(), ApiError> {
    if text.chars().count() <= length {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "String length exceeded. The length of string '{text}' exceeds the limit of column {column}(CHAR({length}))."
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalized(map(json!({"a-b:c": 1}))), map(json!({"a_b_c": 1})));
    }

    #[test]
    fn an_id_may_be_repeated_but_not_changed() {
        for fits in [json!({}), json!({"id": null}), json!({"id": "x"})] {
            assert!(require_matching_id(&map(fits), "x").is_ok());
        }
        for differs in [json!({"id": "y"}), json!({"id": 1})] {
            assert!(require_matching_id(&map(differs), "x").is_err());
        }
    }

    #[test]
    fn extra_is_what_has_no_other_place() {
        let given = map(json!({"id": "x", "name": "n", "extra": {"lost": true}, "color": null}));
        assert_eq!(extra(&given, &["id", "name"]), map(json!({"color": null})));
    }

    #[test]
    fn a_text_is_no_truth_value() {
        let flag = |value: Value| flag(&map(value), "enabled", Some(true)).map_err(|error| error.to_string());
        assert_eq!(flag(json!({})), Ok(Some(true)));
        assert_eq!(flag(json!({"enabled": false})), Ok(Some(false)));
        assert_eq!(
            flag(json!({"enabled": "false"})),
            Err("Invalid input for field/attribute enabled. Value: false. 'false' is not of type 'boolean'".to_owned())
        );
    }

    #[test]
    fn links_have_room_in_an_object_only() {
        assert!(linkable(map(json!({"links": {"a": 1}, "x": null}))).is_ok());
        for links in [json!(null), json!(1), json!(1.5), json!("a"), json!([]), json!(true)] {
            assert!(linkable(map(json!({"links": links}))).is_err(), "{links}");
        }
    }

    #[test]
    fn lengths_are_of_characters() {
        assert!(fits(&"é".repeat(64), "name", 64).is_ok());
        let refusal = fits("abcde", "name", 4).map_err(|error| error.to_string());
        let expected =
            "String length exceeded. The length of string 'abcde' exceeds the limit of column name(CHAR(4)).";
        assert_eq!(refusal, Err(expected.to_owned()));
    }
}
