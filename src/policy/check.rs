//! A rule made ready to be evaluated: names split, formats compiled, references resolved.

use std::collections::HashMap;

use serde_json::Value;

use super::attributes::Attributes;
use super::expression::Expression;
use super::fault::Fault;
use super::kind::Kind;
use super::python_text::{is_true, text_of};
use super::template::Template;

/// How many checks and rules may be inside one another when a rule is evaluated. A rule that refers to itself comes to
/// this; no useful one does.
const MAX_DEPTH: usize = 400;

/// The checks that ask a server elsewhere. Not supported: a rule that comes to one has no answer.
pub(super) const REMOTE_KINDS: [&str; 3] = ["http", "https", "remote"];

/// A compiled [`Expression`].
#[derive(Debug, Clone)]
pub(super) enum Check {
    Allow,
    Deny,
    All(Vec<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
    /// `rule:name`: its place among all rules; `None` where neither it nor the default rule exists.
    Rule(Option<usize>),
    /// `role:name`.
    Role(Template),
    /// `kind:match` for any other kind.
    Generic(Kind, Template),
    /// A check that is refused whatever the request is.
    Unsupported(String),
}

/// What a rule is evaluated for, and the rules it may refer to.
pub(super) struct Question<'a> {
    pub(super) checks: &'a [Check],
    pub(super) credentials: &'a dyn Attributes,
    pub(super) target: &'a dyn Attributes,
    /// The caller's `system`: see [`system_of`].
    pub(super) system: Option<&'a Value>,
}

/// oslo.context calls a system token's scope `system_scope`, older policies look for `system`: the former, where it says
/// something, stands in for the latter.
pub(super) fn system_of(credentials: &dyn Attributes) -> Option<&Value> {
    credentials.attribute("system_scope").filter(|scope| is_true(scope)).or_else(|| credentials.attribute("system"))
}

impl Check {
    /// Compiles `expression`. `places` knows where each rule is; `default` is the place of the rule that stands in for
    /// one that does not exist.
    pub(super) fn compile(expression: &Expression, places: &HashMap<String, usize>, default: Option<usize>) -> Self {
        let compile = |part: &Expression| Self::compile(part, places, default);
        match expression {
            Expression::Allow => Self::Allow,
            Expression::Deny => Self::Deny,
            Expression::And(parts) => Self::All(parts.iter().map(compile).collect()),
            Expression::Or(parts) => Self::Any(parts.iter().map(compile).collect()),
            Expression::Not(part) => Self::Not(Box::new(compile(part))),
            Expression::Check { kind, wanted } => match kind.as_str() {
                "rule" => Self::Rule(places.get(wanted).copied().or(default)),
                "role" => Self::Role(Template::compile(wanted)),
                remote if REMOTE_KINDS.contains(&remote) => {
                    Self::Unsupported(format!("checks that ask a server ({remote}:) are not supported"))
                }
                other => Self::Generic(Kind::read(other), Template::compile(wanted)),
            },
        }
    }

    /// Whether the check says yes. Parts are looked at in order and no further than needed, as in oslo.policy, so that
    /// `role:admin or ...` holds for an admin whatever follows.
    pub(super) fn holds(&self, question: &Question<'_>) -> Result<bool, Fault> {
        self.holds_at(question, 0)
    }

    /// What keeps parts of this check from ever having an answer, in words.
    pub(super) fn problems(&self) -> Vec<&str> {
        match self {
            Self::Allow | Self::Deny | Self::Rule(_) => Vec::new(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::problems).collect(),
            Self::Not(part) => part.problems(),
            Self::Role(wanted) => wanted.problem().into_iter().collect(),
            Self::Generic(Kind::Unreadable(problem), _) | Self::Unsupported(problem) => vec![problem],
            Self::Generic(_, wanted) => wanted.problem().into_iter().collect(),
        }
    }

