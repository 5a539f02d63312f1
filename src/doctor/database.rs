//! The database: reachable, of the right version, on the same time; and what in it keeps a cloud from working.

use chrono::TimeDelta;

use super::causes;
use crate::{
    config::Config,
    domain::{clock::Clock, finding::Finding},
    keys::credentials,
    store::{
        Store,
        feed::triggers::Installed,
        schema::{CONTRACT_HEAD, EXPAND_HEAD, Versions},
        survey,
    },
    token::catalog::can_be_shown,
};

/// Tokens are compared with times that other nodes wrote.
const TOLERABLE_SKEW: TimeDelta = TimeDelta::seconds(5);

/// The finding that there is no database to look at.
pub(super) fn unreachable(error: &dyn std::error::Error) -> Finding {
    Finding::error("database-unreachable", "[database] connection", format!("{}.", causes(error))).advise(
        "Start the database, and check the URL: host, port, user, password, file; run this as the user of the service. \
             `db_sync` makes a new one.",
    )
}

/// Looks at the database; `false`: there is no use in asking it more.
pub(super) async fn examine(config: &Config, store: &Store, clock: &dyn Clock, findings: &mut Vec<Finding>) -> bool {
    let connection = "[database] connection";
    let versions = match store.versions().await {
        Ok(versions) => versions,
        Err(error) => {
            findings.push(unreachable(&error));
            return false;
        }
    };
    if matches!(config.database.url(), Ok(crate::store::url::DatabaseUrl::Sqlite(_))) {
        findings.push(
            Finding::warning(
                "database-sqlite",
                connection,
                "SQLite keeps one machine's data and takes one writer at a time.",
            )
            .advise("Use Postgres in production."),
        );
    }
    if !schema(store, &versions, findings).await {
        return false;
    }
    skew(store, clock, findings).await;
    findings.extend(change_feed(store).await);
    contents(config, store, clock, findings).await;
    true
}

/// Whether tokens can be served from memory.
async fn change_feed(store: &Store) -> Option<Finding> {
    let slow = "Every request reads the database, which is right and slower.";
    let finding = match store.change_feed_installed().await {
        Ok(Installed::Yes) => Finding::note("change-feed", "database", "It tells of its changes."),
        Ok(Installed::NotNeeded) => {
            Finding::note("change-feed", "database", "A SQLite file tells of its changes by itself.")
        }
        Ok(Installed::No) => {
            Finding::note("change-feed", "database", format!("It does not tell of its changes. {slow}"))
                .advise("Run `change_feed install`; `change_feed remove` undoes it.")
        }
        Ok(Installed::Partly) => {
            Finding::warning("change-feed", "database", format!("It tells of some of its changes only. {slow}"))
                .advise("Run `change_feed install`.")
        }
        // That the database does not answer is another finding.
        Err(_) => return None,
    };
    Some(finding)
}

async fn schema(store: &Store, versions: &Versions, findings: &mut Vec<Finding>) -> bool {
    let shown = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    let at = format!(
        "It is at expand {} and contract {}; Keystone 30 is at {EXPAND_HEAD} and {CONTRACT_HEAD}",
        shown(&versions.expand),
        shown(&versions.contract)
    );
    let missing = store.check_schema().await.unwrap_or_default();
    let named: Vec<String> = missing.iter().take(5).map(ToString::to_string).collect();
    let (has_all, is_empty) = (missing.is_empty(), versions.expand.is_none() && versions.unknown.is_empty());
    if !versions.unknown.is_empty() {
        let message = format!("{at}; {} is unknown.", versions.unknown.join(", "));
        findings.push(Finding::warning("schema-version", "database", message).advise("Use the release that made it."));
    } else if is_empty && !has_all {
        findings.push(
            Finding::error("schema-missing", "database", "It has no tables of Keystone's.").advise("Run `db_sync`."),
        );
    } else if versions.expand.as_deref() != Some(EXPAND_HEAD) || versions.contract.as_deref() != Some(CONTRACT_HEAD) {
        findings.push(
            Finding::warning("schema-version", "database", format!("{at}."))
                .advise("Upgrade it with Keystone 30's own `keystone-manage db_sync`."),
        );
    }
    if !has_all && !is_empty {
        let more = if missing.len() > 5 { " and more" } else { "" };
        findings.push(
            Finding::error("schema-incomplete", "database", format!("It lacks {}{more}.", named.join(", ")))
                .advise("Upgrade it with Keystone 30's own `keystone-manage db_sync`."),
        );
    }
    has_all
}

async fn skew(store: &Store, clock: &dyn Clock, findings: &mut Vec<Finding>) {
    if let Ok(Some(theirs)) = store.run(survey::time()).await {
        let apart = (clock.now() - theirs).abs();
        if apart > TOLERABLE_SKEW {
            let message = format!("This machine's clock and the database's are {} seconds apart.", apart.num_seconds());
            findings.push(
                Finding::warning("clock-skew", "clock", message)
                    .advise("Run NTP on both: tokens and revocations carry times."),
            );
        }
    }
}

