//! The commands, one file each. Those that keystone-manage has take its flags and answer as it does.

pub mod bootstrap;
pub mod db_sync;
pub mod db_version;
pub mod dev;
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
    app::{self, Environment},
    config::{Config, ConfigFlags, Sources},
    domain::random::SystemRandom,
    store::Store,
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
    Dev(dev::DevArgs),
    #[command(name = "db_sync", alias = "db-sync")]
    DbSync(db_sync::DbSyncArgs),
    #[command(name = "db_version", alias = "db-version")]
    DbVersion(db_version::DbVersionArgs),
    Bootstrap(bootstrap::BootstrapArgs),
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
        Command::Dev(args) => dev::run(&args, &config),
        Command::DbSync(args) => {
            match with_database(config, true, async |_, store| Ok(db_sync::run(&args, &store).await?)) {
                // The exit status of `--check` says what is to be done.
                Ok(status) => return ExitCode::from(status),
                Err(error) => Err(error),
            }
        }
        Command::DbVersion(_) => with_database(config, false, async |_, store| {
            println!("{}", db_version::run(&store).await?);
            Ok(())
        }),
        Command::Bootstrap(args) => with_database(config, false, async |config, store| {
            let Environment { clock, random } = Environment::system();
            let rules = bootstrap::user_rules(&config)?;
            let domain_id = &config.identity.default_domain_id;
            let variable = |name: &str| std::env::var(name).ok();
            bootstrap::run(&args, variable, &store, &rules, &*clock, &random, domain_id).await?;
            Ok(())
        }),
        Command::FernetSetup(args) => load_for_command(config)
            .and_then(|config| Ok(fernet_setup::run(&args, &settings::key_repositories(&config), &SystemRandom)?)),
        Command::FernetRotate(args) => load_for_command(config)
            .and_then(|config| Ok(fernet_rotate::run(&args, &settings::key_repositories(&config), &SystemRandom)?)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Runs a command that needs the configured database; `create`: a SQLite file that is not there is made.
fn with_database<T>(
    flags: ConfigFlags,
    create: bool,
    command: impl AsyncFnOnce(Config, Store) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let config = load_for_command(flags)?;
    serve::runtime()?.block_on(async {
        let store = Store::open(&app::database_settings(&config, create)?)?;
        command(config, store).await
    })
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
