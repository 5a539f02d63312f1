//! Connections that are kept open between statements.
//!
//! Why not sqlx's own pool: it asks the server after every statement whether the connection still lives, which doubles
//! the load of a server whose statements are as short as ours, and while a server refuses connections it lets every
//! request wait for the whole time-out. Here a lost connection shows in the statement that meets it (see
//! [`Pool::forget_idle`] for what happens then), and a refusal is an answer at once.
//!
//! Nobody waits for ever: not for a connection ([`Limits::wait`]), not in a crowd ([`Limits::queue`]), and not for a server
//! that took a statement and then says nothing ([`Limits::statement`]).

use std::{
    future::Future,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use sqlx::ConnectOptions as _;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError},
    time::{Instant, sleep, timeout},
};

use super::{backend::Backend, query::Part, row::Row};

/// How long connecting may take, when there is time to wait for a connection at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait for another one who connects, before the next attempt.
const MOMENT: Duration = Duration::from_millis(5);

/// A connection beyond those to keep is closed when it was of no use for so long.
const SPARE_TIME: Duration = Duration::from_secs(60);

/// How many connections there may be, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// At most so many at a time.
    pub(super) most: usize,
    /// So many stay open when nobody uses them.
    pub(super) kept: usize,
    /// How long to wait for one of them.
    pub(super) wait: Duration,
    /// So many may wait; one more is turned away at once.
    pub(super) queue: usize,
    /// How long a statement may take; `None`: as long as it takes.
    pub(super) statement: Option<Duration>,
    /// A connection older than this is replaced; `None`: never.
    pub(super) lifetime: Option<Duration>,
}

/// A server that is well ends a statement at its time. One that does not within so much more is given up on.
const GRACE: Duration = Duration::from_secs(1);

/// How a pool is doing, and what happened to it since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// The most connections there may be.
    pub most: usize,
    /// Connections that somebody works with, or waits to be made.
    pub used: usize,
    /// Connections that nobody works with.
    pub idle: usize,
    /// Those who wait until there may be one more.
    pub waiting: usize,
    /// Connections that were made.
    pub opened: u64,
    /// Connections that could not be made.
    pub failed: u64,
    /// Connections that were lost.
    pub lost: u64,
    /// Those who were turned away at once because enough others waited.
    pub turned_away: u64,
    /// Those who waited for a connection as long as one waits.
    pub timed_out: u64,
    /// Statements that took longer than they may.
    pub overdue: u64,
}

/// What [`PoolState`] shows of the past.
#[derive(Default)]
struct Counts {
    opened: AtomicU64,
    failed: AtomicU64,
    lost: AtomicU64,
    turned_away: AtomicU64,
    timed_out: AtomicU64,
    overdue: AtomicU64,
}

fn count(events: &AtomicU64) {
    events.fetch_add(1, Ordering::Relaxed);
}

/// A pool. Cheap to clone.
pub(super) struct Pool<C: Backend>(Arc<Inner<C>>);

impl<C: Backend> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Inner<C: Backend> {
    options: C::Options,
    limits: Limits,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    counts: Counts,
    /// The most recently used one last.
    idle: Mutex<Vec<Idle<C>>>,
}

/// One who waits, counted for as long as this lives: also who gives up.
struct Waiting<'p>(&'p AtomicUsize);

impl<'p> Waiting<'p> {
    /// `None`: as many as may wait do so already.
    fn among(waiting: &'p AtomicUsize, most: usize) -> Option<Self> {
        let counted = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < most).then_some(counted)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Idle<C> {
    connection: C,
    made: Instant,
    since: Instant,
}

impl<C: Backend> Pool<C> {
    pub(super) fn new(options: C::Options, limits: Limits) -> Self {
        let most = limits.most.clamp(1, Semaphore::MAX_PERMITS);
        let limits = Limits { most, kept: limits.kept.clamp(1, most), ..limits };
        Self(Arc::new(Inner {
            options,
            limits,
            places: Arc::new(Semaphore::new(most)),
            waiting: AtomicUsize::new(0),
            counts: Counts::default(),
            idle: Mutex::default(),
        }))
    }

