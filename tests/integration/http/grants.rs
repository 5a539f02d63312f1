//! Grants over HTTP, and the lists of assignments that follow from them. Keystone's answers to each of these requests are
//! compared elsewhere, with a real one; here is what a reader should know of them.

use chrono::TimeDelta;
use fernstone::{bootstrap::Bootstrapped, domain::secret::SecretText, http::HttpSettings, server::Limits};
use serde_json::{Value, json};

use super::{
    served::{Ground, Served},
    whole::login,
    wire::{Answer, Ask},
};

/// Domains `d` and `e`; project `p` with `c` below it in `d`, `q` in `e`; user `u` and group `g` in `d`, `u` being in `g`;
/// roles `r`, which implies `s`, and `own`, which is `d`'s. User `v` and project `x` in a domain with an id that tokens can hold.
const SETTING: [&str; 18] = [
    "INSERT INTO project (id, name, domain_id, is_domain, enabled) VALUES ('d', 'D', '<<keystone.domain.root>>', true, true)",
    "INSERT INTO project (id, name, domain_id, is_domain, enabled) VALUES ('e', 'E', '<<keystone.domain.root>>', true, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('p', 'P', 'd', 'd', false, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('c', 'C', 'd', 'p', false, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('q', 'Q', 'e', 'e', false, true)",
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('u', 'd', true)"#,
    "INSERT INTO local_user (user_id, domain_id, name) VALUES ('u', 'd', 'Ursula')",
    r#"INSERT INTO "group" (id, domain_id, name) VALUES ('g', 'd', 'G')"#,
    "INSERT INTO user_group_membership (user_id, group_id) VALUES ('u', 'g')",
    "INSERT INTO project (id, name, domain_id, is_domain, enabled) VALUES ('d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0', 'H', '<<keystone.domain.root>>', true, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('x', 'X', 'd0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0', 'd0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0', false, true)",
    r#"INSERT INTO "user" (id, domain_id, enabled) VALUES ('v', 'd0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0', true)"#,
    "INSERT INTO local_user (user_id, domain_id, name) VALUES ('v', 'd0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0', 'Vera')",
    "INSERT INTO role (id, name, description) VALUES ('r', 'R', 'the first')",
    "INSERT INTO role (id, name) VALUES ('s', 'S')",
    "INSERT INTO role (id, name, domain_id) VALUES ('own', 'Own', 'd')",
    "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('r', 's')",
    "INSERT INTO implied_role (prior_role_id, implied_role_id) VALUES ('own', 's')",
];

/// What a grant can be on, and what comes before it in its URL.
const TARGETS: [&str; 5] = ["/projects/p", "/domains/d", "/system", "/OS-INHERIT/projects/p", "/OS-INHERIT/domains/d"];
const ACTORS: [&str; 2] = ["/users/u", "/groups/g"];

struct World {
    server: Served,
    made: Bootstrapped,
}

impl World {
    async fn new() -> Self {
        let (ground, made) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
        let mut transaction = ground.store.begin().await.expect("a transaction");
        for statement in SETTING {
            transaction
                .execute("test", statement, vec![])
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        }
        // What bootstrap granted would be in every list.
        for statement in ["DELETE FROM assignment", "DELETE FROM system_assignment"] {
            transaction.execute("test", statement, vec![]).await.expect("deleted");
        }
        transaction.commit().await.expect("the transaction commits");
        let settings = HttpSettings { admin_token: Some(SecretText::new("ADMIN")), ..HttpSettings::default() };
        Self { server: Served::start(ground.front(settings), Limits::default()).await, made }
    }

    async fn ask(&self, method: &str, path: &str) -> Answer {
        self.ask_as("ADMIN", method, path).await
    }

    async fn ask_as(&self, token: &str, method: &str, path: &str) -> Answer {
        let ask = Ask::new(method, &format!("/v3{path}")).header("X-Auth-Token", token).header("Host", "k");
        let answer = ask.send(self.server.address).await;
        answer.check_always_true(method);
        answer
    }

