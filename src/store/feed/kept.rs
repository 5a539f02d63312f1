//! Values by key, each for as long as nothing that it rests on has changed.

use std::{fmt, hash::Hash, sync::Arc};

use quick_cache::{Equivalent, sync::Cache};

use super::{Feed, Sight, Stamp, Topic};

/// For what is read again and again and comes in great numbers: users, projects, tokens. It has an end: what was not asked
/// for makes room. Clones share everything.
pub struct Kept<K, V> {
    feed: Feed,
    /// `None`: nothing is kept.
    entries: Option<Arc<Cache<K, Arc<Entry<V>>>>>,
    most: usize,
}

struct Entry<V> {
    value: V,
    stamp: Stamp,
    topics: Box<[Topic]>,
}

impl<K, V> Clone for Kept<K, V> {
    fn clone(&self) -> Self {
        Self { feed: self.feed.clone(), entries: self.entries.clone(), most: self.most }
    }
}

impl<K, V> fmt::Debug for Kept<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("most", &self.most).finish_non_exhaustive()
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Room for `most` values; 0: nothing is kept.
    pub fn new(feed: Feed, most: usize) -> Self {
        Self { feed, entries: (most > 0).then(|| Arc::new(Cache::new(most))), most }
    }

    /// To be taken before anything is read of a value that is to be kept. `None`: it cannot be, now.
    pub fn stamp(&self) -> Option<Stamp> {
        self.entries.as_ref().and_then(|_| self.feed.stamp())
    }

    /// What `pick` makes of the value, if it was kept and is what the database would answer now.
    pub fn get<Q, T>(&self, key: &Q, pick: impl FnOnce(&V) -> Option<T>) -> Option<T>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.get_at(self.feed.sight()?, key, pick)
    }

    /// What [`Kept::get`] may rely on. For several values that one request takes.
    pub fn sight(&self) -> Option<Sight> {
        self.feed.sight()
    }

    /// As [`Kept::get`], with what is known of the database already.
    pub fn get_at<Q, T>(&self, sight: Sight, key: &Q, pick: impl FnOnce(&V) -> Option<T>) -> Option<T>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let found = self.entries.as_ref()?.get(key)?;
        let stands = self.feed.ledger().stands(sight, &found.stamp, &found.topics);
        if stands { pick(&found.value) } else { None }
    }

    /// Keeps what was read since `stamp` and rests on `topics`.
    pub fn put(&self, key: K, value: V, stamp: Stamp, topics: impl Into<Box<[Topic]>>) {
        if let Some(entries) = &self.entries {
            entries.insert(key, Arc::new(Entry { value, stamp, topics: topics.into() }));
        }
    }

    /// Whether anything can be served from here now.
    pub fn is_working(&self) -> bool {
        self.entries.is_some() && self.feed.is_working()
    }

    /// How many values are kept now, and at most.
    pub fn fill(&self) -> (usize, usize) {
        (self.entries.as_ref().map_or(0, |entries| entries.len()), self.most)
    }
}
