//! The change feed: how this process learns, within a second at worst, of what anybody writes into the database.
//!
//! What was read from the database may be kept for as long as nothing it was made from has changed. The feed says so:
//! `triggers` make Postgres announce every change, by [`Topic`]; `postgres` listens, and `sqlite` looks whether the file
//! has changed; [`ledger`] notes when what changed last, and until when it knows of all changes.
//!
//! The promise rests on one argument. A beat is sent through the same queue as the announcements, and comes back after
//! all those that were committed before it was sent. So a beat that came back proves that the ledger knew, at that time,
//! of every change up to the time at which the beat was sent; from then on what was kept may be used for
//! [`TRUSTED_FOR`], and not longer. A listener that is silent, cut off or behind lets that time pass, and everything is
//! read from the database until it is back.

mod kept;
pub mod ledger;
mod postgres;
mod remembered;
mod sqlite;
mod topic;
pub mod triggers;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, timeout},
};

use self::ledger::Ledger;
pub use self::{
    kept::Kept,
    ledger::{Sight, Stamp},
    remembered::Remembered,
    topic::Topic,
};
use super::query::Query;

/// How long after a beat was sent its return is a reason to trust what is kept.
pub const TRUSTED_FOR: Duration = Duration::from_millis(900);

/// How often a beat is sent.
const BEAT_INTERVAL: Duration = Duration::from_millis(250);

/// A beat that takes longer to come back is lost. With the interval this is less than [`TRUSTED_FOR`], so that silence is
/// noticed before trust ends by itself.
const SILENCE: Duration = Duration::from_millis(600);

/// How often a SQLite file is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// How long to wait before the next attempt to listen.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// What the database is followed by.
#[derive(Clone)]
pub(super) enum Source {
    /// A listener of its own on the server.
    Postgres(Box<PgConnectOptions>),
    /// A connection of its own to the file.
    SqliteFile(Box<SqliteConnectOptions>),
    /// Nobody else can write.
    Private,
}

/// The feed as those see it who keep what they read. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    source: Source,
    ledger: Ledger,
    /// Tells the marks of this process from those of others.
    nonce: String,
    marks: AtomicU64,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("working", &self.is_working()).finish_non_exhaustive()
    }
}

/// How the feed is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedState {
    /// Nobody follows the database: everything is read from it.
    NotFollowed,
    /// Changes are known as they happen.
    Working,
    /// It cannot be said what has changed: everything is read from the database.
    Broken,
}

/// A task that follows the database. Dropping this ends it.
#[must_use = "the database is followed only while this is held"]
#[derive(Debug)]
pub struct Following(Option<JoinHandle<()>>);

