//! What can go wrong: a request that may not be served, and a policy file that cannot be used.

use std::path::PathBuf;

use super::defaults::ScopeType;

/// Why an action was refused. Keystone answers 403 "You are not authorized to perform the requested action" to each
/// (`ForbiddenAction`); the difference is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The rule of this action says no, or there is no such rule.
    #[error("{action} is refused by policy")]
    NotAuthorized {
        /// The name that was asked for.
        action: String,
    },
    /// The rule is not meant for tokens of this scope.
    #[error("{action} is for tokens with a scope of {}, this one has {actual} scope", words(expected))]
    InvalidScope {
        /// The name that was asked for.
        action: String,
        /// What the rule is meant for.
        expected: &'static [ScopeType],
        /// What the caller's token has.
        actual: ScopeType,
    },
    /// The rule cannot be evaluated for this request: it refers to itself, asks a remote server, or applies a format to a
    /// value that it does not fit. oslo.policy raises an exception here and Keystone answers 500; here the answer is no.
    #[error("the rule of {action} cannot be evaluated: {problem}")]
    Unevaluable {
        /// The name that was asked for.
        action: String,
        /// What is wrong with the rule.
        problem: String,
    },
}

/// Why a policy file cannot be used. At start this is a refusal to start; later the rules in force stay in force.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or directory exists and cannot be read.
    #[error("cannot read the policy file {}", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is longer than any policy file is.
    #[error("the policy file {} has {bytes} bytes, more than the {limit} that are read", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// How long it is.
        bytes: u64,
        /// How long it may be.
        limit: u64,
    },
    /// The file is not YAML or JSON, or not a map of rule names to rules.
    #[error("the policy file {} is not a map of rule names to rules: {problem}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What the parser says, with line and column where it knows them.
        problem: String,
    },
}

fn words(scopes: &[ScopeType]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" or ")
}
