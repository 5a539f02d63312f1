//! What the query strings of list requests must look like.
//!
//! Keystone checks them before it asks who is calling: a bad one is a 400 even without a token. Some lists take any query,
//! and so does nearly every request for a single resource.

use serde_json::{Map, Value, json};

use super::{Schema, Violation, Wording, repr};
use crate::domain::python;

/// Checks a query string, given as its decoded names and values in their order. Of a name that is there several times
/// the first value counts.
///
/// # Errors
///
/// The fault that Keystone would name first.
pub fn check<'q>(schema: &Schema, parameters: impl IntoIterator<Item = (&'q str, &'q str)>) -> Result<(), Violation> {
    let mut query: Map<String, Value> = Map::new();
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, value) in parameters {
        query.entry(name).or_insert_with(|| Value::from(value));
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => all.push((name, vec![value])),
        }
    }
    let query = Value::Object(query);
    schema.check(&query, Wording::Brief).map_err(|violation| {
        let pairs = all.iter().flat_map(|(name, values)| values.iter().map(move |value| (*name, *value)));
        violation.with_whole_instance_as(&repr::value(&query), &multi_dict(pairs))
    })
}

/// A query string as Python writes it: werkzeug's own kind of dictionary, the values of a name together.
fn multi_dict<'q>(pairs: impl Iterator<Item = (&'q str, &'q str)>) -> String {
    let pair = |(name, value)| format!("({}, {})", python::string(name), python::string(value));
    format!("ImmutableMultiDict([{}])", pairs.map(pair).collect::<Vec<_>>().join(", "))
}

/// The texts that Keystone takes for a truth value, besides none at all.
pub fn boolean() -> Value {
    json!({
        "type": ["boolean", "string", "null"],
        "enum": [
            true, "True", "TRUE", "true", false, "False", "FALSE", "false", "", "1", "0", "y", "Y", "n", "N", "on",
            "ON", "off", "OFF", "yes", "no",
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_query_is_quoted_as_what_it_was_in_python() {
        let schema = Schema::builtin(json!({ "not": { "required": ["a", "b"] } }));
        let refusal =
            check(&schema, [("a", "1"), ("b", "it's"), ("a", "2")]).map_err(|error| error.detail().to_owned());
        let expected = "ImmutableMultiDict([('a', '1'), ('a', '2'), ('b', \"it's\")]) should not be valid under \
                        {'required': ['a', 'b']}";
        assert_eq!(refusal, Err(expected.to_owned()));
    }
}
