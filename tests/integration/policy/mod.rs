//! The policy engine against recordings of the real oslo.policy, and against files that change.

mod files;
mod laws;
mod replay;
