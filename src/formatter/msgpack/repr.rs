//! How Python prints a value: Keystone quotes an unknown payload version in its refusal.

use super::value::Value;

/// Python's own limit is about here; it fails beyond it.
const MAX_DEPTH: usize = 500;

/// Python's `'%s' % value`. `None` where Python fails: nested too deep, or an extension, whose two parts do not fit one
/// `%s`.
pub(in super::super) fn str_of(value: &Value) -> Option<String> {
    let mut out = String::new();
    match value {
        Value::Text(text) => out.push_str(text),
        Value::Extension(..) => return None,
        value => write_repr(&mut out, value, 0)?,
    }
    Some(out)
}

fn write_repr(out: &mut String, value: &Value, depth: usize) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Nil => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float_repr(*number)),
        Value::Text(text) => text_repr(out, text),
        Value::Bytes(bytes) => bytes_repr(out, bytes),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_repr(out, item, depth + 1)?;
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_repr(out, key, depth + 1)?;
                out.push_str(": ");
                write_repr(out, value, depth + 1)?;
            }
            out.push('}');
        }
        Value::Extension(code, data) => {
            out.push_str(&format!("ExtType(code={code}, data="));
            bytes_repr(out, data);
            out.push(')');
        }
        Value::Timestamp { seconds, nanoseconds } => {
            out.push_str(&format!("Timestamp(seconds={seconds}, nanoseconds={nanoseconds})"));
        }
    }
    Some(())
}

/// The shortest digits that read back as the same number, with an exponent below 10^-4 and from 10^16 on.
fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest(number);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.unsigned_abs());
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let digits = digits.replace('.', "");
    if exponent < 0 {
        let zeros = usize::try_from(-1 - exponent).unwrap_or(0);
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    }
    let before_point = usize::try_from(exponent + 1).unwrap_or(0);
    let digits = format!("{digits:0<width$}", width = before_point + 1);
    let (whole, fraction) = digits.split_at(before_point);
    format!("{sign}{whole}.{fraction}")
}

/// The fewest digits that read back as `number`, in scientific notation. Where two endings are equally near, Rust prints
/// the greater one and Python the even one, as rounding to that many digits does.
fn shortest(number: f64) -> String {
    let shortest = format!("{number:e}");
    let digits = shortest.bytes().take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).count();
    let rounded = format!("{number:.*e}", digits.saturating_sub(1));
    if rounded.parse() == Ok(number) { rounded } else { shortest }
}

fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

fn text_repr(out: &mut String, text: &str) {
    let quote = quote_for(text.contains('\''), text.contains('"'));
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if character == quote => out.extend(['\\', quote]),
            // Python also escapes unassigned and other unprintable characters; that takes a table of all of them.
            character if character.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push(quote);
}

fn bytes_repr(out: &mut String, bytes: &[u8]) {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    out.extend(['b', quote]);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if char::from(byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(byte.into()),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: Value) -> Option<String> {
        str_of(&value)
    }

    #[test]
    fn scalars() {
        assert_eq!(printed(Value::Nil).as_deref(), Some("None"));
        assert_eq!(printed(Value::Bool(true)).as_deref(), Some("True"));
        assert_eq!(printed(Value::Int(-1)).as_deref(), Some("-1"));
        assert_eq!(printed(Value::from("a'b")).as_deref(), Some("a'b"));
        assert_eq!(printed(Value::Bytes(b"\0'\xff".to_vec())).as_deref(), Some("b\"\\x00'\\xff\""));
    }

    #[test]
    fn floats() {
        for (number, text) in [
            (0.5, "0.5"),
            (2.0, "2.0"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (-1234.5, "-1234.5"),
            // Exactly ...859.25: ...859.2 and ...859.3 both read back as it.
            (f64::from_bits(0x4304_a010_3eb7_111a), "725686395789859.2"),
            (0.000_123, "0.000123"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(printed(Value::Float(number)).as_deref(), Some(text));
        }
    }

    #[test]
    fn containers_and_their_limit() {
        let nested = Value::Array(vec![
            Value::from("it's\n"),
            Value::Map(vec![(Value::from("k"), Value::Extension(1, vec![]))]),
            Value::Timestamp { seconds: 1, nanoseconds: 2 },
        ]);
        assert_eq!(
            printed(nested).as_deref(),
            Some("[\"it's\\n\", {'k': ExtType(code=1, data=b'')}, Timestamp(seconds=1, nanoseconds=2)]")
        );
        assert_eq!(printed(Value::Extension(1, vec![])), None);
        let deep = (0..1000).fold(Value::Nil, |inner, _| Value::Array(vec![inner]));
        assert_eq!(printed(deep), None);
    }
}
