//! What an operator's Prometheus sees: the state of everything that can be short, stale or overloaded.
//!
//! Requests are counted where they are answered (`http::measures`), and other events where they happen; all else is
//! looked at when somebody asks. [`Metrics::text`] is the whole page; [`listener`] serves it, on a port of its own.
//! `docs/metrics.md` lists what there is. No label is an id, and none is made of what a client sends.

mod family;
pub mod listener;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use prometheus::{TextEncoder, proto::MetricFamily};

use self::family::{counter, counters, gauge, gauges};
use crate::{
    auth::password::{PasswordWorkers, WorkersState},
    domain::clock::SharedClock,
    http::measures::RequestMeasures,
    keys::{
        KeyRing,
        history::{History, Seen},
    },
    store::{PoolState, Store, roster::Roster},
    token::{body::TokenBodies, provider::TokenProvider},
};

/// Knows where everything is that is shown. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Sources>);

/// See [`Metrics`]. The composition root fills it in.
pub struct Sources {
    /// Requests.
    pub requests: Arc<RequestMeasures>,
    /// The database, and the feed of its changes.
    pub store: Store,
    /// The keys of tokens.
    pub keys: KeyRing,
    /// Tokens that are kept.
    pub tokens: TokenProvider,
    /// Catalogs that are kept.
    pub bodies: TokenBodies,
    /// Users who are at hand.
    pub roster: Roster,
    /// The threads that hash passwords.
    pub workers: PasswordWorkers,
    /// Time.
    pub clock: SharedClock,
    /// When the process started.
    pub started: DateTime<Utc>,
}

impl Metrics {
    /// Shows `sources`.
    pub fn new(sources: Sources) -> Self {
        Self(Arc::new(sources))
    }

    /// Everything as it is now, in Prometheus' text format.
    ///
    /// # Errors
    ///
    /// The format has no room for something: a mistake in this module.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        let sources = &*self.0;
        let mut families = sources.requests.collect();
        families.extend(sources.caches());
        families.push(gauge(
            "fernstone_token_questions_waiting",
            "Tokens that wait to be asked about together, in the next statement.",
            sources.tokens.waiting() as f64,
        ));
        families.extend(sources.feed());
        families.extend(pool(sources.store.database().pool_state()));
        families.extend(passwords(sources.workers.state()));
        families.extend(sources.keys());
        families.extend(sources.process());
        // A family without members has no place in the format.
        families.retain(|family| !family.get_metric().is_empty());
        families.sort_by(|one, other| one.name().cmp(other.name()));
        TextEncoder::new().encode_to_string(&families)
    }
}

impl Sources {
    fn caches(&self) -> Vec<MetricFamily> {
        let tokens = self.tokens.kept_counts();
        let (catalogs, most_catalogs) = self.bodies.shared_catalogs();
        let roster = self.roster.size();
        vec![
            counters(
                "fernstone_token_cache_lookups_total",
                "Look-ups among the tokens that are kept: a hit, a miss, or a bypass because nothing may be served from memory.",
                "result",
                [("hit", tokens.hits), ("miss", tokens.misses), ("bypass", tokens.bypasses)],
            ),
            gauges(
                "fernstone_cache_entries",
                "Entries in a cache.",
                "cache",
                [("tokens", tokens.kept as f64), ("users", roster.users as f64), ("catalogs", catalogs as f64)],
            ),
            gauges(
                "fernstone_cache_max_entries",
                "The most entries that a cache takes.",
                "cache",
                [("tokens", tokens.most as f64), ("users", roster.most as f64), ("catalogs", most_catalogs as f64)],
            ),
            gauge("fernstone_roster_bytes", "What the users take who are at hand in memory.", roster.bytes as f64),
        ]
    }

    fn feed(&self) -> Vec<MetricFamily> {
        let feed = self.store.feed();
        vec![
            gauge(
                "fernstone_change_feed_working",
                "1 while changes to the database are known as they happen; 0: everything is read from the database.",
                f64::from(u8::from(feed.is_working())),
            ),
            counter("fernstone_change_feed_losses_total", "How often the change feed ceased to work.", feed.losses()),
            counter(
                "fernstone_change_feed_confirmations_total",
                "How often it was confirmed that all changes are known.",
                feed.beats(),
            ),
            counter("fernstone_change_feed_changes_total", "Changes that the feed told of.", feed.changes()),
        ]
    }

    fn keys(&self) -> Vec<MetricFamily> {
        let (keys, now) = (self.keys.snapshot(), self.clock.now());
        let mut families = vec![
            gauge("fernstone_token_keys", "Keys that open tokens.", keys.len() as f64),
            gauge(
                "fernstone_token_primary_key_usable",
                "1 if there is a key to mint with.",
                f64::from(u8::from(keys.primary().is_ok())),
            ),
        ];
        let since = History::of(&self.keys.dated(), &Seen::new(), now).primary().and_then(|primary| primary.started);
        // No number where the files do not tell: an age of nothing would look like a fresh rotation.
        families.extend(since.filter(|_| keys.primary().is_ok()).map(|since| {
            gauge(
                "fernstone_token_primary_key_age_seconds",
                "For how long the primary key has been minting: the time since the last rotation.",
                (now - since).as_seconds_f64().max(0.0),
            )
        }));
        families
    }

    fn process(&self) -> Vec<MetricFamily> {
        vec![
            gauges("fernstone_build_info", "Always 1.", "version", [(env!("CARGO_PKG_VERSION"), 1.0)]),
            gauge(
                "process_start_time_seconds",
                "When the process started, in seconds since 1970.",
                self.started.timestamp_micros() as f64 / 1e6,
            ),
        ]
    }
}

fn pool(pool: PoolState) -> Vec<MetricFamily> {
    vec![
        gauges(
            "fernstone_database_connections",
            "Open connections to the database, without the change feed's.",
            "state",
            [("in_use", pool.used as f64), ("idle", pool.idle as f64)],
        ),
        gauge("fernstone_database_max_connections", "The most connections there may be.", pool.most as f64),
        gauge(
            "fernstone_database_waiting",
            "Statements and transactions that wait for a connection.",
            pool.waiting as f64,
        ),
        counter("fernstone_database_connects_total", "Connections that were made.", pool.opened),
        counter("fernstone_database_connect_failures_total", "Connections that could not be made.", pool.failed),
        counter("fernstone_database_lost_connections_total", "Connections that broke while in use.", pool.lost),
        counters(
            "fernstone_database_refusals_total",
            "Statements and transactions that got no connection: the queue was full, or they waited for too long.",
            "reason",
            [("queue_full", pool.turned_away), ("timeout", pool.timed_out)],
        ),
        counter(
            "fernstone_database_statement_timeouts_total",
            "Statements that were given up because they took too long.",
            pool.overdue,
        ),
    ]
}

fn passwords(workers: WorkersState) -> Vec<MetricFamily> {
    vec![
        gauge("fernstone_password_threads", "Threads that hash passwords.", workers.threads as f64),
        gauge("fernstone_password_queue_length", "Passwords that wait for a thread.", workers.waiting as f64),
        gauge("fernstone_password_queue_max_length", "The most passwords that may wait.", workers.queue as f64),
        counter("fernstone_password_hashes_total", "Passwords that were hashed or checked.", workers.taken),
        counter(
            "fernstone_password_refusals_total",
            "Passwords that found the queue full and were answered with 503.",
            workers.refused,
        ),
    ]
}
