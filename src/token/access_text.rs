//! What the bodies of all tokens of one user for one scope have in common, as text: made for the second of them. Most of what a
//! body says is that, and a service that rescopes tokens makes many of each.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use serde::Serializer as _;

use super::{body::END, wire::TokenBody};
use crate::domain::{claims::Claims, time::isotime_subsecond};

/// The text, once it was made. It is kept with an access, which is not kept longer than the user, the scope, the roles and the
/// tables of the catalog stay as they are; and it is no part of what that means: with or without it, one access is equal to
/// another.
#[derive(Debug, Default)]
pub struct KnownText {
    text: OnceLock<AccessText>,
    is_wanted: AtomicBool,
}

/// The parts of a body that follow from the access alone, and not from the claims of one token.
#[derive(Debug)]
pub(super) struct AccessText {
    /// The user.
    user: Box<str>,
    /// What comes after the times: the scope, the roles and so on, up to where the catalog would come.
    rest: Box<str>,
    /// From there on, with the catalog.
    pub(super) tail: OnceLock<Bytes>,
}

impl KnownText {
    pub(super) fn get(&self) -> Option<&AccessText> {
        self.text.get()
    }

    /// Whether somebody wanted it before: many users have one token and no other.
    pub(super) fn is_wanted_again(&self) -> bool {
        self.is_wanted.swap(true, Ordering::Relaxed)
    }

    /// Makes it, from the body without a catalog of a token with these claims. Two tokens with one access differ in nothing but
    /// methods, audit ids and times. `None`: the body does not begin with these.
    pub(super) fn learn(&self, claims: &Claims, body: &TokenBody<'_>) -> Option<&AccessText> {
        let made = AccessText::of(claims, body)?;
        Some(self.text.get_or_init(|| made))
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
    fn of(claims: &Claims, body: &TokenBody<'_>) -> Option<Self> {
        let user = serde_json::to_string(&body.token.user).ok()?;
        let whole = serde_json::to_string(body).ok()?;
        let mut beginning = Vec::new();
        write_beginning(claims, &user, &mut beginning)?;
        let rest = whole.strip_prefix(std::str::from_utf8(&beginning).ok()?)?.strip_suffix(END)?;
        Some(Self { rest: rest.into(), user: user.into(), tail: OnceLock::new() })
    }

    /// The body of a token with these claims, up to where the catalog would come.
    pub(super) fn head(&self, claims: &Claims) -> Option<Bytes> {
        let mut head = Vec::with_capacity(OWN + self.user.len() + self.rest.len());
        write_beginning(claims, &self.user, &mut head)?;
        head.extend_from_slice(self.rest.as_bytes());
        Some(head.into())
    }
}

/// Room for names of members, methods, audit ids and times, mostly.
const OWN: usize = 256;

/// Writes a body up to its times.
fn write_beginning(claims: &Claims, user: &str, text: &mut Vec<u8>) -> Option<()> {
    text.extend_from_slice(b"{\"token\":{\"methods\":");
    serde_json::to_writer(&mut *text, &claims.methods).ok()?;
    text.extend_from_slice(b",\"user\":");
    text.extend_from_slice(user.as_bytes());
    text.extend_from_slice(b",\"audit_ids\":");
    serde_json::Serializer::new(&mut *text).collect_seq(claims.audit.iter()).ok()?;
    for (name, time) in [(",\"expires_at\":", claims.expires_at), (",\"issued_at\":", claims.issued_at)] {
        text.extend_from_slice(name.as_bytes());
        serde_json::to_writer(&mut *text, &isotime_subsecond(time)).ok()?;
    }
    Some(())
}
