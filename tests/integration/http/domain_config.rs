//! What is configured for a domain alone. Statuses and texts are Keystone 30's.

use chrono::TimeDelta;
use fernstone::{
    domain::secret::SecretText,
    http::{HttpSettings, settings::DomainConfigSettings},
    server::Limits,
};
use serde_json::{Value, json};

use super::{
    served::{Ground, Served},
    wire::Ask,
};

async fn server() -> Served {
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    let domain_config = DomainConfigSettings {
        open: vec![
            ("identity".to_owned(), vec![("driver".to_owned(), json!("sql"))]),
            ("ldap".to_owned(), vec![("url".to_owned(), json!("ldap://x")), ("page_size".to_owned(), json!(0))]),
        ],
        sensitive: vec![("ldap".to_owned(), vec!["password".to_owned()])],
        password_regex: Some(".+".to_owned()),
        password_regex_description: None,
    };
    let settings =
        HttpSettings { admin_token: Some(SecretText::new("ADMIN")), domain_config, ..HttpSettings::default() };
    Served::start(ground.front(settings), Limits::default()).await
}

async fn ask(server: &Served, method: &str, path: &str, config: Value) -> (u16, Value) {
    let mut ask = Ask::new(method, &format!("/v3/domains/{path}")).header("X-Auth-Token", "ADMIN");
    if !config.is_null() {
        ask.body = Some(json!({ "config": config }).to_string().into_bytes());
    }
    let answer = ask.send(server.address).await;
    answer.check_always_true(method);
    let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    let told = body.get("config").cloned().or_else(|| Some(body.get("error")?["message"].clone()));
    (answer.status, told.unwrap_or_default())
}

#[tokio::test]
async fn what_is_put_is_shown_without_what_is_sensitive() {
    let server = server().await;
    let config = json!({ "ldap": { "url": "a", "password": "secret" } });
    let shown = json!({ "ldap": { "url": "a" } });
    assert_eq!(ask(&server, "PUT", "default/config", config.clone()).await, (201, shown.clone()));
    assert_eq!(ask(&server, "PUT", "default/config", config).await, (200, shown.clone()), "not for the first time");
    assert_eq!(ask(&server, "GET", "default/config", Value::Null).await, (200, shown));
    assert_eq!(ask(&server, "GET", "default/config/ldap/url", Value::Null).await, (200, json!({ "url": "a" })));
    let hidden = "Could not find option password in group ldap in domain configuration for domain default.";
    assert_eq!(ask(&server, "GET", "default/config/ldap/password", Value::Null).await, (404, hidden.into()));
    let patched = json!({ "ldap": { "url": "b" } });
    assert_eq!(ask(&server, "PATCH", "default/config/ldap/url", json!({ "url": "b" })).await, (200, patched.clone()));
    assert_eq!(ask(&server, "PATCH", "default/config/ldap/password", json!({ "password": 1 })).await, (200, patched));
    assert_eq!(ask(&server, "PATCH", "default/config/identity", json!({ "identity": { "driver": 1 } })).await.0, 404);
    assert_eq!(ask(&server, "DELETE", "default/config/ldap/password", Value::Null).await.0, 204);
    assert_eq!(ask(&server, "DELETE", "default/config/ldap/password", Value::Null).await.0, 404);
    assert_eq!(ask(&server, "DELETE", "default/config", Value::Null).await.0, 204);
    let nothing = "Could not find any options in domain configuration for domain default.";
    assert_eq!(ask(&server, "GET", "default/config", Value::Null).await, (404, nothing.into()));
}

#[tokio::test]
async fn only_known_options_are_taken() {
    let server = server().await;
    let refused = |reason: &str| (403, Value::from(format!("Invalid domain specific configuration: {reason}.")));
    for (config, refusal) in [
        (json!({}), refused("No options specified")),
        (json!({ "x": { "y": 1 } }), refused("Group x is not supported for domain specific configurations")),
        (
            json!({ "ldap": { "y": 1 } }),
            refused("Option y in group ldap is not supported for domain specific configurations"),
        ),
        (
            json!({ "ldap": {} }),
            refused("The value of group ldap specified in the config should be a dictionary of options"),
        ),
        (json!(5), (400, json!("'int' object is not iterable"))),
    ] {
        assert_eq!(ask(&server, "PUT", "default/config", config.clone()).await, refusal);
        assert_eq!(ask(&server, "PATCH", "default/config", config).await, refusal);
    }
    assert_eq!(ask(&server, "GET", "default/config", Value::Null).await.0, 404, "nothing was stored");
    let config = json!({ "ldap": { "url": 1 }, "identity": { "driver": 1 } });
    assert_eq!(ask(&server, "PATCH", "nowhere/config", config.clone()).await.0, 404);
    assert_eq!(
        ask(&server, "PATCH", "default/config/ldap", config).await,
        refused("Trying to update group ldap, so that, and only that, group must be specified in the config")
    );
    let other = json!({ "identity": { "driver": 1 } });
    assert_eq!(
        ask(&server, "PATCH", "default/config/ldap", other).await,
        refused("request to update group ldap, but config provided contains group identity instead")
    );
    assert_eq!(
        ask(&server, "PATCH", "default/config/ldap/url", json!({ "page_size": 1 })).await,
        refused("Trying to update option url in group ldap, but config provided contains option page_size instead")
    );
}

#[tokio::test]
async fn defaults_and_rules_for_passwords_are_shown() {
    let server = server().await;
    let identity = json!({ "driver": "sql" });
    let ldap = json!({ "url": "ldap://x", "page_size": 0 });
    let get = async |path: &str| ask(&server, "GET", path, Value::Null).await;
    assert_eq!(get("config/default").await, (200, json!({ "identity": identity, "ldap": ldap })));
    assert_eq!(get("config/ldap/default").await, (200, json!({ "ldap": ldap })));
    assert_eq!(get("config/ldap/url/default").await, (200, json!({ "url": "ldap://x" })));
    assert_eq!(get("config/ldap/password/default").await.0, 403);
    assert_eq!(get("config/x/default").await.0, 403);
    let rules = json!({ "password_regex": ".+", "password_regex_description": null });
    assert_eq!(get("default/config/security_compliance").await, (200, json!({ "security_compliance": rules })));
    let regex = json!({ "password_regex": ".+" });
    assert_eq!(get("default/config/security_compliance/password_regex").await, (200, regex));
    assert_eq!(get("default/config/security_compliance/lockout_duration").await.0, 403);
    assert_eq!(get("other/config/security_compliance").await.0, 403);
}
