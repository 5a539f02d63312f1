//! What the databases hold: users, projects in trees, groups, assignments of every kind, a catalog; and tokens for it.

use std::{collections::HashMap, path::Path, sync::Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use fernstone::{
    app::Environment,
    auth::password::{NewHash, PasswordSettings},
    bootstrap::{BootstrapRequest, UserRules, bootstrap},
    config::Config,
    domain::{
        claims::{AuditIds, Claims, Grant},
        random::new_audit_id,
        secret::SecretText,
        time::whole_seconds,
    },
    formatter::{MethodList, Settings, TokenFormatter},
    keys::{KeyOwner, KeyRepository, KeySet},
    store::Store,
};

/// Every user's password.
pub(crate) const PASSWORD: &str = "secret";

/// So many tokens are validated over and over.
pub(crate) const COMMON_TOKENS: u64 = 10_000;

/// So many of the users validate the tokens of the others.
const CALLERS: u64 = 100;
const PROJECTS: u64 = 200;

/// What an id begins with, by what it is of; its number follows.
const USER: &str = "00000000000000a1";
const PROJECT: &str = "00000000000000b2";
const GROUP: &str = "00000000000000c3";
const SERVICE: &str = "00000000000000d4";
const ENDPOINT: &str = "00000000000000e5";

/// A furnished database, and keys for its tokens.
pub(crate) struct World {
    keys: KeySet,
    formatter: TokenFormatter,
    environment: Environment,
    now: DateTime<Utc>,
    users: u64,
    /// The tokens that are validated over and over, the same in every row.
    common: Mutex<HashMap<u64, String>>,
}

impl World {
    /// Makes the keys in `directory` and fills the database. `users` below a million have three projects each.
    pub(crate) async fn furnish(store: &Store, directory: &Path, users: u64) -> Self {
        let environment = Environment::system();
        let repository = KeyRepository::new(directory, 3.try_into().expect("not zero"));
        if repository.load().is_empty() {
            repository.setup(KeyOwner::default(), &*environment.random).expect("keys");
        }
        store.db_sync().await.expect("the schema");
        bootstrapped(store, &environment).await;
        fill(store, users).await;
        let config = Config::default();
        let formatter = TokenFormatter::new(Settings {
            methods: MethodList::new(&config.auth.methods),
            default_domain_id: "default".to_owned(),
            max_token_size: 255,
        });
        Self {
            keys: repository.load(),
            formatter,
            now: environment.clock.now(),
            environment,
            users,
            common: Mutex::default(),
        }
    }

    /// The `number`th token: of another user each time, on one of that user's projects.
    pub(crate) fn token(&self, number: u64) -> String {
        if number >= COMMON_TOKENS {
            return self.new_token(number);
        }
        let mut common = self.common.lock().expect("nobody panicked");
        common.entry(number).or_insert_with(|| self.new_token(number)).clone()
    }

    fn new_token(&self, number: u64) -> String {
        self.token_among(self.users, number)
    }

    /// As [`World::token`], of one of the first `users`.
    pub(crate) fn token_among(&self, users: u64, number: u64) -> String {
        let user = number.wrapping_mul(7919) % users;
        self.seal(user, project_of(user, number / users))
    }

    /// The token with which the `number`th request is made.
    pub(crate) fn caller(&self, number: u64) -> String {
        self.seal(number % CALLERS, 0)
    }

    /// So many tokens of callers.
    pub(crate) fn callers(&self) -> Vec<String> {
        (0..CALLERS).map(|number| self.caller(number)).collect()
    }

    fn seal(&self, user: u64, project: u64) -> String {
        let random = &*self.environment.random;
        let claims = Claims {
            user_id: Some(Self::user_id(user).as_str().into()),
            methods: vec!["password".to_owned()],
            audit: AuditIds { own: new_audit_id(random), parent: None },
            issued_at: whole_seconds(self.now),
            expires_at: whole_seconds(self.now + TimeDelta::hours(12)),
            grant: Grant::Project(Self::project_id(project).as_str().into()),
        };
        self.formatter.seal(&claims, self.keys.primary().expect("a primary key"), random).expect("a token")
    }

    /// The id of the `number`th user.
    pub(crate) fn user_id(number: u64) -> String {
        format!("{USER}{number:016x}")
    }

    /// The id of the `number`th project.
    pub(crate) fn project_id(number: u64) -> String {
        format!("{PROJECT}{number:016x}")
    }
}

/// One of the projects that a user has a role on.
pub(crate) fn project_of(user: u64, choice: u64) -> u64 {
    (user * 7 + choice % 2 * 13) % PROJECTS
}

async fn bootstrapped(store: &Store, environment: &Environment) {
    let rules = UserRules {
        passwords: PasswordSettings { new_hash: NewHash::Bcrypt { cost: 4 }, ..PasswordSettings::default() },
        ..UserRules::default()
    };
    let url = Some("http://bench/v3".to_owned());
    let request = BootstrapRequest {
        public_url: url.clone(),
        internal_url: url.clone(),
        admin_url: url,
        region_id: Some("RegionOne".to_owned()),
        ..BootstrapRequest::new(SecretText::new(PASSWORD))
    };
    bootstrap(store, &rules, &*environment.clock, &environment.random, &"default".into(), &request)
        .await
        .expect("bootstrap");
}

async fn fill(store: &Store, users: u64) {
    let series =
        |count: u64| format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) ");
    // The 16 digits of a number, in either dialect.
    let id = |prefix: &str, number: &str| match store.database().is_postgres() {
        true => format!("'{prefix}' || lpad(to_hex(({number})::bigint), 16, '0')"),
        false => format!("'{prefix}' || printf('%016x', {number})"),
    };
    let role = |name: &str| format!("(SELECT id FROM role WHERE name = '{name}')");
    let (user, group, project) = (id(USER, "i"), id(GROUP, "i"), id(PROJECT, "i"));
    let per_user = if users >= 1_000_000 { 2 } else { 3 };
    let mut statements = vec![
        format!(
            "{}INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain)
            SELECT {project}, 'project-' || i, '{{}}', '', true, 'default',
                CASE WHEN i < 20 THEN 'default' WHEN i < 110 THEN {} ELSE {} END, false FROM n",
            series(PROJECTS),
            id(PROJECT, "i / 10"),
            id(PROJECT, "i - 90"),
        ),
        format!(
            r#"{}INSERT INTO "user" (id, extra, enabled, domain_id, created_at)
            SELECT {user}, '{{}}', true, 'default', '2026-01-01 00:00:00' FROM n"#,
            series(users)
        ),
        format!(
            "{}INSERT INTO local_user (user_id, domain_id, name, failed_auth_count)
            SELECT {user}, 'default', 'user-' || i, 0 FROM n",
            series(users)
        ),
        format!(
            "INSERT INTO password (local_user_id, self_service, password_hash, created_at_int, created_at)
            SELECT local_user.id, false, known.password_hash, 1767225600000000, '2026-01-01 00:00:00'
            FROM local_user CROSS JOIN (SELECT password_hash FROM password LIMIT 1) AS known
            WHERE local_user.user_id LIKE '{USER}%'"
        ),
        format!(
            r#"{}INSERT INTO "group" (id, domain_id, name, description, extra)
            SELECT {group}, 'default', 'group-' || i, '', '{{}}' FROM n"#,
            series(50)
        ),
    ];
    for step in [0, 7] {
        statements.push(format!(
            "{}INSERT INTO user_group_membership (user_id, group_id) SELECT {user}, {} FROM n",
            series(users),
            id(GROUP, &format!("(i + {step}) % 50")),
        ));
    }
    let mut grant = |kind: &str, actor: &str, count: u64, target: String, name: &str, inherited: bool| {
        statements.push(format!(
            "{}INSERT INTO assignment (type, actor_id, target_id, role_id, inherited)
            SELECT '{kind}', {actor}, {target}, {}, {inherited} FROM n",
            series(count),
            role(name)
        ));
    };
    for choice in 0..per_user {
        let number = format!("(i * 7 + {}) % {PROJECTS}", choice * 13);
        grant("UserProject", &user, users, id(PROJECT, &number), "member", false);
    }
    for choice in 0..20 {
        grant("GroupProject", &group, 50, id(PROJECT, &format!("(i * 4 + {choice}) % {PROJECTS}")), "reader", false);
    }
    for choice in 0..10 {
        grant("GroupProject", &group, 50, id(PROJECT, &format!("(i + {choice} * 2) % 20")), "member", true);
    }
    grant("UserDomain", &user, users.min(500), "'default'".to_owned(), "reader", true);
    grant("UserProject", &user, CALLERS, id(PROJECT, "0"), "service", false);
    for (interface, offset) in [("public", 0), ("internal", 1), ("admin", 2)] {
        let own = match interface {
            "public" => "https://service-' || i || '.cloud.example",
            _ => "http://service-' || i || '.internal",
        };
        statements.push(format!(
            "{}INSERT INTO endpoint (id, interface, service_id, url, extra, enabled, region_id)
            SELECT {}, '{interface}', {}, '{own}:8774' || CASE WHEN i < 2 THEN '/v1/%(project_id)s' ELSE '/v2.1' END,
                '{{}}', true, 'RegionOne' FROM n",
            series(20),
            id(ENDPOINT, &format!("i * 3 + {offset}")),
            id(SERVICE, "i"),
        ));
    }
    let services = format!(
        r#"{}INSERT INTO service (id, type, enabled, extra)
        SELECT {}, 'type-' || i, true, '{{"name": "service-' || i || '", "description": "A service"}}' FROM n"#,
        series(20),
        id(SERVICE, "i")
    );
    let mut transaction = store.begin().await.expect("a transaction");
    // Databases look at their tables by themselves after a while; here it is done at once.
    for statement in std::iter::once(services).chain(statements).chain(["ANALYZE".to_owned()]) {
        let done = transaction.execute("the world", statement.clone(), vec![]).await;
        done.unwrap_or_else(|error| panic!("{error:?}: {statement}"));
    }
    transaction.commit().await.expect("committed");
}
