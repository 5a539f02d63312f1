//! Options that decide who gets in or what a token says, with the values that Fernstone supports. Anything else is a
//! refusal to start, because a service that lets in others than its configuration says is worse than none.

use super::{error::ConfigError, types::Value, values::Values};

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
    /// One of these texts, or none at all.
    Texts(&'static [&'static str]),
    /// False.
    Off,
    /// None, or an empty list.
    Unset,
}

const SQL_ONLY: Supported = Supported::Texts(&["sql"]);

/// In the order of the sections.
const DECISIVE: &[Decisive] = &[decisive("identity", "driver", SQL_ONLY, "users are read from the SQL database only")];

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
            return Err(ConfigError::Unsupported {
                section: decisive.section.to_owned(),
                option: decisive.option.to_owned(),
                value: values.show(spec, &value),
                reason: decisive.reason.to_owned(),
                origin,
            });
        }
    }
    Ok(())
}

impl Supported {
    fn includes(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Absent) => true,
            (Self::Texts(texts), Value::Text(text)) => texts.contains(&text.as_str()),
            (Self::Off, Value::Bool(on)) => !on,
            (Self::Unset, Value::List(items)) => items.is_empty(),
            (Self::Unset, Value::Text(text)) => text.is_empty(),
            _ => false,
        }
    }
}
