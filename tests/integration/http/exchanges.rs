//! A day in the life of a token, as recorded from Keystone (`tests/recorded/exchanges/`): the same requests in the same
//! order, and the same answers.

use std::{collections::HashMap, fs, path::Path};

use chrono::TimeDelta;
use fernstone::{
    domain::assignment::{Actor, Assignment, Target},
    http::HttpSettings,
    server::Limits,
    store::{Store, assignment},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    pattern::Names,
    served::{Ground, Served, postgres_store},
    wire::{Answer, Ask},
};

#[derive(Deserialize)]
struct Exchange {
    request: Request,
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: serde_json::Map<String, Value>,
    body: Value,
}

/// Where the recording says `<token>`, and which one it was: the token that the named exchange minted, for the
/// `X-Auth-Token`, and for the `X-Subject-Token` or the token in the body. What follows a colon happened to it.
const TOKENS: &[(&str, &str, &str)] = &[
    ("082-rescope-unscoped-to-project", "", "024"),
    ("083-rescope-project-to-unscoped", "", "001"),
    ("084-rescope-noscope", "", "001"),
    ("085-rescope-to-domain", "", "024"),
    ("086-rescope-to-system", "", "024"),
    ("087-rescope-project-to-other", "", "001"),
    ("091-auth-token-and-password", "", "001"),
    ("096-validate-unscoped", "001", "024"),
    ("097-validate-domain", "001", "032"),
    ("098-validate-system", "001", "034"),
    ("106-validate-tampered", "001", "001:tampered"),
    ("107-validate-tampered-head", "001", "001:tampered"),
    ("108-validate-tampered-auth", "001:tampered", "001"),
    ("109-validate-truncated", "001", "001:truncated"),
    ("110-validate-padded", "001", "001:padded"),
    ("115-child-of-revoked", "", "114"),
    ("116-revoke", "001", "114"),
    ("117-validate-revoked", "001", "114"),
    ("118-validate-revoked-head", "001", "114"),
    ("119-use-revoked", "114", ""),
    ("120-rescope-revoked", "", "114"),
    ("121-validate-child-of-revoked", "001", "115"),
    ("122-revoke-twice", "001", "114"),
    ("130-auth-catalog-unscoped", "024", ""),
    ("131-auth-projects-unscoped", "024", ""),
    ("132-auth-domains-unscoped", "024", ""),
    ("133-auth-system-unscoped", "024", ""),
    ("134-auth-catalog-domain", "032", ""),
    ("135-auth-projects-domain", "032", ""),
    ("136-auth-domains-domain", "032", ""),
    ("137-auth-system-domain", "032", ""),
    ("138-auth-catalog-system", "034", ""),
    ("139-auth-projects-system", "034", ""),
    ("140-auth-domains-system", "034", ""),
    ("141-auth-system-system", "034", ""),
];

/// The same for the recording with short-lived tokens.
const TOKENS_EXPIRED: &[(&str, &str, &str)] = &[
    ("004-get-expired-subject", "003", "001"),
    ("005-get-expired-subject-allow", "003", "001"),
    ("006-head-expired-subject", "003", "001"),
    ("007-get-expired-auth", "001", "003"),
    ("008-rescope-expired", "", "002"),
    ("009-projects-expired-auth", "001", ""),
    ("011-delete-expired", "010", "001"),
];

/// Exchanges that are not replayed.
const LEFT_OUT: &[(&str, &str)] = &[
    ("007-root-json-home", "JSON home comes with the Identity API"),
    ("008-v3-json-home", "JSON home comes with the Identity API"),
    ("030-list-roles", "roles are listed by an endpoint of the Identity API"),
    ("031-grant-domain-admin", "granted in the database: the endpoint comes with the Identity API"),
];

struct Replay {
    server: Served,
    names: Names,
    minted: HashMap<String, String>,
}

impl Replay {
    async fn exchange(&mut self, name: &str, exchange: &Exchange, tokens: &[(&str, &str, &str)]) -> Result<(), String> {
        let entry = tokens.iter().find(|(known, _, _)| *known == name);
        let (own, subject) = entry.map_or(("001", "001"), |(_, own, subject)| (own, subject));
        let ask = self.request(&exchange.request, own, subject);
        let answer = ask.send(self.server.address).await;
        answer.check_always_true(&exchange.request.method);
        if let Some(token) = answer.header("x-subject-token") {
            self.minted.insert(name[..3].to_owned(), token.to_owned());
        }
        self.compare(exchange, &answer)
    }

    fn request(&self, request: &Request, own: &str, subject: &str) -> Ask {
        let path = if request.path.is_empty() { "/" } else { &request.path };
        let mut ask = Ask::new(&request.method, &self.names.fill_in(path));
        ask = ask.header("Host", &self.server.address.to_string());
        for (name, value) in &request.headers {
            let value = value.as_str().expect("a text");
            let source = if name == "X-Auth-Token" { own } else { subject };
            ask = match value {
                "<token>" => ask.header(name, &self.token(source)),
                other => ask.header(name, other),
            };
        }
        ask.body = match &request.body {
            Value::Null => None,
            Value::String(text) => Some(text.clone().into_bytes()),
            body => {
                let text = self.names.fill_in(&body.to_string()).replace("<id>", &"0".repeat(32));
                let text = if text.contains("<token>") { text.replace("<token>", &self.token(subject)) } else { text };
                Some(text.into_bytes())
            }
        };
        ask
    }