    /// A connection, by preference the one used last.
    pub(super) async fn lease(&self) -> Result<Lease<C>, sqlx::Error> {
        let limits = &self.0.limits;
        let place = self.place().await?;
        let lease = |connection, made| Lease {
            pool: self.0.clone(),
            connection: Some(connection),
            made,
            in_flight: false,
            in_transaction: false,
            lost: false,
            place: Some(place),
        };
        while let Some(idle) = self.0.idle().pop() {
            if limits.lifetime.is_none_or(|lifetime| idle.made.elapsed() < lifetime) {
                return Ok(lease(idle.connection, idle.made));
            }
        }
        // Rarely needed, and kilobytes large: unless it is boxed, the future of every request has room for it.
        match within(Some(CONNECT_TIMEOUT.min(limits.wait)), Box::pin(self.connect())).await {
            Ok(connection) => {
                count(&self.0.counts.opened);
                Ok(lease(connection, Instant::now()))
            }
            Err(error) => {
                count(&self.0.counts.failed);
                Err(error)
            }
        }
    }

    async fn connect(&self) -> Result<C, sqlx::Error> {
        let mut connection = loop {
            match self.0.options.connect().await {
                Err(error) if C::is_in_the_way(&error) => sleep(MOMENT).await,
                outcome => break outcome?,
            }
        };
        connection.introduce(self.0.limits.statement).await?;
        Ok(connection)
    }

    /// Room for one more connection.
    async fn place(&self) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        match self.0.places.clone().try_acquire_owned() {
            Ok(place) => return Ok(place),
            Err(TryAcquireError::Closed) => return Err(sqlx::Error::PoolClosed),
            Err(TryAcquireError::NoPermits) => {}
        }
        let Inner { limits, counts, .. } = &*self.0;
        let Some(_counted) = Waiting::among(&self.0.waiting, limits.queue) else { return Err(self.turn_away()) };
        match timeout(limits.wait, self.0.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_closed)) => Err(sqlx::Error::PoolClosed),
            Err(_elapsed) => {
                count(&counts.timed_out);
                Err(sqlx::Error::PoolTimedOut)
            }
        }
    }

    /// How many may wait.
    pub(super) fn queue(&self) -> usize {
        self.0.limits.queue
    }

    /// Counts one for whom there is no room to wait; what is said to that one.
    pub(super) fn turn_away(&self) -> sqlx::Error {
        count(&self.0.counts.turned_away);
        sqlx::Error::PoolTimedOut
    }

    /// Drops the connections that nobody uses. A connection that was lost while nobody looked was rarely the only one:
    /// after this the next lease is a new connection, or an error at once.
    pub(super) fn forget_idle(&self) {
        let forgotten = std::mem::take(&mut *self.0.idle());
        drop(forgotten);
    }

    /// Waits for all leases to end, and closes.
    pub(super) async fn close(&self) {
        let everything = u32::try_from(self.0.limits.most).unwrap_or(u32::MAX);
        let places = self.0.places.acquire_many(everything).await;
        self.0.places.close();
        drop(places);
        let idle = std::mem::take(&mut *self.0.idle());
        for idle in idle {
            // What cannot be closed any more is gone already.
            let _ = idle.connection.close().await;
        }
    }

    pub(super) fn state(&self) -> PoolState {
        let most = self.0.limits.most;
        PoolState {
            most,
            used: most.saturating_sub(self.0.places.available_permits()),
            idle: self.0.idle().len(),
            waiting: self.0.waiting.load(Ordering::Relaxed),
            opened: self.0.counts.opened.load(Ordering::Relaxed),
            failed: self.0.counts.failed.load(Ordering::Relaxed),
            lost: self.0.counts.lost.load(Ordering::Relaxed),
            turned_away: self.0.counts.turned_away.load(Ordering::Relaxed),
            timed_out: self.0.counts.timed_out.load(Ordering::Relaxed),
            overdue: self.0.counts.overdue.load(Ordering::Relaxed),
        }
    }
}

impl<C: Backend> Inner<C> {
    fn idle(&self) -> MutexGuard<'_, Vec<Idle<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_back(&self, connection: C, made: Instant) {
        let since = Instant::now();
        let mut idle = self.idle();
        let spare =
            idle.len() >= self.limits.kept && idle.first().is_some_and(|idle| idle.since.elapsed() > SPARE_TIME);
        let dropped = spare.then(|| idle.remove(0));
        idle.push(Idle { connection, made, since });
        drop(idle);
        drop(dropped);
    }
}

