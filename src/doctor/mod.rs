//! What is wrong with a deployment, before its users find it: configuration, keys, clock, database, policy, catalog.
//!
//! Every check looks and changes nothing. Each finding says what to do. The symptoms of Keystone's own
//! `keystone-manage doctor` are among them, as far as they apply: caching, LDAP and SAML are not here.

mod configuration;
mod database;
mod keys;
mod policy;

pub use self::configuration::is_same_directory;
use crate::{
    app,
    config::{Config, Sources},
    domain::{clock::Clock, finding::Finding},
    store::Store,
};

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The areas that could be looked at.
    pub examined: Vec<&'static str>,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
}

/// Looks at everything that the configuration leads to.
pub async fn examine(sources: &Sources, clock: &dyn Clock) -> Diagnosis {
    let mut diagnosis = Diagnosis { examined: vec!["configuration"], findings: Vec::new() };
    let findings = &mut diagnosis.findings;
    let Some(config) = configuration::load(sources, findings) else { return diagnosis };
    configuration::examine(&config, findings);
    keys::examine(&config, clock.now(), findings);
    policy::examine(&config, findings);
    diagnosis.examined.extend(["keys", "clock", "policy"]);
    if let Some(store) = open(&config, &mut diagnosis.findings) {
        diagnosis.examined.push("database");
        if database::examine(&config, &store, clock, &mut diagnosis.findings).await {
            diagnosis.examined.extend(["catalog", "admin", "passwords", "credentials"]);
        }
    }
    diagnosis.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    diagnosis
}

fn open(config: &Config, findings: &mut Vec<Finding>) -> Option<Store> {
    let settings = app::database_settings(config, false).map_err(|error| {
        Finding::error("database-url", "[database] connection", format!("{}.", causes(&error)))
            .advise("Give a postgresql:// or sqlite:// URL; MySQL and MariaDB are not supported.")
    });
    let opened = settings.and_then(|settings| Store::open(&settings).map_err(|error| database::unreachable(&error)));
    opened.map_err(|finding| findings.push(finding)).ok()
}

/// An error with all that caused it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
