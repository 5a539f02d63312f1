//! What a request must look like: JSON Schema, refused in Keystone's words.
//!
//! Clients and tests know Keystone's 400s by their texts, and the texts are python-jsonschema's: which of several faults
//! is named, and how a value is written, are part of the compatibility. So this is not a general validator but that one
//! (4.26, draft 2020-12, `Validator.validate`: the first error in the order in which the schema is written, depth
//! first), for the keywords that Keystone's schemas use. [`Schema::compile`] refuses a schema that uses another.
//!
//! Keystone wraps it twice, and words the refusal differently each time: see [`Wording`].

pub mod auth;
mod check;
mod compile;
mod equality;
mod format;
mod pattern;
mod pretty;
mod quantity;
pub mod query;
mod repr;
mod violation;

pub use compile::{BadSchema, Schema};
pub use violation::Violation;

/// Which of Keystone's two validators speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// `keystone.common.validation`: names the path of the fault and dumps schema and instance. For bodies that are
    /// checked inside a method, the authentication request among them.
    Full,
    /// `keystone.api.validation`: one sentence. For query strings, and for bodies that are checked before the method
    /// begins. It takes texts that look like numbers as numbers where a bound is checked.
    Brief,
}
