//! Passwords that users change and administrators set. Statuses and texts are Keystone 30's.

use chrono::TimeDelta;
use fernstone::{
    auth::{new_password::PasswordRules, password::PasswordRequirements},
    domain::clock::Clock,
    http::HttpSettings,
    store::Query,
};
use serde_json::{Value, json};

use super::{
    cloud::{Cloud, refusal, refused},
    served::Ground,
};

async fn with_rules(rules: PasswordRules) -> Cloud {
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    Cloud::on(Ground { password_rules: rules, ..ground }, HttpSettings::default()).await
}

/// Changes a password as nobody in particular.
async fn change(cloud: &Cloud, id: &str, original: &str, new: &str) -> (u16, String) {
    let body = json!({ "user": { "original_password": original, "password": new } });
    let answer = cloud.ask_as(None, "POST", &format!("/v3/users/{id}/password"), body).await;
    if answer.status == 204 { refused(204, "") } else { refusal(&answer) }
}

async fn can_log_in(cloud: &Cloud, id: &str, password: &str) -> Result<String, u16> {
    cloud.login(json!({ "id": id, "password": password }), Value::Null).await
}

fn unauthorized() -> (u16, String) {
    refused(401, "The request you have made requires authentication.")
}

#[tokio::test]
async fn who_knows_a_password_can_change_it_and_ends_all_tokens_of_it() {
    let cloud = with_rules(PasswordRules::default()).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "old" })).await;
    let token = can_log_in(&cloud, &id, "old").await.expect("a token");
    let is_valid = async |token: &str| {
        cloud.ask_as(Some(token), "GET", &format!("/v3/users/{id}"), Value::Null).await.status == 200
    };
    assert!(is_valid(&token).await);
    assert_eq!(change(&cloud, &id, "wrong", "new").await, unauthorized());
    assert_eq!(change(&cloud, "gone", "old", "new").await, unauthorized());
    assert!(is_valid(&token).await);
    assert_eq!(change(&cloud, &id, "old", "new").await.0, 204);
    assert!(!is_valid(&token).await);
    cloud.clock.advance(TimeDelta::seconds(1));
    assert_eq!(can_log_in(&cloud, &id, "old").await, Err(401));
    assert!(is_valid(&can_log_in(&cloud, &id, "new").await.expect("a token")).await);
    assert_eq!(cloud.events().await.len(), 1);
}

#[tokio::test]
async fn that_a_user_was_active_is_written_once_a_day() {
    let cloud = with_rules(PasswordRules::default()).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "old" })).await;
    let mut transaction = cloud.store.begin().await.expect("begun");
    for statement in [
        "CREATE TABLE written (day DATE)",
        r#"CREATE TRIGGER writing AFTER UPDATE OF last_active_at ON "user"
            BEGIN INSERT INTO written VALUES (new.last_active_at); END"#,
    ] {
        transaction.execute("test", statement, vec![]).await.expect("done");
    }
    transaction.commit().await.expect("committed");
    let written = async || {
        let days = Query::list("written", "SELECT day FROM written ORDER BY day", vec![], |row| row.opt_date("day"));
        cloud.store.run(days).await.expect("an answer")
    };
    let today = cloud.clock.now().date_naive();
    for _ in 0..2 {
        can_log_in(&cloud, &id, "old").await.expect("a token");
    }
    assert_eq!(written().await, [Some(today)]);
    cloud.clock.advance(TimeDelta::days(1));
    can_log_in(&cloud, &id, "old").await.expect("a token");
    assert_eq!(written().await, [Some(today), today.succ_opt()]);
}

#[tokio::test]
async fn the_request_has_to_have_a_form() {
    let cloud = with_rules(PasswordRules::default()).await;
    let message = async |body: Value| {
        let (status, message) = refusal(&cloud.ask_as(None, "POST", "/v3/users/x/password", body).await);
        assert_eq!(status, 400);
        message.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(message(Value::Null).await, "'original_password' is a required property");
    assert_eq!(message(json!({ "user": [] })).await, "[] is not of type 'object'");
    let number = json!({ "user": { "original_password": "a", "password": 1 } });
    assert_eq!(message(number).await, "Invalid input for field 'password': 1 is not of type 'string'");
    assert_eq!(cloud.ask("GET", "/v3/users/x/password", Value::Null).await.status, 405);
}

#[tokio::test]
async fn a_user_may_be_kept_from_it() {
    let cloud = with_rules(PasswordRules::default()).await;
    let id =
        cloud.make("user", json!({ "name": "ada", "password": "old", "options": { "lock_password": true } })).await;
    let (status, message) = change(&cloud, &id, "old", "new").await;
    assert!(status == 400 && message.contains("password policy disallowing password changes"), "{message}");
    assert_eq!(change(&cloud, &id, "wrong", "new").await, unauthorized());
    let body = json!({ "user": { "enabled": false } });
    cloud.ask("PATCH", &format!("/v3/users/{id}"), body).await;
    assert_eq!(change(&cloud, &id, "wrong", "new").await, unauthorized());
    assert_eq!(
        change(&cloud, &id, "old", "new").await,
        refused(401, format!("The account is disabled for user: {id}.")),
        "only who knows the password learns that"
    );
}

#[tokio::test]
async fn passwords_are_not_used_again() {
    let cloud = with_rules(PasswordRules { unique_last_count: 2, ..PasswordRules::default() }).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "one" })).await;
    let used = refused(
        400,
        "The new password cannot be identical to a previous password. The total number which includes the new password \
         must be unique is 2.",
    );
    for (original, new, outcome) in [
        ("one", "one", used.clone()),
        ("one", "two", refused(204, "")),
        ("two", "one", used),
        ("two", "three", refused(204, "")),
        ("three", "one", refused(204, "")),
    ] {
        cloud.clock.advance(TimeDelta::seconds(1));
        assert_eq!(change(&cloud, &id, original, new).await, outcome, "{original} {new}");
    }
    let body = json!({ "user": { "password": "one" } });
    assert_eq!(cloud.ask("PATCH", &format!("/v3/users/{id}"), body).await.status, 200, "an administrator may do that");
}