async fn contents(config: &Config, store: &Store, clock: &dyn Clock, findings: &mut Vec<Finding>) {
    match store.run(survey::admins(clock.now())).await {
        Ok(names) if names.is_empty() => findings.push(
            Finding::error(
                "no-admin",
                "admin",
                "No enabled user with a password that has not expired has the role admin.",
            )
            .advise("Run `bootstrap`: it makes an admin, or enables the one that is there."),
        ),
        Ok(_) => {}
        Err(error) => findings.push(unanswered("admin", &error)),
    }
    match store.run(survey::catalog()).await {
        Ok(entries) => findings.extend(catalog(&entries)),
        Err(error) => findings.push(unanswered("catalog", &error)),
    }
    match store.run(survey::password_hashes()).await {
        Ok(kinds) => findings.extend(kinds.iter().filter_map(hash)),
        Err(error) => findings.push(unanswered("passwords", &error)),
    }
    let keys = credentials::repository(&config.credential.key_repository);
    match credentials::encryption(&keys, store).await {
        Ok(state) if state.others > 0 => findings.push(
            Finding::warning(
                "credentials-not-migrated",
                "credentials",
                format!("{} of {} stored credentials are not encrypted with the primary key.", state.others, state.all),
            )
            .advise("Run `credential_migrate`; until then `credential_rotate` refuses."),
        ),
        Ok(_) | Err(credentials::CredentialKeyError::NoPrimary { .. }) => {}
        Err(error) => findings.push(unanswered("credentials", &error)),
    }
}

fn unanswered(subject: &str, error: &dyn std::error::Error) -> Finding {
    Finding::error("database-query", subject, format!("The database did not answer: {}.", causes(error)))
        .advise("Check the schema: `db_version`, `db_sync --check`.")
}

/// The one service without which clients do not find the others, and services without an address.
fn catalog(entries: &[survey::CatalogEntry]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let identity = entries.iter().filter(|entry| entry.service == "identity");
    if !identity.into_iter().any(|entry| entry.interface.as_deref() == Some("public")) {
        findings.push(
            Finding::warning(
                "catalog-no-identity",
                "catalog",
                "There is no enabled public endpoint of type identity: many clients need one.",
            )
            .advise("Run `bootstrap` with --bootstrap-public-url and --bootstrap-region-id."),
        );
    }
    for entry in entries {
        match &entry.url {
            None => findings.push(
                Finding::note(
                    "catalog-no-endpoint",
                    "catalog",
                    format!("The service {} has no enabled endpoint.", entry.service),
                )
                .advise("Give it one, or delete it."),
            ),
            Some(url) if !can_be_shown(url) => {
                let message =
                    format!("A URL of {} cannot be filled in: the endpoint is in no token's catalog.", entry.service);
                findings.push(
                    Finding::warning("catalog-url", "catalog", message).advise(
                        "Correct the endpoint: only $(project_id)s, $(tenant_id)s and $(user_id)s are filled in.",
                    ),
                );
            }
            Some(url) if !url.contains("://") => findings.push(
                Finding::warning("catalog-url", "catalog", format!("A URL of {} names no host.", entry.service))
                    .advise("Correct the endpoint."),
            ),
            Some(_) => {}
        }
    }
    findings.extend(entries.chunk_by(|one, other| one.service == other.service).filter_map(without_public));
    findings.dedup();
    findings
}

/// What clients from outside miss: `identity` has a finding of its own.
fn without_public(entries: &[survey::CatalogEntry]) -> Option<Finding> {
    let first = entries.first().filter(|first| first.url.is_some() && first.service != "identity")?;
    let is_public = |entry: &survey::CatalogEntry| entry.interface.as_deref() == Some("public");
    (!entries.iter().any(is_public)).then(|| {
        let message = format!("The service {} has no enabled public endpoint.", first.service);
        Finding::note("catalog-no-public", "catalog", message).advise("Give it one, if clients outside shall find it.")
    })
}

/// bcrypt that is cheap to guess, and hashes that are not known.
fn hash(kind: &survey::HashKind) -> Option<Finding> {
    let cost = kind.prefix.strip_prefix("$2").and_then(|rest| rest.split('$').nth(1)?.parse::<u32>().ok());
    if let Some(cost) = cost.filter(|cost| *cost < 10) {
        let message =
            format!("{} passwords are hashed with bcrypt at cost {cost}, which is cheap to guess.", kind.count);
        return Some(
            Finding::warning("password-hash-stored", "passwords", message)
                .advise("Have them set anew after [identity] password_hash_rounds was raised."),
        );
    }
    let known = ["$2", "$bcrypt", "$scrypt", "$pbkdf2"].iter().any(|prefix| kind.prefix.starts_with(prefix));
    (!known).then(|| {
        Finding::warning(
            "password-hash-unknown",
            "passwords",
            format!("{} passwords are hashed in a way that Keystone 30 does not know.", kind.count),
        )
        .advise("Have them set anew: nobody can log in with them.")
    })
}
