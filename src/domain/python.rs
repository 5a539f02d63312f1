//! Texts and floats as Python's `repr()` writes them: Keystone's messages quote values that way.

use std::{
    fmt::{self, Write},
    sync::LazyLock,
};

use regex::Regex;

/// `repr(text)`.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    // A String takes everything.
    let _complete = write_string(&mut out, text);
    out
}

/// `ascii(text)`: as [`string`], with everything beyond ASCII escaped.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for character in string(text).chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            // A String takes everything.
            let _complete = write_escape(&mut out, character);
        }
    }
    out
}

/// `repr(text)` into `out`.
///
/// # Errors
///
/// Those of `out`.
pub fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.write_char(quote)?;
    for character in text.chars() {
        match character {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            _ if character == quote => {
                out.write_char('\\')?;
                out.write_char(quote)?;
            }
            ' '..='~' => out.write_char(character)?,
            _ if is_printable(character) => out.write_char(character)?,
            _ => write_escape(out, character)?,
        }
    }
    out.write_char(quote)
}

fn write_escape(out: &mut impl Write, character: char) -> fmt::Result {
    match u32::from(character) {
        code @ ..0x100 => write!(out, "\\x{code:02x}"),
        code @ ..0x1_0000 => write!(out, "\\u{code:04x}"),
        code => write!(out, "\\U{code:08x}"),
    }
}

/// `text.strip()`: its white space has four control characters more than Unicode's.
pub fn strip(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || ('\x1c'..='\x1f').contains(&character))
}

/// `repr(float)`: the fewest digits that read back as the same number, with an exponent below 10^-4 and from 10^16 on.
pub fn float(float: f64) -> String {
    let scientific = shortest(float);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        // Infinite, or not a number.
        return scientific.to_ascii_lowercase();
    };
    let Ok(exponent) = exponent.parse::<i32>() else { return scientific };
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let digits = mantissa.replace('.', "");
    match usize::try_from(exponent) {
        Ok(exponent) => {
            let padded = format!("{digits:0<width$}", width = exponent + 2);
            let (whole, fraction) = padded.split_at(exponent + 1);
            format!("{sign}{whole}.{fraction}")
        }
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
    }
}

/// The fewest digits that read back as `float`, in scientific notation. Where two endings are equally near, Rust prints
/// the greater one and Python the even one, as rounding to that many digits does.
fn shortest(float: f64) -> String {
    let shortest = format!("{float:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let rounded = format!("{float:.*e}", digits.saturating_sub(1));
    if rounded.parse() == Ok(float) { rounded } else { shortest }
}

/// Python's `str.isprintable` for one character that is not ASCII: neither "other" nor "separator" in Unicode.
fn is_printable(character: char) -> bool {
    #[expect(clippy::expect_used, reason = "a constant pattern")]
    static UNPRINTABLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\p{C}\p{Z}]$").expect("a valid pattern"));
    !UNPRINTABLE.is_match(character.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected texts are Python's.
    #[test]
    fn floats() {
        for (number, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (100.0, "100.0"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1234567890123456.7, "1234567890123456.8"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            // Two endings are equally near.
            (2f64.powi(-44), "5.684341886080802e-14"),
            (2f64.powi(-24), "5.960464477539063e-08"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(float(number), expected);
        }
    }

    #[test]
    fn white_space() {
        assert_eq!(strip("\x1c \u{a0}\u{3000}a b\t\n\x1f"), "a b");
        assert_eq!(strip("\u{200b}a"), "\u{200b}a");
    }

    #[test]
    fn strings() {
        for (text, expected) in [
            ("plain", "'plain'"),
            ("it's", "\"it's\""),
            ("it's \"both\"", "'it\\'s \"both\"'"),
            ("\\ \n\r\t", "'\\\\ \\n\\r\\t'"),
            ("\0\u{7f}\u{a0}\u{ad}ü", "'\\x00\\x7f\\xa0\\xadü'"),
            ("密\u{200b}\u{378}\u{e000}🔑\u{e0001}", "'密\\u200b\\u0378\\ue000🔑\\U000e0001'"),
        ] {
            assert_eq!(string(text), expected);
        }
    }
}
