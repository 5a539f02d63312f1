//! Users as clients make, list, change and delete them. Statuses and texts are Keystone 30's.

use chrono::TimeDelta;
use fernstone::{
    domain::user::InactivityLimit,
    http::{HttpSettings, settings::IdentitySettings},
};
use serde_json::{Value, json};

use super::{
    cloud::{Cloud, refused, sorted},
    served::{Ground, postgres_store},
};

#[tokio::test]
async fn what_a_client_makes_is_what_it_reads() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let body = json!({ "user": {
        "name": " ada ", "password": "pw", "email": "a@x", "a-b:c": [1], "id": "mine", "extra": { "x": 1 },
        "tenants": 1, "groups": 2, "domains": 3, "password_expires_at": "never",
        "options": { "lock_password": true, "ignore_password_expiry": null },
    } });
    let made = cloud.ask("POST", "/v3/users", body).await;
    let user = made.json()["user"].clone();
    let id = user["id"].as_str().expect("an id");
    assert_eq!(
        user,
        json!({
            "id": id,
            "name": "ada",
            "domain_id": "default",
            "enabled": true,
            "email": "a@x",
            "a_b_c": [1],
            "password_expires_at": null,
            "options": { "lock_password": true },
            "links": { "self": format!("http://k/v3/users/{id}") },
        })
    );
    let path = format!("/v3/users/{id}");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["user"], user);
    let body = json!({ "user": { "name": " Ada", "email": null, "c-d": 2, "options": { "lock_password": null } } });
    let changed = cloud.ask("PATCH", &path, body).await.json()["user"].clone();
    assert_eq!((&changed["name"], &changed["email"], &changed["c-d"]), (&json!("Ada"), &Value::Null, &json!(2)));
    assert_eq!(changed["options"], json!({}));
    assert_eq!(
        changed["extra"],
        json!({ "email": null, "a_b_c": [1], "groups": 2, "domains": 3, "c-d": 2 }),
        "only the answer to a change has it twice"
    );
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["user"].get("extra"), None);
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(cloud.refusal("GET", &path, Value::Null).await, refused(404, format!("Could not find user: {id}.")));
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_and_leaves_nothing() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    cloud.make("user", json!({ "name": "ada" })).await;
    let make = async |user: Value| cloud.refusal("POST", "/v3/users", json!({ "user": user })).await;
    assert_eq!(
        make(json!({ "name": "ada " })).await,
        refused(
            409,
            "Conflict occurred attempting to store user - Duplicate entry found with name ada at domain ID default."
        )
    );
    assert_eq!(make(json!({ "name": "b", "domain_id": "gone" })).await, refused(404, "Could not find domain: gone."));
    assert_eq!(
        make(json!({ "name": "b", "default_project_id": "default" })).await,
        refused(400, "User's default project ID cannot be a domain ID: default")
    );
    assert_eq!(
        make(json!({ "name": "b", "federated": [{ "idp_id": "i", "protocols": [{ "protocol_id": "p", "unique_id": "u" }] }] }))
            .await,
        refused(400, "Could not find Identity Provider: i")
    );
    // Keystone crashes on the first, and on every list that has the second in it.
    assert_eq!(make(json!({ "name": "b", "enabled": "false" })).await.0, 400);
    assert_eq!(
        make(json!({ "name": "b", "links": 1 })).await,
        refused(400, "'int' object does not support item assignment")
    );
    let listed = cloud.ask("GET", "/v3/users", Value::Null).await.json();
    assert_eq!(sorted(&listed["users"], "name"), ["ada", "admin"]);
}

#[tokio::test]
async fn a_schema_comes_before_the_question_who_asks() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let nobody = async |method: &str, path: &str, body: Value| cloud.ask_as(None, method, path, body).await.status;
    assert_eq!(nobody("POST", "/v3/users", json!({ "user": {} })).await, 400);
    assert_eq!(nobody("POST", "/v3/users", json!({ "user": { "name": "a" } })).await, 401);
    assert_eq!(nobody("GET", "/v3/users?enabled=maybe", Value::Null).await, 400);
    assert_eq!(nobody("GET", "/v3/users", Value::Null).await, 401);
    assert_eq!(nobody("DELETE", "/v3/users/gone", Value::Null).await, 401);
}

