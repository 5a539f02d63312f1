//! The database goes away under load, in every way it can, and comes back: 503 in between, never a wrong answer, and
//! nothing has to be restarted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use fernstone::store::{DatabaseSettings, Store, feed::Feed};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use tokio::{
    sync::watch,
    task::{JoinSet, spawn_blocking},
    time::timeout,
};
use tracing_subscriber::filter::LevelFilter;

use super::{
    secrecy::Log,
    served::Ground,
    whole::{Whole, login, shared, validation},
    wire::{Answer, Ask},
};
use crate::postgres::Cluster;

/// Nothing here takes nearly as long, on any machine.
const LONG: Duration = Duration::from_secs(120);

/// How many clients ask each question, over and over.
const CLIENTS: usize = 2;

/// A question, and what may be answered to it while there is a database.
struct Question {
    ask: Ask,
    is_right: Box<dyn Fn(&Answer) -> bool + Send + Sync>,
}

fn question(ask: Ask, is_right: impl Fn(&Answer) -> bool + Send + Sync + 'static) -> Question {
    Question { ask, is_right: Box::new(is_right) }
}

/// What the clients got, by question.
#[derive(Debug, Clone, Default)]
struct Tally {
    right: Vec<u64>,
    unavailable: Vec<u64>,
    wrong: Option<String>,
}

/// Clients that ask without a pause, until this is dropped.
struct Load {
    tally: watch::Receiver<Tally>,
    _clients: JoinSet<()>,
}

impl Load {
    fn start(whole: &Whole, questions: Vec<Question>) -> Self {
        let zero = vec![0; questions.len()];
        let tally = Tally { right: zero.clone(), unavailable: zero, wrong: None };
        let (sender, tally) = watch::channel(tally);
        let (address, sender) = (whole.api.address, Arc::new(sender));
        let mut clients = JoinSet::new();
        for (number, question) in questions.into_iter().enumerate() {
            let question = Arc::new(question);
            for _ in 0..CLIENTS {
                let (question, sender) = (Arc::clone(&question), Arc::clone(&sender));
                clients.spawn(async move {
                    loop {
                        let answer =
                            timeout(LONG, question.ask.send(address)).await.expect("every request is answered");
                        sender.send_modify(|tally| tally.count(number, &question, &answer));
                    }
                });
            }
        }
        Self { tally, _clients: clients }
    }

    /// Returns when every question got so many more right answers.
    async fn goes_right(&mut self, times: u64) {
        let before = self.tally.borrow().right.clone();
        self.until(|tally| has_grown(&before, &tally.right, times)).await;
    }

    /// Returns when every question was answered so many more times with 503.
    async fn is_turned_away(&mut self, times: u64) {
        let before = self.tally.borrow().unavailable.clone();
        self.until(|tally| has_grown(&before, &tally.unavailable, times)).await;
    }

    async fn until(&mut self, condition: impl Fn(&Tally) -> bool) {
        let reached = self.tally.wait_for(|tally| tally.wrong.is_some() || condition(tally));
        let tally = timeout(LONG, reached).await.expect("it comes to that").expect("the clients go on").clone();
        assert_eq!(tally.wrong, None);
    }

    fn right(&self) -> Vec<u64> {
        self.tally.borrow().right.clone()
    }
}

impl Tally {
    fn count(&mut self, number: usize, question: &Question, answer: &Answer) {
        if (question.is_right)(answer) {
            self.right[number] += 1;
        } else if answer.status == 503 && answer.header("retry-after") == Some("1") {
            self.unavailable[number] += 1;
        } else {
            self.wrong.get_or_insert_with(|| format!("{} {}: {answer:?}", question.ask.method, question.ask.path));
        }
    }
}

fn has_grown(before: &[u64], now: &[u64], times: u64) -> bool {
    before.iter().zip(now).all(|(before, now)| *now >= before + times)
}

/// Does something that blocks with the cluster, while the load goes on.
async fn with<T: Send + 'static>(
    cluster: Cluster,
    work: impl FnOnce(&mut Cluster) -> T + Send + 'static,
) -> (Cluster, T) {
    let mut cluster = cluster;
    spawn_blocking(move || {
        let made = work(&mut cluster);
        (cluster, made)
    })
    .await
    .expect("no panic")
}

/// Returns when the feed of changes does not work any more.
async fn feed_is_down(whole: &Whole) {
    let is_down = whole.store.feed().wait_until(|feed| !feed.is_working());
    timeout(LONG, is_down).await.expect("it is noticed");
}

async fn hits(whole: &Whole) -> f64 {
    whole.page().await.value("fernstone_token_cache_lookups_total{result=\"hit\"}")
}

/// While there is no database, nothing is answered from memory; afterwards all is well without a restart.
async fn nothing_but_503(whole: &Whole, load: &mut Load) {
    feed_is_down(whole).await;
    // Whoever was asking when it happened has had his answer.
    load.is_turned_away(CLIENTS as u64 + 1).await;
    let (right, hits_then) = (load.right(), hits(whole).await);
    load.is_turned_away(5).await;
    assert_eq!(load.right(), right, "answered without a database");
    assert_eq!(hits(whole).await, hits_then, "served from memory without a change feed");
    let page = whole.page().await;
    assert_eq!(page.value("fernstone_change_feed_working"), 0.0);
    assert!(page.value("fernstone_change_feed_losses_total") >= 1.0);
    assert!(page.value("fernstone_token_cache_lookups_total{result=\"bypass\"}") > 0.0);
}

