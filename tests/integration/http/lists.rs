//! Lists: filters, pages, links, and who sees what. What Keystone answers to each filter is compared elsewhere, with a
//! real one; here are the parts that only show with more rows than a test usually has.

use chrono::TimeDelta;
use fernstone::{bootstrap::Bootstrapped, domain::secret::SecretText, http::HttpSettings, server::Limits};
use serde_json::Value;

use super::{
    served::{Ground, Served},
    wire::{Answer, Ask},
};

struct World {
    server: Served,
    made: Bootstrapped,
}

impl World {
    /// Seven projects `p0` to `p6` in a row, each the child of the one before; odd ones are tagged, `p3` is disabled.
    async fn new(settings: HttpSettings) -> Self {
        let (ground, made) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
        let mut transaction = ground.store.begin().await.expect("a transaction");
        for number in 0..7 {
            let parent = if number == 0 { "default".to_owned() } else { format!("p{}", number - 1) };
            let sql = "INSERT INTO project (id, name, extra, enabled, domain_id, parent_id, is_domain)
                VALUES ($1, $2, '{\"color\": \"red\"}', $3, 'default', $4, $5)";
            let id = format!("p{number}");
            let values = vec![
                id.as_str().into(),
                format!("Project {number}").into(),
                (number != 3).into(),
                parent.into(),
                false.into(),
            ];
            transaction.execute("project", sql, values).await.expect("a project");
            if number % 2 == 1 {
                let sql = "INSERT INTO project_tag (project_id, name) VALUES ($1, 'odd')";
                transaction.execute("project_tag", sql, vec![id.into()]).await.expect("a tag");
            }
        }
        transaction.commit().await.expect("the transaction commits");
        let settings = HttpSettings { admin_token: Some(SecretText::new("ADMIN")), ..settings };
        Self { server: Served::start(ground.front(settings), Limits::default()).await, made }
    }

