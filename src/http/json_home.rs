//! JSON home: the document in which a client looks up where a resource is, by the name of its relation
//! (`keystone/common/json_home.py`).
//!
//! It is made from the table of routes: a route is added to [`Routes`] together with its [`Relation`], or with the word
//! that it has none, so that what is routed is listed and nothing else is.

use std::sync::Arc;

use axum::{Router, routing::MethodRouter};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::state::HttpState;

const ROOT: &str = "https://docs.openstack.org/api/openstack-identity/3";

/// What is before every URL of the API, and in no JSON home below it.
const VERSION: &str = "/v3";

/// The name, or the names, under which clients look a route up.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    names: Vec<String>,
    status: Option<&'static str>,
}

/// A relation of the API's own: `projects`.
pub(super) fn rel(name: &str) -> Relation {
    Relation { names: vec![format!("{ROOT}/rel/{name}")], status: None }
}

/// A relation of an extension: `OS-EP-FILTER`, `endpoint_groups`.
pub(super) fn ext(extension: &str, name: &str) -> Relation {
    Relation { names: vec![format!("{ROOT}/ext/{extension}/1.0/rel/{name}")], status: None }
}

/// No relation: Keystone has this route, and does not list it.
pub(super) fn unlisted() -> Relation {
    Relation { names: Vec::new(), status: None }
}

impl Relation {
    /// The same route under another name too: Keystone's `alternate_urls`.
    pub(super) fn also(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self
    }

    /// Listed as experimental.
    pub(super) fn experimental(mut self) -> Self {
        self.status = Some("experimental");
        self
    }
}

/// The relation of a variable in a path. Most are of the API's own and bear their own name.
fn parameter(name: &str) -> String {
    let (extension, name) = match name {
        "group" => (None, "config_group"),
        "option" => (None, "config_option"),
        "value" => (None, "tag_value"),
        "prior_role_id" | "implied_role_id" => (None, "role_id"),
        "endpoint_group_id" => (Some("OS-EP-FILTER"), name),
        "idp_id" | "protocol_id" | "mapping_id" | "service_provider_id" => (Some("OS-FEDERATION"), name),
        "consumer_id" | "request_token_id" | "access_token_id" => (Some("OS-OAUTH1"), name),
        "trust_id" => (Some("OS-TRUST"), name),
        _ => (None, name),
    };
    match extension {
        Some(extension) => format!("{ROOT}/ext/{extension}/1.0/param/{name}"),
        None => format!("{ROOT}/param/{name}"),
    }
}

/// A table of routes that knows their relations.
#[derive(Debug, Default)]
pub(super) struct Routes {
    router: Router<HttpState>,
    entries: Map<String, Value>,
    patterns: Vec<&'static str>,
}

impl Routes {
    /// No routes yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a route. Its variables bear Keystone's names: they are part of the document.
    pub(super) fn route(mut self, path: &'static str, relation: Relation, methods: MethodRouter<HttpState>) -> Self {
        self.router = self.router.route(path, methods);
        self.patterns.push(path);
        let entry = entry(path, relation.status);
        self.entries.extend(relation.names.into_iter().map(|name| (name, entry.clone())));
        self
    }

    /// The router, the document about it, and its patterns.
    pub(super) fn finish(self) -> (Router<HttpState>, Arc<JsonHome>, Vec<&'static str>) {
        (self.router, Arc::new(JsonHome::new(self.entries)), self.patterns)
    }
}

fn entry(path: &str, status: Option<&str>) -> Value {
    let href = path.strip_prefix(VERSION).unwrap_or(path);
    let variables: Map<String, Value> = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| (name.to_owned(), parameter(name).into()))
        .collect();
    let mut entry = if variables.is_empty() {
        json!({ "href": href })
    } else {
        json!({ "href-template": href, "href-vars": variables })
    };
    if let Some(status) = status {
        entry["hints"] = json!({ "status": status });
    }
    entry
}

/// The document in its two forms, as bytes.
#[derive(Debug)]
pub(super) struct JsonHome {
    /// For `GET /`: URLs begin with the version.
    pub(super) of_all_versions: Bytes,
    /// For `GET /v3`: URLs go on from there.
    pub(super) of_version_3: Bytes,
}

impl JsonHome {
    fn new(entries: Map<String, Value>) -> Self {
        let mut with_version = entries.clone();
        for entry in with_version.values_mut() {
            for key in ["href", "href-template"] {
                if let Some(url) = entry.get(key).and_then(Value::as_str) {
                    let url = format!("{VERSION}{url}");
                    entry[key] = url.into();
                }
            }
        }
        let document = |entries: Map<String, Value>| Bytes::from(json!({ "resources": entries }).to_string());
        Self { of_all_versions: document(with_version), of_version_3: document(entries) }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    fn parse(bytes: &Bytes) -> Value {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    #[test]
    fn a_route_is_listed_under_each_of_its_names() {
        let handler = || get(async || "");
        let (_, home, _) = Routes::new()
            .route("/v3/auth/projects", rel("auth_projects").also(ext("OS-FEDERATION", "projects")), handler())
            .route("/v3/limits/{limit_id}", rel("limit").experimental(), handler())
            .route("/v3/projects/{project_id}/tags/{value}", rel("project_tags"), handler())
            .route("/v3/projects/{project_id}/tags", unlisted(), handler())
            .finish();
        let auth_projects = json!({ "href": "/auth/projects" });
        let expected = json!({ "resources": {
            "https://docs.openstack.org/api/openstack-identity/3/rel/auth_projects": auth_projects,
            "https://docs.openstack.org/api/openstack-identity/3/ext/OS-FEDERATION/1.0/rel/projects": auth_projects,
            "https://docs.openstack.org/api/openstack-identity/3/rel/limit": {
                "href-template": "/limits/{limit_id}",
                "href-vars": {
                    "limit_id": "https://docs.openstack.org/api/openstack-identity/3/param/limit_id",
                },
                "hints": { "status": "experimental" },
            },
            "https://docs.openstack.org/api/openstack-identity/3/rel/project_tags": {
                "href-template": "/projects/{project_id}/tags/{value}",
                "href-vars": {
                    "project_id": "https://docs.openstack.org/api/openstack-identity/3/param/project_id",
                    "value": "https://docs.openstack.org/api/openstack-identity/3/param/tag_value",
                },
            },
        }});
        assert_eq!(parse(&home.of_version_3), expected);
        let of_all = parse(&home.of_all_versions);
        let hrefs = of_all.pointer("/resources").and_then(Value::as_object).into_iter().flat_map(Map::values);
        for entry in hrefs {
            let href = entry.get("href").or(entry.get("href-template")).and_then(Value::as_str).unwrap_or_default();
            assert!(href.starts_with("/v3/"), "{entry}");
        }
    }

    #[test]
    fn variables_of_extensions_are_theirs() {
        assert!(parameter("trust_id").ends_with("/ext/OS-TRUST/1.0/param/trust_id"));
        assert!(parameter("role_id").ends_with("/3/param/role_id"));
        assert!(parameter("implied_role_id").ends_with("/3/param/role_id"));
    }
}
