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
        new_password::{NewPasswords, PasswordRules},
        password::{NewHash, PasswordSettings, PasswordWorkers, WorkerSettings},
        password_change::PasswordChanges,
    },
    bootstrap::{BootstrapRequest, Bootstrapped, UserRules, bootstrap},
    domain::{
        clock::ManualClock,
        random::{SeededRandom, SharedRandom},
        secret::SecretText,
    },
    formatter::{MethodList, Settings as FormatterSettings, TokenFormatter},
    http::{Front, HttpSettings, HttpState, Parts},
    keys::{KeyRing, KeySet},
    policy::{Enforcer, PolicySettings},
    server::{Limits, serve},
    store::{DatabaseSettings, Location, Store, directory::Directory},
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
        Self::start(Ground::empty().front(settings), Limits::default()).await
    }

    pub(super) async fn start(front: Front, limits: Limits) -> Self {
        Self::on(Self::reserve().await, front, limits)
    }

    /// A port for a server that is not there yet.
    pub(super) async fn reserve() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.expect("a free port")
    }

    pub(super) fn on(listener: TcpListener, front: Front, limits: Limits) -> Self {
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

/// What the HTTP side of a test is made of, beside its settings.
pub(super) struct Ground {
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    pub(super) expiration: TimeDelta,
    pub(super) password_rules: PasswordRules,
    pub(super) kept_tokens: usize,
}

impl Ground {
    /// A database without tables, at the beginning of time.
    pub(super) fn empty() -> Self {
        Self {
            store: Store::open(&DatabaseSettings::new(Location::SqliteMemory)).expect("a database in memory"),
            clock: ManualClock::at(DateTime::UNIX_EPOCH),
            expiration: TimeDelta::hours(1),
            password_rules: PasswordRules::default(),
            kept_tokens: 0,
        }
    }

    /// A database as `bootstrap` leaves it: admin/secret, and the identity service at `url`.
    pub(super) async fn bootstrapped(url: &str, expiration: TimeDelta) -> (Self, Bootstrapped) {
        Self::bootstrapped_in(Self::empty().store, url, expiration).await
    }

    /// The same in this database, which is empty so far.
    pub(super) async fn bootstrapped_in(store: Store, url: &str, expiration: TimeDelta) -> (Self, Bootstrapped) {
        let ground = Self { store, expiration, ..Self::empty() };
        ground.clock.advance(TimeDelta::days(20_000));
        ground.store.db_sync().await.expect("the schema is made");
        let rules = UserRules { passwords: cheap_passwords(), ..UserRules::default() };
        let request = BootstrapRequest {
            admin_url: Some(url.to_owned()),
            public_url: Some(url.to_owned()),
            internal_url: Some(url.to_owned()),
            region_id: Some("RegionOne".to_owned()),
            ..BootstrapRequest::new(SecretText::new("secret"))
        };
        let random: SharedRandom = SeededRandom::new(7);
        let made = bootstrap(&ground.store, &rules, &*ground.clock, &random, &"default".into(), &request)
            .await
            .expect("an empty database can be bootstrapped");
        (ground, made)
    }

    /// The HTTP side on this ground.
    pub(super) fn front(&self, settings: HttpSettings) -> Front {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        let random = SeededRandom::new(1);
        let directory = Directory::new(store.clone(), self.kept_tokens);
        let roles = RoleResolver::new(store.clone(), 0);
        let inactivity = settings.identity.inactivity;
        let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        let methods = ["external", "password", "token", "oauth1", "mapped", "application_credential", "ec2credential"];
        let tokens = TokenProvider::new(
            store.clone(),
            ContextLoader::new(directory.clone(), roles.clone(), inactivity),
            KeyRing::fixed(KeySet::from_texts([("0", key), ("1", key)])),
            TokenFormatter::new(FormatterSettings {
                methods: MethodList::new(methods),
                default_domain_id: "default".to_owned(),
                max_token_size: 255,
            }),
            clock.clone(),
            random.clone(),
            TokenSettings {
                expiration: self.expiration,
                revocation_buffer: TimeDelta::minutes(30),
                kept_tokens: self.kept_tokens,
            },
        );
        let workers = PasswordWorkers::start(cheap_passwords(), WorkerSettings::default(), random.clone())
            .expect("threads can be started");
        let lockout = LockoutSettings { failure_attempts: None, duration: None };
        let password = PasswordMethod::new(store.clone(), workers.clone(), clock.clone(), lockout);
        let passwords = NewPasswords::new(workers, self.password_rules.clone());
        let password_changes = PasswordChanges::new(
            store.clone(),
            password.clone(),
            passwords.clone(),
            clock.clone(),
            inactivity,
            settings.revocation_window,
        );
        let authenticator = Authenticator::new(
            directory,
            roles.clone(),
            tokens.clone(),
            password,
            clock.clone(),
            AuthSettings {
                methods: methods.iter().map(|method| (*method).to_owned()).collect(),
                strict_names: StrictNames::default(),
                inactivity,
                rescope: RescopeSettings { allow_rescope_scoped_token: true, additional_primary_methods: Vec::new() },
            },
        );
        Front::new(HttpState::new(Parts {
            settings,
            random,
            clock,
            store: store.clone(),
            enforcer: Enforcer::new(PolicySettings::default()).expect("the default rules"),
            tokens,
            bodies: TokenBodies::new(store, BodySettings::default()),
            roles,
            authenticator,
            passwords,
            password_changes,
        }))
    }
}

/// A store in a Postgres database of its own, without tables.
pub(super) async fn postgres_store() -> Store {
    let settings = crate::store::settings(&crate::postgres::fresh_database().await);
    Store::open(&settings).expect("the store opens")
}

fn cheap_passwords() -> PasswordSettings {
    PasswordSettings { new_hash: NewHash::Bcrypt { cost: 4 }, ..PasswordSettings::default() }
}
