//! A refusal, worded as Keystone words it.

use std::fmt;

use serde_json::Value;

use super::{Wording, pretty, repr};
use crate::domain::python;

/// What is wrong with a request. `Display` and `Debug` are for logs: they name the place and show none of the request's
/// values, which may be passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation {
    detail: String,
    place: String,
}

impl Violation {
    /// The text of the 400 that Keystone answers. It quotes the request.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Where in the request the fault is (`identity/methods`; empty for the whole): fit for a log.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// One of the checks that Keystone makes in code after the schema.
    pub(super) fn in_words(place: &str, what: &str) -> Self {
        Self { detail: format!("Invalid input for field {place}: {what}"), place: place.to_owned() }
    }

    /// The same, where the whole instance is at fault and written `other` in place of `written`.
    pub(super) fn with_whole_instance_as(self, written: &str, other: &str) -> Self {
        match self.detail.strip_prefix(written) {
            Some(rest) if self.place.is_empty() => Self { detail: format!("{other}{rest}"), place: self.place },
            _ => self,
        }
    }

    pub(super) fn of(found: &Found<'_>, wording: Wording) -> Self {
        let place: Vec<String> = found.instance_path.iter().rev().map(ToString::to_string).collect();
        let place = place.join("/");
        let detail = match (wording, found.instance_path.first()) {
            (Wording::Full, None) => found.dump(),
            (Wording::Full, Some(_)) => format!("Invalid input for field '{place}': {}", found.dump()),
            (Wording::Brief, None) => found.message.clone(),
            (Wording::Brief, Some(last)) => {
                let value = repr::text(found.instance);
                format!("Invalid input for field/attribute {last}. Value: {value}. {}", found.message)
            }
        };
        Self { detail, place }
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violation").field("place", &self.place).finish_non_exhaustive()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.place.is_empty() { "the outermost value" } else { &self.place };
        write!(f, "the request is not as its schema wants it at {place}")
    }
}

impl std::error::Error for Violation {}

/// One step into a JSON value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => index.fmt(f),
        }
    }
}

/// The first error, with the two ways that lead to it, innermost step first.
pub(super) struct Found<'a> {
    pub(super) message: String,
    /// `None` where a schema is just `false`.
    pub(super) keyword: Option<&'a str>,
    pub(super) schema: &'a Value,
    pub(super) instance: &'a Value,
    pub(super) instance_path: Vec<Step<'a>>,
    pub(super) schema_path: Vec<Step<'a>>,
}

impl Found<'_> {
    /// python-jsonschema's `str()` of an error.
    fn dump(&self) -> String {
        let keyword = self.keyword.map_or_else(|| "None".to_owned(), python::string);
        // All but the last step, which is the keyword itself.
        let schema_path = self.schema_path.get(1..).unwrap_or_default();
        format!(
            "{}\n\nFailed validating {keyword} in {}:\n    {}\n\nOn {}:\n    {}",
            self.message,
            subscripts("schema", schema_path),
            pretty::print(self.schema, "    "),
            subscripts("instance", &self.instance_path),
            pretty::print(self.instance, "    "),
        )
    }
}

/// `schema['properties'][0]`.
fn subscripts(of: &str, path: &[Step<'_>]) -> String {
    let mut text = of.to_owned();
    for step in path.iter().rev() {
        text.push('[');
        match step {
            Step::Name(name) => text.push_str(&python::string(name)),
            Step::Index(index) => text.push_str(&index.to_string()),
        }
        text.push(']');
    }
    text
}
