//! `change_feed`: the triggers by which a Postgres tells of its changes.

use std::io::{Write, stdout};

use serde_json::json;

use super::CommandError;
use crate::store::{Store, feed::triggers::Installed};

/// Make a Postgres database tell of its changes, so that tokens can be served from memory
///
/// db_sync does this in a database that it makes. In one that Keystone made, nothing is added without being asked for:
/// then this does it. Keystone does not notice, and its upgrades are not in the way of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub struct ChangeFeedArgs {
    /// What to do
    #[arg(value_enum)]
    pub step: Step,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Step {
    /// Say whether it is there; the exit status is 0 where it is, and 1 where not
    Status,
    /// Put it there
    Install,
    /// Take it away: each request is answered from the database then
    Remove,
}

/// Does what the arguments say; answers with the exit status.
///
/// # Errors
/// The database does not do it, or the answer cannot be printed.
pub(super) async fn run(args: ChangeFeedArgs, store: &Store) -> Result<u8, CommandError> {
    let installed = match args.step {
        Step::Status => store.change_feed_installed().await?,
        Step::Install => store.install_change_feed().await?,
        Step::Remove => store.remove_change_feed().await?,
    };
    let (word, text, status) = match installed {
        Installed::Yes => ("installed", "installed", 0),
        Installed::No => ("not-installed", "not installed: `change_feed install` puts it there", 1),
        Installed::Partly => ("incomplete", "not complete: `change_feed install` completes it", 1),
        Installed::NotNeeded => ("not-needed", "not needed: SQLite tells of its changes without help", 0),
    };
    if args.json {
        writeln!(stdout(), "{:#}", json!({ "change_feed": word, "ok": status == 0 }))?;
    } else {
        writeln!(stdout(), "change feed: {text}")?;
    }
    Ok(if args.step == Step::Status { status } else { 0 })
}
