//! Configuration that domains have of their own.

use fernstone::store::domain_config::{ConfigOption, Part, delete, open_options, put, sensitive_options};
use serde_json::{Value, json};

use super::{World, on_every_backend};

on_every_backend! {
    options_are_kept_by_domain_group_and_name,
    an_option_is_replaced_whichever_table_it_is_in,
    a_part_is_deleted_and_the_rest_stays,
}

fn option(group: &str, option: &str, value: Value) -> ConfigOption {
    ConfigOption { group: group.to_owned(), option: option.to_owned(), value }
}

async fn store(world: &World, domain: &str, open: &[ConfigOption], sensitive: &[ConfigOption]) {
    let mut transaction = world.store.begin().await.expect("a transaction");
    put(&mut transaction, &domain.into(), open, sensitive).await.expect("the options");
    transaction.commit().await.expect("the transaction commits");
}

async fn open(world: &World, domain: &str, part: Part<'_>) -> Vec<ConfigOption> {
    world.store.run(open_options(&domain.into(), part)).await.expect("an answer")
}

async fn sensitive(world: &World, domain: &str, part: Part<'_>) -> Vec<ConfigOption> {
    world.store.run(sensitive_options(&domain.into(), part)).await.expect("an answer")
}

async fn options_are_kept_by_domain_group_and_name(world: World) {
    let url = option("ldap", "url", json!("ldap://é"));
    let suffix = option("ldap", "suffix", json!({"odd": [1, null, "\u{0}"]}));
    let driver = option("identity", "driver", Value::Null);
    let password = option("ldap", "password", json!("secret"));
    store(&world, "d1", &[url.clone(), driver.clone(), suffix.clone()], std::slice::from_ref(&password)).await;
    store(&world, "d2", std::slice::from_ref(&url), &[]).await;
    assert_eq!(open(&world, "d1", Part::All).await, [driver, suffix.clone(), url.clone()]);
    assert_eq!(open(&world, "d1", Part::Group("ldap")).await, [suffix, url.clone()]);
    assert_eq!(open(&world, "d1", Part::Option("ldap", "url")).await, [url]);
    assert_eq!(open(&world, "d1", Part::Option("ldap", "password")).await, []);
    assert_eq!(open(&world, "d3", Part::All).await, []);
    assert_eq!(sensitive(&world, "d1", Part::All).await, [password]);
    assert_eq!(sensitive(&world, "d2", Part::All).await, []);
}

async fn an_option_is_replaced_whichever_table_it_is_in(world: World) {
    store(&world, "d", &[option("ldap", "url", json!("one"))], &[]).await;
    store(&world, "d", &[option("ldap", "url", json!("two"))], &[]).await;
    assert_eq!(open(&world, "d", Part::All).await, [option("ldap", "url", json!("two"))]);
    store(&world, "d", &[], &[option("ldap", "url", json!("three"))]).await;
    assert_eq!(open(&world, "d", Part::All).await, []);
    assert_eq!(sensitive(&world, "d", Part::All).await, [option("ldap", "url", json!("three"))]);
}

async fn a_part_is_deleted_and_the_rest_stays(world: World) {
    let options = [
        option("identity", "driver", json!("sql")),
        option("ldap", "suffix", json!("s")),
        option("ldap", "url", json!("u")),
    ];
    store(&world, "d", &options, &[option("ldap", "password", json!("p"))]).await;
    store(&world, "other", &options, &[]).await;
    let remove = |part: Part<'static>| {
        let store = world.store.clone();
        async move {
            let mut transaction = store.begin().await.expect("a transaction");
            delete(&mut transaction, &"d".into(), part).await.expect("deleted");
            transaction.commit().await.expect("the transaction commits");
        }
    };
    remove(Part::Option("ldap", "url")).await;
    assert_eq!(open(&world, "d", Part::All).await, options[..2]);
    remove(Part::Group("ldap")).await;
    assert_eq!(open(&world, "d", Part::All).await, options[..1]);
    assert_eq!(sensitive(&world, "d", Part::All).await, []);
    remove(Part::All).await;
    assert_eq!(open(&world, "d", Part::All).await, []);
    assert_eq!(open(&world, "other", Part::All).await, options);
}
