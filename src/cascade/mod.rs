//! What a change takes with it.
//!
//! In Keystone a manager deletes a user, and others hear of it and delete grants, trusts and credentials, or revoke
//! tokens (`keystone/notifications.py` and who registers there). Here each such change is one function with everything
//! that belongs to it, inside the caller's transaction: all of it happens, or nothing.

pub mod domain;
pub mod endpoint;
pub mod group;
pub mod membership;
pub mod project;
pub mod region;
pub mod role;
pub mod service;
pub mod user;

use chrono::{DateTime, TimeDelta, Utc};

/// When a change happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now: the time that revocation events carry.
    pub now: DateTime<Utc>,
    /// Revocation events written before this concern no token that is still good: they are dropped.
    pub oldest: DateTime<Utc>,
}

impl Moment {
    /// Now, with events kept for `kept`: `[token] expiration` and `[revoke] expiration_buffer` together.
    pub fn new(now: DateTime<Utc>, kept: TimeDelta) -> Self {
        Self { now, oldest: now.checked_sub_signed(kept).unwrap_or(DateTime::<Utc>::MIN_UTC) }
    }
}