async fn all_is_well(whole: &Whole, load: &mut Load) {
    load.goes_right(20).await;
    timeout(LONG, whole.store.feed().wait_until(Feed::is_working)).await.expect("changes are followed again");
    let before = hits(whole).await;
    load.goes_right(20).await;
    assert!(hits(whole).await > before, "what is good is kept again");
    assert_eq!(whole.page().await.value("fernstone_change_feed_working"), 1.0);
}

#[tokio::test]
async fn a_database_that_goes_away_under_load_is_missed_and_nothing_else() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let cluster = spawn_blocking(Cluster::start).await.expect("a cluster");
    let location = cluster.url("postgres").location(false).expect("parameters that are heeded");
    let settings = DatabaseSettings {
        pool_timeout: Duration::from_secs(1),
        statement_timeout: Some(Duration::from_secs(1)),
        ..DatabaseSettings::new(location)
    };
    let store = Store::open(&settings).expect("it opens");
    let (ground, _) = Ground::bootstrapped_in(store, "http://k/v3", TimeDelta::hours(1)).await;
    let whole = Whole::serve(ground.store.clone(), shared(&ground.clock), |_| {}).await;
    timeout(LONG, whole.store.feed().wait_until(Feed::is_working)).await.expect("changes are followed");

    let admin = whole.login("secret").await.header("x-subject-token").expect("a token").to_owned();
    let as_admin = |method, path: &str| Ask::new(method, path).header("X-Auth-Token", &admin);
    let mut create = as_admin("POST", "/v3/users");
    create.body = Some(json!({ "user": { "name": "eve", "password": "secret" } }).to_string().into_bytes());
    let user = whole.ask(create).await;
    let user_id = user.json()["user"]["id"].as_str().expect("an id").to_owned();
    let mut eves_login = login("secret");
    let eve = json!({ "id": user_id, "password": "secret" });
    let identity = json!({ "methods": ["password"], "password": { "user": eve } });
    eves_login.body = Some(json!({ "auth": { "identity": identity } }).to_string().into_bytes());
    let eves = whole.ask(eves_login).await.header("x-subject-token").expect("a token").to_owned();

    let eve_is_disabled = Arc::new(AtomicBool::new(false));
    let of_eve = as_admin("GET", "/v3/auth/tokens").header("X-Subject-Token", &eves);
    let list = as_admin("GET", "/v3/projects");
    let own = whole.ask(validation(&admin)).await.body;
    let eves_own = whole.ask(of_eve.clone()).await.body;
    let projects = whole.ask(list.clone()).await.body;
    assert!(own.contains("catalog") && eves_own.contains(&user_id) && projects.contains("admin"));
    let mut load = Load::start(
        &whole,
        vec![
            question(validation(&admin), move |answer| answer.status == 200 && answer.body == own),
            question(of_eve, {
                let eve_is_disabled = Arc::clone(&eve_is_disabled);
                move |answer| match eve_is_disabled.load(Ordering::SeqCst) {
                    false => answer.status == 200 && answer.body == eves_own,
                    true => answer.status == 404,
                }
            }),
            question(list, move |answer| answer.status == 200 && answer.body == projects),
            question(login("secret"), |answer| answer.status == 201),
        ],
    );
    all_is_well(&whole, &mut load).await;

    // Stopped, and started again.
    let (cluster, ()) = with(cluster, Cluster::stop).await;
    nothing_but_503(&whole, &mut load).await;
    let (cluster, ()) = with(cluster, Cluster::start_again).await;
    all_is_well(&whole, &mut load).await;

    // Crashed; and changed while we could not see it.
    let (cluster, ()) = with(cluster, Cluster::crash).await;
    nothing_but_503(&whole, &mut load).await;
    let (cluster, options) = with(cluster, |cluster| cluster.start_elsewhere("postgres")).await;
    let mut elsewhere = PgConnection::connect_with(&options).await.expect("a connection");
    sqlx::query(r#"UPDATE "user" SET enabled = false WHERE id = $1"#)
        .bind(&user_id)
        .execute(&mut elsewhere)
        .await
        .expect("disabled");
    elsewhere.close().await.expect("the connection closes");
    let (cluster, ()) = with(cluster, Cluster::stop).await;
    eve_is_disabled.store(true, Ordering::SeqCst);
    let (cluster, ()) = with(cluster, Cluster::start_again).await;
    all_is_well(&whole, &mut load).await;

    // There, and as if it were not: it takes connections and says nothing.
    let (cluster, frozen) = with(cluster, Cluster::freeze).await;
    nothing_but_503(&whole, &mut load).await;
    drop(frozen);
    all_is_well(&whole, &mut load).await;

    drop(load);
    spawn_blocking(move || drop(cluster)).await.expect("it stops");
    let said = log.text();
    assert!(said.contains("the change feed does not work: everything is read from the database"), "{said}");
    assert!(said.contains("not following the database's changes"), "{said}");
}
