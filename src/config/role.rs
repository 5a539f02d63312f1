//! `[role]` (`keystone.conf.role`).

use super::section::section;

section! {
    /// `[role]`
    Role in "role" {
        /// `list_limit`, default none: the most roles a list shows. Unset: `[DEFAULT] list_limit`.
        list_limit: Option<u64> = None,
    }
}
