//! Numbers that can be compared and written as in Python, where integers and floats are two kinds of one thing.

use std::{cmp::Ordering, fmt};

use serde_json::{Number, Value};

use crate::domain::python;

/// An integer or a float.
#[derive(Debug, Clone, Copy)]
pub(super) enum Quantity {
    Integer(i128),
    /// An integer that was a float and needs more than 128 bits.
    Huge(f64),
    Float(f64),
}

impl Quantity {
    /// The number as JSON has it.
    pub(super) fn of(number: &Number) -> Self {
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        integer.map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Integer)
    }

    /// What Python's `int()` makes of a value, or its `float()` where `int()` fails; a float loses its fraction.
    pub(super) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(truth) => Some(Self::Integer(i128::from(*truth))),
            Value::Number(number) => Some(match Self::of(number) {
                Self::Float(float) if float.abs() < 1e38 => Self::Integer(float.trunc() as i128),
                Self::Float(float) => Self::Huge(float),
                other => other,
            }),
            Value::String(text) => {
                let text = text.trim();
                let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
                let well_joined = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
                let joined = if well_joined { text.replace('_', "") } else { text.to_owned() };
                joined.parse().map(Self::Integer).or_else(|_| joined.parse().map(Self::Float)).ok()
            }
            _ => None,
        }
    }

    fn as_float(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Huge(float) | Self::Float(float) => float,
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => one.partial_cmp(two),
            (one, two) => one.as_float().partial_cmp(&two.as_float()),
        }
    }
}

/// Python's `repr`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => integer.fmt(f),
            Self::Huge(float) => write!(f, "{float:.0}"),
            Self::Float(float) => f.write_str(&python::float(*float)),
        }
    }
}
