//! Fernstone.
pub mod auth;
pub mod domain;
pub mod policy;
pub mod keys;
