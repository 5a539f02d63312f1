//! `$option`, `${option}` and `$section.option` inside values: Python's `string.Template.safe_substitute` with
//! oslo.config's notion of a name.

use crate::domain::python;

use super::types::Value;

/// One `$name` or `${name}` of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// The name between the dollar sign and the first character that no name holds; dots belong to it.
    pub(super) name: &'a str,
}

/// Replaces every reference by what `resolve` says. `$$` and `\$` are a dollar sign; a dollar sign that starts nothing
/// stays.
pub(super) fn substitute<E>(
    text: &str,
    mut resolve: impl FnMut(Reference<'_>) -> Result<String, E>,
) -> Result<String, E> {
    let text = text.replace("\\$", "$$");
    let mut result = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let braced = after.strip_prefix('{').map(name).filter(|name| after[1 + name.len()..].starts_with('}'));
        if let Some(more) = after.strip_prefix('$') {
            result.push('$');
            rest = more;
        } else if let Some(name) = braced.filter(|name| !name.is_empty()) {
            result.push_str(&resolve(Reference { name })?);
            rest = &after[name.len() + 2..];
        } else if let Some(name) = Some(name(after)).filter(|name| !name.is_empty()) {
            result.push_str(&resolve(Reference { name })?);
            rest = &after[name.len()..];
        } else {
            result.push('$');
            rest = after;
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// The longest name at the start of `text`, or nothing.
fn name(text: &str) -> &str {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !text.starts_with(starts) {
        return "";
    }
    let end = text.find(|c: char| !(starts(c) || c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    &text[..end]
}

/// How Python's `str` shows a value: what a reference to it is replaced by.
pub(super) fn python_text(value: &Value) -> String {
    match value {
        Value::Absent => String::new(),
        Value::Text(text) => text.clone(),
        other => python_repr(other),
    }
}

fn python_repr(value: &Value) -> String {
    let joined = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(", ");
    match value {
        Value::Absent => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => python::float(*number),
        Value::Text(text) => python::string(text),
        Value::List(items) => format!("[{}]", joined(&mut items.iter().map(python_repr))),
        Value::Dict(entries) => {
            let entry = |(key, value): &(String, Value)| format!("{}: {}", python::string(key), python_repr(value));
            format!("{{{}}}", joined(&mut entries.iter().map(entry)))
        }
    }
}
