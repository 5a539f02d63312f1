//! `[catalog]` (`keystone.conf.catalog`).

use super::section::section;

section! {
    /// `[catalog]`
    Catalog in "catalog" {
        /// `list_limit`, default none: the most services, endpoints or regions a list shows. Unset:
        /// `[DEFAULT] list_limit`.
        list_limit: Option<u64> = None,
    }
}
