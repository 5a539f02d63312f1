//! `/v3/role_assignments` (`keystone/api/role_assignments.py`): who has which role where, as it was granted or as it
//! works out.

mod list;
mod names;
pub(super) mod schema;
mod wanted;
mod wire;

pub(in crate::http) use self::list::list;
