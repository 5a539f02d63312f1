//! What a caller asks of a list: filters, a page size, a place to start from (Keystone's `driver_hints` and
//! `ResourceBase.build_driver_hints`).
//!
//! Keystone lets the database apply what it can and the rest afterwards; the difference shows in two places. A
//! case-insensitive filter on a column is SQL's `ILIKE`, in which `%` and `_` in the value are wildcards; any other inexact
//! filter is Python's `in`, `startswith` or `endswith`.

use serde_json::{Map, Value};

use super::{error::ApiError, query::Query};

/// Filters and page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// All of them must match.
    pub filters: Vec<Filter>,
    /// At most so many items. `None`: the caller did not say.
    pub limit: Option<i64>,
    /// The id after which the page starts.
    pub marker: Option<String>,
}

/// One condition on one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The attribute; dots lead into nested objects.
    pub name: String,
    /// What it is compared with.
    pub value: String,
    /// How.
    pub comparator: Comparator,
}

/// How a filter compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparator {
    /// `name=value`.
    Equals,
    /// `name__contains=value`, `name__istartswith=value` and so on.
    Inexact {
        /// What follows the two underscores, without a leading `i`.
        operation: Operation,
        /// Whether there was no leading `i`.
        case_sensitive: bool,
    },
}

/// The inexact comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `contains`.
    Contains,
    /// `startswith`.
    StartsWith,
    /// `endswith`.
    EndsWith,
    /// Anything else: only asks that the attribute is there.
    Unknown,
}

impl Hints {
    /// Reads the query string. Parameters that are neither in `supported` nor an inexact form of one are ignored.
    /// `default_limit` is the page size for callers who ask for something, but not for a page size.
    ///
    /// # Errors
    ///
    /// A limit that is no number, or below zero. Keystone crashes on these.
    pub fn from_query(
        query: &Query,
        supported: &[&str],
        default_limit: Option<i64>,
        max_limit: i64,
    ) -> Result<Self, ApiError> {
        if query.is_empty() {
            return Ok(Self::default());
        }
        let filters = query.pairs().filter_map(|(name, value)| Filter::parse(name, value, supported)).collect();
        let limit = match query.get("limit").filter(|limit| !limit.is_empty()) {
            Some(limit) => Some(page_size(limit)?),
            None => default_limit,
        };
        Ok(Self {
            filters,
            limit: limit.map(|limit| limit.min(max_limit)),
            marker: query.get("marker").filter(|marker| !marker.is_empty()).map(str::to_owned),
        })
    }

    /// The value that `name` must equal, if exactly one exact filter on it says so.
    pub fn exact(&self, name: &str) -> Option<&str> {
        let mut values = self
            .filters
            .iter()
            .filter(|filter| filter.name == name && filter.comparator == Comparator::Equals)
            .map(|filter| filter.value.as_str());
        values.next().filter(|_| values.next().is_none())
    }
}

fn page_size(text: &str) -> Result<i64, ApiError> {
    text.trim()
        .parse::<i64>()
        .ok()
        .filter(|limit| *limit >= 0)
        .ok_or_else(|| ApiError::invalid(format!("Invalid input for field/attribute limit. Value: {text}.")))
}

