//! Everything as `serve` puts it together from a configuration, with its metrics on a port of their own.

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU32, sync::Arc};

use fernstone::{
    app::{App, Environment},
    config::{Config, PasswordHashAlgorithm},
    domain::{
        clock::SharedClock,
        random::{SeededRandom, SharedRandom},
    },
    http::Front,
    keys::{KeyOwner, KeyRepository},
    metrics::listener,
    server::Limits,
    store::Store,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    served::Served,
    wire::{Answer, Ask},
};

/// A running whole.
pub(super) struct Whole {
    pub(super) api: Served,
    pub(super) metrics: SocketAddr,
    pub(super) store: Store,
    /// Where the keys are.
    pub(super) keys: TempDir,
    showing: JoinHandle<()>,
    /// What follows policy, database and keys.
    _parts: Box<dyn std::any::Any + Send>,
}

impl Whole {
    /// Serves what is in `store`, as `change` leaves the default configuration.
    pub(super) async fn serve(store: Store, clock: SharedClock, change: impl FnOnce(&mut Config)) -> Self {
        let keys = tempfile::tempdir().expect("a directory");
        let mut config = Config::default();
        config.fernet_tokens.key_repository = keys.path().join("fernet-keys");
        config.identity.password_hash_algorithm = PasswordHashAlgorithm::Bcrypt;
        config.identity.password_hash_rounds = Some(4);
        change(&mut config);
        let random: SharedRandom = SeededRandom::new(1);
        let repository = KeyRepository::new(&config.fernet_tokens.key_repository, NonZeroU32::MIN.saturating_add(2));
        repository.setup(KeyOwner::default(), &*random).expect("keys are made");
        let environment = Environment { clock, random };
        let App { front, store, metrics, keys: ring, policy, changes, roster } =
            App::assemble(&config, store, &environment).expect("it fits together");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let showing = tokio::spawn(listener::serve(listener, metrics, std::future::pending()));
        let api = Served::start(Front::clone(&front), Limits::default()).await;
        Self { api, metrics: address, store, keys, showing, _parts: Box::new((ring, policy, changes, roster)) }
    }

    /// The metrics as they are now.
    pub(super) async fn page(&self) -> Page {
        let answer = Ask::new("GET", "/metrics").send(self.metrics).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        Page::read(&answer.body)
    }

    pub(super) async fn ask(&self, ask: Ask) -> Answer {
        ask.send(self.api.address).await
    }

    /// A login of `admin` with this password, to the project `admin`.
    pub(super) async fn login(&self, password: &str) -> Answer {
        self.ask(login(password)).await
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        self.showing.abort();
    }
}

/// A request for a token of `admin`.
pub(super) fn login(password: &str) -> Ask {
    let domain = json!({ "id": "default" });
    let user = json!({ "name": "admin", "password": password, "domain": domain });
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    let scope = json!({ "project": { "name": "admin", "domain": domain } });
    let mut ask = Ask::new("POST", "/v3/auth/tokens");
    ask.body = Some(json!({ "auth": { "identity": identity, "scope": scope } }).to_string().into_bytes());
    ask
}

/// A question about a token, by itself.
pub(super) fn validation(token: &str) -> Ask {
    Ask::new("GET", "/v3/auth/tokens").header("X-Auth-Token", token).header("X-Subject-Token", token)
}

/// A page of metrics, taken apart by the rules of the format.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) text: String,
    samples: BTreeMap<String, f64>,
    /// The families' types.
    pub(super) families: BTreeMap<String, String>,
}

impl Page {
    /// Reads a page; panics where it is not as Prometheus and its conventions want it.
    fn read(text: &str) -> Self {
        let mut page = Self { text: text.to_owned(), samples: BTreeMap::new(), families: BTreeMap::new() };
        let (mut described, mut current) = (String::new(), String::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').expect("words of help");
                assert!(words.ends_with('.'), "{line}");
                described = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a type");
                assert_eq!(name, described, "HELP and then TYPE");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                assert!(page.families.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} is there twice");
                current = name.to_owned();
            } else {
                let (series, value) = line.rsplit_once(' ').expect("a value");
                let name = series.split('{').next().expect("a name");
                let suffix = name.strip_prefix(&*current).unwrap_or_else(|| panic!("{line} is not of {current}"));
                let is_histogram = page.families[&current] == "histogram";
                assert!(suffix.is_empty() != is_histogram, "{line}");
                assert!(suffix.is_empty() || ["_bucket", "_sum", "_count"].contains(&suffix), "{line}");
                let value: f64 = value.parse().expect("a number");
                assert!(value.is_finite() && value >= 0.0, "{line}");
                assert!(page.samples.insert(series.to_owned(), value).is_none(), "{series} is there twice");
            }
        }
        assert!(text.ends_with('\n'));
        page
    }

    /// The value of a series, as it is written: `name{label="value"}`, labels in alphabetical order.
    pub(super) fn value(&self, series: &str) -> f64 {
        self.find(series).unwrap_or_else(|| panic!("no {series} in\n{}", self.text))
    }

    pub(super) fn find(&self, series: &str) -> Option<f64> {
        self.samples.get(series).copied()
    }

    /// The values of the label `name` that occur.
    pub(super) fn labels(&self, name: &str) -> Vec<&str> {
        let marker = format!("{name}=\"");
        let of = |series: &'_ String| series.find(&marker).map(|at| at + marker.len());
        let mut found: Vec<&str> =
            self.samples.keys().filter_map(|series| of(series).and_then(|at| series[at..].split('"').next())).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// As [`Arc::clone`], for a clock that a test goes on moving.
pub(super) fn shared<C: fernstone::domain::clock::Clock + 'static>(clock: &Arc<C>) -> SharedClock {
    Arc::clone(clock) as SharedClock
}
