//! A MessagePack value with the semantics that Keystone's Python gives it.

use std::borrow::Cow;

/// Anything a payload can hold.
///
/// Keystone is written in Python and does not look at types much: an id that is a number is passed on as a number.
/// To read what Keystone reads, this type keeps them apart and [`Fields`](crate::formatter::Fields) carries them to
/// the point where they become typed claims or are refused.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `None`
    #[default]
    Nil,
    /// `True`, `False`
    Bool(bool),
    /// Any integer of MessagePack, -2^63 to 2^64 - 1.
    Int(i128),
    /// A float of either size.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes, or a text that was read as bytes.
    Bytes(Vec<u8>),
    /// A list.
    Array(Vec<Value>),
    /// A dictionary in the order of its first keys, each key once. Keys are texts or bytes.
    Map(Vec<(Value, Value)>),
    /// An application's extension: code and data.
    Extension(u8, Vec<u8>),
    /// The timestamp extension.
    Timestamp {
        /// Seconds since 1970.
        seconds: i64,
        /// 0 to 999,999,999
        nanoseconds: u32,
    },
}

impl Value {
    /// Python's `bool(value)`.
    pub(in super::super) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(flag) => *flag,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::Array(items) => !items.is_empty(),
            Self::Map(entries) => !entries.is_empty(),
            Self::Extension(..) | Self::Timestamp { .. } => true,
        }
    }

    /// Python's `list(value)`; `None` where Python refuses to iterate.
    pub(in super::super) fn items(&self) -> Option<Cow<'_, [Self]>> {
        match self {
            Self::Array(items) => Some(Cow::Borrowed(items)),
            Self::Text(text) => Some(text.chars().map(|character| Self::Text(character.into())).collect()),
            Self::Bytes(bytes) => Some(bytes.iter().map(|&byte| Self::Int(byte.into())).collect()),
            Self::Map(entries) => Some(entries.iter().map(|(key, _)| key.clone()).collect()),
            Self::Extension(code, data) => Some(Cow::Owned(vec![Self::Int((*code).into()), Self::Bytes(data.clone())])),
            Self::Nil | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Timestamp { .. } => None,
        }
    }

    /// Whether the value is `None`.
    pub(in super::super) fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Nil, Self::from)
    }
}
