//! What a configuration sets without effect: one warning for each option, however often it is set.

use std::{collections::HashSet, fmt};

use super::{
    Config, Origin, refusals,
    registry::Registry,
    sources::normal_section,
    values::{Values, environment_name},
};

/// An option that is set and will not do what it says, or not under this name for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Neither Keystone 30 nor Fernstone has such an option: most often a misspelling.
    Unknown {
        /// The section's name as written, or the whole variable's name where it comes from the environment.
        section: String,
        /// The option's name as written.
        option: String,
        /// Where it is set.
        origin: Origin,
    },
    /// Keystone has the option; Fernstone does without it.
    NotHonoured {
        /// The section's name.
        section: String,
        /// The option's name.
        option: String,
        /// Where it is set.
        origin: Origin,
    },
    /// The option is set under a name that Keystone deprecated; it is honoured all the same.
    Renamed {
        /// The section's old name.
        old_section: String,
        /// The option's old name.
        old_option: String,
        /// The section's name.
        section: String,
        /// The option's name.
        option: String,
        /// Where it is set.
        origin: Origin,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { section, option, origin } if section == "fernstone" => {
                write!(f, "[{section}] {option} is not an option of Fernstone and has no effect (from {origin})")
            }
            Self::Unknown { section, option, origin } => {
                let hint = match section.as_str() {
                    "DEFAULT" => "",
                    section if section.eq_ignore_ascii_case("DEFAULT") => "; the section is called [DEFAULT]",
                    _ => "",
                };
                write!(
                    f,
                    "[{section}] {option} is not an option of Keystone 30 and has no effect{hint} (from {origin})"
                )
            }
            Self::NotHonoured { section, option, origin } => {
                let because = because(section, option);
                write!(
                    f,
                    "[{section}] {option} is not honoured by Fernstone and has no effect{because} (from {origin})"
                )
            }
            Self::Renamed { old_section, old_option, section, option, origin } => {
                write!(f, "[{old_section}] {old_option} is now called [{section}] {option} (from {origin})")
            }
        }
    }
}

/// Why whole families of options mean nothing here, where it is not plain from their names.
fn because(section: &str, option: &str) -> &'static str {
    match (section, option) {
        (_, "caching" | "cache_time" | "cache_on_issue") | ("cache", _) => {
            ": nothing is served from a cache that could be stale"
        }
        ("ldap" | "identity_mapping" | "domain_config", _) | (_, "domain_config_dir") => {
            ": all users are read from the SQL database"
        }
        ("DEFAULT", "transport_url" | "notification_format" | "notification_opt_out" | "default_publisher_id") => {
            ": no notifications are sent"
        }
        ("profiler" | "profiler_jaeger" | "profiler_otlp" | "oslo_middleware_tracing", _) => ": nothing is traced",
        (section, _) if section.starts_with("oslo_messaging_") => ": no notifications are sent",
        _ => "",
    }
}

/// The warnings, in the order of the files and then of the environment.
pub(super) fn collect(values: &Values) -> Vec<Warning> {
    let mut said = HashSet::new();
    let mut warnings = Vec::new();
    let files = values.files.iter().flat_map(|file| {
        file.assignments
            .iter()
            .map(|assignment| (assignment.section.clone(), assignment.option.clone(), Origin::File(file.path.clone())))
    });
    for (section, option, origin) in files.chain(from_environment(values)) {
        if said.insert((normal_section(&section), option.clone()))
            && let Some(warning) = judge(&values.registry, section, option, origin)
        {
            warnings.push(warning);
        }
    }
    warnings
}

fn judge(registry: &Registry, section: String, option: String, origin: Origin) -> Option<Warning> {
    let normal = normal_section(&section);
    if let Some(spec) = registry.option(&normal, &option) {
        let understood = is_understood(&spec.section, &spec.name);
        return (!understood).then_some(Warning::NotHonoured { section: normal, option, origin });
    }
    // Variables of older names are not read.
    let from_file = matches!(origin, Origin::File(_));
    if let Some(spec) = registry.formerly(&normal, &option).filter(|_| from_file) {
        let (new_section, new_option) = (spec.section.clone(), spec.name.clone());
        return Some(if is_understood(&new_section, &new_option) {
            Warning::Renamed {
                old_section: normal,
                old_option: option,
                section: new_section,
                option: new_option,
                origin,
            }
        } else {
            Warning::NotHonoured { section: normal, option, origin }
        });
    }
    Some(Warning::Unknown { section: name_only(section), option: name_only(option), origin })
}

/// A line that was not meant as an option can have anything before its first colon, a password included: only what can
/// be a name is repeated.
fn name_only(text: String) -> String {
    let fits = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    match text.find(|c| !fits(c)) {
        Some(end) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn is_understood(section: &str, option: &str) -> bool {
    Config::honoured().contains(&(section, option)) || refusals::decides(section, option)
}

/// Variables named `OS_<SECTION>__<OPTION>`, under the option's own name where there is one. A section that Keystone
/// does not have is no business of ours: the prefix is other programs' too.
fn from_environment(values: &Values) -> impl Iterator<Item = (String, String, Origin)> {
    values.environment.keys().filter_map(|variable| {
        let (section, option) = variable.strip_prefix("OS_")?.split_once("__")?;
        let origin = Origin::Environment(variable.clone());
        let named = |spec: &&super::registry::OptionSpec| environment_name(&spec.section, &spec.name) == *variable;
        if let Some(spec) = values.registry.options().iter().find(named) {
            return Some((spec.section.clone(), spec.name.clone(), origin));
        }
        let section = if section == "DEFAULT" { section.to_owned() } else { section.to_lowercase() };
        values.registry.has_section(&section).then(|| (section, option.to_lowercase(), origin))
    })
}
