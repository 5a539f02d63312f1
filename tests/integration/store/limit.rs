//! Registered limits and limits.

use fernstone::{
    domain::limit::{Limit, RegisteredLimit},
    store::{
        StoreError, Transaction,
        catalog::lock_service,
        limit::{
            LimitFilter, Resource, create_limit, create_registered_limit, delete_limit, delete_registered_limit,
            has_limit, is_referred_to, limit, limits, limits_of, registered_limit, registered_limit_of,
            registered_limits, update_limit, update_registered_limit,
        },
    },
};

use super::{World, on_every_backend};

on_every_backend! {
    registered_limits_are_written_found_and_deleted,
    a_limit_shows_what_its_registered_limit_is_about,
    lists_are_narrowed,
    writers_about_one_service_take_turns,
}

fn registered(id: &str, region_id: Option<&str>, name: &str) -> RegisteredLimit {
    RegisteredLimit {
        id: id.to_owned(),
        service_id: Some("nova".to_owned()),
        region_id: region_id.map(str::to_owned),
        resource_name: Some(name.to_owned()),
        default_limit: 10,
        description: None,
    }
}

fn limit_for(id: &str, project_id: Option<&str>, domain_id: Option<&str>) -> Limit {
    Limit {
        id: id.to_owned(),
        project_id: project_id.map(Into::into),
        domain_id: domain_id.map(Into::into),
        service_id: Some("nova".to_owned()),
        region_id: None,
        resource_name: Some("cores".to_owned()),
        resource_limit: -1,
        description: Some("much ☃".to_owned()),
    }
}

async fn write<T>(world: &World, work: impl AsyncFnOnce(&mut Transaction) -> Result<T, StoreError>) -> T {
    let mut transaction = world.store.begin().await.expect("a transaction");
    let answer = work(&mut transaction).await.expect("written");
    transaction.commit().await.expect("committed");
    answer
}

async fn registered_limits_are_written_found_and_deleted(world: World) {
    let mut everywhere = registered("r1", None, "cores");
    let here = registered("r2", Some("R"), "cores");
    write(&world, async |transaction| {
        create_registered_limit(transaction, &everywhere).await?;
        create_registered_limit(transaction, &here).await?;
        everywhere.default_limit = i64::from(i32::MAX);
        everywhere.description = Some("text".to_owned());
        update_registered_limit(transaction, &everywhere).await
    })
    .await;
    let store = &world.store;
    assert_eq!(store.run(registered_limit("r1")).await.expect("an answer"), Some(everywhere.clone()));
    let of = |region_id, name| async move {
        let resource = Resource { service_id: "nova", region_id, name };
        store.run(registered_limit_of(resource)).await.expect("an answer")
    };
    assert_eq!(of(None, "cores").await, Some(everywhere));
    assert_eq!(of(Some("R"), "cores").await, Some(here));
    assert_eq!(of(Some("S"), "cores").await, None);
    assert_eq!(of(None, "disks").await, None);

    let mut transaction = store.begin().await.expect("a transaction");
    let again = create_registered_limit(&mut transaction, &registered("r1", None, "other")).await;
    assert!(again.is_err_and(|error| error.is_duplicate()));
    drop(transaction);
    write(&world, async |transaction| delete_registered_limit(transaction, "r1").await).await;
    assert_eq!(store.run(registered_limit("r1")).await.expect("an answer"), None);
}

