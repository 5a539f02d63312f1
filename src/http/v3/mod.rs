//! The endpoints, by noun: one endpoint a file, and in each noun's `mod.rs` what is particular about it.

pub(super) mod auth;
pub(super) mod discovery;
pub(super) mod domains;
pub(super) mod endpoints;
pub(super) mod os_revoke;
pub(super) mod projects;
pub(super) mod regions;
pub(super) mod services;
pub(super) mod users;

use super::{error::ApiError, hints::Hints, inbound::Facts, state::HttpState};

/// What a caller asks of a list of services, endpoints or regions.
fn catalog_hints(state: &HttpState, inbound: &Facts, filters: &[&str]) -> Result<Hints, ApiError> {
    let integer = |limit: u64| i64::try_from(limit).unwrap_or(i64::MAX);
    let mut hints = Hints::from_query(&inbound.query, filters, None, integer(state.settings.max_db_limit))?;
    hints.limit = hints.limit.or(state.settings.catalog_list_limit.filter(|limit| *limit > 0).map(integer));
    Ok(hints)
}
