//! Fernstone.
pub mod auth;
pub mod domain;
pub mod http;
pub mod keys;
pub mod policy;
pub mod server;
pub mod store;
