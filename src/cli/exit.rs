//! What exit statuses mean, one table for all commands.

use std::process::ExitCode;

/// How a command ended. The parser of the command line has 2, for one that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, and nothing is wrong.
    Done = 0,
    /// It could not be done; standard error says why.
    Failed = 1,
    /// Refused, because live tokens would be lost or may be. Nothing was changed.
    Refused = 3,
    /// `check` or `doctor` found something.
    Findings = 4,
}

/// The table as it stands below the help.
pub(super) const TABLE: &str = "Exit status:
  0  done; nothing was found
  1  failed; standard error says why, unless it is that nobody reads standard output any more
  2  the command line is wrong (db_sync --check: see there)
  3  refused, because live tokens would be lost or may be; nothing was changed
  4  check or doctor found something (called as keystone-manage: 1)";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
