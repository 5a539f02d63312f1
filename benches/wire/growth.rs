//! What much data does: revocation events, users, tokens.

use std::time::Duration;

use crate::{
    Options,
    load::{Outcome, Requests, load},
    place::{Place, once},
    table::Table,
};

const TOKENS: &str = "/v3/auth/tokens";

/// The rows about much data. Those that take minutes are for who asks for `--large`.
pub(crate) async fn rows(place: &Place, options: &Options) {
    if options.wants("events Postgres") {
        let many = if options.is_smoke { 1000 } else { 100_000 };
        let other = Place::postgres(1000).await;
        other.execute(events(many)).await;
        let name = format!("{many} revocation events Postgres, beside none");
        beside(place, &other, &name, options).await;
        forgetful(place, &other, &name, options).await;
    }
    if options.is_large && options.wants("users Postgres") {
        let other = Place::postgres(1_000_000).await;
        let name = "1,000,000 users Postgres, beside 1,000";
        place.server.knows(1000).await;
        other.server.knows(1_000_000).await;
        beside(place, &other, name, options).await;
        // Hardly two of these tokens are of the same user there, and here all users were seen.
        let token = |place: &Place, number| place.world.token(number);
        cold(place, &other, &format!("validation, cold, of all of {name}, who all were seen"), token, options).await;
        forgetful(place, &other, name, options).await;
    }
    if options.is_large && options.wants("memory Postgres") {
        for _ in 0..10 {
            let numbers = options.never_seen_of(100_000);
            load(place.server.address, &once(&place.validations(TOKENS, numbers)), 200, Duration::from_secs(600)).await;
        }
        println!("{} MiB resident after a million different tokens", place.server.resident());
    }
}

/// As many users as are known in any world, soon.
const FAMILIAR: u64 = 1000;

/// The same validations of both: of tokens that were seen, and of tokens that were not.
async fn beside(place: &Place, other: &Place, name: &str, options: &Options) {
    let both = [place, other];
    for place in both {
        load(place.server.address, &once(&place.validations(TOKENS, 0..options.tokens)), 200, options.round * 10).await;
    }
    let requests = both.map(|place| Requests::in_turn(place.validations(TOKENS, 0..options.tokens)));
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let less = load(place.server.address, &requests[0], 200, options.round).await;
        table.add(less, load(other.server.address, &requests[1], 200, options.round).await);
    }
    table.print(&format!("validation, warm, {name}"));
    let token = |place: &Place, number| place.world.token_among(FAMILIAR, number);
    for place in both {
        let introduced = options.never_seen_of(2 * FAMILIAR).map(|number| token(place, number));
        load(place.server.address, &once(&place.validations_of(TOKENS, introduced)), 200, options.round * 10).await;
    }
    cold(place, other, &format!("validation, cold, {name}"), token, options).await;
}

/// Rounds for which nothing is in memory are short: there are a thousand users in the smaller database.
const SHORT_ROUNDS_PER_PAIR: usize = 4;

/// Validations for which both have to ask the database about everything.
async fn forgetful(place: &Place, other: &Place, name: &str, options: &Options) {
    let mut table = Table::default();
    for _ in 0..options.pairs * SHORT_ROUNDS_PER_PAIR {
        let less = strangers(place, options).await;
        table.add(less, strangers(other, options).await);
    }
    table.print(&format!("validation, nothing in memory, {name}"));
}

/// Tokens that were never seen, whichever `token` makes of a number.
async fn cold(
    place: &Place,
    other: &Place,
    name: &str,
    token: impl Fn(&Place, u64) -> String + Copy,
    options: &Options,
) {
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let numbers = options.never_seen();
        let requests = [place, other]
            .map(|place| once(&place.validations_of(TOKENS, numbers.clone().map(|number| token(place, number)))));
        let less = load(place.server.address, &requests[0], 200, options.round).await;
        table.add(less, load(other.server.address, &requests[1], 200, options.round).await);
    }
    table.print(name);
}

/// Validations of the first token of each of hundreds of users, by a process that has been at work for long, and was told that
/// everything in its memory may have changed.
async fn strangers(place: &Place, options: &Options) -> Outcome {
    place.execute(["NOTIFY fernstone, 'changed *'".to_owned()]).await;
    // A thousand tokens in a row are of a thousand users, however many there are. With the first of them come the callers,
    // projects, groups, roles and the catalog.
    let mut numbers = options.never_seen_of(1000);
    let first = numbers.start..numbers.start + 200;
    numbers.start = first.end;
    load(place.server.address, &once(&place.validations(TOKENS, first)), 200, Duration::from_secs(60)).await;
    load(place.server.address, &once(&place.validations(TOKENS, numbers)), 200, Duration::from_secs(60)).await
}

/// Revocations of all kinds that name nobody who is asked about: of tokens, of chains of tokens, of users.
fn events(many: u64) -> [String; 2] {
    let insert = format!(
        "INSERT INTO revocation_event (audit_id, audit_chain_id, user_id, issued_before, revoked_at)
        SELECT CASE WHEN i % 10 < 5 THEN 'revoked-' || i END, CASE WHEN i % 10 IN (5, 6) THEN 'chain-' || i END,
            CASE WHEN i % 10 > 6 THEN 'gone-' || i END, now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc'
        FROM generate_series(1, {many}) AS numbers (i)"
    );
    [insert, "ANALYZE revocation_event".to_owned()]
}
