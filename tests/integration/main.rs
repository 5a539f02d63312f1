//! The integration tests: one binary, one folder a subject.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod architecture;
mod assignment;
mod cli;
mod config;
mod formatter;
mod http;
mod keys;
mod password;
mod policy;
mod postgres;
mod schema;
mod store;
mod token;

/// What the throw-away Postgres is told beside the usual.
const POSTGRES_SETTINGS: &[&str] = &[];
