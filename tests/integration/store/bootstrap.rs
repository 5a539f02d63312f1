//! Bootstrap writes the rows that Keystone's writes: compared with recordings of what `keystone-manage bootstrap` left in
//! a database (`reference/record_bootstrap.py`), table by table, column by column.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use fernstone::{
    auth::password::{NewHash, PasswordSettings, check_password},
    bootstrap::{BootstrapError, BootstrapRequest, Bootstrapped, UserRules, bootstrap},
    domain::{
        clock::ManualClock,
        random::{SeededRandom, SharedRandom},
        secret::SecretText,
    },
    store::{Query, Store, identity::login},
};
use serde_json::{Map, Value as Json};

use super::{World, on_every_backend, settings, time};

on_every_backend! {
    the_first_bootstrap_writes_keystones_rows,
    repeated_bootstraps_write_keystones_rows,
    a_repetition_with_nothing_new_changes_nothing,
    the_admin_can_be_recovered,
    new_passwords_follow_the_rules,
    what_is_missing_of_an_older_bootstrap_is_added,
    another_domain_named_default_is_in_the_way,
}

const NOW: &str = "2026-01-02T03:04:05.678901Z";

fn rules() -> UserRules {
    let passwords = PasswordSettings { new_hash: NewHash::Bcrypt { cost: 4 }, ..PasswordSettings::default() };
    UserRules { passwords, ..UserRules::default() }
}

fn request(password: &str) -> BootstrapRequest {
    BootstrapRequest::new(SecretText::new(password))
}

/// As the recordings were made.
fn recorded(password: &str, region: &str, host: &str) -> BootstrapRequest {
    BootstrapRequest {
        region_id: Some(region.to_owned()),
        admin_url: Some(format!("http://admin.{host}/v3")),
        public_url: Some(format!("http://public.{host}/v3")),
        internal_url: Some(format!("http://internal.{host}/v3")),
        ..request(password)
    }
}

/// Runs bootstraps on one database, each a minute after the one before.
struct Operator {
    store: Store,
    rules: UserRules,
    clock: Arc<ManualClock>,
    random: SharedRandom,
}

impl Operator {
    fn of(world: &World) -> Self {
        Self {
            store: world.store.clone(),
            rules: rules(),
            clock: ManualClock::at(time(NOW)),
            random: SeededRandom::new(7),
        }
    }

    async fn bootstrap(&self, request: &BootstrapRequest) -> Result<Bootstrapped, BootstrapError> {
        let done =
            bootstrap(&self.store, &self.rules, self.clock.as_ref(), &self.random, &"default".into(), request).await;
        self.clock.advance(TimeDelta::minutes(1));
        done
    }
}

async fn the_first_bootstrap_writes_keystones_rows(world: World) {
    Operator::of(&world).bootstrap(&recorded("one", "RegionOne", "first")).await.expect("done");
    assert_same_tables(&world, include_str!("reference/bootstrap-first.json")).await;
}

async fn repeated_bootstraps_write_keystones_rows(world: World) {
    let operator = Operator::of(&world);
    operator.bootstrap(&recorded("one", "RegionOne", "first")).await.expect("done");
    operator.bootstrap(&recorded("two", "RegionTwo", "second")).await.expect("done");
    operator.bootstrap(&recorded("two", "RegionOne", "third")).await.expect("done");
    assert_same_tables(&world, include_str!("reference/bootstrap-again.json")).await;
}

async fn a_repetition_with_nothing_new_changes_nothing(world: World) {
    let operator = Operator::of(&world);
    let first = operator.bootstrap(&recorded("one", "RegionOne", "first")).await.expect("done");
    let before = tables(&world.store, include_str!("reference/bootstrap-again.json")).await;
    let second = operator.bootstrap(&recorded("one", "RegionOne", "first")).await.expect("done");
    assert_eq!(tables(&world.store, include_str!("reference/bootstrap-again.json")).await, before);
    assert_eq!(
        (first.user_id, first.project_id, first.admin_role_id, first.service_role_id),
        (second.user_id, second.project_id, second.admin_role_id, second.service_role_id)
    );
}

