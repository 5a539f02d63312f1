//! Our schema is Keystone's, and Keystone's is recognised.

use fernstone::store::{
    Store,
    schema::{CONTRACT_HEAD, EXPAND_HEAD, Missing, SchemaError, Synced},
    url::{DatabaseUrl, SqliteLocation},
};
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{World, settings};
use crate::postgres;

/// Each without the schema.
macro_rules! on_every_empty_backend {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite_in_memory {
            $(#[tokio::test] async fn $name() { super::$name($crate::store::World::sqlite_memory().await).await; })+
        }
        mod on_a_sqlite_file {
            $(#[tokio::test] async fn $name() { super::$name($crate::store::World::sqlite_file().await).await; })+
        }
        mod on_postgres {
            $(#[tokio::test] async fn $name() { super::$name($crate::store::World::postgres().await).await; })+
        }
    };
}

on_every_empty_backend! {
    an_empty_database_gets_everything_at_once,
    a_current_database_is_left_alone,
    unknown_and_older_versions_are_refused,
    a_database_that_is_something_else_is_refused,
    a_schema_without_versions_is_left_alone,
    what_is_missing_is_listed,
}

async fn tables(world: &World) -> Vec<String> {
    let missing = world.store.check_schema().await.expect("an answer");
    missing.into_iter().map(|missing| missing.to_string()).collect()
}

async fn an_empty_database_gets_everything_at_once(world: World) {
    let versions = world.store.versions().await.expect("an answer");
    assert_eq!((versions.expand, versions.contract), (None, None));
    assert_eq!(tables(&world).await.len(), 48);
    assert_eq!(world.store.db_sync().await.expect("synced"), Synced::Created);
    assert_eq!(tables(&world).await, Vec::<String>::new());
    let versions = world.store.versions().await.expect("an answer");
    assert_eq!(versions.expand.as_deref(), Some(EXPAND_HEAD));
    assert_eq!(versions.contract.as_deref(), Some(CONTRACT_HEAD));
    // The root of all domains, as Keystone writes it.
    world
        .execute(&[
            "INSERT INTO role (id, name) SELECT 'found', name FROM project
                WHERE id = '<<keystone.domain.root>>' AND name = id AND domain_id = id AND parent_id IS NULL
                    AND enabled = false AND is_domain = true AND extra = '{}' AND description = ''",
            "INSERT INTO role_option (role_id, option_id) VALUES ('found', 'here')",
        ])
        .await;
}

async fn a_current_database_is_left_alone(world: World) {
    world.store.db_sync().await.expect("synced");
    world.execute(&["INSERT INTO role (id, name) VALUES ('r', 'kept')"]).await;
    assert_eq!(world.store.db_sync().await.expect("synced"), Synced::Current);
    world.execute(&["INSERT INTO role_option (role_id, option_id) VALUES ('r', 'here')"]).await;
}

async fn unknown_and_older_versions_are_refused(world: World) {
    world.store.db_sync().await.expect("synced");
    world
        .execute(&["UPDATE alembic_version SET version_num = 'ffffffffffff' WHERE version_num = '742c857f1dfb'"])
        .await;
    match world.store.db_sync().await {
        Err(error @ SchemaError::Unknown { .. }) => assert_eq!(
            error.to_string(),
            "the database is at c88cdce8f248, ffffffffffff, which is no version known to Keystone 30 (expand \
             742c857f1dfb, contract c88cdce8f248); it was not touched"
        ),
        other => panic!("{other:?}"),
    }
    world
        .execute(&["UPDATE alembic_version SET version_num = 'e8725d6fa226' WHERE version_num = 'ffffffffffff'"])
        .await;
    match world.store.db_sync().await {
        Err(SchemaError::Older { found }) => assert_eq!(found, ["e8725d6fa226", "c88cdce8f248"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(tables(&world).await, Vec::<String>::new(), "whoever serves looks at the tables alone");
}

async fn a_database_that_is_something_else_is_refused(world: World) {
    world.execute(&["CREATE TABLE project (id INTEGER)", "CREATE TABLE other (id INTEGER)"]).await;
    match world.store.db_sync().await {
        Err(SchemaError::Incomplete { missing }) => {
            assert!(missing.contains(&Missing { table: "project", column: Some("domain_id") }));
            assert!(missing.contains(&Missing { table: "user", column: None }));
        }
        other => panic!("{other:?}"),
    }
    world.execute(&["DROP TABLE project"]).await;
    // Tables that are none of ours do not matter.
    assert_eq!(world.store.db_sync().await.expect("synced"), Synced::Created);
}

async fn a_schema_without_versions_is_left_alone(world: World) {
    world.store.db_sync().await.expect("synced");
    world.execute(&["DELETE FROM alembic_version"]).await;
    assert_eq!(world.store.db_sync().await.expect("synced"), Synced::Unversioned);
    world.execute(&["DROP TABLE alembic_version"]).await;
    assert_eq!(world.store.db_sync().await.expect("synced"), Synced::Unversioned);
    assert_eq!(tables(&world).await, Vec::<String>::new());
}

async fn what_is_missing_is_listed(world: World) {
    world.store.db_sync().await.expect("synced");
    world
        .execute(&["DROP TABLE trust_role", "ALTER TABLE mapping DROP COLUMN schema_version", "DROP TABLE token"])
        .await;
    assert_eq!(tables(&world).await, ["column mapping.schema_version", "table trust_role", "table token"]);
}

/// One of the two makes it, the other waits and then finds it made.
#[tokio::test]
async fn two_that_sync_at_once_do_not_clash() {
    for world in [World::sqlite_file().await, World::postgres().await] {
        let other = Store::open(&settings(&world.url)).expect("the store opens");
        let (one, two) = tokio::join!(world.store.db_sync(), other.db_sync());
        let mut outcomes = [one.expect("synced"), two.expect("synced")];
        outcomes.sort_by_key(|outcome| *outcome != Synced::Created);
        assert_eq!(outcomes, [Synced::Created, Synced::Current]);
    }
}

/// Who begins to work with a new file changes how its journal is kept, for which SQLite lets nobody wait.
#[tokio::test]
async fn many_that_open_a_new_file_at_once_do_not_clash() {
    for _ in 0..20 {
        let world = World::sqlite_file().await;
        let stores: Vec<_> = (0..8).map(|_| Store::open(&settings(&world.url)).expect("the store opens")).collect();
        for outcome in join_all(stores.iter().map(Store::versions)).await {
            outcome.expect("an answer");
        }
    }
}

#[tokio::test]
async fn our_sqlite_schema_is_keystones() {
    let world = World::sqlite_file().await.synced().await;
    let DatabaseUrl::Sqlite(SqliteLocation::File(path)) = &world.url else { panic!("a file") };
    let mut ours = SqliteConnectOptions::new().filename(path).connect().await.expect("a connection");
    let mut keystones = SqliteConnectOptions::new().in_memory(true).connect().await.expect("a connection");
    sqlx::raw_sql(include_str!("reference/keystone-30.sqlite.sql")).execute(&mut keystones).await.expect("a schema");
    assert_eq!(sqlite_schema(&mut ours).await, sqlite_schema(&mut keystones).await);
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut ours).await.expect("an answer");
    assert_eq!(mode, "wal", "a file of our own lets readers and a writer work side by side");
}

/// The text of every statement that made something, white space aside.
async fn sqlite_schema(connection: &mut SqliteConnection) -> Vec<String> {
    let statements: Vec<String> =
        sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
            .fetch_all(connection)
            .await
            .expect("an answer");
    assert_eq!(statements.len(), 70);
    statements.into_iter().map(|statement| statement.split_whitespace().collect()).collect()
}

#[tokio::test]
async fn our_postgres_schema_is_keystones() {
    let world = World::postgres().await.synced().await;
    // The one thing of our own in it, and taking it away leaves nothing behind.
    world.store.remove_change_feed().await.expect("removed");
    let mut ours = postgres::options_of(&world.url).connect().await.expect("a connection");
    let options = postgres::options_of(&postgres::fresh_database().await);
    let mut connection = options.connect().await.expect("a connection");
    let dump = include_str!("reference/keystone-30.postgresql.sql");
    sqlx::raw_sql(dump).execute(&mut connection).await.expect("a schema");
    // The dump changes the settings of its connection: another one is needed to look at what it made.
    let mut keystones = options.connect().await.expect("a connection");
    let parts = [
        (
            "columns",
            "SELECT concat_ws(' ', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                    pg_get_expr(d.adbin, d.adrelid))
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0",
        ),
        (
            "constraints",
            "SELECT concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid))
                FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public'",
        ),
        ("indexes", "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"),
        (
            "sequences",
            "SELECT concat_ws(' ', s.relname, q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmin, q.seqmax,
                    t.relname, d.refobjsubid, d.deptype)
                FROM pg_sequence q JOIN pg_class s ON s.oid = q.seqrelid JOIN pg_namespace n ON n.oid = s.relnamespace
                LEFT JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
                LEFT JOIN pg_class t ON t.oid = d.refobjid
                WHERE n.nspname = 'public'",
        ),
        (
            "enumerations",
            "SELECT concat_ws(' ', t.typname, e.enumsortorder, e.enumlabel)
                FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
                WHERE n.nspname = 'public'",
        ),
    ];
    for (what, sql) in parts {
        let sql = format!("SELECT line FROM ({sql}) AS lines (line) ORDER BY line");
        let listed = |sql: String| sqlx::query_scalar::<_, String>(AssertSqlSafe(sql));
        let ours: Vec<String> = listed(sql.clone()).fetch_all(&mut ours).await.expect("an answer");
        let keystones: Vec<String> = listed(sql).fetch_all(&mut keystones).await.expect("an answer");
        for (ours, keystones) in ours.iter().zip(&keystones) {
            assert_eq!(ours, keystones, "{what}");
        }
        assert_eq!(ours.len(), keystones.len(), "{what}");
        assert!(!ours.is_empty(), "{what}");
    }
}
