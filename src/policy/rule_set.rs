//! The rules in force: the defaults, and what files say over them.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

use super::attributes::Attributes;
use super::check::{Check, Question, system_of};
use super::defaults::{DefaultRule, ReplacedRule, ScopeType};
use super::error::PolicyError;
use super::expression::Expression;
use super::file::FileRule;
use super::parser::{RuleText, parse};
use super::python_text::is_true;
use super::settings::PolicySettings;
use super::warning::{Warning, warnings_about};

/// A policy file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub rules: Vec<FileRule>,
}

/// A rule in force.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it says.
    pub expression: Expression,
    /// Where that comes from.
    pub origin: Origin,
    /// What the service registered under this name.
    pub default: Option<DefaultRule>,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is the default.
    Default,
    /// It is the default, or what the default said in earlier releases (`enforce_new_defaults` is off).
    DefaultOrReplaced,
    /// A file says so.
    File(PathBuf),
    /// A file says so under the name that the rule had in earlier releases.
    ReplacedName(PathBuf),
}

/// All rules in force, compiled. Immutable: a change of a file makes another one.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    checks: Vec<Check>,
    places: HashMap<String, usize>,
    /// The place of the rule that stands in for one that does not exist.
    default: Option<usize>,
    enforce_scope: bool,
    warnings: Vec<Warning>,
}

impl RuleSet {
    /// Puts `files`, in this order, over `defaults`. Later files count more.
    ///
    /// The steps are those of `Enforcer.load_rules` of oslo.policy: what a file names is replaced whole, default rules
    /// fill in what no file names, and a rule that replaced one of earlier releases takes that one into account.
    pub fn build(defaults: &[DefaultRule], files: &[PolicyFile], settings: &PolicySettings) -> Self {
        let registered: HashMap<&str, &DefaultRule> = defaults.iter().map(|rule| (rule.name, rule)).collect();
        let mut warnings = Vec::new();
        let mut rules: Vec<Rule> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();

        for file in files {
            for entry in &file.rules {
                let parsed = parse(&entry.rule);
                warnings.extend(parsed.problems.into_iter().map(|problem| Warning::Malformed {
                    rule: entry.name.clone(),
                    file: file.path.clone(),
                    problem,
                }));
                if entry.is_blank {
                    warnings.push(Warning::Blank { rule: entry.name.clone(), file: file.path.clone() });
                }
                let rule = Rule {
                    name: entry.name.clone(),
                    expression: parsed.expression,
                    origin: Origin::File(file.path.clone()),
                    default: registered.get(entry.name.as_str()).map(|default| **default),
                };
                match places.get(&entry.name) {
                    Some(&place) => rules[place] = rule,
                    None => {
                        places.insert(entry.name.clone(), rules.len());
                        rules.push(rule);
                    }
                }
            }
        }
        let from_files = places.clone();
        for default in defaults.iter().filter(|default| !from_files.contains_key(default.name)) {
            let renamed =
                default.replaces.and_then(|replaced| override_of_replaced(default, replaced, &from_files, &rules));
            let (expression, origin) = renamed.unwrap_or_else(|| effective_default(default, settings));
            places.insert(default.name.to_owned(), rules.len());
            rules.push(Rule { name: default.name.to_owned(), expression, origin, default: Some(*default) });
        }

        let default_place = places.get(&settings.default_rule).copied();
        let checks: Vec<Check> =
            rules.iter().map(|rule| Check::compile(&rule.expression, &places, default_place)).collect();
        warnings.extend(warnings_about(&rules, &checks, |name| places.contains_key(name)));
        Self { rules, checks, places, default: default_place, enforce_scope: settings.enforce_scope, warnings }
    }

    /// Judges `action`: see [`super::Enforcer::enforce`].
    ///
    /// # Errors
    ///
    /// When the answer is no.
    pub fn enforce(
        &self,
        action: &str,
        credentials: &dyn Attributes,
        target: &dyn Attributes,
    ) -> Result<(), PolicyError> {
        let named = self.places.get(action).copied();
        let refused = || PolicyError::NotAuthorized { action: action.to_owned() };
        let place = named.or(self.default).ok_or_else(refused)?;
        let system = system_of(credentials);
        if let Some(default) = named.and_then(|place| self.rules[place].default) {
            self.enforce_scope_of(&default, credentials, system)?;
        }
        let question = Question { checks: &self.checks, credentials, target, system };
        match self.checks[place].holds(&question) {
            Ok(true) => Ok(()),
            Ok(false) => Err(refused()),
            Err(fault) => Err(PolicyError::Unevaluable { action: action.to_owned(), problem: fault.to_string() }),
        }
    }

    /// Whether the caller's token has a scope that the rule is meant for.
    fn enforce_scope_of(
        &self,
        default: &DefaultRule,
        credentials: &dyn Attributes,
        system: Option<&Value>,
    ) -> Result<(), PolicyError> {
        let actual = if system.is_some_and(is_true) {
            ScopeType::System
        } else if credentials.attribute("domain_id").is_some_and(is_true) {
            ScopeType::Domain
        } else {
            ScopeType::Project
        };
        if default.scopes.is_empty() || default.scopes.contains(&actual) {
            return Ok(());
        }
        let mismatch = PolicyError::InvalidScope { action: default.name.to_owned(), expected: default.scopes, actual };
        if self.enforce_scope {
            return Err(mismatch);
        }
        tracing::debug!("not enforced: {mismatch}");
        Ok(())
    }

