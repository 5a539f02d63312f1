//! Statements are written once, in SQL that Postgres and SQLite both take, with placeholders `$1`, `$2`...
//!
//! Two things differ and are rewritten here: a list of values (`IN ($n)` with [`Value::AnyOf`]), which each dialect
//! takes as one parameter in its own way, and the numbers of placeholders when statements travel together.

use std::{borrow::Cow, fmt::Write as _};

use super::value::Value;

/// How a dialect takes a list of values as one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListStyle {
    /// `= ANY($n)` with an array.
    Array,
    /// `IN (SELECT value FROM json_each($n))` with a JSON array.
    JsonEach,
}

/// `sql` with its lists in the style of the dialect and every placeholder's number raised by `offset`.
pub(super) fn rewrite<'s>(sql: &'s str, values: &[Value], style: ListStyle, offset: usize) -> Cow<'s, str> {
    if offset == 0 && !values.iter().any(|value| matches!(value, Value::AnyOf(_))) {
        return Cow::Borrowed(sql);
    }
    let mut rewritten = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        let digits = after[1..].bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = after[1..=digits].parse().unwrap_or(0);
        let is_list = matches!(number.checked_sub(1).and_then(|index| values.get(index)), Some(Value::AnyOf(_)));
        rest = &after[1 + digits..];
        match (is_list, before.strip_suffix("IN ("), rest.strip_prefix(')')) {
            (true, Some(before), Some(after)) => {
                rest = after;
                rewritten.push_str(before);
                // Writing to a String cannot fail.
                let _ = match style {
                    ListStyle::Array => write!(rewritten, "= ANY(${})", number + offset),
                    ListStyle::JsonEach => write!(rewritten, "IN (SELECT value FROM json_each(${}))", number + offset),
                };
            }
            _ => {
                rewritten.push_str(before);
                let _ = write!(rewritten, "${}", number + offset);
            }
        }
    }
    rewritten.push_str(rest);
    Cow::Owned(rewritten)
}

/// The conditions of a list request, each with its value: only those that were asked for reach the database.
#[derive(Debug, Default)]
pub struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition, in which `?` stands for the placeholder of `value`.
    #[must_use]
    pub fn and(mut self, condition: &'static str, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.text.push_str(if self.text.is_empty() { " WHERE " } else { " AND " });
        let mut parts = condition.split('?');
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let _ = write!(self.text, "${}", self.values.len());
            self.text.push_str(part);
        }
        self
    }

    /// Adds the condition if there is a value for it.
    #[must_use]
    pub fn and_if(self, condition: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.and(condition, value),
            None => self,
        }
    }

    /// Adds a condition without a value.
    #[must_use]
    pub fn and_always(mut self, condition: &'static str) -> Self {
        self.text.push_str(if self.text.is_empty() { " WHERE " } else { " AND " });
        self.text.push_str(condition);
        self
    }

    /// The `WHERE` clause with a space before it, empty without conditions, and the values.
    pub fn finish(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Value {
        Value::AnyOf(items.iter().map(|item| (*item).into()).collect())
    }

    #[test]
    fn a_list_is_one_parameter_in_both_dialects() {
        let sql = "SELECT id FROM role WHERE name = $1 AND id IN ($2) AND domain_id = $3";
        let values = [Value::from("a"), list(&["x", "y"]), Value::from("b")];
        assert_eq!(
            rewrite(sql, &values, ListStyle::Array, 0),
            "SELECT id FROM role WHERE name = $1 AND id = ANY($2) AND domain_id = $3"
        );
        assert_eq!(
            rewrite(sql, &values, ListStyle::JsonEach, 0),
            "SELECT id FROM role WHERE name = $1 AND id IN (SELECT value FROM json_each($2)) AND domain_id = $3"
        );
    }

    #[test]
    fn numbers_are_raised_for_a_statement_that_follows_another() {
        let sql = "SELECT 1 WHERE $1 = $12 OR x IN ($2)";
        let mut values = vec![Value::from("a"), list(&[])];
        values.resize(12, Value::from("z"));
        assert_eq!(rewrite(sql, &values, ListStyle::Array, 10), "SELECT 1 WHERE $11 = $22 OR x = ANY($12)");
    }

    #[test]
    fn without_lists_the_text_is_not_copied() {
        assert!(matches!(rewrite("SELECT $1", &[Value::from("a")], ListStyle::Array, 0), Cow::Borrowed(_)));
    }

    #[test]
    fn conditions_number_their_placeholders() {
        let (text, values) = Conditions::new()
            .and_if("type = ?", Some("identity"))
            .and_if("name = ?", None::<&str>)
            .and_always("enabled")
            .and("(a = ? OR b = ?)", true)
            .finish();
        assert_eq!(text, " WHERE type = $1 AND enabled AND (a = $2 OR b = $2)");
        assert_eq!(values, [Value::from("identity"), Value::from(true)]);
    }
}
