//! The rows of the table.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ::fernstone::store::{DatabaseSettings, Location, Store, url::DatabaseUrl};
use tempfile::TempDir;

use crate::{
    Options,
    bare::{Bare, Specification},
    fernstone::{Extra, Fernstone},
    load::{Outcome, Requests, ask, load},
    postgres,
    world::World,
};

/// A furnished database with its files, and the server on it.
struct Place {
    /// Gone with the place.
    _directory: TempDir,
    url: String,
    world: World,
    server: Fernstone,
}

impl Place {
    async fn sqlite(users: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("keystone.db");
        let url = format!("sqlite:///{}", path.display());
        Self::on(directory, Location::SqliteFile { path, create: true }, url, users).await
    }

    async fn postgres(users: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let database = postgres::fresh_database().await;
        let DatabaseUrl::Postgres(parts) = &database else { panic!("not Postgres") };
        let (port, name) = (parts.port.expect("a port"), parts.database.clone().expect("a name"));
        let url = format!("postgresql://postgres@127.0.0.1:{port}/{name}");
        Self::on(directory, Location::Postgres(Box::new(postgres::options_of(&database))), url, users).await
    }

    async fn on(directory: TempDir, location: Location, url: String, users: u64) -> Self {
        let store = Store::open(&DatabaseSettings::new(location)).expect("a store");
        let world = World::furnish(&store, &directory.path().join("keys"), users).await;
        store.database().close().await;
        let server = Fernstone::start(directory.path(), &url, &Extra::default());
        Self { _directory: directory, url, world, server }
    }

    /// Validations of so many different tokens.
    fn validations(&self, path: &str, numbers: std::ops::Range<u64>) -> Vec<Box<[u8]>> {
        let callers = self.world.callers();
        let tokens: Vec<_> = numbers.map(|number| self.world.token(number)).collect();
        requests_for(path, &callers, &tokens)
    }
}

fn requests_for(path: &str, callers: &[String], tokens: &[String]) -> Vec<Box<[u8]>> {
    tokens.iter().zip(callers.iter().cycle())
            .map(|(token, caller)| {
                format!("GET {path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: application/json\r\nX-Auth-Token: {caller}\r\nX-Subject-Token: {token}\r\n\r\n")
                    .into_bytes()
                    .into_boxed_slice()
            })
            .collect()
}

/// Runs the rows that are asked for.
pub(crate) async fn run(options: &Options) {
    println!(
        "{:<46} {:>10} {:>10} {:>7}   {:>9} {:>9} {:>7}",
        "", "bare/s", "ours/s", "ratio", "bare p99", "ours p99", "ratio"
    );
    let wanted = |name: &str| name.contains(&options.only);
    if ["validation, warm SQLite, with catalog", "validation, warm SQLite, ?nocatalog", "POST token, rescoping SQLite"]
        .into_iter()
        .any(wanted)
    {
        let place = Place::sqlite(1000).await;
        rows_of(&place, "SQLite", options).await;
    }
    let place = Place::postgres(1000).await;
    rows_of(&place, "Postgres", options).await;
    if wanted("cold Postgres") {
        cold(&place, "cold Postgres, beside one trivial query", options).await;
    }
    println!("{} MiB resident after all that", place.server.resident());
}

async fn rows_of(place: &Place, store: &str, options: &Options) {
    println!("{store}: {} MiB resident when idle", place.server.resident());
    let callers = place.world.callers();
    let tokens: Vec<_> = (0..options.tokens).map(|number| place.world.token(number)).collect();
    for (path, what) in [("/v3/auth/tokens", "with catalog"), ("/v3/auth/tokens?nocatalog", "?nocatalog")] {
        let name = format!("validation, warm {store}, {what}");
        if !name.contains(&options.only) {
            continue;
        }
        let all = requests_for(path, &callers, &tokens);
        let (once, requests) = (Requests::once(all.clone()), Requests::in_turn(all));
        compare(&name, place, &once, &requests, Specification::of, options).await;
    }
    let name = format!("POST token, rescoping {store}");
    if name.contains(&options.only) {
        let requests: Vec<_> = (0..options.tokens).map(|number| rescoping(&place.world, number)).collect();
        let requests = Requests::in_turn(requests);
        let echo = |reply: &_| Specification { body: None, ..Specification::of(reply) };
        let once = Requests::once((0..100).map(|number| rescoping(&place.world, number)).collect());
        compare(&name, place, &once, &requests, echo, options).await;
    }
}

