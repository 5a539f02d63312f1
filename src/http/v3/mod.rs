//! The endpoints, by noun.

pub(super) mod discovery;
