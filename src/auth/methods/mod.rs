//! The authentication methods, one a file. Each proves an identity or refuses.

pub mod password;
pub mod token;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{ids::UserId, user::User};

/// What a method has proven.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Who it is.
    pub user_id: UserId,
    /// The user, where the method had to read it.
    pub user: Option<Arc<User>>,
    /// The methods that count as used: the method's own name and, for `token`, those of the token.
    pub methods: Vec<String>,
    /// A token made from another does not live longer than that.
    pub expires_at: Option<DateTime<Utc>>,
    /// The head of the chain of tokens that the new one belongs to.
    pub audit_chain_id: Option<String>,
}
