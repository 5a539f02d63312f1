//! Configuration that domains have of their own: options of groups, each with a JSON value. Facts: Keystone
//! `resource/config_backends/sql.py`.
//!
//! Sensitive options have a table of their own, so that what shows the others cannot show them by mistake.

use serde_json::Value as Json;

use super::{Transaction, error::StoreError, json, query::Query, row::Row, statement::Conditions};
use crate::domain::ids::DomainId;

/// One option of a domain's configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigOption {
    /// `ldap`.
    pub group: String,
    /// `url`.
    pub option: String,
    /// Any JSON.
    pub value: Json,
}

/// Which options are meant: all, those of a group, or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// The whole configuration.
    All,
    /// A group.
    Group(&'a str),
    /// An option of a group.
    Option(&'a str, &'a str),
}

impl<'a> Part<'a> {
    fn group(self) -> Option<&'a str> {
        match self {
            Self::All => None,
            Self::Group(group) | Self::Option(group, _) => Some(group),
        }
    }

    fn option(self) -> Option<&'a str> {
        match self {
            Self::All | Self::Group(_) => None,
            Self::Option(_, option) => Some(option),
        }
    }
}

/// The options that everybody who may see the configuration sees.
pub fn open_options(domain_id: &DomainId, part: Part<'_>) -> Query<Vec<ConfigOption>> {
    options("whitelisted_config", domain_id, part)
}

/// Those that nobody sees.
pub fn sensitive_options(domain_id: &DomainId, part: Part<'_>) -> Query<Vec<ConfigOption>> {
    options("sensitive_config", domain_id, part)
}

/// Puts options into the configuration, replacing those that are there.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn put(
    transaction: &mut Transaction,
    domain_id: &DomainId,
    open: &[ConfigOption],
    sensitive: &[ConfigOption],
) -> Result<(), StoreError> {
    let tables = [
        (
            "whitelisted_config",
            "INSERT INTO whitelisted_config (domain_id, \"group\", option, value) VALUES ($1, $2, $3, $4)",
            open,
        ),
        (
            "sensitive_config",
            "INSERT INTO sensitive_config (domain_id, \"group\", option, value) VALUES ($1, $2, $3, $4)",
            sensitive,
        ),
    ];
    for (table, statement, options) in tables {
        for ConfigOption { group, option, value } in options {
            delete(transaction, domain_id, Part::Option(group, option)).await?;
            let values = vec![domain_id.into(), group.into(), option.into(), json::dumps(value).into()];
            transaction.execute(table, statement, values).await?;
        }
    }
    Ok(())
}

/// Deletes options, sensitive ones too.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn delete(transaction: &mut Transaction, domain_id: &DomainId, part: Part<'_>) -> Result<(), StoreError> {
    for table in ["whitelisted_config", "sensitive_config"] {
        let (conditions, values) = conditions(domain_id, part);
        transaction.execute(table, format!("DELETE FROM {table}{conditions}"), values).await?;
    }
    Ok(())
}

/// Gives up what a domain has reserved for itself alone (Keystone: the one SQL driver for a domain's users).
///
/// # Errors
/// As [`StoreError`] says.
pub async fn release_registrations(transaction: &mut Transaction, domain_id: &DomainId) -> Result<(), StoreError> {
    transaction
        .execute("config_register", "DELETE FROM config_register WHERE domain_id = $1", vec![domain_id.into()])
        .await
        .map(drop)
}

fn options(table: &'static str, domain_id: &DomainId, part: Part<'_>) -> Query<Vec<ConfigOption>> {
    let (conditions, values) = conditions(domain_id, part);
    let sql = format!("SELECT \"group\", option, value FROM {table}{conditions} ORDER BY \"group\", option");
    Query::list(table, sql, values, option_from)
}

fn conditions(domain_id: &DomainId, part: Part<'_>) -> (String, Vec<super::Value>) {
    Conditions::new()
        .and("domain_id = ?", domain_id)
        .and_if("\"group\" = ?", part.group())
        .and_if("option = ?", part.option())
        .finish()
}

fn option_from(row: &Row) -> Result<ConfigOption, StoreError> {
    Ok(ConfigOption {
        group: row.text("group")?,
        option: row.text("option")?,
        value: row.opt_json("value")?.unwrap_or_default(),
    })
}
