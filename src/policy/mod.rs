//! Who may do what: the oslo.policy language, Keystone's default rules, and the files by which an operator overrides them.
//!
//! A request is judged in one call, [`Enforcer::enforce`], from three things: the name of an action
//! (`identity:validate_token`), what is known of the caller ([`Credentials`]) and what is known of the thing acted upon
//! ([`target`]). Rules are parsed and compiled when they are loaded; judging reads no file and takes no lock.
//!
//! The way of a rule: [`mod@file`] reads its text, [`parser`] makes an [`Expression`] of it, [`RuleSet`] puts it over the
//! default of that name and compiles it, a `check` is evaluated.
//!
//! The facts come from oslo.policy 6.0.1 and `keystone.common.rbac_enforcer` of Keystone 30. Where oslo.policy raises an
//! exception while it evaluates a rule (Keystone answers 500), the action is refused.

mod attributes;
mod check;
mod credentials;
mod default_rules;
mod defaults;
mod enforcer;
mod error;
mod expression;
mod fault;
pub mod file;
mod follow;
mod kind;
pub mod parser;
mod python_text;
mod rule_set;
mod settings;
mod source;
mod standing;
pub mod target;
mod template;
mod warning;

pub use attributes::Attributes;
pub use credentials::Credentials;
pub use default_rules::default_rules;
pub use defaults::{DefaultRule, ReplacedRule, ScopeType};
pub use enforcer::{Enforcer, Look};
pub use error::{LoadError, PolicyError};
pub use expression::Expression;
pub use follow::Following;
pub use rule_set::{Origin, PolicyFile, Rule, RuleSet};
pub use settings::PolicySettings;
pub use standing::StandingYes;
pub use warning::Warning;
