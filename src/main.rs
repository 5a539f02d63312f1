//! The binary: reads the command line and hands over to the command.

use std::process::ExitCode;

/// A third faster than glibc's where requests allocate the most (`docs/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fernstone::cli::run()
}
