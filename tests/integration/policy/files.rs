//! Policy files that appear, change, break and go while the service runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fernstone::policy::{Credentials, Enforcer, LoadError, Look, PolicySettings, Warning, target};
use serde_json::{Value, json};

/// A directory with policy files, and an enforcer that reads them.
struct World {
    directory: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Replaces the file as a careful editor does.
    fn write(&self, name: &str, text: &str) {
        let new = self.path(".new");
        std::fs::write(&new, text).unwrap();
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::rename(new, self.path(name)).unwrap();
    }

    fn enforcer(&self) -> Enforcer {
        self.start().unwrap()
    }

    fn start(&self) -> Result<Enforcer, LoadError> {
        Enforcer::new(PolicySettings {
            search_dirs: vec![self.directory.path().to_owned()],
            ..PolicySettings::default()
        })
    }
}

fn caller(roles: &[&str]) -> Credentials {
    let roles: Vec<Value> = roles.iter().map(|name| json!({"id": name, "name": name})).collect();
    Credentials::of_token(
        json!({
            "user": {"id": "u", "domain": {"id": "default"}},
            "project": {"id": "p", "domain": {"id": "default"}},
            "roles": roles,
        })
        .into(),
    )
}

/// May a caller with this role validate somebody else's token?
fn may_validate(enforcer: &Enforcer, role: &str) -> bool {
    let nested = json!({"target": {"token": {"user_id": "another", "user": {"domain": {"id": "d"}}}}});
    let target = target::flatten(nested.as_object().unwrap().clone());
    enforcer.allows("identity:validate_token", &caller(&[role]), &target)
}

const TOKEN_READER: &str =
    "identity:validate_token: rule:admin_required or rule:service_role or rule:token_subject or role:token-reader\n";

#[test]
fn a_custom_role_is_given_token_validation_by_an_override() {
    let world = World::new();
    assert!(!may_validate(&world.enforcer(), "token-reader"));

    world.write("policy.yaml", TOKEN_READER);
    let enforcer = world.enforcer();
    assert!(may_validate(&enforcer, "token-reader"));
    assert!(may_validate(&enforcer, "Token-Reader"), "roles are the same whatever their case");
    assert!(may_validate(&enforcer, "service"));
    assert!(!may_validate(&enforcer, "member"));
    assert!(!enforcer.allows("identity:revoke_token", &caller(&["token-reader"]), &serde_json::Map::new()));
    let different: Vec<_> = enforcer.rules().differences().map(|rule| rule.name.clone()).collect();
    assert_eq!(different, ["identity:validate_token"]);
}

/// Looks until nothing changes any more; what the looks found besides.
fn settle(enforcer: &Enforcer) -> Vec<Look> {
    let mut found = Vec::new();
    loop {
        match enforcer.look() {
            Look::Unchanged => return found,
            Look::Settling => {}
            other => found.push(other),
        }
    }
}

#[test]
fn a_file_that_appears_changes_and_goes_is_followed() {
    let world = World::new();
    let enforcer = world.enforcer();
    assert!(settle(&enforcer).is_empty());

    world.write("policy.yaml", TOKEN_READER);
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(may_validate(&enforcer, "token-reader"));

    // The same length, and the same name: only the file itself is another one.
    world.write("policy.yaml", &TOKEN_READER.replace("token-reader", "token-writer"));
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(!may_validate(&enforcer, "token-reader"));
    assert!(may_validate(&enforcer, "token-writer"));

    std::fs::remove_file(world.path("policy.yaml")).unwrap();
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(!may_validate(&enforcer, "token-writer"));
    assert!(may_validate(&enforcer, "service"));
}

#[test]
fn a_file_is_read_when_two_looks_have_seen_the_same() {
    let world = World::new();
    let enforcer = world.enforcer();
    settle(&enforcer);

    world.write("policy.yaml", "identity:validate_token: '!'\n");
    assert!(matches!(enforcer.look(), Look::Settling));
    assert!(may_validate(&enforcer, "service"));
    world.write("policy.yaml", TOKEN_READER);
    assert!(matches!(enforcer.look(), Look::Settling));
    assert!(matches!(enforcer.look(), Look::Replaced));
    assert!(may_validate(&enforcer, "token-reader"));
    assert!(matches!(enforcer.look(), Look::Unchanged));
}

#[test]
fn a_broken_file_keeps_the_rules_and_is_reported_once_by_name() {
    let world = World::new();
    world.write("policy.yaml", TOKEN_READER);
    let enforcer = world.enforcer();
    settle(&enforcer);

    world.write("policy.yaml", "identity:validate_token: 'role:admin\n");
    let found = settle(&enforcer);
    let [Look::Kept(error)] = &found[..] else { panic!("{found:?}") };
    assert!(error.to_string().contains("policy.yaml"), "{error}");
    assert!(may_validate(&enforcer, "token-reader"));

    world.write("policy.yaml", "identity:validate_token: role:admin\n");
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(!may_validate(&enforcer, "token-reader"));
}

#[test]
fn a_file_in_a_policy_directory_is_followed_too() {
    let world = World::new();
    world.write("policy.yaml", "identity:validate_token: '!'\n");
    let enforcer = world.enforcer();
    settle(&enforcer);
    assert!(!may_validate(&enforcer, "service"));

    world.write("policy.d/10-readers.yaml", TOKEN_READER);
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(may_validate(&enforcer, "token-reader"));

    std::fs::remove_file(world.path("policy.d/10-readers.yaml")).unwrap();
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(!may_validate(&enforcer, "service"));
}

