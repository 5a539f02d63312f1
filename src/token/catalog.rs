//! The catalog a token shows: enabled services and endpoints with their URLs filled in, filtered for the project
//! (Keystone `catalog/backends/sql.py`, `get_v3_catalog`, and OS-EP-FILTER). Pure.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::wire::{CatalogEndpoint, CatalogService};
use crate::domain::{
    catalog::{Endpoint, EndpointGroup, Service},
    ids::{ProjectId, UserId},
    percent_format,
};

/// The tables a catalog is made from.
#[derive(Debug, Clone, Default)]
pub struct CatalogTables {
    /// All services.
    pub services: Vec<Service>,
    /// All endpoints.
    pub endpoints: Vec<Endpoint>,
    /// OS-EP-FILTER: endpoints named for this project.
    pub project_endpoint_ids: Vec<String>,
    /// OS-EP-FILTER: endpoint groups named for this project.
    pub project_endpoint_groups: Vec<EndpointGroup>,
}

/// Options that shape catalogs.
#[derive(Debug, Clone)]
pub struct CatalogSettings {
    /// `[endpoint_filter] return_all_endpoints_if_no_filter`: whether a project without a filter sees everything or nothing.
    pub return_all_endpoints_if_no_filter: bool,
    /// `[DEFAULT] public_endpoint`, which a URL may refer to; Python prints its absence as `None`.
    pub public_endpoint: Option<String>,
}

impl Default for CatalogSettings {
    fn default() -> Self {
        Self { return_all_endpoints_if_no_filter: true, public_endpoint: None }
    }
}

/// The catalog for a user with this scope; `project_id` is `None` for domain and system tokens.
pub fn build(
    tables: &CatalogTables,
    settings: &CatalogSettings,
    user_id: &UserId,
    project_id: Option<&ProjectId>,
) -> Vec<CatalogService> {
    let substitutions = Substitutions { settings, user_id, project_id };
    let chosen = chosen_endpoints(tables, project_id);
    if chosen.is_empty() && !settings.return_all_endpoints_if_no_filter {
        return Vec::new();
    }
    let mut endpoints: HashMap<&str, Vec<CatalogEndpoint>> = HashMap::new();
    for endpoint in tables.endpoints.iter().filter(|endpoint| endpoint.enabled) {
        if !chosen.is_empty() && !chosen.contains(endpoint.id.as_str()) {
            continue;
        }
        if let Some(url) = substitutions.fill_in(&endpoint.url) {
            endpoints.entry(&endpoint.service_id).or_default().push(shown(endpoint, url));
        }
    }
    tables
        .services
        .iter()
        .filter(|service| service.enabled)
        .map(|service| CatalogService {
            endpoints: endpoints.remove(service.id.as_str()).unwrap_or_default(),
            id: service.id.clone(),
            service_type: service.service_type.clone(),
            name: service.name().to_owned(),
        })
        // A service without endpoints shows in the full catalog, and not in a filtered one.
        .filter(|service| chosen.is_empty() || !service.endpoints.is_empty())
        .collect()
}

/// Whether an endpoint with this URL is in anybody's catalog: one that is malformed, or asks for something unknown, is left
/// out of all.
pub fn can_be_shown(url: &str) -> bool {
    let known = |name: &str| {
        ["user_id", "project_id", "tenant_id", "public_endpoint"].contains(&name).then(|| "something".to_owned())
    };
    percent_format::fill_in(&url.replace("$(", "%("), known, "substitutions").is_ok_and(|filled| !filled.is_empty())
}

/// Ids of the endpoints that filters name for the project; empty: there is no filter.
fn chosen_endpoints<'a>(tables: &'a CatalogTables, project_id: Option<&ProjectId>) -> HashSet<&'a str> {
    if project_id.is_none() {
        return HashSet::new();
    }
    let named: HashSet<&str> = tables.project_endpoint_ids.iter().map(String::as_str).collect();
    tables
        .endpoints
        .iter()
        .filter(|endpoint| {
            named.contains(endpoint.id.as_str())
                || tables.project_endpoint_groups.iter().any(|group| group_has(group, endpoint))
        })
        .map(|endpoint| endpoint.id.as_str())
        .collect()
}

/// Whether an endpoint has every attribute that the group asks for.
pub fn group_has(group: &EndpointGroup, endpoint: &Endpoint) -> bool {
    group.filters.iter().all(|(attribute, wanted)| match attribute.as_str() {
        "interface" => wanted.as_str() == Some(&endpoint.interface),
        "service_id" => wanted.as_str() == Some(&endpoint.service_id),
        "region_id" => wanted.as_str() == endpoint.region_id.as_deref(),
        "enabled" => *wanted == Value::Bool(endpoint.enabled),
        other => endpoint.extra.get(other) == Some(wanted),
    })
}

fn shown(endpoint: &Endpoint, url: String) -> CatalogEndpoint {
    let mut extra = endpoint.extra.clone();
    // Whoever named the region by both names has this attribute; the column counts.
    extra.remove("region");
    CatalogEndpoint {
        id: endpoint.id.clone(),
        interface: endpoint.interface.clone(),
        region_id: endpoint.region_id.clone(),
        url,
        region: endpoint.region_id.clone(),
        extra,
    }
}

struct Substitutions<'a> {
    settings: &'a CatalogSettings,
    user_id: &'a UserId,
    project_id: Option<&'a ProjectId>,
}

