//! `/v3/auth` (`keystone/api/auth.py`): tokens, and what the caller's own token can lead to.

pub(in crate::http) mod catalog;
pub(in crate::http) mod domains;
pub(in crate::http) mod projects;
pub(in crate::http) mod system;
pub(in crate::http) mod tokens;

use crate::{assignment::resolver::Holder, domain::ids::GroupId, http::caller::Caller};

/// Whose assignments count: the caller with all groups, those of a federated login too. `None` for the admin token, which
/// is nobody.
fn holder(caller: &Caller) -> Option<Holder<'_>> {
    let context = caller.context()?;
    Some(Holder { user_id: &context.acting_user().id, group_ids: federated_groups(caller) })
}

/// The groups that the caller's federated login brought.
fn federated_groups(caller: &Caller) -> &[GroupId] {
    caller
        .context()
        .and_then(|context| context.claims.grant.federation())
        .map(|federation| federation.group_ids.as_slice())
        .unwrap_or_default()
}
