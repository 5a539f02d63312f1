//! Where log lines go, and how they look.

use std::{
    fs::{File, OpenOptions},
    io,
    path::PathBuf,
    sync::Mutex,
};

use thiserror::Error;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Where log lines go.
#[derive(Debug, Clone)]
pub(super) enum Destination {
    /// Standard error.
    Stderr,
    /// A file, appended to.
    File(PathBuf),
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// For people: time, level, message, `field=value`.
    Text,
    /// For machines: an object a line.
    Json,
}

/// The log file cannot be written.
#[derive(Debug, Error)]
#[error("the log file {} cannot be opened", path.display())]
pub(super) struct LogFileError {
    path: PathBuf,
    source: io::Error,
}

/// As [`start`], to standard error, for who wants to see requests and trouble and nothing of how things are made.
pub(super) fn start_quietly() {
    // The lock of a key directory says whom it waits for.
    init(io::stderr, Format::Text, "warn,fernstone::http=info,fernstone::request=info,fernstone::keys::write=info");
}

/// As [`start`], for who says everything by himself; `FERNSTONE_LOG` is heeded.
pub(super) fn start_silently() {
    init(io::stderr, Format::Text, "off");
}

/// Starts logging for this process. What is logged can be narrowed or widened with `FERNSTONE_LOG`, in the syntax of
/// `tracing_subscriber::EnvFilter`.
pub(super) fn start(destination: &Destination, format: Format, debug: bool) -> Result<(), LogFileError> {
    let default = if debug { "info,fernstone=debug" } else { "warn,fernstone=info" };
    match destination {
        Destination::Stderr => init(io::stderr, format, default),
        Destination::File(path) => {
            let open = OpenOptions::new().create(true).append(true).open(path);
            let file: File = open.map_err(|source| LogFileError { path: path.clone(), source })?;
            init(Mutex::new(file), format, default);
        }
    }
    Ok(())
}

fn init<W>(writer: W, format: Format, default: &str)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_from_env("FERNSTONE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer);
    // A second start in one process (a test) keeps the first one's settings.
    _ = match format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
}
