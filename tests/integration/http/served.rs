//! A server for a test: everything real but the clock, on a port of its own, gone when the test ends.

use std::{net::SocketAddr, sync::Arc};

use chrono::{DateTime, TimeDelta};
use fernstone::{
    assignment::resolver::RoleResolver,
    auth::{
        authenticate::{AuthSettings, Authenticator},
        lookup::StrictNames,
        methods::{
            password::{LockoutSettings, PasswordMethod},
            token::RescopeSettings,
        },
        password::{PasswordSettings, PasswordWorkers, WorkerSettings},
    },
    domain::{clock::ManualClock, random::SeededRandom, user::InactivityLimit},
    formatter::{MethodList, Settings as FormatterSettings, TokenFormatter},
    http::{Front, HttpSettings, HttpState, Parts},
    keys::{KeyRing, KeySet},
    policy::{Enforcer, PolicySettings},
    server::{Limits, serve},
    store::{DatabaseSettings, Location, Store},
    token::{
        body::{BodySettings, TokenBodies},
        loader::ContextLoader,
        provider::{TokenProvider, TokenSettings},
    },
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A running server.
#[must_use = "the server stops when this is dropped"]
pub(super) struct Served {
    pub(super) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Served {
    /// A server on an empty database: for requests that never ask it.
    pub(super) async fn without_data(settings: HttpSettings) -> Self {
        Self::start(front(settings), Limits::default()).await
    }

    pub(super) async fn start(front: Front, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, front, limits, async {
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), serving }
    }

    /// Tells the server to stop.
    pub(super) fn stop(&mut self) {
        self.stop = None;
    }

    /// Whether the server has stopped.
    pub(super) fn is_finished(&self) -> bool {
        self.serving.is_finished()
    }

    /// Tells the server to stop, and waits until it has.
    pub(super) async fn stopped(mut self) {
        self.stop();
        (&mut self.serving).await.expect("the server does not panic");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The HTTP side on an empty database.
pub(super) fn front(settings: HttpSettings) -> Front {
    let store = Store::open(&DatabaseSettings::new(Location::SqliteMemory)).expect("a database in memory");
    let clock = ManualClock::at(DateTime::UNIX_EPOCH);
    let random = SeededRandom::new(1);
    let roles = RoleResolver::new(store.clone(), 0);
    let inactivity = InactivityLimit::default();
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let tokens = TokenProvider::new(
        store.clone(),
        ContextLoader::new(store.clone(), roles.clone(), inactivity),
        KeyRing::fixed(KeySet::from_texts([("0", key), ("1", key)])),
        TokenFormatter::new(FormatterSettings {
            methods: MethodList::new(["external", "password", "token"]),
            default_domain_id: "default".to_owned(),
            max_token_size: 255,
        }),
        clock.clone(),
        random.clone(),
        TokenSettings { expiration: TimeDelta::hours(1), revocation_buffer: TimeDelta::minutes(30) },
    );
    let workers = PasswordWorkers::start(PasswordSettings::default(), WorkerSettings::default(), random.clone())
        .expect("threads can be started");
    let authenticator = Authenticator::new(
        store.clone(),
        roles.clone(),
        tokens.clone(),
        PasswordMethod::new(
            store.clone(),
            workers,
            clock.clone(),
            LockoutSettings { failure_attempts: None, duration: None },
        ),
        clock.clone(),
        AuthSettings {
            methods: vec!["password".to_owned(), "token".to_owned()],
            strict_names: StrictNames::default(),
            inactivity,
            rescope: RescopeSettings { allow_rescope_scoped_token: true, additional_primary_methods: Vec::new() },
        },
    );
    Front::new(HttpState::new(Parts {
        settings,
        random: Arc::clone(&random) as _,
        clock,
        store: store.clone(),
        enforcer: Enforcer::new(PolicySettings::default()).expect("the default rules"),
        tokens,
        bodies: TokenBodies::new(store, BodySettings::default()),
        roles,
        authenticator,
    }))
}
