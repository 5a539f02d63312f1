//! A user with what decides over the user's roles.

use std::{collections::HashMap, sync::Arc};

use super::identity::GroupMembership;
use crate::domain::{
    assignment::{Actor, Assignment},
    ids::UserId,
    user::User,
};

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The user.
    pub user: Arc<User>,
    /// The user's own, on projects and domains; not those of groups.
    pub assignments: Vec<Assignment>,
    /// Those that may have expired included.
    pub memberships: Vec<GroupMembership>,
}

/// From what was read of several users: each of them with what is the user's, by id.
pub fn accounts(
    users: Vec<User>,
    assignments: Vec<Assignment>,
    memberships: Vec<(UserId, GroupMembership)>,
) -> HashMap<UserId, Account> {
    let mut accounts: HashMap<UserId, Account> = users
        .into_iter()
        .map(|user| {
            let account = Account { user: Arc::new(user), assignments: Vec::new(), memberships: Vec::new() };
            (account.user.id.clone(), account)
        })
        .collect();
    for assignment in assignments {
        if let Actor::User(user_id) = &assignment.actor
            && let Some(account) = accounts.get_mut(user_id)
        {
            account.assignments.push(assignment);
        }
    }
    for (user_id, membership) in memberships {
        if let Some(account) = accounts.get_mut(&user_id) {
            account.memberships.push(membership);
        }
    }
    accounts
}
