//! Regions, services, endpoints, filters, service providers.

use fernstone::{
    cascade::{
        endpoint::delete_endpoint,
        region::{RegionDeletion, delete_region},
        service::delete_service,
    },
    domain::{
        catalog::{Endpoint, EndpointGroup, Region},
        ids::ProjectId,
        service_policy::{PolicySubject, ServicePolicy},
    },
    store::{
        ConstraintKind, StoreError, Transaction,
        catalog::{
            EndpointFilter, ServiceFilter, create_endpoint, create_region, endpoint, endpoints, endpoints_at_or_below,
            region, regions, regions_above, regions_at_or_below, service, services, update_endpoint, update_region,
            update_service,
        },
        endpoint_filter::{
            add_endpoint_group_to_project, add_endpoint_to_project, create_endpoint_group, delete_endpoint_group,
            endpoint_group, endpoint_groups, endpoint_groups_of_project, endpoint_ids_of_project,
            is_endpoint_group_in_project, is_endpoint_in_project, project_ids_of_endpoint,
            project_ids_of_endpoint_group, remove_endpoint_from_project, remove_endpoint_group_from_project,
            update_endpoint_group,
        },
        endpoint_policy::{associate, associations_of_policy, dissociate, policy_id_for},
        federation::{enabled_service_providers, identity_provider_enabled},
        policy::{create_policy, delete_policy, policies, policy, update_policy},
    },
};
use serde_json::{Map, json};

use super::{World, on_every_backend};

on_every_backend! {
    regions_services_and_endpoints,
    what_is_written_is_read,
    an_endpoint_needs_its_service_and_region,
    a_service_takes_its_endpoints_along,
    regions_know_what_is_above_and_below,
    a_region_goes_with_those_below_it_unless_there_are_endpoints,
    regions_that_form_a_circle_do_no_harm,
    endpoint_filtering,
    endpoint_groups_and_their_projects,
    policies_are_for_endpoints,
    two_who_associate_a_policy_at_once_leave_one_association,
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

/// Runs `work` in a transaction of its own.
async fn write<T>(world: &World, work: impl AsyncFnOnce(&mut Transaction) -> Result<T, StoreError>) -> T {
    let mut transaction = world.store.begin().await.expect("a transaction");
    let answer = work(&mut transaction).await.expect("written");
    transaction.commit().await.expect("committed");
    answer
}

async fn what_is_written_is_read(world: World) {
    world.execute(&CATALOG).await;
    let store = &world.store;
    let changed = Region {
        id: "R2".to_owned(),
        description: "moved ☃".to_owned(),
        parent_region_id: None,
        extra: Map::from_iter([("note".to_owned(), json!({"a": [1, null]}))]),
    };
    let mut renamed = store.run(service("s1")).await.expect("an answer").expect("the service");
    renamed.service_type = Some("identity2".to_owned());
    renamed.enabled = false;
    renamed.extra.insert("name".to_owned(), "k2".into());
    let mut moved = store.run(endpoint("e1")).await.expect("an answer").expect("the endpoint");
    moved.url = "http://new".to_owned();
    moved.service_id = "s2".to_owned();
    moved.region_id = None;
    moved.interface = "internal".to_owned();
    moved.enabled = false;
    moved.legacy_endpoint_id = Some("legacy".to_owned());
    moved.extra.clear();
    write(&world, async |transaction| {
        update_region(transaction, &changed).await?;
        update_service(transaction, &renamed).await?;
        update_endpoint(transaction, &moved).await
    })
    .await;
    assert_eq!(store.run(region("R2")).await.expect("an answer"), Some(changed));
    assert_eq!(store.run(service("s1")).await.expect("an answer"), Some(renamed));
    assert_eq!(store.run(endpoint("e1")).await.expect("an answer"), Some(moved));
    let untouched = store.run(endpoint("e2")).await.expect("an answer").expect("the endpoint");
    assert_eq!(untouched.url, "http://a");
}

fn new_endpoint(id: &str, service_id: &str, region_id: Option<&str>) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        service_id: service_id.to_owned(),
        interface: "public".to_owned(),
        url: "http://n".to_owned(),
        region_id: region_id.map(str::to_owned),
        enabled: true,
        legacy_endpoint_id: None,
        extra: Map::new(),
    }
}

