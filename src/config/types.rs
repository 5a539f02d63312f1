//! The option types of oslo.config (`oslo_config/types.py`): which texts each one takes and what they mean.

use serde::Deserialize;

use super::{ini::strip, uri};

/// What values an option takes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Kind {
    /// Any text, or one of `choices`.
    Text {
        choices: Option<Vec<String>>,
        #[serde(default)]
        ignore_case: bool,
    },
    /// `true`, `1`, `on`, `yes` and their opposites, in any case.
    Bool,
    /// A whole number in bounds. Empty text is no value.
    Int { min: Option<i64>, max: Option<i64> },
    /// A number in bounds. Empty text is no value.
    Float { min: Option<f64>, max: Option<f64> },
    /// Items between commas, in brackets where `bounds`.
    List {
        of: Box<Kind>,
        #[serde(default)]
        bounds: bool,
    },
    /// `key:value` pairs between commas.
    Dict { of: Box<Kind> },
    /// An RFC 3986 URI with scheme and host.
    Uri {
        #[serde(default)]
        schemes: Vec<String>,
        max_length: Option<usize>,
    },
    /// An option that may be given several times; every value counts.
    Multi { of: Box<Kind> },
}

/// A value after conversion.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Python's `None`.
    Absent,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Dict(Vec<(String, Value)>),
}

impl Kind {
    /// Converts the text of a file or of the environment. The error says what the value should have been and does not
    /// quote it, because it may be a secret.
    pub(super) fn convert(&self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text { choices, ignore_case } => convert_text(text, choices.as_deref(), *ignore_case),
            Self::Bool => convert_bool(text),
            Self::Int { min, max } => convert_int(text, *min, *max),
            Self::Float { min, max } => convert_float(text, *min, *max),
            Self::List { of, bounds } => convert_list(text, of, *bounds),
            Self::Dict { of } => convert_dict(text, of),
            Self::Uri { schemes, max_length } => {
                uri::check(text, schemes, *max_length)?;
                Ok(Value::Text(text.to_owned()))
            }
            Self::Multi { of } => Ok(Value::List(vec![of.convert(text)?])),
        }
    }

    /// Converts a default of the registry, which is typed already.
    pub(super) fn convert_default(&self, default: &serde_json::Value) -> Result<Value, String> {
        match (self, default) {
            (_, serde_json::Value::Null) => Ok(Value::Absent),
            (Self::Multi { of } | Self::List { of, .. }, serde_json::Value::Array(items)) => {
                Ok(Value::List(items.iter().map(|item| of.convert_default(item)).collect::<Result<_, _>>()?))
            }
            (Self::Bool, serde_json::Value::Bool(value)) => Ok(Value::Bool(*value)),
            (Self::Dict { of }, serde_json::Value::Object(entries)) => {
                let convert = |(key, value)| Ok((String::clone(key), of.convert_default(value)?));
                Ok(Value::Dict(entries.iter().map(convert).collect::<Result<_, String>>()?))
            }
            (_, serde_json::Value::String(text)) => self.convert(text),
            (_, other) => self.convert(&other.to_string()),
        }
    }
}

fn convert_text(text: &str, choices: Option<&[String]>, ignore_case: bool) -> Result<Value, String> {
    let allowed = |choice: &String| choice == text || (ignore_case && choice.to_lowercase() == text.to_lowercase());
    match choices {
        Some(choices) if !choices.iter().any(allowed) => Err(format!("expected one of {}", choices.join(", "))),
        _ => Ok(Value::Text(text.to_owned())),
    }
}

fn convert_bool(text: &str) -> Result<Value, String> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "on" | "yes" => Ok(Value::Bool(true)),
        "false" | "0" | "off" | "no" => Ok(Value::Bool(false)),
        _ => Err("expected true or false".to_owned()),
    }
}

fn convert_int(text: &str, min: Option<i64>, max: Option<i64>) -> Result<Value, String> {
    let text = strip(text);
    if text.is_empty() {
        return Ok(Value::Absent);
    }
    let number = without_underscores(text).and_then(|text| text.parse::<i128>().ok());
    let number = number.ok_or("expected a whole number")?;
    check_bounds(number, min.map(i128::from), max.map(i128::from))?;
    Ok(Value::Int(number))
}

fn convert_float(text: &str, min: Option<f64>, max: Option<f64>) -> Result<Value, String> {
    let text = strip(text);
    if text.is_empty() {
        return Ok(Value::Absent);
    }
    let number = without_underscores(text).and_then(|text| text.parse::<f64>().ok()).ok_or("expected a number")?;
    check_bounds(number, min, max)?;
    Ok(Value::Float(number))
}

/// Python takes single underscores between digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
    let misplaced =
        |(index, byte): (usize, &u8)| *byte == b'_' && !(digit(index.checked_sub(1)) && digit(index.checked_add(1)));
    if bytes.iter().enumerate().any(misplaced) { None } else { Some(text.replace('_', "")) }
}

fn check_bounds<N: PartialOrd + std::fmt::Display>(number: N, min: Option<N>, max: Option<N>) -> Result<(), String> {
    if let Some(min) = min.filter(|min| number < *min) {
        return Err(format!("expected at least {min}"));
    }
    if let Some(max) = max.filter(|max| number > *max) {
        return Err(format!("expected at most {max}"));
    }
    Ok(())
}

/// An item that its type refuses is taken together with the next one, comma included, until the type takes it.
fn convert_list(text: &str, of: &Kind, bounds: bool) -> Result<Value, String> {
    let mut text = strip(text).trim_end_matches(',');
    if bounds {
        text = text.strip_prefix('[').ok_or("expected a value that starts with '['")?;
        text = text.strip_suffix(']').ok_or("expected a value that ends with ']'")?;
    }
    let mut items = Vec::new();
    if text.is_empty() {
        return Ok(Value::List(items));
    }
    let mut parts = text.split(',');
    while let Some(part) = parts.next() {
        items.push(take_until_valid(part, &mut parts, |item| of.convert(strip(item)))?);
    }
    Ok(Value::List(items))
}

fn convert_dict(text: &str, of: &Kind) -> Result<Value, String> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    let text = strip(text);
    if text.is_empty() {
        return Ok(Value::Dict(entries));
    }
    let mut parts = text.split(',');
    while let Some(part) = parts.next() {
        let (key, value) = take_until_valid(part, &mut parts, |pair| {
            let (key, value) = pair.split_once(':').ok_or("expected key:value pairs between commas")?;
            Ok((strip(key).to_owned(), of.convert(strip(value))?))
        })?;
        if key.is_empty() {
            return Err("expected a name before ':'".to_owned());
        }
        if entries.iter().any(|(present, _)| *present == key) {
            return Err("expected each key once".to_owned());
        }
        entries.push((key, value));
    }
    Ok(Value::Dict(entries))
}

fn take_until_valid<'a, T>(
    part: &str,
    rest: &mut impl Iterator<Item = &'a str>,
    convert: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    let mut part = part.to_owned();
    loop {
        match convert(&part) {
            Ok(value) => return Ok(value),
            Err(fault) => {
                let next = rest.next().ok_or(fault)?;
                part.push(',');
                part.push_str(next);
            }
        }
    }
}