async fn the_admin_can_be_recovered(world: World) {
    let operator = Operator::of(&world);
    let admin = operator.bootstrap(&request("one")).await.expect("done").user_id;
    world
        .execute(&[
            r#"UPDATE "user" SET enabled = false"#,
            "UPDATE local_user SET failed_auth_count = 9, failed_auth_at = '2026-01-02 03:00:00.000000'",
        ])
        .await;
    let facts = || async {
        let (user, local) = world.store.run(login(&admin)).await.expect("an answer").expect("the admin");
        let local = local.expect("a local part");
        (user.enabled, local.failed_auth_count, local.password.and_then(|password| password.hash).expect("a hash"))
    };
    let (_, _, hash) = facts().await;
    // The right password: it stays, and so do the tokens.
    operator.bootstrap(&request("one")).await.expect("done");
    assert_eq!(facts().await, (true, 0, hash.clone()));
    assert_eq!(world.store.run(fernstone::store::revocation::events(None)).await.expect("an answer"), []);

    // One that has expired is no use, right as it may be.
    world.execute(&["UPDATE password SET expires_at = '2026-01-01 00:00:00', expires_at_int = 1767225600000000"]).await;
    operator.bootstrap(&request("one")).await.expect("done");
    let (_, _, renewed) = facts().await;
    assert_ne!(renewed, hash);
    assert!(check_password(&rules().passwords, &SecretText::new("one"), &renewed).expect("a good hash"));
    assert_eq!(world.store.run(fernstone::store::revocation::events(None)).await.expect("an answer").len(), 1);
}

async fn new_passwords_follow_the_rules(world: World) {
    let mut operator = Operator::of(&world);
    operator.rules.password_expires_days = Some(30);
    operator.rules.inactive_users_are_disabled = true;
    operator.rules.unique_last_password_count = 2;
    let admin = operator.bootstrap(&request("one")).await.expect("done").user_id;
    let user = || async { world.store.user(&admin).await.expect("an answer").expect("the admin") };
    assert_eq!(user().await.password_expires_at, Some(time("2026-02-01T03:04:05Z")), "whole seconds");
    assert_eq!(user().await.last_active_at, Some(time(NOW).date_naive()));

    operator.rules.change_password_upon_first_use = true;
    for password in ["two", "three", "four"] {
        operator.bootstrap(&request(password)).await.expect("done");
    }
    assert_eq!(user().await.password_expires_at, Some(time(NOW) + TimeDelta::minutes(3)));
    let count = Query::new("password", "SELECT id FROM password", vec![], |rows| Ok(rows.len()));
    assert_eq!(world.store.run(count).await.expect("an answer"), 3, "two before the one that counts");
}

async fn what_is_missing_of_an_older_bootstrap_is_added(world: World) {
    let operator = Operator::of(&world);
    operator.bootstrap(&recorded("one", "RegionOne", "first")).await.expect("done");
    // As before there were a manager, a service role and grants on the system.
    world
        .execute(&[
            "INSERT INTO implied_role (prior_role_id, implied_role_id)
                SELECT prior.id, implied.id FROM role AS prior, role AS implied
                WHERE prior.name = 'admin' AND implied.name = 'member'",
            "DELETE FROM role WHERE name IN ('manager', 'service')",
            "DELETE FROM system_assignment",
        ])
        .await;
    operator.bootstrap(&recorded("one", "RegionOne", "first")).await.expect("done");
    assert_same_tables(&world, include_str!("reference/bootstrap-first.json")).await;
}

