//! `serve`: the Identity API on a real configuration.

use std::{io, io::Write, path::PathBuf, pin::Pin};

use clap::Args;
use serde::Serialize;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{CommandError, logging, ready_file::ReadyFile};
use crate::{
    app::{self, App, Environment},
    config::{Config, ConfigFlags, LogFormat, Sources},
    metrics::{self, Metrics},
    server::{self, Limits},
    store::{Store, StoreError},
};

/// Serve the Identity API.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Address and port to serve on, instead of the configured ones; port 0 picks a free port, which is printed
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// A file to write a JSON object to once requests are answered: {"url": "http://.../v3"}, and with metrics_listen
    /// {"metrics_url": "http://.../metrics"} in it
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics_url: Option<String>,
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
///
/// The configuration is refused, the database is not Keystone's, or the address is taken.
pub fn run(args: &ServeArgs, flags: ConfigFlags) -> Result<(), CommandError> {
    let (config, warnings) = Config::load(&Sources::of_process(flags.given))?;
    let destination = match config.default.log_path() {
        Some(path) => logging::Destination::File(path),
        None => logging::Destination::Stderr,
    };
    let format = match config.fernstone.log_format {
        LogFormat::Text => logging::Format::Text,
        LogFormat::Json => logging::Format::Json,
    };
    let last_lines = logging::start_batched(&destination, format, config.default.debug)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let served = run_to_end(serve(args, &config));
    drop(last_lines);
    served?
}

async fn serve(args: &ServeArgs, config: &Config) -> Result<(), CommandError> {
    let ready_file = args.ready_file.as_deref().map(ReadyFile::prepare).transpose()?;
    let store = Store::open(&app::database_settings(config, false)?)?;
    check_schema(&store).await?;
    let app = App::assemble(config, store, &Environment::system())?;
    let listener = bind(args.listen.as_deref().unwrap_or(&config.fernstone.listen)).await?;
    let url = url_of(&listener)?;
    let App { front, metrics, policy, .. } = app;
    let metrics_url = match &config.fernstone.metrics_listen {
        Some(address) => Some(serve_metrics(address, metrics).await?),
        None => None,
    };
    say(&format!("Fernstone serves {url}\n"));
    if let Some(file) = &ready_file {
        file.announce(&Ready { url: &url, metrics_url })?;
    }
    server::serve(listener, front, Limits::default(), told_to_stop()?).await;
    drop(policy);
    Ok(())
}

/// Serves metrics for as long as the process lives, also while the last requests finish. Answers with their URL.
async fn serve_metrics(address: &str, metrics: Metrics) -> Result<String, CommandError> {
    let listener = bind(address).await?;
    let url = format!("http://{}/metrics", listener.local_addr()?);
    tracing::info!(url, "serving metrics");
    tokio::spawn(metrics::listener::serve(listener, metrics, std::future::pending()));
    Ok(url)
}

/// Refuses a database that lacks tables or columns. One that cannot be reached now may come later.
async fn check_schema(store: &Store) -> Result<(), CommandError> {
    match store.check_schema().await {
        Ok(missing) if missing.is_empty() => Ok(()),
        Ok(missing) => {
            let named: Vec<String> = missing.iter().take(5).map(ToString::to_string).collect();
            let more = if missing.len() > 5 { format!(" and {} more", missing.len() - 5) } else { String::new() };
            Err(format!("the database lacks {}{more}: run db_sync", named.join(", ")).into())
        }
        Err(error @ StoreError::Unavailable(_)) => {
            tracing::warn!(%error, "the database cannot be reached yet: requests that need it are answered with 503");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Prints to standard output. Whoever was to read it may have gone away, which is no reason to stop.
pub(super) fn say(text: &str) {
    let mut output = io::stdout().lock();
    _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}

/// Does `work` to its end, on the threads that serve requests.
///
/// # Errors
///
/// There are no threads to be had.
pub(super) fn run_to_end<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // As one type: the runtime's loops would be compiled once more around each command, with all of the command in them.
    let work: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(work);
    Ok(runtime.block_on(work))
}

/// Binds the listener; the kernel queues connections from now on.
pub(super) async fn bind(address: &str) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// The URL of the API behind this listener.
pub(super) fn url_of(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}/v3", listener.local_addr()?))
}

/// Ready when the process is told to stop: SIGTERM, or SIGINT from a terminal.
pub(super) fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
