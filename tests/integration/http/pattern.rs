//! Compares JSON with a recording in which what differs from run to run is replaced by names in angle brackets.

use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

/// What the names in a recording stand for in this run. A name with a colon stands for one value throughout; what has
/// none (`<id>`, `<time.usZ>`) stands for any value of its kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Puts values for all names that are known.
    pub(super) fn fill_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }

    /// Whether `actual` is what the recording expects. Lists are compared as sets. Names seen for the first time are
    /// remembered.
    pub(super) fn accept(&mut self, expected: &Value, actual: &Value) -> bool {
        let mut names = self.clone();
        let fits = names.fits(expected, actual);
        if fits {
            *self = names;
        }
        fits
    }

    fn fits(&mut self, expected: &Value, actual: &Value) -> bool {
        match (expected, actual) {
            (Value::String(expected), Value::String(actual)) => self.text_fits(expected, actual),
            (Value::Object(expected), Value::Object(actual)) => {
                expected.len() == actual.len()
                    && expected
                        .iter()
                        .all(|(name, expected)| actual.get(name).is_some_and(|actual| self.fits(expected, actual)))
            }
            (Value::Array(expected), Value::Array(actual)) => {
                expected.len() == actual.len() && self.items_fit(expected, &mut actual.clone())
            }
            _ => expected == actual,
        }
    }

    fn items_fit(&mut self, expected: &[Value], left: &mut Vec<Value>) -> bool {
        expected.iter().all(|expected| {
            let found = left.iter().position(|candidate| self.accept(expected, candidate));
            found.map(|index| left.swap_remove(index)).is_some()
        })
    }

    pub(super) fn text_fits(&mut self, expected: &str, actual: &str) -> bool {
        let mut pattern = String::from("(?s)^");
        let mut captured = Vec::new();
        let mut rest = expected;
        while let Some((before, after)) = rest.split_once('<') {
            pattern.push_str(&regex::escape(before));
            let name = after.split_once('>').map(|(name, _)| name).filter(|name| self.is_name(name));
            let Some(name) = name else {
                pattern.push('<');
                rest = after;
                continue;
            };
            match (self.0.get(name), kind(name)) {
                (Some(value), _) => pattern.push_str(&regex::escape(value)),
                (None, Some(kind)) => pattern.push_str(kind),
                (None, None) => {
                    captured.push(name.to_owned());
                    pattern.push_str("([0-9a-f]{32})");
                }
            }
            rest = &after[name.len() + 1..];
        }
        pattern.push_str(&regex::escape(rest));
        pattern.push('$');
        let Some(found) = Regex::new(&pattern).expect("a pattern").captures(actual) else { return false };
        for (index, name) in captured.iter().enumerate() {
            self.set(name, &found[index + 1]);
        }
        true
    }

    /// Whether angle brackets hold a name, and not HTML.
    fn is_name(&self, text: &str) -> bool {
        let is_bound_later = text.contains(':') && text.chars().all(|c| c.is_ascii_alphanumeric() || ":_-".contains(c));
        self.0.contains_key(text) || kind(text).is_some() || is_bound_later
    }
}

/// What a name without a colon stands for.
fn kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "id" => "(?:[0-9a-f]{32})",
        "audit" => "(?:[A-Za-z0-9_-]{22})",
        "token" => "(?:gAAAAA[A-Za-z0-9_-]+=*)",
        "req" => "(?:req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        "len" => "(?:[0-9]+)",
        "timeZ" => r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)",
        "time.usZ" => r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)",
        _ => return None,
    })
}
