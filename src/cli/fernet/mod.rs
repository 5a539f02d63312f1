//! `fernet ...`: looking at key directories, planning their rotation, rotating and distributing them, safely.
//!
//! These are Fernstone's own commands. They work on the key directories of any Keystone, without its database, and
//! without its configuration where `--key-repository` is given.

mod check;
mod export;
mod identify;
mod import;
mod options;
mod output;
mod plan;
mod rotate;
mod status;

use clap::{Args, Subcommand};

use super::{CommandError, exit::Exit, logging};
use crate::config::ConfigFlags;

/// Look at, plan, rotate and distribute the keys of tokens and receipts
#[derive(Debug, Clone, Args)]
pub struct FernetArgs {
    #[command(subcommand)]
    command: FernetCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum FernetCommand {
    Status(status::StatusArgs),
    Plan(plan::PlanArgs),
    Rotate(rotate::RotateArgs),
    Check(check::CheckArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Identify(identify::IdentifyArgs),
}

/// Does what the arguments say.
///
/// # Errors
/// What could not be done, and why.
pub(super) fn run(args: &FernetArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    logging::start_quietly();
    match &args.command {
        FernetCommand::Status(args) => status::run(args, flags),
        FernetCommand::Plan(args) => plan::run(args, flags),
        FernetCommand::Rotate(args) => rotate::run(args, flags),
        FernetCommand::Check(args) => check::run(args, flags),
        FernetCommand::Export(args) => export::run(args, flags),
        FernetCommand::Import(args) => import::run(args, flags),
        FernetCommand::Identify(args) => identify::run(args, flags),
    }
}
