//! The right side of a check: text with `%(name)s` in it, filled in from the target.
//!
//! It is Python's `text % mapping`. Conversions that no policy has use for (`%x`, `%e`, `%(a)*s`, ...) are refused.

use std::borrow::Cow;

use serde_json::Value;

use super::attributes::Attributes;
use super::fault::Fault;
use super::python_text::{ascii_representation, representation, text_of};

/// A compiled right side.
#[derive(Debug, Clone)]
pub(super) enum Template {
    /// No substitution: the text itself.
    Fixed(String),
    /// Nothing but `%(name)s`, which is most of them: compared without a copy.
    Attribute(String),
    /// Any other mixture.
    Pieces(Vec<Piece>),
}

/// A part of a [`Template::Pieces`].
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    Attribute {
        name: String,
        format: Format,
    },
    /// Python raises an exception when it gets here, or we do not support what is asked. Where there is a name, it is
    /// looked up before.
    Unusable {
        name: Option<String>,
        problem: String,
    },
}

/// What stands between `)` and the end of a substitution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    conversion: Conversion,
    /// Padded with blanks to this many characters.
    width: usize,
    /// Padded on the right instead of the left.
    left: bool,
    /// Cut after this many characters.
    precision: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conversion {
    Text,
    Representation,
    Ascii,
    Integer,
}

/// Widths and precisions above this are refused: a rule must not be able to ask for a gigabyte of blanks.
const MAX_WIDTH: usize = 1000;

impl Template {
    pub(super) fn compile(text: &str) -> Self {
        if !text.contains('%') {
            return Self::Fixed(text.to_owned());
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            push_text(&mut pieces, before);
            if let Some(after) = after.strip_prefix('%') {
                push_text(&mut pieces, "%");
                rest = after;
                continue;
            }
            match substitution(after) {
                Ok((piece, after)) => {
                    pieces.push(piece);
                    rest = after;
                }
                Err((name, problem)) => {
                    let name = name.map(str::to_owned);
                    pieces.push(Piece::Unusable { name, problem: format!("{text:?}: {problem}") });
                    rest = "";
                }
            }
        }
        push_text(&mut pieces, rest);
        match pieces.as_slice() {
            [Piece::Attribute { name, format }] if format.is_plain() => Self::Attribute(name.clone()),
            [Piece::Text(text)] => Self::Fixed(text.clone()),
            _ => Self::Pieces(pieces),
        }
    }

    /// The text for this target; `None` where it lacks an attribute that is asked for: oslo.policy's checks then say no.
    pub(super) fn render<'a>(&'a self, target: &'a dyn Attributes) -> Result<Option<Cow<'a, str>>, Fault> {
        match self {
            Self::Fixed(text) => Ok(Some(Cow::Borrowed(text))),
            Self::Attribute(name) => Ok(target.attribute(name).map(text_of)),
            Self::Pieces(pieces) => Ok(render_pieces(pieces, target)?.map(Cow::Owned)),
        }
    }

    /// What cannot be used in this text, if anything.
    pub(super) fn problem(&self) -> Option<&str> {
        match self {
            Self::Pieces(pieces) => pieces.iter().find_map(|piece| match piece {
                Piece::Unusable { problem, .. } => Some(problem.as_str()),
                _ => None,
            }),
            _ => None,
        }
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

fn render_pieces(pieces: &[Piece], target: &dyn Attributes) -> Result<Option<String>, Fault> {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Attribute { name, format } => match target.attribute(name) {
                Some(value) => out.push_str(&format.apply(name, value)?),
                None => return Ok(None),
            },
            Piece::Unusable { name: Some(name), .. } if target.attribute(name).is_none() => return Ok(None),
            Piece::Unusable { problem, .. } => return Err(Fault::new(problem.clone())),
        }
    }
    Ok(Some(out))
}

/// Reads what follows a `%`: `(name)`, flags, width, precision, conversion. Gives the rest back; if there is a problem,
/// the name as far as there is one.
fn substitution(text: &str) -> Result<(Piece, &str), (Option<&str>, String)> {
    let inner = text.strip_prefix('(').ok_or((None, "a % must be followed by (name)s or by another %".to_owned()))?;
    let end = closing_parenthesis(inner).ok_or((None, "a ( is not closed".to_owned()))?;
    let (name, rest) = (&inner[..end], &inner[end + 1..]);
    let (format, rest) = Format::read(rest).map_err(|problem| (Some(name), problem))?;
    Ok((Piece::Attribute { name: name.to_owned(), format }, rest))
}

