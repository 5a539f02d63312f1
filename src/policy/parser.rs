//! From the text of a rule to an [`Expression`].
//!
//! The reduction rules are those of `oslo_policy._parser`, since they decide what a rule without parentheses means and
//! which texts are malformed: `and` binds tighter than `or`, `not` tighter than both, and two checks side by side are no
//! rule. What is malformed lets nobody through.

use super::expression::Expression;

/// How many `and`, `or` and `not` may be inside one another. Keystone's own rules have 5; a rule that has more than this
/// is malformed, so that evaluating it needs a bounded stack.
pub const MAX_NESTING: usize = 100;

/// A rule as a policy file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleText {
    /// The policy language.
    Text(String),
    /// The form before the language: the outer list is joined by `or`, an inner one by `and`. Nothing in it is an
    /// operator, each text is one check.
    List(Vec<ListItem>),
}

/// A member of the outer list of a [`RuleText::List`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListItem {
    /// One check.
    Check(String),
    /// Several, all of which must hold. `None` stands for a member that is no text; nobody passes it.
    All(Vec<Option<String>>),
}

/// What [`parse`] made of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The rule; [`Expression::Deny`] where it could not be understood.
    pub expression: Expression,
    /// What could not be understood, for the log.
    pub problems: Vec<String>,
}

/// Parses `rule`. Never fails: what is malformed is denied, and said so.
pub fn parse(rule: &RuleText) -> Parsed {
    let mut problems = Vec::new();
    let expression = match rule {
        RuleText::Text(text) => parse_text(text, &mut problems),
        RuleText::List(items) => parse_list(items, &mut problems),
    };
    Parsed { expression, problems }
}

fn parse_text(text: &str, problems: &mut Vec<String>) -> Expression {
    if text.is_empty() {
        return Expression::Allow;
    }
    let mut stack = Stack::default();
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        stack.shift_word(word, problems);
    }
    match stack.finish() {
        Ok(expression) => expression,
        Err(problem) => {
            problems.push(problem);
            Expression::Deny
        }
    }
}

fn parse_list(items: &[ListItem], problems: &mut Vec<String>) -> Expression {
    if items.is_empty() {
        return Expression::Allow;
    }
    let mut alternatives = Vec::new();
    for item in items {
        match item {
            ListItem::Check(text) if text.is_empty() => {}
            ListItem::Check(text) => alternatives.push(parse_check(text, problems)),
            ListItem::All(texts) if texts.is_empty() => {}
            ListItem::All(texts) => {
                let mut parts: Vec<_> = texts
                    .iter()
                    .map(|text| match text {
                        Some(text) => parse_check(text, problems),
                        None => {
                            problems.push("a member of a list is not text".to_owned());
                            Expression::Deny
                        }
                    })
                    .collect();
                alternatives.push(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) });
            }
        }
    }
    match alternatives.len() {
        0 => Expression::Deny,
        1 => alternatives.remove(0),
        _ => Expression::Or(alternatives),
    }
}

/// One check: `!`, `@` or `kind:match`.
fn parse_check(text: &str, problems: &mut Vec<String>) -> Expression {
    match (text, text.split_once(':')) {
        ("!", _) => Expression::Deny,
        ("@", _) => Expression::Allow,
        (_, Some((kind, wanted))) => Expression::Check { kind: kind.to_owned(), wanted: wanted.to_owned() },
        (_, None) => {
            problems.push(format!("{text:?} is not a check: it has no colon"));
            Expression::Deny
        }
    }
}

/// Python's `\s`: Unicode's white space, and the four ASCII separators that Unicode does not count.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

#[derive(Debug)]
enum Symbol {
    Open,
    Close,
    And,
    Or,
    Not,
    /// A quoted text. The language has no use for it: a rule with one in it is malformed.
    Quoted,
    /// A complete part: one check, or anything in parentheses.
    Check(Node),
    /// `a and b`, to which ` and c` may be added.
    AndChain(Vec<Expression>, usize),
    /// `a or b`, to which ` or c` may be added, or ` and c` to its last member.
    OrChain(Vec<Expression>, usize),
}

/// An expression and how deep it is.
#[derive(Debug)]
struct Node {
    expression: Expression,
    depth: usize,
}

#[derive(Default)]
struct Stack {
    symbols: Vec<Symbol>,
    too_deep: bool,
}

impl Stack {
    /// Parentheses count as such at the ends of a word only: those within one belong to `%(...)s`.
    fn shift_word(&mut self, word: &str, problems: &mut Vec<String>) {
        let inner = word.trim_start_matches('(');
        for _ in 0..word.len() - inner.len() {
            self.shift(Symbol::Open);
        }
        let bare = inner.trim_end_matches(')');
        if bare.eq_ignore_ascii_case("and") {
            self.shift(Symbol::And);
        } else if bare.eq_ignore_ascii_case("or") {
            self.shift(Symbol::Or);
        } else if bare.eq_ignore_ascii_case("not") {
            self.shift(Symbol::Not);
        } else if is_quoted(inner) {
            self.shift(Symbol::Quoted);
        } else if !bare.is_empty() {
            self.shift(Symbol::Check(Node { expression: parse_check(bare, problems), depth: 1 }));
        }
        for _ in 0..inner.len() - bare.len() {
            self.shift(Symbol::Close);
        }
    }

