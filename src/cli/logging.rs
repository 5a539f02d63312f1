//! Where log lines go, and how they look.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::PathBuf,
};

use thiserror::Error;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::{
    log_batch::{LastLines, LogBatch},
    log_lines::{TextFields, TextLines},
};

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

/// Starts logging for a command, to standard error. What is logged can be narrowed or widened with `FERNSTONE_LOG`, in the
/// syntax of `tracing_subscriber::EnvFilter`.
pub(super) fn start(debug: bool) {
    init(io::stderr, Format::Text, default_filter(debug));
}

/// As [`start`], for a server: lines are gathered for some milliseconds before they are written. What this answers writes the
/// last ones when it is dropped.
pub(super) fn start_batched(destination: &Destination, format: Format, debug: bool) -> Result<LastLines, LogFileError> {
    let (output, path): (Box<dyn Write + Send>, _) = match destination {
        Destination::Stderr => (Box::new(io::stderr()), "standard error".into()),
        Destination::File(path) => {
            let open = OpenOptions::new().create(true).append(true).open(path);
            (Box::new(open.map_err(|source| LogFileError { path: path.clone(), source })?), path.clone())
        }
    };
    let (batch, last) = LogBatch::start(output).map_err(|source| LogFileError { path, source })?;
    init(batch, format, default_filter(debug));
    Ok(last)
}

fn default_filter(debug: bool) -> &'static str {
    if debug { "info,fernstone=debug" } else { "warn,fernstone=info" }
}

fn init<W>(writer: W, format: Format, default: &str)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_from_env("FERNSTONE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // A second start in one process (a test) keeps the first one's settings.
    _ = match format {
        Format::Text => builder.event_format(TextLines).fmt_fields(TextFields).try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
}
