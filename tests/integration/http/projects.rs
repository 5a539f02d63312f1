//! Projects and domains as clients make, change and delete them. Statuses and texts are Keystone 30's.

use chrono::TimeDelta;
use fernstone::http::{HttpSettings, settings::ResourceSettings};
use serde_json::{Value, json};

use super::{
    cloud::{Cloud, refused},
    served::{Ground, postgres_store},
};

#[tokio::test]
async fn what_a_client_makes_is_what_it_reads() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let body = json!({ "project": { "name": " p ", "a-b": [1], "tags": ["x"], "options": { "immutable": null } } });
    let made = cloud.ask("POST", "/v3/projects", body).await;
    let project = made.json()["project"].clone();
    let id = project["id"].as_str().expect("an id");
    assert_eq!(
        project,
        json!({
            "id": id,
            "name": "p",
            "domain_id": "default",
            "parent_id": "default",
            "is_domain": false,
            "enabled": true,
            "description": "",
            "tags": ["x"],
            "options": {},
            "a_b": [1],
            "links": { "self": format!("http://k/v3/projects/{id}") },
        })
    );
    let path = format!("/v3/projects/{id}");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["project"], project);
    let body = json!({ "project": { "description": null, "c-d": 2, "options": { "immutable": false } } });
    let changed = cloud.ask("PATCH", &path, body).await.json()["project"].clone();
    assert_eq!((&changed["description"], &changed["c-d"]), (&Value::Null, &json!(2)));
    assert_eq!(changed["extra"], json!({ "a_b": [1], "c-d": 2 }), "only the answer to a change has it twice");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["project"].get("extra"), None);
    let unchanged = cloud.ask("PATCH", &path, Value::Null).await.json()["project"].clone();
    assert_eq!(unchanged, changed, "a change of nothing");
}