#[tokio::test]
async fn a_password_that_a_user_set_has_to_be_used_for_a_while() {
    let cloud = with_rules(PasswordRules { minimum_age_days: 3, ..PasswordRules::default() }).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "one" })).await;
    assert_eq!(change(&cloud, &id, "one", "two").await.0, 204, "this one an administrator set");
    cloud.clock.advance(TimeDelta::hours(25));
    let (status, message) = change(&cloud, &id, "two", "three").await;
    assert_eq!(status, 400);
    assert!(message.contains("it must be used for 3 day(s)") && message.contains("in 1 day(s)"), "{message}");
    cloud.clock.advance(TimeDelta::hours(47));
    assert_eq!(change(&cloud, &id, "two", "three").await.0, 204);
}

#[tokio::test]
async fn a_password_has_to_be_changed_when_it_expires() {
    let cloud = with_rules(PasswordRules { expires_days: Some(10), ..PasswordRules::default() }).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "one" })).await;
    let exempt = json!({ "name": "bob", "password": "one", "options": { "ignore_password_expiry": true } });
    let exempt = cloud.make("user", exempt).await;
    let expiry = async |id: &str| {
        cloud.ask("GET", &format!("/v3/users/{id}"), Value::Null).await.json()["user"]["password_expires_at"].clone()
    };
    assert!(expiry(&id).await.is_string());
    assert!(expiry(&exempt).await.is_string(), "the option is not looked at when a user is made, but later on");
    let listed = cloud.ask("GET", "/v3/users?password_expires_at=gt:2000-01-01T00:00:00Z", Value::Null).await.json();
    assert_eq!(listed["users"].as_array().map(Vec::len), Some(2), "{listed}");
    let body = json!({ "user": { "password": "two" } });
    cloud.ask("PATCH", &format!("/v3/users/{exempt}"), body).await;
    assert_eq!(expiry(&exempt).await, Value::Null);
    cloud.clock.advance(TimeDelta::days(10));
    assert_eq!(can_log_in(&cloud, &id, "one").await, Err(401));
    assert_eq!(change(&cloud, &id, "one", "two").await.0, 204);
    assert!(can_log_in(&cloud, &id, "two").await.is_ok());
}

#[tokio::test]
async fn what_an_administrator_set_may_be_good_for_one_use_only() {
    let cloud = with_rules(PasswordRules { change_upon_first_use: true, ..PasswordRules::default() }).await;
    let id = cloud.make("user", json!({ "name": "ada", "password": "one" })).await;
    assert_eq!(can_log_in(&cloud, &id, "one").await, Err(401));
    assert_eq!(change(&cloud, &id, "one", "two").await.0, 204);
    assert!(can_log_in(&cloud, &id, "two").await.is_ok());
    let body = json!({ "user": { "password": "three", "options": { "ignore_change_password_upon_first_use": true } } });
    cloud.ask("PATCH", &format!("/v3/users/{id}"), body).await;
    cloud.clock.advance(TimeDelta::seconds(1));
    assert!(can_log_in(&cloud, &id, "three").await.is_ok());
}

#[tokio::test]
async fn passwords_have_to_be_as_asked_for() {
    let requirements =
        PasswordRequirements::new(Some("^.{4,}$"), Some("four characters".to_owned())).expect("a pattern");
    let cloud = with_rules(PasswordRules { requirements, ..PasswordRules::default() }).await;
    let not_met = refused(400, "The password does not match the requirements: four characters.");
    let make = async |password: Value| {
        cloud.refusal("POST", "/v3/users", json!({ "user": { "name": "ada", "password": password } })).await
    };
    assert_eq!(make(json!("abc")).await, not_met);
    assert_eq!(make(Value::Null).await, refused(400, "Password validation error: Password must be a string type."));
    let id = cloud.make("user", json!({ "name": "ada", "password": "abcd" })).await;
    assert_eq!(change(&cloud, &id, "abcd", "abc").await, not_met);
    let path = format!("/v3/users/{id}");
    assert_eq!(cloud.refusal("PATCH", &path, json!({ "user": { "password": "x" } })).await, not_met);
}