/// Where the parenthesis that is already open closes; there may be pairs inside.
fn closing_parenthesis(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

impl Format {
    /// Reads what follows the name; gives the rest back.
    fn read(text: &str) -> Result<(Self, &str), String> {
        const MISSING: &str = "the conversion is missing: write %(name)s";
        let options_end = text.find(|c: char| !matches!(c, '-' | '+' | ' ' | '#' | '.' | '0'..='9')).ok_or(MISSING)?;
        let (options, rest) = text.split_at(options_end);
        // Python ignores C's length modifiers, of which there may be one.
        let mut rest = rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest).chars();
        let conversion = match rest.next().ok_or(MISSING)? {
            's' => Conversion::Text,
            'r' => Conversion::Representation,
            'a' => Conversion::Ascii,
            'd' | 'i' | 'u' => Conversion::Integer,
            other => return Err(format!("the conversion {other:?} is not supported: write %(name)s")),
        };

        let numbers = options.trim_start_matches(['-', '+', ' ', '#', '0']);
        let flags = &options[..options.len() - numbers.len()];
        if conversion == Conversion::Integer && (flags.contains(['+', ' ', '#', '0']) || numbers.contains('.')) {
            return Err(format!("the number format {options:?} is not supported"));
        }
        let number = |text: &str| match text {
            "" => Ok(0),
            text => text
                .parse()
                .ok()
                .filter(|number| *number <= MAX_WIDTH)
                .ok_or_else(|| format!("the width or precision {text:?} is not supported")),
        };
        let (width, precision) = match numbers.split_once('.') {
            Some((width, precision)) => (number(width)?, Some(number(precision)?)),
            None => (number(numbers)?, None),
        };
        Ok((Self { conversion, width, left: flags.contains('-'), precision }, rest.as_str()))
    }

    fn is_plain(self) -> bool {
        self == Self { conversion: Conversion::Text, width: 0, left: self.left, precision: None }
    }

    fn apply(self, name: &str, value: &Value) -> Result<String, Fault> {
        let mut text = match self.conversion {
            Conversion::Text => text_of(value).into_owned(),
            Conversion::Representation => representation(value),
            Conversion::Ascii => ascii_representation(value),
            Conversion::Integer => match value {
                Value::Number(number) if !number.is_f64() => number.to_string(),
                Value::Bool(flag) => u8::from(*flag).to_string(),
                _ => return Err(Fault::new(format!("%({name})d is for whole numbers only"))),
            },
        };
        if let Some(precision) = self.precision
            && let Some((end, _)) = text.char_indices().nth(precision)
        {
            text.truncate(end);
        }
        let missing = self.width.saturating_sub(text.chars().count());
        let padding = " ".repeat(missing);
        Ok(if self.left { text + &padding } else { padding + &text })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(text: &str) -> Result<Option<String>, Fault> {
        let target = json!({
            "user_id": "u1", "none": null, "yes": true, "five": 5, "half": 0.5, "list": ["a", 1], "a(b)": "odd", "word": "été",
        });
        let target = target.as_object().unwrap();
        Template::compile(text).render(target).map(|text| text.map(Cow::into_owned))
    }

    #[test]
    fn substitutions_are_made_as_in_python() {
        for (text, expected) in [
            ("plain", "plain"),
            ("%(user_id)s", "u1"),
            ("id=%(user_id)s!", "id=u1!"),
            ("%(five)s/%(yes)s/%(none)s/%(half)s", "5/True/None/0.5"),
            ("%(list)s", "['a', 1]"),
            ("100%%", "100%"),
            ("%%(user_id)s", "%(user_id)s"),
            ("%(a(b))s", "odd"),
            ("[%(user_id)5s|%(user_id)-5s|%(word).2s|%(user_id)ls]", "[   u1|u1   |ét|u1]"),
            ("%(word)r %(word)a", r"'été' '\xe9t\xe9'"),
            ("%(five)d %(yes)i", "5 1"),
        ] {
            assert_eq!(render(text).unwrap().as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_missing_name_leaves_nothing() {
        for text in ["%(nobody)s", "%(user_id)s%(nobody)s", "%(nobody)d", "%(nobody)", "%(nobody)x"] {
            assert_eq!(render(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_python_or_we_cannot_format_is_a_fault() {
        for text in
            ["%", "%s", "%(user_id", "%(user_id)", "%(user_id)x", "%(user_id)d", "%(user_id)9999999s", "%(five)05d"]
        {
            assert!(render(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_usual_forms_are_compiled_to_the_cheap_ones() {
        assert!(matches!(Template::compile("admin"), Template::Fixed(_)));
        assert!(matches!(Template::compile("%%"), Template::Fixed(_)));
        assert!(matches!(Template::compile("%(target.user.id)s"), Template::Attribute(_)));
        assert!(matches!(Template::compile("%(target.user.id)5s"), Template::Pieces(_)));
    }
}