#[tokio::test]
async fn lists_are_narrowed_as_asked() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let domain = cloud.make("domain", json!({ "name": "d" })).await;
    cloud.make("user", json!({ "name": "Ada", "domain_id": domain })).await;
    cloud.make("user", json!({ "name": "adam", "domain_id": domain, "enabled": false })).await;
    let names = async |query: &str| {
        let listed = cloud.ask("GET", &format!("/v3/users?{query}"), Value::Null).await;
        sorted(&listed.json()["users"], "name").join(" ")
    };
    assert_eq!(names("").await, "Ada adam admin");
    assert_eq!(names(&format!("domain_id={domain}")).await, "Ada adam");
    assert_eq!(names(&format!("domain_id={domain}&enabled=0")).await, "adam");
    assert_eq!(names("name=Ada").await, "Ada");
    assert_eq!(names("name__startswith=ada").await, "adam");
    assert_eq!(names("name__istartswith=ada").await, "Ada adam");
    assert_eq!(names("name__icontains=%25m%25n").await, "admin");
    assert_eq!(names("name=Ada&name=adam").await, "");
    assert_eq!(names("idp_id=x").await, "");
    assert_eq!(names("sort_key=name&sort_dir=desc").await, "Ada adam admin");
    let refusal = cloud.refusal("GET", "/v3/users?password_expires_at=xx:2030-01-01", Value::Null).await;
    assert!(refusal.0 == 400 && refusal.1.starts_with("The given operator xx is not valid."), "{refusal:?}");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    for name in ["a", "b"] {
        cloud.make("user", json!({ "name": name })).await;
    }
    let list = async |query: &str| cloud.ask("GET", &format!("/v3/users?{query}"), Value::Null).await.json();
    let mut seen = Vec::new();
    let mut page = list("limit=2").await;
    assert_eq!(page["truncated"], true);
    loop {
        seen.extend(sorted(&page["users"], "name"));
        let Some(next) = page["links"]["next"].as_str() else { break };
        page = list(next.split_once('?').expect("a query").1).await;
    }
    seen.sort();
    assert_eq!(seen, ["a", "admin", "b"]);
    assert_eq!(list("limit=3").await.get("truncated"), None, "nothing is left");
    assert_eq!(list("limit=3&enabled=1").await["truncated"], true, "a full page, and nobody looks further");
    assert_eq!(cloud.refusal("GET", "/v3/users?marker=x", Value::Null).await.1, "Marker x could not be found.");
}

#[tokio::test]
async fn the_operators_limit_overrules_the_callers() {
    let identity = IdentitySettings { list_limit: Some(1), ..IdentitySettings::default() };
    let cloud = Cloud::new(HttpSettings { identity, ..HttpSettings::default() }).await;
    cloud.make("user", json!({ "name": "a" })).await;
    for query in ["", "?limit=2"] {
        let page = cloud.ask("GET", &format!("/v3/users{query}"), Value::Null).await.json();
        assert_eq!(page["users"].as_array().map(Vec::len), Some(1), "{query}");
    }
}

