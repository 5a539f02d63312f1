//! A rule as it was written, taken apart: what the parser makes and what operators are shown.

use std::fmt;

/// One node of a rule. Printed in the form that `str()` of oslo.policy's checks has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// `@`, or a rule that is empty: everybody may.
    Allow,
    /// `!`, or what could not be understood: nobody may.
    Deny,
    /// `a and b`. At least one part, except where it stands for nothing.
    And(Vec<Expression>),
    /// `a or b`.
    Or(Vec<Expression>),
    /// `not a`.
    Not(Box<Expression>),
    /// `kind:match`, as in `role:admin` or `user_id:%(target.user.id)s`: split at the first colon.
    Check {
        /// What is before the colon: `rule`, `role`, a literal, or the name of one of the caller's attributes.
        kind: String,
        /// What is after it, with its `%(...)s`.
        wanted: String,
    },
}

impl Expression {
    /// The names of the rules that this one refers to, in the order of the text.
    pub fn references(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.each_check(&mut |kind, wanted| {
            if kind == "rule" {
                names.push(wanted);
            }
        });
        names
    }

    /// How many levels it has; a check has one.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::Allow | Self::Deny | Self::Check { .. } => 1,
            Self::And(parts) | Self::Or(parts) => 1 + parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(part) => 1 + part.depth(),
        }
    }

    /// Calls `visit` with kind and match of every check, in the order of the text.
    pub(super) fn each_check<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a str)) {
        match self {
            Self::Allow | Self::Deny => {}
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each_check(visit)),
            Self::Not(part) => part.each_check(visit),
            Self::Check { kind, wanted } => visit(kind, wanted),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow => f.write_str("@"),
            Self::Deny => f.write_str("!"),
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(part) => write!(f, "not {part}"),
            Self::Check { kind, wanted } => write!(f, "{kind}:{wanted}"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expression], word: &str) -> fmt::Result {
    f.write_str("(")?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(")")
}
