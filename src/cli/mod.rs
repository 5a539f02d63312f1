//! The commands, one file each. Those that keystone-manage has take its flags and answer as it does.

pub mod bootstrap;
pub mod change_feed;
pub mod credential;
pub mod db_sync;
pub mod db_version;
pub mod dev;
pub mod doctor;
mod duration;
mod exit;
pub mod fernet;
pub mod fernet_rotate;
pub mod fernet_setup;
mod findings;
pub mod generated;
pub mod key_repositories;
mod keystone_manage;
mod log_batch;
mod log_lines;
mod logging;
mod ready_file;
pub mod receipt;
pub mod serve;
mod settings;
mod style;

use std::{
    error::Error,
    io::{self, ErrorKind, Write, stdout},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use self::{exit::Exit, key_repositories::FernetCommandError};
use crate::{
    app::{self, Environment},
    config::{Config, ConfigFlags, Sources},
    domain::{clock::SystemClock, random::SystemRandom},
    keys::{ImportError, KeyRepository, RepositoryError, history::Seen, records, safety::Terms},
    store::{DatabaseSettings, OpenError, Store, Trouble},
};

/// OpenStack Keystone's token service as one small binary
#[derive(Debug, Parser)]
#[command(name = "fernstone", version, propagate_version = true, after_help = exit::TABLE)]
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
    Doctor(doctor::DoctorArgs),
    Fernet(fernet::FernetArgs),
    #[command(name = "change_feed", alias = "change-feed")]
    ChangeFeed(change_feed::ChangeFeedArgs),
    #[command(name = "fernet_setup", alias = "fernet-setup")]
    FernetSetup(fernet_setup::FernetSetupArgs),
    #[command(name = "fernet_rotate", alias = "fernet-rotate")]
    FernetRotate(fernet_rotate::FernetRotateArgs),
    #[command(name = "receipt_setup", alias = "receipt-setup")]
    ReceiptSetup(receipt::ReceiptSetupArgs),
    #[command(name = "receipt_rotate", alias = "receipt-rotate")]
    ReceiptRotate(receipt::ReceiptRotateArgs),
    #[command(name = "credential_setup", alias = "credential-setup")]
    CredentialSetup(credential::CredentialSetupArgs),
    #[command(name = "credential_rotate", alias = "credential-rotate")]
    CredentialRotate(credential::CredentialRotateArgs),
    #[command(name = "credential_migrate", alias = "credential-migrate")]
    CredentialMigrate(credential::CredentialMigrateArgs),
    Completions(generated::CompletionsArgs),
    Man(generated::ManArgs),
}

/// Why a command failed.
pub(crate) type CommandError = Box<dyn Error + Send + Sync>;

/// Reads the command line of this process and does what it says. Called as `keystone-manage`, it takes that program's
/// verbs and flags.
pub fn run() -> ExitCode {
    if !keystone_manage::is_name_of(std::env::args_os().next().as_deref()) {
        let exit = execute(Cli::parse(), false).unwrap_or_else(|error| {
            report("fernstone", &*error);
            Exit::Failed.into()
        });
        return exit;
    }
    if let Some(shell) = keystone_manage::shell_to_complete(std::env::args_os()) {
        return generated::completions_of_keystone_manage(shell).map_or_else(
            |error| {
                report("keystone-manage", &*error);
                Exit::Failed.into()
            },
            |()| Exit::Done.into(),
        );
    }
    let asked = keystone_manage::read(std::env::args_os());
    if let Some(absent) = keystone_manage::absence(&asked.verb) {
        eprintln!("{absent}");
        return Exit::Failed.into();
    }
    let done = asked.cli.map_err(CommandError::from).and_then(|cli| execute(cli, asked.debug));
    // Keystone knows no other status than 1 for a refusal or a symptom.
    let done = done.map(|exit| {
        let own = [Exit::Refused.into(), Exit::Findings.into()];
        if asked.verb != "db_sync" && own.contains(&exit) { Exit::Failed.into() } else { exit }
    });
    done.unwrap_or_else(|error| {
        report("keystone-manage", &*error);
        Exit::Failed.into()
    })
}