    /// The places of the rules that it refers to.
    pub(super) fn references(&self) -> Vec<usize> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::references).collect(),
            Self::Not(part) => part.references(),
            Self::Rule(place) => place.iter().copied().collect(),
            _ => Vec::new(),
        }
    }

    fn holds_at(&self, question: &Question<'_>, depth: usize) -> Result<bool, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::new("it refers to itself, or rules refer to one another too deeply"));
        }
        match self {
            Self::Allow => Ok(true),
            Self::Deny | Self::Rule(None) => Ok(false),
            Self::All(parts) => {
                for part in parts {
                    if !part.holds_at(question, depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds_at(question, depth + 1)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(part) => Ok(!part.holds_at(question, depth + 1)?),
            Self::Rule(Some(place)) => question.checks[*place].holds_at(question, depth + 1),
            Self::Role(wanted) => role_holds(wanted, question),
            Self::Generic(kind, wanted) => generic_holds(kind, wanted, question),
            Self::Unsupported(problem) => Err(Fault::new(problem.clone())),
        }
    }
}

fn role_holds(wanted: &Template, question: &Question<'_>) -> Result<bool, Fault> {
    let Some(wanted) = wanted.render(question.target)? else { return Ok(false) };
    match question.credentials.attribute("roles") {
        None => Ok(false),
        Some(Value::Array(roles)) => {
            let mut found = false;
            for role in roles {
                let Value::String(role) = role else {
                    return Err(Fault::new("one of the caller's roles is not text"));
                };
                found |= same_role(&wanted, role);
            }
            Ok(found)
        }
        // Python iterates over a text's characters.
        Some(Value::String(text)) => Ok(text.chars().any(|role| same_role(&wanted, role.encode_utf8(&mut [0; 4])))),
        Some(_) => Err(Fault::new("the caller's roles are not a list")),
    }
}

/// Role names are the same whatever their case.
fn same_role(wanted: &str, role: &str) -> bool {
    if wanted.is_ascii() && role.is_ascii() {
        wanted.eq_ignore_ascii_case(role)
    } else {
        wanted.to_lowercase() == role.to_lowercase()
    }
}

fn generic_holds(kind: &Kind, wanted: &Template, question: &Question<'_>) -> Result<bool, Fault> {
    let Some(wanted) = wanted.render(question.target)? else { return Ok(false) };
    match kind {
        Kind::Literal(literal) => Ok(wanted == literal.as_str()),
        Kind::Unreadable(problem) => Err(Fault::new(problem.clone())),
        Kind::Path(path) => {
            let Some((first, rest)) = path.split_first() else { return Ok(false) };
            let value = match first.as_str() {
                "system" => question.system,
                name => question.credentials.attribute(name),
            };
            value.map_or(Ok(false), |value| any_matches(value, rest, &wanted))
        }
    }
}

/// A list matches when one of its elements does.
fn any_matches(value: &Value, path: &[String], wanted: &str) -> Result<bool, Fault> {
    let Value::Array(elements) = value else { return matches(value, path, wanted) };
    for element in elements {
        if matches(element, path, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn matches(value: &Value, path: &[String], wanted: &str) -> Result<bool, Fault> {
    let Some((name, rest)) = path.split_first() else { return Ok(text_of(value) == wanted) };
    match value {
        Value::Object(members) => members.get(name).map_or(Ok(false), |member| any_matches(member, rest, wanted)),
        _ => Err(Fault::new(format!("the caller's attribute that should contain {name:?} has no members"))),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::policy::parser::{RuleText, parse};

    fn attributes(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    /// Asks one rule that may refer to `yes` and `no`.
    fn ask(rule: &str, credentials: Value, target: Value) -> Option<bool> {
        let places = HashMap::from([("yes".to_owned(), 0), ("no".to_owned(), 1), ("loop".to_owned(), 2)]);
        let compile = |text: &str| {
            let parsed = parse(&RuleText::Text(text.to_owned()));
            assert!(parsed.problems.is_empty(), "{text}: {:?}", parsed.problems);
            Check::compile(&parsed.expression, &places, None)
        };
        let checks = [compile("@"), compile("!"), compile("not rule:loop")];
        let (credentials, target) = (attributes(credentials), attributes(target));
        let question =
            Question { checks: &checks, credentials: &credentials, target: &target, system: system_of(&credentials) };
        compile(rule).holds(&question).ok()
    }

    fn assert_answers(credentials: &Value, target: &Value, answers: &[(&str, Option<bool>)]) {
        for (rule, answer) in answers {
            assert_eq!(ask(rule, credentials.clone(), target.clone()), *answer, "{rule}");
        }
    }

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);
    /// No answer: the action is refused, and `not` does not change that.
    const FAULT: Option<bool> = None;

    #[test]
    fn constants_and_rules() {
        assert_answers(
            &json!({}),
            &json!({}),
            &[
                ("@", YES),
                ("!", NO),
                ("rule:yes", YES),
                ("rule:no", NO),
                ("rule:nowhere", NO),
                ("not rule:nowhere", YES),
                ("rule:loop", FAULT),
                ("not rule:loop", FAULT),
                ("rule:yes or rule:loop", YES),
                ("rule:no and rule:loop", NO),
            ],
        );
    }

    #[test]
    fn roles_are_the_same_whatever_their_case() {
        let target = json!({"wanted": "READER"});
        assert_answers(
            &json!({"roles": ["Admin", "reader", "Größe"]}),
            &target,
            &[
                ("role:admin", YES),
                ("role:ADMIN", YES),
                ("role:größe", YES),
                ("role:GRÖßE", YES),
                ("role:member", NO),
                ("role:%(wanted)s", YES),
                ("role:%(missing)s", NO),
            ],
        );
        assert_answers(&json!({}), &target, &[("role:admin", NO)]);
        assert_answers(&json!({"roles": null}), &target, &[("role:admin", FAULT), ("not role:admin", FAULT)]);
    }

    #[test]
    fn attributes_are_looked_up_by_path_and_through_lists() {
        assert_answers(
            &json!({
                "user_id": "u1", "domain_id": null, "is_admin": 1,
                "token": {"project": {"domain": {"id": "d1"}}},
                "groups": [{"id": "g1", "tags": ["a", "b"]}, {"id": "g2", "tags": []}],
            }),
            &json!({"user_id": "u1", "domain": "d1", "none": null}),
            &[
                ("user_id:u1", YES),
                ("user_id:%(user_id)s", YES),
                ("user_id:u2", NO),
                ("user_id:%(missing)s", NO),
                ("project_id:p", NO),
                ("domain_id:None", YES),
                ("domain_id:%(none)s", YES),
                ("is_admin:1", YES),
                ("is_admin:True", NO),
                ("token.project.domain.id:%(domain)s", YES),
                ("token.domain.id:%(domain)s", NO),
                ("groups.id:g2", YES),
                ("groups.tags:b", YES),
                ("groups.id:g3", NO),
                // A member of what has none is an exception in Python.
                ("user_id.id:u1", FAULT),
                ("groups.tags.id:x", FAULT),
                ("not domain_id.id:u1", FAULT),
            ],
        );
    }

    #[test]
    fn literals_are_compared_with_the_target() {
        assert_answers(
            &json!({}),
            &json!({"role": "member", "enabled": true, "none": null, "level": 5, "ratio": 1.5}),
            &[
                ("'member':%(role)s", YES),
                ("\"member\":%(role)s", YES),
                ("'admin':%(role)s", NO),
                ("True:%(enabled)s", YES),
                ("False:%(enabled)s", NO),
                ("None:%(none)s", YES),
                ("not None:%(role)s", YES),
                ("None:%(missing)s", NO),
                ("5:%(level)s", YES),
                ("1.5:%(ratio)s", YES),
                ("class:%(role)s", FAULT),
                ("class:%(missing)s", NO),
            ],
        );
    }

    /// `system` is what older policies call `system_scope`.
    #[test]
    fn the_system_scope_has_two_names() {
        let none = json!({});
        assert_answers(&json!({"system_scope": "all"}), &none, &[("system:all", YES), ("system_scope:all", YES)]);
        assert_answers(&json!({"system_scope": null, "system": "x"}), &none, &[("system:x", YES)]);
        assert_answers(&json!({"system_scope": null}), &none, &[("system:None", NO), ("system_scope:None", YES)]);
    }

    #[test]
    fn a_server_elsewhere_is_never_asked() {
        let admin = json!({"roles": ["admin"]});
        assert_answers(
            &admin,
            &json!({}),
            &[
                ("http://example.com/", FAULT),
                ("https://example.com/%(user_id)s", FAULT),
                ("remote:x", FAULT),
                ("not http://example.com/", FAULT),
                ("role:admin or http://example.com/", YES),
                ("role:member and http://example.com/", NO),
            ],
        );
    }
}