    fn token(&self, source: &str) -> String {
        let (number, fate) = source.split_once(':').unwrap_or((source, ""));
        let token = self.minted.get(number).unwrap_or_else(|| panic!("{number} minted nothing"));
        match fate {
            "tampered" => {
                let middle = token.len() / 2;
                let other = if &token[middle..=middle] == "A" { "B" } else { "A" };
                format!("{}{other}{}", &token[..middle], &token[middle + 1..])
            }
            "truncated" => token[..token.len() - 10].to_owned(),
            "padded" => format!("{token}{}", "=".repeat((4 - token.len() % 4) % 4)),
            _ => token.clone(),
        }
    }

    fn compare(&mut self, expected: &Exchange, answer: &Answer) -> Result<(), String> {
        if answer.status != expected.status {
            return Err(format!("status {} instead of {}: {}", answer.status, expected.status, answer.body));
        }
        let mut left: Vec<&(String, String)> =
            answer.headers.iter().filter(|(name, _)| !["connection", "date"].contains(&name.as_str())).collect();
        for (header, value) in expected.headers.iter().filter(|(header, _)| header != "Connection") {
            let found = left.iter().position(|(known, _)| known.eq_ignore_ascii_case(header));
            let Some(found) = found.map(|index| left.remove(index)) else {
                return Err(format!("no header {header}: {:?}", answer.headers));
            };
            let fits = match header.as_str() {
                // Depends on blanks in JSON.
                "Content-Length" => true,
                "Allow" => methods(&found.1) == methods(value),
                _ => self.names.text_fits(value, &found.1),
            };
            if !fits {
                return Err(format!("{header}: {:?} instead of {value:?}", found.1));
            }
        }
        if !left.is_empty() {
            return Err(format!("headers that Keystone does not send: {left:?}"));
        }
        let fits = match &expected.body {
            Value::String(text) => self.names.text_fits(text, &answer.body),
            body => self.names.accept(&until_dump(body), &until_dump(&answer.json())),
        };
        if fits { Ok(()) } else { Err(format!("body {} instead of {}", answer.body, expected.body)) }
    }
}

fn methods(allow: &str) -> Vec<String> {
    let mut methods: Vec<String> = allow.split(',').map(|method| method.trim().to_owned()).collect();
    methods.sort();
    methods
}

/// An error's body with its message cut off where python-jsonschema begins to print schemas.
fn until_dump(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(message) = body.pointer_mut("/error/message")
        && let Some((sentence, _)) = message.as_str().and_then(|text| text.split_once("\n\nFailed validating"))
    {
        *message = Value::from(sentence);
    }
    body
}

fn recording(folder: &str) -> Vec<(String, Exchange)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(folder);
    let mut exchanges: Vec<(String, Exchange)> = fs::read_dir(folder)
        .expect("the recording is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            let text = fs::read_to_string(&path).expect("a readable file");
            (name, serde_json::from_str(&text).expect("an exchange"))
        })
        .collect();
    exchanges.sort_by(|(one, _), (other, _)| one.cmp(other));
    exchanges
}

/// The server listens before its database is filled: the catalog holds its address.
async fn replay_in(store: Store, expiration: TimeDelta) -> (Replay, Ground) {
    let listener = Served::reserve().await;
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (ground, made) = Ground::bootstrapped_in(store, &format!("{url}/v3"), expiration).await;
    let server = Served::on(listener, ground.front(HttpSettings::default()), Limits::default());
    let mut names = Names::default();
    names.set("URL", &url);
    names.set("user:admin", made.user_id.as_str());
    names.set("project:admin", made.project_id.as_str());
    names.set("role:admin", made.admin_role_id.as_str());
    (Replay { server, names, minted: HashMap::new() }, ground)
}

/// What exchange 031 does.
async fn grant_admin_on_the_domain(ground: &Ground, replay: &Replay) {
    let grant = Assignment {
        actor: Actor::User(replay.names.fill_in("<user:admin>").into()),
        target: Target::Domain("default".into()),
        role_id: replay.names.fill_in("<role:admin>").into(),
        inherited: false,
    };
    let mut transaction = ground.store.begin().await.expect("a transaction");
    assignment::grant(&mut transaction, &grant).await.expect("a role can be granted");
    transaction.commit().await.expect("the transaction commits");
}

#[tokio::test]
async fn a_day_in_the_life_of_a_token() {
    replay_the_day(Ground::empty().store).await;
}

#[tokio::test]
async fn a_day_in_the_life_of_a_token_on_postgres() {
    replay_the_day(postgres_store().await).await;
}

async fn replay_the_day(store: Store) {
    let (mut replay, ground) = replay_in(store, TimeDelta::hours(1)).await;
    let (mut wrong, mut replayed) = (Vec::new(), 0);
    for (name, exchange) in recording("exchanges") {
        if name == "031-grant-domain-admin" {
            grant_admin_on_the_domain(&ground, &replay).await;
        }
        if LEFT_OUT.iter().any(|(left_out, _)| *left_out == name) {
            continue;
        }
        replayed += 1;
        if let Err(difference) = replay.exchange(&name, &exchange, TOKENS).await {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {replayed}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(replayed, 147 - LEFT_OUT.len());
}

#[tokio::test]
async fn a_token_that_grows_old() {
    let (mut replay, ground) = replay_in(Ground::empty().store, TimeDelta::seconds(8)).await;
    let mut wrong = Vec::new();
    for (name, exchange) in recording("exchanges/expired") {
        // The two moments at which whoever recorded this waited for tokens to expire.
        if name.starts_with("003") || name.starts_with("010") {
            ground.clock.advance(TimeDelta::seconds(9));
        }
        if let Err(difference) = replay.exchange(&name, &exchange, TOKENS_EXPIRED).await {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
