//! What `doctor` asks of a database.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use fernstone::{
    auth::password::{NewHash, PasswordSettings},
    bootstrap::{BootstrapRequest, UserRules, bootstrap},
    domain::{
        clock::{Clock, ManualClock, SystemClock},
        random::{SeededRandom, SharedRandom},
        secret::SecretText,
    },
    store::survey::{CatalogEntry, HashKind, admins, catalog, password_hashes, time as time_of},
};

use super::{World, on_every_backend, time};

fn now() -> chrono::DateTime<Utc> {
    time("2026-11-22T12:00:00Z")
}

async fn bootstrapped(world: &World) {
    let passwords = PasswordSettings { new_hash: NewHash::Bcrypt { cost: 4 }, ..PasswordSettings::default() };
    let rules = UserRules { passwords, ..UserRules::default() };
    let random: SharedRandom = SeededRandom::new(5);
    let clock: Arc<ManualClock> = ManualClock::at(now());
    let request = BootstrapRequest {
        region_id: Some("RegionOne".to_owned()),
        public_url: Some("http://identity.example/v3".to_owned()),
        ..BootstrapRequest::new(SecretText::new("secret"))
    };
    bootstrap(&world.store, &rules, &*clock, &random, &"default".into(), &request).await.unwrap();
}

async fn an_admin_is_who_can_log_in_and_has_the_role(world: World) {
    let admins = async || world.store.run(admins(now())).await.unwrap();
    assert_eq!(admins().await, Vec::<String>::new());
    bootstrapped(&world).await;
    assert_eq!(admins().await, ["admin"]);
    for (change, undo) in [
        ("UPDATE \"user\" SET enabled = false", "UPDATE \"user\" SET enabled = true"),
        ("UPDATE project SET enabled = false WHERE is_domain = true", "UPDATE project SET enabled = true"),
        ("UPDATE password SET expires_at_int = 1000000", "UPDATE password SET expires_at_int = NULL"),
        ("UPDATE role SET name = 'other' WHERE name = 'admin'", "UPDATE role SET name = 'admin' WHERE name = 'other'"),
    ] {
        world.execute(&[change]).await;
        assert_eq!(admins().await, Vec::<String>::new(), "{change}");
        world.execute(&[undo]).await;
        assert_eq!(admins().await, ["admin"], "{undo}");
    }
    // Through a group, on the system alone.
    world
        .execute(&[
            "DELETE FROM assignment",
            "INSERT INTO \"group\" (id, name, domain_id) VALUES ('g', 'admins', 'default')",
            "INSERT INTO user_group_membership (user_id, group_id) SELECT id, 'g' FROM \"user\"",
            "UPDATE system_assignment SET type = 'GroupSystem', actor_id = 'g'",
        ])
        .await;
    assert_eq!(admins().await, ["admin"]);
}

async fn the_database_tells_its_time(world: World) {
    let theirs = world.store.run(time_of()).await.unwrap().expect("a time");
    assert!((SystemClock.now() - theirs).abs() < TimeDelta::seconds(30), "{theirs}");
}

async fn catalogs_and_hashes_are_summed_up(world: World) {
    bootstrapped(&world).await;
    world
        .execute(&[
            "INSERT INTO service (id, type, enabled) VALUES ('s', 'compute', true)",
            "INSERT INTO service (id, type, enabled) VALUES ('t', 'volume', false)",
        ])
        .await;
    let entry = |service: &str, interface: Option<&str>, url: Option<&str>| CatalogEntry {
        service: service.to_owned(),
        interface: interface.map(str::to_owned),
        url: url.map(str::to_owned),
    };
    let identity = entry("identity", Some("public"), Some("http://identity.example/v3"));
    assert_eq!(world.store.run(catalog()).await.unwrap(), [entry("compute", None, None), identity]);
    let hashes = world.store.run(password_hashes()).await.unwrap();
    assert_eq!(hashes, [HashKind { prefix: "$2b$04$".to_owned(), count: 1 }]);
}

on_every_backend!(
    an_admin_is_who_can_log_in_and_has_the_role,
    the_database_tells_its_time,
    catalogs_and_hashes_are_summed_up,
);
