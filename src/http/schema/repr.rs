//! JSON values as Python writes them: `repr()` and `str()`.

use std::{
    fmt::{self, Write},
    sync::LazyLock,
};

use regex::Regex;
use serde_json::Value;

use super::quantity::Quantity;

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

/// `repr(text)`.
pub(super) fn string(text: &str) -> String {
    let mut out = String::new();
    let _complete = write_string(&mut out, text);
    out
}

/// `', '.join(repr(value) for value in values)`.
pub(super) fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    values.into_iter().map(string).collect::<Vec<_>>().join(", ")
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

/// A float with the fewest digits that give it back, with an exponent where Python writes one. (Integers beyond 64 bits
/// have become floats when the JSON was read; Python keeps them.)
pub(super) fn float(float: f64) -> String {
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        // Infinite, or not a number.
        return scientific.to_ascii_lowercase();
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if (-4..16).contains(&exponent) => {
            let plain = float.to_string();
            if plain.contains('.') { plain } else { plain + ".0" }
        }
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        Err(_) => scientific,
    }
}

fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.write_char(quote)?;
    for character in text.chars() {
        match character {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            _ if character == quote => {
                out.write_char('\\')?;
                out.write_char(quote)?;
            }
            ' '..='~' => out.write_char(character)?,
            _ if is_printable(character) => out.write_char(character)?,
            _ => match u32::from(character) {
                code @ ..0x100 => write!(out, "\\x{code:02x}")?,
                code @ ..0x1_0000 => write!(out, "\\u{code:04x}")?,
                code => write!(out, "\\U{code:08x}")?,
            },
        }
    }
    out.write_char(quote)
}

/// Python's `str.isprintable` for one character that is not ASCII: neither "other" nor "separator" in Unicode.
fn is_printable(character: char) -> bool {
    #[expect(clippy::expect_used, reason = "a constant pattern")]
    static UNPRINTABLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\p{C}\p{Z}]$").expect("a valid pattern"));
    !UNPRINTABLE.is_match(character.encode_utf8(&mut [0; 4]))
}
