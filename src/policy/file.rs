//! Reading a policy file: YAML or JSON, rule names to rules.
//!
//! What Keystone accepts (PyYAML's `safe_load`) is accepted, with its meaning: of a name given twice the last counts, an
//! empty file has no rules, `name:` with nothing behind it is the empty rule, which lets everybody through. Two readings
//! are refused. A `!` without quotes is a YAML tag and not a rule, and Keystone takes it for nothing, so that a rule meant
//! to forbid allows. And a map in the place of a rule (that of a merge key, `<<`, included) is to Keystone the list of its
//! names.

use std::fmt;
use std::io::Read;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::error::LoadError;
use super::parser::{ListItem, RuleText};

/// Longer files are refused. Keystone's complete sample file has 100 kB.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The YAML parser takes time that grows with the square of the depth, so files with more brackets inside one another
/// are refused before it sees them. Rules need two.
const MAX_BRACKETS: usize = 1000;

/// One entry of a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRule {
    /// The rule's name.
    pub name: String,
    /// What the file says.
    pub rule: RuleText,
    /// Whether the file says nothing at all behind the name. The rule is then the empty one.
    pub is_blank: bool,
}

/// Reads and parses the file at `path`.
///
/// # Errors
///
/// When it cannot be read, is not YAML or JSON, or is not a map of names to rules.
pub fn read(path: &Path) -> Result<Vec<FileRule>, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(LoadError::TooLarge { path: path.to_owned(), bytes, limit: MAX_BYTES });
    }
    parse(&text).map_err(|problem| LoadError::Malformed { path: path.to_owned(), problem })
}

/// Parses the contents of a policy file.
///
/// # Errors
///
/// What is wrong, in words.
pub fn parse(text: &str) -> Result<Vec<FileRule>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rules = match document(text)? {
        Node::Null => Vec::new(),
        Node::Map(entries) => entries,
        other => return Err(format!("it is {}", other.what())),
    };
    let mut found: Vec<FileRule> = Vec::new();
    for (name, value) in rules {
        let Node::Text(name) = name else {
            return Err(format!("a rule's name is {}; names with a meaning in YAML need quotes", name.what()));
        };
        let is_blank = matches!(value, Node::Null);
        let rule = rule_text(value).map_err(|problem| format!("the rule {name:?} {problem}"))?;
        found.push(FileRule { name, rule, is_blank });
    }
    Ok(last_of_each(found))
}

/// JSON is YAML, with exceptions (tabs); so what looks like it is read as such first.
fn document(text: &str) -> Result<Node, String> {
    if text.trim_start().starts_with('{')
        && let Ok(node) = serde_json::from_str(text)
    {
        return Ok(node);
    }
    if is_empty(text) {
        return Ok(Node::Null);
    }
    if bracket_depth(text) > MAX_BRACKETS {
        return Err(format!("it has more than {MAX_BRACKETS} brackets inside one another"));
    }
    serde_yaml_ng::from_str(text).map_err(|error| error.to_string())
}

