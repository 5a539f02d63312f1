//! The keys in memory, following the directory.
//!
//! Requests take a [`KeySet`] from here without touching the disk. One thread reads: when the directory reports a change,
//! at every poll, and when somebody asks for a fresh look. It is a thread of its own, and not a task of the async
//! runtime, so that neither a slow disk nor a runtime whose blocking threads all hash passwords delays the other.
//!
//! **Freshness.** A change of the directory is seen at once where change events work, and within the poll interval where
//! they do not. [`KeyRing::look_again`] answers with a reading that began after the call.
//!
//! **Failure.** A directory that is gone, closed or no directory holds no keys, as with Keystone: its keys may have been
//! taken away on purpose, and keeping them would keep removed keys alive. Only an error that says nothing about the
//! directory (too many open files, no memory, a stale NFS handle) leaves the keys as they are, for as long as they would
//! have been served without another look anyway; it is retried, and then the directory counts as closed.

use std::{
    collections::BTreeSet,
    fmt, io,
    ops::Deref,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tracing::{debug, error, info};

use super::{
    history::DatedKey,
    notice::Notice,
    repository::{KeyRepository, Look},
    set::KeySet,
    watch::DirectoryWatch,
};

/// How a ring follows its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowSettings {
    /// The longest time between two readings. Default: 500 ms, so that also without change events a removed key stops
    /// opening tokens within a second.
    pub poll_interval: Duration,
    /// The shortest time between the beginnings of two readings; who asks for a look earlier waits. Default: 20 ms, so
    /// that a flood of garbage tokens costs at most fifty readings per second.
    pub pause: Duration,
    /// Whether the system is asked to report changes. Default: true.
    pub change_events: bool,
}

impl Default for FollowSettings {
    fn default() -> Self {
        Self { poll_interval: Duration::from_millis(500), pause: Duration::from_millis(20), change_events: true }
    }
}

/// How long keys are served after the beginning of the last reading that succeeded, while readings fail for passing
/// reasons. With the poll interval it stays below the second that a removed key may live.
const PATIENCE: Duration = Duration::from_millis(800);

/// A shared handle to the current keys. Clones are the same ring; the last one that is dropped ends it.
#[derive(Clone)]
pub struct KeyRing {
    shared: Arc<Shared>,
    /// Ends the reading thread when the last handle goes; the thread itself holds only `shared`.
    reader: Option<Arc<Reader>>,
}

struct Shared {
    current: ArcSwap<KeySet>,
    /// What the last reading saw of the files.
    dated: ArcSwap<Vec<DatedKey>>,
    /// Looks asked for so far. The number that a call of `look_again` makes of it is its ticket.
    asked: AtomicU64,
    /// Readings begun so far.
    readings: AtomicU64,
    /// The highest ticket that had been given out when the last finished reading began, and what it found.
    answered: watch::Sender<(u64, Arc<KeySet>)>,
}

/// The sending side of the reading thread.
struct Reader {
    /// Holds at most one signal: one is enough to wake the thread, and it looks at everything asked until then.
    wake: SyncSender<()>,
    stop: Arc<AtomicBool>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        _ = self.wake.try_send(());
    }
}

impl KeyRing {
    /// A ring that follows `repository`. The first reading is done here, so this blocks for the time of some file reads;
    /// a repository without keys gives a ring without keys, and one that gets some later fills it.
    ///
    /// # Errors
    /// The reading thread could not be started.
    pub fn follow(repository: KeyRepository, settings: FollowSettings) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(KeySet::empty()));
        let (wake, woken) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let mut follower = Follower {
            shared: Arc::clone(&shared),
            repository,
            settings,
            wake: wake.clone(),
            stop: Arc::clone(&stop),
            watch: DirectoryWatch::default(),
            known: BTreeSet::new(),
            begun: None,
            succeeded: None,
        };
        follower.read();
        thread::Builder::new().name("key-ring".to_owned()).spawn(move || follower.run(&woken))?;
        Ok(Self { shared, reader: Some(Arc::new(Reader { wake, stop })) })
    }

    /// A ring that always holds `keys`, for tests and for keys that come from elsewhere than a directory.
    pub fn fixed(keys: KeySet) -> Self {
        Self { shared: Arc::new(Shared::new(keys)), reader: None }
    }

    /// The keys as they are known now. No I/O. The same [`Arc`] as long as nothing changes.
    pub fn snapshot(&self) -> Arc<KeySet> {
        self.shared.current.load_full()
    }

    /// As [`KeyRing::snapshot`], for a moment: nothing is counted, which all cores would do at one place.
    pub fn glance(&self) -> impl Deref<Target = Arc<KeySet>> {
        self.shared.current.load()
    }

    /// The keys as they are on disk at some moment after this call began. All who wait are served by one reading, and
    /// readings are apart by [`FollowSettings::pause`], so a flood of calls makes callers wait and not the disk work.
    pub async fn look_again(&self) -> Arc<KeySet> {
        let Some(reader) = &self.reader else { return self.snapshot() };
        let ticket = self.shared.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut answered = self.shared.answered.subscribe();
        // A full channel means that a signal is waiting: the thread has yet to take it, and will then see this ticket.
        _ = reader.wake.try_send(());
        match answered.wait_for(|(highest, _)| *highest >= ticket).await {
            Ok(answer) => Arc::clone(&answer.1),
            // The sender is in `shared`, which is borrowed here; the ring cannot have ended.
            Err(_) => self.snapshot(),
        }
    }

    /// Follows the keys: the receiver sees the present set, and each set after it that differs.
    pub fn subscribe(&self) -> KeyChanges {
        KeyChanges { shared: Arc::clone(&self.shared), answered: self.shared.answered.subscribe() }
    }

    /// The files that the last reading found, with their times; none for keys that come from elsewhere.
    pub fn dated(&self) -> Arc<Vec<DatedKey>> {
        self.shared.dated.load_full()
    }

    /// How often the directory has been read. For tests and metrics.
    pub fn readings(&self) -> u64 {
        self.shared.readings.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.snapshot()).finish_non_exhaustive()
    }
}

