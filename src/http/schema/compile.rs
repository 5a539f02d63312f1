//! A schema that was looked through once: it uses only keywords that are checked, and its patterns are compiled.

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value};
use thiserror::Error;

use super::{Violation, Wording, check, format::Format, pattern};

/// A JSON schema, ready to check requests with.
#[derive(Debug)]
pub struct Schema {
    root: Value,
    patterns: Patterns,
}

/// The compiled patterns of a schema by their texts.
pub(super) type Patterns = HashMap<String, Regex>;

/// A schema that cannot be checked as Keystone would.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadSchema {
    /// A keyword that is not implemented (or misspelt).
    #[error("the schema keyword {0:?} is not known")]
    Keyword(String),
    /// A format that is not implemented.
    #[error("the schema format {0:?} is not known")]
    Format(String),
    /// A pattern that does not compile.
    #[error("the schema pattern {0:?} cannot be used")]
    Pattern(String),
    /// A keyword with a value of the wrong shape.
    #[error("the value of the schema keyword {0:?} is of the wrong type")]
    Shape(String),
}

impl Schema {
    /// Looks through `root`: an object, or `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`BadSchema`] if anything in it would not be checked as Keystone checks it.
    pub fn compile(root: Value) -> Result<Self, BadSchema> {
        let mut patterns = Patterns::new();
        look_through(&root, &mut patterns)?;
        Ok(Self { root, patterns })
    }

    /// A schema that is part of the program.
    ///
    /// # Panics
    ///
    /// Where [`compile`](Self::compile) refuses it, which a test of each such schema shows.
    pub(in crate::http) fn builtin(root: Value) -> Self {
        Self::compile(root).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Checks `instance`.
    ///
    /// # Errors
    ///
    /// The fault that Keystone would name, in its words.
    pub fn check(&self, instance: &Value, wording: Wording) -> Result<(), Violation> {
        let checker = check::Checker { patterns: &self.patterns, wording };
        match checker.first_error(&self.root, instance) {
            None => Ok(()),
            Some(found) => Err(Violation::of(&found, wording)),
        }
    }
}

fn look_through(schema: &Value, patterns: &mut Patterns) -> Result<(), BadSchema> {
    let keywords = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(keywords) => keywords,
        _ => return Err(BadSchema::Shape("schema".to_owned())),
    };
    for (keyword, value) in keywords {
        let shape = || BadSchema::Shape(keyword.clone());
        match keyword.as_str() {
            "properties" | "patternProperties" => {
                for (name, schema) in value.as_object().ok_or_else(shape)? {
                    if keyword == "patternProperties" {
                        add_pattern(name, patterns)?;
                    }
                    look_through(schema, patterns)?;
                }
            }
            "additionalProperties" | "not" | "if" | "then" | "else" => look_through(value, patterns)?,
            // A boolean here has messages of its own in python-jsonschema.
            "items" if value.is_object() => look_through(value, patterns)?,
            "allOf" | "anyOf" | "oneOf" => {
                value.as_array().ok_or_else(shape)?.iter().try_for_each(|schema| look_through(schema, patterns))?;
            }
            "pattern" => add_pattern(value.as_str().ok_or_else(shape)?, patterns)?,
            "format" => {
                let name = value.as_str().ok_or_else(shape)?;
                Format::named(name).ok_or_else(|| BadSchema::Format(name.to_owned()))?;
            }
            "type" => {
                let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                if !names.iter().all(|name| name.as_str().is_some_and(check::is_type_name)) {
                    return Err(shape());
                }
            }
            "required" => texts(value).ok_or_else(shape)?,
            "dependentRequired" => {
                let dependencies = value.as_object().ok_or_else(shape)?;
                dependencies.values().try_for_each(texts).ok_or_else(shape)?;
            }
            "enum" if value.is_array() => {}
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
                if value.is_u64() => {}
            "minimum" | "maximum" if value.is_number() => {}
            "uniqueItems" if value.is_boolean() => {}
            "items" | "enum" | "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minimum" | "maximum" | "uniqueItems" => return Err(shape()),
            "const" => {}
            // Notes for readers. The misspelt one is Keystone's.
            "description" | "title" | "readOnly" | "x-openstack" | "additonalProperties" => {}
            other => return Err(BadSchema::Keyword(other.to_owned())),
        }
    }
    Ok(())
}

fn add_pattern(text: &str, patterns: &mut Patterns) -> Result<(), BadSchema> {
    let compiled = pattern::compile(text).map_err(|_| BadSchema::Pattern(text.to_owned()))?;
    patterns.insert(text.to_owned(), compiled);
    Ok(())
}

fn texts(value: &Value) -> Option<()> {
    value.as_array()?.iter().all(Value::is_string).then_some(())
}

/// The entries of a keyword's value that [`Schema::compile`] has seen to be an object.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The items of a keyword's value that [`Schema::compile`] has seen to be a list.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
