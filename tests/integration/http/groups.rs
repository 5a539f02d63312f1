//! Groups, and who is in them. Statuses and texts are Keystone 30's.

use fernstone::{domain::revocation::RevocationEvent, http::HttpSettings};
use serde_json::{Value, json};

use super::cloud::{Cloud, refused, sorted};

#[tokio::test]
async fn what_a_client_makes_is_what_it_reads() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let body = json!({ "group": { "name": " staff ", "x-y": 1, "extra": { "z": 1 }, "id": "mine" } });
    let group = cloud.ask("POST", "/v3/groups", body).await.json()["group"].clone();
    let id = group["id"].as_str().expect("an id");
    assert_eq!(
        group,
        json!({
            "id": id,
            "name": "staff",
            "domain_id": "default",
            "description": "",
            "x_y": 1,
            "links": { "self": format!("http://k/v3/groups/{id}") },
        })
    );
    let path = format!("/v3/groups/{id}");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["group"], group);
    let body = json!({ "group": { "name": "crew ", "description": null, "domain_id": "default", "x-y": 2 } });
    let changed = cloud.ask("PATCH", &path, body).await.json()["group"].clone();
    assert_eq!((&changed["name"], &changed["description"], &changed["x-y"]), (&json!("crew"), &Value::Null, &json!(2)));
    let change = async |group: Value| cloud.refusal("PATCH", &path, json!({ "group": group })).await;
    assert_eq!(change(json!({ "domain_id": null })).await, refused(400, "Cannot change Domain ID"));
    assert_eq!(change(json!({ "id": "x" })).await, refused(400, "Cannot change ID"));
    let long = "x".repeat(65);
    assert_eq!(
        change(json!({ "name": long })).await,
        refused(
            400,
            format!(
                "String length exceeded. The length of string '{long}' exceeds the limit of column name(CHAR(64))."
            )
        )
    );
    cloud.make("group", json!({ "name": "other" })).await;
    assert_eq!(
        change(json!({ "name": "other" })).await,
        refused(409, "Conflict occurred attempting to store group - Duplicate entry found with name other.")
    );
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(cloud.refusal("DELETE", &path, Value::Null).await, refused(404, format!("Could not find group: {id}.")));
}

#[tokio::test]
async fn members_come_and_go() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let group = cloud.make("group", json!({ "name": "staff" })).await;
    let ada = cloud.make("user", json!({ "name": "ada" })).await;
    let path = format!("/v3/groups/{group}/users/{ada}");
    let status = async |method: &str| cloud.ask(method, &path, Value::Null).await.status;
    assert_eq!(status("HEAD").await, 404);
    for method in ["PUT", "PUT", "HEAD", "GET"] {
        assert_eq!(status(method).await, 204, "{method}");
    }
    let members = cloud.ask("GET", &format!("/v3/groups/{group}/users"), Value::Null).await.json();
    assert_eq!(sorted(&members["users"], "name"), ["ada"]);
    let groups = cloud.ask("GET", &format!("/v3/users/{ada}/groups"), Value::Null).await.json();
    assert_eq!(
        (&groups["groups"][0]["name"], &groups["groups"][0]["membership_expires_at"]),
        (&json!("staff"), &Value::Null)
    );
    assert_eq!(cloud.events().await, []);
    assert_eq!(status("DELETE").await, 204);
    let events = cloud.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0],
        RevocationEvent { user_id: Some(ada.as_str().into()), ..RevocationEvent::at(events[0].revoked_at) }
    );
    assert_eq!(
        cloud.refusal("DELETE", &path, Value::Null).await,
        refused(404, format!("User '{ada}' not found in group '{group}'"))
    );
    for method in ["PUT", "GET", "DELETE"] {
        let refusal = cloud.refusal(method, &format!("/v3/groups/gone/users/{ada}"), Value::Null).await;
        assert_eq!(refusal, refused(404, "Could not find group: gone."), "{method}");
        let refusal = cloud.refusal(method, &format!("/v3/groups/{group}/users/gone"), Value::Null).await;
        assert_eq!(refusal, refused(404, "Could not find user: gone."), "{method}");
    }
}

#[tokio::test]
async fn a_membership_that_a_login_gave_ends() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let group = cloud.make("group", json!({ "name": "staff" })).await;
    let ada = cloud.make("user", json!({ "name": "ada" })).await;
    let now = fernstone::domain::clock::Clock::now(&*cloud.clock);
    let mut transaction = cloud.store.begin().await.expect("a transaction");
    let sql =
        "INSERT INTO identity_provider (id, enabled, domain_id, authorization_ttl) VALUES ('idp', true, 'default', 30)";
    transaction.execute("test", sql, vec![]).await.expect("written");
    let sql = "INSERT INTO expiring_user_group_membership (user_id, group_id, idp_id, last_verified)
        VALUES ($1, $2, 'idp', $3)";
    transaction
        .execute("test", sql, vec![ada.as_str().into(), group.as_str().into(), now.into()])
        .await
        .expect("written");
    transaction.commit().await.expect("committed");
    let path = format!("/v3/groups/{group}/users/{ada}");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.status, 204);
    let groups = cloud.ask("GET", &format!("/v3/users/{ada}/groups"), Value::Null).await.json();
    let end = (now + chrono::TimeDelta::minutes(30)).format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    assert_eq!(groups["groups"][0]["membership_expires_at"], json!(end));
    let members = cloud.ask("GET", &format!("/v3/groups/{group}/users"), Value::Null).await.json();
    assert_eq!(members["users"], json!([]), "Keystone lists no others than those who are in it for good");
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 404, "nor lets it be taken away");
    cloud.clock.advance(chrono::TimeDelta::minutes(30));
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.status, 404);
    let groups = cloud.ask("GET", &format!("/v3/users/{ada}/groups"), Value::Null).await.json();
    assert_eq!(groups["groups"], json!([]));
}

#[tokio::test]
async fn that_a_group_is_not_there_is_said_before_who_may_delete_it() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let group = cloud.make("group", json!({ "name": "staff" })).await;
    cloud.make("user", json!({ "name": "ada", "password": "pw" })).await;
    let user = json!({ "name": "ada", "domain": { "id": "default" }, "password": "pw" });
    let token = cloud.login(user, Value::Null).await.expect("a token");
    let status = async |method: &str, id: &str| {
        cloud.ask_as(Some(&token), method, &format!("/v3/groups/{id}"), Value::Null).await.status
    };
    assert_eq!((status("DELETE", "gone").await, status("DELETE", &group).await), (404, 403));
    assert_eq!((status("GET", "gone").await, status("GET", &group).await), (403, 403));
    assert_eq!(cloud.ask_as(None, "DELETE", "/v3/groups/gone", Value::Null).await.status, 401);
}
