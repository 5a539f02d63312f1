//! JSON home beside Keystone's: what is listed is equal, and what is absent is said to be.

use std::collections::BTreeSet;

use fernstone::http::HttpSettings;
use serde_json::{Map, Value};

use super::{served::Served, wire::Ask};

const ROOT: &str = "https://docs.openstack.org/api/openstack-identity/3/";

fn keystones() -> Map<String, Value> {
    let recorded = include_str!("../../recorded/json-home.json");
    resources(&serde_json::from_str(recorded).expect("the recording"))
}

fn resources(document: &Value) -> Map<String, Value> {
    document["resources"].as_object().expect("resources").clone()
}

async fn ours(path: &str) -> Map<String, Value> {
    let server = Served::without_data(HttpSettings::default()).await;
    let answer = Ask::new("GET", path).header("Accept", "application/json-home").send(server.address).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json-home")));
    assert_eq!(answer.header("vary"), Some("X-Auth-Token"));
    resources(&answer.json())
}

#[tokio::test]
async fn every_entry_is_keystones() {
    let keystones = keystones();
    for (relation, entry) in ours("/v3").await {
        assert_eq!(keystones.get(&relation), Some(&entry), "{relation}");
    }
}

#[tokio::test]
async fn what_is_absent_is_documented() {
    let ours = ours("/v3").await;
    let absent: BTreeSet<String> = keystones()
        .keys()
        .filter(|relation| !ours.contains_key(*relation))
        .map(|relation| relation.trim_start_matches(ROOT).to_owned())
        .collect();
    let documentation = include_str!("../../../docs/compatibility.md");
    let list = documentation.split_once("### Absent from JSON home").expect("the chapter").1;
    let list = list.split("```").nth(1).expect("the list");
    let documented: BTreeSet<String> = list.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(absent, documented);
}

#[tokio::test]
async fn at_the_root_urls_begin_with_the_version() {
    let of_version = ours("/v3").await;
    let of_all = ours("/").await;
    assert_eq!(of_all.len(), of_version.len());
    for (relation, entry) in of_version {
        for key in ["href", "href-template"] {
            let with_version = entry[key].as_str().map(|url| format!("/v3{url}"));
            assert_eq!(of_all[&relation][key].as_str().map(str::to_owned), with_version, "{relation}");
        }
    }
}