    fn shift(&mut self, symbol: Symbol) {
        self.symbols.push(symbol);
        while self.reduce() {}
    }

    /// Applies the first rule that fits the top of the stack; whether one did.
    fn reduce(&mut self) -> bool {
        use Symbol::{And, AndChain, Check, Close, Not, Open, Or, OrChain};
        match self.symbols.as_slice() {
            [.., Open, Check(_) | AndChain(..) | OrChain(..), Close] => {
                self.symbols.pop();
                let inside = self.pop_node();
                self.symbols.pop();
                self.push(inside.expression, inside.depth);
            }
            [.., Check(_), And, Check(_)] => self.join(AndChain),
            [.., Check(_) | AndChain(..), Or, Check(_)] => self.join(OrChain),
            [.., AndChain(..), And, Check(_)] => self.extend(AndChain),
            [.., OrChain(..), Or, Check(_)] => self.extend(OrChain),
            [.., OrChain(..), And, Check(_)] => self.and_to_last(),
            [.., Not, Check(_)] => {
                let inner = self.pop_node();
                self.symbols.pop();
                self.push(Expression::Not(Box::new(inner.expression)), inner.depth + 1);
            }
            _ => return false,
        }
        true
    }

    /// Two parts and the operator between them become a chain.
    fn join(&mut self, chain: Chain) {
        let right = self.pop_node();
        self.symbols.pop();
        let left = self.pop_node();
        self.push_chain(vec![left.expression, right.expression], 1 + left.depth.max(right.depth), chain);
    }

    /// A chain, its own operator and one more part become a longer chain.
    fn extend(&mut self, chain: Chain) {
        let added = self.pop_node();
        self.symbols.pop();
        let (mut parts, depth) = self.pop_chain();
        parts.push(added.expression);
        self.push_chain(parts, depth.max(added.depth + 1), chain);
    }

    /// `a or b` followed by `and c` is `a or (b and c)`.
    fn and_to_last(&mut self) {
        let added = self.pop_node();
        self.symbols.pop();
        let (mut parts, mut depth) = self.pop_chain();
        match parts.last_mut() {
            Some(Expression::And(chain)) => chain.push(added.expression),
            Some(last) => {
                depth = depth.max(last.depth() + 2);
                let first = std::mem::replace(last, Expression::Deny);
                *last = Expression::And(vec![first, added.expression]);
            }
            None => parts.push(added.expression),
        }
        self.push_chain(parts, depth.max(added.depth + 2), Symbol::OrChain);
    }

    fn push(&mut self, expression: Expression, depth: usize) {
        self.too_deep |= depth > MAX_NESTING;
        // Cut off what is too deep at once: even dropping it would need a stack as deep.
        let expression = if depth > MAX_NESTING { Expression::Deny } else { expression };
        self.symbols.push(Symbol::Check(Node { expression, depth: depth.min(MAX_NESTING) }));
    }

    fn push_chain(&mut self, parts: Vec<Expression>, depth: usize, chain: Chain) {
        self.too_deep |= depth > MAX_NESTING;
        let parts = if depth > MAX_NESTING { vec![Expression::Deny] } else { parts };
        self.symbols.push(chain(parts, depth.min(MAX_NESTING)));
    }

    /// Takes the top off as one expression; called only where the top is one.
    fn pop_node(&mut self) -> Node {
        match self.symbols.pop() {
            Some(Symbol::Check(node)) => node,
            Some(Symbol::AndChain(parts, depth)) => Node { expression: Expression::And(parts), depth },
            Some(Symbol::OrChain(parts, depth)) => Node { expression: Expression::Or(parts), depth },
            _ => Node { expression: Expression::Deny, depth: 1 },
        }
    }

    /// Takes a chain off the top; called only where the top is one.
    fn pop_chain(&mut self) -> (Vec<Expression>, usize) {
        match self.symbols.pop() {
            Some(Symbol::AndChain(parts, depth) | Symbol::OrChain(parts, depth)) => (parts, depth),
            _ => (Vec::new(), 0),
        }
    }

    fn finish(mut self) -> Result<Expression, String> {
        if self.too_deep {
            return Err(format!("it has more than {MAX_NESTING} operators inside one another"));
        }
        match self.symbols.as_slice() {
            [Symbol::Check(_) | Symbol::AndChain(..) | Symbol::OrChain(..)] => Ok(self.pop_node().expression),
            _ => Err("it is not made of checks joined by and, or, not and parentheses".to_owned()),
        }
    }
}

