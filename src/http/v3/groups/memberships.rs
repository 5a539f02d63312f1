//! `/v3/groups/{group_id}/users/{user_id}`: who is in a group.

use axum::extract::{Path, State};
use hyper::StatusCode;
use serde_json::Map;

use super::Groups;
use crate::{
    cascade::membership::remove_member,
    domain::ids::{GroupId, UserId},
    http::{
        caller::Caller,
        error::ApiError,
        resource::{Change, Resource},
        state::HttpState,
        v3::users::{Users, find},
    },
    store::{
        StoreError,
        identity::{add_member, group, membership},
    },
};

/// The two ids of the path.
type Ids = Path<(String, String)>;

/// `GET` and `HEAD`: whether a user is in a group, for good or for now.
pub(in crate::http) async fn check(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group_id, user_id)): Ids,
) -> Result<StatusCode, ApiError> {
    let pair = permitted(&state, &caller, "identity:check_user_in_group", &group_id, &user_id).await?.existing()?;
    let now = state.clock.now();
    let ttl = state.settings.identity.default_authorization_ttl;
    let memberships = state.store.run(membership(&pair.user_id, &pair.group_id)).await?;
    if memberships.iter().any(|membership| membership.expires_at(ttl).is_none_or(|end| now < end)) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(pair.not_a_member())
    }
}

/// `PUT`: puts a user into a group. That he is in it already is fine.
pub(in crate::http) async fn add(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group_id, user_id)): Ids,
) -> Result<StatusCode, ApiError> {
    let pair = permitted(&state, &caller, "identity:add_user_to_group", &group_id, &user_id).await?.existing()?;
    let mut change = Change::begin(&state).await?;
    match add_member(&mut change.transaction, &pair.user_id, &pair.group_id).await {
        Ok(_) => change.commit().await?,
        // One of the two was deleted meanwhile.
        Err(StoreError::Conflict { .. }) => {
            drop(change);
            Pair { has_group: state.store.run(group(&pair.group_id)).await?.is_some(), has_user: false, ..pair }
                .existing()?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE`: takes a user out of a group, and revokes his tokens. What a federated login gave cannot be taken away.
pub(in crate::http) async fn remove(
    State(state): State<HttpState>,
    caller: Caller,
    Path((group_id, user_id)): Ids,
) -> Result<StatusCode, ApiError> {
    let pair = permitted(&state, &caller, "identity:remove_user_from_group", &group_id, &user_id).await?.existing()?;
    let mut change = Change::begin(&state).await?;
    let moment = change.moment;
    if !remove_member(&mut change.transaction, &pair.user_id, &pair.group_id, &moment).await? {
        return Err(pair.not_a_member());
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A user and a group, and which of the two exist.
struct Pair {
    group_id: GroupId,
    user_id: UserId,
    has_group: bool,
    has_user: bool,
}

impl Pair {
    /// # Errors
    ///
    /// 404 where one of the two is not there.
    fn existing(self) -> Result<Self, ApiError> {
        if !self.has_group {
            return Err(ApiError::no_such("group", self.group_id.as_str()));
        }
        if !self.has_user {
            return Err(ApiError::no_such("user", self.user_id.as_str()));
        }
        Ok(self)
    }

    fn not_a_member(&self) -> ApiError {
        ApiError::not_found(format!("User '{}' not found in group '{}'", self.user_id, self.group_id))
    }
}

/// Looks both up, and asks whether the caller may do `action` to them.
///
/// # Errors
///
/// 403 for who may not.
async fn permitted(
    state: &HttpState,
    caller: &Caller,
    action: &'static str,
    group_id: &str,
    user_id: &str,
) -> Result<Pair, ApiError> {
    let found_group = state.store.run(group(&group_id.into())).await?;
    let found_user = find(state, user_id).await?;
    let mut target = Map::new();
    if let Some(group) = &found_group {
        target.insert(Groups::MEMBER.to_owned(), Groups::wire(group).into());
    }
    if let Some(user) = &found_user {
        target.insert(Users::MEMBER.to_owned(), Users::wire(user).into());
    }
    caller.may(action).path("group_id", group_id).path("user_id", user_id).on_target(state, target)?;
    Ok(Pair {
        group_id: group_id.into(),
        user_id: user_id.into(),
        has_group: found_group.is_some(),
        has_user: found_user.is_some(),
    })
}
