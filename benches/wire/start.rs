//! How long it takes from nothing to the first token that was validated, on a database that exists.

use std::time::Instant;

use crate::{Options, fernstone::Fernstone, load::ask, place::Place, table::median};

/// What the row is called.
pub(crate) fn name(store: &str) -> String {
    format!("start {store}, until the first token is validated")
}

/// Starts further servers on the database, one after the other.
pub(crate) async fn row(place: &Place, store: &str, options: &Options) {
    let name = name(store);
    if !options.wants(&name) {
        return;
    }
    let request = &place.validations("/v3/auth/tokens", 0..1)[0];
    let mut milliseconds = Vec::new();
    for _ in 0..options.pairs * 2 + 1 {
        let start = Instant::now();
        let server = Fernstone::start(place.directory.path(), &place.url);
        assert_eq!(ask(server.address, request).await.status, 200);
        milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
    }
    println!("{name:<62} {:>10.1} ms", median(milliseconds));
}