#[tokio::test]
async fn trees_have_rules() {
    let settings = ResourceSettings { max_tree_depth: 2, ..ResourceSettings::default() };
    let cloud = Cloud::new(HttpSettings { resource: settings, ..HttpSettings::default() }).await;
    let domain = cloud.make("domain", json!({ "name": "d" })).await;
    let top = cloud.make("project", json!({ "name": "top", "domain_id": domain })).await;
    let leaf = cloud.make("project", json!({ "name": "leaf", "domain_id": domain, "parent_id": top })).await;
    let below =
        |parent: &str, domain: &str| json!({ "project": { "name": "n", "parent_id": parent, "domain_id": domain } });
    let make = async |body: Value| cloud.refusal("POST", "/v3/projects", body).await;
    assert_eq!(
        make(below(&leaf, &domain)).await,
        refused(403, format!("Max hierarchy depth reached for {leaf} branch."))
    );
    assert_eq!(make(below("gone", &domain)).await, refused(400, "Could not find project: gone."));
    assert_eq!(make(below(&top, "gone")).await, refused(400, "Could not find domain: gone."));
    assert_eq!(make(below(&top, "default")).await.0, 400, "a parent in another domain");
    assert_eq!(make(below("default", &domain)).await.0, 400, "another domain as parent");

    let path = |id: &str| format!("/v3/projects/{id}");
    let not_a_leaf = cloud.refusal("DELETE", &path(&top), Value::Null).await;
    assert!(not_a_leaf.0 == 403 && not_a_leaf.1.contains("not a leaf"), "{not_a_leaf:?}");
    let disable = json!({ "project": { "enabled": false } });
    let enabled_below = cloud.refusal("PATCH", &path(&top), disable.clone()).await;
    assert_eq!(
        enabled_below,
        refused(403, format!("Cannot disable project {top} since its subtree contains enabled projects."))
    );
    assert_eq!(cloud.ask("PATCH", &path(&leaf), disable.clone()).await.status, 200);
    assert_eq!(cloud.ask("PATCH", &path(&top), disable).await.status, 200);
    let enable = json!({ "project": { "enabled": true } });
    let disabled_above = cloud.refusal("PATCH", &path(&leaf), enable).await;
    assert_eq!(disabled_above, refused(403, format!("Cannot enable project {leaf} since it has disabled parents")));
    assert_eq!(
        make(below(&top, &domain)).await,
        refused(400, format!("cannot create a project in a branch containing a disabled project: {top}"))
    );
    for (change, refusal) in [
        (json!({ "domain_id": "default" }), refused(400, "Cannot change Domain ID")),
        (json!({ "parent_id": null }), refused(403, "Update of `parent_id` is not allowed.")),
        (json!({ "is_domain": true }), refused(400, "Update of `is_domain` is not allowed.")),
        (json!({ "id": "x" }), refused(400, "Cannot change ID")),
    ] {
        assert_eq!(cloud.refusal("PATCH", &path(&leaf), json!({ "project": change })).await, refusal);
    }
    assert_eq!(cloud.ask("DELETE", &path(&leaf), Value::Null).await.status, 204);
    assert_eq!(cloud.ask("DELETE", &path(&top), Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_domain_goes_when_it_is_disabled_and_takes_its_projects_along() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let domain = cloud.make("domain", json!({ "name": "d" })).await;
    let project = cloud.make("project", json!({ "name": "p", "domain_id": domain })).await;
    let path = format!("/v3/domains/{domain}");
    let enabled = cloud.refusal("DELETE", &path, Value::Null).await;
    assert_eq!(enabled, refused(403, "Cannot delete a domain that is enabled, please disable it first."));
    let immutable = |value: Value| json!({ "project": { "options": { "immutable": value } } });
    let project_path = format!("/v3/projects/{project}");
    assert_eq!(cloud.ask("PATCH", &project_path, immutable(json!(true))).await.status, 200);
    assert_eq!(cloud.ask("PATCH", &path, json!({ "domain": { "enabled": false } })).await.status, 200);
    let (status, message) = cloud.refusal("DELETE", &path, Value::Null).await;
    assert!(status == 403 && message.contains(&format!("immutable project resource: `{project}")), "{message}");
    assert_eq!(cloud.ask("GET", &project_path, Value::Null).await.status, 200, "nothing happened");
    assert_eq!(cloud.ask("PATCH", &project_path, immutable(Value::Null)).await.status, 200);
    // As a project it can be deleted too.
    let as_project = format!("/v3/projects/{domain}");
    assert_eq!(cloud.ask("DELETE", &as_project, Value::Null).await.status, 204);
    for path in [path, project_path] {
        assert_eq!(cloud.ask("GET", &path, Value::Null).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_immutable_becomes_mutable_first() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    for kind in ["domain", "project"] {
        let id = cloud.make(kind, json!({ "name": "x", "options": { "immutable": true } })).await;
        let path = format!("/v3/{kind}s/{id}");
        let refusal = refused(
            403,
            format!(
                "Unable to update immutable {kind} resource: `{id}. Set resource option \"immutable\" to false first."
            ),
        );
        for change in [
            json!({ "description": "x" }),
            json!({ "options": {} }),
            json!({ "options": { "immutable": true } }),
            json!({ "options": { "immutable": false }, "description": "x" }),
        ] {
            assert_eq!(cloud.refusal("PATCH", &path, json!({ kind: change })).await, refusal);
        }
        assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 403);
        let mutable = json!({ kind: { "options": { "immutable": false } } });
        assert_eq!(cloud.ask("PATCH", &path, mutable).await.json()[kind]["options"], json!({ "immutable": false }));
        let change = json!({ kind: { "enabled": false } });
        assert_eq!(cloud.ask("PATCH", &path, change).await.status, 200);
        assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
    }
}

#[tokio::test]
async fn tags_are_put_one_by_one_or_all_at_once() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let id = cloud.make("project", json!({ "name": "p" })).await;
    let path = format!("/v3/projects/{id}/tags");
    let one = |tag: &str| format!("{path}/{tag}");
    let made = cloud.ask("PUT", &one("red"), Value::Null).await;
    assert_eq!((made.status, made.header("location")), (201, Some(format!("http://k/v3/{id}/tags/red").as_str())));
    assert_eq!(cloud.ask("PUT", &one("red"), Value::Null).await.status, 400, "it is there");
    assert_eq!(cloud.ask("PUT", &one("a,b"), Value::Null).await.status, 400);
    assert_eq!(cloud.ask("GET", &one("red"), Value::Null).await.status, 204);
    assert_eq!(
        cloud.refusal("GET", &one("blue"), Value::Null).await,
        refused(404, "Could not find project tag: blue.")
    );
    let put = cloud.ask("PUT", &path, json!({ "tags": [" green", "blue"] })).await;
    assert_eq!(put.json(), json!({ "links": { "self": "http://k/v3" }, "tags": ["green", "blue"] }));
    let twice = cloud.ask("PUT", &path, json!({ "tags": ["x", " x"] })).await;
    assert_eq!(twice.status, 409, "the same once they are stripped");
    assert_eq!(cloud.ask("DELETE", &one("green"), Value::Null).await.status, 204);
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["tags"], json!(["blue"]));
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["tags"], json!([]));
    let many: Vec<String> = (0..81).map(|number| number.to_string()).collect();
    assert_eq!(cloud.ask("PUT", &path, json!({ "tags": many })).await.status, 400);
    assert_eq!(cloud.ask("PUT", &path, json!({ "tags": many[..80] })).await.status, 200);
    assert_eq!(cloud.ask("PUT", &one("more"), Value::Null).await.status, 400);
}

