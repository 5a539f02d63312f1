//! `receipt_setup` and `receipt_rotate`: the keys of receipts alone (`keystone.cmd.cli.ReceiptSetup`, `ReceiptRotate`).

use super::key_repositories::{FernetCommandError, FernetRepositories, KeyOwnerArgs};
use crate::domain::random::Random;

/// Set up the key repository for auth receipts
///
/// fernet_setup does this too.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct ReceiptSetupArgs {
    /// To whom the keys shall belong.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Rotate the keys of auth receipts
///
/// fernet_rotate does this too. Where receipts and tokens share a directory, this rotates the keys of both.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct ReceiptRotateArgs {
    /// To whom the keys shall belong.
    #[command(flatten)]
    pub owner: KeyOwnerArgs,
}

/// Sets up the repository of the receipt keys. As with keystone-manage, a directory that cannot be used is an error in
/// the log and not a failure.
///
/// # Errors
/// [`FernetCommandError`].
pub fn set_up(
    args: &ReceiptSetupArgs,
    repositories: &FernetRepositories,
    random: &dyn Random,
) -> Result<(), FernetCommandError> {
    let owner = args.owner.resolve()?;
    repositories.receipt_keys().setup(owner, random)?;
    Ok(())
}

/// Rotates the repository of the receipt keys. As with keystone-manage, a directory that cannot be used is an error in
/// the log and not a failure.
///
/// # Errors
/// [`FernetCommandError`].
pub fn rotate(
    args: &ReceiptRotateArgs,
    repositories: &FernetRepositories,
    random: &dyn Random,
) -> Result<(), FernetCommandError> {
    let owner = args.owner.resolve()?;
    repositories.receipt_keys().rotate_if_accessible(owner, random)?;
    Ok(())
}
