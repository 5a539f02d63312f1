//! Grants: a role given to a user or a group on a project, a domain or the system, for that alone or for the projects
//! below (`keystone/api/{projects,domains,system,os_inherit}.py`).
//!
//! Keystone has the same four methods four times over; here they are once, and [`path`] says what a URL is about. What
//! really differs between the four is in [`parties`]: what is looked up before the policy is asked, in which order, and
//! whether what is missing is told to those who may not know.
//!
//! Taking a grant away takes nothing with it but the grant. Application credentials, trusts and EC2 credentials that
//! were made with the role stay, and are of use again when it is given back; no token is revoked, because roles are
//! computed anew each time a token is validated (`assignment/core.py`, `delete_grant`).

mod change;
mod parties;
mod path;
mod read;

pub(in crate::http) use self::{
    change::{create, revoke},
    read::{check, list},
};
