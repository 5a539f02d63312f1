//! Fernstone beside bare axum handlers that return the same bytes, in one run on one machine:
//!
//! ```text
//! cargo bench --bench wire [-- --seconds 3 --pairs 5 --only SUBSTRING --smoke --million]
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
    pub round: Duration,
    /// Pairs of rounds.
    pub pairs: usize,
    /// Only rows whose names hold this.
    pub only: String,
    /// Whether the rows with a million users are wanted.
    pub million: bool,
    /// Whether it is only to be seen that everything works.
    pub smoke: bool,
}

fn main() {
    let mut options =
        Options { round: Duration::from_secs(3), pairs: 5, only: String::new(), million: false, smoke: false };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value");
        match arg.as_str() {
            bare::ARGUMENT => return bare::serve(),
            "--seconds" => options.round = Duration::from_secs_f64(value().parse().expect("seconds")),
            "--pairs" => options.pairs = value().parse().expect("a number of pairs"),
            "--only" => options.only = value(),
            "--million" => options.million = true,
            "--smoke" => {
                options.smoke = true;
                options.round = Duration::from_millis(200);
                options.pairs = 1;
            }
            "--bench" => {} // `cargo bench` adds it
            other => panic!("{other}: not an option"),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(rows::run(&options));
}
