//! The roster: whom it names it shows as the database does, and of whom something has changed it says nothing.

use std::time::Duration;

use fernstone::{
    domain::{ids::UserId, revocation::RevocationEvent},
    store::{
        account::{Account, accounts},
        assignment::assignments_of_users_on,
        feed::{Feed, Following},
        identity::{memberships_by_user, users_by_ids},
        resource::Lineage,
        revocation::events_about,
        roster::{Listed, Roster},
    },
};
use tokio::time::timeout;

use super::{World, on_every_backend};

on_every_backend! {
    users_are_on_it_as_they_are_in_the_database,
    of_who_has_changed_it_says_nothing_until_it_has_read_again,
    revocations_of_nobody_come_along,
    too_many_revocations_of_nobody_are_asked_for,
    it_has_room_for_so_many_and_grows_with_the_table,
    without_a_feed_nobody_is_on_it,
}

/// Users of every kind, and what they can hold.
const ROWS: &[&str] = &[
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES
        ('d', 'd', '<<keystone.domain.root>>', NULL, true, true),
        ('e', 'e', '<<keystone.domain.root>>', NULL, true, true),
        ('top', 'top', 'd', 'd', false, true),
        ('leaf', 'leaf', 'd', 'top', false, true),
        ('side', 'side', 'd', 'd', false, true)",
    r#"INSERT INTO "user" (id, domain_id, enabled, default_project_id, created_at, last_active_at, extra) VALUES
        ('plain', 'd', true, NULL, NULL, NULL, NULL),
        ('0123456789abcdef0123456789abcdef', 'd', true, 'leaf', '2026-01-01 12:00:00', '2026-02-01', '{"email": "a@b"}'),
        ('0123456789ABCDEF0123456789ABCDEF', 'd', false, NULL, '2026-01-01 12:00:00', NULL, '{}'),
        ('01234567-89ab-cdef-0123-456789abcdef', 'e', NULL, NULL, NULL, '2026-02-02', '{"a": {"b": [1, null]}}'),
        ('Ünï', 'd', true, NULL, NULL, NULL, '{}')"#,
    "INSERT INTO local_user (id, user_id, domain_id, name) VALUES
        (1, '0123456789abcdef0123456789abcdef', 'd', 'Ada'), (2, 'plain', 'd', 'plain')",
    "INSERT INTO nonlocal_user (user_id, domain_id, name) VALUES ('Ünï', 'd', 'Zoë')",
    "INSERT INTO password (id, local_user_id, self_service, created_at_int, created_at, expires_at_int) VALUES
        (1, 1, false, 1767225600000000, '2026-01-01 00:00:00', 1798761600000001),
        (2, 1, false, 1767225600000001, '2026-01-01 00:00:00', 1798761600000002),
        (3, 2, false, 1767225600000000, '2026-01-01 00:00:00', NULL)",
    r#"INSERT INTO user_option (user_id, option_id, option_value) VALUES
        ('plain', '1000', 'true'), ('plain', '1003', 'false'), ('plain', '1004', 'true'), ('plain', 'MFAE', 'false'),
        ('plain', 'MFAR', '[["password", "totp"], ["token"]]'), ('Ünï', '1002', 'true'), ('Ünï', '1001', 'true')"#,
    r#"INSERT INTO "group" (id, name, domain_id) VALUES ('g', 'g', 'd'), ('h', 'h', 'd')"#,
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('plain', 'g'), ('plain', 'h'), ('Ünï', 'g')",
    "INSERT INTO identity_provider (id, enabled, domain_id, authorization_ttl) VALUES ('i', true, 'd', 10),
        ('j', true, 'd', NULL)",
    "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified) VALUES
        ('plain', 'h', 'i', '2026-03-01 12:00:00'), ('Ünï', 'h', 'j', '2026-03-01 12:00:01')",
    "INSERT INTO role (id, name) VALUES ('r', 'r'), ('s', 's')",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited) VALUES
        ('UserProject', 'plain', 'leaf', 'r', false), ('UserProject', 'plain', 'leaf', 's', true),
        ('UserProject', 'plain', 'side', 's', false), ('UserProject', 'plain', 'd', 's', false),
        ('UserDomain', 'plain', 'd', 'r', true), ('UserDomain', 'Ünï', 'e', 'r', false),
        ('UserProject', '0123456789abcdef0123456789abcdef', 'top', 'r', true), ('GroupProject', 'g', 'leaf', 's', false)",
];

