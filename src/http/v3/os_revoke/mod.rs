//! `/v3/OS-REVOKE` (`keystone/api/os_revoke.py`).

mod events;

pub(in crate::http) use self::events::events;
