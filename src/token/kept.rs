//! Tokens that were found good, kept until anything that this rests on changes.
//!
//! Nothing is served from here unless all of this holds at that very moment: the change feed works and has told of no
//! change to what the token rests on; the keys are those that opened it; the clock has not reached the time at which the
//! answer changes by itself. Expiry is looked at each time. Tokens that are refused are never kept, so that a flood of
//! garbage takes no room.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{basis::Basis, valid::ValidToken};
use crate::{
    keys::KeySet,
    store::feed::{Feed, Kept, Sight, Stamp},
};
use chrono::{DateTime, Utc};

/// What is kept, and how often it could be used.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct KeptCounts {
    /// It could.
    pub hits: u64,
    /// There was nothing, or something it rests on had changed.
    pub misses: u64,
    /// The change feed does not work, or nothing is to be kept.
    pub bypasses: u64,
    /// Tokens that are kept now.
    pub kept: usize,
    /// The most that are kept.
    pub most: usize,
}

/// The tokens that are kept.
pub(super) struct KeptTokens {
    tokens: Kept<Box<str>, KeptToken>,
    hits: AtomicU64,
    misses: AtomicU64,
    bypasses: AtomicU64,
}

struct KeptToken {
    token: Arc<ValidToken>,
    keys: Arc<KeySet>,
    until: DateTime<Utc>,
}

/// A look at what is kept: at one time, with the keys of that time.
pub(super) struct Look<'k> {
    tokens: &'k Kept<Box<str>, KeptToken>,
    sight: Sight,
    keys: &'k Arc<KeySet>,
    now: DateTime<Utc>,
}

impl Look<'_> {
    /// The token, if it was kept and is as good as when it was. What comes of it is counted by [`KeptTokens::count`].
    pub(super) fn find(&self, text: &str) -> Option<Arc<ValidToken>> {
        self.tokens.get_at(self.sight, text, |found| {
            let stands = Arc::ptr_eq(&found.keys, self.keys) && self.now < found.until;
            stands.then(|| Arc::clone(&found.token))
        })
    }

    /// As [`Look::find`], of a token that neither access rules may restrict nor has expired.
    pub(super) fn find_plain(&self, text: &str) -> Option<Arc<ValidToken>> {
        self.find(text).filter(|found| found.is_plain(self.now))
    }
}

impl KeptTokens {
    /// Room for `most` tokens.
    pub(super) fn new(feed: Feed, most: usize) -> Self {
        Self {
            tokens: Kept::new(feed, most),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            bypasses: AtomicU64::new(0),
        }
    }

    /// To be taken before anything about a token is read that is to be kept.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.tokens.stamp()
    }

    /// To be taken at each request, for all tokens that come with it. `None`: nothing that is kept may be used.
    pub(super) fn look<'k>(&'k self, keys: &'k Arc<KeySet>, now: DateTime<Utc>) -> Option<Look<'k>> {
        Some(Look { tokens: &self.tokens, sight: self.tokens.sight()?, keys, now })
    }

    /// Counts tokens that were found, or not.
    pub(super) fn count(&self, found: bool, tokens: u64) {
        let counter = match (found, self.tokens.is_working()) {
            (true, _) => &self.hits,
            (false, true) => &self.misses,
            (false, false) => &self.bypasses,
        };
        counter.fetch_add(tokens, Ordering::Relaxed);
    }

    /// Keeps a token that was found good with what was read since `stamp`.
    pub(super) fn put(&self, text: &str, token: &Arc<ValidToken>, keys: Arc<KeySet>, stamp: Stamp, basis: &Basis) {
        let kept = KeptToken { token: Arc::clone(token), keys, until: basis.until() };
        self.tokens.put(text.into(), kept, stamp, basis.topics());
    }

    pub(super) fn counts(&self) -> KeptCounts {
        let (kept, most) = self.tokens.fill();
        KeptCounts {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bypasses: self.bypasses.load(Ordering::Relaxed),
            kept,
            most,
        }
    }
}