#[tokio::test]
async fn what_ends_tokens_is_written_down() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "pw" })).await;
    let path = format!("/v3/users/{id}");
    let mut expected = 0;
    for (user, revokes) in [
        (json!({ "description": "x" }), false),
        (json!({ "enabled": true }), false),
        (json!({ "enabled": false }), true),
        (json!({ "enabled": false }), false),
        (json!({ "enabled": true, "password": "other" }), true),
        (json!({ "password": null }), false),
        (json!({ "password": "" }), true),
    ] {
        assert_eq!(cloud.ask("PATCH", &path, json!({ "user": user })).await.status, 200);
        expected += usize::from(revokes);
        assert_eq!(cloud.events().await.len(), expected, "{user}");
    }
    assert_eq!(cloud.ask("DELETE", &format!("{path}/tokens"), Value::Null).await.status, 204);
    assert_eq!(cloud.ask("DELETE", &path, Value::Null).await.status, 204);
    let events = cloud.events().await;
    assert_eq!(events.len(), expected + 2);
    assert!(events.iter().all(|event| event.user_id == Some(id.as_str().into())));
}

#[tokio::test]
async fn a_user_of_another_domain_is_none_of_a_domain_readers_business() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let domain = cloud.make("domain", json!({ "name": "d" })).await;
    let id = cloud.make("user", json!({ "name": "ada", "domain_id": domain, "password": "pw" })).await;
    let other = cloud.make("user", json!({ "name": "bob", "password": "pw" })).await;
    let roles = cloud.ask("GET", "/v3/roles?name=manager", Value::Null).await.json();
    let grant = fernstone::domain::assignment::Assignment {
        actor: fernstone::domain::assignment::Actor::User(id.as_str().into()),
        target: fernstone::domain::assignment::Target::Domain(domain.as_str().into()),
        role_id: roles["roles"][0]["id"].as_str().expect("a role").into(),
        inherited: false,
    };
    let mut transaction = cloud.store.begin().await.expect("a transaction");
    fernstone::store::assignment::grant(&mut transaction, &grant).await.expect("granted");
    transaction.commit().await.expect("committed");
    let user = json!({ "id": id, "password": "pw" });
    let token = cloud.login(user.clone(), json!({ "domain": { "id": domain } })).await.expect("a domain token");
    let ask = async |method: &str, path: &str, body: Value| cloud.ask_as(Some(&token), method, path, body).await;
    let listed = ask("GET", "/v3/users", Value::Null).await.json();
    assert_eq!(sorted(&listed["users"], "name"), ["ada"]);
    assert_eq!(ask("GET", &format!("/v3/users/{other}"), Value::Null).await.status, 403);
    assert_eq!(ask("GET", "/v3/users/gone", Value::Null).await.status, 403, "who may not see it does not learn that");
    let new = |domain: &str| json!({ "user": { "name": "eve", "domain_id": domain } });
    assert_eq!(ask("POST", "/v3/users", new("default")).await.status, 403);
    assert_eq!(ask("POST", "/v3/users", new(&domain)).await.status, 201);
    // A new user goes into the domain of the token, but the rule looks at what was asked for.
    assert_eq!(ask("POST", "/v3/users", json!({ "user": { "name": "fay" } })).await.status, 403);

    let unscoped = cloud.login(user, Value::Null).await.expect("a token");
    assert_eq!(cloud.ask_as(Some(&unscoped), "GET", &format!("/v3/users/{id}"), Value::Null).await.status, 200);
    assert_eq!(cloud.ask_as(Some(&unscoped), "GET", "/v3/users", Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_user_inactive_for_too_long_is_shown_as_disabled_and_any_change_makes_that_last() {
    let identity = IdentitySettings { inactivity: InactivityLimit(Some(90)), ..IdentitySettings::default() };
    let mut cloud = Cloud::new(HttpSettings { identity, ..HttpSettings::default() }).await;
    let idle = cloud.make("user", json!({ "name": "idle" })).await;
    let exempt = json!({ "name": "exempt", "options": { "ignore_user_inactivity": true } });
    let exempt = cloud.make("user", exempt).await;
    // The admin has to keep himself awake.
    cloud.clock.advance(TimeDelta::days(45));
    cloud.log_admin_in().await;
    cloud.clock.advance(TimeDelta::days(45));
    cloud.log_admin_in().await;
    let enabled = async |id: &str| {
        cloud.ask("GET", &format!("/v3/users/{id}"), Value::Null).await.json()["user"]["enabled"].clone()
    };
    assert_eq!((enabled(&idle).await, enabled(&exempt).await), (json!(false), json!(true)));
    cloud.ask("PATCH", &format!("/v3/users/{idle}"), json!({ "user": { "x": 1 } })).await;
    let stored = cloud.store.user(&idle.as_str().into()).await.expect("an answer").expect("the user");
    assert!(!stored.enabled);
    cloud.ask("PATCH", &format!("/v3/users/{idle}"), json!({ "user": { "enabled": true } })).await;
    assert_eq!(enabled(&idle).await, json!(true), "being enabled counts as being active");
}

#[tokio::test]
async fn identity_providers_names_are_kept_and_shown() {
    let cloud = Cloud::new(HttpSettings::default()).await;
    let mut transaction = cloud.store.begin().await.expect("a transaction");
    for sql in [
        "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', true, 'default')",
        "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('saml2', 'idp', 'm')",
        "INSERT INTO federation_protocol (id, idp_id, mapping_id) VALUES ('openid', 'idp', 'm')",
    ] {
        transaction.execute("test", sql, vec![]).await.expect("written");
    }
    transaction.commit().await.expect("committed");
    let federated = json!([{ "idp_id": "idp", "protocols": [
        { "protocol_id": "saml2", "unique_id": "a" }, { "protocol_id": "openid", "unique_id": "b" },
    ] }]);
    let id = cloud.make("user", json!({ "name": "ada", "federated": federated })).await;
    let path = format!("/v3/users/{id}");
    assert_eq!(cloud.ask("GET", &path, Value::Null).await.json()["user"]["federated"], federated);
    let names = async |query: &str| {
        let listed = cloud.ask("GET", &format!("/v3/users?{query}"), Value::Null).await;
        sorted(&listed.json()["users"], "name").join(" ")
    };
    assert_eq!(names("idp_id=idp&unique_id=b").await, "ada");
    assert_eq!(names("protocol_id=saml2&unique_id=b").await, "");
    assert_eq!(names("name=ada").await, "ada ada", "once by either name, as in Keystone");
    assert_eq!(
        cloud.refusal("POST", "/v3/users", json!({ "user": { "name": "bob", "federated": federated } })).await,
        refused(409, "Conflict occurred attempting to store federated_user - Duplicate entry.")
    );
    let one = json!([{ "idp_id": "idp", "protocols": [{ "protocol_id": "saml2", "unique_id": "c" }] }]);
    let changed = cloud.ask("PATCH", &path, json!({ "user": { "federated": one, "name": "Ada" } })).await.json();
    assert_eq!((&changed["user"]["federated"], &changed["user"]["name"]), (&one, &json!("Ada")));
    assert_eq!(names("idp_id=idp").await, "Ada");
}

#[tokio::test]
async fn of_those_who_race_for_a_name_one_gets_it() {
    let (ground, _) = Ground::bootstrapped_in(postgres_store().await, "http://k/v3", TimeDelta::hours(1)).await;
    let cloud = Cloud::on(ground, HttpSettings::default()).await;
    for (kind, path) in [("user", "/v3/users"), ("group", "/v3/groups"), ("role", "/v3/roles")] {
        let body = json!({ kind: { "name": "wanted" } });
        let asked = || cloud.ask("POST", path, body.clone());
        let answers = tokio::join!(asked(), asked(), asked(), asked());
        let mut statuses = [answers.0.status, answers.1.status, answers.2.status, answers.3.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409], "{kind}");
    }
    for (path, body) in [
        ("/v3/users", json!({ "user": { "name": "a\u{0}b" } })),
        ("/v3/groups", json!({ "group": { "name": "a\u{0}b" } })),
        ("/v3/roles", json!({ "role": { "name": "a\u{0}b" } })),
    ] {
        assert_eq!(cloud.ask("POST", path, body).await.status, 400, "{path}: a NUL cannot be stored");
    }
}
