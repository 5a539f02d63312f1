//! The left side of a generic check: a literal, or the path of one of the caller's attributes.
//!
//! oslo.policy asks Python (`ast.literal_eval`): what Python reads as a literal is compared as such, any other
//! *expression* is taken as the path of an attribute, dots and all, and what is no expression raises an exception in
//! each request. So this module knows as much of Python's expressions as it takes to tell the three apart. Where it is
//! unsure (brackets, byte strings, complex numbers, ...) the check has no answer, which refuses the action.

use crate::domain::python;

/// What the left side of a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A literal: its `str()`.
    Literal(String),
    /// Not a literal: names, from the outermost on.
    Path(Vec<String>),
    /// Not an expression, or one that is not supported.
    Unreadable(String),
}

impl Kind {
    pub(super) fn read(text: &str) -> Self {
        match expression(text) {
            Some(Shape::Literal(literal)) => Self::Literal(literal),
            Some(Shape::Other) => Self::Path(text.split('.').map(str::to_owned).collect()),
            None => Self::Unreadable(format!("{text:?} is neither a literal nor the name of an attribute")),
        }
    }
}

enum Shape {
    Literal(String),
    Other,
}

/// `None`: not an expression.
fn expression(text: &str) -> Option<Shape> {
    let mut rest = skip_blanks(text);
    let mut shape = operand(&mut rest)?;
    loop {
        rest = skip_blanks(rest);
        // What follows a # is a comment.
        if rest.is_empty() || rest.starts_with('#') {
            return Some(shape);
        }
        match rest.strip_prefix('.') {
            Some(after) => {
                rest = skip_blanks(after);
                name(&mut rest).filter(|name| !is_keyword(name))?;
            }
            None => {
                rest = skip_blanks(operator(rest)?);
                operand(&mut rest)?;
            }
        }
        shape = Shape::Other;
    }
}

/// Signs, and what they stand before.
fn operand(rest: &mut &str) -> Option<Shape> {
    let mut signs = String::new();
    while let Some(sign @ ('+' | '-' | '~')) = rest.chars().next() {
        signs.push(sign);
        *rest = skip_blanks(&rest[1..]);
    }
    let first = rest.chars().next()?;
    let second = rest.chars().nth(1);
    if first.is_ascii_digit() || (first == '.' && second.is_some_and(|c| c.is_ascii_digit())) {
        let number = number(rest)?;
        return Some(match signs.as_str() {
            "" | "+" => Shape::Literal(number),
            "-" if number == "0" => Shape::Literal(number),
            "-" => Shape::Literal(format!("-{number}")),
            _ => Shape::Other,
        });
    }
    let literal = if let Some(after) = rest.strip_prefix("...") {
        *rest = after;
        Some("Ellipsis".to_owned())
    } else if starts_string(rest) {
        Some(strings(rest)?)
    } else {
        match name(rest)? {
            constant @ ("None" | "True" | "False") => Some(constant.to_owned()),
            word if is_keyword(word) => return None,
            _ => None,
        }
    };
    Some(match literal {
        Some(literal) if signs.is_empty() => Shape::Literal(literal),
        _ => Shape::Other,
    })
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn operator(text: &str) -> Option<&str> {
    const OPERATORS: [&str; 20] =
        ["**", "//", "<<", ">>", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "<", ">", "~"];
    let operator = OPERATORS.iter().find(|operator| text.starts_with(**operator))?;
    (*operator != "~").then(|| &text[operator.len()..])
}

/// A name in Python's sense, keywords included.
fn name<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let starts = rest.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    *rest = after;
    starts.then_some(name)
}

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&name)
}

/// A number as Python prints it. Nothing that belongs to a name may follow.
fn number(rest: &mut &str) -> Option<String> {
    let text = *rest;
    let radix = match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => return decimal(rest),
    };
    let digits_end = text[2..].find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).map_or(text.len(), |at| at + 2);
    *rest = &text[digits_end..];
    let digits = &text[2..digits_end];
    // 0x_f is a number as well.
    let digits = grouped(digits.strip_prefix('_').unwrap_or(digits))?;
    u128::from_str_radix(&digits, radix).ok().map(|number| number.to_string())
}

