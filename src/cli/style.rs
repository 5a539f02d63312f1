//! Colours, on a terminal whose user has not asked for none (`NO_COLOR`, <https://no-color.org>).

use std::{
    env,
    fmt::{self, Display},
    io::{IsTerminal, stdout},
};

use crate::domain::finding::Severity;

/// Whether to colour, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    coloured: bool,
}

/// A text in a colour.
struct Painted<T> {
    code: Option<&'static str>,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "\x1b[{code}m{}\x1b[0m", self.text),
            None => self.text.fmt(f),
        }
    }
}

impl Style {
    /// What fits standard output.
    pub(super) fn of_stdout() -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { coloured: stdout().is_terminal() && !set("NO_COLOR") && !dumb }
    }

    fn paint(self, code: &'static str, text: impl Display) -> impl Display {
        Painted { code: self.coloured.then_some(code), text }
    }

    /// Something to see first.
    pub(super) fn strong(self, text: impl Display) -> impl Display {
        self.paint("1", text)
    }

    /// Something in order.
    pub(super) fn good(self, text: impl Display) -> impl Display {
        self.paint("32", text)
    }

    /// A word for how bad something is, in its colour.
    pub(super) fn severity(self, severity: Severity) -> impl Display {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "33",
            Severity::Note => "36",
        };
        self.paint(code, severity.as_str())
    }

    /// Something refused.
    pub(super) fn bad(self, text: impl Display) -> impl Display {
        self.paint("1;31", text)
    }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn plain_is_plain() {
        assert_eq!(Style { coloured: false }.bad("text").to_string(), "text");
        assert_eq!(Style { coloured: true }.good("text").to_string(), "\x1b[32mtext\x1b[0m");
    }
}
