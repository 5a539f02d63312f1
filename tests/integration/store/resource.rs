//! Projects and domains.

use fernstone::{
    domain::{ids::ProjectId, resource::ROOT_DOMAIN_ID},
    store::{
        ConstraintKind, StoreError,
        resource::{
            Lineage, ProjectFilter, delete_project, domain_by_name, has_children, has_enabled_below, lineage,
            project_by_name, project_ids_of_domains, projects, projects_by_ids, update_project,
        },
    },
};

use super::{World, on_every_backend};

on_every_backend! {
    a_project_comes_with_its_tags_and_options,
    a_domain_is_a_project_without_a_domain,
    the_root_is_hidden,
    lists_are_filtered_ordered_and_cut,
    a_lineage_goes_up_to_the_domain,
    a_lineage_that_runs_in_a_circle_is_broken_data,
    many_are_found_by_their_ids,
    a_change_writes_everything_and_nothing_else,
    a_name_that_is_taken_is_a_conflict,
    what_is_gone_is_not_changed,
    only_a_leaf_can_be_deleted,
    what_is_below_may_be_enabled,
}

/// Two domains; in the first `a` above `b` above `c`, and `d` disabled.
pub(super) const PROJECTS: [&str; 8] = [
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled, description, extra)
        VALUES ('dom1', 'One', '<<keystone.domain.root>>', NULL, true, true, 'first', '{}')",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled, extra)
        VALUES ('dom2', 'Two', '<<keystone.domain.root>>', NULL, true, false, '{}')",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled, extra)
        VALUES ('a', 'alpha', 'dom1', 'dom1', false, true, '{\"owner\": \"me\"}')",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('b', 'beta', 'dom1', 'a', false, NULL)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('c', 'gamma', 'dom1', 'b', false, true)",
    "INSERT INTO project (id, name, domain_id, parent_id, is_domain, enabled) VALUES ('d', 'delta', 'dom1', 'dom1', false, false)",
    "INSERT INTO project_tag (project_id, name) VALUES ('a', 'blue')",
    "INSERT INTO project_tag (project_id, name) VALUES ('a', 'azure')",
];

async fn a_project_comes_with_its_tags_and_options(world: World) {
    world.execute(&PROJECTS).await;
    world
        .execute(&["INSERT INTO project_option (project_id, option_id, option_value) VALUES ('a', 'IMMU', 'true')"])
        .await;
    let a = world.store.project(&"a".into()).await.expect("an answer").expect("the project");
    assert_eq!(a.name, "alpha");
    assert_eq!(a.domain_id, Some("dom1".into()));
    assert_eq!(a.parent_id, Some("dom1".into()));
    assert_eq!(a.tags, ["azure", "blue"]);
    assert_eq!(a.immutable, Some(true));
    assert_eq!(a.extra["owner"], "me");
    assert!(!a.is_domain && a.is_enabled());
    let b = world.store.project(&"b".into()).await.expect("an answer").expect("the project");
    assert_eq!((b.enabled, b.immutable, b.tags.len(), b.extra.len()), (None, None, 0, 0));
    assert_eq!(world.store.run(project_by_name("beta", Some(&"dom1".into()))).await.expect("an answer"), Some(b));
    assert_eq!(world.store.run(project_by_name("beta", Some(&"dom2".into()))).await.expect("an answer"), None);
}

async fn a_domain_is_a_project_without_a_domain(world: World) {
    world.execute(&PROJECTS).await;
    let domain = world.store.domain(&"dom1".into()).await.expect("an answer").expect("the domain");
    assert_eq!((domain.name.as_str(), domain.description.as_deref()), ("One", Some("first")));
    let project = world.store.project(&"dom1".into()).await.expect("an answer").expect("the project");
    assert!(project.is_domain && project.domain_id.is_none() && project.parent_id.is_none());
    assert_eq!(project.owning_domain_id(), "dom1".into());
    assert_eq!(world.store.domain(&"a".into()).await.expect("an answer"), None, "a project is no domain");
    assert_eq!(world.store.run(domain_by_name("One")).await.expect("an answer"), Some(domain));
    assert_eq!(world.store.run(domain_by_name("alpha")).await.expect("an answer"), None);
}

