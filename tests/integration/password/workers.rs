//! The threads that passwords are hashed on: answers, the bound of the queue, waiters that go away.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Condvar, Mutex},
};

use fernstone::{
    auth::password::{
        PasswordError, PasswordOptions, PasswordSettings, PasswordWorkers, UnusableHash, WorkError, WorkerSettings,
        WorkersState,
    },
    domain::{
        random::{Random, SeededRandom},
        secret::SecretText,
    },
};

fn settings() -> PasswordSettings {
    PasswordOptions { rounds: Some(4), strict_password_check: true, ..PasswordOptions::default() }.settings().unwrap()
}

fn threads(threads: usize, queue: usize) -> WorkerSettings {
    WorkerSettings { threads: NonZeroUsize::new(threads).unwrap(), queue }
}

fn secret() -> SecretText {
    SecretText::new("secret")
}

/// A source of salt that waits for permission: holds the thread that asks it, as a long hash would.
#[derive(Default)]
struct Gate {
    state: Mutex<(usize, usize)>,
    changed: Condvar,
}

impl Gate {
    /// Lets `hashes` more hashes begin.
    fn open(&self, hashes: usize) {
        self.state.lock().unwrap().0 += hashes;
        self.changed.notify_all();
    }

    /// Waits until `hashes` have come to the gate in all.
    fn wait_for(&self, hashes: usize) {
        drop(self.changed.wait_while(self.state.lock().unwrap(), |state| state.1 < hashes).unwrap());
    }

    fn arrived(&self) -> usize {
        self.state.lock().unwrap().1
    }
}

impl Random for Gate {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| state.0 == 0).unwrap();
        state.0 -= 1;
        bytes.fill(7);
    }
}

#[tokio::test]
async fn a_hash_made_by_the_workers_is_verified_by_them() {
    let workers = PasswordWorkers::start(settings(), threads(2, 8), SeededRandom::new(1)).unwrap();
    let stored = workers.hash(secret()).await.unwrap();
    assert!(stored.starts_with("$2b$04$"), "{stored}");
    assert_eq!(workers.verify(secret(), stored.clone()).await, Ok(true));
    assert_eq!(workers.verify(SecretText::new("Secret"), stored.clone()).await, Ok(false));
    assert_eq!(workers.verify_against_nobody(secret()).await, Ok(false));
    let unusable = WorkError::Password(PasswordError::Unusable(UnusableHash::UnknownScheme));
    assert_eq!(workers.verify(secret(), "$6$x$y".to_owned()).await, Err(unusable));
    let too_long = WorkError::Password(PasswordError::TooLong { limit: 72 });
    assert_eq!(workers.verify(SecretText::new("x".repeat(73)), stored).await, Err(too_long));
}

#[tokio::test]
async fn as_many_wait_as_the_queue_has_places_and_one_more_is_turned_away_at_once() {
    let gate = Arc::new(Gate::default());
    let workers = PasswordWorkers::start(settings(), threads(1, 2), Arc::clone(&gate) as Arc<dyn Random>).unwrap();
    let in_work = tokio::spawn({
        let workers = workers.clone();
        async move { workers.hash(secret()).await }
    });
    tokio::task::yield_now().await;
    gate.wait_for(1);

    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let workers = workers.clone();
            tokio::spawn(async move { workers.hash(secret()).await })
        })
        .collect();
    tokio::task::yield_now().await;
    assert_eq!(workers.hash(secret()).await, Err(WorkError::Overloaded));
    assert_eq!(workers.verify_against_nobody(secret()).await, Err(WorkError::Overloaded));
    let state = WorkersState { threads: 1, waiting: 2, queue: 2, taken: 1, refused: 2 };
    assert_eq!(workers.state(), state);

    gate.open(3);
    assert!(in_work.await.unwrap().is_ok());
    for waiter in waiting {
        assert!(waiter.await.unwrap().is_ok());
    }
    gate.open(1);
    assert!(workers.hash(secret()).await.is_ok(), "there is room again");
    assert_eq!(workers.state(), WorkersState { waiting: 0, taken: 4, ..state });
}

#[tokio::test]
async fn a_password_nobody_waits_for_any_more_is_not_hashed_and_takes_no_place() {
    let gate = Arc::new(Gate::default());
    let workers = PasswordWorkers::start(settings(), threads(1, 1), Arc::clone(&gate) as Arc<dyn Random>).unwrap();
    let in_work = tokio::spawn({
        let workers = workers.clone();
        async move { workers.hash(secret()).await }
    });
    tokio::task::yield_now().await;
    gate.wait_for(1);

    let gone = tokio::spawn({
        let workers = workers.clone();
        async move { workers.hash(secret()).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(workers.hash(secret()).await, Err(WorkError::Overloaded), "the only place is taken");
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());

    let kept = tokio::spawn({
        let workers = workers.clone();
        async move { workers.hash(secret()).await }
    });
    tokio::task::yield_now().await;
    gate.open(2);
    assert!(in_work.await.unwrap().is_ok());
    assert!(kept.await.unwrap().is_ok());
    assert_eq!(gate.arrived(), 2, "the one that was given up was skipped");
}

/// A source of salt that fails: the thread must survive it.
struct Broken;

impl Random for Broken {
    fn fill(&self, _: &mut [u8]) {
        panic!("no salt");
    }
}

#[tokio::test]
async fn a_panic_is_one_waiters_error_and_the_thread_goes_on() {
    let workers = PasswordWorkers::start(settings(), threads(1, 4), Arc::new(Broken)).unwrap();
    for _ in 0..3 {
        assert_eq!(workers.hash(secret()).await, Err(WorkError::Interrupted));
    }
    assert_eq!(workers.verify_against_nobody(secret()).await, Ok(false));
}

#[tokio::test]
async fn the_threads_end_with_the_last_handle() {
    let random = SeededRandom::new(1);
    let held = Arc::downgrade(&random);
    let workers = PasswordWorkers::start(settings(), threads(3, 4), random).unwrap();
    let other = workers.clone();
    drop(workers);
    assert!(other.hash(secret()).await.is_ok(), "a clone keeps them");
    drop(other);
    // Each thread holds the random source until it ends.
    while held.strong_count() > 0 {
        std::thread::yield_now();
    }
}

/// A source of salt that notes at which niceness it is asked.
#[cfg(target_os = "linux")]
#[derive(Default)]
struct Niceness(Mutex<Vec<i32>>);

#[cfg(target_os = "linux")]
impl Random for Niceness {
    fn fill(&self, _: &mut [u8]) {
        // On Linux the "process" of this call is the calling thread.
        self.0.lock().unwrap().push(rustix::process::getpriority_process(None).unwrap());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashing_yields_to_the_rest_of_the_process() {
    let niceness = Arc::new(Niceness::default());
    let here = rustix::process::getpriority_process(None).unwrap();
    let workers = PasswordWorkers::start(settings(), threads(1, 1), Arc::clone(&niceness) as Arc<dyn Random>).unwrap();
    workers.hash(secret()).await.unwrap();
    let there = niceness.0.lock().unwrap()[0];
    assert!(there >= 10.max(here), "{there}");
    assert_eq!(rustix::process::getpriority_process(None).unwrap(), here, "the others keep their priority");
}
