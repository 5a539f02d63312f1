//! Groups, who is in them, and lists of users.

use fernstone::{
    domain::{group::Group, user::FederatedIdentity},
    store::{
        Transaction,
        identity::{
            FederatedFilter, GroupFilter, PasswordExpiry, TimeComparison, UserFilter, add_member, create_group,
            federated_identities, group, groups, groups_of_user, known_protocols, membership, permanent_members,
            set_federated_identities, update_group, users,
        },
    },
};
use serde_json::{Map, json};

use super::{World, on_every_backend, time};

on_every_backend! {
    a_group_is_read_back_as_written_and_as_changed,
    group_names_are_unique_in_a_domain,
    members_are_added_once,
    a_member_must_exist,
    groups_of_a_user_come_with_their_ends,
    users_are_listed_by_what_they_are,
    a_page_counts_users,
    users_are_listed_by_when_passwords_expire,
    users_are_listed_by_what_identity_providers_know_them_by,
    a_federated_identity_belongs_to_one_user,
}

fn staff() -> Group {
    Group {
        id: "g".into(),
        domain_id: "d".into(),
        name: "staff".to_owned(),
        description: Some(String::new()),
        extra: Map::from_iter([("x".to_owned(), json!(null))]),
    }
}

async fn begin(world: &World) -> Transaction {
    world.store.begin().await.expect("a transaction")
}

async fn write(world: &World, group: &Group) {
    let mut transaction = begin(world).await;
    create_group(&mut transaction, group).await.expect("made");
    transaction.commit().await.expect("committed");
}

async fn a_group_is_read_back_as_written_and_as_changed(world: World) {
    write(&world, &staff()).await;
    assert_eq!(world.store.run(group(&"g".into())).await.expect("an answer"), Some(staff()));
    let changed = Group { name: "crew".to_owned(), description: None, extra: Map::new(), ..staff() };
    let mut transaction = begin(&world).await;
    assert!(update_group(&mut transaction, &changed).await.expect("changed"));
    assert!(!update_group(&mut transaction, &Group { id: "none".into(), ..staff() }).await.expect("an answer"));
    transaction.commit().await.expect("committed");
    assert_eq!(world.store.run(group(&"g".into())).await.expect("an answer"), Some(changed));
    assert_eq!(world.store.run(group(&"none".into())).await.expect("an answer"), None);
}

