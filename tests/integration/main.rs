//! The integration tests: one binary, one folder a subject.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod formatter;
mod password;
mod schema;