type Chain = fn(Vec<Expression>, usize) -> Symbol;

fn is_quoted(word: &str) -> bool {
    word.len() >= 2 && ['"', '\''].iter().any(|quote| word.starts_with(*quote) && word.ends_with(*quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        parse(&RuleText::Text(text.to_owned())).expression.to_string()
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_tighter_than_both() {
        for (text, meaning) in [
            ("a:1", "a:1"),
            ("a:1 and b:2", "(a:1 and b:2)"),
            ("a:1 and b:2 and c:3", "(a:1 and b:2 and c:3)"),
            ("a:1 or b:2 and c:3", "(a:1 or (b:2 and c:3))"),
            ("a:1 or b:2 and c:3 and d:4 or e:5", "(a:1 or (b:2 and c:3 and d:4) or e:5)"),
            ("a:1 and b:2 or c:3", "((a:1 and b:2) or c:3)"),
            ("(a:1 or b:2) and c:3", "((a:1 or b:2) and c:3)"),
            ("not a:1 and b:2", "(not a:1 and b:2)"),
            ("not (a:1 and b:2)", "not (a:1 and b:2)"),
            ("not not a:1", "not not a:1"),
            ("a:1 OR NoT b:2", "(a:1 or not b:2)"),
            ("((a:1))", "a:1"),
        ] {
            assert_eq!(printed(text), meaning, "{text}");
        }
    }

    #[test]
    fn parentheses_inside_a_word_belong_to_it() {
        for (text, meaning) in [
            ("(user_id:%(user_id)s)", "user_id:%(user_id)s"),
            ("(role:admin or user_id:%(target.user.id)s)", "(role:admin or user_id:%(target.user.id)s)"),
            // A check that ends with a parenthesis loses it.
            ("role:a(b)", "!"),
            ("(role:a(b)", "role:a(b"),
        ] {
            assert_eq!(printed(text), meaning, "{text}");
        }
    }

    #[test]
    fn a_check_is_split_at_its_first_colon() {
        let parsed = parse(&RuleText::Text("role:a:b".to_owned())).expression;
        assert_eq!(parsed, Expression::Check { kind: "role".to_owned(), wanted: "a:b".to_owned() });
    }

    #[test]
    fn nothing_allows_and_what_is_malformed_denies_and_says_so() {
        assert_eq!(parse(&RuleText::Text(String::new())), Parsed { expression: Expression::Allow, problems: vec![] });
        for text in
            [" ", "(", "a:1 or", "and a:1", "a:1 b:2", "(a:1", "a:1)", "'quoted'", "a:1 or 'quoted'", "()", "not"]
        {
            let parsed = parse(&RuleText::Text(text.to_owned()));
            assert_eq!(parsed.expression, Expression::Deny, "{text}");
            assert_eq!(parsed.problems.len(), 1, "{text}");
        }
    }

    /// As in oslo.policy: only the part is denied, so that the rest of the rule still counts.
    #[test]
    fn a_word_without_a_colon_denies_for_itself() {
        let parsed = parse(&RuleText::Text("admin or not role:a".to_owned()));
        assert_eq!(parsed.expression.to_string(), "(! or not role:a)");
        assert_eq!(parsed.problems, [r#""admin" is not a check: it has no colon"#]);
    }

    #[test]
    fn the_outer_list_is_or_and_the_inner_one_and() {
        let check = |text: &str| ListItem::Check(text.to_owned());
        let all = |texts: &[&str]| ListItem::All(texts.iter().map(|text| Some((*text).to_owned())).collect());
        for (items, meaning) in [
            (vec![], "@"),
            (vec![all(&[])], "!"),
            (vec![check("")], "!"),
            (vec![all(&["a:1"])], "a:1"),
            (vec![all(&["a:1", "b:2"]), check("c:3"), all(&[])], "((a:1 and b:2) or c:3)"),
            // No operators in here.
            (vec![check("a:1 or b:2")], "a:1 or b:2"),
            (vec![ListItem::All(vec![None, Some("@".to_owned())])], "(! and @)"),
        ] {
            assert_eq!(parse(&RuleText::List(items)).expression.to_string(), meaning);
        }
    }

    #[test]
    fn depth_is_counted_in_operators_not_in_parentheses() {
        let deepest = "not ".repeat(MAX_NESTING - 1) + "@";
        assert!(parse(&RuleText::Text(deepest.clone())).problems.is_empty());
        let deeper = parse(&RuleText::Text(format!("not {deepest}")));
        assert_eq!(deeper.expression, Expression::Deny);
        assert!(deeper.problems[0].contains("100 operators"), "{:?}", deeper.problems);
        let wide = "! or @ and ".repeat(1000) + "@";
        assert!(parse(&RuleText::Text(wide)).problems.is_empty());
        assert_eq!(printed(&("(".repeat(5000) + "@" + &")".repeat(5000))), "@");
    }
}
