//! Bytes to a [`Value`], without recursion and without trusting a length.

use std::collections::HashMap;

use rmp::{Marker, decode::RmpRead};

use super::{super::error::MsgpackError, value::Value};

/// How many arrays and maps may contain each other: the stack of Python's reader.
const MAX_DEPTH: usize = 1024;

/// How to take texts (`str` types).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Texts {
    /// They are UTF-8, or the payload is refused.
    Decoded,
    /// As bytes: MessagePack before 1.0 had no `bin` types, and wrote all bytes as texts.
    Raw,
}

/// Reads the one value that `bytes` are.
pub(in super::super) fn read(bytes: &[u8], texts: Texts) -> Result<Value, MsgpackError> {
    let mut reader = Reader { rest: bytes, texts };
    let mut open: Vec<Container> = Vec::new();
    loop {
        let mut value = match reader.start(open.last().is_some_and(Container::wants_key))? {
            Started::Value(value) => value,
            Started::Container(_) if open.len() >= MAX_DEPTH => return Err(MsgpackError::TooDeep),
            Started::Container(container) if container.left > 0 => {
                open.push(container);
                continue;
            }
            Started::Container(container) => container.into_value(),
        };
        loop {
            let Some(mut container) = open.pop() else {
                return if reader.rest.is_empty() { Ok(value) } else { Err(MsgpackError::TrailingBytes) };
            };
            container.push(value);
            if container.left > 0 {
                open.push(container);
                break;
            }
            value = container.into_value();
        }
    }
}

enum Started {
    Value(Value),
    Container(Container),
}

/// An array or map of which `left` values (for a map: keys and values) are still to come.
struct Container {
    left: usize,
    content: Content,
}

enum Content {
    Array(Vec<Value>),
    Map { entries: Vec<(Value, Value)>, key: Option<Value> },
}

impl Container {
    fn wants_key(&self) -> bool {
        matches!(self.content, Content::Map { key: None, .. })
    }

    fn push(&mut self, value: Value) {
        self.left -= 1;
        match &mut self.content {
            Content::Array(items) => items.push(value),
            Content::Map { entries, key } => match key.take() {
                None => *key = Some(value),
                Some(key) => entries.push((key, value)),
            },
        }
    }

    fn into_value(self) -> Value {
        match self.content {
            Content::Array(items) => Value::Array(items),
            Content::Map { entries, .. } => Value::Map(last_of_each_key(entries)),
        }
    }
}

/// A dictionary keeps the place of a key's first occurrence and the value of its last.
fn last_of_each_key(entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let mut places: HashMap<(bool, Vec<u8>), usize> = HashMap::new();
    let mut unique: Vec<(Value, Value)> = Vec::new();
    for (key, value) in entries {
        let identity = match &key {
            Value::Text(text) => (true, text.as_bytes().to_vec()),
            Value::Bytes(bytes) => (false, bytes.clone()),
            // The reader refuses all others.
            _ => continue,
        };
        match places.get(&identity) {
            Some(&place) => unique[place].1 = value,
            None => {
                places.insert(identity, unique.len());
                unique.push((key, value));
            }
        }
    }
    unique
}

struct Reader<'a> {
    rest: &'a [u8],
    texts: Texts,
}

