//! The walk: schema and instance, side by side, to the first error.

use regex::Regex;
use serde_json::{Map, Value};

use super::{
    Wording,
    compile::{Patterns, entries, items},
    equality,
    format::Format,
    quantity::Quantity,
    repr,
    violation::{Found, Step},
};
use crate::domain::python;

pub(super) struct Checker<'s> {
    pub(super) patterns: &'s Patterns,
    pub(super) wording: Wording,
}

/// What a keyword can come to.
enum Fault<'a> {
    /// The instance itself is at fault, for this reason.
    Here(String),
    /// Something inside is.
    Inside(Found<'a>),
}

impl<'a> Checker<'a> {
    /// The first error of `instance`, keywords in the order in which `schema` has them. The depth of the recursion is
    /// that of the schema.
    pub(super) fn first_error(&self, schema: &'a Value, instance: &'a Value) -> Option<Found<'a>> {
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => {
                return Some(Found {
                    message: format!("False schema does not allow {}", repr::value(instance)),
                    keyword: None,
                    schema,
                    instance,
                    instance_path: Vec::new(),
                    schema_path: Vec::new(),
                });
            }
            _ => return None,
        };
        for (keyword, value) in keywords {
            let Some(fault) = self.keyword(keyword, value, instance, keywords) else { continue };
            let mut found = match fault {
                Fault::Inside(found) => found,
                Fault::Here(message) => Found {
                    message,
                    keyword: Some(keyword),
                    schema,
                    instance,
                    instance_path: Vec::new(),
                    schema_path: Vec::new(),
                },
            };
            if keyword != "if" {
                found.schema_path.push(Step::Name(keyword));
            }
            return Some(found);
        }
        None
    }

    fn is_valid(&self, schema: &'a Value, instance: &'a Value) -> bool {
        self.first_error(schema, instance).is_none()
    }

    /// [`first_error`](Self::first_error) one step further in. A schema that is just `false` does not say where it stood:
    /// so it is in python-jsonschema.
    fn inside(
        &self,
        schema: &'a Value,
        instance: &'a Value,
        instance_step: Option<Step<'a>>,
        schema_step: Option<Step<'a>>,
    ) -> Option<Fault<'a>> {
        let mut found = self.first_error(schema, instance)?;
        if schema != &Value::Bool(false) {
            found.instance_path.extend(instance_step);
            found.schema_path.extend(schema_step);
        }
        Some(Fault::Inside(found))
    }

    fn keyword(
        &self,
        keyword: &str,
        value: &'a Value,
        instance: &'a Value,
        schema: &'a Map<String, Value>,
    ) -> Option<Fault<'a>> {
        match keyword {
            "properties" => {
                let instance = instance.as_object()?;
                entries(value).find_map(|(name, schema)| {
                    let step = Step::Name(name);
                    self.inside(schema, instance.get(name)?, Some(step), Some(step))
                })
            }
            "patternProperties" => {
                let instance = instance.as_object()?;
                entries(value).find_map(|(pattern, schema)| {
                    let matching = instance.iter().filter(|(name, _)| self.matches(pattern, name));
                    matching.into_iter().find_map(|(name, instance)| {
                        self.inside(schema, instance, Some(Step::Name(name)), Some(Step::Name(pattern)))
                    })
                })
            }
            "additionalProperties" => self.additional_properties(value, instance.as_object()?, schema),
            "items" => instance
                .as_array()?
                .iter()
                .enumerate()
                .find_map(|(index, item)| self.inside(value, item, Some(Step::Index(index)), None)),
            "allOf" => items(value)
                .iter()
                .enumerate()
                .find_map(|(index, schema)| self.inside(schema, instance, None, Some(Step::Index(index)))),
            "if" => {
                let branch: &'static str = if self.is_valid(value, instance) { "then" } else { "else" };
                self.inside(schema.get(branch)?, instance, None, Some(Step::Name(branch)))
            }
            _ => self.own_fault(keyword, value, instance).map(Fault::Here),
        }
    }

    fn additional_properties(
        &self,
        value: &'a Value,
        instance: &'a Map<String, Value>,
        schema: &'a Map<String, Value>,
    ) -> Option<Fault<'a>> {
        let known = schema.get("properties").and_then(Value::as_object);
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let extras = instance.iter().filter(|(name, _)| {
            !known.is_some_and(|known| known.contains_key(*name))
                && !patterns.is_some_and(|patterns| patterns.keys().any(|pattern| self.matches(pattern, name)))
        });
        if value.is_object() {
            // Where several are wrong Python's choice is not fixed: it goes through a set.
            return extras
                .into_iter()
                .find_map(|(name, instance)| self.inside(value, instance, Some(Step::Name(name)), None));
        }
        if value == &Value::Bool(true) {
            return None;
        }
        let mut extras: Vec<&str> = extras.map(|(name, _)| name.as_str()).collect();
        if extras.is_empty() {
            return None;
        }
        extras.sort_unstable();
        let several = extras.len() > 1;
        let listed = repr::list(extras);
        Some(Fault::Here(match patterns {
            Some(patterns) => {
                let mut patterns: Vec<&str> = patterns.keys().map(String::as_str).collect();
                patterns.sort_unstable();
                let verb = if several { "do" } else { "does" };
                format!("{listed} {verb} not match any of the regexes: {}", repr::list(patterns))
            }
            None => {
                let verb = if several { "were" } else { "was" };
                format!("Additional properties are not allowed ({listed} {verb} unexpected)")
            }
        }))
    }

    /// The keywords that speak of the instance as a whole: what is wrong with it.
    fn own_fault(&self, keyword: &str, value: &'a Value, instance: &'a Value) -> Option<String> {
        let written = || repr::value(instance);
        let length = |unit: fn(&Value) -> Option<usize>| Some((unit(instance)? as u64, value.as_u64()?));
        match keyword {
            "type" => {
                let names: Vec<&str> = match value {
                    Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                    name => name.as_str().into_iter().collect(),
                };
                let fits = names.iter().any(|name| is_type(instance, name));
                (!fits).then(|| format!("{} is not of type {}", written(), repr::list(names)))
            }
            "required" => {
                let instance = instance.as_object()?;
                let missing =
                    items(value).iter().filter_map(Value::as_str).find(|name| !instance.contains_key(*name))?;
                Some(format!("{} is a required property", python::string(missing)))
            }
            "dependentRequired" => {
                let instance = instance.as_object()?;
                entries(value).filter(|(name, _)| instance.contains_key(*name)).find_map(|(name, needed)| {
                    let mut needed = items(needed).iter().filter_map(Value::as_str);
                    let missing = needed.find(|needed| !instance.contains_key(*needed))?;
                    Some(format!("{} is a dependency of {}", python::string(missing), python::string(name)))
                })
            }
            "enum" => {
                let listed = items(value).iter().any(|allowed| equality::same(allowed, instance));
                (!listed).then(|| format!("{} is not one of {}", written(), repr::value(value)))
            }
            "const" => (!equality::same(instance, value)).then(|| format!("{} was expected", repr::value(value))),
            "pattern" => {
                let pattern = value.as_str()?;
                (!self.matches(pattern, instance.as_str()?))
                    .then(|| format!("{} does not match {}", written(), python::string(pattern)))
            }
            "format" => {
                let name = value.as_str()?;
                (!Format::named(name)?.accepts(instance.as_str()?))
                    .then(|| format!("{} is not a {}", written(), python::string(name)))
            }
            "minimum" => {
                let (number, bound) = (self.bounded(instance)?, Quantity::of(value.as_number()?));
                (number < bound).then(|| format!("{number} is less than the minimum of {bound}"))
            }
            "maximum" => {
                let (number, bound) = (self.bounded(instance)?, Quantity::of(value.as_number()?));
                (number > bound).then(|| format!("{number} is greater than the maximum of {bound}"))
            }
            "minLength" => too_few(length(characters)?, "is too short").map(|what| format!("{} {what}", written())),
            "maxLength" => too_many(length(characters)?, "is too long").map(|what| format!("{} {what}", written())),
            "minItems" => too_few(length(elements)?, "is too short").map(|what| format!("{} {what}", written())),
            "maxItems" => too_many(length(elements)?, "is too long").map(|what| format!("{} {what}", written())),
            "minProperties" => too_few(length(properties)?, "does not have enough properties")
                .map(|what| format!("{} {what}", written())),
            "maxProperties" => {
                too_many(length(properties)?, "has too many properties").map(|what| format!("{} {what}", written()))
            }
            "uniqueItems" => (value == &Value::Bool(true) && !equality::all_different(instance.as_array()?))
                .then(|| format!("{} has non-unique elements", written())),
            "anyOf" => {
                let fits = items(value).iter().any(|schema| self.is_valid(schema, instance));
                (!fits).then(|| format!("{} is not valid under any of the given schemas", written()))
            }
            "oneOf" => {
                let mut fitting = items(value).iter().filter(|schema| self.is_valid(schema, instance));
                let Some(first) = fitting.next() else {
                    return Some(format!("{} is not valid under any of the given schemas", written()));
                };
                let mut others: Vec<String> = fitting.map(repr::value).collect();
                if others.is_empty() {
                    return None;
                }
                others.push(repr::value(first));
                Some(format!("{} is valid under each of {}", written(), others.join(", ")))
            }
            "not" => self
                .is_valid(value, instance)
                .then(|| format!("{} should not be valid under {}", written(), repr::value(value))),
            _ => None,
        }
    }

    fn matches(&self, pattern: &str, text: &str) -> bool {
        self.patterns.get(pattern).is_some_and(|pattern: &Regex| pattern.is_match(text))
    }

    /// The number that a bound is checked on.
    fn bounded(&self, instance: &Value) -> Option<Quantity> {
        match self.wording {
            Wording::Full => instance.as_number().map(Quantity::of),
            Wording::Brief => Quantity::read(instance),
        }
    }
}

