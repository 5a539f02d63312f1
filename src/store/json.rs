//! JSON text as Python writes it: Keystone's JSON columns read the same whoever wrote them.

use serde::Serialize as _;
use serde_json::{
    Map, Value,
    ser::{Formatter, Serializer},
};

/// `json.dumps` with its defaults: a space after each comma and colon, and everything beyond ASCII escaped.
pub fn dumps(value: &Value) -> String {
    let mut bytes = Vec::new();
    // Writing a Value to memory cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, Python));
    String::from_utf8(bytes).unwrap_or_default()
}

/// As [`dumps`], for an object.
pub fn dumps_map(map: &Map<String, Value>) -> String {
    dumps(&Value::Object(map.clone()))
}

struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        for character in fragment.chars() {
            // DEL is ASCII, and Python leaves it as it is.
            if character.is_ascii() {
                write!(writer, "{character}")?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spaces_and_escapes_are_pythons() {
        let value = json!({"name": "Zoë 🦊 \"x\"\n\u{7f}", "list": [1, true, null, {}], "empty": []});
        assert_eq!(
            dumps(&value),
            "{\"name\": \"Zo\\u00eb \\ud83e\\udd8a \\\"x\\\"\\n\u{7f}\", \"list\": [1, true, null, {}], \"empty\": []}"
        );
    }
}