fn execute(cli: Cli, debug: bool) -> Result<ExitCode, CommandError> {
    let Cli { config, command } = cli;
    let given = Given { flags: config, debug };
    match command {
        Command::Serve(args) => serve::run(&args, given.flags)?,
        Command::Dev(args) => dev::run(&args, &given.flags)?,
        // The exit status of `--check` says what is to be done.
        Command::DbSync(args) => {
            return given
                .with_database(true, async |_, store| Ok(db_sync::run(&args, &store).await?))
                .map(ExitCode::from);
        }
        Command::Doctor(args) => return doctor::run(&args, &given.flags).map(ExitCode::from),
        Command::Fernet(args) => return fernet::run(&args, &given.flags).map(ExitCode::from),
        // The exit status of `status` is an answer.
        Command::ChangeFeed(args) => {
            return given
                .with_database(false, async |_, store| Ok(change_feed::run(args, &store).await?))
                .map(ExitCode::from);
        }
        Command::DbVersion(args) => given.with_database(false, async |_, store| {
            let version = db_version::run(&args, &store).await?;
            Ok(writeln!(stdout(), "{version}")?)
        })?,
        Command::Bootstrap(args) => given.with_database(false, async |config, store| {
            let Environment { clock, random } = Environment::system();
            let rules = bootstrap::user_rules(&config)?;
            let domain_id = &config.identity.default_domain_id;
            let variable = |name: &str| std::env::var(name).ok();
            bootstrap::run(&args, variable, &store, &rules, &*clock, &random, domain_id).await?;
            Ok(())
        })?,
        Command::FernetSetup(args) => {
            fernet_setup::run(&args, &settings::key_repositories(&given.load_for_keys()?), &SystemRandom)?;
        }
        Command::FernetRotate(args) => {
            let config = given.load_for_keys()?;
            let repositories = settings::key_repositories(&config);
            let (tokens, receipts) = settings::lives(&config);
            warn_of_loss(&repositories.token_keys(), &tokens);
            if let Some(repository) = repositories.separate_receipt_keys() {
                warn_of_loss(&repository, &receipts);
            }
            fernet_rotate::run(&args, &repositories, &SystemRandom)?;
        }
        Command::ReceiptSetup(args) => {
            receipt::set_up(&args, &settings::key_repositories(&given.load_for_keys()?), &SystemRandom)?;
        }
        Command::ReceiptRotate(args) => {
            let config = given.load_for_keys()?;
            let repositories = settings::key_repositories(&config);
            let (tokens, receipts) = settings::lives(&config);
            let shared = repositories.separate_receipt_keys().is_none();
            warn_of_loss(&repositories.receipt_keys(), if shared { &tokens } else { &receipts });
            receipt::rotate(&args, &repositories, &SystemRandom)?;
        }
        Command::CredentialSetup(args) => {
            credential::set_up(&args, &settings::credential_keys(&given.load_for_keys()?), &SystemRandom)?;
        }
        Command::CredentialRotate(args) => {
            let config = given.load_for_keys()?;
            let rotate = async |config: Config, store: Store| {
                credential::rotate(&args, &settings::credential_keys(&config), &store, &SystemRandom).await
            };
            return with_database_of(config, false, rotate).map(ExitCode::from);
        }
        Command::CredentialMigrate(args) => {
            let config = given.load_for_keys()?;
            let migrate = async |config: Config, store: Store| {
                credential::migrate(&args, &settings::credential_keys(&config), &store, &SystemRandom).await
            };
            return with_database_of(config, false, migrate).map(ExitCode::from);
        }
        Command::Completions(args) => generated::completions(&args)?,
        Command::Man(args) => generated::man(&args)?,
    }
    Ok(Exit::Done.into())
}

