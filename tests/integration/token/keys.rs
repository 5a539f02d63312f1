//! Tokens while keys change under them. The ring here never looks at its directory unless it is asked to, so each of
//! these tests fails if nobody asks.

use std::fs;

use fernstone::{
    keys::{KeyOwner, KeyRing},
    token::error::{IssueError, ValidationError},
};

use super::cloud::Cloud;
use crate::store::World;

async fn cloud() -> Cloud {
    Cloud::on(World::sqlite_memory().await).await
}

#[tokio::test]
async fn a_token_of_another_node_that_has_rotated_opens_at_once() {
    let here = cloud().await;
    here.repository.rotate(KeyOwner::default(), &*here.random).unwrap();
    here.repository.rotate(KeyOwner::default(), &*here.random).unwrap();
    // What another node with the same directory mints now is sealed by a key that the ring here has not seen.
    let elsewhere = KeyRing::fixed(here.repository.load());
    let token = here.tokens.clone().with_keys(elsewhere).issue(here.request()).await.unwrap();
    assert_eq!(here.refusal(&token).await, None);
}

#[tokio::test]
async fn a_token_whose_key_is_gone_is_refused_though_it_was_accepted_before() {
    let cloud = cloud().await;
    let token = cloud.token().await;
    assert_eq!(cloud.refusal(&token).await, None);
    fs::remove_file(cloud.repository.path().join("1")).unwrap();
    // The next unknown token makes the ring look, and what it sees counts for all.
    let garbage = cloud.tokens.validate(&format!("gAAAAA{}", "A".repeat(200)), Default::default()).await;
    assert!(matches!(garbage, Err(ValidationError::Unrecognized)));
    assert_eq!(cloud.refusal(&token).await.as_deref(), Some("Could not recognize Fernet token"));
}

#[tokio::test]
async fn after_a_rotation_the_new_primary_mints_and_the_old_one_still_opens() {
    let cloud = cloud().await;
    let old = cloud.token().await;
    cloud.repository.rotate(KeyOwner::default(), &*cloud.random).unwrap();
    _ = cloud.tokens.validate(&format!("gAAAAA{}", "A".repeat(200)), Default::default()).await;
    let new = cloud.token().await;
    assert_eq!(cloud.refusal(&old).await, None);
    fs::remove_file(cloud.repository.path().join("1")).unwrap();
    _ = cloud.tokens.validate(&format!("gAAAAA{}", "A".repeat(200)), Default::default()).await;
    assert!(cloud.refusal(&old).await.is_some());
    assert_eq!(cloud.refusal(&new).await, None, "sealed by the key that became 2");
}

#[tokio::test]
async fn a_malformed_primary_stops_minting_and_not_validation() {
    let cloud = cloud().await;
    let token = cloud.token().await;
    fs::write(cloud.repository.path().join("2"), "not a key").unwrap();
    _ = cloud.tokens.validate(&format!("gAAAAA{}", "A".repeat(200)), Default::default()).await;
    assert!(matches!(cloud.tokens.issue(cloud.request()).await, Err(IssueError::PrimaryKey(_))));
    assert_eq!(cloud.refusal(&token).await, None);
}

#[tokio::test]
async fn without_keys_nothing_works_and_the_error_says_so() {
    let cloud = cloud().await;
    let token = cloud.token().await;
    fs::remove_dir_all(cloud.repository.path()).unwrap();
    _ = cloud.tokens.validate(&format!("gAAAAA{}", "A".repeat(200)), Default::default()).await;
    let message = "No encryption keys found; run keystone-manage fernet_setup to bootstrap one.";
    assert_eq!(cloud.refusal(&token).await.as_deref(), Some(message));
    assert_eq!(cloud.tokens.issue(cloud.request()).await.unwrap_err().to_string(), message);
}
