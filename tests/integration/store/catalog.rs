//! Regions, services, endpoints, filters, service providers.

use fernstone::store::{
    catalog::{
        EndpointFilter, ServiceFilter, endpoint, endpoint_groups_of_project, endpoint_ids_of_project, endpoints,
        region, regions, service, services,
    },
    federation::{enabled_service_providers, identity_provider_enabled},
};

use super::{World, on_every_backend};

on_every_backend! {
    regions_services_and_endpoints,
    endpoint_filtering,
    service_and_identity_providers,
}

const CATALOG: [&str; 8] = [
    "INSERT INTO region (id, description, parent_region_id, extra) VALUES ('R1', '', NULL, '{}')",
    "INSERT INTO region (id, description, parent_region_id, extra) VALUES ('R2', 'second', 'R1', '{\"zone\": 2}')",
    "INSERT INTO service (id, type, enabled, extra) VALUES ('s1', 'identity', true, '{\"name\": \"keystone\"}')",
    "INSERT INTO service (id, type, enabled, extra) VALUES ('s2', NULL, false, NULL)",
    "INSERT INTO endpoint (id, service_id, interface, url, region_id, enabled, extra)
        VALUES ('e1', 's1', 'public', 'http://p/%(tenant_id)s', 'R1', true, '{\"name\": \"x\"}')",
    "INSERT INTO endpoint (id, service_id, interface, url, region_id, enabled, legacy_endpoint_id)
        VALUES ('e2', 's1', 'admin', 'http://a', NULL, true, 'old')",
    "INSERT INTO endpoint (id, service_id, interface, url, region_id, enabled)
        VALUES ('e3', 's1', 'public', 'http://d', 'R2', false)",
    "INSERT INTO endpoint (id, service_id, interface, url, region_id, enabled)
        VALUES ('e4', 's2', 'public', 'http://s2', 'R2', true)",
];

async fn regions_services_and_endpoints(world: World) {
    world.execute(&CATALOG).await;
    let store = &world.store;
    let second = store.run(region("R2")).await.expect("an answer").expect("the region");
    assert_eq!((second.description.as_str(), second.parent_region_id.as_deref()), ("second", Some("R1")));
    assert_eq!(second.extra["zone"], 2);
    assert_eq!(store.run(regions(None)).await.expect("an answer").len(), 2);
    assert_eq!(store.run(regions(Some("R1"))).await.expect("an answer"), [second]);

    let keystone = store.run(service("s1")).await.expect("an answer").expect("the service");
    assert_eq!(
        (keystone.name(), keystone.service_type.as_deref(), keystone.enabled),
        ("keystone", Some("identity"), true)
    );
    let nameless = store.run(service("s2")).await.expect("an answer").expect("the service");
    assert_eq!((nameless.name(), nameless.service_type.as_deref(), nameless.enabled), ("", None, false));
    let by_type = ServiceFilter { service_type: Some("identity".into()), enabled: None };
    assert_eq!(store.run(services(&by_type)).await.expect("an answer"), [keystone]);
    let disabled = ServiceFilter { service_type: None, enabled: Some(false) };
    assert_eq!(store.run(services(&disabled)).await.expect("an answer"), [nameless]);

    let ids = |filter: EndpointFilter| async move {
        let mut ids: Vec<String> =
            store.run(endpoints(&filter)).await.expect("an answer").into_iter().map(|endpoint| endpoint.id).collect();
        ids.sort();
        ids
    };
    let all = EndpointFilter::default;
    assert_eq!(ids(all()).await, ["e1", "e2", "e3", "e4"]);
    assert_eq!(ids(EndpointFilter { service_id: Some("s2".into()), ..all() }).await, ["e4"]);
    assert_eq!(
        ids(EndpointFilter { interface: Some("public".into()), enabled: Some(true), ..all() }).await,
        ["e1", "e4"]
    );
    assert_eq!(ids(EndpointFilter { region_id: Some("R2".into()), ..all() }).await, ["e3", "e4"]);
    let second = store.run(endpoint("e2")).await.expect("an answer").expect("the endpoint");
    assert_eq!((second.region_id, second.legacy_endpoint_id.as_deref()), (None, Some("old")));
    assert_eq!(store.run(endpoint("none")).await.expect("an answer"), None);
}

async fn endpoint_filtering(world: World) {
    world.execute(&CATALOG).await;
    world
        .execute(&[
            "INSERT INTO project_endpoint (endpoint_id, project_id) VALUES ('e1', 'p')",
            "INSERT INTO project_endpoint (endpoint_id, project_id) VALUES ('gone', 'p')",
            "INSERT INTO endpoint_group (id, name, filters) VALUES ('eg', 'admins', '{\"interface\": \"admin\", \"enabled\": true}')",
            "INSERT INTO project_endpoint_group (endpoint_group_id, project_id) VALUES ('eg', 'p')",
        ])
        .await;
    let mut direct = world.store.run(endpoint_ids_of_project(&"p".into())).await.expect("an answer");
    direct.sort();
    assert_eq!(direct, ["e1", "gone"]);
    let groups = world.store.run(endpoint_groups_of_project(&"p".into())).await.expect("an answer");
    assert_eq!(groups.len(), 1);
    assert_eq!((groups[0].name.as_str(), &groups[0].filters["interface"]), ("admins", &"admin".into()));
    assert_eq!(world.store.run(endpoint_groups_of_project(&"q".into())).await.expect("an answer"), []);
}

async fn service_and_identity_providers(world: World) {
    world
        .execute(&[
            "INSERT INTO service_provider (id, auth_url, sp_url, enabled, relay_state_prefix)
                VALUES ('on', 'http://auth', 'http://sp', true, 'ss:mem:')",
            "INSERT INTO service_provider (id, auth_url, sp_url, enabled, relay_state_prefix)
                VALUES ('off', 'http://auth', 'http://sp', false, 'ss:mem:')",
            "INSERT INTO identity_provider (id, enabled, domain_id) VALUES ('idp', false, 'd')",
        ])
        .await;
    let shown = world.store.run(enabled_service_providers()).await.expect("an answer");
    assert_eq!(shown.iter().map(|provider| provider.id.as_str()).collect::<Vec<_>>(), ["on"]);
    assert_eq!(world.store.run(identity_provider_enabled("idp")).await.expect("an answer"), Some(false));
    assert_eq!(world.store.run(identity_provider_enabled("none")).await.expect("an answer"), None);
}