async fn the_root_is_hidden(world: World) {
    assert_eq!(world.store.project(&ROOT_DOMAIN_ID.into()).await.expect("an answer"), None);
    assert_eq!(world.store.domain(&ROOT_DOMAIN_ID.into()).await.expect("an answer"), None);
    assert_eq!(world.store.run(domain_by_name(ROOT_DOMAIN_ID)).await.expect("an answer"), None);
    assert_eq!(world.store.run(projects(&ProjectFilter::default())).await.expect("an answer"), []);
    assert_eq!(world.store.run(lineage(&ROOT_DOMAIN_ID.into())).await.expect("an answer"), None);
    let of_root = world.store.run(project_ids_of_domains(&[ROOT_DOMAIN_ID.into()])).await.expect("an answer");
    assert_eq!(of_root, []);
}

async fn lists_are_filtered_ordered_and_cut(world: World) {
    world.execute(&PROJECTS).await;
    let list = |filter: ProjectFilter| {
        let store = world.store.clone();
        async move {
            let found = store.run(projects(&filter)).await.expect("an answer");
            found.into_iter().map(|project| project.id.into_string()).collect::<Vec<_>>()
        }
    };
    let all = ProjectFilter::default;
    assert_eq!(list(all()).await, ["a", "b", "c", "d", "dom1", "dom2"]);
    assert_eq!(list(ProjectFilter { is_domain: Some(true), ..all() }).await, ["dom1", "dom2"]);
    assert_eq!(list(ProjectFilter { domain_id: Some(ROOT_DOMAIN_ID.into()), ..all() }).await, ["dom1", "dom2"]);
    assert_eq!(list(ProjectFilter { domain_id: Some("dom1".into()), ..all() }).await, ["a", "b", "c", "d"]);
    assert_eq!(list(ProjectFilter { enabled: Some(true), is_domain: Some(false), ..all() }).await, ["a", "c"]);
    assert_eq!(list(ProjectFilter { enabled: Some(false), ..all() }).await, ["d", "dom2"]);
    assert_eq!(list(ProjectFilter { parent_id: Some("dom1".into()), ..all() }).await, ["a", "d"]);
    assert_eq!(list(ProjectFilter { name: Some("gamma".into()), ..all() }).await, ["c"]);
    let ids = Some(vec!["c".into(), "a".into(), "zzz".into()]);
    assert_eq!(list(ProjectFilter { ids, ..all() }).await, ["a", "c"]);
    assert_eq!(list(ProjectFilter { ids: Some(vec![]), ..all() }).await, Vec::<String>::new());
    // The tags of `a` do not count towards the limit.
    assert_eq!(list(ProjectFilter { limit: Some(2), ..all() }).await, ["a", "b"]);
    assert_eq!(list(ProjectFilter { limit: Some(2), marker: Some("b".into()), ..all() }).await, ["c", "d"]);
}

async fn a_lineage_goes_up_to_the_domain(world: World) {
    world.execute(&PROJECTS).await;
    let of = |id: &'static str| {
        let store = world.store.clone();
        async move { store.lineage(&id.into()).await.expect("an answer") }
    };
    let ids = |lineage: &Lineage| lineage.parents.iter().map(|parent| parent.id.to_string()).collect::<Vec<_>>();
    let c = of("c").await.expect("the project");
    assert_eq!(c.project.id, "c".into());
    assert_eq!(c.domain.id, "dom1".into());
    assert_eq!(ids(&c), ["b", "a", "dom1"]);
    let domain = of("dom2").await.expect("the domain");
    assert_eq!(domain.domain.id, "dom2".into());
    assert_eq!(domain.domain.enabled, Some(false));
    assert_eq!(ids(&domain), Vec::<String>::new());
    assert!(of("none").await.is_none());

    // A tree from before Keystone made top-level projects children of their domain.
    world.execute(&["UPDATE project SET parent_id = NULL WHERE id = 'a'"]).await;
    let c = of("c").await.expect("the project");
    assert_eq!((ids(&c), c.domain.id.clone()), (vec!["b".to_owned(), "a".to_owned()], "dom1".into()));
}

async fn a_lineage_that_runs_in_a_circle_is_broken_data(world: World) {
    world.execute(&PROJECTS).await;
    world.execute(&["UPDATE project SET parent_id = 'c' WHERE id = 'a'"]).await;
    match world.store.lineage(&"b".into()).await {
        Err(StoreError::Broken { table: "project", column: "parent_id", .. }) => {}
        other => panic!("{other:?}"),
    }
}

async fn many_are_found_by_their_ids(world: World) {
    world.execute(&PROJECTS).await;
    // More than any database takes placeholders for.
    let mut ids: Vec<ProjectId> = (0..70_000).map(|number| format!("none-{number}").into()).collect();
    ids.extend([ProjectId::from("c"), ProjectId::from("a")]);
    let found = world.store.run(projects_by_ids(&ids)).await.expect("an answer");
    let found: Vec<&str> = found.iter().map(|project| project.id.as_str()).collect();
    assert_eq!(found, ["a", "c"]);
    let of_domains = world.store.run(project_ids_of_domains(&["dom1".into(), "dom2".into()])).await.expect("an answer");
    assert_eq!(of_domains, ["a".into(), "b".into(), "c".into(), "d".into()]);
}

