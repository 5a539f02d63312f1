//! Users made, changed and deleted.

use fernstone::{
    domain::user::{User, UserOptions},
    store::identity::{
        NewPassword, NewUser, create_user, login, password_history, set_federated_identities, set_password, update_user,
    },
};
use serde_json::{Map, json};

use super::{World, on_every_backend, time};

on_every_backend! {
    a_user_is_read_back_as_written_and_as_changed,
    user_names_are_unique_in_a_domain,
    an_enabled_users_failed_logins_are_forgotten_with_every_change,
    the_name_goes_where_keystone_puts_it,
    passwords_are_remembered_as_far_as_is_asked_for,
}

fn ada() -> NewUser {
    NewUser {
        id: "ada".into(),
        domain_id: "d".into(),
        name: "Ada".to_owned(),
        enabled: true,
        default_project_id: Some("p".into()),
        created_at: time("2026-01-01T12:00:00.5Z"),
        last_active_at: None,
        extra: Map::from_iter([("email".to_owned(), json!("ada@example.org"))]),
        options: UserOptions { lock_password: Some(true), ..UserOptions::default() },
        password: None,
    }
}

async fn write(world: &World, user: &NewUser) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    create_user(&mut transaction, user).await.expect("made");
    transaction.commit().await.expect("committed");
}

async fn read(world: &World, id: &str) -> User {
    world.store.user(&id.into()).await.expect("an answer").expect("the user")
}

async fn change(world: &World, user: &User) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    assert!(update_user(&mut transaction, user, None).await.expect("changed"));
    transaction.commit().await.expect("committed");
}

async fn a_user_is_read_back_as_written_and_as_changed(world: World) {
    write(&world, &ada()).await;
    let made = read(&world, "ada").await;
    assert_eq!((made.name.as_deref(), &made.extra), (Some("Ada"), &ada().extra));
    assert_eq!(made.options.lock_password, Some(true));
    let changed = User {
        name: Some("Ada Lovelace".to_owned()),
        enabled: false,
        default_project_id: None,
        extra: Map::from_iter([("note".to_owned(), json!([1, {"é": null}]))]),
        options: UserOptions {
            multi_factor_auth_rules: Some(vec![vec!["password".to_owned(), "totp".to_owned()]]),
            ignore_user_inactivity: Some(false),
            ..UserOptions::default()
        },
        ..made
    };
    change(&world, &changed).await;
    assert_eq!(read(&world, "ada").await, changed);

    let mut transaction = world.store.begin().await.expect("a transaction");
    let today = chrono::NaiveDate::from_ymd_opt(2026, 2, 3);
    assert!(update_user(&mut transaction, &changed, today).await.expect("changed"));
    let nobody = User { id: "nobody".into(), ..changed.clone() };
    assert!(!update_user(&mut transaction, &nobody, None).await.expect("an answer"));
    transaction.commit().await.expect("committed");
    assert_eq!(read(&world, "ada").await.last_active_at, today);
}

async fn user_names_are_unique_in_a_domain(world: World) {
    write(&world, &ada()).await;
    write(&world, &NewUser { id: "other".into(), domain_id: "e".into(), ..ada() }).await;
    write(&world, &NewUser { id: "bob".into(), name: "Bob".to_owned(), ..ada() }).await;
    let mut transaction = world.store.begin().await.expect("a transaction");
    let again = create_user(&mut transaction, &NewUser { id: "again".into(), ..ada() }).await;
    assert!(again.expect_err("taken").is_duplicate());
    drop(transaction);
    let renamed = User { name: Some("Ada".to_owned()), ..read(&world, "bob").await };
    let mut transaction = world.store.begin().await.expect("a transaction");
    assert!(update_user(&mut transaction, &renamed, None).await.expect_err("taken").is_duplicate());
}

async fn an_enabled_users_failed_logins_are_forgotten_with_every_change(world: World) {
    write(&world, &ada()).await;
    let failures = || async {
        let (_, local) = world.store.run(login(&"ada".into())).await.expect("an answer").expect("the user");
        local.expect("a local part").failed_auth_count
    };
    let user = read(&world, "ada").await;
    world.store.record_failed_login(&user.id, time("2026-01-01T13:00:00Z")).await.expect("recorded");
    change(&world, &User { enabled: false, ..user.clone() }).await;
    assert_eq!(failures().await, 1);
    change(&world, &user).await;
    assert_eq!(failures().await, 0);
}

async fn the_name_goes_where_keystone_puts_it(world: World) {
    world
        .execute(&[
            r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('ldap', 'd', true)"#,
            "INSERT INTO nonlocal_user (domain_id, name, user_id) VALUES ('d', 'Leo', 'ldap')",
            "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', true, 'd')",
            "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('saml2', 'idp', 'm')",
        ])
        .await;
    write(&world, &ada()).await;
    let known = fernstone::domain::user::FederatedIdentity {
        idp_id: "idp".to_owned(),
        protocol_id: "saml2".to_owned(),
        unique_id: "a".to_owned(),
    };
    let mut transaction = world.store.begin().await.expect("a transaction");
    set_federated_identities(&mut transaction, &"ada".into(), Some("Ada"), &[known]).await.expect("written");
    transaction.commit().await.expect("committed");

    let user = User { name: Some("Lady Ada".to_owned()), ..read(&world, "ada").await };
    change(&world, &user).await;
    assert_eq!(read(&world, "ada").await.name.as_deref(), Some("Ada"), "the local part keeps its name, and it counts");
    let sql = "SELECT display_name FROM federated_user";
    let display_names = fernstone::store::Query::list("test", sql, vec![], |row| row.text("display_name"));
    assert_eq!(world.store.run(display_names).await.expect("an answer"), ["Lady Ada"]);

    let leo = User { name: Some("Leopold".to_owned()), ..read(&world, "ldap").await };
    change(&world, &leo).await;
    assert_eq!(read(&world, "ldap").await.name.as_deref(), Some("Leopold"), "a local part is made");
}

async fn passwords_are_remembered_as_far_as_is_asked_for(world: World) {
    write(&world, &ada()).await;
    let (_, local) = world.store.run(login(&"ada".into())).await.expect("an answer").expect("the user");
    let local_user_id = local.expect("a local part").local_user_id;
    for (second, hash) in ["one", "two", "three", "four"].into_iter().enumerate() {
        let password = NewPassword {
            hash: Some(hash.to_owned()),
            created_at: time(&format!("2026-01-01T12:00:0{second}Z")),
            expires_at: None,
            self_service: true,
        };
        let mut transaction = world.store.begin().await.expect("a transaction");
        set_password(&mut transaction, local_user_id, &password, 2).await.expect("set");
        transaction.commit().await.expect("committed");
    }
    let history = |most: i64| {
        let store = world.store.clone();
        async move {
            let hashes = store.run(password_history(local_user_id, most)).await.expect("an answer");
            hashes.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(history(9).await, "four three two", "two before the newest");
    assert_eq!(history(2).await, "four three");
}
