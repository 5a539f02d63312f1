//! `db_sync`: makes the schema, or says what would have to be done (`keystone.cmd.cli.DbSync`).

use std::io::{Write, stdout};

use serde_json::json;
use tracing::info;

use crate::store::{
    Store,
    schema::{CONTRACT_HEAD, EXPAND_HEAD, SchemaError, Synced, Versions},
};

/// Make the tables of Keystone 30 in an empty database
///
/// A database that has them already is left as it is. One that an older Keystone made has to be upgraded by Keystone's
/// own db_sync first.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
#[group(id = "step", multiple = false)]
pub struct DbSyncArgs {
    /// No longer supported: the database is always brought to the latest version
    #[arg(id = "target_version", value_name = "VERSION")]
    pub version: Option<String>,

    /// Do what comes before an upgrade of the nodes; in an empty database that is everything
    #[arg(long, group = "step")]
    pub expand: bool,

    /// Do nothing: there are no data to migrate any more
    #[arg(long, group = "step")]
    pub migrate: bool,

    /// Do what comes after an upgrade of the nodes; only after --expand
    #[arg(long, group = "step")]
    pub contract: bool,

    /// Only look, and tell by the exit status: 0 nothing is to be done, 2 --expand is next, 4 --contract is next
    #[arg(long, group = "step")]
    pub check: bool,

    /// How a look is answered.
    #[command(flatten)]
    pub answer: CheckAnswer,
}

/// Apart from the steps, of which there can be one only.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct CheckAnswer {
    /// With --check: print one JSON object, with the next step and where both branches stand
    #[arg(long, requires = "check", conflicts_with_all = ["expand", "migrate", "contract"])]
    pub json: bool,
}

/// Why there is nothing done.
#[derive(Debug, thiserror::Error)]
pub enum DbSyncError {
    /// The database, or what is in it.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A version was given.
    #[error("Specifying a version is no longer supported")]
    Version,
    /// `--contract` on a database that was not expanded.
    #[error("the database has not been expanded to {EXPAND_HEAD}: run db_sync --expand first")]
    ContractBeforeExpand,
}

/// Does what the arguments say; answers with the exit status.
///
/// # Errors
/// A [`DbSyncError`]: exit status 1.
pub async fn run(args: &DbSyncArgs, store: &Store) -> Result<u8, DbSyncError> {
    if args.check {
        return check(store, args.answer.json).await;
    }
    if args.migrate {
        // Nothing depends on who reads it.
        _ = writeln!(stdout(), "Data migrations are no longer supported with alembic. This is now a no-op.");
        return Ok(0);
    }
    if args.version.is_some() && !args.expand && !args.contract {
        return Err(DbSyncError::Version);
    }
    if args.contract {
        let versions = store.versions().await.map_err(SchemaError::from)?;
        if versions.expand.as_deref() != Some(EXPAND_HEAD) {
            return Err(DbSyncError::ContractBeforeExpand);
        }
    }
    match store.db_sync().await? {
        Synced::Created => info!("the database was empty and has the tables of Keystone 30 now"),
        Synced::Current => info!("the database is up to date"),
        Synced::Unversioned => {
            info!("the database has the tables of Keystone 30 and no note of its version; it was left as it is");
        }
    }
    Ok(0)
}

async fn check(store: &Store, json: bool) -> Result<u8, DbSyncError> {
    let versions = store.versions().await.map_err(SchemaError::from)?;
    if !versions.unknown.is_empty() {
        return Err(SchemaError::Unknown { found: versions.unknown }.into());
    }
    let status = status(&versions);
    if json {
        let next = match status {
            0 => None,
            2 => Some("--expand"),
            _ => Some("--contract"),
        };
        let object = json!({
            "next": next,
            "expand": versions.expand,
            "expand_head": EXPAND_HEAD,
            "contract": versions.contract,
            "contract_head": CONTRACT_HEAD,
        });
        _ = writeln!(stdout(), "{object:#}");
        return Ok(status);
    }
    match status {
        0 => info!("the database is up to date"),
        2 => info!("the database is not up to date: the next step is db_sync --expand"),
        _ => info!("the database is expanded: the next step is db_sync --contract"),
    }
    let shown = |version: Option<String>| version.unwrap_or_else(|| "None".to_owned());
    info!("expand: {} (head: {EXPAND_HEAD})", shown(versions.expand));
    info!("contract: {} (head: {CONTRACT_HEAD})", shown(versions.contract));
    Ok(status)
}

fn status(versions: &Versions) -> u8 {
    if versions.expand.as_deref() != Some(EXPAND_HEAD) {
        2
    } else if versions.contract.as_deref() != Some(CONTRACT_HEAD) {
        4
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: DbSyncArgs,
    }

    fn parse(arguments: &[&str]) -> Result<DbSyncArgs, clap::Error> {
        Line::try_parse_from([&["db_sync"], arguments].concat()).map(|line| line.args)
    }

    #[test]
    fn one_step_at_a_time() {
        assert!(parse(&["--check"]).is_ok_and(|args| args.check));
        assert!(parse(&["--expand", "--contract"]).is_err());
        assert!(parse(&["--check", "--migrate"]).is_err());
        assert!(parse(&["--check", "--json"]).is_ok_and(|args| args.answer.json));
        assert!(parse(&["--expand", "--json"]).is_err());
        assert!(parse(&["5"]).is_ok_and(|args| args.version.as_deref() == Some("5")));
    }

    #[test]
    fn the_status_names_the_next_step() {
        let versions = |expand: Option<&str>, contract: Option<&str>| Versions {
            expand: expand.map(str::to_owned),
            contract: contract.map(str::to_owned),
            unknown: Vec::new(),
        };
        assert_eq!(status(&versions(None, None)), 2);
        assert_eq!(status(&versions(Some("e8725d6fa226"), Some(CONTRACT_HEAD))), 2);
        assert_eq!(status(&versions(Some(EXPAND_HEAD), None)), 4);
        assert_eq!(status(&versions(Some(EXPAND_HEAD), Some(CONTRACT_HEAD))), 0);
    }
}
