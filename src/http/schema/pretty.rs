//! Values spread over lines of at most 72 characters as Python's `pprint` spreads them, keys in their own order.

use serde_json::{Map, Value};

use super::repr;
use crate::domain::python;

const WIDTH: isize = 72;
/// A dump of nested values is mostly indentation, and that grows with the square of what a client sent. Keystone has no
/// bound; nobody reads this far.
const MAX_BYTES: usize = 64 * 1024;

/// `value` over as many lines as it takes, the second and later ones behind `prefix`.
pub(super) fn print(value: &Value, prefix: &str) -> String {
    let mut page = Page { text: String::new(), prefix };
    if page.value(value, 0, 0, 0).is_err() {
        page.text.push_str("...");
    }
    page.text
}

/// The page is full.
struct Full;

struct Page<'a> {
    text: String,
    prefix: &'a str,
}

impl Page<'_> {
    /// `indent`: the column that `value` begins at. `allowance`: what follows its last line at once (brackets and a
    /// comma). `level`: how many values it is inside of.
    fn value(&mut self, value: &Value, indent: isize, allowance: isize, level: usize) -> Result<(), Full> {
        let width = usize::try_from(WIDTH - indent - allowance).unwrap_or(0);
        if let Some(line) = repr::value_within(value, width) {
            return self.write(&line);
        }
        match value {
            Value::Object(entries) => self.object(entries, indent, allowance + 1, level + 1),
            Value::Array(items) => self.array(items, indent, allowance + 1, level + 1),
            Value::String(text) => self.string(text, indent, allowance, level + 1),
            scalar => self.write(&repr::value(scalar)),
        }
    }

    fn object(
        &mut self,
        entries: &Map<String, Value>,
        indent: isize,
        allowance: isize,
        level: usize,
    ) -> Result<(), Full> {
        self.write("{")?;
        let indent = indent + 1;
        for (index, (name, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.write(",")?;
                self.line(indent)?;
            }
            let name = python::string(name) + ": ";
            self.write(&name)?;
            let allowance = if index + 1 == entries.len() { allowance } else { 1 };
            self.value(value, indent + width(&name), allowance, level)?;
        }
        self.write("}")
    }

    fn array(&mut self, items: &[Value], indent: isize, allowance: isize, level: usize) -> Result<(), Full> {
        self.write("[")?;
        let indent = indent + 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.write(",")?;
                self.line(indent)?;
            }
            let allowance = if index + 1 == items.len() { allowance } else { 1 };
            self.value(item, indent, allowance, level)?;
        }
        self.write("]")
    }

    /// A long text as several literals: broken at line ends, and within a line before words. On its own they stand in
    /// parentheses.
    fn string(&mut self, text: &str, indent: isize, allowance: isize, level: usize) -> Result<(), Full> {
        let alone = level == 1;
        let (indent, allowance) = if alone { (indent + 1, allowance + 1) } else { (indent, allowance) };
        let lines = lines(text);
        let mut literals = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let last_line = index + 1 == lines.len();
            let room = WIDTH - indent;
            let whole = python::string(line);
            if width(&whole) <= room - if last_line { allowance } else { 0 } {
                literals.push(whole);
                continue;
            }
            let mut current = String::new();
            let words = words(line);
            for (index, word) in words.iter().enumerate() {
                let last_word = last_line && index + 1 == words.len();
                let longer = format!("{current}{word}");
                if width(&python::string(&longer)) > room - if last_word { allowance } else { 0 } {
                    if !current.is_empty() {
                        literals.push(python::string(&current));
                    }
                    current = (*word).to_owned();
                } else {
                    current = longer;
                }
            }
            if !current.is_empty() {
                literals.push(python::string(&current));
            }
        }
        if literals.len() <= 1 {
            return self.write(&python::string(text));
        }
        if alone {
            self.write("(")?;
        }
        for (index, literal) in literals.iter().enumerate() {
            if index > 0 {
                self.line(indent)?;
            }
            self.write(literal)?;
        }
        if alone { self.write(")") } else { Ok(()) }
    }

    fn line(&mut self, indent: isize) -> Result<(), Full> {
        let spaces = usize::try_from(indent).unwrap_or(0);
        if self.text.len() + spaces > MAX_BYTES {
            return Err(Full);
        }
        self.text.push('\n');
        self.text.push_str(self.prefix);
        self.text.extend(std::iter::repeat_n(' ', spaces));
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), Full> {
        if self.text.len() + text.len() > MAX_BYTES {
            return Err(Full);
        }
        self.text.push_str(text);
        Ok(())
    }
}

fn width(text: &str) -> isize {
    isize::try_from(text.chars().count()).unwrap_or(isize::MAX)
}

/// `text.splitlines(keepends=True)`.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((at, end)) = rest.char_indices().find(|(_, character)| is_line_end(*character)) {
        let mut next = at + end.len_utf8();
        if end == '\r' && rest[next..].starts_with('\n') {
            next += 1;
        }
        let (line, after) = rest.split_at(next);
        lines.push(line);
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Each word with the white space behind it; white space at the front is a word of its own.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_space = false;
    for (at, character) in line.char_indices() {
        let space = is_space(character);
        if in_space && !space {
            words.push(&line[start..at]);
            start = at;
        }
        in_space = space;
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}

/// Python's `str.isspace`, which is Rust's and four control characters more.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}
