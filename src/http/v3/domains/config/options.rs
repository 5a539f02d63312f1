//! Which options there are, and what a client's configuration must look like.

use serde_json::{Map, Value, json};

use crate::{
    http::{
        error::ApiError,
        json::Json,
        settings::{DomainConfigSettings, HttpSettings},
    },
    store::domain_config::{ConfigOption, Part},
};

/// Options of a configuration, sorted by whether they are shown.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) open: Vec<ConfigOption>,
    pub(super) sensitive: Vec<ConfigOption>,
}

/// 403 with a reason, as Keystone answers whatever is wrong with a configuration.
pub(super) fn invalid(reason: &str) -> ApiError {
    ApiError::Refused { message: format!("Invalid domain specific configuration: {reason}.") }
}

/// 404 for a part that is not configured.
pub(super) fn not_found(domain_id: &str, part: Part<'_>) -> ApiError {
    let what = match part {
        Part::All => "any options".to_owned(),
        Part::Group(group) => format!("group {group}"),
        Part::Option(group, option) => format!("option {option} in group {group}"),
    };
    ApiError::not_found(format!("Could not find {what} in domain configuration for domain {domain_id}."))
}

/// `{"config": ...}`
pub(super) fn wrapped(config: Value) -> Json {
    Json(json!({ "config": config }))
}

/// Refuses a group or an option that cannot be configured for a domain alone.
pub(super) fn check_place(settings: &DomainConfigSettings, part: Part<'_>) -> Result<(), ApiError> {
    let (group, option) = match part {
        Part::All => return Ok(()),
        Part::Group(group) => (group, None),
        Part::Option(group, option) => (group, Some(option)),
    };
    if open_group(settings, group).is_none() && sensitive_group(settings, group).is_none() {
        return Err(invalid(&format!("Group {group} is not supported for domain specific configurations")));
    }
    // Keystone takes an option without a name for no option, stores it, and with it deletes the whole group.
    if let Some(option) = option
        && !open_group(settings, group).is_some_and(|options| options.iter().any(|(name, _)| name == option))
        && !is_sensitive(settings, group, option)
    {
        return Err(invalid(&format!(
            "Option {option} in group {group} is not supported for domain specific configurations"
        )));
    }
    Ok(())
}

/// Options of a group that are shown, with their defaults.
pub(super) fn open_group<'s>(settings: &'s DomainConfigSettings, group: &str) -> Option<&'s [(String, Value)]> {
    settings.open.iter().find(|(name, _)| name == group).map(|(_, options)| options.as_slice())
}

fn sensitive_group<'s>(settings: &'s DomainConfigSettings, group: &str) -> Option<&'s [String]> {
    settings.sensitive.iter().find(|(name, _)| name == group).map(|(_, options)| options.as_slice())
}

fn is_sensitive(settings: &DomainConfigSettings, group: &str, option: &str) -> bool {
    sensitive_group(settings, group).is_some_and(|options| options.iter().any(|name| name == option))
}

/// The `config` of a body; `{}` where there is none.
pub(super) fn config_of(body: Option<&Map<String, Value>>) -> Value {
    body.and_then(|body| body.get("config")).cloned().unwrap_or_else(|| json!({}))
}

/// Checks a configuration as the client gave it: groups of options that are known.
pub(super) fn checked(settings: &DomainConfigSettings, config: &Value) -> Result<Map<String, Value>, ApiError> {
    let groups = match config {
        Value::Object(groups) if !groups.is_empty() => groups,
        config => return Err(no_groups(config)),
    };
    for (group, options) in groups {
        let Some(options) = options.as_object().filter(|options| !options.is_empty()) else {
            return Err(no_options(group));
        };
        for option in options.keys() {
            check_place(settings, Part::Option(group, option))?;
        }
    }
    Ok(groups.clone())
}

fn no_options(group: &str) -> ApiError {
    invalid(&format!("The value of group {group} specified in the config should be a dictionary of options"))
}

