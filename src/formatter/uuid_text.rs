//! Which ids are UUIDs, and therefore travel as 16 bytes.
//!
//! Keystone asks CPython: `uuid.UUID(hex=text)`, which in turn asks `int(text, 16)`. Both are more lenient than anybody
//! would expect, and what they take decides the bytes of a payload.

use crate::domain::decimal_digit::decimal_digit;

/// The 16 bytes of `text` if it is a UUID to Keystone: 32 characters after `urn:`, `uuid:`, braces and dashes are
/// taken away, that are a hexadecimal number to Python.
pub(super) fn to_bytes(text: &str) -> Option<[u8; 16]> {
    if let Some(bytes) = plain(text) {
        return Some(bytes);
    }
    let text = text.replace("urn:", "").replace("uuid:", "");
    let text = text.trim_matches(['{', '}']).replace('-', "");
    if text.chars().count() != 32 {
        return None;
    }
    let ascii = text.chars().map(ascii_digit_or_space).collect::<Option<Vec<u8>>>()?;
    python_int_16(&ascii).map(u128::to_be_bytes)
}

/// The UUID as Keystone writes it back: 32 lower-case hex digits.
pub(super) fn from_bytes(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).simple().to_string()
}

/// The usual case: 32 hex digits and nothing else.
fn plain(text: &str) -> Option<[u8; 16]> {
    let usual = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    usual.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}

/// A character as `int()` sees it: any decimal digit counts as its ASCII one, any white space as a space.
fn ascii_digit_or_space(character: char) -> Option<u8> {
    if character.is_ascii() {
        return Some(character as u8);
    }
    if character.is_whitespace() {
        return Some(b' ');
    }
    decimal_digit(character).map(|digit| b'0' + digit)
}

/// CPython's `int(text, 16)` for a text of 32 characters without `-`: white space around, a `+`, a `0x`, and single
/// underscores between digits (and after the `0x`) are taken. Such a number is below 2^128.
fn python_int_16(text: &[u8]) -> Option<u128> {
    let is_space = |byte: &u8| matches!(byte, b' ' | 0x09..=0x0d);
    let start = text.iter().position(|byte| !is_space(byte))?;
    let end = text.iter().rposition(|byte| !is_space(byte))?;
    let number = &text[start..=end];
    let number = number.strip_prefix(b"+").unwrap_or(number);
    let digits = match number {
        [b'0', b'x' | b'X', b'_', digits @ ..] | [b'0', b'x' | b'X', digits @ ..] => digits,
        digits => digits,
    };
    let mut value = None;
    let mut after_underscore = true;
    for &byte in digits {
        if byte == b'_' {
            if after_underscore {
                return None;
            }
            after_underscore = true;
        } else {
            let digit = char::from(byte).to_digit(16)?;
            value = Some((value.unwrap_or(0_u128) << 4) | u128::from(digit));
            after_underscore = false;
        }
    }
    if after_underscore { None } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "019cff5515c843b4bd7bcc2ae17973bc";

    fn read_back(text: &str) -> Option<String> {
        to_bytes(text).map(|bytes| from_bytes(&bytes))
    }

    #[test]
    fn the_forms_of_a_uuid() {
        for text in [
            HEX,
            "019CFF5515C843B4BD7BCC2AE17973BC",
            "019cff55-15c8-43b4-bd7b-cc2ae17973bc",
            "{019cff5515c843b4bd7bcc2ae17973bc}",
            "urn:uuid:019cff55-15c8-43b4-bd7b-cc2ae17973bc",
            "019cf-f5515c843b4bd7bcc2ae17973bc--",
            "}}019cff5515urn:c843b4bd7bcc2ae17973bc{",
        ] {
            assert_eq!(read_back(text).as_deref(), Some(HEX), "{text:?}");
        }
    }

    #[test]
    fn what_only_python_takes_for_a_number() {
        for (text, hex) in [
            ("+19cff5515c843b4bd7bcc2ae17973bc", "019cff5515c843b4bd7bcc2ae17973bc"),
            ("0x9cff5515c843b4bd7bcc2ae17973bc", "009cff5515c843b4bd7bcc2ae17973bc"),
            ("0X_cff5515c843b4bd7bcc2ae17973bc", "000cff5515c843b4bd7bcc2ae17973bc"),
            ("+0x_ff5515c843b4bd7bcc2ae17973bc", "0000ff5515c843b4bd7bcc2ae17973bc"),
            ("019cff5515c843b_bd7bcc2ae17973bc", "0019cff5515c843bbd7bcc2ae17973bc"),
            ("019cff5515c843b4bd7bcc2ae17973b\n", "0019cff5515c843b4bd7bcc2ae17973b"),
            ("\u{3000}19cff5515c843b4bd7bcc2ae17973b\u{a0}", "0019cff5515c843b4bd7bcc2ae17973b"),
            ("\u{665}19cff5515c843b4bd7bcc2ae1797\u{1d7d9}\u{ff11}\u{30}", "519cff5515c843b4bd7bcc2ae1797110"),
        ] {
            assert_eq!(read_back(text).as_deref(), Some(hex), "{text:?}");
        }
    }

    #[test]
    fn what_even_python_refuses() {
        for text in [
            "",
            "default",
            "019cff5515c843b4bd7bcc2ae17973b",
            "019cff5515c843b4bd7bcc2ae17973bca",
            "_19cff5515c843b4bd7bcc2ae17973bc",
            "019cff5515c843b4bd7bcc2ae17973b_",
            "019cff5515c843__bd7bcc2ae17973bc",
            "0x__ff5515c843b4bd7bcc2ae17973bc",
            "++9cff5515c843b4bd7bcc2ae17973bc",
            "+ 9cff5515c843b4bd7bcc2ae17973bc",
            "019cff5515c843b4 d7bcc2ae17973bc",
            "019cff5515c843b4bd7bcc2ae17973b\u{1c}",
            "019cff5515c843b4bd7bcc2ae17973b\0",
            "019cff5515c843b4bd7bcc2ae17973b\u{e9}",
            "019cff5515c843b4bd7bcc2ae17973b\u{b2}",
            "                                ",
            "                              0x",
        ] {
            assert_eq!(to_bytes(text), None, "{text:?}");
        }
    }
}