    async fn status(&self, method: &str, path: &str) -> u16 {
        self.ask(method, path).await.status
    }

    async fn message(&self, method: &str, path: &str) -> (u16, String) {
        self.message_as("ADMIN", method, path).await
    }

    async fn message_as(&self, token: &str, method: &str, path: &str) -> (u16, String) {
        let answer = self.ask_as(token, method, path).await;
        (answer.status, answer.json()["error"]["message"].as_str().expect("a message").to_owned())
    }

    /// A token of somebody whom the rules are asked about, and who may do all of this.
    async fn administrator(&self) -> String {
        let Bootstrapped { user_id, project_id, admin_role_id: role_id, .. } = &self.made;
        self.grant(&format!("/projects/{project_id}/users/{user_id}/roles/{role_id}")).await;
        let answer = login("secret").send(self.server.address).await;
        answer.header("x-subject-token").expect("a token").to_owned()
    }

    async fn grant(&self, path: &str) {
        assert_eq!(self.status("PUT", path).await, 204, "{path}");
    }

    async fn assignments(&self, query: &str) -> Vec<Value> {
        let answer = self.ask("GET", &format!("/role_assignments{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        answer.json()["role_assignments"].as_array().expect("a list").clone()
    }

    /// Each entry's link to its grant.
    async fn links(&self, query: &str) -> Vec<String> {
        let link = |entry: &Value| entry["links"]["assignment"].as_str().expect("a link").to_owned();
        let mut links: Vec<String> = self.assignments(query).await.iter().map(link).collect();
        links.sort();
        links
    }
}

/// The URL of a grant.
fn grant(target: &str, actor: &str, role: &str) -> String {
    let below = if target.starts_with("/OS-INHERIT") { "/inherited_to_projects" } else { "" };
    format!("{target}{actor}/roles/{role}{below}")
}

/// The URL of the roles of one actor on one target.
fn list_path(target: &str, actor: &str) -> String {
    let below = if target.starts_with("/OS-INHERIT") { "/inherited_to_projects" } else { "" };
    format!("{target}{actor}/roles{below}")
}

#[tokio::test]
async fn a_grant_is_made_seen_and_taken_back_and_is_no_other() {
    let world = World::new().await;
    for target in TARGETS {
        for actor in ACTORS {
            let path = grant(target, actor, "r");
            assert_eq!(world.status("GET", &path).await, 404, "{path}");
            assert_eq!(world.status("DELETE", &path).await, 404, "{path}");
            world.grant(&path).await;
            world.grant(&path).await;
            assert_eq!(world.status("GET", &path).await, 204, "{path}");
            assert_eq!(world.status("HEAD", &path).await, 204, "{path}");
            assert_eq!(world.links("").await, [format!("http://k/v3{path}")], "this one, and no other");
            // Keystone has no list of what is inherited from a project.
            let expected = if target == "/OS-INHERIT/projects/p" { 404 } else { 200 };
            let list = world.ask("GET", &list_path(target, actor)).await;
            assert_eq!(list.status, expected, "{target}{actor}");
            if expected == 200 {
                let role = json!({ "id": "r", "name": "R", "domain_id": null, "description": "the first", "options": {},
                    "links": { "self": "http://k/v3/roles/r" } });
                assert_eq!(list.json()["roles"], json!([role]));
            }
            assert_eq!(world.status("DELETE", &path).await, 204, "{path}");
            assert_eq!(world.status("DELETE", &path).await, 404, "{path}");
            assert_eq!(world.links("").await, Vec::<String>::new());
        }
    }
}

fn nothing(role: &str, actor: &str, target: &str) -> (u16, String) {
    let text = "Could not find role assignment with role:";
    (404, format!("{text} {role}, user or group: {actor}, project, domain, or system: {target}."))
}

#[tokio::test]
async fn the_admin_token_misses_nobody() {
    let world = World::new().await;
    for path in ["/projects/p/users/none/roles/r", "/domains/d/groups/none/roles/r", "/system/users/none/roles/r"] {
        assert_eq!(world.status("GET", path).await, 404, "{path}");
        world.grant(path).await;
        assert_eq!(world.status("GET", path).await, 204, "{path}");
        assert_eq!(world.status("DELETE", path).await, 204, "{path}");
    }
    let missing = |kind: &str| (404, format!("Could not find {kind}: none."));
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(world.message(method, "/projects/p/users/u/roles/none").await, missing("role"));
    }
    for method in ["GET", "PUT"] {
        assert_eq!(world.message(method, "/projects/none/users/none/roles/r").await, missing("project"));
    }
    let on_nothing = world.message("DELETE", "/projects/none/users/none/roles/r").await;
    assert_eq!(on_nothing, nothing("r", "none", "none"));
    assert_eq!(world.message("GET", "/system/users/u/roles/none").await, nothing("none", "u", "system"));
    assert_eq!(world.message("GET", "/roles/none/implies/r").await, (404, "none does not imply r.".to_owned()));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = World::new().await;
    let token = world.administrator().await;
    let message = async |method: &str, path: &str| world.message_as(&token, method, path).await;
    let missing = |kind: &str| (404, format!("Could not find {kind}: none."));
    for method in ["GET", "PUT"] {
        assert_eq!(message(method, "/projects/p/users/none/roles/r").await, missing("user"));
        assert_eq!(message(method, "/domains/d/groups/none/roles/r").await, missing("group"));
        assert_eq!(message(method, "/projects/none/users/u/roles/r").await, missing("project"));
        assert_eq!(message(method, "/domains/none/users/u/roles/r").await, missing("domain"));
        assert_eq!(message(method, "/system/users/u/roles/none").await, missing("role"));
        let inherited = "/OS-INHERIT/projects/none/users/u/roles/r/inherited_to_projects";
        assert_eq!(message(method, inherited).await, missing("project"));
    }
    let no_domain = (404, "Could not find domain: p.".to_owned());
    assert_eq!(message("PUT", "/domains/p/users/u/roles/r").await, no_domain, "a project is no domain");
    assert_eq!(message("DELETE", "/projects/p/users/u/roles/r").await, nothing("r", "u", "p"));
    assert_eq!(message("DELETE", "/system/groups/g/roles/r").await, nothing("r", "g", "system"));
    // What somebody who is gone had must not be stuck there.
    assert_eq!(message("DELETE", "/domains/d/users/none/roles/r").await, nothing("r", "none", "d"));
    let of_nobody = "/OS-INHERIT/domains/d/users/none/roles/r/inherited_to_projects";
    world.grant(of_nobody).await;
    assert_eq!(world.status("DELETE", of_nobody).await, 204);
}

#[tokio::test]
async fn a_domains_own_role_is_for_its_projects() {
    let world = World::new().await;
    world.grant("/projects/p/users/u/roles/own").await;
    let refusal =
        |project: &str| (403, format!("Project {project} must be in the same domain as the role own being assigned."));
    assert_eq!(world.message("PUT", "/projects/q/users/u/roles/own").await, refusal("q"));
    assert_eq!(
        world.message("PUT", "/projects/d/users/u/roles/own").await,
        refusal("d"),
        "a domain's project is in none"
    );
    world.grant("/domains/e/users/u/roles/own").await;
    let (status, message) = world.message("PUT", "/system/users/u/roles/own").await;
    assert_eq!((status, message.starts_with("Role own is a domain-specific role.")), (400, true), "{message}");
}

#[tokio::test]
async fn nobody_learns_nothing() {
    let world = World::new().await;
    for path in ["/projects/none/users/u/roles/r", "/domains/d/users/none/roles", "/system/users/u/roles/none"] {
        assert_eq!(world.ask_as("", "GET", path).await.status, 401, "{path}");
    }
    assert_eq!(world.ask_as("", "PUT", "/projects/p/users/u/roles/r").await.status, 401);
    assert_eq!(world.links("").await, Vec::<String>::new());
    assert_eq!(world.ask_as("", "GET", "/role_assignments?include_subtree&scope.project.id=none").await.status, 401);
    assert_eq!(world.ask_as("", "GET", "/role_assignments?user.id=u&group.id=g").await.status, 400);
}

#[tokio::test]
async fn effective_assignments_say_where_they_come_from() {
    let world = World::new().await;
    world.grant("/OS-INHERIT/domains/d/groups/g/roles/own/inherited_to_projects").await;
    world.grant("/projects/c/users/u/roles/s").await;
    let on_c = |links: Value| {
        json!({
            "links": links,
            "scope": { "project": { "id": "c" } },
            "user": { "id": "u" },
            "role": { "id": "s" },
        })
    };
    let direct = on_c(json!({ "assignment": "http://k/v3/projects/c/users/u/roles/s" }));
    let mut roundabout = on_c(json!({
        "assignment": "http://k/v3/OS-INHERIT/domains/d/groups/g/roles/own/inherited_to_projects",
        "membership": "http://k/v3/groups/g/users/u",
        "prior_role": "http://k/v3/prior_role/s/implies/own",
    }));
    roundabout["scope"]["OS-INHERIT:inherited_to"] = "projects".into();
    assert_eq!(world.assignments("?effective&scope.project.id=c").await, [direct.clone(), roundabout.clone()]);
    assert_eq!(world.assignments("?effective&scope.project.id=c&user.id=u&role.id=s").await.len(), 2);
    assert_eq!(world.assignments("?effective").await.len(), 3, "on p too");
    let inherited = "?effective&scope.OS-INHERIT:inherited_to=projects&scope.project.id=c";
    assert_eq!(world.assignments(inherited).await, [roundabout]);
    assert_eq!(world.assignments("?effective&scope.OS-INHERIT:inherited_to=x").await, [direct]);
    assert_eq!(
        world.assignments("?effective&scope.domain.id=d").await,
        Vec::<Value>::new(),
        "a domain inherits nothing"
    );
    let tree = world.assignments("?effective&scope.project.id=p&include_subtree").await;
    assert_eq!(tree.len(), 3);
}

#[tokio::test]
async fn names_come_with_their_domains() {
    let world = World::new().await;
    let domain = json!({ "id": "d", "name": "D" });
    world.grant("/projects/p/users/u/roles/own").await;
    let entry = &world.assignments("?include_names").await[0];
    assert_eq!(entry["user"], json!({ "id": "u", "name": "Ursula", "domain": domain }));
    assert_eq!(entry["scope"], json!({ "project": { "id": "p", "name": "P", "domain": domain } }));
    assert_eq!(entry["role"], json!({ "id": "own", "name": "Own", "domain": domain }));
    assert_eq!(world.status("DELETE", "/projects/p/users/u/roles/own").await, 204);

    world.grant("/OS-INHERIT/domains/d/groups/gone/roles/r/inherited_to_projects").await;
    let entry = &world.assignments("?include_names").await[0];
    assert_eq!(entry["group"], json!({ "id": "gone", "name": "", "domain": { "id": "", "name": "" } }));
    assert_eq!(entry["scope"], json!({ "domain": domain, "OS-INHERIT:inherited_to": "projects" }));
    assert_eq!(entry["role"], json!({ "id": "r", "name": "R" }));
}

#[tokio::test]
async fn lists_are_narrowed_and_what_makes_no_sense_is_refused() {
    let world = World::new().await;
    for path in [
        "/projects/p/users/u/roles/r",
        "/projects/c/groups/g/roles/s",
        "/OS-INHERIT/projects/p/users/u/roles/s/inherited_to_projects",
        "/domains/d/users/u/roles/r",
        "/system/users/u/roles/r",
        "/system/groups/g/roles/s",
    ] {
        world.grant(path).await;
    }
    for (query, count) in [
        ("", 6),
        ("?user.id=u", 4),
        ("?group.id=g", 2),
        ("?role.id=s", 3),
        ("?scope.project.id=p", 2),
        ("?scope.project.id=p&include_subtree", 3),
        ("?scope.project.id=d&include_subtree", 3),
        ("?scope.domain.id=d", 1),
        ("?scope.system=all", 2),
        ("?scope.system=all&user.id=u", 1),
        ("?scope.system=some", 6),
        // Those on the system are there whether inherited ones are asked for or others.
        ("?scope.OS-INHERIT:inherited_to=projects", 3),
        ("?scope.OS-INHERIT:inherited_to=projects&scope.project.id=p", 1),
        ("?scope.OS-INHERIT:inherited_to=", 5),
        ("?scope.project.id=none", 0),
        ("?effective=0", 6),
    ] {
        assert_eq!(world.assignments(query).await.len(), count, "{query}");
    }
    for (query, message) in [
        (
            "user.id=u&group.id=g",
            "ImmutableMultiDict([('user.id', 'u'), ('group.id', 'g')]) is valid under each of \
            {'required': ['group.id']}, {'required': ['user.id']}",
        ),
        ("include_subtree", "'scope.project.id' is a dependency of 'include_subtree'"),
        ("scope.project.id=p&scope.domain.id=d", "Specify a domain or project, not both"),
        ("scope.system=x&scope.domain.id=d", "Specify system or domain, not both"),
        ("effective&group.id=g", "Combining effective and group filter will always result in an empty list."),
    ] {
        assert_eq!(world.message("GET", &format!("/role_assignments?{query}")).await, (400, message.to_owned()));
    }
    for (query, message) in [
        ("effective&user.id=none", "Could not find user: none."),
        ("effective&scope.project.id=none", "Could not find project: none."),
        ("include_subtree&scope.project.id=none", "Could not find project: none."),
    ] {
        assert_eq!(world.message("GET", &format!("/role_assignments?{query}")).await, (404, message.to_owned()));
    }
}

#[tokio::test]
async fn with_a_domain_token_one_sees_the_domain() {
    const DOMAIN: &str = "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0";
    let world = World::new().await;
    for path in [
        "/projects/x/users/v/roles/r",
        "/projects/q/users/u/roles/r",
        "/domains/e/users/u/roles/r",
        "/system/users/u/roles/r",
    ] {
        world.grant(path).await;
    }
    let roles = world.ask("GET", "/role_assignments").await.json()["role_assignments"].as_array().map(Vec::len);
    assert_eq!(roles, Some(4));
    world.grant(&format!("/domains/{DOMAIN}/users/{}/roles/{}", world.made.user_id, world.made.reader_role_id)).await;
    let user = json!({ "id": world.made.user_id.as_str(), "password": "secret" });
    let body = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": user } },
        "scope": { "domain": { "id": DOMAIN } },
    } });
    let mut login = Ask::new("POST", "/v3/auth/tokens").header("Content-Type", "application/json");
    login.body = Some(body.to_string().into_bytes());
    let answer = login.send(world.server.address).await;
    let token = answer.header("x-subject-token").unwrap_or_else(|| panic!("{}", answer.body)).to_owned();
    let seen = world.ask_as(&token, "GET", "/role_assignments").await.json();
    let mut scopes: Vec<String> =
        seen["role_assignments"].as_array().expect("a list").iter().map(|one| one["scope"].to_string()).collect();
    scopes.sort();
    assert_eq!(scopes, [format!(r#"{{"domain":{{"id":"{DOMAIN}"}}}}"#), r#"{"project":{"id":"x"}}"#.to_owned()]);
    assert_eq!(world.ask_as(&token, "GET", "/role_assignments?include_subtree&scope.project.id=x").await.status, 200);
    assert_eq!(world.ask_as(&token, "GET", "/role_assignments?include_subtree&scope.project.id=q").await.status, 403);
    assert_eq!(world.ask_as(&token, "GET", "/projects/x/users/v/roles/r").await.status, 204);
    assert_eq!(world.ask_as(&token, "GET", "/projects/q/users/v/roles/r").await.status, 403);
    assert_eq!(world.ask_as(&token, "PUT", "/projects/x/users/v/roles/s").await.status, 403);
}
