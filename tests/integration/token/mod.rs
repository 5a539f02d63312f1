//! Tokens from minting to revocation, on a real store, real keys on disk and a clock that the test moves.

mod cloud;
mod kept;
mod keys;
mod life;
mod renderer;