impl Following {
    /// Of a task that keeps something up with the database; `None`: there is nothing to keep up.
    pub(super) fn with(task: Option<JoinHandle<()>>) -> Self {
        Self(task)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Feed {
    pub(super) fn new(source: Source) -> Self {
        // Not a secret: it only has to differ from those of other processes on the same database.
        let nonce = uuid::Uuid::from_u128(nonce()).simple().to_string();
        Self(Arc::new(Inner { source, ledger: Ledger::new(), nonce, marks: AtomicU64::new(0) }))
    }

    /// Follows the database from now on, within a Tokio runtime.
    pub fn follow(&self) -> Following {
        let feed = self.clone();
        self.0.ledger.set_followed();
        match &self.0.source {
            Source::Private => {
                self.0.ledger.trust_for_good();
                Following::with(None)
            }
            Source::Postgres(options) => {
                let options = options.as_ref().clone();
                Following::with(Some(tokio::spawn(async move { postgres::follow(&feed, options).await })))
            }
            Source::SqliteFile(options) => {
                let options = options.as_ref().clone();
                Following::with(Some(tokio::spawn(async move { sqlite::follow(&feed, options).await })))
            }
        }
    }

    /// Whether what was read may be kept just now.
    pub fn is_working(&self) -> bool {
        self.0.ledger.is_trusted()
    }

    /// How the feed is doing.
    pub fn state(&self) -> FeedState {
        match (self.is_working(), self.0.ledger.is_followed()) {
            (true, _) => FeedState::Working,
            (false, true) => FeedState::Broken,
            (false, false) => FeedState::NotFollowed,
        }
    }

    /// How often it was confirmed that all changes are known.
    pub fn beats(&self) -> u64 {
        self.0.ledger.beats()
    }

    /// How often the feed worked and then did not.
    pub fn losses(&self) -> u64 {
        self.0.ledger.losses()
    }

    /// How many announcements of changes there were, and reasons to take everything for changed.
    pub fn changes(&self) -> u64 {
        self.0.ledger.count()
    }

    /// Returns when `condition` holds; it is asked now and at every piece of news.
    pub async fn wait_until(&self, condition: impl Fn(&Self) -> bool + Send) {
        let mut news = self.0.ledger.news();
        // The sender lives as long as this does.
        let _ = news.wait_for(|()| condition(self)).await;
    }

    /// To be taken before something is read that is to be kept: what changes from now on is a reason to read it again.
    /// `None`: it may not be kept.
    pub fn stamp(&self) -> Option<Stamp> {
        self.0.ledger.stamp()
    }

    /// What is known of the database now. `None`: nothing that was kept may be used.
    pub fn sight(&self) -> Option<Sight> {
        self.0.ledger.sight()
    }

    /// Whether what was read under `stamp`, and depends on `topics`, is still as it was. A stamp belongs to one thing that
    /// was read: it is moved on when that is found to stand, so that it must not be asked about with other topics.
    pub fn stands(&self, stamp: &Stamp, topics: &[Topic]) -> bool {
        self.sight().is_some_and(|sight| self.0.ledger.stands(sight, stamp, topics))
    }

    /// As [`Feed::stands`], of a stamp under which several things were read, on different topics: it is not moved on.
    pub fn stood(&self, stamp: &Stamp, topics: &[Topic]) -> bool {
        self.sight().is_some_and(|sight| self.0.ledger.stood(sight, stamp, topics))
    }

    /// The statement that has to run last in a transaction, so that [`Feed::wait_for`] knows when the ledger has its
    /// changes; `None` where no listener waits for it.
    pub(super) fn mark(&self) -> Option<Mark> {
        let is_postgres = matches!(self.0.source, Source::Postgres(_));
        (is_postgres && self.is_working()).then(|| {
            let number = self.0.marks.fetch_add(1, Ordering::Relaxed) + 1;
            let announced = self.0.ledger.expect_mark(number);
            Mark { announced, payload: format!("{MARK} {} {number}", self.0.nonce) }
        })
    }

    /// After a commit: returns when what was kept takes the change into account. Whoever is answered after this sees it.
    pub(super) async fn wait_for(&self, mark: Option<Mark>) {
        match (&self.0.source, mark) {
            (Source::Postgres(_), Some(mark)) => {
                if !matches!(timeout(TRUSTED_FOR, mark.announced).await, Ok(Ok(()))) {
                    // The commit is not undone by this; but nothing that was kept may be used any more.
                    self.0.ledger.distrust("a change of our own was not announced in time");
                }
            }
            // No mark, because the feed did not work when the change was made. Should it have begun to work since, then
            // with a ledger that counts from after this commit or knows of it; to be sure, forget everything.
            (Source::Postgres(_), None) => self.0.ledger.note_everything(),
            (Source::SqliteFile(_) | Source::Private, _) => self.0.ledger.note_everything(),
        }
    }

    fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// What a listener makes of an announcement.
    fn take(&self, payload: &str) -> Option<u64> {
        let mut words = payload.split(' ');
        match words.next() {
            Some(CHANGED) => {
                let mut topics = Vec::new();
                for word in words {
                    match Topic::from_announcement(word) {
                        Some(topic) => topics.push(topic),
                        None => return self.everything(),
                    }
                }
                self.0.ledger.note(&topics);
                None
            }
            Some(MARK) if words.next() == Some(self.0.nonce.as_str()) => {
                self.0.ledger.note_mark(words.next()?.parse().ok()?);
                None
            }
            Some(BEAT) if words.next() == Some(self.0.nonce.as_str()) => words.next()?.parse().ok(),
            // Another process's.
            Some(MARK | BEAT) => None,
            _ => self.everything(),
        }
    }

    fn everything(&self) -> Option<u64> {
        self.0.ledger.note_everything();
        None
    }

    fn beat(&self, number: u64) -> String {
        format!("{BEAT} {} {number}", self.0.nonce)
    }

    /// A beat that was sent at `sent` came back.
    fn confirmed(&self, sent: Instant) {
        self.0.ledger.trust_until(sent + TRUSTED_FOR);
    }
}

/// What a transaction announces last.
pub(super) struct Mark {
    announced: oneshot::Receiver<()>,
    payload: String,
}

impl Mark {
    /// Announces it, at the commit of the transaction in which this runs.
    pub(super) fn query(&self) -> Query<()> {
        let sql = "SELECT pg_notify($1, $2)::text AS announced";
        Query::new("pg_notify", sql, vec![CHANNEL.into(), self.payload.as_str().into()], |_| Ok(()))
    }
}

/// The channel of Postgres that everything is announced on.
const CHANNEL: &str = "fernstone";

/// The first word of an announcement: what follows are topics.
const CHANGED: &str = "changed";
/// A transaction's end.
const MARK: &str = "mark";
/// A listener's own pulse.
const BEAT: &str = "beat";

#[expect(clippy::disallowed_methods, reason = "a name for this process, nothing that a test would want to fix")]
fn nonce() -> u128 {
    let mut bytes = [0; 16];
    // All zeros would be a name too, though perhaps not the only one: then a process waits for marks that come early.
    let _ = getrandom::fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed() -> Feed {
        let feed = Feed::new(Source::Private);
        feed.ledger().trust_for_good();
        feed
    }

    #[test]
    fn an_announcement_ends_what_depends_on_it() {
        let feed = feed();
        let (mine, other) = (Topic::user(&"me".into()), Topic::user(&"you".into()));
        let (Some(of_mine), Some(of_both)) = (feed.stamp(), feed.stamp()) else { panic!("a working feed stamps") };
        assert!(feed.stands(&of_mine, &[mine]));
        assert_eq!(feed.take(&format!("changed {}", other.announcement())), None);
        assert!(feed.stands(&of_mine, &[mine]) && !feed.stands(&of_both, &[mine, other]));
        feed.take(&format!("changed {} {}", other.announcement(), mine.announcement()));
        assert!(!feed.stands(&of_mine, &[mine]));
    }

    #[test]
    fn what_cannot_be_understood_ends_everything() {
        for payload in ["changed *", "changed zz", "", "hello", "changed 0123456789abcde"] {
            let feed = feed();
            let Some(stamp) = feed.stamp() else { panic!("a working feed stamps") };
            feed.take(payload);
            assert!(!feed.stands(&stamp, &[]), "{payload}");
        }
    }

    #[test]
    fn only_our_own_beats_and_marks_count() {
        let (feed, other) = (feed(), feed());
        assert_eq!(feed.take(&feed.beat(7)), Some(7));
        assert_eq!(feed.take(&other.beat(7)), None);
        let Some(stamp) = feed.stamp() else { panic!("a working feed stamps") };
        feed.take("mark somebody 3");
        assert!(feed.stands(&stamp, &[]), "another process's mark changes nothing");
    }
}