/// What Python says of a configuration that is no dictionary, or an empty one.
fn no_groups(config: &Value) -> ApiError {
    match config {
        Value::Number(number) if number.as_f64() != Some(0.0) => {
            let kind = if number.is_f64() { "float" } else { "int" };
            ApiError::invalid(format!("'{kind}' object is not iterable"))
        }
        Value::Bool(true) => ApiError::invalid("'bool' object is not iterable"),
        Value::String(text) if !text.is_empty() => ApiError::invalid("string indices must be integers, not 'str'"),
        Value::Array(items) if !items.is_empty() => {
            ApiError::invalid("list indices must be integers or slices, not str")
        }
        _ => invalid("No options specified"),
    }
}

/// The options of a checked configuration.
pub(super) fn sorted(settings: &DomainConfigSettings, groups: Map<String, Value>) -> Sorted {
    let mut sorted = Sorted::default();
    for (group, options) in groups {
        let Value::Object(options) = options else { continue };
        for (option, value) in options {
            let sensitive = is_sensitive(settings, &group, &option);
            let list = if sensitive { &mut sorted.sensitive } else { &mut sorted.open };
            list.push(ConfigOption { group: group.clone(), option, value });
        }
    }
    sorted
}

/// The rules for passwords, which everybody may read who is logged in. They are those of the whole service, and shown
/// for the default domain only.
pub(super) fn security_compliance(
    settings: &HttpSettings,
    domain_id: &str,
    option: Option<&str>,
) -> Result<Value, ApiError> {
    if domain_id != settings.default_domain_id.as_str() {
        return Err(invalid(
            "Reading security compliance information for any domain other than the default domain is not allowed or \
             supported.",
        ));
    }
    let compliance = &settings.domain_config;
    let readable = [
        ("password_regex", &compliance.password_regex),
        ("password_regex_description", &compliance.password_regex_description),
    ];
    match option.filter(|option| !option.is_empty()) {
        None => {
            let options: Map<String, Value> =
                readable.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
            Ok(json!({ "security_compliance": options }))
        }
        Some(option) => match readable.into_iter().find(|(name, _)| *name == option) {
            Some((name, value)) => Ok(json!({ name: value })),
            None => Err(invalid(
                "Reading security compliance values other than password_regex and password_regex_description is not \
                 allowed.",
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> DomainConfigSettings {
        DomainConfigSettings {
            open: vec![("ldap".to_owned(), vec![("url".to_owned(), json!("ldap://x"))])],
            sensitive: vec![("ldap".to_owned(), vec!["password".to_owned()])],
            ..DomainConfigSettings::default()
        }
    }

    #[test]
    fn only_what_is_listed_can_be_configured() {
        let refusal = |part| check_place(&settings(), part).map_err(|error| error.to_string());
        assert_eq!(refusal(Part::All), Ok(()));
        assert_eq!(refusal(Part::Group("ldap")), Ok(()));
        assert_eq!(refusal(Part::Option("ldap", "password")), Ok(()));
        let prefix = "Invalid domain specific configuration: ";
        assert_eq!(
            refusal(Part::Group("x")),
            Err(format!("{prefix}Group x is not supported for domain specific configurations."))
        );
        assert_eq!(
            refusal(Part::Option("ldap", "x")),
            Err(format!("{prefix}Option x in group ldap is not supported for domain specific configurations."))
        );
    }

    #[test]
    fn options_are_sorted_by_whether_they_are_shown() {
        let groups = checked(&settings(), &json!({"ldap": {"password": "p", "url": 1}})).unwrap_or_default();
        let sorted = sorted(&settings(), groups);
        assert_eq!(sorted.open.iter().map(|option| option.option.as_str()).collect::<Vec<_>>(), ["url"]);
        assert_eq!(sorted.sensitive.iter().map(|option| option.option.as_str()).collect::<Vec<_>>(), ["password"]);
    }

    #[test]
    fn a_configuration_is_groups_of_options() {
        for bad in
            [json!(null), json!({}), json!([]), json!(""), json!(0), json!(1), json!("x"), json!([1]), json!(true)]
        {
            assert!(checked(&settings(), &bad).is_err(), "{bad}");
        }
        for bad in [
            json!({"ldap": {}}),
            json!({"ldap": 1}),
            json!({"ldap": null}),
            json!({"": {"url": 1}}),
            json!({"ldap": {"": 1}}),
        ] {
            assert!(checked(&settings(), &bad).is_err(), "{bad}");
        }
    }
}