async fn a_change_writes_everything_and_nothing_else(world: World) {
    world.execute(&PROJECTS).await;
    let mut a = world.store.project(&"a".into()).await.expect("an answer").expect("the project");
    let others = || async {
        let all = world.store.run(projects(&ProjectFilter::default())).await.expect("an answer");
        all.into_iter().filter(|project| project.id != "a".into()).collect::<Vec<_>>()
    };
    let before = others().await;
    a.name = "Alpha".to_owned();
    a.enabled = Some(false);
    a.description = None;
    a.tags = vec!["azure".to_owned(), "zinc".to_owned()];
    a.immutable = Some(false);
    a.extra.insert("nested".to_owned(), serde_json::json!({"é": [1, null]}));
    change(&world, &a).await.expect("the change");
    assert_eq!(world.store.project(&"a".into()).await.expect("an answer"), Some(a.clone()));
    a.tags.clear();
    a.immutable = None;
    a.enabled = None;
    change(&world, &a).await.expect("the change");
    assert_eq!(world.store.project(&"a".into()).await.expect("an answer"), Some(a));
    assert_eq!(others().await, before);
}

async fn change(world: &World, project: &fernstone::domain::resource::Project) -> Result<bool, StoreError> {
    let mut transaction = world.store.begin().await.expect("a transaction");
    let changed = update_project(&mut transaction, project).await?;
    transaction.commit().await.expect("the transaction commits");
    Ok(changed)
}

async fn a_name_that_is_taken_is_a_conflict(world: World) {
    world.execute(&PROJECTS).await;
    let mut a = world.store.project(&"a".into()).await.expect("an answer").expect("the project");
    a.name = "beta".to_owned();
    let refusal = change(&world, &a).await.expect_err("a conflict");
    assert!(refusal.is_duplicate(), "{refusal:?}");
    // In another domain the name is free.
    let mut two = world.store.project(&"dom2".into()).await.expect("an answer").expect("the domain");
    two.name = "beta".to_owned();
    assert!(change(&world, &two).await.expect("the change"));
}

async fn what_is_gone_is_not_changed(world: World) {
    world.execute(&PROJECTS).await;
    let mut gone = world.store.project(&"a".into()).await.expect("an answer").expect("the project");
    gone.id = "gone".into();
    assert!(!change(&world, &gone).await.expect("an answer"));
    let mut transaction = world.store.begin().await.expect("a transaction");
    assert!(!delete_project(&mut transaction, &"gone".into()).await.expect("an answer"));
}

async fn only_a_leaf_can_be_deleted(world: World) {
    world.execute(&PROJECTS).await;
    for (id, parent) in [("a", true), ("b", true), ("c", false), ("dom1", true), ("dom2", false)] {
        assert_eq!(world.store.run(has_children(&id.into())).await.expect("an answer"), parent, "{id}");
    }
    let mut transaction = world.store.begin().await.expect("a transaction");
    let refusal = delete_project(&mut transaction, &"a".into()).await.expect_err("a conflict");
    assert!(matches!(refusal, StoreError::Conflict { kind: ConstraintKind::ForeignKey, .. }), "{refusal:?}");
    drop(transaction);
    let mut transaction = world.store.begin().await.expect("a transaction");
    for id in ["c", "b", "a"] {
        assert!(delete_project(&mut transaction, &id.into()).await.expect("deleted"));
    }
    transaction.commit().await.expect("the transaction commits");
    assert_eq!(world.store.project(&"a".into()).await.expect("an answer"), None);
}

async fn what_is_below_may_be_enabled(world: World) {
    world.execute(&PROJECTS).await;
    let enabled_below = |id: &'static str| {
        let store = world.store.clone();
        async move { store.run(has_enabled_below(&id.into())).await.expect("an answer") }
    };
    assert!(enabled_below("a").await, "c is enabled, two levels down");
    assert!(enabled_below("dom1").await);
    assert!(!enabled_below("c").await, "not itself");
    world.execute(&["UPDATE project SET enabled = false WHERE id = 'c'"]).await;
    assert!(!enabled_below("a").await, "null is not enabled");
    // A tree that bites its tail ends.
    world.execute(&["UPDATE project SET parent_id = 'c' WHERE id = 'a'"]).await;
    assert!(enabled_below("b").await);
}
