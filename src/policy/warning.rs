//! What an operator should know about the rules in force.

use std::collections::HashMap;
use std::path::PathBuf;

use super::check::Check;
use super::rule_set::{Origin, Rule};

/// Something about a rule that is probably not meant. None of them keeps the rules from being used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A rule could not be understood, in part or as a whole. What was not understood lets nobody through.
    #[error("the rule {rule} in {} is malformed: {problem}", file.display())]
    Malformed {
        /// Which rule.
        rule: String,
        /// Where it is.
        file: PathBuf,
        /// What was not understood.
        problem: String,
    },
    /// A rule has nothing behind its name. As in Keystone, that allows everybody.
    #[error("the rule {rule} in {} is blank, so that everybody passes it; write \"!\" to forbid, \"@\" to allow", file.display())]
    Blank {
        /// Which rule.
        rule: String,
        /// Where it is.
        file: PathBuf,
    },
    /// A check in a rule can never be answered. A request that comes to it is refused.
    #[error("a check in the rule {rule} cannot be evaluated, which refuses every request that comes to it: {problem}")]
    Unevaluable {
        /// Which rule.
        rule: String,
        /// Why.
        problem: String,
    },
    /// A rule refers to one that does not exist.
    #[error("the rule {rule} refers to the rule {missing}, which does not exist")]
    Undefined {
        /// Which rule.
        rule: String,
        /// What it refers to.
        missing: String,
    },
    /// A rule refers to itself, or to rules that do. A request that comes to the circle is refused.
    #[error("the rule {rule} refers to itself, directly or through others")]
    Cyclic {
        /// Which rule.
        rule: String,
    },
    /// A file has a rule for an action that does not exist: probably a misspelling.
    #[error("the rule {rule} in {} is for an action that does not exist", file.display())]
    UnknownAction {
        /// Which rule.
        rule: String,
        /// Where it is.
        file: PathBuf,
    },
    /// A file says what the default says.
    #[error("the rule {rule} in {} is the default and can be left out", file.display())]
    Redundant {
        /// Which rule.
        rule: String,
        /// Where it is.
        file: PathBuf,
    },
    /// A file names a rule that a later release will not have.
    #[error("the rule {rule} in {} will be removed in a later release", file.display())]
    ForRemoval {
        /// Which rule.
        rule: String,
        /// Where it is.
        file: PathBuf,
    },
    /// A file names a rule as it was called in earlier releases.
    #[error("the rule {old} in {} is called {rule} now", file.display())]
    Renamed {
        /// Today's name.
        rule: String,
        /// The name in the file.
        old: String,
        /// Where it is.
        file: PathBuf,
    },
    /// `enforce_new_defaults` is off, so that the defaults of earlier releases count as well.
    #[error("{count} rules also allow what they allowed in earlier releases: enforce_new_defaults is off")]
    OldDefaults {
        /// How many rules.
        count: usize,
    },
}

/// Everything that is noticeable about `rules` as a whole. `checks` are the same, compiled; `exists` knows their names.
pub(super) fn warnings_about(rules: &[Rule], checks: &[Check], exists: impl Fn(&str) -> bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let successors: HashMap<&str, &str> = rules
        .iter()
        .filter_map(|rule| rule.default)
        .filter_map(|default| default.replaces.map(|replaced| (replaced.name, default.name)))
        .collect();
    for (rule, check) in rules.iter().zip(checks) {
        let name = || rule.name.clone();
        warnings.extend(
            check
                .problems()
                .into_iter()
                .map(|problem| Warning::Unevaluable { rule: name(), problem: problem.to_owned() }),
        );
        warnings.extend(
            rule.expression
                .references()
                .into_iter()
                .filter(|reference| !exists(reference))
                .map(|missing| Warning::Undefined { rule: name(), missing: missing.to_owned() }),
        );
        warnings.extend(about_file(rule, &successors));
    }
    warnings.extend(
        cyclic(checks)
            .into_iter()
            .zip(rules)
            .filter(|(cyclic, _)| *cyclic)
            .map(|(_, rule)| Warning::Cyclic { rule: rule.name.clone() }),
    );
    let count = rules.iter().filter(|rule| rule.origin == Origin::DefaultOrReplaced).count();
    if count > 0 {
        warnings.push(Warning::OldDefaults { count });
    }
    warnings
}

/// `successors`: from the names that rules had in earlier releases to today's.
fn about_file(rule: &Rule, successors: &HashMap<&str, &str>) -> Option<Warning> {
    let Origin::File(file) = &rule.origin else { return None };
    let (name, file) = (rule.name.clone(), file.clone());
    if let Some(default) = rule.default {
        let redundant = super::rule_set::expression_of(default.check).to_string() == rule.expression.to_string();
        return if default.for_removal {
            Some(Warning::ForRemoval { rule: name, file })
        } else {
            redundant.then_some(Warning::Redundant { rule: name, file })
        };
    }
    match successors.get(name.as_str()) {
        Some(successor) => Some(Warning::Renamed { rule: (*successor).to_owned(), old: name, file }),
        None => name.starts_with("identity:").then_some(Warning::UnknownAction { rule: name, file }),
    }
}

/// For each rule whether following its references can go on for ever: what is left when rules whose references all come
/// to an end are taken away, again and again.
fn cyclic(checks: &[Check]) -> Vec<bool> {
    let mut open: Vec<usize> = Vec::with_capacity(checks.len());
    let mut referred_by: Vec<Vec<usize>> = vec![Vec::new(); checks.len()];
    for (place, check) in checks.iter().enumerate() {
        let references = check.references();
        open.push(references.len());
        for reference in references {
            referred_by[reference].push(place);
        }
    }
    let mut ended: Vec<usize> = (0..checks.len()).filter(|&place| open[place] == 0).collect();
    while let Some(place) = ended.pop() {
        for &referrer in &referred_by[place] {
            open[referrer] -= 1;
            if open[referrer] == 0 {
                ended.push(referrer);
            }
        }
    }
    open.into_iter().map(|count| count > 0).collect()
}
