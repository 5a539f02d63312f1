//! `[domain_config]`: which options can be configured for a domain alone (`keystone.conf.domain_config`, and the lists in
//! `keystone.resource.core.DomainConfigManager`), and what their values are for all other domains.

use std::collections::BTreeMap;

use super::{
    error::ConfigError, from_value::FromValue, registry::Registry, section::section, types::Value, values::Values,
};

section! {
    /// `[domain_config]`
    DomainConfig in "domain_config" {
        /// `additional_whitelisted_options`, default none: lists of options by group, instead of Keystone's own for that
        /// group.
        additional_whitelisted_options: Option<OptionLists> = None,
        /// `additional_sensitive_options`, default none: the same for options that are never shown.
        additional_sensitive_options: Option<OptionLists> = None,
    }
}

/// Names of options by group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionLists(pub Vec<(String, Vec<String>)>);

impl FromValue for OptionLists {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Dict(groups) => {
                let groups = groups.into_iter().map(|(group, options)| Ok((group, Vec::from_value(options)?)));
                groups.collect::<Result<_, String>>().map(Self)
            }
            _ => Err("expected lists of options by group".to_owned()),
        }
    }
}

/// What can be configured for a domain alone.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainOptions {
    /// Options that are shown, by group, each with its value in the files.
    pub open: Vec<(String, Vec<(String, serde_json::Value)>)>,
    /// Options that are never shown, by group.
    pub sensitive: Vec<(String, Vec<String>)>,
}

/// Keystone's own lists.
const OPEN: [(&str, &[&str]); 2] = [
    ("identity", &["driver", "list_limit"]),
    (
        "ldap",
        &[
            "url",
            "user",
            "suffix",
            "query_scope",
            "page_size",
            "alias_dereferencing",
            "debug_level",
            "chase_referrals",
            "user_tree_dn",
            "user_filter",
            "user_objectclass",
            "user_id_attribute",
            "user_name_attribute",
            "user_mail_attribute",
            "user_description_attribute",
            "user_pass_attribute",
            "user_enabled_attribute",
            "user_enabled_invert",
            "user_enabled_mask",
            "user_enabled_default",
            "user_attribute_ignore",
            "user_default_project_id_attribute",
            "user_enabled_emulation",
            "user_enabled_emulation_dn",
            "user_enabled_emulation_use_group_config",
            "user_additional_attribute_mapping",
            "group_tree_dn",
            "group_filter",
            "group_objectclass",
            "group_id_attribute",
            "group_name_attribute",
            "group_members_are_ids",
            "group_member_attribute",
            "group_desc_attribute",
            "group_attribute_ignore",
            "group_additional_attribute_mapping",
            "tls_cacertfile",
            "tls_cacertdir",
            "use_tls",
            "tls_req_cert",
            "use_pool",
            "pool_size",
            "pool_retry_max",
            "pool_retry_delay",
            "pool_connection_timeout",
            "pool_connection_lifetime",
            "use_auth_pool",
            "auth_pool_size",
            "auth_pool_connection_lifetime",
        ],
    ),
];
const SENSITIVE: [(&str, &[&str]); 2] = [("identity", &[]), ("ldap", &["password"])];

impl Default for DomainOptions {
    /// Those of a configuration in which nothing is set.
    fn default() -> Self {
        let read = |registry| {
            let values = Values { registry, files: Vec::new(), environment: BTreeMap::new() };
            Self::read(&values, &DomainConfig::default())
        };
        Registry::load().ok().and_then(|registry| read(registry).ok()).unwrap_or(Self::NONE)
    }
}

impl DomainOptions {
    /// No options at all.
    pub(super) const NONE: Self = Self { open: Vec::new(), sensitive: Vec::new() };

    /// Keystone's lists with the additional ones, and the values.
    pub(super) fn read(values: &Values, section: &DomainConfig) -> Result<Self, ConfigError> {
        let mut open = Vec::new();
        for (group, options) in lists(&OPEN, section.additional_whitelisted_options.as_ref()) {
            let mut valued = Vec::new();
            for option in options {
                // An option of somebody else's driver has no value here.
                let value = match values.spec(&group, &option) {
                    Ok(spec) => json(values.value(spec)?.0),
                    Err(_) => serde_json::Value::Null,
                };
                valued.push((option, value));
            }
            open.push((group, valued));
        }
        Ok(Self { open, sensitive: lists(&SENSITIVE, section.additional_sensitive_options.as_ref()) })
    }
}

fn lists(own: &[(&str, &[&str])], additional: Option<&OptionLists>) -> Vec<(String, Vec<String>)> {
    let owned = |(group, options): &(&str, &[&str])| {
        ((*group).to_owned(), options.iter().map(|option| (*option).to_owned()).collect())
    };
    let mut lists: Vec<(String, Vec<String>)> = own.iter().map(owned).collect();
    for (group, options) in additional.into_iter().flat_map(|additional| &additional.0) {
        match lists.iter_mut().find(|(known, _)| known == group) {
            Some(known) => known.1 = options.clone(),
            None => lists.push((group.clone(), options.clone())),
        }
    }
    lists
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Absent => serde_json::Value::Null,
        Value::Bool(flag) => flag.into(),
        Value::Int(number) => i64::try_from(number).map_or(serde_json::Value::Null, Into::into),
        Value::Float(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::List(items) => items.into_iter().map(json).collect(),
        Value::Dict(entries) => entries.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}