    async fn get(&self, path: &str) -> Answer {
        let answer =
            Ask::new("GET", path).header("X-Auth-Token", "ADMIN").header("Host", "k").send(self.server.address).await;
        answer.check_always_true("GET");
        answer
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("/v3/projects{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        names(&answer.json())
    }
}

fn names(list: &Value) -> Vec<String> {
    let projects = list["projects"].as_array().expect("a list");
    projects.iter().map(|project| project["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn following_the_links_shows_everything_once() {
    let world = World::new(HttpSettings::default()).await;
    let mut seen = Vec::new();
    let mut path = "/v3/projects?limit=3&enabled=1".to_owned();
    loop {
        let page = world.get(&path).await.json();
        seen.extend(names(&page));
        assert_eq!(page["truncated"] == true, !page["links"]["next"].is_null());
        match page["links"]["next"].as_str() {
            Some(next) => path = next.strip_prefix("http://k").expect("an absolute link").to_owned(),
            None => break,
        }
    }
    seen.sort();
    let mut expected: Vec<String> = [0, 1, 2, 4, 5, 6].iter().map(|number| format!("Project {number}")).collect();
    expected.push("admin".to_owned());
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_next_page_keeps_what_was_asked() {
    let world = World::new(HttpSettings::default()).await;
    let page = world.get("/v3/projects?name__contains=Project%20&limit=2&marker=p1&x=a%2Bb&x=c").await.json();
    assert_eq!(names(&page), ["Project 2", "Project 3"]);
    assert_eq!(page["links"]["next"], "http://k/v3/projects?name__contains=Project+&limit=2&marker=p3&x=a%2Bb");
    assert_eq!(page["links"]["self"], "http://k/v3/projects?name__contains=Project%20&limit=2&marker=p1&x=a%2Bb&x=c");
}

#[tokio::test]
async fn the_operator_limits_lists() {
    let settings =
        HttpSettings { resource_list_limit: Some(2), catalog_list_limit: Some(1), ..HttpSettings::default() };
    let world = World::new(settings).await;
    let page = world.get("/v3/projects").await.json();
    assert_eq!(page["projects"].as_array().map(Vec::len), Some(2));
    assert_eq!(page["truncated"], true);
    assert!(page["links"]["next"].as_str().is_some_and(|next| next.starts_with("http://k/v3/projects?marker=")));
    let page = world.get("/v3/projects?limit=4").await.json();
    assert_eq!(page["projects"].as_array().map(Vec::len), Some(4), "who asks for more gets more");
    let page = world.get("/v3/endpoints").await.json();
    assert_eq!((page["endpoints"].as_array().map(Vec::len), &page["truncated"]), (Some(1), &Value::Bool(true)));
    let page = world.get("/v3/services").await.json();
    assert_eq!((page["services"].as_array().map(Vec::len), page.get("truncated")), (Some(1), None));

    let world = World::new(HttpSettings { max_db_limit: 3, ..HttpSettings::default() }).await;
    let page = world.get("/v3/projects?limit=100").await.json();
    assert_eq!((page["projects"].as_array().map(Vec::len), &page["truncated"]), (Some(3), &Value::Bool(true)));
    let page = world.get("/v3/projects").await.json();
    assert_eq!((page["projects"].as_array().map(Vec::len), page.get("truncated")), (Some(3), None));
}

#[tokio::test]
async fn filters_that_the_database_does_not_know_come_after_the_page() {
    let world = World::new(HttpSettings::default()).await;
    assert_eq!(world.names("?tags=odd").await, ["Project 1", "Project 3", "Project 5"]);
    assert_eq!(world.names("?tags=odd&enabled=0").await, ["Project 3"]);
    assert_eq!(world.names("?marker=p1&limit=2&tags=odd").await, ["Project 3"]);
    assert_eq!(world.names("?name__icontains=PROJECT%20_&limit=2&marker=p3").await, ["Project 4", "Project 5"]);
    assert_eq!(world.names("?name=Project%201&name=Project%202").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_bad_query_is_refused_before_anybody_asks_who_asks() {
    let world = World::new(HttpSettings::default()).await;
    for (path, status) in [
        ("/v3/projects?enabled=perhaps", 400),
        ("/v3/projects?enabled=1", 401),
        ("/v3/regions?anything", 400),
        ("/v3/endpoints?interface=none", 400),
        ("/v3/services?anything", 401),
        ("/v3/projects?limit=many", 401),
    ] {
        assert_eq!(Ask::new("GET", path).send(world.server.address).await.status, status, "{path}");
    }
    for path in ["/v3/projects?limit=many", "/v3/projects?limit=-1", "/v3/services?limit=x"] {
        assert_eq!(world.get(path).await.status, 400, "{path}");
    }
    let answer = world.get("/v3/projects?marker=nobody").await;
    assert_eq!((answer.status, &answer.json()["error"]["message"]), (404, &"Marker nobody could not be found.".into()));
}

#[tokio::test]
async fn a_project_shows_its_family() {
    let world = World::new(HttpSettings::default()).await;
    let project = world.get("/v3/projects/p2?parents_as_ids&subtree_as_ids").await.json();
    assert_eq!(project["project"]["parents"], serde_json::json!({ "p1": { "p0": { "default": null } } }));
    assert_eq!(project["project"]["subtree"], serde_json::json!({ "p3": { "p4": { "p5": { "p6": null } } } }));
    assert_eq!(project["project"]["color"], "red");
    let project = world.get("/v3/projects/p5?parents_as_list&subtree_as_list").await.json();
    let ids = |kin: &str| -> Vec<String> {
        let list = project["project"][kin].as_array().expect("a list");
        list.iter().map(|entry| entry["project"]["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids("parents"), ["p4", "p3", "p2", "p1", "p0", "default"]);
    assert_eq!(ids("subtree"), ["p6"]);
    assert_eq!(project["project"]["subtree"][0]["project"]["links"]["self"], "http://k/v3/projects/p6");
}

#[tokio::test]
async fn the_admin_token_is_nobody_who_may_do_everything() {
    let world = World::new(HttpSettings::default()).await;
    for (path, key) in
        [("/v3/auth/projects", "projects"), ("/v3/auth/domains", "domains"), ("/v3/auth/system", "system")]
    {
        assert_eq!(world.get(path).await.json()[key], serde_json::json!([]), "{path}");
    }
    assert_eq!(world.get("/v3/auth/catalog").await.status, 403);
    let path = format!("/v3/users/{}/projects", world.made.user_id);
    assert_eq!(names(&world.get(&path).await.json()), ["admin"]);
    let almost = Ask::new("GET", "/v3/projects").header("X-Auth-Token", "ADMIN2").send(world.server.address).await;
    assert_eq!(almost.status, 401);
}
