//! `[unified_limit]`: limits (`keystone.conf.unified_limit`).

use super::section::{choice, section};

section! {
    /// `[unified_limit]`
    UnifiedLimit in "unified_limit" {
        /// `enforcement_model`, default `flat`: what limits of projects have to do with each other.
        enforcement_model: EnforcementModel = EnforcementModel::Flat,
        /// `list_limit`, default none: without effect in Keystone 30 too, which never hands it to the lists of limits.
        list_limit: Option<u64> = None,
    }
}

choice! {
    /// What limits of projects have to do with each other.
    EnforcementModel {
        /// Nothing.
        Flat = "flat",
        /// A domain's limit is the most that one of its projects may have; the tree of projects has two levels at most.
        StrictTwoLevel = "strict_two_level",
    }
}