async fn an_endpoint_needs_its_service_and_region(world: World) {
    world.execute(&CATALOG).await;
    for endpoint in [new_endpoint("n", "none", Some("R1")), new_endpoint("n", "s1", Some("none"))] {
        let mut transaction = world.store.begin().await.expect("a transaction");
        // SQLite's own answer comes at once, as Postgres's does: nothing is deferred.
        match create_endpoint(&mut transaction, &endpoint).await {
            Err(StoreError::Conflict { kind: ConstraintKind::ForeignKey, .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    let mut transaction = world.store.begin().await.expect("a transaction");
    let taken = Region { id: "R1".to_owned(), description: String::new(), parent_region_id: None, extra: Map::new() };
    assert!(create_region(&mut transaction, &taken).await.is_err_and(|error| error.is_duplicate()));
}

async fn a_service_takes_its_endpoints_along(world: World) {
    world.execute(&CATALOG).await;
    let project: ProjectId = "p".into();
    write(&world, async |transaction| {
        for id in ["e1", "e2", "e4"] {
            add_endpoint_to_project(transaction, id, &project).await?;
        }
        delete_endpoint(transaction, "e2").await?;
        delete_service(transaction, "s1").await
    })
    .await;
    let store = &world.store;
    assert_eq!(store.run(service("s1")).await.expect("an answer"), None);
    let left = store.run(endpoints(&EndpointFilter::default())).await.expect("an answer");
    assert_eq!(left.iter().map(|endpoint| endpoint.id.as_str()).collect::<Vec<_>>(), ["e4"]);
    let associated = store.run(endpoint_ids_of_project(&project)).await.expect("an answer");
    assert_eq!(sorted(associated), ["e1", "e4"], "what went with the service is still associated, as in Keystone");
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// `R1` above `R2`, as in the catalog, and `R3` and `R4` below `R2`.
const REGIONS: [&str; 2] = [
    "INSERT INTO region (id, description, parent_region_id, extra) VALUES ('R3', '', 'R2', '{}')",
    "INSERT INTO region (id, description, parent_region_id, extra) VALUES ('R4', '', 'R2', '{}')",
];

async fn regions_know_what_is_above_and_below(world: World) {
    world.execute(&CATALOG).await;
    world.execute(&REGIONS).await;
    let store = &world.store;
    assert_eq!(sorted(store.run(regions_above("R3")).await.expect("an answer")), ["R1", "R2", "R3"]);
    assert_eq!(store.run(regions_above("R1")).await.expect("an answer"), ["R1"]);
    assert_eq!(store.run(regions_above("none")).await.expect("an answer"), Vec::<String>::new());
    assert_eq!(sorted(store.run(regions_at_or_below("R2")).await.expect("an answer")), ["R2", "R3", "R4"]);
    assert_eq!(store.run(endpoints_at_or_below("R1")).await.expect("an answer"), 3);
    assert_eq!(store.run(endpoints_at_or_below("R2")).await.expect("an answer"), 2);
    assert_eq!(store.run(endpoints_at_or_below("R4")).await.expect("an answer"), 0);
}

async fn a_region_goes_with_those_below_it_unless_there_are_endpoints(world: World) {
    world.execute(&CATALOG).await;
    world.execute(&REGIONS).await;
    let refused = write(&world, async |transaction| delete_region(transaction, "R1").await).await;
    assert_eq!(refused, RegionDeletion::HasEndpoints, "in a region below it");
    world.execute(&["DELETE FROM endpoint WHERE region_id = 'R2'"]).await;
    let done = write(&world, async |transaction| delete_region(transaction, "R2").await).await;
    assert_eq!(done, RegionDeletion::Done);
    let left = world.store.run(regions(None)).await.expect("an answer");
    assert_eq!(left.iter().map(|region| region.id.as_str()).collect::<Vec<_>>(), ["R1"]);
}

async fn regions_that_form_a_circle_do_no_harm(world: World) {
    world
        .execute(&[
            "INSERT INTO region (id, description, parent_region_id, extra) VALUES ('a', '', 'b', '{}')",
            "INSERT INTO region (id, description, parent_region_id, extra) VALUES ('b', '', 'a', '{}')",
        ])
        .await;
    assert_eq!(sorted(world.store.run(regions_above("a")).await.expect("an answer")), ["a", "b"]);
    assert_eq!(sorted(world.store.run(regions_at_or_below("a")).await.expect("an answer")), ["a", "b"]);
    write(&world, async |transaction| delete_region(transaction, "a").await).await;
    assert_eq!(world.store.run(regions(None)).await.expect("an answer"), []);
}

async fn endpoint_groups_and_their_projects(world: World) {
    let group = |name: &str| EndpointGroup {
        id: format!("id-{name}"),
        name: name.to_owned(),
        description: Some("text".to_owned()),
        filters: Map::from_iter([("interface".to_owned(), json!("admin"))]),
    };
    let (p, q): (ProjectId, ProjectId) = ("p".into(), "q".into());
    let mut first = group("first");
    write(&world, async |transaction| {
        create_endpoint_group(transaction, &first).await?;
        create_endpoint_group(transaction, &group("second")).await?;
        first.name = "renamed".to_owned();
        first.description = None;
        first.filters = Map::from_iter([("region_id".to_owned(), json!(null))]);
        update_endpoint_group(transaction, &first).await?;
        add_endpoint_group_to_project(transaction, "id-first", &p).await?;
        add_endpoint_group_to_project(transaction, "id-first", &q).await?;
        add_endpoint_group_to_project(transaction, "id-second", &p).await
    })
    .await;
    let store = &world.store;
    assert_eq!(store.run(endpoint_group("id-first")).await.expect("an answer"), Some(first.clone()));
    assert_eq!(store.run(endpoint_groups(Some("renamed"))).await.expect("an answer"), [first]);
    assert_eq!(store.run(endpoint_groups(None)).await.expect("an answer").len(), 2);
    let projects = store.run(project_ids_of_endpoint_group("id-first")).await.expect("an answer");
    assert_eq!(sorted(projects.into_iter().map(ProjectId::into_string).collect()), ["p", "q"]);
    assert!(store.run(is_endpoint_group_in_project("id-second", &p)).await.expect("an answer"));
    assert!(!store.run(is_endpoint_group_in_project("id-second", &q)).await.expect("an answer"));

    let mut transaction = store.begin().await.expect("a transaction");
    let again = add_endpoint_group_to_project(&mut transaction, "id-first", &p).await;
    assert!(again.is_err_and(|error| error.is_duplicate()));
    drop(transaction);

    assert!(write(&world, async |t| remove_endpoint_group_from_project(t, "id-first", &q).await).await);
    assert!(!write(&world, async |t| remove_endpoint_group_from_project(t, "id-first", &q).await).await);
    write(&world, async |transaction| delete_endpoint_group(transaction, "id-first").await).await;
    let left = store.run(endpoint_groups_of_project(&p)).await.expect("an answer");
    assert_eq!(left.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["second"]);
}

async fn policies_are_for_endpoints(world: World) {
    let mut stored = ServicePolicy {
        id: "po".to_owned(),
        policy_type: "application/json".to_owned(),
        blob: json!("{\"default\": false}"),
        extra: Map::from_iter([("owner".to_owned(), json!("me"))]),
    };
    let subjects = [
        PolicySubject::Endpoint("x"),
        PolicySubject::Service("x"),
        PolicySubject::ServiceInRegion { service_id: "x", region_id: "x" },
    ];
    write(&world, async |transaction| {
        create_policy(transaction, &stored).await?;
        stored.blob = json!("text");
        stored.policy_type = "text/plain".to_owned();
        stored.extra.clear();
        update_policy(transaction, &stored).await?;
        for (number, subject) in subjects.into_iter().enumerate() {
            associate(transaction, "po", subject, &format!("row-{number}")).await?;
        }
        associate(transaction, "other", PolicySubject::Service("x"), "row-9").await
    })
    .await;
    let store = &world.store;
    assert_eq!(store.run(policy("po")).await.expect("an answer"), Some(stored.clone()));
    assert_eq!(store.run(policies()).await.expect("an answer"), [stored]);
    let policy_id = |subject| async move { store.run(policy_id_for(subject)).await.expect("an answer") };
    assert_eq!(policy_id(subjects[0]).await.as_deref(), Some("po"));
    assert_eq!(policy_id(subjects[1]).await.as_deref(), Some("other"), "the later one counts");
    assert_eq!(policy_id(subjects[2]).await.as_deref(), Some("po"));
    assert_eq!(policy_id(PolicySubject::Endpoint("y")).await, None);
    let associations = store.run(associations_of_policy("po")).await.expect("an answer");
    assert_eq!(associations.len(), 2);
    write(&world, async |transaction| {
        dissociate(transaction, "other", subjects[0]).await?;
        dissociate(transaction, "po", subjects[2]).await?;
        delete_policy(transaction, "po").await
    })
    .await;
    assert_eq!(policy_id(subjects[0]).await.as_deref(), Some("po"), "it was not the other's, and outlives its policy");
    assert_eq!(policy_id(subjects[2]).await, None);
    assert_eq!(store.run(policy("po")).await.expect("an answer"), None);
}

async fn two_who_associate_a_policy_at_once_leave_one_association(world: World) {
    world.execute(&CATALOG).await;
    let clients = (0..8).map(|number| {
        let store = world.store.clone();
        tokio::spawn(async move {
            let mut transaction = store.begin().await.expect("a transaction");
            let subject = PolicySubject::ServiceInRegion { service_id: "s1", region_id: "R1" };
            associate(&mut transaction, "po", subject, &format!("row-{number}")).await.expect("written");
            transaction.commit().await.expect("committed");
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("no panic");
    }
    assert_eq!(world.store.run(associations_of_policy("po")).await.expect("an answer").len(), 1);
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
    assert_eq!(world.store.run(project_ids_of_endpoint("e1")).await.expect("an answer"), ["p".into()]);
    assert!(world.store.run(is_endpoint_in_project("gone", &"p".into())).await.expect("an answer"));
    assert!(!world.store.run(is_endpoint_in_project("e2", &"p".into())).await.expect("an answer"));
    let groups = world.store.run(endpoint_groups_of_project(&"p".into())).await.expect("an answer");
    assert_eq!(groups.len(), 1);
    assert_eq!((groups[0].name.as_str(), &groups[0].filters["interface"]), ("admins", &"admin".into()));
    assert_eq!(world.store.run(endpoint_groups_of_project(&"q".into())).await.expect("an answer"), []);
    let project: ProjectId = "p".into();
    assert!(write(&world, async |transaction| remove_endpoint_from_project(transaction, "gone", &project).await).await);
    assert!(
        !write(&world, async |transaction| remove_endpoint_from_project(transaction, "gone", &project).await).await
    );
    assert_eq!(world.store.run(endpoint_ids_of_project(&project)).await.expect("an answer"), ["e1"]);
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
