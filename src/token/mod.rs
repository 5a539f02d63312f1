//! Tokens: minting, validating and revoking them, and what they look like.
//!
//! [`provider`] is the door. It turns a token text into [`context::TokenContext`], which is everything the token means
//! today: claims, user, scope, roles ([`loader`] looks them up, `unseen` for many tokens at once); [`body`] turns that into the body of `/v3/auth/tokens`
//! with the pure [`renderer`] and [`catalog`], most of it once for all tokens with the same access ([`access_text`]). What
//! was found good is [`kept`] for as long as its [`basis`] holds.

pub mod access_text;
pub mod basis;
pub mod body;
pub mod catalog;
pub mod context;
pub mod error;
pub mod kept;
pub mod kept_text;
pub mod loader;
pub mod provider;
pub mod renderer;
pub mod revocation;
mod unseen;
pub mod valid;
pub mod wire;