    /// Every rule in force: those of the files in their order, then the other defaults.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of that name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.places.get(name).map(|&place| &self.rules[place])
    }

    /// The rules that do not say what the default of this release says: overridden, added, or loosened by the defaults
    /// of earlier releases.
    pub fn differences(&self) -> impl Iterator<Item = &Rule> {
        self.rules
            .iter()
            .filter(|rule| rule.default.is_none_or(|default| expression_of(default.check) != rule.expression))
    }

    /// What an operator should know about these rules.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// What a default rule that no file names comes to.
fn effective_default(default: &DefaultRule, settings: &PolicySettings) -> (Expression, Origin) {
    let today = expression_of(default.check);
    match default.replaces {
        Some(replaced) if !settings.enforce_new_defaults && replaced.check != default.check => {
            (Expression::Or(vec![today, expression_of(replaced.check)]), Origin::DefaultOrReplaced)
        }
        _ => (today, Origin::Default),
    }
}

/// What a file says under the name that `default` had in earlier releases: that counts, unless it only repeats what the
/// rule said then, or refers to the new name.
fn override_of_replaced(
    default: &DefaultRule,
    replaced: ReplacedRule,
    from_files: &HashMap<String, usize>,
    rules: &[Rule],
) -> Option<(Expression, Origin)> {
    if replaced.name == default.name {
        return None;
    }
    let rule = &rules[*from_files.get(replaced.name)?];
    let Origin::File(path) = &rule.origin else { return None };
    let repeats = rule.expression == expression_of(replaced.check);
    let refers = rule.expression.to_string() == format!("rule:{}", default.name);
    (!repeats && !refers).then(|| (rule.expression.clone(), Origin::ReplacedName(path.clone())))
}

pub(super) fn expression_of(check: &str) -> Expression {
    parse(&RuleText::Text(check.to_owned())).expression
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::policy::{default_rules, file};

    fn with_file(text: &str, settings: &PolicySettings) -> RuleSet {
        let rules = file::parse(text).unwrap();
        RuleSet::build(default_rules(), &[PolicyFile { path: "policy.yaml".into(), rules }], settings)
    }

    fn attributes(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_token_of_another_scope_is_refused_whatever_its_roles() {
        let caller = attributes(json!({"roles": ["admin"], "domain_id": "d"}));
        let strict = with_file("{}", &PolicySettings::default());
        let refused = strict.enforce("identity:list_services", &caller, &Map::new()).unwrap_err();
        assert_eq!(
            refused,
            PolicyError::InvalidScope {
                action: "identity:list_services".to_owned(),
                expected: &[ScopeType::System, ScopeType::Project],
                actual: ScopeType::Domain,
            }
        );
        assert_eq!(
            refused.to_string(),
            "identity:list_services is for tokens with a scope of system or project, this one has domain scope"
        );
        let lenient = with_file("{}", &PolicySettings { enforce_scope: false, ..PolicySettings::default() });
        assert_eq!(lenient.enforce("identity:list_services", &caller, &Map::new()), Ok(()));
    }

    /// The scopes are those that the service registered: a file changes the rule, not what it is meant for.
    #[test]
    fn an_override_keeps_the_scopes_of_the_rule() {
        let rules = with_file("identity:list_services: '@'", &PolicySettings::default());
        let of_domain = attributes(json!({"domain_id": "d"}));
        assert!(matches!(
            rules.enforce("identity:list_services", &of_domain, &Map::new()),
            Err(PolicyError::InvalidScope { .. })
        ));
        assert_eq!(rules.enforce("identity:list_services", &Map::new(), &Map::new()), Ok(()));
    }

    #[test]
    fn an_action_without_a_rule_is_judged_by_the_default_rule_or_refused() {
        let nobody = Map::new();
        let refused = Err(PolicyError::NotAuthorized { action: "identity:nonsense".to_owned() });
        let without = with_file("{}", &PolicySettings::default());
        assert_eq!(without.enforce("identity:nonsense", &nobody, &nobody), refused);
        let with = with_file("default: '@'", &PolicySettings::default());
        assert_eq!(with.enforce("identity:nonsense", &nobody, &nobody), Ok(()));
        let renamed = PolicySettings { default_rule: "other".to_owned(), ..PolicySettings::default() };
        assert_eq!(with_file("default: '@'", &renamed).enforce("identity:nonsense", &nobody, &nobody), refused);
    }

    #[test]
    fn a_rule_without_an_answer_says_why() {
        let rules =
            with_file("identity:get_user: not http://example.com/\nloop: rule:loop", &PolicySettings::default());
        for (action, words) in [("identity:get_user", "http:"), ("loop", "refers to itself")] {
            let error = rules.enforce(action, &Map::new(), &Map::new()).unwrap_err();
            let PolicyError::Unevaluable { action: named, problem } = &error else { panic!("{error}") };
            assert_eq!(named, action);
            assert!(problem.contains(words), "{problem}");
        }
    }

    #[test]
    fn with_the_old_defaults_either_rule_will_do() {
        let owner = attributes(json!({"user_id": "u"}));
        let target = attributes(json!({"user_id": "u"}));
        let new = with_file("{}", &PolicySettings::default());
        assert!(new.enforce("identity:get_user", &owner, &target).is_err());
        let old = PolicySettings { enforce_new_defaults: false, ..PolicySettings::default() };
        assert!(with_file("{}", &old).enforce("identity:get_user", &owner, &target).is_ok());
        // A file has the last word.
        assert!(with_file("identity:get_user: '!'", &old).enforce("identity:get_user", &owner, &target).is_err());
    }
}
