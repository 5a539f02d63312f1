//! Fernstone.
pub mod domain;
