//! Effective roles: what a set of assignments amounts to on one target, or everywhere.
//!
//! [`implication`] closes a set of roles under "who has this has that too", [`effective`] decides which assignments
//! reach a target, [`reach`] finds the projects and domains that a user can get to. All three are pure functions;
//! [`resolver`] fetches what they need.

pub mod effective;
pub mod implication;
pub mod reach;
pub mod resolver;
