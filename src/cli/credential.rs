//! `credential_setup`, `credential_rotate` and `credential_migrate`: the keys of stored credentials
//! (`keystone.cmd.cli.CredentialSetup`, `CredentialRotate`, `CredentialMigrate`).

use std::io::{IsTerminal, Write, stderr};

use tracing::info;

use super::{
    CommandError,
    exit::Exit,
    key_repositories::{FernetCommandError, KeyOwnerArgs},
};
use crate::{
    domain::{
        clock::{Clock, SystemClock},
        random::Random,
    },
    keys::{
        KeyRepository,
        credentials::{self, CredentialKeyError},
    },
    store::Store,
};

/// Set up the key repository that stored credentials are encrypted with
///
/// What was stored before is encrypted with a key that everybody knows until credential_migrate has been run.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct CredentialSetupArgs {
    /// To whom the keys shall belong.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Rotate the keys that stored credentials are encrypted with
///
/// Refused unless every credential is encrypted with the primary key, as a key that is dropped takes its credentials with
/// it for good. Run credential_migrate after each rotation.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct CredentialRotateArgs {
    /// To whom the keys shall belong.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Encrypt all stored credentials with the primary key
///
/// May be stopped and run again at any time, and while servers run that have the same keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct CredentialMigrateArgs {
    /// Taken for keystone-manage's sake; no file is written.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Sets up the repository.
///
/// # Errors
/// [`FernetCommandError`].
pub fn set_up(
    args: &CredentialSetupArgs,
    repository: &KeyRepository,
    random: &dyn Random,
) -> Result<(), FernetCommandError> {
    let owner = args.owner.resolve()?;
    repository.setup(owner, random)?;
    Ok(())
}

/// Rotates the repository, if that leaves every credential a key.
///
/// # Errors
/// What could not be read or changed.
pub(super) async fn rotate(
    args: &CredentialRotateArgs,
    repository: &KeyRepository,
    store: &Store,
    random: &dyn Random,
) -> Result<Exit, CommandError> {
    let owner = args.owner.resolve()?;
    match credentials::rotate(repository, store, owner, random).await {
        Ok(_) => Ok(Exit::Done),
        Err(refused @ CredentialKeyError::NotMigrated { .. }) => {
            eprintln!("fernstone: {refused}");
            Ok(Exit::Refused)
        }
        Err(error) => Err(error.into()),
    }
}

/// Encrypts all credentials with the primary.
///
/// # Errors
/// What could not be read or changed, or credentials that no key opens.
pub(super) async fn migrate(
    args: &CredentialMigrateArgs,
    repository: &KeyRepository,
    store: &Store,
    random: &dyn Random,
) -> Result<Exit, CommandError> {
    args.owner.resolve()?;
    let watched = stderr().is_terminal();
    let mut shown = false;
    let progress = |done: u64, total: u64| {
        if watched && (done.is_multiple_of(50) || done == total) {
            shown = write!(stderr(), "\r{done} of {total} credentials").is_ok();
        }
    };
    let migrated = credentials::migrate(repository, store, || SystemClock.now(), random, progress).await;
    // What is said next, an error most of all, begins a line of its own.
    if shown {
        eprintln!();
    }
    let migrated = migrated?;
    info!("{} credentials were encrypted with the primary key", migrated.done);
    if migrated.overtaken > 0 {
        info!("{} were changed by somebody else meanwhile, and left as they are", migrated.overtaken);
    }
    if migrated.unopened.is_empty() {
        return Ok(Exit::Done);
    }
    let shown: Vec<&str> = migrated.unopened.iter().take(10).map(String::as_str).collect();
    let more = migrated.unopened.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(format!(
        "no key opens the credentials {}{more}: put their key back into {} from a backup, or delete them",
        shown.join(", "),
        repository.path().display()
    )
    .into())
}
