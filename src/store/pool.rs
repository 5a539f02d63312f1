//! Connections that are kept open between statements.
//!
//! Why not sqlx's own pool: it asks the server after every statement whether the connection still lives, which doubles
//! the load of a server whose statements are as short as ours, and while a server refuses connections it lets every
//! request wait for the whole time-out. Here a lost connection shows in the statement that meets it (see
//! [`Pool::forget_idle`] for what happens then), and a refusal is an answer at once.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::ConnectOptions as _;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError},
    time::{Instant, timeout},
};

use super::{backend::Backend, query::Part, row::Row};

/// How long connecting may take, when there is time to wait for a connection at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

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
    /// A connection older than this is replaced; `None`: never.
    pub(super) lifetime: Option<Duration>,
}

/// How a pool is doing.
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
    /// The most recently used one last.
    idle: Mutex<Vec<Idle<C>>>,
}

/// One who waits, counted for as long as this lives: also who gives up.
struct Waiting<'p>(&'p AtomicUsize);

impl<'p> Waiting<'p> {
    fn among(waiting: &'p AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
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
        match timeout(CONNECT_TIMEOUT.min(limits.wait), self.0.options.connect()).await {
            Ok(connection) => Ok(lease(connection?, Instant::now())),
            Err(_elapsed) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
        }
    }

    /// Room for one more connection.
    async fn place(&self) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        match self.0.places.clone().try_acquire_owned() {
            Ok(place) => return Ok(place),
            Err(TryAcquireError::Closed) => return Err(sqlx::Error::PoolClosed),
            Err(TryAcquireError::NoPermits) => {}
        }
        let _counted = Waiting::among(&self.0.waiting);
        match timeout(self.0.limits.wait, self.0.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_closed)) => Err(sqlx::Error::PoolClosed),
            Err(_elapsed) => Err(sqlx::Error::PoolTimedOut),
        }
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
        let answer = self.start()?.fetch(part).await;
        self.done(answer)
    }

    pub(super) async fn fetch_batch(&mut self, parts: &[Part]) -> Result<Vec<Vec<Row>>, sqlx::Error> {
        let answer = self.start()?.fetch_batch(parts).await;
        self.done(answer)
    }

    pub(super) async fn execute(&mut self, part: &Part) -> Result<u64, sqlx::Error> {
        let answer = self.start()?.execute(part).await;
        self.done(answer)
    }

    pub(super) async fn script(&mut self, script: &'static str) -> Result<(), sqlx::Error> {
        let answer = self.start()?.script(script).await;
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

    fn done<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.in_flight = false;
        self.lost |= answer.as_ref().is_err_and(is_loss);
        answer
    }
}

impl<C: Backend> Drop for Lease<C> {
    fn drop(&mut self) {
        let (Some(mut connection), Some(place)) = (self.connection.take(), self.place.take()) else { return };
        if self.lost || (self.in_flight && C::FRAGILE) {
            return;
        }
        if !self.in_transaction {
            self.pool.take_back(connection, self.made);
            return;
        }
        // The place is given up after the connection is there again: who waits for it shall find it.
        let (pool, made) = (self.pool.clone(), self.made);
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if connection.script("ROLLBACK").await.is_ok() {
                    pool.take_back(connection, made);
                }
                drop(place);
            });
        }
    }
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
