//! From a converted value to the Rust type of a field.

use std::path::PathBuf;

use crate::{
    domain::secret::SecretText,
    store::url::{DatabaseUrl, UrlError},
};

use super::types::Value;

/// A type that a section's field may have. The error says what was expected, without the value.
pub(super) trait FromValue: Sized {
    fn from_value(value: Value) -> Result<Self, String>;
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Bool(value) => Ok(value),
            _ => Err("expected true or false".to_owned()),
        }
    }
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        impl FromValue for $type {
            fn from_value(value: Value) -> Result<Self, String> {
                match value {
                    Value::Int(number) => number
                        .try_into()
                        .map_err(|_| format!("expected a number from {} to {}", <$type>::MIN, <$type>::MAX)),
                    _ => Err("expected a whole number".to_owned()),
                }
            }
        }
    )*};
}

whole_numbers!(i64, u64, u32);

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err("expected a text".to_owned()),
        }
    }
}

impl FromValue for SecretText {
    fn from_value(value: Value) -> Result<Self, String> {
        String::from_value(value).map(Self::new)
    }
}

impl FromValue for PathBuf {
    fn from_value(value: Value) -> Result<Self, String> {
        match String::from_value(value)? {
            path if path.is_empty() => Err("expected a path".to_owned()),
            path => Ok(path.into()),
        }
    }
}

impl FromValue for Result<DatabaseUrl, UrlError> {
    fn from_value(value: Value) -> Result<Self, String> {
        Ok(DatabaseUrl::parse(&String::from_value(value)?))
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            _ => Err("expected a list".to_owned()),
        }
    }
}

/// Keystone tests optional texts for truth, so an empty one is as good as none.
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, String> {
        match value {
            Value::Absent => Ok(None),
            Value::Text(text) if text.is_empty() => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}
