//! Fernstone: OpenStack Keystone's token service as one small binary.
//!
//! The map, in reading order; each module knows only those below it.
//!
//! * [`cli`]: the commands.
//! * [`doctor`]: what is wrong with a deployment.
//! * [`app`]: puts everything together from a [`config`]; [`bootstrap`]: the first things a cloud needs.
//! * [`server`]: serves it on a listener; [`metrics`]: how it is doing, on another.
//! * [`http`]: the wire: URLs, errors, JSON.
//! * [`auth`]: who is asking: methods, scopes, passwords.
//! * [`token`]: minting, validating, revoking and rendering; [`policy`]: who may do what.
//! * [`assignment`]: effective roles.
//! * [`cascade`]: what a change takes with it.
//! * [`formatter`]: what is inside a token.
//! * [`keys`]: what tokens are sealed with.
//! * [`store`]: Keystone's database.
//! * [`domain`]: the nouns: ids, users, projects, roles, claims, time.

pub mod app;
pub mod assignment;
pub mod auth;
pub mod bootstrap;
pub mod cascade;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod domain;
pub mod formatter;
pub mod http;
pub mod keys;
pub mod metrics;
pub mod policy;
pub mod server;
pub mod store;
pub mod token;
