//! Fernstone beside bare axum handlers that return the same bytes, in one run on one machine:
//!
//! ```text
//! cargo bench [-- --seconds 3 --pairs 5 --only SUBSTRING --smoke]
//! ```
//!
//! What counts are the ratios: load generator and servers share the processors. Every server is a process of its own;
//! rounds of the two alternate, and medians are shown. `--smoke` runs everything for an instant, to see that it works.

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

mod bare;
mod fernstone;
mod load;
#[path = "../../tests/integration/postgres.rs"]
#[expect(dead_code, reason = "the tests make more of it")]
mod postgres;
mod rows;
mod world;

use std::time::Duration;

/// How much, and what.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// One round of load.
    pub(crate) round: Duration,
    /// Pairs of rounds.
    pub(crate) pairs: usize,
    /// Different tokens that are validated over and over.
    pub(crate) tokens: u64,
    /// Only rows whose names hold this.
    pub(crate) only: String,
}

fn main() {
    let mut options = Options { round: Duration::from_secs(3), pairs: 5, tokens: 10_000, only: String::new() };
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
            }
            "--bench" => {} // `cargo bench` adds it
            other => panic!("{other}: not an option"),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(rows::run(&options));
}
