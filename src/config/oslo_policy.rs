//! `[oslo_policy]`: who may do what (`oslo_policy.opts`).

use std::path::PathBuf;

use super::section::section;

section! {
    /// `[oslo_policy]`
    OsloPolicy in "oslo_policy" {
        /// `policy_file`, default `policy.yaml`: rules that override Keystone's. A relative path is looked for beside
        /// the configuration files. Absent: Keystone's rules alone.
        policy_file: PathBuf = "policy.yaml".into(),
        /// `policy_dirs`, default `policy.d`, may be repeated: directories of more such files, found in the same way.
        policy_dirs: Vec<PathBuf> = vec!["policy.d".into()],
        /// `policy_default_rule`, default `default`: the rule for an action that has none.
        policy_default_rule: String = "default".to_owned(),
        /// `enforce_scope`, default true: refuse a token whose scope the rule is not for, instead of only logging it.
        enforce_scope: bool = true,
        /// `enforce_new_defaults`, default true: leave out the older rules that deprecated ones are combined with.
        enforce_new_defaults: bool = true,
    }
}
