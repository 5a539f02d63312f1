//! The rows of the table.

use std::{net::SocketAddr, time::Duration};

use crate::{
    Options,
    bare::{Bare, Specification},
    growth, keystone,
    load::{Reply, Requests, ask, load},
    logins,
    place::{Place, once, post},
    start,
    table::Table,
    world::{World, project_of},
};

const TOKENS: &str = "/v3/auth/tokens";

/// Runs the rows that are asked for.
pub(crate) async fn run(options: &Options) {
    Table::headings();
    for store in ["SQLite", "Postgres"] {
        let rows = [
            Row::Validation("with catalog", TOKENS),
            Row::Validation("?nocatalog", "/v3/auth/tokens?nocatalog"),
            Row::Rescoping { same_answer: false },
            Row::Rescoping { same_answer: true },
        ];
        let rows: Vec<_> = rows.into_iter().filter(|row| options.wants(&row.name(store))).collect();
        let is_postgres = store == "Postgres";
        let is_wanted = is_postgres || !rows.is_empty() || options.wants(&start::name(store));
        if !is_wanted {
            continue;
        }
        let place = if is_postgres { Place::postgres(1000).await } else { Place::sqlite(1000).await };
        println!("{store}: {} MiB resident when idle", place.server.resident());
        for row in rows {
            row.run(&place, store, options).await;
        }
        start::row(&place, store, options).await;
        if is_postgres {
            cold(&place, options).await;
            logins::rows(&place, options).await;
            growth::rows(&place, options).await;
            keystone::rows(&place, options).await;
        }
        println!("{store}: {} MiB resident after all that", place.server.resident());
    }
}

/// Something that is compared with a bare handler, on either database.
enum Row {
    /// Tokens that were validated before.
    Validation(&'static str, &'static str),
    /// A token for another project by a token; the handler sends back what it was sent, or what Fernstone answers.
    Rescoping { same_answer: bool },
}

impl Row {
    fn name(&self, store: &str) -> String {
        match self {
            Self::Validation(what, _) => format!("validation, warm {store}, {what}"),
            Self::Rescoping { same_answer: false } => format!("POST token, rescoping {store}, beside an echo"),
            Self::Rescoping { same_answer: true } => format!("POST token, rescoping {store}, beside the same answer"),
        }
    }

    async fn run(&self, place: &Place, store: &str, options: &Options) {
        let requests: Vec<_> = match self {
            Self::Validation(_, path) => place.validations(path, 0..options.tokens),
            Self::Rescoping { .. } => (0..options.tokens).map(|number| rescoping(&place.world, number)).collect(),
        };
        let specification = |reply: &Reply| match self {
            Self::Rescoping { same_answer: false } => Specification { body: None, ..Specification::of(reply) },
            _ => Specification::of(reply),
        };
        compare(&self.name(store), place.server.address, &requests, specification, options).await;
    }
}

/// Tokens that were never seen before, of users and projects that were, beside one trivial query to the same database.
async fn cold(place: &Place, options: &Options) {
    let name = "validation, cold Postgres, beside one trivial query";
    if !options.wants(name) {
        return;
    }
    load(place.server.address, &once(&place.validations(TOKENS, 0..options.tokens)), 200, options.round).await;
    let reply = ask(place.server.address, &place.validations(TOKENS, 0..1)[0]).await;
    let bare = Bare::start(&Specification { database: Some(place.url.clone()), ..Specification::of(&reply) });
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let all = place.validations(TOKENS, options.never_seen());
        let beside = load(bare.address, &Requests::in_turn(all.clone()), 200, options.round).await;
        table.add(beside, load(place.server.address, &once(&all), 200, options.round).await);
    }
    table.print(name);
}

fn rescoping(world: &World, number: u64) -> Box<[u8]> {
    let user = number.wrapping_mul(7919) % 1000;
    let token = world.token(number);
    let project = World::project_id(project_of(user, number / 1000 + 1));
    let identity = format!(r#""identity":{{"methods":["token"],"token":{{"id":"{token}"}}}}"#);
    post(TOKENS, &format!(r#"{{"auth":{{{identity},"scope":{{"project":{{"id":"{project}"}}}}}}}}"#))
}

/// Alternates rounds between a bare handler and Fernstone.
async fn compare(
    name: &str,
    ours: SocketAddr,
    requests: &[Box<[u8]>],
    specification: impl Fn(&Reply) -> Specification,
    options: &Options,
) {
    let reply = ask(ours, &requests[0]).await;
    assert!(reply.status < 300, "{name}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    let bare = Bare::start(&specification(&reply));
    // All of them once, however long that takes.
    load(ours, &once(requests), reply.status, Duration::from_secs(600)).await;
    let requests = Requests::in_turn(requests.to_vec());
    load(bare.address, &requests, reply.status, options.round / 2).await;
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let beside = load(bare.address, &requests, reply.status, options.round).await;
        table.add(beside, load(ours, &requests, reply.status, options.round).await);
    }
    table.print(name);
}