/// Kubernetes mounts a volume as links through `..data`, and changes it by pointing that link elsewhere.
#[test]
fn a_kubernetes_volume_is_followed_through_its_links() {
    let world = World::new();
    for (version, text) in [("..1", "identity:validate_token: '!'\n"), ("..2", TOKEN_READER)] {
        world.write(&format!("{version}/policy.yaml"), text);
    }
    let point = |version: &str| {
        let new = world.path("..data_tmp");
        std::os::unix::fs::symlink(version, &new).unwrap();
        std::fs::rename(new, world.path("..data")).unwrap();
    };
    point("..1");
    std::os::unix::fs::symlink(Path::new("..data/policy.yaml"), world.path("policy.yaml")).unwrap();
    let enforcer = world.enforcer();
    settle(&enforcer);
    assert!(!may_validate(&enforcer, "token-reader"));

    point("..2");
    assert!(matches!(settle(&enforcer)[..], [Look::Replaced]));
    assert!(may_validate(&enforcer, "token-reader"));
}

#[tokio::test]
async fn a_change_is_in_force_within_a_second_of_serving() {
    let world = World::new();
    let enforcer = world.enforcer();
    let mut following = enforcer.follow();
    let start = std::time::Instant::now();
    world.write("policy.yaml", TOKEN_READER);
    tokio::time::timeout(Duration::from_secs(20), following.changed()).await.unwrap();
    assert!(may_validate(&enforcer, "token-reader"));
    // Twice what is promised, for machines that are busy with other tests.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_file_that_cannot_be_used_is_a_refusal_to_start() {
    let world = World::new();
    world.write("policy.yaml", "identity:get_user: [\n");
    assert!(matches!(world.start(), Err(LoadError::Malformed { path, .. }) if path == world.path("policy.yaml")));

    std::fs::remove_file(world.path("policy.yaml")).unwrap();
    std::fs::create_dir(world.path("policy.yaml")).unwrap();
    assert!(matches!(world.start(), Err(LoadError::Unreadable { path, .. }) if path == world.path("policy.yaml")));

    std::fs::remove_dir(world.path("policy.yaml")).unwrap();
    std::fs::write(world.path("policy.d"), "no directory").unwrap();
    assert!(matches!(world.start(), Err(LoadError::Unreadable { path, .. }) if path == world.path("policy.d")));

    std::fs::remove_file(world.path("policy.d")).unwrap();
    std::fs::create_dir(world.path("policy.d")).unwrap();
    std::os::unix::fs::symlink("nowhere", world.path("policy.d/dangling.yaml")).unwrap();
    assert!(matches!(world.start(), Err(LoadError::Unreadable { path, .. }) if path.ends_with("dangling.yaml")));
}

#[test]
fn names_are_looked_up_where_the_configuration_is() {
    let (first, second) = (World::new(), World::new());
    second.write("policy.yaml", TOKEN_READER);
    let mut settings = PolicySettings {
        search_dirs: vec![first.directory.path().to_owned(), second.directory.path().to_owned()],
        ..PolicySettings::default()
    };
    assert!(may_validate(&Enforcer::new(settings.clone()).unwrap(), "token-reader"));
    first.write("policy.yaml", "{}");
    assert!(!may_validate(&Enforcer::new(settings.clone()).unwrap(), "token-reader"));
    settings.policy_file = second.path("policy.yaml");
    assert!(may_validate(&Enforcer::new(settings).unwrap(), "token-reader"));
}

#[test]
fn what_an_operator_should_know_is_said() {
    let world = World::new();
    world.write(
        "policy.yaml",
        concat!(
            "identity:get_user: role:admin and\n",
            "identity:list_users: rule:gone\n",
            "identity:get_usr: role:admin\n",
            "identity:get_role: role:a or rule:ring\n",
            "ring: not rule:ring\n",
            "identity:list_roles: http://example.com/%(user_id)s\n",
            "identity:list_domains:\n",
            "identity:create_role: rule:admin_required\n",
            "identity:revocation_list: role:admin\n",
        ),
    );
    let rules = world.enforcer().rules();
    let file = world.path("policy.yaml");
    let said =
        |wanted: &dyn Fn(&Warning) -> bool| assert!(rules.warnings().iter().any(wanted), "{:#?}", rules.warnings());
    let named = |rule: &str, wanted: &str| rule == wanted;
    said(
        &|warning| matches!(warning, Warning::Malformed { rule, file: at, .. } if named(rule, "identity:get_user") && *at == file),
    );
    said(
        &|warning| matches!(warning, Warning::Undefined { rule, missing } if named(rule, "identity:list_users") && missing == "gone"),
    );
    said(&|warning| matches!(warning, Warning::UnknownAction { rule, .. } if named(rule, "identity:get_usr")));
    said(&|warning| matches!(warning, Warning::Cyclic { rule } if named(rule, "ring")));
    said(
        &|warning| matches!(warning, Warning::Unevaluable { rule, problem } if named(rule, "identity:list_roles") && problem.contains("http:")),
    );
    said(&|warning| matches!(warning, Warning::Blank { rule, .. } if named(rule, "identity:list_domains")));
    said(&|warning| matches!(warning, Warning::Redundant { rule, .. } if named(rule, "identity:create_role")));
    said(&|warning| matches!(warning, Warning::ForRemoval { rule, .. } if named(rule, "identity:revocation_list")));
}

#[test]
fn the_defaults_have_nothing_to_warn_of() {
    let world = World::new();
    assert_eq!(world.enforcer().rules().warnings(), []);
    let old = Enforcer::new(PolicySettings { enforce_new_defaults: false, ..PolicySettings::default() }).unwrap();
    assert!(matches!(old.rules().warnings(), [Warning::OldDefaults { count }] if *count > 50));
}
