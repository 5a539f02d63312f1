//! `db_version`: where the database stands (`keystone.cmd.cli.DbVersion`).

use serde_json::json;

use crate::store::{
    Store, StoreError,
    schema::{CONTRACT_HEAD, EXPAND_HEAD},
};

/// Print the migration that the database has seen last
///
/// It is the last one of the expand branch. `None` means that the database is under no version control.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct DbVersionArgs {
    /// Print one JSON object, with both branches and their last migrations
    #[arg(long)]
    pub json: bool,
}

/// What to print.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn run(args: &DbVersionArgs, store: &Store) -> Result<String, StoreError> {
    let versions = store.versions().await?;
    if args.json {
        let object = json!({
            "expand": versions.expand,
            "expand_head": EXPAND_HEAD,
            "contract": versions.contract,
            "contract_head": CONTRACT_HEAD,
            "unknown": versions.unknown,
        });
        return Ok(format!("{object:#}"));
    }
    Ok(versions.expand.unwrap_or_else(|| "None".to_owned()))
}