/// How deep brackets are inside one another, those in texts and comments counted like any other.
fn bracket_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Nothing but comments and blank lines: the YAML parser takes that for a missing document.
fn is_empty(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn rule_text(value: Node) -> Result<RuleText, String> {
    match value {
        Node::Text(text) => Ok(RuleText::Text(text)),
        Node::Null => Ok(RuleText::List(Vec::new())),
        Node::List(items) => items.into_iter().map(list_item).collect::<Result<_, _>>().map(RuleText::List),
        Node::Tagged(tag) => Err(format!("begins with a YAML tag ({tag}); a rule that begins with ! needs quotes")),
        other => Err(format!("is {}, neither text nor a list", other.what())),
    }
}

fn list_item(item: Node) -> Result<ListItem, String> {
    match item {
        Node::Text(text) => Ok(ListItem::Check(text)),
        Node::Null => Ok(ListItem::All(Vec::new())),
        Node::List(checks) => Ok(ListItem::All(
            checks.into_iter().map(|check| if let Node::Text(text) = check { Some(text) } else { None }).collect(),
        )),
        other => Err(format!("has a list with {} in it", other.what())),
    }
}

/// Of entries with the same name, the last; at the place of the first.
fn last_of_each(rules: Vec<FileRule>) -> Vec<FileRule> {
    let mut places = std::collections::HashMap::new();
    let mut unique: Vec<FileRule> = Vec::new();
    for rule in rules {
        match places.get(&rule.name) {
            Some(&place) => unique[place] = rule,
            None => {
                places.insert(rule.name.clone(), unique.len());
                unique.push(rule);
            }
        }
    }
    unique
}

/// A YAML or JSON value, with maps as they were written: repeated names included, which other types reject.
#[derive(Debug)]
enum Node {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// A boolean or a number.
    Scalar(String),
    /// A value with a tag of its own, which has no meaning here.
    Tagged(String),
}

impl Node {
    fn what(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Text(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
            Self::Scalar(value) => value.clone(),
            Self::Tagged(tag) => format!("a value with the tag {tag}"),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of rule names to rules")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Node::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Node, A::Error> {
        let (tag, contents) = tagged.variant::<String>()?;
        // What is under the tag does not matter, but the parser has to get past it.
        let _: Node = contents.newtype_variant()?;
        Ok(Node::Tagged(format!("!{tag}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<(String, RuleText)> {
        parse(text)
            .map(|rules| rules.into_iter().map(|rule| (rule.name, rule.rule)).collect())
            .unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    fn one(name: &str, rule: &str) -> Vec<(String, RuleText)> {
        vec![(name.to_owned(), RuleText::Text(rule.to_owned()))]
    }

    #[test]
    fn yaml_and_json_say_the_same() {
        let expected = one("identity:get_user", "role:a or role:b");
        assert_eq!(rules("identity:get_user: role:a or role:b"), expected);
        assert_eq!(rules("# how it is\n\"identity:get_user\": >-\n  role:a or\n  role:b\n"), expected);
        assert_eq!(rules("{\n\t\"identity:get_user\":\t\"role:a or role:b\"\n}"), expected);
        assert_eq!(rules("{'identity:get_user': 'role:a or role:b'}"), expected);
        assert_eq!(rules("\u{feff}identity:get_user: role:a or role:b"), expected);
    }

    #[test]
    fn the_last_of_a_repeated_name_counts() {
        assert_eq!(rules("a: role:x\na: role:y"), one("a", "role:y"));
        assert_eq!(rules("{\"a\": \"role:x\", \"a\": \"role:y\"}"), one("a", "role:y"));
    }

    #[test]
    fn an_empty_file_has_no_rules() {
        for text in ["", "\n\n", "# nothing\n", "{}", "---\n", "null"] {
            assert_eq!(rules(text), [], "{text:?}");
        }
    }

    #[test]
    fn a_name_with_nothing_behind_it_is_noticed() {
        let found = parse("a:\nb: ''").unwrap_or_default();
        assert_eq!(found.iter().map(|rule| rule.is_blank).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn lists_keep_their_shape() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            rules("a: [role:x, [role:y, user_id:1, 5], []]"),
            [(
                "a".to_owned(),
                RuleText::List(vec![
                    ListItem::Check("role:x".to_owned()),
                    ListItem::All(vec![text("role:y"), text("user_id:1"), None]),
                    ListItem::All(vec![]),
                ])
            )]
        );
    }

    #[test]
    fn anchors_are_followed() {
        assert_eq!(rules("a: &x role:y\nb: *x")[1], ("b".to_owned(), RuleText::Text("role:y".to_owned())));
    }

    #[test]
    fn what_is_no_policy_is_refused_by_name() {
        for (text, words) in [
            ("- a", "it is a list"),
            ("role:admin", "it is the text"),
            ("a: true", "\"a\" is true"),
            ("a: {b: c}", "\"a\" is a map"),
            ("<<: {a: b}", "\"<<\" is a map"),
            ("a: 5", "\"a\" is 5"),
            ("true: role:a", "name is true"),
            ("a: !", "needs quotes"),
            ("a: !role", "needs quotes"),
            ("a: @", "character"),
            ("a: 'x", "scalar"),
            ("a: b\n---\nc: d", "more than one document"),
            ("a: [[[x]], {b: c}]", "a map in it"),
        ] {
            let problem = parse(text).err().unwrap_or_else(|| panic!("{text:?} was accepted"));
            assert!(problem.contains(words), "{text:?}: {problem}");
        }
    }
}
