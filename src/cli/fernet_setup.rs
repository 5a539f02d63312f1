//! `fernet_setup`: gives tokens and receipts their first keys (`keystone.cmd.cli.FernetSetup`).

use tracing::warn;

use super::key_repositories::{FernetCommandError, FernetRepositories, KeyOwnerArgs};
use crate::domain::random::Random;

/// Set up key repositories for Fernet tokens and auth receipts
///
/// Makes the directories where they are missing, and a staged and a primary key in each that has no key 0. A repository
/// that is already set up is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct FernetSetupArgs {
    /// To whom the keys shall belong.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Sets up the repository of the token keys, and that of the receipt keys where it is another directory.
///
/// As with keystone-manage, a directory that cannot be used is an error in the log and not a failure.
///
/// # Errors
/// [`FernetCommandError`].
pub fn run(
    args: &FernetSetupArgs,
    repositories: &FernetRepositories,
    random: &dyn Random,
) -> Result<(), FernetCommandError> {
    let owner = args.owner.resolve()?;
    for repository in repositories.distinct() {
        repository.setup(owner, random)?;
    }
    let (tokens, receipts) = (&repositories.tokens, &repositories.receipts);
    if repositories.separate_receipt_keys().is_none() && tokens.max_active_keys != receipts.max_active_keys {
        warn!(
            "Receipt and Token fernet key directories are the same but `max_active_keys` is different. Receipt \
             `max_active_keys` will be ignored in favor of Token `max_active_keys`."
        );
    }
    Ok(())
}