/// Tells when the keys of a ring change.
#[derive(Clone)]
pub struct KeyChanges {
    shared: Arc<Shared>,
    answered: watch::Receiver<(u64, Arc<KeySet>)>,
}

impl KeyChanges {
    /// Waits until the keys fulfil `condition`, and gives them. Never returns on a ring whose keys never do.
    pub async fn wait_until(&mut self, mut condition: impl FnMut(&KeySet) -> bool) -> Arc<KeySet> {
        match self.answered.wait_for(|(_, keys)| condition(keys)).await {
            Ok(answer) => Arc::clone(&answer.1),
            Err(_) => self.shared.current.load_full(),
        }
    }
}

impl Shared {
    fn new(keys: KeySet) -> Self {
        let keys = Arc::new(keys);
        Self {
            current: ArcSwap::new(Arc::clone(&keys)),
            asked: AtomicU64::new(0),
            dated: ArcSwap::default(),
            readings: AtomicU64::new(0),
            answered: watch::channel((0, keys)).0,
        }
    }
}

/// The reading thread.
struct Follower {
    shared: Arc<Shared>,
    repository: KeyRepository,
    settings: FollowSettings,
    wake: SyncSender<()>,
    stop: Arc<AtomicBool>,
    watch: DirectoryWatch,
    /// What has been logged and still holds: each thing is said once, not at every poll.
    known: BTreeSet<Notice>,
    /// When the last reading began, and the last one that succeeded.
    begun: Option<Instant>,
    succeeded: Option<Instant>,
}

impl Follower {
    fn run(mut self, woken: &Receiver<()>) {
        let mut wait = self.settings.poll_interval;
        loop {
            match woken.recv_timeout(wait) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(begun) = self.begun {
                thread::sleep(self.settings.pause.saturating_sub(begun.elapsed()));
            }
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            // A reading that failed for a passing reason answered nobody, and is done again soon.
            wait = if self.read() { self.settings.poll_interval } else { self.settings.pause };
        }
    }

    /// Reads the directory and publishes what it found; false if that has to be tried again.
    fn read(&mut self) -> bool {
        let begun = Instant::now();
        self.begun = Some(begun);
        if self.settings.change_events {
            let wake = self.wake.clone();
            self.watch.follow(self.repository.path(), move || _ = wake.try_send(()));
        }
        // Everyone with a ticket up to this one asked before the reading begins.
        let ticket = self.shared.asked.load(Ordering::SeqCst);
        self.shared.readings.fetch_add(1, Ordering::SeqCst);
        let look = self.repository.look();
        self.take_in(ticket, begun, look)
    }

    /// Publishes what a reading found that began at `begun`; false if it failed and says nothing about the keys.
    fn take_in(&mut self, ticket: u64, begun: Instant, look: io::Result<Look>) -> bool {
        let look = match look {
            Ok(look) => {
                self.succeeded = Some(begun);
                look
            }
            Err(error) if self.succeeded.is_some_and(|succeeded| succeeded.elapsed() < PATIENCE) => {
                debug!("Reading the keys in {} is tried again: {error}", self.repository.path().display());
                return false;
            }
            Err(error) => self.repository.look_at_closed(&error),
        };
        self.publish(ticket, look);
        true
    }

    fn publish(&mut self, ticket: u64, look: Look) {
        let notices: BTreeSet<Notice> = look.notices.iter().cloned().collect();
        look.notices.iter().filter(|notice| !self.known.contains(notice)).for_each(Notice::log);
        self.known = notices;
        if **self.shared.dated.load() != look.dated {
            self.shared.dated.store(Arc::new(look.dated));
        }
        let mut keys = self.shared.current.load_full();
        if !keys.same_as(&look.keys) {
            log_change(self.repository.path(), &look.keys);
            keys = Arc::new(look.keys);
            self.shared.current.store(Arc::clone(&keys));
        }
        self.shared.answered.send_replace((ticket, keys));
    }
}

