//! `fernet_rotate`: makes the staged keys the primary ones (`keystone.cmd.cli.FernetRotate`).

use super::key_repositories::{FernetCommandError, FernetRepositories, KeyOwnerArgs};
use crate::domain::random::Random;

/// Rotate Fernet encryption keys
///
/// The staged key becomes the primary, which new tokens are encrypted with; the old primary still opens tokens; a fresh
/// key is staged; and the oldest keys beyond `max_active_keys` are deleted for good. Rotating too often, or with too few
/// active keys, makes tokens invalid before they expire.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct FernetRotateArgs {
    /// To whom the keys shall belong.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Rotates the repository of the token keys, and that of the receipt keys where it is another directory.
///
/// As with keystone-manage, a directory that cannot be used is an error in the log and not a failure.
///
/// # Errors
/// [`FernetCommandError`].
pub fn run(
    args: &FernetRotateArgs,
    repositories: &FernetRepositories,
    random: &dyn Random,
) -> Result<(), FernetCommandError> {
    let owner = args.owner.resolve()?;
    for repository in repositories.distinct() {
        repository.rotate_if_accessible(owner, random)?;
    }
    Ok(())
}
