//! How Python prints a JSON value: checks compare texts, so `True`, `None` and `1.0` have to look as they do there.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::domain::python;

/// `str(value)`. Text is borrowed, not copied.
pub(super) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed("None"),
        Value::Bool(true) => Cow::Borrowed("True"),
        Value::Bool(false) => Cow::Borrowed("False"),
        Value::Number(number) => Cow::Owned(number_text(number)),
        Value::Array(_) | Value::Object(_) => Cow::Owned(representation(value)),
    }
}

/// `repr(value)`: as [`text_of`], but text is quoted.
pub(super) fn representation(value: &Value) -> String {
    let mut out = String::new();
    write_representation(value, &mut out);
    out
}

/// `ascii(value)`: as [`representation`], with everything beyond ASCII escaped.
pub(super) fn ascii_representation(value: &Value) -> String {
    let escaped = |c: char| match u32::from(c) {
        ..0x80 => c.to_string(),
        code @ ..0x100 => format!("\\x{code:02x}"),
        code @ ..0x1_0000 => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    };
    representation(value).chars().map(escaped).collect()
}

/// Python's truth: empty, zero and none are false.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => python::float(value),
        _ => number.to_string(),
    }
}

fn write_representation(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(&python::string(text)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_representation(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&python::string(name));
                out.push_str(": ");
                write_representation(member, out);
            }
            out.push('}');
        }
        plain => out.push_str(&text_of(plain)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_print_as_in_python() {
        for (value, text) in [
            (json!("plain"), "plain"),
            (json!(null), "None"),
            (json!(true), "True"),
            (json!(-7), "-7"),
            (json!(18_446_744_073_709_551_615_u64), "18446744073709551615"),
            (json!(1.0), "1.0"),
            (json!(0.1), "0.1"),
            (json!(1e15), "1000000000000000.0"),
            (json!(1e16), "1e+16"),
            (json!(0.0001), "0.0001"),
            (json!(0.000_01), "1e-05"),
            (json!(-2.5e-7), "-2.5e-07"),
            (
                json!(["a", 1, null, "it's", "both ' and \"", "é\n"]),
                r#"['a', 1, None, "it's", 'both \' and "', 'é\n']"#,
            ),
            (json!({"a": {"b": []}, "c": false}), "{'a': {'b': []}, 'c': False}"),
        ] {
            assert_eq!(text_of(&value), text);
        }
    }

    #[test]
    fn ascii_escapes_what_is_beyond() {
        assert_eq!(ascii_representation(&json!("aé€😀")), r"'a\xe9\u20ac\U0001f600'");
    }

    #[test]
    fn empty_and_zero_are_false() {
        for value in [json!(null), json!(false), json!(0), json!(0.0), json!(""), json!([]), json!({})] {
            assert!(!is_true(&value), "{value}");
        }
        for value in [json!(true), json!(-1), json!("0"), json!([0]), json!({"a": null})] {
            assert!(is_true(&value), "{value}");
        }
    }
}
