//! JSON values as Python writes them: `repr()` and `str()`.

use std::fmt::{self, Write};

use serde_json::Value;

use super::quantity::Quantity;
use crate::domain::python::{self, write_string};

/// `repr(value)`.
pub(super) fn value(value: &Value) -> String {
    let mut out = String::new();
    // A String takes everything.
    let _complete = write_value(&mut out, value);
    out
}

/// `str(value)`: like [`value`], but a text stands as it is.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => self::value(other),
    }
}

/// `', '.join(repr(value) for value in values)`.
pub(super) fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    values.into_iter().map(python::string).collect::<Vec<_>>().join(", ")
}

/// `repr(value)` if it has at most `width` characters. A longer one is not written out to its end.
pub(super) fn value_within(value: &Value, width: usize) -> Option<String> {
    let mut out = Narrow { text: String::new(), left: width };
    write_value(&mut out, value).ok().map(|()| out.text)
}

/// A text of limited width.
struct Narrow {
    text: String,
    left: usize,
}

impl Write for Narrow {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.chars().count()).ok_or(fmt::Error)?;
        self.text.push_str(text);
        Ok(())
    }
}

fn write_value(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("None"),
        Value::Bool(true) => out.write_str("True"),
        Value::Bool(false) => out.write_str("False"),
        Value::Number(number) => write!(out, "{}", Quantity::of(number)),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Value::Object(entries) => {
            out.write_char('{')?;
            for (index, (name, item)) in entries.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                write_string(out, name)?;
                out.write_str(": ")?;
                write_value(out, item)?;
            }
            out.write_char('}')
        }
    }
}