impl Filter {
    /// An exact filter.
    pub fn equals(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned(), comparator: Comparator::Equals }
    }

    fn parse(name: &str, value: &str, supported: &[&str]) -> Option<Self> {
        if supported.contains(&name) {
            return Some(Self::equals(name, value));
        }
        let (attribute, comparator) = name.split_once("__")?;
        if !supported.contains(&attribute) {
            return None;
        }
        let (case_sensitive, operation) = match comparator.strip_prefix('i') {
            Some(operation) => (false, operation),
            None => (true, comparator),
        };
        let operation = match operation {
            "contains" => Operation::Contains,
            "startswith" => Operation::StartsWith,
            "endswith" => Operation::EndsWith,
            _ => Operation::Unknown,
        };
        Some(Self {
            name: attribute.to_owned(),
            value: value.to_owned(),
            comparator: Comparator::Inexact { operation, case_sensitive },
        })
    }

    /// Whether Keystone leaves this filter to the database, given the attributes that are columns.
    pub fn is_for_database(&self, columns: &[&str]) -> bool {
        columns.contains(&self.name.as_str())
            && match self.comparator {
                Comparator::Equals => true,
                Comparator::Inexact { operation, case_sensitive } => !case_sensitive && operation != Operation::Unknown,
            }
    }

    /// Whether `item` passes. `columns` as in [`Filter::is_for_database`].
    ///
    /// # Errors
    ///
    /// An inexact filter on an attribute that is no text: 400, as Keystone answers the type error.
    pub fn accepts(&self, item: &Map<String, Value>, columns: &[&str]) -> Result<bool, ApiError> {
        let found = attribute(item, &self.name);
        let Comparator::Inexact { operation, case_sensitive } = self.comparator else {
            return Ok(match found {
                Some(Value::Bool(found)) => *found == as_boolean(&self.value),
                Some(Value::String(found)) => *found == self.value,
                _ => false,
            });
        };
        if self.is_for_database(columns) {
            return Ok(found.and_then(Value::as_str).is_some_and(|text| like(text, &pattern(operation, &self.value))));
        }
        let Some(found) = item.get(&self.name) else { return Ok(false) };
        let Some(text) = found.as_str() else { return not_a_text(found, operation, case_sensitive) };
        Ok(if case_sensitive {
            compares(operation, text, &self.value)
        } else {
            compares(operation, &text.to_lowercase(), &self.value.to_lowercase())
        })
    }
}

fn compares(operation: Operation, text: &str, value: &str) -> bool {
    match operation {
        Operation::Contains => text.contains(value),
        Operation::StartsWith => text.starts_with(value),
        Operation::EndsWith => text.ends_with(value),
        Operation::Unknown => true,
    }
}

fn not_a_text(found: &Value, operation: Operation, case_sensitive: bool) -> Result<bool, ApiError> {
    let python_type = match found {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(_) => "int",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
        Value::String(_) => "str",
    };
    Err(ApiError::invalid(match operation {
        Operation::Unknown if case_sensitive => return Ok(true),
        Operation::Contains if case_sensitive => format!("argument of type '{python_type}' is not iterable"),
        _ => format!("'{python_type}' object is not a text"),
    }))
}

/// Follows dots into nested objects (`utils.flatten_dict`).
fn attribute<'a>(item: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = item.get(name) {
        return Some(value);
    }
    let (head, rest) = name.split_once('.')?;
    attribute(item.get(head)?.as_object()?, rest)
}

/// Keystone's `attr_as_boolean`: everything is true but oslo's words for false.
pub fn as_boolean(text: &str) -> bool {
    !matches!(text.trim().to_lowercase().as_str(), "0" | "f" | "false" | "off" | "n" | "no")
}

fn pattern(operation: Operation, value: &str) -> String {
    match operation {
        Operation::Contains => format!("%{value}%"),
        Operation::StartsWith => format!("{value}%"),
        Operation::EndsWith => format!("%{value}"),
        Operation::Unknown => "%".to_owned(),
    }
}

