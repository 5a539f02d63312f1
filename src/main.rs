//! The binary: reads the command line and hands over to the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    fernstone::cli::run()
}