const USERS: [&str; 5] = [
    "plain",
    "0123456789abcdef0123456789abcdef",
    "0123456789ABCDEF0123456789ABCDEF",
    "01234567-89ab-cdef-0123-456789abcdef",
    "Ünï",
];

/// A database that is followed, and a roster of it.
struct Office {
    world: World,
    roster: Roster,
    _following: Following,
}

impl Office {
    async fn open(world: World, most: usize) -> Self {
        let following = world.store.feed().follow();
        let works = world.store.feed().wait_until(Feed::is_working);
        timeout(Duration::from_secs(30), works).await.expect("the feed works");
        let office = Self { roster: Roster::new(world.store.clone(), most), world, _following: following };
        office.world.execute(ROWS).await;
        office.world.settle().await;
        office
    }

    async fn change(&self, statement: &'static str) {
        self.world.execute(&[statement]).await;
        self.world.settle().await;
    }

    async fn read(&self) {
        self.roster.read().await.expect("the database answers");
    }

    async fn lineage(&self, project: &str) -> Lineage {
        self.world.store.lineage(&project.into()).await.expect("an answer").expect("a project")
    }

    async fn find(&self, user: &str, project: &str) -> Option<Listed> {
        self.roster.find(&user.into(), &self.lineage(project).await)
    }

    async fn account(&self, user: &str, project: &str) -> Option<Account> {
        self.find(user, project).await.map(|listed| in_order(listed.account))
    }

    /// The same as the database says it.
    async fn in_the_database(&self, user: &str, project: &str) -> Option<Account> {
        let ids = [UserId::from(user)];
        let batch = (
            users_by_ids(&ids),
            assignments_of_users_on(&ids, self.lineage(project).await.targets()),
            memberships_by_user(&ids),
        );
        let (users, assignments, memberships) = self.world.store.run_batch(batch).await.expect("an answer");
        accounts(users, assignments, memberships).remove(&ids[0]).map(in_order)
    }
}

fn in_order(mut account: Account) -> Account {
    account.assignments.sort_by_key(|assignment| format!("{assignment:?}"));
    account.memberships.sort_by_key(|membership| format!("{membership:?}"));
    account
}

async fn users_are_on_it_as_they_are_in_the_database(world: World) {
    let office = Office::open(world, 100).await;
    assert_eq!(office.account("plain", "leaf").await, None, "nothing was read");
    office.read().await;
    for user in USERS {
        for project in ["leaf", "side", "top", "e"] {
            let listed = office.account(user, project).await;
            assert!(listed.is_some(), "{user}");
            assert_eq!(listed, office.in_the_database(user, project).await, "{user}, {project}");
        }
    }
    assert_eq!(office.account("nobody", "leaf").await, None);
    assert_eq!(office.account("fedcba98765432100123456789abcdef", "leaf").await, None);
    assert_eq!(office.account("", "leaf").await, None);
    assert_eq!(office.roster.size().users, USERS.len());
}

/// Changes of what is said of `plain`.
const CHANGES: &[&str] = &[
    r#"UPDATE "user" SET enabled = false WHERE id = 'plain'"#,
    r#"UPDATE "user" SET last_active_at = '2026-04-01' WHERE id = 'plain'"#,
    r#"UPDATE "user" SET extra = '{"email": "new"}', default_project_id = 'top' WHERE id = 'plain'"#,
    "UPDATE local_user SET name = 'renamed' WHERE user_id = 'plain'",
    "UPDATE password SET expires_at_int = 1798761600000003 WHERE local_user_id = 2",
    "INSERT INTO password (id, local_user_id, self_service, created_at_int, created_at, expires_at_int)
        VALUES (4, 2, false, 1767225600000009, '2026-01-01 00:00:00', 1798761600000009)",
    "DELETE FROM user_option WHERE user_id = 'plain' AND option_id = '1003'",
    "DELETE FROM user_group_membership WHERE user_id = 'plain' AND group_id = 'g'",
    "UPDATE expiring_user_group_membership SET last_verified = '2026-03-01 13:00:00' WHERE user_id = 'plain'",
    "UPDATE identity_provider SET authorization_ttl = 20 WHERE id = 'i'",
    "DELETE FROM assignment WHERE actor_id = 'plain' AND role_id = 'r'",
    "INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
        VALUES ('UserProject', 'plain', 'top', 'r', true)",
    "DELETE FROM expiring_user_group_membership",
    "DELETE FROM user_option",
];

