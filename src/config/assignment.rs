//! `[assignment]` (`keystone.conf.assignment`).

use super::section::section;

section! {
    /// `[assignment]`
    Assignment in "assignment" {
        /// `prohibited_implied_role`, default admin: names of roles that no other role may imply.
        prohibited_implied_role: Vec<String> = vec!["admin".to_owned()],
    }
}