#[tokio::test]
async fn names_can_be_kept_safe_for_urls_and_one_is_reserved() {
    let settings = ResourceSettings {
        url_safe_project_names: true,
        url_safe_domain_names: true,
        federated_domain_name: "Fed".to_owned(),
        ..ResourceSettings::default()
    };
    let cloud = Cloud::new(HttpSettings { resource: settings, ..HttpSettings::default() }).await;
    for (kind, entity) in [("project", "Project"), ("domain", "Domain")] {
        let collection = format!("/v3/{kind}s");
        let unsafe_name = refused(400, format!("{entity} name cannot contain the following reserved characters: /?"));
        let body = json!({ kind: { "name": "a/b?" } });
        assert_eq!(cloud.refusal("POST", &collection, body.clone()).await, unsafe_name);
        let id = cloud.make(kind, json!({ "name": "safe" })).await;
        assert_eq!(cloud.refusal("PATCH", &format!("{collection}/{id}"), body).await, unsafe_name);
    }
    let body = json!({ "domain": { "name": "FED" } });
    assert_eq!(cloud.refusal("POST", "/v3/domains", body).await, refused(400, "Domain cannot be named FED"));
    cloud.make("project", json!({ "name": "fed" })).await;
}

#[tokio::test]
async fn bad_bodies_change_nothing() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let id = cloud.make("project", json!({ "name": "p" })).await;
    let path = format!("/v3/projects/{id}");
    let before = cloud.ask("GET", &path, Value::Null).await.json();
    for attributes in [
        json!({ "name": "" }),
        json!({ "name": " " }),
        json!({ "name": null }),
        json!({ "name": "x".repeat(65) }),
        json!({ "enabled": null }),
        json!({ "enabled": "true" }),
        json!({ "enabled": 1 }),
        json!({ "tags": ["a/b"] }),
        json!({ "tags": ["a", "a"] }),
        json!({ "tags": "a" }),
        json!({ "options": { "immutable": "yes" } }),
        json!({ "options": { "other": true } }),
        json!({ "options": null }),
        json!({ "description": 1 }),
        json!({ "links": 1 }),
        json!({ "links": null }),
    ] {
        let status = cloud.ask("PATCH", &path, json!({ "project": attributes })).await.status;
        assert_eq!(status, 400, "{attributes}");
        let mut attributes = attributes;
        if attributes.get("name").is_none() {
            attributes["name"] = "new".into();
        }
        let status = cloud.ask("POST", "/v3/projects", json!({ "project": attributes })).await.status;
        assert_eq!(status, 400, "{attributes}");
    }
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json(), before);
    assert_eq!(cloud.ask("POST", "/v3/projects", json!({})).await.status, 400);
    assert_eq!(cloud.ask("POST", "/v3/projects", json!({ "project": 1 })).await.status, 400);
}

/// In Postgres text cannot hold a NUL: that is the caller's fault, and no failure.
#[tokio::test]
async fn a_nul_is_refused_where_it_cannot_be_stored() {
    let (ground, _) = Ground::bootstrapped_in(postgres_store().await, "http://k/v3", TimeDelta::hours(1)).await;
    let cloud = Cloud::on(ground, HttpSettings::default()).await;
    let body = json!({ "project": { "name": "a\u{0}b" } });
    assert_eq!(cloud.ask("POST", "/v3/projects", body).await.status, 400);
    let id = cloud.make("project", json!({ "name": "p", "other": "a\u{0}b" })).await;
    let found = cloud.store.project(&id.as_str().into()).await.expect("an answer").expect("the project");
    assert_eq!(found.extra["other"], "a\u{0}b", "JSON can");
    assert_eq!(cloud.ask("GET", "/v3/projects/a%00b", Value::Null).await.status, 404);
}

#[tokio::test]
async fn of_those_who_race_for_a_name_one_gets_it() {
    let (ground, _) = Ground::bootstrapped_in(postgres_store().await, "http://k/v3", TimeDelta::hours(1)).await;
    let cloud = Cloud::on(ground, HttpSettings::default()).await;
    let body = json!({ "domain": { "name": "wanted" } });
    let asked = || cloud.ask("POST", "/v3/domains", body.clone());
    let answers = tokio::join!(asked(), asked(), asked(), asked());
    let mut statuses = [answers.0.status, answers.1.status, answers.2.status, answers.3.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    let refusal = cloud.refusal("POST", "/v3/domains", body.clone()).await;
    assert_eq!(
        refusal.1,
        "Conflict occurred attempting to store project - it is not permitted to have two projects acting as domains with \
         the same name: wanted."
    );
}
