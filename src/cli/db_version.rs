//! `db_version`: where the database stands (`keystone.cmd.cli.DbVersion`).

use crate::store::{Store, StoreError};

/// Print the migration that the database has seen last
///
/// It is the last one of the expand branch. `None` means that the database is under no version control.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct DbVersionArgs {}

/// The line to print.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn run(store: &Store) -> Result<String, StoreError> {
    let versions = store.versions().await?;
    Ok(versions.expand.unwrap_or_else(|| "None".to_owned()))
}