/// Tokens that were never seen before, beside one trivial query to the same database.
async fn cold(place: &Place, name: &str, options: &Options) {
    let path = "/v3/auth/tokens";
    let warm = Requests::once(place.validations(path, 0..options.tokens));
    load(place.server.address, &warm, 200, options.round).await;
    let reply = ask(place.server.address, &place.validations(path, 0..1)[0]).await;
    let bare = Bare::start(&Specification { database: Some(place.url.clone()), ..Specification::of(&reply) });
    let mut next = options.tokens;
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let many = next..next + 25_000 * options.round.as_secs().max(1);
        next = many.end;
        let all = place.validations(path, many);
        let theirs = load(bare.address, &Requests::in_turn(all.clone()), 200, options.round).await;
        let ours = load(place.server.address, &Requests::once(all), 200, options.round).await;
        table.add(theirs, ours);
    }
    table.print(name);
}

fn rescoping(world: &World, number: u64) -> Box<[u8]> {
    let user = number.wrapping_mul(7919) % 1000;
    let token = world.token(number);
    let project = World::project_id(crate::world::project_of(user, number / 1000 + 1));
    let body = format!(
        r#"{{"auth":{{"identity":{{"methods":["token"],"token":{{"id":"{token}"}}}},"scope":{{"project":{{"id":"{project}"}}}}}}}}"#
    );
    format!(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
    .into_boxed_slice()
}

/// Alternates rounds between the bare handler, which answers as Fernstone did, and Fernstone.
async fn compare(
    name: &str,
    place: &Place,
    warming: &Arc<Requests>,
    requests: &Arc<Requests>,
    specification: impl Fn(&crate::load::Reply) -> Specification,
    options: &Options,
) {
    let ours: SocketAddr = place.server.address;
    let reply = ask(ours, &requests.first()).await;
    assert!(reply.status < 300, "{name}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    let bare = Bare::start(&specification(&reply));
    // All of them once, however long that takes.
    load(ours, warming, reply.status, Duration::from_secs(600)).await;
    load(bare.address, requests, reply.status, options.round / 2).await;
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let theirs = load(bare.address, requests, reply.status, options.round).await;
        table.add(theirs, load(ours, requests, reply.status, options.round).await);
    }
    table.print(name);
}

/// Outcomes of pairs of rounds.
#[derive(Default)]
struct Table(Vec<(Outcome, Outcome)>);

impl Table {
    fn add(&mut self, theirs: Outcome, ours: Outcome) {
        self.0.push((theirs, ours));
    }

    fn print(&self, name: &str) {
        let of = |value: &dyn Fn(&(Outcome, Outcome)) -> f64| median(self.0.iter().map(value).collect());
        println!(
            "{name:<46} {:>10.0} {:>10.0} {:>7.3}   {:>6.0} us {:>6.0} us {:>7.2}",
            of(&|(theirs, _)| theirs.rate),
            of(&|(_, ours)| ours.rate),
            of(&|(theirs, ours)| ours.rate / theirs.rate),
            of(&|(theirs, _)| theirs.p99.as_secs_f64() * 1e6),
            of(&|(_, ours)| ours.p99.as_secs_f64() * 1e6),
            of(&|(theirs, ours)| ours.p99.as_secs_f64() / theirs.p99.as_secs_f64()),
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
