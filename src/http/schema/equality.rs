//! When two JSON values are the same: as in python-jsonschema, 1 is 1.0 but not true.

use std::{cmp::Ordering, collections::HashSet};

use serde_json::{Number, Value};

use super::repr;

/// Whether `one` and `two` are the same value.
pub(super) fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => compare(one, two) == Some(Ordering::Equal),
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

/// Which number is greater; integers exactly.
pub(super) fn compare(one: &Number, two: &Number) -> Option<Ordering> {
    match (integer(one), integer(two)) {
        (Some(one), Some(two)) => Some(one.cmp(&two)),
        _ => one.as_f64()?.partial_cmp(&two.as_f64()?),
    }
}

/// The number if it was written as an integer.
fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// A text that is equal for equal values only.
fn write_key(key: &mut String, value: &Value) {
    match value {
        Value::Number(number) => {
            // Whole floats as the integers that they equal.
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 1e18);
            match whole {
                Some(float) => key.push_str(&format!("{float:.0}").replace("-0", "0")),
                None => key.push_str(&repr::number(number)),
            }
        }
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
                key.push_str(&repr::string(name));
                key.push(':');
                write_key(key, value);
                key.push(',');
            }
            key.push('}');
        }
        other => key.push_str(&repr::value(other)),
    }
}
