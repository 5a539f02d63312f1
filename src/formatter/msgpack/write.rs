//! Payload elements to bytes, each in its smallest encoding.

use rmp::encode::{self, ByteBuf};

use super::{super::error::FormatError, value::Value};

/// The bytes of a payload as they grow. Writing into memory cannot fail.
pub(in super::super) struct Writer {
    bytes: ByteBuf,
}

impl Writer {
    /// An array of `length` elements, which the caller writes next.
    pub(in super::super) fn array_of(length: usize) -> Self {
        let mut writer = Self { bytes: ByteBuf::with_capacity(128) };
        writer.array(length);
        writer
    }

    /// The start of an array of `length` elements, which the caller writes next.
    pub(in super::super) fn array(&mut self, length: usize) {
        let _ = encode::write_array_len(&mut self.bytes, u32::try_from(length).unwrap_or(u32::MAX));
    }

    /// A number.
    pub(in super::super) fn uint(&mut self, number: u64) {
        let _ = encode::write_uint(&mut self.bytes, number);
    }

    /// A truth value.
    pub(in super::super) fn bool(&mut self, flag: bool) {
        let _ = encode::write_bool(&mut self.bytes, flag);
    }

    /// A float, always of 64 bits.
    pub(in super::super) fn float(&mut self, number: f64) {
        let _ = encode::write_f64(&mut self.bytes, number);
    }

    /// Bytes.
    pub(in super::super) fn bytes(&mut self, bytes: &[u8]) {
        let _ = encode::write_bin(&mut self.bytes, bytes);
    }

    /// A text.
    pub(in super::super) fn text(&mut self, text: &str) {
        let _ = encode::write_str(&mut self.bytes, text);
    }

    /// A single value of the kinds that an attribute of a token can have; `name` is for the refusal of all others.
    pub(in super::super) fn scalar(&mut self, value: &Value, name: &'static str) -> Result<(), FormatError> {
        match value {
            Value::Nil => {
                let _ = encode::write_nil(&mut self.bytes);
            }
            Value::Bool(flag) => self.bool(*flag),
            Value::Text(text) => self.text(text),
            Value::Bytes(bytes) => self.bytes(bytes),
            _ => return Err(FormatError::NotText(name)),
        }
        Ok(())
    }

    /// The finished payload.
    pub(in super::super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }
}
