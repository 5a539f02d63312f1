//! Python's regular expressions, as far as the schemas use them, for the `regex` crate.

use regex::Regex;

/// Compiles `pattern` to what Python's `re.search` would take it for.
///
/// Two things differ between the engines: Python's `$` also matches before a line end that ends the text, and its white
/// space has four control characters more. A `$` elsewhere than at the end is not in use and not translated.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let mut translated = String::with_capacity(pattern.len() + 16);
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('S') => translated.push_str(r"[^\s\x1c-\x1f]"),
                Some('s') => translated.push_str(r"[\s\x1c-\x1f]"),
                Some(other) => {
                    translated.push('\\');
                    translated.push(other);
                }
                None => translated.push('\\'),
            },
            '$' if characters.peek().is_none() => translated.push_str(r"\n?\z"),
            other => translated.push(other),
        }
    }
    Regex::new(&translated)
}
