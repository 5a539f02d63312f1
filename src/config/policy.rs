//! `[policy]`: policies kept for other services (`keystone.conf.policy`).

use super::section::section;

section! {
    /// `[policy]`
    Policy in "policy" {
        /// `list_limit`, default none: the most policies a list shows. Unset: `[DEFAULT] list_limit`.
        list_limit: Option<u64> = None,
    }
}
