//! Roles, and what they imply. Statuses and texts are Keystone 30's.

use fernstone::http::HttpSettings;
use serde_json::{Value, json};

use super::cloud::{Cloud, refused, sorted};

#[tokio::test]
async fn what_a_client_makes_is_what_it_reads() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let body = json!({ "role": { "name": " r ", "x-y": 1, "id": "mine", "options": { "immutable": null } } });
    let role = cloud.ask("POST", "/v3/roles", body).await.json()["role"].clone();
    let id = role["id"].as_str().expect("an id");
    assert_eq!(
        role,
        json!({
            "id": id,
            "name": " r ",
            "domain_id": null,
            "description": null,
            "options": {},
            "x_y": 1,
            "links": { "self": format!("http://k/v3/roles/{id}") },
        })
    );
    let path = format!("/v3/roles/{id}");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["role"], role);
    let body = json!({ "role": { "name": "s", "description": "d", "domain_id": null } });
    let changed = cloud.ask("PATCH", &path, body).await.json()["role"].clone();
    assert_eq!((&changed["name"], &changed["description"], &changed["x_y"]), (&json!("s"), &json!("d"), &json!(1)));
    assert_eq!(
        cloud.refusal("PATCH", &path, json!({ "role": { "domain_id": "x" } })).await,
        refused(400, "Update of `domain_id` is not allowed.")
    );
    assert_eq!(
        cloud.refusal("POST", "/v3/roles", json!({ "role": { "name": "s" } })).await,
        refused(409, "Conflict occurred attempting to store role - Duplicate entry found with name s.")
    );
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(cloud.refusal("GET", &path, Value::Null).await, refused(404, format!("Could not find role: {id}.")));
}

#[tokio::test]
async fn roles_of_a_domain_are_listed_by_themselves() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    cloud.make("role", json!({ "name": "r", "domain_id": "d" })).await;
    cloud.make("role", json!({ "name": "r", "domain_id": "e" })).await;
    cloud.make("role", json!({ "name": "r" })).await;
    let list = async |query: &str| {
        let listed = cloud.ask("GET", &format!("/v3/roles?{query}"), Value::Null).await.json();
        sorted(&listed["roles"], "domain_id").join(" ")
    };
    assert_eq!(list("domain_id=d").await, "d");
    assert_eq!(list("name=r").await, "");
    let all = cloud.ask("GET", "/v3/roles", Value::Null).await.json();
    assert_eq!(sorted(&all["roles"], "name"), ["admin", "manager", "member", "r", "reader", "service"]);
    let page = cloud.ask("GET", "/v3/roles?limit=2", Value::Null).await.json();
    assert_eq!((page["roles"].as_array().map(Vec::len), &page["truncated"]), (Some(2), &json!(true)));
    assert_eq!(cloud.ask("GET", "/v3/roles?domain_id=", Value::Null).await.status, 400);
}

#[tokio::test]
async fn an_immutable_role_has_to_be_made_mutable_first() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let id = cloud.make("role", json!({ "name": "r", "options": { "immutable": true } })).await;
    let path = format!("/v3/roles/{id}");
    let forbidden = |what: &str| {
        refused(
            403,
            format!(
                "Unable to {what} immutable role resource: `{id}. Set resource option \"immutable\" to false first."
            ),
        )
    };
    for role in [
        json!({ "name": "s" }),
        json!({ "options": {} }),
        json!({ "options": { "immutable": true } }),
        json!({ "name": "s", "options": { "immutable": false } }),
        json!({ "domain_id": "x" }),
    ] {
        assert_eq!(cloud.refusal("PATCH", &path, json!({ "role": role })).await, forbidden("update"), "{role}");
    }
    assert_eq!(cloud.refusal("DELETE", &path, Value::Null).await, forbidden("delete"));
    let body = json!({ "role": { "options": { "immutable": false } } });
    assert_eq!(cloud.ask("PATCH", &path, body).await.json()["role"]["options"], json!({ "immutable": false }));
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
}

#[tokio::test]
async fn one_role_brings_another() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let prior = cloud.make("role", json!({ "name": "r" })).await;
    let implied = cloud.make("role", json!({ "name": "s" })).await;
    let of_domain = cloud.make("role", json!({ "name": "t", "domain_id": "d" })).await;
    let path = |prior: &str, implied: &str| format!("/v3/roles/{prior}/implies/{implied}");
    let named = |id: &str, name: &str| json!({ "id": id, "name": name, "links": { "self": format!("http://k/v3/roles/{id}") } });
    let made = cloud.ask("PUT", &path(&prior, &implied), Value::Null).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        made.json(),
        json!({
            "role_inference": { "prior_role": named(&prior, "r"), "implies": named(&implied, "s") },
            "links": { "self": format!("http://k/v3/roles/{prior}/implies/{implied}") },
        })
    );
    assert_eq!(
        cloud.refusal("PUT", &path(&prior, &implied), Value::Null).await,
        refused(409, "Conflict occurred attempting to store implied_role - Duplicate entry.")
    );
    assert_eq!(cloud.ask("HEAD", &path(&prior, &implied), Value::Null).await.status, 204);
    assert_eq!(cloud.ask("GET", &path(&prior, &implied), Value::Null).await.json(), made.json());
    let listed = cloud.ask("GET", &format!("/v3/roles/{prior}/implies"), Value::Null).await.json();
    assert_eq!(
        listed["role_inference"],
        json!({ "prior_role": named(&prior, "r"), "implies": [named(&implied, "s")] })
    );
    let all = cloud.ask("GET", "/v3/role_inferences", Value::Null).await.json();
    let mine = json!({ "prior_role": named(&prior, "r"), "implies": [named(&implied, "s")] });
    assert!(all["role_inferences"].as_array().is_some_and(|rules| rules.contains(&mine)), "{all}");

    assert_eq!(cloud.ask("PUT", &path(&prior, &prior), Value::Null).await.status, 201, "a role may bring itself");
    assert_eq!(
        cloud.refusal("PUT", &path(&prior, &of_domain), Value::Null).await,
        refused(403, format!("{of_domain} cannot be an implied roles."))
    );
    assert_eq!(cloud.ask("PUT", &path(&of_domain, &prior), Value::Null).await.status, 201);
    let roles = cloud.ask("GET", "/v3/roles?name=admin", Value::Null).await.json();
    let admin = roles["roles"][0]["id"].as_str().expect("the admin role");
    assert_eq!(
        cloud.refusal("PUT", &path(&prior, admin), Value::Null).await,
        refused(403, format!("{admin} cannot be an implied roles.")),
        "prohibited_implied_role"
    );
    assert_eq!(
        cloud.refusal("PUT", &path("gone", &prior), Value::Null).await,
        refused(404, "Could not find role: gone.")
    );

    assert_eq!(cloud.ask("DELETE", &path(&prior, &implied), Value::Null).await.status, 204);
    assert_eq!(
        cloud.refusal("GET", &path(&prior, &implied), Value::Null).await,
        refused(404, format!("{prior} does not imply {implied}."))
    );
}
