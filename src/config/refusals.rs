//! Options that decide who gets in or what a token says, with the values that Fernstone supports. Anything else is a
//! refusal to start, because a service that lets in others than its configuration says is worse than none.
//!
//! An option whose neglect only keeps people out (a way to log in that is not there), or changes no answer (caches,
//! notifications), is not here: `warnings` names it.

use super::{
    error::{ConfigError, Origin, RefusedValue},
    registry::OptionSpec,
    types::Value,
    values::Values,
};

/// An option and the values it may have here.
struct Decisive {
    section: &'static str,
    option: &'static str,
    supported: Supported,
    /// What is supported, or what the value would change.
    reason: &'static str,
}

/// Which values are supported.
enum Supported {
    /// No value, or one of these texts.
    Texts(&'static [&'static str]),
    /// False.
    Off,
    /// No value, or an empty list.
    Unset,
}

const SQL: Supported = Supported::Texts(&["sql"]);
/// Keystone's own plugin, whose name is `default`; an empty value means it too.
const KEYSTONES_PLUGIN: Supported = Supported::Texts(&["", "default"]);
const CUSTOM_PLUGIN: &str = "plugins other than Keystone's own cannot be run";

/// In the order of the file.
const DECISIVE: &[Decisive] = &[
    // Values from elsewhere could decide anything.
    decisive("DEFAULT", "config_source", Supported::Unset, "options come from files and the environment only"),
    decisive("identity", "driver", SQL, "users and groups are read from the SQL database only, not from LDAP"),
    decisive(
        "identity",
        "domain_specific_drivers_enabled",
        Supported::Off,
        "the users of every domain are read from the SQL database",
    ),
    decisive("shadow_users", "driver", SQL, "federated users are read from the SQL database only"),
    decisive("resource", "driver", SQL, "projects and domains are read from the SQL database only"),
    decisive("assignment", "driver", SQL, "role assignments are read from the SQL database only"),
    decisive("role", "driver", Supported::Texts(&["", "sql"]), "roles are read from the SQL database only"),
    decisive("catalog", "driver", SQL, "the catalog is read from the SQL database only, not from a template"),
    decisive("endpoint_filter", "driver", SQL, "endpoint filters are read from the SQL database only"),
    decisive("revoke", "driver", SQL, "revocation events are read from the SQL database only"),
    decisive("trust", "driver", SQL, "trusts are read from the SQL database only"),
    decisive("application_credential", "driver", SQL, "application credentials are read from the SQL database only"),
    decisive("oauth1", "driver", SQL, "OAuth1 access tokens are read from the SQL database only"),
    decisive("federation", "driver", SQL, "identity providers are read from the SQL database only"),
    decisive("token", "provider", Supported::Texts(&["fernet"]), "tokens are Fernet tokens"),
    decisive("receipt", "provider", Supported::Texts(&["fernet"]), "receipts are Fernet receipts"),
    decisive("auth", "password", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "token", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    // Who is logged in by REMOTE_USER is never said to Fernstone, so it does not matter how it would be read.
    decisive("auth", "external", Supported::Texts(&["", "default", "DefaultDomain", "Domain"]), CUSTOM_PLUGIN),
    decisive("auth", "kerberos", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "oauth1", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "mapped", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "openid", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "saml2", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "x509", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "totp", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "application_credential", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("auth", "ec2credential", KEYSTONES_PLUGIN, CUSTOM_PLUGIN),
    decisive("tokenless_auth", "trusted_issuer", Supported::Unset, "requests by client certificate are not accepted"),
];

const fn decisive(section: &'static str, option: &'static str, supported: Supported, reason: &'static str) -> Decisive {
    Decisive { section, option, supported, reason }
}

/// Whether the option is judged here.
pub(super) fn decides(section: &str, option: &str) -> bool {
    DECISIVE.iter().any(|decisive| decisive.section == section && decisive.option == option)
}

/// Refuses the first unsupported value.
pub(super) fn check(values: &Values) -> Result<(), ConfigError> {
    for decisive in DECISIVE {
        let spec = values.spec(decisive.section, decisive.option)?;
        let (value, origin) = values.value(spec)?;
        if !decisive.supported.includes(&value) {
            return Err(unsupported(values, spec, value, origin, decisive.reason));
        }
    }
    check_methods(values)
}

/// A method is one that Keystone has a plugin for. That its login may not be there yet is said at the login: the name
/// must stay, because the order of the names gives each its bit in a token.
fn check_methods(values: &Values) -> Result<(), ConfigError> {
    let spec = values.spec("auth", "methods")?;
    let known = |method: &Value| matches!(method, Value::Text(name) if decides("auth", name));
    let (value, origin) = values.value(spec)?;
    match &value {
        Value::List(methods) if methods.iter().all(known) => Ok(()),
        _ => Err(unsupported(values, spec, value, origin, "every method must be one that Keystone has a plugin for")),
    }
}

fn unsupported(values: &Values, spec: &OptionSpec, value: Value, origin: Origin, reason: &str) -> ConfigError {
    ConfigError::Unsupported(Box::new(RefusedValue {
        section: spec.section.clone(),
        option: spec.name.clone(),
        value: values.show(spec, &value),
        reason: reason.to_owned(),
        origin,
    }))
}

impl Supported {
    fn includes(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Absent) => true,
            (Self::Texts(texts), Value::Text(text)) => texts.contains(&text.as_str()),
            (Self::Off, Value::Bool(on)) => !on,
            (Self::Unset, Value::List(items)) => items.is_empty(),
            _ => false,
        }
    }
}