impl<'a> Reader<'a> {
    fn start(&mut self, as_key: bool) -> Result<Started, MsgpackError> {
        let marker = Marker::from_u8(self.number(RmpRead::read_u8)?);
        let value = match marker {
            Marker::FixStr(length) => self.text(length.into())?,
            Marker::Str8 => self.number(RmpRead::read_data_u8).and_then(|length| self.text(length.into()))?,
            Marker::Str16 => self.number(RmpRead::read_data_u16).and_then(|length| self.text(length.into()))?,
            Marker::Str32 => self.number(RmpRead::read_data_u32).and_then(|length| self.text(length))?,
            Marker::Bin8 => self.number(RmpRead::read_data_u8).and_then(|length| self.bytes(length.into()))?,
            Marker::Bin16 => self.number(RmpRead::read_data_u16).and_then(|length| self.bytes(length.into()))?,
            Marker::Bin32 => self.number(RmpRead::read_data_u32).and_then(|length| self.bytes(length))?,
            _ if as_key => return Err(MsgpackError::Invalid),
            Marker::Null => Value::Nil,
            Marker::False => Value::Bool(false),
            Marker::True => Value::Bool(true),
            Marker::FixPos(number) => Value::Int(number.into()),
            Marker::FixNeg(number) => Value::Int(number.into()),
            Marker::U8 => Value::Int(self.number(RmpRead::read_data_u8)?.into()),
            Marker::U16 => Value::Int(self.number(RmpRead::read_data_u16)?.into()),
            Marker::U32 => Value::Int(self.number(RmpRead::read_data_u32)?.into()),
            Marker::U64 => Value::Int(self.number(RmpRead::read_data_u64)?.into()),
            Marker::I8 => Value::Int(self.number(RmpRead::read_data_i8)?.into()),
            Marker::I16 => Value::Int(self.number(RmpRead::read_data_i16)?.into()),
            Marker::I32 => Value::Int(self.number(RmpRead::read_data_i32)?.into()),
            Marker::I64 => Value::Int(self.number(RmpRead::read_data_i64)?.into()),
            Marker::F32 => Value::Float(f32::from_bits(self.number(RmpRead::read_data_u32)?).into()),
            Marker::F64 => Value::Float(f64::from_bits(self.number(RmpRead::read_data_u64)?)),
            Marker::FixArray(length) => return self.array(length.into()),
            Marker::Array16 => return self.number(RmpRead::read_data_u16).and_then(|length| self.array(length.into())),
            Marker::Array32 => return self.number(RmpRead::read_data_u32).and_then(|length| self.array(length)),
            Marker::FixMap(length) => return self.map(length.into()),
            Marker::Map16 => return self.number(RmpRead::read_data_u16).and_then(|length| self.map(length.into())),
            Marker::Map32 => return self.number(RmpRead::read_data_u32).and_then(|length| self.map(length)),
            Marker::FixExt1 => self.extension(1)?,
            Marker::FixExt2 => self.extension(2)?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8)?,
            Marker::FixExt16 => self.extension(16)?,
            Marker::Ext8 => self.number(RmpRead::read_data_u8).and_then(|length| self.extension(length.into()))?,
            Marker::Ext16 => self.number(RmpRead::read_data_u16).and_then(|length| self.extension(length.into()))?,
            Marker::Ext32 => self.number(RmpRead::read_data_u32).and_then(|length| self.extension(length))?,
            Marker::Reserved => return Err(MsgpackError::Invalid),
        };
        Ok(Started::Value(value))
    }

    fn number<T, E>(&mut self, read: impl FnOnce(&mut &'a [u8]) -> Result<T, E>) -> Result<T, MsgpackError> {
        read(&mut self.rest).map_err(|_| MsgpackError::Incomplete)
    }

    fn take(&mut self, length: u32) -> Result<&'a [u8], MsgpackError> {
        let length = usize::try_from(length).map_err(|_| MsgpackError::Incomplete)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(MsgpackError::Incomplete)?;
        self.rest = rest;
        Ok(taken)
    }

    fn bytes(&mut self, length: u32) -> Result<Value, MsgpackError> {
        Ok(Value::Bytes(self.take(length)?.to_vec()))
    }

    fn text(&mut self, length: u32) -> Result<Value, MsgpackError> {
        let bytes = self.take(length)?;
        match self.texts {
            Texts::Raw => Ok(Value::Bytes(bytes.to_vec())),
            Texts::Decoded => {
                let text = std::str::from_utf8(bytes).map_err(|_| MsgpackError::NotUtf8)?;
                Ok(Value::Text(text.to_owned()))
            }
        }
    }

    /// A declared length that the rest cannot hold is refused at once; none is trusted with memory.
    fn array(&mut self, length: u32) -> Result<Started, MsgpackError> {
        let left = usize::try_from(length).map_err(|_| MsgpackError::Incomplete)?;
        if left > self.rest.len() {
            return Err(MsgpackError::Incomplete);
        }
        let content = Content::Array(Vec::with_capacity(left.min(16)));
        Ok(Started::Container(Container { left, content }))
    }

    fn map(&mut self, length: u32) -> Result<Started, MsgpackError> {
        let left = usize::try_from(length).ok().and_then(|length| length.checked_mul(2));
        let left = left.filter(|&left| left <= self.rest.len()).ok_or(MsgpackError::Incomplete)?;
        let content = Content::Map { entries: Vec::new(), key: None };
        Ok(Started::Container(Container { left, content }))
    }

    fn extension(&mut self, length: u32) -> Result<Value, MsgpackError> {
        let code = self.number(RmpRead::read_data_i8)?;
        let data = self.take(length)?;
        match u8::try_from(code) {
            Ok(code) => Ok(Value::Extension(code, data.to_vec())),
            Err(_) if code == -1 => timestamp(data).ok_or(MsgpackError::Invalid),
            Err(_) => Err(MsgpackError::Invalid),
        }
    }
}

