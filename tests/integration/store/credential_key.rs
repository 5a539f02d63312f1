//! Keys of stored credentials: what is encrypted with which, and encrypting it anew.

use std::path::Path;

use chrono::{DateTime, Utc};
use fernstone::{
    domain::random::SystemRandom,
    keys::{
        KeyOwner, KeyRepository, KeySet,
        credentials::{self, CredentialKeyError, Encryption, Migrated},
        key::NULL_KEY,
    },
    store::{Query, Value},
};

use super::{World, on_every_backend, time};

fn now() -> DateTime<Utc> {
    time("2026-11-22T12:00:00Z")
}

fn set_up(base: &Path) -> KeyRepository {
    let repository = credentials::repository(base.join("credential-keys"));
    repository.setup(KeyOwner::default(), &SystemRandom).unwrap();
    repository
}

async fn insert(world: &World, id: &str, secret: &str, keys: &KeySet) {
    let key = keys.primary().unwrap();
    let values = [id, "user", "ec2", &key.credential_hash(), &key.seal(secret.as_bytes(), 5, [7; 16])];
    let values = values.map(Value::from).to_vec();
    let statement = "INSERT INTO credential (id, user_id, type, key_hash, encrypted_blob) VALUES ($1, $2, $3, $4, $5)";
    world.insert(statement, values).await;
}

/// Every credential's secret as the primary key alone opens it.
async fn opened_by_primary(world: &World, repository: &KeyRepository) -> Vec<Option<String>> {
    let keys = repository.load();
    let primary = keys.primary().unwrap();
    let rows = Query::list("credential", "SELECT encrypted_blob FROM credential ORDER BY id", vec![], |row| {
        row.text("encrypted_blob")
    });
    let open = |blob: &String| primary.open(blob).map(|secret| String::from_utf8(secret.to_vec()).unwrap());
    world.store.run(rows).await.unwrap().iter().map(open).collect()
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

async fn keys_are_rotated_only_when_every_credential_has_the_primary(world: World) {
    let base = tempfile::tempdir().unwrap();
    let repository = set_up(base.path());
    let null = KeySet::from_texts([("0", NULL_KEY)]);
    insert(&world, "a", "of old", &null).await;
    insert(&world, "b", "of today", &repository.load()).await;
    let state = credentials::encryption(&repository, &world.store).await.unwrap();
    assert_eq!(state, Encryption { all: 2, others: 1 });
    let rotate = || credentials::rotate(&repository, &world.store, KeyOwner::default(), &SystemRandom);
    let refused = rotate().await.unwrap_err();
    assert!(matches!(refused, CredentialKeyError::NotMigrated { others: 1, all: 2 }), "{refused}");
    assert_eq!(repository.load().len(), 2);
    for round in 0..4 {
        let mut told = Vec::new();
        let migrated =
            credentials::migrate(&repository, &world.store, now, &SystemRandom, |done, all| told.push((done, all)));
        let expected = if round == 0 { 1 } else { 2 };
        assert_eq!(migrated.await.unwrap(), Migrated { done: expected, ..Migrated::default() });
        assert_eq!(told.last(), Some(&(expected, expected)));
        assert_eq!(opened_by_primary(&world, &repository).await, some(&["of old", "of today"]));
        rotate().await.unwrap();
        let keys = repository.load();
        assert!(keys.len() == 3, "a staged, a primary and a secondary one");
        assert!(rotate().await.is_err(), "nothing has been migrated since");
    }
}

async fn a_credential_that_no_key_opens_is_left_and_named(world: World) {
    let base = tempfile::tempdir().unwrap();
    let repository = set_up(base.path());
    let strange = set_up(&base.path().join("elsewhere")).load();
    let null = KeySet::from_texts([("0", NULL_KEY)]);
    insert(&world, "a", "of old", &null).await;
    insert(&world, "b", "of a lost key", &strange).await;
    insert(&world, "c", "of old too", &null).await;
    for done in [2, 0] {
        let migrated = credentials::migrate(&repository, &world.store, now, &SystemRandom, |_, _| {}).await.unwrap();
        assert_eq!(migrated, Migrated { done, unopened: vec!["b".to_owned()], overtaken: 0 });
    }
    assert!(credentials::rotate(&repository, &world.store, KeyOwner::default(), &SystemRandom).await.is_err());
}

async fn without_keys_nothing_is_encrypted_with_the_key_that_everybody_knows(world: World) {
    let base = tempfile::tempdir().unwrap();
    let repository = credentials::repository(base.path());
    insert(&world, "a", "of old", &KeySet::from_texts([("0", NULL_KEY)])).await;
    let refused = credentials::migrate(&repository, &world.store, now, &SystemRandom, |_, _| {}).await.unwrap_err();
    assert!(refused.to_string().contains("run credential_setup"), "{refused}");
    let missing = credentials::repository(base.path().join("missing"));
    let refused = credentials::migrate(&missing, &world.store, now, &SystemRandom, |_, _| {}).await.unwrap_err();
    assert!(matches!(refused, CredentialKeyError::Inaccessible(_)), "{refused}");
}

async fn more_than_a_page_is_migrated(world: World) {
    let base = tempfile::tempdir().unwrap();
    let repository = set_up(base.path());
    let null = KeySet::from_texts([("0", NULL_KEY)]);
    let sealed = null.primary().unwrap().seal(b"secret", 5, [7; 16]);
    let mut transaction = world.store.begin().await.unwrap();
    for number in 0..1203 {
        let values = [format!("{number:04}"), null.primary().unwrap().credential_hash(), sealed.clone()];
        let values = values.map(Value::from).to_vec();
        let statement =
            "INSERT INTO credential (id, user_id, type, key_hash, encrypted_blob) VALUES ($1, 'u', 't', $2, $3)";
        transaction.execute("credential", statement, values).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let migrated = credentials::migrate(&repository, &world.store, now, &SystemRandom, |_, _| {}).await.unwrap();
    assert_eq!(migrated.done, 1203);
    assert_eq!(credentials::encryption(&repository, &world.store).await.unwrap(), Encryption { all: 1203, others: 0 });
}

on_every_backend!(
    keys_are_rotated_only_when_every_credential_has_the_primary,
    a_credential_that_no_key_opens_is_left_and_named,
    without_keys_nothing_is_encrypted_with_the_key_that_everybody_knows,
    more_than_a_page_is_migrated,
);
