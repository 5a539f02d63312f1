//! Fernstone beside bare axum handlers that return the same bytes, in one run on one machine:
//!
//! ```text
//! cargo bench [-- --seconds 3 --pairs 5 --only SUBSTRING --large --keystone DIR --smoke]
//! ```
//!
//! What counts are the ratios: load generator and servers share the processors. Every server is a process of its own;
//! rounds of the two alternate, and medians are shown. `--smoke` runs everything for an instant, to see that it works;
//! `--large` also what takes minutes: a million users, a million tokens; `--keystone .venv-keystone` compares with a real one.

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

mod bare;
mod fernstone;
mod growth;
mod keystone;
mod load;
mod logins;
mod place;
#[path = "../../tests/integration/postgres.rs"]
#[expect(dead_code, reason = "the tests make more of it")]
mod postgres;
mod rows;
mod start;
mod table;
mod world;

use std::{
    ops::Range,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A million users are 1.7 GB. Whoever has them lets Postgres use more memory than the 128 MB it takes by itself.
const POSTGRES_SETTINGS: &[&str] = &["shared_buffers=2GB"];

/// How much, and what.
#[derive(Debug)]
pub(crate) struct Options {
    /// One round of load.
    pub(crate) round: Duration,
    /// Pairs of rounds.
    pub(crate) pairs: usize,
    /// Different tokens that are validated over and over.
    pub(crate) tokens: u64,
    /// Only rows whose names hold this.
    pub(crate) only: String,
    /// Only whether it works.
    pub(crate) is_smoke: bool,
    /// Also what takes minutes to furnish.
    pub(crate) is_large: bool,
    /// The virtual environment of a real Keystone with uWSGI, to be compared with.
    pub(crate) keystone: Option<PathBuf>,
    /// Tokens that were taken so far: no number is given to two.
    taken: AtomicU64,
}

impl Options {
    /// Whether a row with this name is asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        name.contains(&self.only)
    }

    /// Numbers of tokens that were never used, enough for a round.
    pub(crate) fn never_seen(&self) -> Range<u64> {
        self.never_seen_of(25_000 * self.round.as_secs().max(1))
    }

    /// So many numbers of tokens that were never used.
    pub(crate) fn never_seen_of(&self, many: u64) -> Range<u64> {
        let first = self.taken.fetch_add(many, Ordering::Relaxed);
        first..first + many
    }
}

fn main() {
    let mut options = Options {
        round: Duration::from_secs(3),
        pairs: 5,
        tokens: world::COMMON_TOKENS,
        only: String::new(),
        is_smoke: false,
        is_large: false,
        keystone: None,
        taken: AtomicU64::new(world::COMMON_TOKENS),
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value");
        match arg.as_str() {
            bare::ARGUMENT => return bare::serve(),
            "--seconds" => options.round = Duration::from_secs_f64(value().parse().expect("seconds")),
            "--pairs" => options.pairs = value().parse().expect("a number of pairs"),
            "--only" => options.only = value(),
            "--smoke" => {
                options.round = Duration::from_millis(200);
                options.pairs = 1;
                options.tokens = 200;
                options.is_smoke = true;
            }
            "--keystone" => options.keystone = Some(value().into()),
            "--large" => options.is_large = true,
            "--bench" => {} // `cargo bench` adds it
            other => panic!("{other}: not an option"),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(rows::run(&options));
}