async fn group_names_are_unique_in_a_domain(world: World) {
    write(&world, &staff()).await;
    write(&world, &Group { id: "h".into(), domain_id: "e".into(), ..staff() }).await;
    write(&world, &Group { id: "i".into(), name: "crew".to_owned(), ..staff() }).await;
    let again = create_group(&mut begin(&world).await, &Group { id: "j".into(), ..staff() }).await;
    assert!(again.expect_err("taken").is_duplicate());
    let renamed = update_group(&mut begin(&world).await, &Group { id: "i".into(), ..staff() }).await;
    assert!(renamed.expect_err("taken").is_duplicate());

    let listed = |filter: GroupFilter| {
        let store = world.store.clone();
        async move {
            let found = store.run(groups(&filter)).await.expect("an answer");
            found.iter().map(|group| group.id.as_str()).collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(listed(GroupFilter::default()).await, "g h i");
    assert_eq!(listed(GroupFilter { domain_id: Some("d".into()), ..GroupFilter::default() }).await, "g i");
    assert_eq!(listed(GroupFilter { name: Some("staff".to_owned()), ..GroupFilter::default() }).await, "g h");
    let page = GroupFilter { marker: Some("g".into()), limit: Some(1), ..GroupFilter::default() };
    assert_eq!(listed(page).await, "h");
}

const PEOPLE: [&str; 9] = [
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('ada', 'd', true)"#,
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('bob', 'e', false)"#,
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('eve', 'd', NULL)"#,
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('fay', 'd', true)"#,
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (1, 'ada', 'd', 'Ada')",
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES (2, 'bob', 'e', 'Ada')",
    "INSERT INTO nonlocal_user (user_id, domain_id, name) VALUES ('eve', 'd', 'Ada')",
    "INSERT INTO identity_provider (id, enabled, domain_id, authorization_ttl) VALUES ('idp', true, 'd', 60)",
    "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('saml2', 'idp', 'm')",
];

async fn members_are_added_once(world: World) {
    world.execute(&PEOPLE).await;
    write(&world, &staff()).await;
    let mut transaction = begin(&world).await;
    assert!(add_member(&mut transaction, &"ada".into(), &"g".into()).await.expect("added"));
    assert!(!add_member(&mut transaction, &"ada".into(), &"g".into()).await.expect("there"));
    assert!(add_member(&mut transaction, &"bob".into(), &"g".into()).await.expect("added"));
    transaction.commit().await.expect("committed");
    let members = world.store.run(permanent_members(&"g".into())).await.expect("an answer");
    assert_eq!(members, ["ada".into(), "bob".into()]);
    let found = world.store.run(membership(&"ada".into(), &"g".into())).await.expect("an answer");
    assert_eq!(found.iter().map(|membership| membership.expires_at(5)).collect::<Vec<_>>(), [None]);
    assert_eq!(world.store.run(membership(&"eve".into(), &"g".into())).await.expect("an answer"), []);
}

async fn a_member_must_exist(world: World) {
    world.execute(&PEOPLE).await;
    let added = add_member(&mut begin(&world).await, &"ada".into(), &"g".into()).await;
    assert!(!added.expect_err("no such group").is_duplicate());
}

async fn groups_of_a_user_come_with_their_ends(world: World) {
    world.execute(&PEOPLE).await;
    for id in ["g", "h", "i"] {
        write(&world, &Group { id: id.into(), name: id.to_owned(), ..staff() }).await;
    }
    world
        .execute(&[
            "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
                VALUES ('ada', 'g', 'idp', '2026-01-01 12:00:00')",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('ada', 'i')",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('ada', 'h')",
            "INSERT INTO user_group_membership (user_id, group_id) VALUES ('bob', 'g')",
        ])
        .await;
    let found = world.store.run(groups_of_user(&"ada".into())).await.expect("an answer");
    let ends: Vec<_> =
        found.iter().map(|(group, membership)| (group.name.as_str(), membership.expires_at(5))).collect();
    assert_eq!(ends, [("h", None), ("i", None), ("g", Some(time("2026-01-01T13:00:00Z")))]);
}

async fn listed(world: &World, filter: UserFilter) -> String {
    let found = world.store.run(users(&filter)).await.expect("an answer");
    found.iter().map(|user| user.id.as_str()).collect::<Vec<_>>().join(" ")
}

async fn users_are_listed_by_what_they_are(world: World) {
    world.execute(&PEOPLE).await;
    write(&world, &staff()).await;
    world.execute(&["INSERT INTO user_group_membership (user_id, group_id) VALUES ('bob', 'g')"]).await;
    assert_eq!(listed(&world, UserFilter::default()).await, "ada bob eve fay");
    let of_domain = UserFilter { domain_id: Some("d".into()), ..UserFilter::default() };
    assert_eq!(listed(&world, of_domain.clone()).await, "ada eve fay");
    let named = UserFilter { name: Some("Ada".to_owned()), ..UserFilter::default() };
    assert_eq!(listed(&world, named.clone()).await, "ada bob", "local names");
    assert_eq!(listed(&world, UserFilter { name: Some("ada".to_owned()), ..UserFilter::default() }).await, "");
    assert_eq!(listed(&world, UserFilter { domain_id: Some("d".into()), ..named }).await, "ada");
    assert_eq!(listed(&world, UserFilter { enabled: Some(false), ..UserFilter::default() }).await, "bob");
    assert_eq!(listed(&world, UserFilter { enabled: Some(true), ..of_domain }).await, "ada fay");
    assert_eq!(listed(&world, UserFilter { is_local: true, ..UserFilter::default() }).await, "ada bob");
    assert_eq!(listed(&world, UserFilter { group_id: Some("g".into()), ..UserFilter::default() }).await, "bob");
}

async fn a_page_counts_users(world: World) {
    world.execute(&PEOPLE).await;
    world
        .execute(&[
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('bob', '1000', 'true')",
            "INSERT INTO user_option (user_id, option_id, option_value) VALUES ('bob', '1001', 'false')",
        ])
        .await;
    let page = UserFilter { marker: Some("ada".into()), limit: Some(2), ..UserFilter::default() };
    assert_eq!(listed(&world, page.clone()).await, "bob eve");
    let found = world.store.run(users(&page)).await.expect("an answer");
    assert_eq!(found[0].options.ignore_change_password_upon_first_use, Some(true));
    assert_eq!(found[0].options.ignore_password_expiry, Some(false));
    assert_eq!(found[1].options.ignore_password_expiry, None);
    assert_eq!(world.store.user(&"bob".into()).await.expect("an answer").as_ref(), Some(&found[0]));
}

async fn users_are_listed_by_when_passwords_expire(world: World) {
    world.execute(&PEOPLE).await;
    world
        .execute(&[
            // 2026-01-01 and 2026-01-02, at midnight; and one that never expires.
            "INSERT INTO password (local_user_id, created_at, expires_at_int) VALUES (1, '2025-01-01 00:00:00', 1767225600000000)",
            "INSERT INTO password (local_user_id, created_at, expires_at_int) VALUES (1, '2025-01-01 00:00:01', 1767312000000000)",
            "INSERT INTO password (local_user_id, created_at, expires_at_int) VALUES (2, '2025-01-01 00:00:00', NULL)",
        ])
        .await;
    let expiring = |conditions: &[(TimeComparison, &str)]| UserFilter {
        password_expiry: conditions
            .iter()
            .map(|(comparison, at)| PasswordExpiry { comparison: *comparison, time: time(at) })
            .collect(),
        ..UserFilter::default()
    };
    let first = "2026-01-01T00:00:00Z";
    let second = "2026-01-02T00:00:00Z";
    for (conditions, expected) in [
        (&[(TimeComparison::Equal, first)][..], "ada"),
        (&[(TimeComparison::Equal, second)], "ada"),
        (&[(TimeComparison::Before, first)], ""),
        (&[(TimeComparison::NotAfter, first)], "ada"),
        (&[(TimeComparison::After, second)], ""),
        (&[(TimeComparison::NotBefore, second)], "ada"),
        (&[(TimeComparison::Different, first)], "ada"),
        (&[(TimeComparison::After, first), (TimeComparison::Before, second)], ""),
        (&[(TimeComparison::NotBefore, first), (TimeComparison::Before, second)], "ada"),
    ] {
        assert_eq!(listed(&world, expiring(conditions)).await, expected, "{conditions:?}");
    }
}

fn identity(unique_id: &str) -> FederatedIdentity {
    FederatedIdentity { idp_id: "idp".to_owned(), protocol_id: "saml2".to_owned(), unique_id: unique_id.to_owned() }
}

async fn users_are_listed_by_what_identity_providers_know_them_by(world: World) {
    world.execute(&PEOPLE).await;
    let mut transaction = begin(&world).await;
    let names = [identity("f1"), identity("f2")];
    set_federated_identities(&mut transaction, &"fay".into(), Some("Fay"), &names).await.expect("written");
    set_federated_identities(&mut transaction, &"ada".into(), None, &[identity("a")]).await.expect("written");
    transaction.commit().await.expect("committed");
    let known = |filter: FederatedFilter| UserFilter { federated: Some(filter), ..UserFilter::default() };
    let any = FederatedFilter::default();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(listed(&world, known(any.clone())).await, "ada fay");
    assert_eq!(listed(&world, known(FederatedFilter { unique_id: text("f2"), ..any.clone() })).await, "fay");
    let all = FederatedFilter { idp_id: text("idp"), protocol_id: text("saml2"), unique_id: text("a"), ..any.clone() };
    assert_eq!(listed(&world, known(all)).await, "ada");
    assert_eq!(listed(&world, known(FederatedFilter { display_name: text("Fay"), ..any.clone() })).await, "fay");
    assert_eq!(listed(&world, known(FederatedFilter { idp_id: text("other"), ..any })).await, "");
    assert_eq!(world.store.run(federated_identities(&"fay".into())).await.expect("an answer"), names);
    let protocols = known_protocols(&["idp".to_owned(), "none".to_owned()]);
    let protocols = world.store.run(protocols).await.expect("an answer");
    assert_eq!(protocols, [("idp".to_owned(), Some("saml2".to_owned()))]);
}

async fn a_federated_identity_belongs_to_one_user(world: World) {
    world.execute(&PEOPLE).await;
    let mut transaction = begin(&world).await;
    set_federated_identities(&mut transaction, &"fay".into(), Some("Fay"), &[identity("x")]).await.expect("written");
    transaction.commit().await.expect("committed");
    let again = set_federated_identities(&mut begin(&world).await, &"ada".into(), Some("Ada"), &[identity("x")]).await;
    assert!(again.expect_err("taken").is_duplicate());
    let unknown = FederatedIdentity { idp_id: "none".to_owned(), ..identity("y") };
    let unknown = set_federated_identities(&mut begin(&world).await, &"ada".into(), Some("Ada"), &[unknown]).await;
    assert!(!unknown.expect_err("no such provider").is_duplicate());
}