/// Whether `name` is a type that JSON Schema has.
pub(super) fn is_type_name(name: &str) -> bool {
    matches!(name, "array" | "boolean" | "integer" | "null" | "number" | "object" | "string")
}

fn is_type(instance: &Value, name: &str) -> bool {
    match (name, instance) {
        ("array", Value::Array(_))
        | ("boolean", Value::Bool(_))
        | ("null", Value::Null)
        | ("number", Value::Number(_))
        | ("object", Value::Object(_))
        | ("string", Value::String(_)) => true,
        ("integer", Value::Number(number)) => {
            !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        _ => false,
    }
}

fn characters(value: &Value) -> Option<usize> {
    value.as_str().map(|text| text.chars().count())
}

fn elements(value: &Value) -> Option<usize> {
    value.as_array().map(Vec::len)
}

fn properties(value: &Value) -> Option<usize> {
    value.as_object().map(Map::len)
}

/// What to say where a length is below its minimum.
fn too_few((length, minimum): (u64, u64), otherwise: &'static str) -> Option<&'static str> {
    (length < minimum).then_some(if minimum == 1 { "should be non-empty" } else { otherwise })
}

/// What to say where a length is above its maximum.
fn too_many((length, maximum): (u64, u64), otherwise: &'static str) -> Option<&'static str> {
    (length > maximum).then_some(if maximum == 0 { "is expected to be empty" } else { otherwise })
}
