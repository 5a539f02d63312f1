//! What an operator's Prometheus sees.

use std::{fs::File, time::SystemTime};

use chrono::TimeDelta;
use fernstone::domain::clock::Clock as _;
use serde_json::{Value, json};

use super::{
    served::Ground,
    whole::{Whole, login, shared, validation},
    wire::Ask,
};

async fn whole() -> (Ground, Whole) {
    let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
    let whole = Whole::serve(ground.store.clone(), shared(&ground.clock), |_| {}).await;
    (ground, whole)
}

fn requests(route: &str, method: &str, status: u16) -> String {
    format!("fernstone_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
}

#[tokio::test]
async fn requests_are_counted_by_route_and_nothing_that_clients_send_is_shown() {
    let (_, whole) = whole().await;
    let answer = whole.login("secret").await;
    assert_eq!(answer.status, 201);
    let token = answer.header("x-subject-token").unwrap().to_owned();
    let user_id = answer.json()["token"]["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(whole.login("wrong-password").await.status, 401);
    assert_eq!(whole.ask(validation(&token)).await.status, 200);
    let user = format!("/v3/users/{user_id}");
    let with_token = |method, path: &str| Ask::new(method, path).header("X-Auth-Token", &token);
    assert_eq!(whole.ask(with_token("GET", &user)).await.status, 200);
    assert_eq!(whole.ask(Ask::new("GET", &user)).await.status, 401);
    assert_eq!(whole.ask(Ask::new("GET", &user).header("X-Auth-Token", "garbage")).await.status, 401);
    assert_eq!(whole.ask(with_token("LOCK", &user)).await.status, 405);
    assert_eq!(whole.ask(with_token("HEAD", "//v3//users/")).await.status, 308);
    assert_eq!(whole.ask(Ask::new("GET", "/healthcheck")).await.status, 200);
    assert_eq!(whole.ask(Ask::new("GET", "/")).await.status, 300);
    assert_eq!(whole.ask(with_token("GET", &format!("/v3/no-such/{user_id}/{token}"))).await.status, 404);
    assert_eq!(whole.ask(Ask::new("POST", "/v3/users").header("Content-Length", "1000000")).await.status, 413);

    let page = whole.page().await;
    for (route, method, status, count) in [
        ("/v3/auth/tokens", "POST", 201, 1.0),
        ("/v3/auth/tokens", "POST", 401, 1.0),
        ("/v3/auth/tokens", "GET", 200, 1.0),
        ("/v3/users/{user_id}", "GET", 200, 1.0),
        ("/v3/users/{user_id}", "GET", 401, 2.0),
        ("/v3/users/{user_id}", "other", 405, 1.0),
        ("/v3/users", "HEAD", 308, 1.0),
        ("/healthcheck", "GET", 200, 1.0),
        ("/", "GET", 300, 1.0),
        ("unrouted", "GET", 404, 1.0),
        ("unrouted", "POST", 413, 1.0),
    ] {
        assert_eq!(page.value(&requests(route, method, status)), count, "{method} {route} {status}");
    }
    let duration = "fernstone_http_request_duration_seconds";
    let of_logins = "method=\"POST\",route=\"/v3/auth/tokens\"";
    assert_eq!(page.value(&format!("{duration}_count{{{of_logins}}}")), 2.0);
    assert_eq!(page.value(&format!("{duration}_bucket{{{of_logins},le=\"+Inf\"}}")), 2.0);
    assert!(page.value(&format!("{duration}_sum{{{of_logins}}}")) > 0.0);

    for secret in [&*user_id, &token, "garbage", "wrong-password", "no-such", "LOCK", "admin"] {
        assert!(!page.text.contains(secret), "{secret} is in\n{}", page.text);
    }
    let known = ["/", "/healthcheck", "/v3/auth/tokens", "/v3/users", "/v3/users/{user_id}", "unrouted"];
    assert_eq!(page.labels("route"), known);
}

#[tokio::test]
async fn each_listener_serves_its_own_and_nothing_else() {
    let (_, whole) = whole().await;
    assert_eq!(whole.ask(Ask::new("GET", "/metrics")).await.status, 404, "not for the clients of the API");
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/v3", 404),
        ("POST", "/v3/auth/tokens", 404),
        ("GET", "/metrics/", 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/metrics", 405),
        ("GET", "/metrics?x=1", 200),
    ] {
        let answer = Ask::new(method, path).send(whole.metrics).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(!answer.body.contains(r#""versions""#) && !answer.body.contains("\"token\""));
    }
    // What is asked here is no request of the API.
    assert_eq!(whole.page().await.labels("route"), ["unrouted"]);
}

#[tokio::test]
async fn what_is_kept_hits_and_what_is_not_misses() {
    let (_, whole) = whole().await;
    let token = whole.login("secret").await.header("x-subject-token").unwrap().to_owned();
    let lookups = async |result: &str| {
        whole.page().await.value(&format!("fernstone_token_cache_lookups_total{{result=\"{result}\"}}"))
    };
    assert_eq!(whole.ask(validation(&token)).await.status, 200);
    let (hits, misses) = (lookups("hit").await, lookups("miss").await);
    for _ in 0..5 {
        assert_eq!(whole.ask(validation(&token)).await.status, 200);
    }
    assert!(lookups("hit").await >= hits + 5.0);
    assert_eq!(lookups("miss").await, misses);
    assert_eq!(whole.ask(validation("garbage")).await.status, 401);
    assert!(lookups("miss").await > misses);
    let page = whole.page().await;
    assert_eq!(page.value("fernstone_cache_entries{cache=\"tokens\"}"), 1.0);
    assert_eq!(page.value("fernstone_cache_max_entries{cache=\"tokens\"}"), 20_000.0);
    assert_eq!(page.value("fernstone_change_feed_working"), 1.0);
    assert_eq!(page.value("fernstone_token_cache_lookups_total{result=\"bypass\"}"), 0.0);
}

/// With URLs that name the project there are as many catalogs as projects: however few may be kept, each project sees its own.
#[tokio::test]
async fn no_more_catalogs_are_kept_than_there_may_be() {
    for most in [0, 1] {
        let (ground, _) = Ground::bootstrapped("http://k/v3", TimeDelta::hours(1)).await;
        let whole = Whole::serve(ground.store.clone(), shared(&ground.clock), |config| {
            config.fernstone.kept_catalogs = most;
        });
        let whole = whole.await;
        let login = whole.login("secret").await;
        let token = login.header("x-subject-token").unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (user, role) = (text(&login.json()["token"]["user"]["id"]), text(&login.json()["token"]["roles"][0]["id"]));
        let ask = async |method: &str, path: &str, body: Value| {
            let mut ask = Ask::new(method, path).header("X-Auth-Token", token);
            ask.body = Some(body.to_string().into_bytes());
            let answer = whole.ask(ask).await;
            assert!(answer.status < 300, "{}", answer.body);
            answer
        };
        let service = ask("POST", "/v3/services", json!({ "service": { "type": "volume" } })).await.json();
        let url = "http://volumes/%(project_id)s";
        let endpoint = json!({ "interface": "public", "url": url, "service_id": service["service"]["id"] });
        ask("POST", "/v3/endpoints", json!({ "endpoint": endpoint })).await;
        for name in ["one", "two", "three"] {
            let project = ask("POST", "/v3/projects", json!({ "project": { "name": name } })).await.json();
            let id = text(&project["project"]["id"]);
            ask("PUT", &format!("/v3/projects/{id}/users/{user}/roles/{role}"), json!({})).await;
            let identity = json!({ "methods": ["token"], "token": { "id": token } });
            let auth = json!({ "auth": { "identity": identity, "scope": { "project": { "id": id } } } });
            let mut shown = vec![ask("POST", "/v3/auth/tokens", auth).await];
            let made = shown[0].header("x-subject-token").unwrap().to_owned();
            shown.push(whole.ask(validation(&made)).await);
            shown.push(whole.ask(validation(&made)).await);
            for answer in shown {
                assert!(answer.body.contains(&format!("\"http://volumes/{id}\"")), "{}", answer.body);
            }
        }
        let page = whole.page().await;
        assert_eq!(page.value("fernstone_cache_max_entries{cache=\"catalogs\"}"), most as f64);
        assert!(page.value("fernstone_cache_entries{cache=\"catalogs\"}") <= most as f64);
    }
}

#[tokio::test]
async fn the_primary_key_is_as_old_as_the_last_rotation() {
    let (ground, whole) = whole().await;
    let age = "fernstone_token_primary_key_age_seconds";
    let page = whole.page().await;
    assert_eq!(page.value("fernstone_token_keys"), 2.0);
    assert_eq!(page.value("fernstone_token_primary_key_usable"), 1.0);
    // The test's clock is far behind the file system's, so that the files are of the future.
    assert_eq!(page.find(age), None, "an age that nobody knows is not told");

    // A rotation writes the staged key; the primary's file, renamed, keeps its time.
    let directory = whole.keys.path().join("fernet-keys");
    let now = ground.clock.now();
    for (name, hours) in [("1", 50), ("0", 20)] {
        let file = File::options().append(true).open(directory.join(name)).unwrap();
        file.set_modified(SystemTime::from(now - TimeDelta::hours(hours))).unwrap();
    }
    while whole.page().await.find(age).is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(whole.page().await.value(age), 20.0 * 3600.0);
    ground.clock.advance(TimeDelta::hours(1));
    assert_eq!(whole.page().await.value(age), 21.0 * 3600.0);

    std::fs::write(directory.join("1"), "no key").unwrap();
    while whole.page().await.value("fernstone_token_primary_key_usable") != 0.0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(whole.page().await.find(age), None);
    assert_eq!(whole.page().await.value("fernstone_token_keys"), 1.0);
}

#[tokio::test]
async fn whatever_can_be_short_is_told_before_it_is() {
    let (_, whole) = whole().await;
    let page = whole.page().await;
    for name in [
        "fernstone_build_info",
        "fernstone_cache_entries",
        "fernstone_change_feed_losses_total",
        "fernstone_database_connections",
        "fernstone_password_queue_length",
        "process_start_time_seconds",
    ] {
        assert!(page.families.contains_key(name), "no {name} in\n{}", page.text);
    }
    assert_eq!(page.value("fernstone_database_max_connections"), 1.0, "a database in memory has one");
    assert_eq!(page.value("fernstone_database_waiting"), 0.0);

    let transaction = whole.store.begin().await.unwrap();
    let address = whole.api.address;
    let login = tokio::spawn(async move { login("secret").send(address).await });
    while whole.page().await.value("fernstone_database_waiting") != 1.0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(whole.page().await.value("fernstone_database_connections{state=\"in_use\"}"), 1.0);
    drop(transaction);
    assert_eq!(login.await.unwrap().status, 201);
    let page = whole.page().await;
    assert_eq!(page.value("fernstone_database_waiting"), 0.0);
    assert_eq!(page.value("fernstone_password_hashes_total"), 1.0);
}

/// `docs/metrics.md` lists every family there is, with its type, and none that is not.
#[tokio::test]
async fn the_documentation_lists_what_there_is() {
    let (ground, whole) = whole().await;
    assert_eq!(whole.login("secret").await.status, 201);
    for name in ["0", "1"] {
        let file = File::options().append(true).open(whole.keys.path().join("fernet-keys").join(name)).unwrap();
        file.set_modified(SystemTime::from(ground.clock.now())).unwrap();
    }
    while whole.page().await.find("fernstone_token_primary_key_age_seconds").is_none() {
        tokio::task::yield_now().await;
    }
    let page = whole.page().await;
    let documentation = include_str!("../../../docs/metrics.md");
    let documented: Vec<(&str, &str)> = documentation
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, rest)| (name.split('{').next().unwrap(), rest.split(' ').next().unwrap()))
        .collect();
    let there: Vec<(&str, &str)> = page.families.iter().map(|(name, kind)| (&**name, &**kind)).collect();
    let mut sorted = documented.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, there);
}
