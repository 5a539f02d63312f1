//! A value that is read once, and again when something that it rests on has changed.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwapOption;

use super::{Feed, Stamp, Topic};

/// For what is small and needed for nearly everything: the roles, the catalog.
pub struct Remembered<T> {
    feed: Feed,
    topics: Vec<Topic>,
    known: ArcSwapOption<(Stamp, Arc<T>)>,
}

impl<T> fmt::Debug for Remembered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl<T> Remembered<T> {
    /// Nothing yet; what is read rests on `topics`.
    pub fn new(feed: Feed, topics: impl IntoIterator<Item = Topic>) -> Self {
        Self { feed, topics: topics.into_iter().collect(), known: ArcSwapOption::empty() }
    }

    /// The value, if it need not be read.
    pub fn known(&self) -> Option<Arc<T>> {
        let known = self.known.load();
        let (stamp, value) = known.as_deref()?;
        self.feed.stands(stamp, &self.topics).then(|| Arc::clone(value))
    }

    /// The value as the database has it now. While the feed does not work it is read each time.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn get<E, R>(&self, read: impl FnOnce() -> R) -> Result<Arc<T>, E>
    where
        R: Future<Output = Result<T, E>>,
    {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // Before the read: a change that comes in between makes it old at once.
        let stamp = self.feed.stamp();
        let value = Arc::new(read().await?);
        if let Some(stamp) = stamp {
            self.known.store(Some(Arc::new((stamp, value.clone()))));
        }
        Ok(value)
    }
}
