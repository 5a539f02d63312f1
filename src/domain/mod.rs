//! The nouns: ids, claims, users, projects, roles, time. No I/O, and nothing here knows of HTTP, SQL or files.

pub mod assignment;
pub mod catalog;
pub mod claims;
pub mod clock;
pub mod decimal_digit;
pub mod delegation;
pub mod finding;
pub mod group;
pub mod ids;
pub mod iso8601;
pub mod lenient_base64;
pub mod limit;
pub mod percent_format;
pub mod python;
pub mod random;
pub mod resource;
pub mod revocation;
pub mod role;
pub mod secret;
pub mod service_policy;
pub mod time;
pub mod user;