impl Drop for Follower {
    /// A thread that ends without having been told to has panicked. Keys that nobody follows any more must not be served.
    fn drop(&mut self) {
        if !self.stop.load(Ordering::SeqCst) {
            error!("The keys in {} are no longer followed", self.repository.path().display());
            let none = Arc::new(KeySet::empty());
            self.shared.current.store(Arc::clone(&none));
            self.shared.dated.store(Arc::default());
            self.shared.answered.send_replace((u64::MAX, none));
        }
    }
}

fn log_change(path: &Path, keys: &KeySet) {
    let numbers: Vec<String> = keys.iter().map(|key| key.number().to_string()).collect();
    info!(keys = numbers.join(" "), "Loaded the keys of {}", path.display());
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use std::{num::NonZeroU32, sync::Mutex};

    use rustix::io::Errno;
    use tracing::{Subscriber, field::Visit};
    use tracing_subscriber::{Layer, layer::Context, prelude::*};

    use super::*;
    use crate::{
        domain::random::SeededRandom,
        keys::{KeyOwner, PrimaryKeyError},
    };

    /// A follower without its thread, so that a test decides what it reads and when.
    fn follower(base: &Path) -> Follower {
        let repository = KeyRepository::new(base.join("keys"), NonZeroU32::MIN.saturating_add(2));
        repository.setup(KeyOwner::default(), &*SeededRandom::new(1)).unwrap();
        let settings = FollowSettings { change_events: false, ..FollowSettings::default() };
        Follower {
            shared: Arc::new(Shared::new(KeySet::empty())),
            repository,
            settings,
            wake: sync_channel(1).0,
            stop: Arc::new(AtomicBool::new(false)),
            watch: DirectoryWatch::default(),
            known: BTreeSet::new(),
            begun: None,
            succeeded: None,
        }
    }

    #[test]
    fn an_error_that_says_nothing_about_the_keys_keeps_them_and_answers_nobody() {
        let base = tempfile::tempdir().unwrap();
        let mut follower = follower(base.path());
        assert!(follower.read());
        let before = follower.shared.current.load_full();
        assert!(!follower.take_in(7, Instant::now(), Err(Errno::MFILE.into())));
        assert!(Arc::ptr_eq(&before, &follower.shared.current.load_full()));
        assert_eq!(follower.shared.answered.borrow().0, 0);
    }

    #[test]
    fn an_error_that_stays_closes_the_repository_before_a_second_is_over() {
        let base = tempfile::tempdir().unwrap();
        let mut follower = follower(base.path());
        assert!(follower.read());
        follower.succeeded = Instant::now().checked_sub(PATIENCE);
        assert!(follower.take_in(7, Instant::now(), Err(Errno::MFILE.into())));
        let keys = follower.shared.current.load_full();
        assert_eq!(keys.primary().unwrap_err(), PrimaryKeyError::KeysNotFound);
        assert_eq!(follower.shared.answered.borrow().0, 7);
        assert!(follower.read(), "and the next reading that succeeds opens it again");
        assert!(follower.shared.current.load().primary().is_ok());
    }

    #[test]
    fn a_reading_thread_that_dies_takes_its_keys_along() {
        let base = tempfile::tempdir().unwrap();
        let mut follower = follower(base.path());
        assert!(follower.read());
        let shared = Arc::clone(&follower.shared);
        drop(follower);
        assert!(shared.current.load().is_empty());
        assert_eq!(shared.answered.borrow().0, u64::MAX, "nobody waits for an answer that never comes");
    }

    #[derive(Clone, Default)]
    struct Warnings(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Warnings {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            if *event.metadata().level() <= tracing::Level::WARN {
                event.record(&mut self.clone());
            }
        }
    }

    impl Visit for Warnings {
        fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn fmt::Debug) {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }

    #[test]
    fn what_is_odd_is_said_once_per_change_and_not_at_every_poll() {
        let base = tempfile::tempdir().unwrap();
        let mut follower = follower(base.path());
        let warnings = Warnings::default();
        let bad = follower.repository.path().join("0");
        let good = std::fs::read(&bad).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(warnings.clone()), || {
            let mut said = |content: &[u8]| {
                std::fs::write(&bad, content).unwrap();
                (0..3).for_each(|_| assert!(follower.read()));
                std::mem::take(&mut *warnings.0.lock().unwrap())
            };
            let first = said(b"garbage");
            assert_eq!(first.len(), 1, "{first:?}");
            assert!(first[0].contains(bad.to_str().unwrap()) && first[0].contains("Fernet key must be 32"));
            assert_eq!(said(b""), [format!("Ignoring empty key found in key repository: {}", bad.display())]);
            assert!(said(&good).is_empty());
            assert_eq!(said(b"garbage"), first, "again after it had been good");
        });
    }
}