/// SQL's `ILIKE`: `%` stands for any text, `_` for any character, `\` takes their meaning away.
fn like(text: &str, pattern: &str) -> bool {
    enum Token {
        Any,
        One,
        Exactly(char),
    }
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut tokens = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => tokens.push(Token::Any),
            '_' => tokens.push(Token::One),
            '\\' => tokens.extend(characters.next().into_iter().flat_map(char::to_lowercase).map(Token::Exactly)),
            other => tokens.extend(other.to_lowercase().map(Token::Exactly)),
        }
    }
    // Greedy with one way back, to the last `%`: linear in the product of the lengths at worst.
    let (mut at, mut token, mut retry) = (0, 0, None);
    while at < text.len() {
        match tokens.get(token) {
            Some(Token::Any) => {
                retry = Some((token + 1, at));
                token += 1;
            }
            Some(Token::One) => {
                at += 1;
                token += 1;
            }
            Some(Token::Exactly(expected)) if *expected == text[at] => {
                at += 1;
                token += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    token = after;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    tokens[token..].iter().all(|token| matches!(token, Token::Any))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use serde_json::json;

    use super::*;

    const SUPPORTED: [&str; 2] = ["name", "enabled"];

    fn hints(query: &str) -> Hints {
        Hints::from_query(&Query::parse(query), &SUPPORTED, None, 1000).unwrap()
    }

    fn passes(query: &str, item: &Value, columns: &[&str]) -> Result<bool, String> {
        let item = item.as_object().unwrap();
        let results: Result<Vec<bool>, ApiError> =
            hints(query).filters.iter().map(|filter| filter.accepts(item, columns)).collect();
        results.map(|results| results.iter().all(|passed| *passed)).map_err(|error| error.to_string())
    }

    #[test]
    fn only_supported_parameters_become_filters() {
        assert_eq!(hints("foo=1&name=a&foo__contains=b").filters, [Filter::equals("name", "a")]);
        assert_eq!(hints("name=a&name=b").filters.len(), 2);
        assert_eq!(hints("name=a&name=b").exact("name"), None);
        assert_eq!(hints("name=a").exact("name"), Some("a"));
    }

    #[test]
    fn a_page_is_never_longer_than_the_maximum() {
        let limit = |query: &str, default| {
            Hints::from_query(&Query::parse(query), &SUPPORTED, default, 10).map(|hints| hints.limit).ok()
        };
        assert_eq!(limit("limit=5", None), Some(Some(5)));
        assert_eq!(limit("limit=50", None), Some(Some(10)));
        assert_eq!(limit("limit=0", Some(3)), Some(Some(0)));
        assert_eq!(limit("limit=", Some(3)), Some(Some(3)));
        assert_eq!(limit("foo", Some(3)), Some(Some(3)), "the default counts once anything is asked");
        assert_eq!(limit("", Some(3)), Some(None));
        assert_eq!(limit("limit=x", None), None);
        assert_eq!(limit("limit=-1", None), None);
    }

    #[test]
    fn exact_filters_know_texts_and_booleans() {
        let item = json!({"name": "Admin", "enabled": true});
        for query in ["name=Admin", "enabled=true", "enabled=1", "enabled", "enabled=maybe", "name=Admin&enabled=on"] {
            assert_eq!(passes(query, &item, &[]), Ok(true), "{query}");
        }
        for query in ["name=admin", "enabled=0", "enabled=OFF", "name=Admin&name=x"] {
            assert_eq!(passes(query, &item, &[]), Ok(false), "{query}");
        }
        assert_eq!(passes("enabled=0", &json!({"name": "x", "enabled": null}), &[]), Ok(false));
    }

    #[test]
    fn inexact_filters() {
        let item = json!({"name": "Admin"});
        for query in [
            "name__contains=dmi",
            "name__startswith=Ad",
            "name__endswith=in",
            "name__icontains=DMI",
            "name__istartswith=aD",
            "name__iendswith=IN",
            "name__foo=zzz",
        ] {
            assert_eq!(passes(query, &item, &[]), Ok(true), "{query}");
        }
        for query in ["name__contains=DMI", "name__startswith=dm", "name__iendswith=X"] {
            assert_eq!(passes(query, &item, &[]), Ok(false), "{query}");
        }
        assert_eq!(passes("name__foo=x", &json!({}), &[]), Ok(false), "an unknown operation asks that it is there");
    }

    #[test]
    fn the_database_knows_wildcards_and_python_does_not() {
        let item = json!({"name": "Admin"});
        assert_eq!(passes("name__icontains=a%25n", &item, &["name"]), Ok(true));
        assert_eq!(passes("name__icontains=a%25n", &item, &[]), Ok(false));
        assert_eq!(passes("name__istartswith=_d", &item, &["name"]), Ok(true));
        assert_eq!(passes("name__contains=a%25n", &item, &["name"]), Ok(false), "case-sensitive: not the database");
    }

    #[test]
    fn like_finds_the_last_of_many_candidates() {
        assert!(like("aXbXc", "%x_"));
        assert!(like("abcabcabd", "%abd"));
        assert!(!like("abcabc", "%abd"));
        assert!(like("", "%%"));
        assert!(!like("", "_"));
        assert!(like("50%", "50\\%") && !like("50x", "50\\%"));
    }

    #[test]
    fn a_filter_on_what_is_no_text_is_the_callers_fault() {
        let error = passes("enabled__contains=x", &json!({"enabled": true}), &["enabled"]).unwrap_err();
        assert_eq!(error, "argument of type 'bool' is not iterable");
        assert!(passes("name__istartswith=x", &json!({"name": null}), &[]).is_err());
        assert_eq!(passes("name__istartswith=x", &json!({"name": null}), &["name"]), Ok(false));
    }
}
