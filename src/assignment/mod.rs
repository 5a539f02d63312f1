//! Effective roles: what a set of assignments amounts to on one target, or everywhere.
//!
//! [`implication`] closes a set of roles under "who has this has that too", [`effective`] decides which assignments
//! reach a target, [`reach`] finds the projects and domains that a user can get to, [`expansion`] spells out who has what
//! and why. All four are pure functions; [`role_sets`] remembers what sets of roles came to, [`resolver`] fetches what is needed
//! for one user, [`listing`] for lists of assignments.

pub mod effective;
pub mod expansion;
pub mod implication;
pub mod listing;
pub mod reach;
pub mod resolver;
pub mod role_sets;
