//! Roles and what they imply.

use fernstone::{
    domain::role::{ImpliedRole, Role},
    store::role::{
        RoleFilter, create_implied_role, create_role, implied_roles, is_implied, role, roles, roles_implied_by,
        update_role,
    },
};
use serde_json::{Map, json};

use super::{World, on_every_backend};

on_every_backend! {
    a_role_is_read_back_as_written,
    a_role_can_be_changed,
    names_are_unique_in_a_domain,
    what_a_role_brings_is_listed,
}

fn reader() -> Role {
    Role {
        id: "r".into(),
        name: "reader".to_owned(),
        domain_id: None,
        description: Some("reads".to_owned()),
        extra: Map::from_iter([("note".to_owned(), json!({"é": [1, null]}))]),
        immutable: Some(true),
    }
}

async fn write(world: &World, role: &Role) -> bool {
    let mut transaction = world.store.begin().await.expect("a transaction");
    match create_role(&mut transaction, role).await {
        Ok(()) => transaction.commit().await.is_ok(),
        Err(error) => {
            assert!(error.is_duplicate(), "{error:?}");
            false
        }
    }
}

async fn read(world: &World, id: &str) -> Option<Role> {
    world.store.run(role(&id.into())).await.expect("an answer")
}

async fn a_role_is_read_back_as_written(world: World) {
    let local = Role { id: "l".into(), domain_id: Some("d".into()), description: None, immutable: None, ..reader() };
    assert!(write(&world, &reader()).await && write(&world, &local).await);
    assert_eq!(read(&world, "r").await, Some(reader()));
    assert_eq!(read(&world, "l").await, Some(local));
    assert_eq!(read(&world, "none").await, None);
}

async fn a_role_can_be_changed(world: World) {
    assert!(write(&world, &reader()).await);
    let changed =
        Role { name: "observer".to_owned(), description: None, extra: Map::new(), immutable: Some(false), ..reader() };
    for role in [changed.clone(), Role { immutable: None, ..changed.clone() }, changed] {
        let mut transaction = world.store.begin().await.expect("a transaction");
        assert!(update_role(&mut transaction, &role).await.expect("changed"));
        transaction.commit().await.expect("committed");
        assert_eq!(read(&world, "r").await, Some(role));
    }
    let mut transaction = world.store.begin().await.expect("a transaction");
    assert!(!update_role(&mut transaction, &Role { id: "none".into(), ..reader() }).await.expect("an answer"));
}

async fn names_are_unique_in_a_domain(world: World) {
    assert!(write(&world, &reader()).await);
    assert!(!write(&world, &Role { id: "again".into(), ..reader() }).await);
    let local = Role { id: "l".into(), domain_id: Some("d".into()), ..reader() };
    assert!(write(&world, &local).await);
    assert!(write(&world, &Role { id: "m".into(), domain_id: Some("e".into()), ..reader() }).await);
    assert!(!write(&world, &Role { id: "n".into(), ..local.clone() }).await);

    let mut transaction = world.store.begin().await.expect("a transaction");
    create_role(&mut transaction, &Role { id: "o".into(), name: "other".to_owned(), ..local.clone() })
        .await
        .expect("made");
    let renamed = update_role(&mut transaction, &Role { id: "o".into(), ..local }).await;
    assert!(renamed.expect_err("taken").is_duplicate());
    drop(transaction);

    let listed = |filter: RoleFilter| {
        let store = world.store.clone();
        async move {
            let mut ids: Vec<_> = store
                .run(roles(&filter))
                .await
                .expect("an answer")
                .into_iter()
                .map(|role| role.id.into_string())
                .collect();
            ids.sort();
            ids.join(" ")
        }
    };
    assert_eq!(listed(RoleFilter::default()).await, "l m r");
    assert_eq!(listed(RoleFilter { domain_id: Some(None), ..RoleFilter::default() }).await, "r");
    assert_eq!(listed(RoleFilter { domain_id: Some(Some("d".into())), ..RoleFilter::default() }).await, "l");
    assert_eq!(listed(RoleFilter { name: Some("other".to_owned()), ..RoleFilter::default() }).await, "");
}

async fn what_a_role_brings_is_listed(world: World) {
    for id in ["r", "s", "t"] {
        assert!(write(&world, &Role { id: id.into(), name: id.to_owned(), ..reader() }).await);
    }
    let rule = |prior: &str, implied: &str| ImpliedRole { prior: prior.into(), implied: implied.into() };
    let mut transaction = world.store.begin().await.expect("a transaction");
    for (rule, is_new) in
        [(rule("r", "t"), true), (rule("r", "s"), true), (rule("r", "s"), false), (rule("s", "s"), true)]
    {
        assert_eq!(create_implied_role(&mut transaction, &rule).await.expect("written"), is_new, "{rule:?}");
    }
    transaction.commit().await.expect("committed");
    let brought = world.store.run(roles_implied_by(&"r".into())).await.expect("an answer");
    assert_eq!(brought.iter().map(|role| role.id.as_str()).collect::<Vec<_>>(), ["s", "t"]);
    assert_eq!(brought[0].immutable, Some(true), "whole roles");
    assert!(world.store.run(is_implied(&rule("r", "t"))).await.expect("an answer"));
    assert!(!world.store.run(is_implied(&rule("t", "r"))).await.expect("an answer"));
    assert_eq!(world.store.run(implied_roles()).await.expect("an answer").len(), 3);
}
