//! `/v3/role_inferences` (`keystone/api/role_inferences.py`).

mod list;

pub(in crate::http) use self::list::list;