impl Substitutions<'_> {
    /// Python's `url.replace('$(', '%(') % substitutions`. `None` leaves the endpoint out: it asks for something unknown,
    /// is malformed, or needs a project where there is none.
    fn fill_in(&self, url: &str) -> Option<String> {
        // A conversion without a key shows Python's name for the mapping, with its address in memory: of no use to anybody.
        let filled = percent_format::fill_in(&url.replace("$(", "%("), |name| self.value_of(name), "substitutions");
        filled.ok().filter(|filled| !filled.is_empty())
    }

    fn value_of(&self, name: &str) -> Option<String> {
        match name {
            "user_id" => Some(self.user_id.to_string()),
            "project_id" | "tenant_id" => self.project_id.map(ToString::to_string),
            "public_endpoint" => Some(self.settings.public_endpoint.clone().unwrap_or_else(|| "None".to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn service(id: &str, enabled: bool) -> Service {
        let extra = Map::from_iter([("name".to_owned(), json!(id))]);
        Service { id: id.to_owned(), service_type: Some("compute".to_owned()), enabled, extra }
    }

    fn endpoint(id: &str, service: &str, url: &str) -> Endpoint {
        Endpoint {
            id: id.to_owned(),
            service_id: service.to_owned(),
            interface: "public".to_owned(),
            url: url.to_owned(),
            region_id: Some("RegionOne".to_owned()),
            enabled: true,
            legacy_endpoint_id: None,
            extra: Map::new(),
        }
    }

    fn urls(url: &str, project: Option<&str>) -> Vec<String> {
        let tables = CatalogTables {
            services: vec![service("nova", true)],
            endpoints: vec![endpoint("e", "nova", url)],
            ..CatalogTables::default()
        };
        let project = project.map(ProjectId::from);
        let catalog = build(&tables, &CatalogSettings::default(), &"u1".into(), project.as_ref());
        catalog.into_iter().flat_map(|service| service.endpoints).map(|endpoint| endpoint.url).collect()
    }

    #[test]
    fn both_notations_are_filled_in() {
        assert_eq!(urls("http://h/$(project_id)s/%(tenant_id)s?u=$(user_id)s", Some("p1")), ["http://h/p1/p1?u=u1"]);
        assert_eq!(urls("http://h/100%%", Some("p1")), ["http://h/100%"]);
        assert_eq!(urls("%(public_endpoint)s/x", Some("p1")), ["None/x"]);
    }

    #[test]
    fn an_endpoint_has_one_region() {
        let mut both = endpoint("e", "nova", "http://h");
        both.extra = Map::from_iter([("region".to_owned(), json!(null)), ("name".to_owned(), json!("n"))]);
        let tables =
            CatalogTables { services: vec![service("nova", true)], endpoints: vec![both], ..CatalogTables::default() };
        let catalog = build(&tables, &CatalogSettings::default(), &"u1".into(), None);
        let shown = serde_json::to_string(&catalog[0].endpoints[0]).unwrap_or_default();
        assert_eq!(shown.matches("\"region\":").count(), 1, "{shown}");
        assert!(shown.contains("\"region\":\"RegionOne\"") && shown.contains("\"name\":\"n\""), "{shown}");
    }

    #[test]
    fn a_malformed_url_leaves_the_endpoint_out() {
        for url in [
            "http://h/%(unknown)s",
            "http://h/$(project_id)",
            "http://h/$(project_id)d",
            "http://h/%",
            "http://h/%s%s",
            "",
        ] {
            assert!(urls(url, Some("p1")).is_empty(), "{url}");
        }
    }

    #[test]
    fn an_endpoint_that_needs_a_project_is_left_out_where_there_is_none() {
        assert!(urls("http://h/$(project_id)s", None).is_empty());
        assert_eq!(urls("http://h/$(user_id)s", None), ["http://h/u1"]);
    }

    #[test]
    fn disabled_services_are_left_out_and_empty_ones_stay() {
        let tables = CatalogTables {
            services: vec![service("on", true), service("off", false)],
            endpoints: vec![endpoint("e", "off", "http://h")],
            ..CatalogTables::default()
        };
        let catalog = build(&tables, &CatalogSettings::default(), &"u".into(), Some(&"p".into()));
        assert_eq!(catalog.len(), 1);
        assert!(catalog[0].endpoints.is_empty());
    }

    #[test]
    fn a_filter_names_endpoints_singly_or_by_attribute() {
        let mut tables = CatalogTables {
            services: vec![service("a", true), service("b", true), service("c", true)],
            endpoints: vec![
                endpoint("1", "a", "http://1"),
                endpoint("2", "b", "http://2"),
                endpoint("3", "c", "http://3"),
            ],
            project_endpoint_ids: vec!["1".to_owned(), "gone".to_owned()],
            ..CatalogTables::default()
        };
        tables.project_endpoint_groups.push(EndpointGroup {
            id: "g".to_owned(),
            name: "g".to_owned(),
            description: None,
            filters: Map::from_iter([("service_id".to_owned(), json!("b"))]),
        });
        let settings = CatalogSettings::default();
        let services = |project: Option<&ProjectId>| -> Vec<String> {
            build(&tables, &settings, &"u".into(), project).into_iter().map(|service| service.id).collect()
        };
        assert_eq!(services(Some(&"p".into())), ["a", "b"]);
        assert_eq!(services(None), ["a", "b", "c"], "domain and system tokens are not filtered");
    }

    #[test]
    fn without_a_filter_a_project_sees_everything_or_nothing_as_configured() {
        let tables = CatalogTables { services: vec![service("a", true)], ..CatalogTables::default() };
        let settings = CatalogSettings { return_all_endpoints_if_no_filter: false, public_endpoint: None };
        assert!(build(&tables, &settings, &"u".into(), Some(&"p".into())).is_empty());
    }
}
