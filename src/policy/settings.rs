//! What an operator can set about policy: the `[oslo_policy]` section, as this module wants it handed down.

use std::path::PathBuf;

/// Where rules are read from, and how strictly they are applied.
///
/// Defaults are those of oslo.policy 6.0.1 (`oslo_policy.opts`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// `policy_file`, default `policy.yaml`: YAML or JSON, rule name to rule. A relative name is looked for in
    /// `search_dirs`; where it is not found, the default rules alone apply.
    pub policy_file: PathBuf,
    /// `policy_dirs`, default `policy.d`: each file in such a directory is applied on top of `policy_file`, in the order
    /// of their names. Hidden files and subdirectories are left out, missing directories are fine.
    pub policy_dirs: Vec<PathBuf>,
    /// Where relative names are looked for, first match first. oslo.config's order (`ConfigOpts.find_file`): the
    /// `--config-dir`s, the directories of the `--config-file`s from the last to the first, `~/.keystone`, `~`,
    /// `/etc/keystone`, `/etc`.
    pub search_dirs: Vec<PathBuf>,
    /// `policy_default_rule`, default `default`: the rule that stands in for one that does not exist. Where it does not
    /// exist either, the answer is no.
    pub default_rule: String,
    /// `enforce_scope`, default true: whether a token of a scope that the rule is not meant for is refused. oslo.policy
    /// 6.0.1 always refuses it; the option is of its earlier releases.
    pub enforce_scope: bool,
    /// `enforce_new_defaults`, default true: whether the default rules of earlier releases no longer count. When false, a
    /// default rule that replaced another one is satisfied by either.
    pub enforce_new_defaults: bool,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self {
            policy_file: PathBuf::from("policy.yaml"),
            policy_dirs: vec![PathBuf::from("policy.d")],
            search_dirs: Vec::new(),
            default_rule: String::from("default"),
            enforce_scope: true,
            enforce_new_defaults: true,
        }
    }
}
