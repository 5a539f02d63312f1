//! Why a configuration is refused. No message carries a secret: values of secret options and whole lines of a file
//! are never quoted.

use std::{fmt, io, path::PathBuf};

/// A configuration that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Files named by `--config-file` or the environment that do not exist; all of them, as oslo.config reports them.
    #[error("configuration files not found: {}", list(.0))]
    FilesNotFound(Vec<PathBuf>),
    /// Files that this process may not read.
    #[error("no permission to read configuration files: {}", list(.0))]
    FilesNotPermitted(Vec<PathBuf>),
    /// `--config-dir` names a directory that does not exist.
    #[error("configuration directory not found: {}", .0.display())]
    DirectoryNotFound(PathBuf),
    /// Reading failed for another reason than absence or permission.
    #[error("failed reading {}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file's bytes are not UTF-8.
    #[error("{} is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// A file is not what oslo.config's parser takes.
    #[error("{}:{line}: {what}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: IniFault,
    },
    /// A value that its option cannot take.
    #[error("[{}] {} = {}: {} (from {})", .0.section, .0.option, .0.value, .0.reason, .0.origin)]
    BadValue(Box<RefusedValue>),
    /// A value that Keystone knows and Fernstone does not, of an option that decides who gets in or what a token says.
    #[error("[{}] {} = {} is not supported: {} (from {})", .0.section, .0.option, .0.value, .0.reason, .0.origin)]
    Unsupported(Box<RefusedValue>),
    /// A field of a section struct that is missing in the registry: a mistake in this program, found by its tests.
    #[error("[{section}] {option} is not registered")]
    Unregistered {
        /// The section's name.
        section: String,
        /// The option's name.
        option: String,
    },
    /// The registry's own data cannot be read: a mistake in this program, found by its tests.
    #[error("the table of known options is damaged")]
    Registry(#[source] serde_json::Error),
}

/// A value with which no server starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedValue {
    /// The section's name.
    pub section: String,
    /// The option's name.
    pub option: String,
    /// The value, or `[secret]`.
    pub value: String,
    /// What it should have been, or what is supported.
    pub reason: String,
    /// Where the value was read.
    pub origin: Origin,
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What is wrong with one line of a file: the situations of `oslo_config.iniparser`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IniFault {
    /// Neither `=` nor `:` in a line that is no section, comment or continuation.
    #[error("no ':' or '=' found in assignment")]
    NoAssignment,
    /// Nothing before the `=` or `:`.
    #[error("option without a name")]
    EmptyKey,
    /// An indented line where no option is open.
    #[error("unexpected continuation line")]
    UnexpectedContinuation,
    /// A line that starts with `[` and does not end with `]`.
    #[error("section must end with ']'")]
    UnclosedSection,
    /// `[]`
    #[error("section without a name")]
    EmptySection,
    /// An option before the first section.
    #[error("option before the first section")]
    NoSection,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Keystone's default, or ours in `[fernstone]`.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// An environment variable, by name.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::File(path) => path.display().fmt(f),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
        }
    }
}
