//! Effective assignments: what a list of them says, and what a token's roles are, must be the same in any world.

mod agreement;
mod laws;
mod world;
