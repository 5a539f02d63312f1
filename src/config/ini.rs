//! The INI dialect of oslo.config (`oslo_config/iniparser.py` and `cfg.ConfigParser`), which differs from every INI
//! crate's: an indented line continues the value above it even if it looks like a comment, a `#` after a value belongs
//! to the value, one pair of quotes around a value is dropped, and an option given twice keeps both values.

use super::error::IniFault;

/// One `option = value` of a file, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The section's name as written, without the brackets.
    pub(super) section: String,
    /// The option's name as written.
    pub(super) option: String,
    /// The value: continuation lines are joined with newlines.
    pub(super) value: String,
}

/// A fault and the line it is at, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FaultAt {
    pub(super) line: usize,
    pub(super) fault: IniFault,
}

/// Parses the text of one file.
pub(super) fn parse(text: &str) -> Result<Vec<Assignment>, FaultAt> {
    let text = universal_newlines(text);
    let mut parser = Parser::default();
    // `split` gives one empty piece after a final newline; as a blank line it ends the last value, which is harmless,
    // but it must not count as a line.
    let lines = text.strip_suffix('\n').unwrap_or(&text);
    if !text.is_empty() {
        for line in lines.split('\n') {
            parser.line += 1;
            parser.take(line.trim_end_matches(is_space)).map_err(|fault| FaultAt { line: parser.line, fault })?;
        }
    }
    parser.flush().map_err(|fault| FaultAt { line: parser.line, fault })?;
    Ok(parser.assignments)
}

/// Python opens text files with universal newlines.
fn universal_newlines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Python's `str.isspace`: Unicode white space and the four ASCII separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Python's `str.strip`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

#[derive(Default)]
struct Parser {
    line: usize,
    section: Option<String>,
    /// The assignment that the next line may continue.
    open: Option<(String, Vec<String>)>,
    assignments: Vec<Assignment>,
}

impl Parser {
    fn take(&mut self, line: &str) -> Result<(), IniFault> {
        if line.is_empty() {
            return self.flush();
        }
        if line.starts_with([' ', '\t']) {
            let (_, lines) = self.open.as_mut().ok_or(IniFault::UnexpectedContinuation)?;
            lines.push(line.trim_start_matches(is_space).to_owned());
            return Ok(());
        }
        self.flush()?;
        if line.starts_with('[') {
            self.section = Some(section(line)?);
        } else if !line.starts_with(['#', ';']) {
            let (key, value) = split(line)?;
            self.open = Some((key.to_owned(), vec![value.to_owned()]));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IniFault> {
        if let Some((option, lines)) = self.open.take() {
            let section = self.section.clone().ok_or(IniFault::NoSection)?;
            self.assignments.push(Assignment { section, option, value: lines.join("\n") });
        }
        Ok(())
    }
}

fn section(line: &str) -> Result<String, IniFault> {
    let name = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or(IniFault::UnclosedSection)?;
    if name.is_empty() { Err(IniFault::EmptySection) } else { Ok(name.to_owned()) }
}

/// Splits at the first `=` or `:`, whichever comes first.
fn split(line: &str) -> Result<(&str, &str), IniFault> {
    let (key, value) = line.split_once(['=', ':']).ok_or(IniFault::NoAssignment)?;
    let key = strip(key);
    if key.is_empty() {
        return Err(IniFault::EmptyKey);
    }
    Ok((key, unquote(strip(value))))
}

/// Drops the first and last character where both are the same quote; a lone quote is both at once.
fn unquote(value: &str) -> &str {
    for quote in ['"', '\''] {
        if value.len() == 1 && value.starts_with(quote) {
            return "";
        }
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}
