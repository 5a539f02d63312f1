//! Python's `template % mapping`, for texts: how the URLs of endpoints are filled in, and which are malformed.

use std::fmt::Write as _;

use super::python;

/// A template that Python would raise an exception for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a malformed template")]
pub struct Malformed;

/// No filled-in text is longer: a template can ask for any width.
const LONGEST: usize = 64 * 1024;

/// What a conversion is given.
enum Argument {
    /// The value under a key.
    Value(String),
    /// The mapping itself, which Python prints as a whole.
    Mapping,
}

/// `template % mapping`, where `value_of` answers with the mapping's values, all of them texts. A conversion without a key
/// prints the mapping itself: the first such one is filled in with `mapping`.
///
/// # Errors
///
/// [`Malformed`] where Python raises `KeyError`, `TypeError` or `ValueError`; also where the result would be too long to be of
/// use to anybody.
pub fn fill_in(template: &str, value_of: impl Fn(&str) -> Option<String>, mapping: &str) -> Result<String, Malformed> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    // The mapping is there for one conversion without a key, and only before any with one.
    let mut next = Some(Argument::Mapping);
    while let Some(at) = rest.find('%') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            filled.push('%');
            rest = after;
            continue;
        }
        if rest.starts_with('(') {
            let (key, after) = key(rest)?;
            next = Some(Argument::Value(value_of(key).ok_or(Malformed)?));
            rest = after;
        }
        let (shape, after) = Shape::parse(rest)?;
        let mut characters = after.chars();
        let conversion = characters.next().ok_or(Malformed)?;
        rest = characters.as_str();
        let text = match (conversion, next.take().ok_or(Malformed)?) {
            ('s', Argument::Value(value)) => value,
            ('r', Argument::Value(value)) => python::string(&value),
            ('a', Argument::Value(value)) => python::ascii(&value),
            ('s' | 'r' | 'a', Argument::Mapping) => mapping.to_owned(),
            // Numbers and single characters, which no text is; and letters that mean nothing.
            _ => return Err(Malformed),
        };
        shape.write(&text, &mut filled)?;
        if filled.len() > LONGEST {
            return Err(Malformed);
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The key at the front of `text`, which begins with a parenthesis; inner parentheses belong to it.
fn key(text: &str) -> Result<(&str, &str), Malformed> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&text[1..at], &text[at + 1..]));
        }
    }
    Err(Malformed)
}

/// What stands between key and conversion.
#[derive(Debug, Default)]
struct Shape {
    left: bool,
    width: usize,
    precision: Option<usize>,
}

impl Shape {
    fn parse(text: &str) -> Result<(Self, &str), Malformed> {
        let mut shape = Self::default();
        let flags = text.trim_start_matches(['-', '+', ' ', '#', '0']);
        shape.left = text[..text.len() - flags.len()].contains('-');
        let (width, mut rest) = number(flags)?;
        shape.width = width;
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, after) = number(after)?;
            shape.precision = Some(precision);
            rest = after;
        }
        Ok((shape, rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest)))
    }

    fn write(&self, text: &str, filled: &mut String) -> Result<(), Malformed> {
        let text: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        if self.width > LONGEST {
            return Err(Malformed);
        }
        // Writing to a String cannot fail.
        let _ = if self.left {
            write!(filled, "{text:<width$}", width = self.width)
        } else {
            write!(filled, "{text:>width$}", width = self.width)
        };
        Ok(())
    }
}

/// The digits at the front of `text` as a number, 0 where there are none. A `*` would take an argument, which no mapping has
/// for it.
fn number(text: &str) -> Result<(usize, &str), Malformed> {
    if text.starts_with('*') {
        return Err(Malformed);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(digits);
    if digits.is_empty() { Ok((0, rest)) } else { Ok((digits.parse().map_err(|_| Malformed)?, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Option<String> {
        let value_of = |key: &str| match key {
            "a" => Some("x'é".to_owned()),
            "b(c)" => Some("nested".to_owned()),
            "" => Some("empty".to_owned()),
            _ => None,
        };
        fill_in(template, value_of, "<mapping>").ok()
    }

    /// Asked of Python 3.11.
    #[test]
    fn as_python_does() {
        for (template, expected) in [
            ("plain", "plain"),
            ("%(a)s/%(a)s", "x'é/x'é"),
            ("100%%", "100%"),
            ("[%(a)6s]", "[   x'é]"),
            ("[%(a)-6s]", "[x'é   ]"),
            ("[%(a)+06s]", "[   x'é]"),
            ("[%(a).2s]", "[x']"),
            ("[%(a).s]", "[]"),
            ("[%(a)6.1s]", "[     x]"),
            ("%(a)r", "\"x'é\""),
            ("%(a)a", "\"x'\\xe9\""),
            ("%(a)ls", "x'é"),
            ("%(b(c))s", "nested"),
            ("%()s", "empty"),
            ("%s", "<mapping>"),
            ("[%12s]", "[   <mapping>]"),
            ("%s %(a)s", "<mapping> x'é"),
            ("%s %%", "<mapping> %"),
            ("%% %s", "% <mapping>"),
        ] {
            assert_eq!(filled(template).as_deref(), Some(expected), "{template}");
        }
        for template in [
            "%",
            "%(a)",
            "%(a",
            "%5%",
            "%(a)%",
            "%(a)d",
            "%(a)i",
            "%(a)c",
            "%(a)f",
            "%(a)x",
            "%(a)q",
            "%d",
            "%(unknown)s",
            "%s %s",
            "%(a)s %s",
            "%*s",
            "%(a)*s",
            "%(a).*s",
            "% ",
            "%(a)lls",
            "%(a)99999999999999999999s",
        ] {
            assert_eq!(filled(template), None, "{template}");
        }
    }

    #[test]
    fn no_width_is_too_much() {
        assert_eq!(filled("%(a)100000s"), None);
        assert_eq!(filled(&"%(a)60000s".repeat(3)), None);
    }
}