/// Says before keystone-manage's rotation, which never refuses, what Fernstone's own would refuse.
fn warn_of_loss(repository: &KeyRepository, terms: &Terms) {
    let seen = records::default_place(repository.path()).map_or_else(Seen::new, |file| records::read(&file).0);
    let prospect = repository.prospect(terms, &seen, &SystemClock);
    if let Some(refusal) = prospect.ok().and_then(|prospect| prospect.refusal) {
        tracing::warn!(
            "This rotation of {} may cost live tokens: {refusal}. `fernet rotate` would have refused it.",
            repository.path().display()
        );
    }
}

/// What was said on the command line besides the verb.
struct Given {
    flags: ConfigFlags,
    debug: bool,
}

impl Given {
    /// Runs a command that needs the configured database; `create`: a SQLite file that is not there is made.
    fn with_database<T>(
        &self,
        create: bool,
        command: impl AsyncFnOnce(Config, Store) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let (config, _warnings) = Config::load(&Sources::of_process(self.flags.given.clone()))?;
        self.log(&config);
        with_database_of(config, create, command)
    }

    /// The configuration for a command that serves nothing: what Fernstone does not support is no reason to stop.
    fn load_for_keys(&self) -> Result<Config, CommandError> {
        let config = Config::load_leniently(&Sources::of_process(self.flags.given.clone()))?;
        self.log(&config);
        Ok(config)
    }

    /// Logs to standard error; warnings about options stay out of the way.
    fn log(&self, config: &Config) {
        logging::start(self.debug || config.default.debug);
    }
}

fn with_database_of<T>(
    config: Config,
    create: bool,
    command: impl AsyncFnOnce(Config, Store) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    serve::run_to_end(async {
        // Making a schema, an index or a column's worth of new secrets takes the time that it takes.
        let settings = DatabaseSettings { statement_timeout: None, ..app::database_settings(&config, create)? };
        command(config, Store::open(&settings)?).await
    })?
}

/// Prints an error with all its causes on one line.
fn report(program: &str, error: &(dyn Error + 'static)) {
    // Who reads standard output has seen enough, such as `head`.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return;
    }
    eprintln!("{program}: {}", in_one_line(error));
    if let Some(hint) = hint(error) {
        eprintln!("  {hint}");
    }
}

/// What to do about an error, where that is not in its words.
fn hint(error: &(dyn Error + 'static)) -> Option<&'static str> {
    database_hint(error).or_else(|| key_directory_hint(error))
}

fn database_hint(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(OpenError::File { .. }) = error.downcast_ref() {
        return Some(
            "[database] connection names the file, and --config-file the configuration; db_sync makes a new database.",
        );
    }
    Some(match Trouble::behind(error)? {
        Trouble::Unavailable => "Start the database, or correct [database] connection; `doctor` looks at all of it.",
        Trouble::Refused => {
            "`db_sync --check` says whether the tables are Keystone 30's; db_sync makes them in an empty database."
        }
    })
}

fn key_directory_hint(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let repository = error.downcast_ref::<RepositoryError>().or_else(|| {
        match (error.downcast_ref::<ImportError>(), error.downcast_ref::<FernetCommandError>()) {
            (Some(ImportError::Repository(inner)), _) | (_, Some(FernetCommandError::Repository(inner))) => Some(inner),
            _ => None,
        }
    })?;
    let RepositoryError::Io { source, .. } = repository else { return None };
    match source.kind() {
        ErrorKind::NotADirectory => Some("--key-repository names a directory with a key in each file."),
        ErrorKind::NotFound => Some("--key-repository names a key directory; fernet_setup makes one."),
        ErrorKind::PermissionDenied if rustix::process::geteuid().is_root() => Some(
            "Keys are written with the rights of their owner (--keystone-user, --keystone-group): the directory has to be \
             theirs.",
        ),
        ErrorKind::PermissionDenied => Some("Run this as the owner of the directory, or as root."),
        ErrorKind::StorageFull => Some("Nothing was lost. Make room on the disk, and try again."),
        ErrorKind::ReadOnlyFilesystem => Some("Run this where the directory can be written, and bring the keys here."),
        _ => None,
    }
}

/// An error with all its causes.
fn in_one_line(error: &(dyn Error + 'static)) -> String {
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
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_defined() {
        super::Cli::command().debug_assert();
    }
}
