//! What the bodies of all tokens of one user for one scope have in common, as text: made for the first of them. Most of what a
//! body says is that, and a service that rescopes tokens makes many of each.

use std::sync::OnceLock;

use bytes::Bytes;

use super::{body::END, wire::TokenBody};
use crate::domain::{claims::Claims, time::isotime_subsecond};

/// The text, once it was made. It is kept with an access, which is not kept longer than the user, the scope, the roles and the
/// tables of the catalog stay as they are; and it is no part of what that means: with or without it, one access is equal to
/// another.
#[derive(Debug, Default)]
pub struct KnownText(OnceLock<AccessText>);

/// The parts of a body that follow from the access alone, and not from the claims of one token.
#[derive(Debug)]
struct AccessText {
    /// The user.
    user: Box<str>,
    /// What comes after the times: the scope, the roles and so on, up to where the catalog would come.
    rest: Box<str>,
    /// From there on, with the catalog.
    tail: Bytes,
}

impl KnownText {
    /// The body of a token as text, up to where the catalog would come, and the rest of it with the catalog. `None`: the text
    /// was not made yet.
    pub(super) fn pieces(&self, claims: &Claims) -> Option<[Bytes; 2]> {
        let AccessText { user, rest, tail } = self.0.get()?;
        let mut head = beginning(claims, user, rest.len())?;
        head.extend_from_slice(rest.as_bytes());
        Some([head.into(), tail.clone()])
    }

    /// Makes the text from the body of a token that has these claims, and shows nothing of them but methods, audit ids and
    /// times; and from what the body ends with.
    pub(super) fn learn(&self, claims: &Claims, body: &TokenBody<'_>, tail: Bytes) {
        if let Some(made) = AccessText::of(claims, body, tail) {
            self.0.get_or_init(|| made);
        }
    }
}

impl Clone for KnownText {
    /// Nothing: who copies an access may mean to change it.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for KnownText {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl AccessText {
    /// `None`: the body does not begin as expected.
    fn of(claims: &Claims, body: &TokenBody<'_>, tail: Bytes) -> Option<Self> {
        let user = serde_json::to_string(&body.token.user).ok()?;
        let whole = serde_json::to_string(body).ok()?;
        let beginning = String::from_utf8(beginning(claims, &user, 0)?).ok()?;
        let rest = whole.strip_prefix(&beginning)?.strip_suffix(END)?;
        Some(Self { rest: rest.into(), user: user.into(), tail })
    }
}

/// A body up to its times, with room for so much more.
fn beginning(claims: &Claims, user: &str, room: usize) -> Option<Vec<u8>> {
    /// Names of members, methods, audit ids and times, generously.
    const OWN: usize = 300;
    let audit = &claims.audit;
    let mut text = Vec::with_capacity(OWN + user.len() + room);
    text.extend_from_slice(b"{\"token\":{\"methods\":");
    serde_json::to_writer(&mut text, &claims.methods).ok()?;
    text.extend_from_slice(b",\"user\":");
    text.extend_from_slice(user.as_bytes());
    text.extend_from_slice(b",\"audit_ids\":");
    match &audit.parent {
        None => serde_json::to_writer(&mut text, &[&audit.own]).ok()?,
        Some(parent) => serde_json::to_writer(&mut text, &[&audit.own, parent]).ok()?,
    }
    for (name, time) in [(",\"expires_at\":", claims.expires_at), (",\"issued_at\":", claims.issued_at)] {
        text.extend_from_slice(name.as_bytes());
        serde_json::to_writer(&mut text, &isotime_subsecond(time)).ok()?;
    }
    Some(text)
}