fn timestamp(data: &[u8]) -> Option<Value> {
    let (seconds, nanoseconds) = match *data {
        [a, b, c, d] => (u32::from_be_bytes([a, b, c, d]).into(), 0),
        [a, b, c, d, e, f, g, h] => {
            let packed = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            (i64::try_from(packed & 0x3_FFFF_FFFF).ok()?, u32::try_from(packed >> 34).ok()?)
        }
        [a, b, c, d, ref seconds @ ..] => {
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes([a, b, c, d]))
        }
        _ => return None,
    };
    (nanoseconds < 1_000_000_000).then_some(Value::Timestamp { seconds, nanoseconds })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Value, MsgpackError> {
        read(bytes, Texts::Decoded)
    }

    /// `depth` arrays of one element around `inner`.
    fn nested(depth: usize, inner: u8) -> Vec<u8> {
        let mut bytes = vec![0x91; depth];
        bytes.push(inner);
        bytes
    }

    #[test]
    fn depth_is_that_of_python() {
        assert!(decoded(&nested(1024, 0xc0)).is_ok());
        assert!(decoded(&nested(1023, 0x90)).is_ok());
        assert_eq!(decoded(&nested(1024, 0x90)), Err(MsgpackError::TooDeep));
        assert_eq!(decoded(&nested(1025, 0xc0)), Err(MsgpackError::TooDeep));
        assert_eq!(decoded(&nested(1_000_000, 0xc0)), Err(MsgpackError::TooDeep));
    }

    #[test]
    fn lengths_are_not_trusted() {
        for bytes in [
            b"\xdd\xff\xff\xff\xff\0".as_slice(),
            b"\xdf\x7f\xff\xff\xff\0",
            b"\xdb\xff\xff\xff\xffabc",
            b"\xc6\xff\xff\xff\xffabc",
            b"\xc9\xff\xff\xff\xff\x05abc",
            b"\x92\xc0",
            b"\x81\xa1a",
            b"",
        ] {
            assert_eq!(decoded(bytes), Err(MsgpackError::Incomplete), "{bytes:02x?}");
        }
    }

    #[test]
    fn one_value_and_nothing_after_it() {
        assert_eq!(decoded(b"\xc0"), Ok(Value::Nil));
        assert_eq!(decoded(b"\xc0\xc0"), Err(MsgpackError::TrailingBytes));
        assert_eq!(decoded(b"\xc1"), Err(MsgpackError::Invalid));
    }

    #[test]
    fn every_size_of_the_same_value() {
        for bytes in
            [b"\x05".as_slice(), b"\xcc\x05", b"\xcd\0\x05", b"\xce\0\0\0\x05", b"\xd0\x05", b"\xd3\0\0\0\0\0\0\0\x05"]
        {
            assert_eq!(decoded(bytes), Ok(Value::Int(5)));
        }
        assert_eq!(decoded(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), Ok(Value::Int(u64::MAX.into())));
        assert_eq!(decoded(b"\xca\x3f\x80\0\0"), Ok(Value::Float(1.0)));
        assert_eq!(decoded(b"\xdb\0\0\0\x01a"), Ok(Value::from("a")));
        assert_eq!(decoded(b"\xdc\0\x01\xc3"), Ok(Value::Array(vec![Value::Bool(true)])));
    }

    #[test]
    fn texts_that_are_not_utf_8_are_bytes_or_refused() {
        assert_eq!(decoded(b"\xa2\xff\xfe"), Err(MsgpackError::NotUtf8));
        assert_eq!(read(b"\xa2\xff\xfe", Texts::Raw), Ok(Value::Bytes(vec![0xff, 0xfe])));
        assert_eq!(read(b"\xa1a", Texts::Raw), Ok(Value::Bytes(b"a".to_vec())));
    }

    #[test]
    fn maps_keep_the_last_value_of_a_key() {
        let map = decoded(b"\x83\xa1a\x01\xc4\x01a\x02\xa1a\x03").unwrap();
        assert_eq!(
            map,
            Value::Map(vec![(Value::from("a"), Value::Int(3)), (Value::Bytes(b"a".to_vec()), Value::Int(2))])
        );
        assert_eq!(decoded(b"\x81\x01\x02"), Err(MsgpackError::Invalid));
    }

    #[test]
    fn extensions() {
        assert_eq!(decoded(b"\xd4\x05\x2a"), Ok(Value::Extension(5, vec![0x2a])));
        assert_eq!(decoded(b"\xd4\xfe\x2a"), Err(MsgpackError::Invalid));
        assert_eq!(decoded(b"\xd6\xff\0\0\0\x07"), Ok(Value::Timestamp { seconds: 7, nanoseconds: 0 }));
        assert_eq!(decoded(b"\xd7\xff\0\0\0\x04\0\0\0\x07"), Ok(Value::Timestamp { seconds: 7, nanoseconds: 1 }));
        assert_eq!(decoded(b"\xd7\xff\xff\xff\xff\xfc\0\0\0\x07"), Err(MsgpackError::Invalid));
        assert_eq!(decoded(b"\xd4\xff\0"), Err(MsgpackError::Invalid));
    }
}
