//! What ends a token's life, and what does not.

use chrono::{SubsecRound, TimeDelta};
use fernstone::{domain::clock::Clock, token::provider::Leniency};

use super::cloud::Cloud;
use crate::store::{World, on_every_backend};

const NOT_VALID: &str = "Failed to validate token";

on_every_backend! {
    a_token_says_the_same_when_it_is_read_as_when_it_was_made,
    a_token_is_good_until_the_second_in_which_it_expires,
    a_window_lets_an_expired_token_pass,
    a_revoked_token_takes_those_made_from_it_along_unless_told_otherwise,
    a_revocation_of_a_child_leaves_its_parent_alone,
    a_disabled_user_stays_revoked_when_enabled_again,
    a_disabled_project_is_named,
    a_user_without_a_role_has_a_token_that_cannot_be_found,
    a_user_who_is_gone_is_named,
    old_events_are_pruned_when_new_ones_are_written,
}

async fn a_token_says_the_same_when_it_is_read_as_when_it_was_made(world: World) {
    let cloud = Cloud::on(world).await;
    let issued = cloud.token().await;
    let read = cloud.tokens.validate(issued.text.expose(), Leniency::default()).await.unwrap();
    assert_eq!(read.context(), issued.token.context());
    assert_eq!(read.claims.issued_at, cloud.clock.now().trunc_subsecs(0), "whole seconds, rounded down");
    let names: Vec<&str> = read.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names.len(), 4, "admin and all that it implies: {names:?}");
}

async fn a_token_is_good_until_the_second_in_which_it_expires(world: World) {
    let cloud = Cloud::on(world).await;
    let token = cloud.token().await;
    let left = token.token.claims.expires_at - cloud.clock.now();
    cloud.clock.advance(left - TimeDelta::microseconds(1));
    assert_eq!(cloud.refusal(&token).await, None);
    cloud.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(cloud.refusal(&token).await.as_deref(), Some(NOT_VALID));
}

async fn a_window_lets_an_expired_token_pass(world: World) {
    let cloud = Cloud::on(world).await;
    let token = cloud.token().await;
    cloud.clock.advance(TimeDelta::hours(2));
    let window = |hours| Leniency { expired_for: TimeDelta::hours(hours), ..Leniency::default() };
    assert!(cloud.tokens.validate(token.text.expose(), window(1)).await.is_err());
    assert!(cloud.tokens.validate(token.text.expose(), window(2)).await.is_ok());
}

async fn a_revoked_token_takes_those_made_from_it_along_unless_told_otherwise(world: World) {
    let cloud = Cloud::on(world).await;
    let parent = cloud.token().await;
    let child = cloud.child_of(&parent).await;
    let other = cloud.token().await;
    cloud.tokens.revoke(parent.text.expose(), false).await.unwrap();
    assert_eq!(cloud.refusal(&parent).await.as_deref(), Some(NOT_VALID));
    assert_eq!(cloud.refusal(&child).await, None);

    let parent = cloud.token().await;
    let grandchild = cloud.child_of(&cloud.child_of(&parent).await).await;
    cloud.tokens.revoke(parent.text.expose(), true).await.unwrap();
    assert_eq!(cloud.refusal(&grandchild).await.as_deref(), Some(NOT_VALID));
    assert_eq!(cloud.refusal(&other).await, None, "a login of its own");
}

async fn a_revocation_of_a_child_leaves_its_parent_alone(world: World) {
    let cloud = Cloud::on(world).await;
    let parent = cloud.token().await;
    let child = cloud.child_of(&parent).await;
    cloud.tokens.revoke(child.text.expose(), true).await.unwrap();
    assert!(cloud.refusal(&child).await.is_some());
    assert_eq!(cloud.refusal(&parent).await, None);
}

async fn a_disabled_user_stays_revoked_when_enabled_again(world: World) {
    let cloud = Cloud::on(world).await;
    let token = cloud.token().await;
    cloud.world.execute(&[r#"UPDATE "user" SET enabled = FALSE"#]).await;
    let expected = format!("Could not find token: {}.", token.text.expose());
    assert_eq!(cloud.refusal(&token).await, Some(expected));
    cloud.world.execute(&[r#"UPDATE "user" SET enabled = TRUE"#]).await;
    assert_eq!(cloud.refusal(&token).await.as_deref(), Some(NOT_VALID));
    cloud.clock.advance(TimeDelta::seconds(1));
    assert_eq!(cloud.refusal(&cloud.token().await).await, None, "a new login");
}

async fn a_disabled_project_is_named(world: World) {
    let cloud = Cloud::on(world).await;
    let token = cloud.token().await;
    cloud.world.execute(&["UPDATE project SET enabled = FALSE WHERE is_domain = FALSE"]).await;
    let expected = format!("Unable to validate token because project {} is disabled", cloud.made.project_id);
    assert_eq!(cloud.refusal(&token).await, Some(expected));
}

async fn a_user_without_a_role_has_a_token_that_cannot_be_found(world: World) {
    let cloud = Cloud::on(world).await;
    let token = cloud.token().await;
    cloud.world.execute(&["DELETE FROM assignment"]).await;
    let expected = format!("Could not find token: {}.", token.text.expose());
    assert_eq!(cloud.refusal(&token).await, Some(expected));
    let error = cloud.tokens.issue(cloud.request()).await.unwrap_err().to_string();
    assert!(error.ends_with(&format!("has no access to project {}", cloud.made.project_id)), "{error}");
}

async fn a_user_who_is_gone_is_named(world: World) {
    let cloud = Cloud::on(world).await;
    let token = cloud.token().await;
    cloud.world.execute(&["DELETE FROM assignment", "DELETE FROM local_user", r#"DELETE FROM "user""#]).await;
    assert_eq!(cloud.refusal(&token).await, Some(format!("Could not find user: {}.", cloud.made.user_id)));
}

async fn old_events_are_pruned_when_new_ones_are_written(world: World) {
    let cloud = Cloud::on(world).await;
    let events = async || cloud.world.store.run(fernstone::store::revocation::events(None)).await.unwrap().len();
    cloud.tokens.revoke(cloud.token().await.text.expose(), true).await.unwrap();
    assert_eq!(events().await, 2);
    cloud.clock.advance(TimeDelta::minutes(89));
    cloud.tokens.revoke(cloud.token().await.text.expose(), false).await.unwrap();
    assert_eq!(events().await, 3, "a token of an hour and thirty minutes' margin");
    cloud.clock.advance(TimeDelta::minutes(2));
    cloud.tokens.revoke(cloud.token().await.text.expose(), false).await.unwrap();
    assert_eq!(events().await, 2);
}
