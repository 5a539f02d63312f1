//! What is odd about a repository, as values: whoever looks often says it once, not at every look.

use tracing::{debug, error, warn};

/// Something about a repository that an operator should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    level: Level,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Debug,
}

impl Notice {
    /// Something does not work until somebody mends it.
    pub(super) fn error(text: String) -> Self {
        Self { level: Level::Error, text }
    }

    /// Something is not as it should be.
    pub(super) fn warning(text: String) -> Self {
        Self { level: Level::Warning, text }
    }

    /// Something that may explain what is seen elsewhere.
    pub(super) fn debug(text: String) -> Self {
        Self { level: Level::Debug, text }
    }

    /// Writes it to the log.
    pub fn log(&self) {
        match self.level {
            Level::Error => error!("{}", self.text),
            Level::Warning => warn!("{}", self.text),
            Level::Debug => debug!("{}", self.text),
        }
    }
}
