//! Every option that Keystone 30 and its libraries register, by name, type and default. It says what an option in a
//! file means, and tells an option that Fernstone does not honour from one that does not exist.
//!
//! The data is `registry.jsonl`, written by `tests/integration/config/record_registry.py` from Keystone itself, and
//! `fernstone.jsonl`: our own section, `[oslo_policy] enforce_scope`, which earlier releases of oslo.policy have, and what
//! we know better than oslo.db, that `connection_parameters` may hold a password.

use std::collections::HashMap;

use super::types::Kind;

/// One registered option.
#[derive(Debug, PartialEq)]
pub(super) struct OptionSpec {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) default: serde_json::Value,
    /// Older (section, name) pairs under which a file may give it.
    pub(super) deprecated: Vec<(String, String)>,
    /// Its value must not be printed.
    pub(super) secret: bool,
}

/// The options, in the order of the data file.
#[derive(Debug)]
pub(super) struct Registry {
    options: Vec<OptionSpec>,
    /// Index of the option of this section and name.
    names: HashMap<(String, String), usize>,
    /// The same for older names.
    deprecated: HashMap<(String, String), usize>,
}

type Line = (String, String, Kind, serde_json::Value, Vec<(String, String)>, Vec<String>);

impl Registry {
    /// Keystone's options and Fernstone's.
    pub(super) fn load() -> Result<Self, serde_json::Error> {
        Self::parse(include_str!("registry.jsonl").lines().chain(include_str!("fernstone.jsonl").lines()))
    }

    fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Self, serde_json::Error> {
        let mut registry = Self { options: Vec::new(), names: HashMap::new(), deprecated: HashMap::new() };
        for line in lines {
            let (section, name, kind, default, deprecated, flags): Line = serde_json::from_str(line)?;
            let new = registry.options.len();
            let index = *registry.names.entry((section.clone(), name.clone())).or_insert(new);
            for old in &deprecated {
                registry.deprecated.insert(old.clone(), index);
            }
            let secret = flags.iter().any(|flag| flag == "secret");
            let option = OptionSpec { section, name, kind, default, deprecated, secret };
            match registry.options.get_mut(index) {
                Some(known) => *known = option,
                None => registry.options.push(option),
            }
        }
        Ok(registry)
    }

    /// The option now called `[section] name`.
    pub(super) fn option(&self, section: &str, name: &str) -> Option<&OptionSpec> {
        self.names.get(&(section.to_owned(), name.to_owned())).map(|index| &self.options[*index])
    }

    /// The option formerly called `[section] name`.
    pub(super) fn formerly(&self, section: &str, name: &str) -> Option<&OptionSpec> {
        self.deprecated.get(&(section.to_owned(), name.to_owned())).map(|index| &self.options[*index])
    }

    /// Whether any option is in this section.
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.options.iter().any(|option| option.section == section)
    }

    /// All options.
    pub(super) fn options(&self) -> &[OptionSpec] {
        &self.options
    }
}
