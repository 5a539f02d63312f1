//! The commands, one file each. Those that keystone-manage has take its flags and answer as it does.

pub mod bootstrap;
pub mod db_sync;
pub mod db_version;
pub mod fernet_rotate;
pub mod fernet_setup;
pub mod key_repositories;
mod logging;
mod ready_file;
pub mod serve;
mod settings;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    config::{Config, ConfigFlags, Sources},
    domain::random::SystemRandom,
};

/// OpenStack Keystone's token service as one small binary
#[derive(Debug, Parser)]
#[command(name = "fernstone", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    config: ConfigFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the Identity API
    Serve(serve::ServeArgs),
    #[command(name = "fernet_setup", alias = "fernet-setup")]
    FernetSetup(fernet_setup::FernetSetupArgs),
    #[command(name = "fernet_rotate", alias = "fernet-rotate")]
    FernetRotate(fernet_rotate::FernetRotateArgs),
}

/// Why a command failed.
pub(crate) type CommandError = Box<dyn Error + Send + Sync>;

/// Reads the command line of this process and does what it says.
pub fn run() -> ExitCode {
    let Cli { config, command } = Cli::parse();
    let outcome = match command {
        Command::Serve(args) => serve::run(&args, config),
        Command::FernetSetup(args) => load_for_command(config).and_then(|config| {
            Ok(fernet_setup::run(&args, &settings::key_repositories(&config), &SystemRandom)?)
        }),
        Command::FernetRotate(args) => load_for_command(config).and_then(|config| {
            Ok(fernet_rotate::run(&args, &settings::key_repositories(&config), &SystemRandom)?)
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

/// The configuration for a command that runs and ends: logs to standard error, and warnings about options stay out of
/// the way.
fn load_for_command(flags: ConfigFlags) -> Result<Config, CommandError> {
    let (config, _warnings) = Config::load(&Sources::of_process(flags.given))?;
    logging::start(&logging::Destination::Stderr, logging::Format::Text, config.default.debug)?;
    Ok(config)
}

/// Prints an error with all its causes on one line.
fn report(error: &(dyn Error + 'static)) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    eprintln!("fernstone: {text}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_defined() {
        super::Cli::command().debug_assert();
    }
}
