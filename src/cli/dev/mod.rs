//! `dev`: a Keystone to develop against. One command, nothing to set up, and the next start finds what this one left.

mod client_files;
mod place;
mod world;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use self::{client_files::ClientFiles, place::Place, world::World};
use super::{
    CommandError, logging,
    ready_file::ReadyFile,
    serve::{bind, run_to_end, say, told_to_stop, url_of},
};
use crate::{
    app::{App, Environment},
    config::{Config, ConfigFlags},
    server::{self, Limits},
    store::{DatabaseSettings, Store},
};

/// Serve a Keystone to develop against: no configuration, no database to set up, users and projects ready to use
#[derive(Debug, Clone, Args)]
pub struct DevArgs {
    /// Where the database, the keys and the clients' files are kept
    #[arg(long, value_name = "DIR", default_value = ".fernstone")]
    data_dir: PathBuf,
    /// Keep the database in memory and the rest in a temporary directory; all of it is gone when the server stops
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
    /// Address and port to serve on; port 0 picks a free one, which is printed
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5000")]
    listen: String,
    /// A file to write a JSON object to once requests are answered: url, admin_user, admin_password, admin_project,
    /// clouds_yaml, openrc
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Password of the users when they are made [default: secret]
    #[arg(long)]
    password: Option<String>,
}

#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    admin_user: &'a str,
    admin_password: &'a str,
    admin_project: &'a str,
    clouds_yaml: &'a str,
    openrc: &'a str,
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
///
/// The data directory cannot be used, or the address is taken.
pub fn run(args: &DevArgs, flags: &ConfigFlags) -> Result<(), CommandError> {
    if !flags.given.is_empty() {
        return Err("dev brings its own configuration: use serve with --config-file and --config-dir".into());
    }
    logging::start_quietly();
    run_to_end(serve(args))?
}

async fn serve(args: &DevArgs) -> Result<(), CommandError> {
    let ready_file = args.ready_file.as_deref().map(ReadyFile::prepare).transpose()?;
    let place = if args.ephemeral { Place::temporary()? } else { Place::at(&args.data_dir)? };
    let config = config_for(&place);
    let environment = Environment::system();
    place.make_keys(&config, &*environment.random)?;
    let store = Store::open(&DatabaseSettings::new(place.database()))?;
    store.db_sync().await?;
    let listener = bind(&args.listen).await?;
    let url = url_of(&listener)?;
    let world = World::enter(&store, &place, &config, &environment, &url, args.password.as_deref()).await?;
    let files = ClientFiles::write(place.path(), &url, &world)?;
    let app = App::assemble(&config, store, &environment)?;
    say(&files.welcome(&url, &world));
    if let Some(file) = &ready_file {
        let (clouds_yaml, openrc) = (files.clouds_yaml.to_string_lossy(), files.openrc.to_string_lossy());
        let ready = Ready {
            url: &url,
            admin_user: world::ADMIN,
            admin_password: &world.password,
            admin_project: world::ADMIN,
            clouds_yaml: &clouds_yaml,
            openrc: &openrc,
        };
        file.announce(&ready)?;
    }
    let App { front, policy, .. } = app;
    server::serve(listener, front, Limits::default(), told_to_stop()?).await;
    drop(policy);
    Ok(())
}

/// Keystone's defaults, with keys of our own and passwords that are cheap to check: logins are frequent in tests, and
/// there is nothing here to protect. A `policy.yaml` in the data directory counts; the environment does not.
fn config_for(place: &Place) -> Config {
    let mut config = Config::default();
    config.fernet_tokens.key_repository = place.keys();
    config.fernet_receipts.key_repository = place.keys();
    config.identity.password_hash_rounds = Some(4);
    config.search_dirs = vec![place.path().to_owned()];
    config
}

impl World {
    async fn enter(
        store: &Store,
        place: &Place,
        config: &Config,
        environment: &Environment,
        url: &str,
        password: Option<&str>,
    ) -> Result<Self, CommandError> {
        let rules = super::bootstrap::user_rules(config)?;
        let maker = world::Builder { store, rules: &rules, environment: environment.clone() };
        match place.remembered()? {
            Some(world) if password.is_some_and(|password| password != world.password) => {
                Err("the users in this data directory were made with another password: leave out --password, or use \
                     another --data-dir"
                    .into())
            }
            Some(world) => maker.move_to(world, place, url).await,
            None => maker.make(place, url, password.unwrap_or("secret")).await,
        }
    }
}

/// The path as a client in another directory would write it.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
