//! Who may do what: the oslo.policy language, Keystone's default rules, and the files by which an operator overrides them.
//!
//! A request is judged in one call, [`Enforcer::enforce`], from three things: the name of an action
//! (`identity:validate_token`), what is known of the caller ([`credentials`]) and what is known of the thing acted upon
//! ([`target`]). Rules are parsed and compiled when they are loaded; judging reads no file and takes no lock.
//!
//! The facts come from oslo.policy 6.0.1 and `keystone.common.rbac_enforcer` of Keystone 30.

mod enforcer;
mod error;
mod settings;

pub use enforcer::Enforcer;
pub use error::{LoadError, PolicyError};
pub use settings::PolicySettings;