fn decimal(rest: &mut &str) -> Option<String> {
    let (whole, mut tail) = digits(rest);
    let mut is_float = false;
    let mut text = grouped_or_empty(whole)?;
    if let Some(after) = tail.strip_prefix('.') {
        is_float = true;
        let (fraction, after) = digits(after);
        text = format!("{}.{}", if text.is_empty() { "0" } else { &text }, grouped_or_empty(fraction)?);
        tail = after;
    }
    if let Some(after) = tail.strip_prefix(['e', 'E']) {
        is_float = true;
        let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
        let sign = if after.starts_with('-') { "-" } else { "" };
        let (exponent, after) = digits(unsigned);
        text = format!("{text}e{sign}{}", grouped(exponent)?);
        tail = after;
    }
    if tail.chars().next().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
        return None;
    }
    *rest = tail;
    if is_float {
        return text.parse().ok().map(python::float);
    }
    let significant = text.trim_start_matches('0');
    match significant {
        "" => Some("0".to_owned()),
        // Python: leading zeros are for zero only.
        _ if text.starts_with('0') => None,
        // Python's limit for turning text into a number.
        _ if significant.len() > 4300 => None,
        _ => Some(significant.to_owned()),
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| c != '_' && !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn grouped_or_empty(digits: &str) -> Option<String> {
    if digits.is_empty() { Some(String::new()) } else { grouped(digits) }
}

/// Digits with single underscores between them.
fn grouped(digits: &str) -> Option<String> {
    let well_formed = !digits.is_empty() && digits.split('_').all(|group| !group.is_empty());
    well_formed.then(|| digits.replace('_', ""))
}

fn starts_string(text: &str) -> bool {
    let prefix = text.find(['\'', '"']).map(|at| text[..at].to_ascii_lowercase());
    matches!(prefix.as_deref(), Some("" | "r" | "u" | "b" | "f" | "br" | "rb" | "fr" | "rf"))
}

/// One or more strings side by side, joined.
fn strings(rest: &mut &str) -> Option<String> {
    let mut joined = String::new();
    while starts_string(rest) {
        let at = rest.find(['\'', '"'])?;
        let raw = match rest[..at].to_ascii_lowercase().as_str() {
            "" | "u" => false,
            "r" => true,
            // Bytes and formatted strings.
            _ => return None,
        };
        *rest = &rest[at..];
        let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| rest.starts_with(quote))?;
        *rest = &rest[quote.len()..];
        string_body(rest, quote, raw, &mut joined)?;
        *rest = skip_blanks(rest);
    }
    Some(joined)
}

fn string_body(rest: &mut &str, quote: &str, raw: bool, out: &mut String) -> Option<()> {
    loop {
        if let Some(after) = rest.strip_prefix(quote) {
            *rest = after;
            return Some(());
        }
        let c = rest.chars().next()?;
        *rest = &rest[c.len_utf8()..];
        match c {
            '\n' | '\r' if quote.len() == 1 => return None,
            '\\' if raw => {
                let escaped = rest.chars().next()?;
                *rest = &rest[escaped.len_utf8()..];
                out.extend([c, escaped]);
            }
            '\\' => escape(rest, out)?,
            c => out.push(c),
        }
    }
}

/// What follows a backslash.
fn escape(rest: &mut &str, out: &mut String) -> Option<()> {
    let c = rest.chars().next()?;
    *rest = &rest[c.len_utf8()..];
    let code = match c {
        '\n' => return Some(()),
        '\\' | '\'' | '"' => u32::from(c),
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        'x' => hexadecimal(rest, 2)?,
        'u' => hexadecimal(rest, 4)?,
        'U' => hexadecimal(rest, 8)?,
        'N' => return None,
        '0'..='7' => {
            let more = rest.chars().take(2).take_while(|c| ('0'..='7').contains(c)).count();
            let value =
                rest[..more].bytes().fold(u32::from(c) - 48, |value, digit| value * 8 + u32::from(digit - b'0'));
            *rest = &rest[more..];
            value
        }
        other => {
            out.extend(['\\', other]);
            return Some(());
        }
    };
    out.push(char::from_u32(code)?);
    Some(())
}

fn hexadecimal(rest: &mut &str, length: usize) -> Option<u32> {
    let digits = rest.get(..length).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    *rest = &rest[length..];
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Kind {
        Kind::Literal(text.to_owned())
    }

    #[test]
    fn literals_are_read_as_python_reads_them() {
        for (text, printed) in [
            ("'admin'", "admin"),
            (r#""it's""#, "it's"),
            ("'a' 'b'", "ab"),
            (r"'\x41\u00e9\n\101\q'", "Aé\nA\\q"),
            (r"r'\n'", r"\n"),
            ("'''a'b'''", "a'b"),
            ("True", "True"),
            ("None", "None"),
            ("42", "42"),
            ("-1", "-1"),
            ("-0", "0"),
            ("+ 1", "1"),
            ("1_000", "1000"),
            ("00", "0"),
            ("0x_1F", "31"),
            ("0b101", "5"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("1e3", "1000.0"),
            ("1e16", "1e+16"),
            ("...", "Ellipsis"),
        ] {
            assert_eq!(Kind::read(text), literal(printed), "{text}");
        }
    }

    #[test]
    fn any_other_expression_is_a_path() {
        for text in ["user_id", "token.project.domain.id", "a-b", "OS-FEDERATION", "1+2", "--1", "-True", "'a'.b", "é"]
        {
            let path = text.split('.').map(str::to_owned).collect();
            assert_eq!(Kind::read(text), Kind::Path(path), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_unreadable() {
        for text in [
            "",
            "a b",
            "class",
            "a.class",
            "a..b",
            "a.",
            ".a",
            "1a",
            "01",
            "1__0",
            "'a",
            "!x",
            "a-",
            "$",
            "'\\ud800'",
            "€",
        ] {
            assert!(matches!(Kind::read(text), Kind::Unreadable(_)), "{text}");
        }
    }
}
