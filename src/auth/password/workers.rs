//! Threads of their own for password hashing, so that a storm of logins does not slow token validation down.
//!
//! One hash keeps a processor busy for a good part of a second. The threads here run at lowered priority, so that the
//! async threads win whenever both have work; and the queue before them is bounded, so that a storm is answered with
//! "come back later" instead of with memory. A waiter that has gone away (a client that gave up) is noticed before its
//! password is hashed.

use std::{
    collections::VecDeque,
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tokio::sync::oneshot;

use super::{PasswordError, PasswordSettings, WorkError, check_against_nobody, check_password, hash_password};
use crate::domain::{random::SharedRandom, secret::SecretText};

/// How many threads, and how many may wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerSettings {
    /// Number of threads, each hashing one password at a time.
    pub threads: NonZeroUsize,
    /// How many passwords may wait for a thread; one more is [`WorkError::Overloaded`].
    pub queue: usize,
}

impl WorkerSettings {
    /// Waiting places per thread, where nothing else is said: with bcrypt's default cost about fifteen seconds' worth.
    pub const QUEUE_PER_THREAD: usize = 64;
}

impl Default for WorkerSettings {
    /// A thread for each processor, and 64 waiting places for each thread.
    fn default() -> Self {
        let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { threads, queue: threads.get().saturating_mul(Self::QUEUE_PER_THREAD) }
    }
}

/// How the threads are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkersState {
    /// Number of threads.
    pub threads: usize,
    /// Passwords that wait for a thread.
    pub waiting: usize,
    /// The most that may wait.
    pub queue: usize,
    /// Passwords that a thread has taken, since the start.
    pub taken: u64,
    /// Passwords that found the queue full, since the start.
    pub refused: u64,
}

/// A handle on the threads; clones share them. When the last one is dropped the threads end, each after the password
/// that it is at.
#[derive(Clone)]
pub struct PasswordWorkers {
    settings: PasswordSettings,
    threads: usize,
    handle: Arc<Handle>,
}

impl PasswordWorkers {
    /// Starts the threads. `random` gives the salts.
    ///
    /// # Errors
    ///
    /// The operating system does not give a thread.
    pub fn start(settings: PasswordSettings, workers: WorkerSettings, random: SharedRandom) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            state: Mutex::new(State { jobs: VecDeque::new(), open: true }),
            changed: Condvar::new(),
            capacity: workers.queue,
            taken: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        });
        // Made before the threads: if one of them cannot be had, dropping it ends those that run.
        let handle = Arc::new(Handle { queue: Arc::clone(&queue) });
        for number in 0..workers.threads.get() {
            let (queue, random) = (Arc::clone(&queue), Arc::clone(&random));
            thread::Builder::new().name(format!("password-{number}")).spawn(move || {
                yield_to_others();
                while let Some(job) = queue.next() {
                    job.run(&settings, &random);
                }
            })?;
        }
        Ok(Self { settings, threads: workers.threads.get(), handle })
    }

    /// The settings that passwords are checked and hashed with.
    pub fn settings(&self) -> &PasswordSettings {
        &self.settings
    }

    /// How the threads are doing.
    pub fn state(&self) -> WorkersState {
        let queue = &self.handle.queue;
        WorkersState {
            threads: self.threads,
            waiting: queue.lock().jobs.len(),
            queue: queue.capacity,
            taken: queue.taken.load(Ordering::Relaxed),
            refused: queue.refused.load(Ordering::Relaxed),
        }
    }

    /// [`check_password`] on one of the threads.
    ///
    /// # Errors
    ///
    /// Those of [`check_password`], and [`WorkError::Overloaded`] at once if the queue is full.
    pub async fn verify(&self, password: SecretText, stored: String) -> Result<bool, WorkError> {
        self.ask(|answer| Job::Verify { password, stored, answer }).await
    }

    /// [`check_against_nobody`] on one of the threads: waits and costs as [`verify`](Self::verify) does, and is false.
    ///
    /// # Errors
    ///
    /// [`WorkError::Overloaded`] at once if the queue is full.
    pub async fn verify_against_nobody(&self, password: SecretText) -> Result<bool, WorkError> {
        self.ask(|answer| Job::VerifyAgainstNobody { password, answer }).await
    }

    /// [`hash_password`] on one of the threads.
    ///
    /// # Errors
    ///
    /// Those of [`hash_password`], and [`WorkError::Overloaded`] at once if the queue is full.
    pub async fn hash(&self, password: SecretText) -> Result<String, WorkError> {
        self.ask(|answer| Job::Hash { password, answer }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, WorkError> {
        let (answer, asked) = oneshot::channel();
        self.handle.queue.push(job(answer))?;
        Ok(asked.await.map_err(|_| WorkError::Interrupted)??)
    }
}

/// Closes the queue when no [`PasswordWorkers`] is left. (The threads hold the queue, not this.)
struct Handle {
    queue: Arc<Queue>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.open = false;
        state.jobs.clear();
        drop(state);
        self.queue.changed.notify_all();
    }
}

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
    taken: AtomicU64,
    refused: AtomicU64,
}

struct State {
    jobs: VecDeque<Job>,
    open: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) -> Result<(), WorkError> {
        let mut state = self.lock();
        if state.jobs.len() >= self.capacity {
            // Those who gave up must not keep others out.
            state.jobs.retain(Job::is_awaited);
        }
        if state.jobs.len() >= self.capacity {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(WorkError::Overloaded);
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job that somebody still waits for; `None` when there will be no more.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if !state.open {
                return None;
            }
            while let Some(job) = state.jobs.pop_front() {
                if job.is_awaited() {
                    self.taken.fetch_add(1, Ordering::Relaxed);
                    return Some(job);
                }
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

type Answer<T> = oneshot::Sender<Result<T, PasswordError>>;

/// One password to be worked on. It is wiped when the job is dropped.
enum Job {
    Verify { password: SecretText, stored: String, answer: Answer<bool> },
    VerifyAgainstNobody { password: SecretText, answer: Answer<bool> },
    Hash { password: SecretText, answer: Answer<String> },
}

impl Job {
    fn is_awaited(&self) -> bool {
        !match self {
            Self::Verify { answer, .. } | Self::VerifyAgainstNobody { answer, .. } => answer.is_closed(),
            Self::Hash { answer, .. } => answer.is_closed(),
        }
    }

    /// Does the work and answers. A panic leaves the waiter with [`WorkError::Interrupted`] and the thread alive.
    fn run(self, settings: &PasswordSettings, random: &SharedRandom) {
        let done = catch_unwind(AssertUnwindSafe(|| match self {
            // An answer that nobody takes any more is no failure.
            Self::Verify { password, stored, answer } => {
                let _gone = answer.send(check_password(settings, &password, &stored));
            }
            Self::VerifyAgainstNobody { password, answer } => {
                let _gone = answer.send(Ok(check_against_nobody(settings, &password)));
            }
            Self::Hash { password, answer } => {
                let _gone = answer.send(hash_password(settings, &password, random.as_ref()));
            }
        }));
        if done.is_err() {
            tracing::error!("a password could not be worked on: the hashing code panicked");
        }
    }
}

/// Lowers the priority of the calling thread. Elsewhere than on Linux the call would be about the whole process.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        /// 0 is normal, 19 the most yielding.
        const NICENESS: i32 = 10;
        if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
            tracing::debug!(%error, "password hashing runs at normal priority");
        }
    }
}