/// A connection while somebody works with it. It goes back to the pool on drop: rolled back if need be, and unless it was
/// lost or left in the middle of a statement (a request whose client went away).
pub(super) struct Lease<C: Backend> {
    pool: Arc<Inner<C>>,
    /// `None` only in `drop`.
    connection: Option<C>,
    made: Instant,
    in_flight: bool,
    in_transaction: bool,
    lost: bool,
    /// `None` only in `drop`.
    place: Option<OwnedSemaphorePermit>,
}

impl<C: Backend> Lease<C> {
    pub(super) async fn fetch(&mut self, part: &Part) -> Result<Vec<Row>, sqlx::Error> {
        let limit = self.limit();
        let answer = within(limit, self.start()?.fetch(part)).await;
        self.done(answer)
    }

    pub(super) async fn fetch_batch(&mut self, parts: &[Part]) -> Result<Vec<Vec<Row>>, sqlx::Error> {
        let limit = self.limit();
        let answer = within(limit, self.start()?.fetch_batch(parts)).await;
        self.done(answer)
    }

    pub(super) async fn execute(&mut self, part: &Part) -> Result<u64, sqlx::Error> {
        let limit = self.limit();
        let answer = within(limit, self.start()?.execute(part)).await;
        self.done(answer)
    }

    pub(super) async fn script(&mut self, script: &'static str) -> Result<(), sqlx::Error> {
        let limit = self.limit();
        let answer = within(limit, self.start()?.script(script)).await;
        self.done(answer)
    }

    pub(super) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        // Before the answer: who gives up waiting for it leaves a transaction behind all the same.
        self.in_transaction = true;
        self.script(C::BEGIN).await
    }

    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.script("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    fn start(&mut self) -> Result<&mut C, sqlx::Error> {
        self.in_flight = true;
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// A little later than the server is told to end it.
    fn limit(&self) -> Option<Duration> {
        self.pool.limits.statement.map(|limit| limit.saturating_add(GRACE))
    }

    fn done<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.in_flight = false;
        if let Err(error) = &answer {
            self.lost |= is_loss(error);
            if is_overdue(error) {
                count(&self.pool.counts.overdue);
            }
        }
        answer
    }
}

impl<C: Backend> Drop for Lease<C> {
    fn drop(&mut self) {
        let (Some(mut connection), Some(place)) = (self.connection.take(), self.place.take()) else { return };
        if self.lost {
            count(&self.pool.counts.lost);
        }
        if self.lost || (self.in_flight && C::FRAGILE) {
            return;
        }
        if !self.in_transaction {
            self.pool.take_back(connection, self.made);
            return;
        }
        // The place is given up after the connection is there again: who waits for it shall find it.
        let (pool, made, limit) = (self.pool.clone(), self.made, self.limit());
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if within(limit, connection.script("ROLLBACK")).await.is_ok() {
                    pool.take_back(connection, made);
                }
                drop(place);
            });
        }
    }
}

/// A server that does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the database does not answer")]
struct Silence;

/// The outcome of `work`, unless that takes longer than `limit`.
fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> impl Future<Output = Result<T, sqlx::Error>> {
    // An `async fn` would have room for `work` twice: until it begins, and from then on.
    timeout(limit.unwrap_or(Duration::MAX), work)
        .map(|outcome| outcome.map_err(|_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, Silence)))?)
}

/// Whether the server did not answer in time, so that trying again at once would take as long again. The connection is
/// lost then: the answer may still come, and must not be taken for that of the next statement.
pub(super) fn is_silence(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<Silence>()))
}

/// Whether a statement took longer than it may, whoever ended it.
fn is_overdue(error: &sqlx::Error) -> bool {
    let ended_by_server = error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("57014"));
    ended_by_server || is_silence(error)
}

/// Whether the error says that the connection is no more, as opposed to: that a statement failed.
pub(super) fn is_loss(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // SQLSTATE: connection exception; shut down by an administrator, after a crash, or starting up
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.len() == 5 && (code.starts_with("08") || code.starts_with("57P0")))
        }
        _ => false,
    }
}
