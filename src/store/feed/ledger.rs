//! What changed when, and until when that is known.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{oneshot, watch},
    time::Instant,
};

use super::topic::Topic;

/// So many topics are remembered one by one; then all are forgotten at once, and everything kept is read again.
const MOST_TOPICS: usize = 200_000;

/// For a process to which nothing can happen from outside.
const FOR_GOOD: u64 = u64::MAX;

/// How far the ledger was when something was read, or when it was last found to stand.
#[derive(Debug)]
pub struct Stamp(AtomicU64);

/// How far the ledger was at a time when it was trusted. It is for answers to one request, which may have come before that time
/// but is not over: whatever it finds to stand was so while the request was under way.
#[derive(Debug, Clone, Copy)]
pub struct Sight(u64);

/// The ledger.
pub(super) struct Ledger {
    /// Changes so far.
    count: AtomicU64,
    changes: RwLock<Changes>,
    /// Nanoseconds after `origin`; 0: not trusted.
    trusted_until: AtomicU64,
    origin: Instant,
    is_followed: AtomicBool,
    /// Transactions of our own whose announcements are waited for, by their marks.
    marks: Mutex<HashMap<u64, oneshot::Sender<()>>>,
    /// How often trust was confirmed.
    beats: AtomicU64,
    /// How often there was trust, and it ended.
    losses: AtomicU64,
    /// Told of every note, and whenever trust is confirmed or ends.
    news: watch::Sender<()>,
}

#[derive(Default)]
struct Changes {
    last: HashMap<Topic, u64>,
    /// Everything changed then.
    everything: u64,
}

impl Changes {
    /// Whether there were any to one of these, after so many.
    fn have_touched(&self, topics: &[Topic], seen: u64) -> bool {
        self.everything > seen || topics.iter().any(|topic| self.last.get(topic).is_some_and(|change| *change > seen))
    }
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            count: AtomicU64::new(0),
            changes: RwLock::default(),
            trusted_until: AtomicU64::new(0),
            origin: Instant::now(),
            is_followed: AtomicBool::new(false),
            marks: Mutex::default(),
            beats: AtomicU64::new(0),
            losses: AtomicU64::new(0),
            news: watch::channel(()).0,
        }
    }

    pub(super) fn stamp(&self) -> Option<Stamp> {
        // In this order: a change that is noted after the count was read is a change after the stamp.
        let count = self.count.load(Ordering::Acquire);
        self.is_trusted().then(|| Stamp(AtomicU64::new(count)))
    }

    /// What the ledger shows now. `None`: it is not trusted.
    pub(super) fn sight(&self) -> Option<Sight> {
        self.is_trusted().then(|| Sight(self.count.load(Ordering::Acquire)))
    }

    /// Whether what was read under `stamp` is what the database would have answered at the time of `sight`, or later.
    pub(super) fn stands(&self, sight: Sight, stamp: &Stamp, topics: &[Topic]) -> bool {
        let stood = self.stood(sight, stamp, topics);
        if stood {
            // What was noted up to there is taken into account; the next look is short.
            stamp.0.fetch_max(sight.0, Ordering::Relaxed);
        }
        stood
    }

    /// The same, and the stamp stays what it was: other things have it, too.
    pub(super) fn stood(&self, Sight(count): Sight, stamp: &Stamp, topics: &[Topic]) -> bool {
        let seen = stamp.0.load(Ordering::Relaxed);
        seen == count || !self.read().have_touched(topics, seen)
    }

    /// Notes that these have changed.
    pub(super) fn note(&self, topics: &[Topic]) {
        if topics.is_empty() {
            return;
        }
        let mut changes = self.write();
        let count = self.count.load(Ordering::Relaxed) + 1;
        if changes.last.len() + topics.len() > MOST_TOPICS {
            changes.last.clear();
            changes.everything = count;
        } else {
            changes.last.extend(topics.iter().map(|topic| (*topic, count)));
        }
        self.count.store(count, Ordering::Release);
        self.news.send_replace(());
    }

    /// Notes that anything may have changed.
    pub(super) fn note_everything(&self) {
        let mut changes = self.write();
        let count = self.count.load(Ordering::Relaxed) + 1;
        changes.last.clear();
        changes.everything = count;
        self.count.store(count, Ordering::Release);
        self.news.send_replace(());
    }

    /// Answers when the mark with this number is announced.
    pub(super) fn expect_mark(&self, number: u64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut marks = self.marks();
        // Of transactions that came to nothing.
        marks.retain(|_, sender| !sender.is_closed());
        marks.insert(number, sender);
        receiver
    }

    pub(super) fn note_mark(&self, number: u64) {
        if let Some(sender) = self.marks().remove(&number) {
            // Who no longer waits does not mind.
            let _ = sender.send(());
        }
    }

    fn marks(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_trusted(&self) -> bool {
        match self.trusted_until.load(Ordering::Acquire) {
            0 => false,
            FOR_GOOD => true,
            until => self.origin.elapsed() < Duration::from_nanos(until),
        }
    }

    pub(super) fn trust_until(&self, until: Instant) {
        let nanoseconds = until.saturating_duration_since(self.origin).as_nanos();
        self.trusted_until.fetch_max(u64::try_from(nanoseconds).unwrap_or(FOR_GOOD - 1), Ordering::AcqRel);
        self.beats.fetch_add(1, Ordering::Relaxed);
        self.news.send_replace(());
    }

    pub(super) fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    pub(super) fn losses(&self) -> u64 {
        self.losses.load(Ordering::Relaxed)
    }

    /// Changes noted so far.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Notes and changes of trust from now on.
    pub(super) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    pub(super) fn trust_for_good(&self) {
        self.trusted_until.store(FOR_GOOD, Ordering::Release);
    }

    /// Nothing that was kept may be used until a beat has come back; and nothing kept before counts then.
    pub(super) fn distrust(&self, reason: &str) {
        if self.trusted_until.swap(0, Ordering::AcqRel) != 0 {
            self.losses.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(reason, "the change feed does not work: everything is read from the database");
        }
        self.note_everything();
    }

    pub(super) fn is_followed(&self) -> bool {
        self.is_followed.load(Ordering::Relaxed)
    }

    pub(super) fn set_followed(&self) {
        self.is_followed.store(true, Ordering::Relaxed);
    }

    fn read(&self) -> RwLockReadGuard<'_, Changes> {
        self.changes.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Changes> {
        self.changes.write().unwrap_or_else(PoisonError::into_inner)
    }
}