async fn of_who_has_changed_it_says_nothing_until_it_has_read_again(world: World) {
    let office = Office::open(world, 100).await;
    for change in CHANGES {
        office.read().await;
        let before = office.account("plain", "leaf").await;
        assert!(before.is_some(), "before {change}");
        assert_eq!(before, office.in_the_database("plain", "leaf").await, "before {change}");
        office.change(change).await;
        // More often than a page is left as it is.
        for _ in USERS {
            assert_eq!(office.account("plain", "leaf").await, None, "{change}");
        }
        assert_ne!(before, office.in_the_database("plain", "leaf").await, "{change}");
    }
    office.change(r#"DELETE FROM "user" WHERE id = '01234567-89ab-cdef-0123-456789abcdef'"#).await;
    assert_eq!(office.account(USERS[3], "leaf").await, None);
    office.change(r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('young', 'd', true)"#).await;
    assert_eq!(office.account("young", "leaf").await, None);
    for _ in USERS {
        office.account("young", "leaf").await;
    }
    office.read().await;
    assert_eq!(office.account(USERS[3], "leaf").await, None);
    assert!(office.account("young", "leaf").await.is_some());
}

async fn revocations_of_nobody_come_along(world: World) {
    let office = Office::open(world, 100).await;
    let write =
        "INSERT INTO revocation_event (project_id, domain_id, user_id, audit_id, issued_before, revoked_at) VALUES
        ('leaf', NULL, NULL, NULL, '2026-03-01 12:00:00', '2026-03-01 12:00:00'),
        ('side', NULL, NULL, NULL, '2026-03-01 12:00:01', '2026-03-01 12:00:01'),
        (NULL, 'd', NULL, NULL, '2026-03-01 12:00:02', '2026-03-01 12:00:02'),
        (NULL, 'e', NULL, NULL, '2026-03-01 12:00:03', '2026-03-01 12:00:03'),
        (NULL, NULL, NULL, 'token', '2026-03-01 12:00:04', '2026-03-01 12:00:04'),
        (NULL, NULL, 'Ünï', NULL, '2026-03-01 12:00:05', '2026-03-01 12:00:05'),
        (NULL, NULL, 'plain', 'token', '2026-03-01 12:00:06', '2026-03-01 12:00:06')";
    office.change(write).await;
    office.read().await;
    let agrees = async |user: &str, project: &str| {
        let Some(listed) = office.find(user, project).await else { return false };
        let about = events_about(&[user.into()], &[project.into()]);
        let about = office.world.store.run(about).await.expect("an answer");
        let in_order = |mut events: Vec<RevocationEvent>| {
            events.sort_by_key(|event| event.revoked_at);
            events
        };
        assert_eq!(in_order(listed.revocations), in_order(about), "{user}, {project}");
        true
    };
    for project in ["leaf", "side", "top"] {
        assert!(agrees("plain", project).await, "{project}");
    }
    assert!(!agrees("Ünï", "leaf").await, "who is named has to be asked for");
    // Of the project, of its domain, of the user's domain when that is another, of everybody.
    for (change, user) in [
        ("UPDATE revocation_event SET issued_before = '2026-03-01 13:00:00' WHERE project_id = 'leaf'", "plain"),
        ("DELETE FROM revocation_event WHERE domain_id = 'd'", "plain"),
        (
            "UPDATE revocation_event SET issued_before = '2026-03-01 13:00:00' WHERE domain_id = 'e'",
            "01234567-89ab-cdef-0123-456789abcdef",
        ),
        (
            "INSERT INTO revocation_event (role_id, issued_before, revoked_at)
                VALUES ('r', '2026-03-01 12:00:00', '2026-03-01 12:00:00')",
            "plain",
        ),
    ] {
        office.change(change).await;
        assert!(!agrees(user, "leaf").await, "{change}");
        office.read().await;
        assert!(agrees(user, "leaf").await, "{change}");
    }
    office.change("DELETE FROM revocation_event WHERE user_id = 'Ünï'").await;
    for _ in USERS {
        assert!(!agrees("Ünï", "leaf").await);
    }
    office.read().await;
    assert!(agrees("Ünï", "leaf").await, "who is named no more");
}

async fn too_many_revocations_of_nobody_are_asked_for(world: World) {
    let office = Office::open(world, 100).await;
    office
        .change(
            "INSERT INTO revocation_event (project_id, issued_before, revoked_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            SELECT 'p-' || i, '2026-03-01 12:00:00', '2026-03-01 12:00:00' FROM n",
        )
        .await;
    office.read().await;
    assert_eq!(office.find("plain", "leaf").await.expect("a thousand are few").revocations, []);
    office
        .change(
            "INSERT INTO revocation_event (project_id, issued_before, revoked_at)
            VALUES ('leaf', '2026-03-01 12:00:00', '2026-03-01 12:00:00')",
        )
        .await;
    assert!(office.find("plain", "leaf").await.is_none());
    office.read().await;
    assert!(office.find("plain", "leaf").await.is_none());
    office.change("DELETE FROM revocation_event WHERE project_id <> 'leaf'").await;
    assert!(office.find("plain", "leaf").await.is_none());
    office.read().await;
    assert_eq!(office.find("plain", "leaf").await.expect("there is one").revocations.len(), 1);
}

async fn it_has_room_for_so_many_and_grows_with_the_table(world: World) {
    const PAGE: usize = 500;
    let office = Office::open(world, 2 * PAGE).await;
    let insert = r#"INSERT INTO "user" (id, domain_id, enabled)
        WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
        SELECT 'u-' || i || '-0', 'd', true FROM n"#;
    office.change(insert).await;
    office.read().await;
    let everybody: Vec<String> = (1000..3000).map(|number| format!("u-{number}-0")).collect();
    let lineage = office.lineage("leaf").await;
    let found =
        |ids: &[String]| ids.iter().filter(|id| office.roster.find(&id.as_str().into(), &lineage).is_some()).count();
    assert_eq!(office.roster.size().users, 2 * PAGE);
    assert!(found(&everybody) >= 2 * PAGE - USERS.len());
    assert!(found(&everybody) <= 2 * PAGE);
    // All of them, and then as many again between them: no page is as it was.
    let wide = Roster::new(office.world.store.clone(), 1_000_000);
    wide.read().await.expect("the database answers");
    assert_eq!(wide.size().users, everybody.len() + USERS.len());
    let insert = r#"INSERT INTO "user" (id, domain_id, enabled)
        WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
        SELECT 'u-' || i || '-' || j, 'd', true FROM n CROSS JOIN (SELECT 1 AS j UNION ALL SELECT 2) AS times"#;
    office.change(insert).await;
    wide.read().await.expect("the database answers");
    assert_eq!(wide.size().users, 3 * everybody.len() + USERS.len());
    let grown: Vec<String> =
        (1000..3000).flat_map(|number| (0..3).map(move |copy| format!("u-{number}-{copy}"))).collect();
    let missing = grown.iter().find(|id| wide.find(&id.as_str().into(), &lineage).is_none());
    assert_eq!(missing, None);
    assert!(wide.size().bytes / wide.size().users < 150, "{:?}", wide.size());
}

async fn without_a_feed_nobody_is_on_it(world: World) {
    world.execute(ROWS).await;
    let roster = Roster::new(world.store.clone(), 100);
    roster.read().await.expect("nothing is asked");
    assert_eq!(roster.size().users, 0);
}

#[tokio::test]
async fn while_the_feed_does_not_work_nobody_is_on_it() {
    let office = Office::open(World::postgres().await.synced().await, 100).await;
    office.read().await;
    assert!(office.account("plain", "leaf").await.is_some());
    office.world.store.remove_change_feed().await.expect("the triggers are removed");
    let feed = office.world.store.feed();
    let is_lost = feed.wait_until(|feed| !feed.is_working());
    timeout(Duration::from_secs(30), is_lost).await.expect("it is noticed");
    assert_eq!(office.account("plain", "leaf").await, None);
    office.world.store.install_change_feed().await.expect("the triggers are back");
    timeout(Duration::from_secs(30), feed.wait_until(Feed::is_working)).await.expect("the feed works");
    assert_eq!(office.account("plain", "leaf").await, None, "it may have changed in the meantime");
    office.read().await;
    assert!(office.account("plain", "leaf").await.is_some());
}

#[tokio::test]
async fn on_postgres_it_is_read_and_kept_up_in_the_background() {
    let office = Office::open(World::postgres().await.synced().await, 100).await;
    let _keeping = office.roster.keep();
    let feed = office.world.store.feed();
    // News come with every beat.
    let has = async |users: usize| {
        let read = feed.wait_until(|_| office.roster.size().users == users);
        timeout(Duration::from_secs(30), read).await.expect("it is read");
    };
    has(USERS.len()).await;
    assert!(office.account("plain", "leaf").await.is_some());
    office.change(r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('young', 'd', true)"#).await;
    for _ in USERS {
        assert_eq!(office.account("young", "leaf").await, None);
    }
    has(USERS.len() + 1).await;
    assert!(office.account("young", "leaf").await.is_some());
}