async fn a_limit_shows_what_its_registered_limit_is_about(world: World) {
    let for_project = limit_for("l1", Some("p"), None);
    let for_domain = limit_for("l2", None, Some("d"));
    let for_nobody = limit_for("l3", None, None);
    write(&world, async |transaction| {
        create_registered_limit(transaction, &registered("r1", None, "cores")).await?;
        create_registered_limit(transaction, &registered("r2", None, "disks")).await?;
        create_limit(transaction, &for_project, "r1").await?;
        create_limit(transaction, &for_domain, "r1").await
    })
    .await;
    let store = &world.store;
    assert_eq!(store.run(limit("l1")).await.expect("an answer"), Some(for_project.clone()));
    assert_eq!(store.run(limit("none")).await.expect("an answer"), None);
    let cores = Resource { service_id: "nova", region_id: None, name: "cores" };
    assert_eq!(store.run(limits_of(cores)).await.expect("an answer").len(), 2);
    assert_eq!(store.run(limits_of(Resource { region_id: Some("R"), ..cores })).await.expect("an answer"), []);

    let has = |project_id: Option<&'static str>, domain_id: Option<&'static str>| async move {
        let (project_id, domain_id) = (project_id.map(Into::into), domain_id.map(Into::into));
        store.run(has_limit("r1", project_id.as_ref(), domain_id.as_ref())).await.expect("an answer")
    };
    assert!(has(Some("p"), None).await && has(None, Some("d")).await);
    assert!(!has(Some("q"), None).await && !has(None, Some("e")).await);
    assert!(has(None, None).await, "a limit of a project has no domain");
    write(&world, async |transaction| create_limit(transaction, &for_nobody, "r1").await).await;
    assert!(store.run(is_referred_to("r1")).await.expect("an answer"));
    assert!(!store.run(is_referred_to("r2")).await.expect("an answer"));

    let changed = Limit { resource_limit: 7, description: None, ..for_project };
    write(&world, async |transaction| {
        update_limit(transaction, &changed).await?;
        delete_limit(transaction, "l2").await
    })
    .await;
    assert_eq!(store.run(limit("l1")).await.expect("an answer"), Some(changed));
    assert_eq!(store.run(limit("l2")).await.expect("an answer"), None);
    let left = store.run(limits(&LimitFilter::default())).await.expect("an answer");
    assert_eq!(left.len(), 2);
}

async fn lists_are_narrowed(world: World) {
    write(&world, async |transaction| {
        create_registered_limit(transaction, &registered("r1", None, "cores")).await?;
        create_registered_limit(transaction, &registered("r2", Some("R"), "cores")).await?;
        create_limit(transaction, &limit_for("l1", Some("p"), None), "r1").await?;
        create_limit(transaction, &limit_for("l2", Some("p"), None), "r2").await?;
        create_limit(transaction, &limit_for("l3", None, Some("d")), "r2").await
    })
    .await;
    let store = &world.store;
    let ids = |filter: LimitFilter| async move {
        let mut ids: Vec<String> =
            store.run(limits(&filter)).await.expect("an answer").into_iter().map(|limit| limit.id).collect();
        ids.sort();
        ids
    };
    let all = LimitFilter::default;
    assert_eq!(ids(all()).await, ["l1", "l2", "l3"]);
    assert_eq!(ids(LimitFilter { region_id: Some("R".into()), ..all() }).await, ["l2", "l3"]);
    assert_eq!(ids(LimitFilter { region_id: Some("R".into()), project_id: Some("p".into()), ..all() }).await, ["l2"]);
    assert_eq!(ids(LimitFilter { domain_id: Some("d".into()), ..all() }).await, ["l3"]);
    assert_eq!(ids(LimitFilter { service_id: Some("nova".into()), ..all() }).await.len(), 3);
    assert_eq!(ids(LimitFilter { resource_name: Some("disks".into()), ..all() }).await, Vec::<String>::new());
    let here = LimitFilter { region_id: Some("R".into()), ..all() };
    assert_eq!(store.run(registered_limits(&here)).await.expect("an answer").len(), 1);
    assert_eq!(store.run(registered_limits(&all())).await.expect("an answer").len(), 2);
}

/// No constraint keeps two limits about the same resource apart; the lock does.
async fn writers_about_one_service_take_turns(world: World) {
    world.execute(&["INSERT INTO service (id, type, enabled, extra) VALUES ('nova', 'compute', true, '{}')"]).await;
    let writers = (0..8).map(|number| {
        let store = world.store.clone();
        tokio::spawn(async move {
            let mut transaction = store.begin().await.expect("a transaction");
            assert!(lock_service(&mut transaction, "nova").await.expect("an answer"));
            let resource = Resource { service_id: "nova", region_id: None, name: "cores" };
            let found = transaction.run(registered_limit_of(resource)).await.expect("an answer");
            let id = match found {
                Some(found) => found.id,
                None => {
                    let new = registered(&format!("r{number}"), None, "cores");
                    create_registered_limit(&mut transaction, &new).await.expect("written");
                    new.id
                }
            };
            if !transaction.run(has_limit(&id, Some(&"p".into()), None)).await.expect("an answer") {
                let new = limit_for(&format!("l{number}"), Some("p"), None);
                create_limit(&mut transaction, &new, &id).await.expect("written");
            }
            transaction.commit().await.expect("committed");
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    assert_eq!(world.store.run(registered_limits(&LimitFilter::default())).await.expect("an answer").len(), 1);
    assert_eq!(world.store.run(limits(&LimitFilter::default())).await.expect("an answer").len(), 1);
    let mut transaction = world.store.begin().await.expect("a transaction");
    assert!(!lock_service(&mut transaction, "none").await.expect("an answer"));
}
