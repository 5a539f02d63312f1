//! The rules that apply where no file says otherwise: their form. The rules themselves are in `default_rules`.

use std::fmt;

/// What a token is scoped to, as policy sees it. A token that is neither system- nor domain-scoped counts as
/// project-scoped, an unscoped one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeType {
    /// The whole cloud.
    System,
    /// One domain.
    Domain,
    /// One project, or none.
    Project,
}

impl ScopeType {
    /// The word for it in policy: `system`, `domain` or `project`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Domain => "domain",
            Self::Project => "project",
        }
    }
}

impl fmt::Display for ScopeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule as the service registers it (`oslo_policy.policy.RuleDefault`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultRule {
    /// `identity:get_user`, or a name without a prefix for a rule that only other rules refer to.
    pub name: &'static str,
    /// The rule, in the policy language.
    pub check: &'static str,
    /// The scopes of the tokens that it is meant for; none means any.
    pub scopes: &'static [ScopeType],
    /// The rule of earlier releases that this one replaces.
    pub replaces: Option<ReplacedRule>,
    /// Whether a later release will not have this rule.
    pub for_removal: bool,
}

/// A rule of earlier releases (`oslo_policy.policy.DeprecatedRule`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacedRule {
    /// What it was called; the same as its successor unless it was renamed.
    pub name: &'static str,
    /// What it said.
    pub check: &'static str,
}

impl DefaultRule {
    /// A rule that replaces none.
    pub(super) const fn new(name: &'static str, check: &'static str, scopes: &'static [ScopeType]) -> Self {
        Self { name, check, scopes, replaces: None, for_removal: false }
    }

    /// A rule that said `was` in earlier releases.
    pub(super) const fn changed(
        name: &'static str,
        check: &'static str,
        scopes: &'static [ScopeType],
        was: &'static str,
    ) -> Self {
        Self { name, check, scopes, replaces: Some(ReplacedRule { name, check: was }), for_removal: false }
    }
}
