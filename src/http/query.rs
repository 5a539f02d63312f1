//! The query string as Keystone reads it (werkzeug's `request.args`).

use url::form_urlencoded;

/// A parsed query string. Names may repeat; a name without `=` has the empty text as its value.
#[derive(Debug, Clone, Default)]
pub struct Query {
    raw: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Parses what stands after the `?`.
    pub fn parse(raw: &str) -> Self {
        let pairs = form_urlencoded::parse(raw.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self { raw: raw.to_owned(), pairs }
    }

    /// As the client sent it.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Whether there is no parameter at all.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether `name` is there, with whatever value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All parameters, repeated ones included, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A switch such as `parents_as_list`: off only when absent or `0` (`ResourceBase.query_filter_is_true`).
    pub fn is_switched_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "0")
    }

    /// A boolean in oslo's words (`strutils.bool_from_string`): whatever is neither true nor false is `default`.
    pub fn boolean(&self, name: &str, default: bool) -> bool {
        let Some(value) = self.get(name) else { return default };
        match value.trim().to_lowercase().as_str() {
            "1" | "t" | "true" | "on" | "y" | "yes" => true,
            "0" | "f" | "false" | "off" | "n" | "no" => false,
            _ => default,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_repeated_parameters_counts() {
        let query = Query::parse("name=a&name=b&nocatalog&x=1%202+3");
        assert_eq!(query.get("name"), Some("a"));
        assert_eq!(query.get("nocatalog"), Some(""));
        assert_eq!(query.get("x"), Some("1 2 3"));
        assert_eq!(query.pairs().count(), 4);
    }

    #[test]
    fn oslo_and_keystone_have_different_ideas_of_false() {
        let query = Query::parse("a=0&b=no&c=maybe&d");
        assert!(!query.is_switched_on("a") && query.is_switched_on("b") && query.is_switched_on("d"));
        assert!(!query.boolean("a", true) && !query.boolean("b", true));
        assert!(query.boolean("c", true) && !query.boolean("c", false) && query.boolean("absent", true));
    }
}
