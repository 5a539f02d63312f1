//! When two JSON values are the same: as in python-jsonschema, 1 is 1.0 but not true.

use std::collections::HashSet;

use serde_json::Value;

use super::{quantity::Quantity, repr};
use crate::domain::python;

/// Whether `one` and `two` are the same value.
pub(super) fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => Quantity::of(one) == Quantity::of(two),
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len()
                && one.iter().all(|(name, value)| two.get(name).is_some_and(|other| same(value, other)))
        }
        _ => one == two,
    }
}

/// Whether no two of `items` are the same.
pub(super) fn all_different(items: &[Value]) -> bool {
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().all(|item| {
        let mut key = String::new();
        write_key(&mut key, item);
        seen.insert(key)
    })
}

/// A text that is equal for equal values only.
fn write_key(key: &mut String, value: &Value) {
    match value {
        Value::Number(number) => key.push_str(&match Quantity::of(number) {
            // Whole floats as the integers that they equal.
            Quantity::Float(float) if float.fract() == 0.0 && float.abs() < 1e38 => (float as i128).to_string(),
            other => other.to_string(),
        }),
        Value::Array(items) => {
            key.push('[');
            for item in items {
                write_key(key, item);
                key.push(',');
            }
            key.push(']');
        }
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            key.push('{');
            for (name, value) in entries {
                key.push_str(&python::string(name));
                key.push(':');
                write_key(key, value);
                key.push(',');
            }
            key.push('}');
        }
        other => key.push_str(&repr::value(other)),
    }
}