async fn another_domain_named_default_is_in_the_way(world: World) {
    world
        .execute(&["INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled)
            VALUES ('other', 'Default', '<<keystone.domain.root>>', NULL, true, true)"])
        .await;
    match Operator::of(&world).bootstrap(&request("one")).await {
        Err(BootstrapError::NoDefaultDomain(id)) => assert_eq!(id, "default".into()),
        other => panic!("{other:?}"),
    }
}

/// Several nodes that start at the same time.
#[tokio::test]
async fn bootstraps_at_once_make_one_admin() {
    for world in [World::sqlite_file().await.synced().await, World::postgres().await.synced().await] {
        let nodes = (1..=4).map(|seed| {
            let store = Store::open(&settings(&world.url)).expect("the store opens");
            let clock = ManualClock::at(time(NOW));
            tokio::spawn(async move {
                let random: SharedRandom = SeededRandom::new(seed * 1000 + 1);
                let request = recorded("one", "RegionOne", "first");
                bootstrap(&store, &rules(), clock.as_ref(), &random, &"default".into(), &request).await
            })
        });
        for node in nodes.collect::<Vec<_>>() {
            node.await.expect("no panic").expect("done");
        }
        assert_same_tables(&world, include_str!("reference/bootstrap-first.json")).await;
    }
}

async fn assert_same_tables(world: &World, recording: &str) {
    let expected: Map<String, Json> = serde_json::from_str(recording).expect("a recording");
    let found = tables(&world.store, recording).await;
    for (table, rows) in &expected {
        assert_eq!(found.get(table), Some(rows), "{table}");
    }
    // What Keystone left empty is empty here too.
    if !expected.contains_key("revocation_event") {
        let events = world.store.run(fernstone::store::revocation::events(None)).await.expect("an answer");
        assert_eq!(events, []);
    }
}

/// The tables that the recording has, masked as it is. Ids of rows that databases count count from one here too.
async fn tables(store: &Store, recording: &str) -> Map<String, Json> {
    const COLUMNS: [&str; 13] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12"];
    let expected: Map<String, Json> = serde_json::from_str(recording).expect("a recording");
    let labels = labels(store).await;
    let mut found = Map::new();
    for (table, rows) in expected {
        let columns: Vec<String> = rows[0].as_object().expect("a row").keys().cloned().collect();
        let selected: Vec<String> = columns
            .iter()
            .zip(COLUMNS)
            .map(|(column, name)| format!("CAST({column} AS VARCHAR(1000)) AS {name}"))
            .collect();
        let count = columns.len();
        let query =
            Query::new("test", format!("SELECT {} FROM \"{table}\"", selected.join(", ")), vec![], move |rows| {
                rows.iter()
                    .map(|row| COLUMNS[..count].iter().map(|column| row.opt_text(column)).collect())
                    .collect::<Result<Vec<Vec<Option<String>>>, _>>()
            });
        let rows = store.run(query).await.expect("an answer");
        let mut rows: Vec<Json> = rows
            .into_iter()
            .map(|row| {
                let cells = columns.iter().zip(row);
                cells.map(|(column, cell)| (column.clone(), masked(&labels, column, cell))).collect::<Map<_, _>>()
            })
            .map(Json::Object)
            .collect();
        rows.sort_by_key(Json::to_string);
        found.insert(table, Json::Array(rows));
    }
    found
}

fn masked(labels: &HashMap<String, String>, column: &str, cell: Option<String>) -> Json {
    let Some(text) = cell else { return Json::Null };
    let kept = match (column, text.as_str()) {
        ("created_at_int" | "expires_at_int" | "issued_before", _) => "<time>",
        (column, _) if column.ends_with("_at") => "<time>",
        ("password_hash", _) => "<hash>",
        // JSON, which is text in either database.
        ("option_value", text) => text,
        (_, "true") => "1",
        (_, "false") => "0",
        _ => labels.get(&text).map_or(text.as_str(), String::as_str),
    };
    kept.into()
}

async fn labels(store: &Store) -> HashMap<String, String> {
    let labels = Query::list(
        "test",
        "SELECT id, 'role ' || name AS label FROM role
            UNION ALL SELECT id, 'project ' || name FROM project WHERE NOT is_domain
            UNION ALL SELECT user_id, 'user ' || name FROM local_user
            UNION ALL SELECT id, 'service ' || type FROM service
            UNION ALL SELECT id, 'endpoint ' || interface || '@' || region_id FROM endpoint",
        vec![],
        |row| Ok((row.text("id")?, row.text("label")?)),
    );
    store.run(labels).await.expect("an answer").into_iter().collect()
}
