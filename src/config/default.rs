//! `[DEFAULT]`: the service as a whole (`keystone.conf.default`, `oslo_log`).

use std::path::PathBuf;

use crate::domain::secret::SecretText;

use super::section::section;

section! {
    /// `[DEFAULT]`
    DefaultSection in "DEFAULT" {
        /// `admin_token`, default none: a token that is admin without a user, for bootstrapping. Unset: there is none.
        admin_token: Option<SecretText> = None,
        /// `public_endpoint`, default none: the URL of the service as clients see it, for links. Unset: links are made
        /// from the request.
        public_endpoint: Option<String> = None,
        /// `list_limit`, default none: the most entries a list shows, where its own section sets no `list_limit`. Unset
        /// and 0: all.
        list_limit: Option<u64> = None,
        /// `max_db_limit`, default 1000: the most entries a `limit` query may ask for at a time.
        max_db_limit: u64 = 1000,
        /// `max_project_tree_depth`, default 5: levels of projects below a domain, the domain counted out.
        max_project_tree_depth: u64 = 5,
        /// `max_token_size`, default 255, in characters: the log tells of tokens that are minted longer.
        max_token_size: u64 = 255,
        /// `max_param_size`, default 64: without effect in Keystone 30 too, which reads it and never asks for it.
        max_param_size: u64 = 64,
        /// `strict_password_check`, default false: refuse a password longer than the hash algorithm can take in,
        /// instead of cutting it.
        strict_password_check: bool = false,
        /// `insecure_debug`, default false: error bodies tell the client what went wrong inside.
        insecure_debug: bool = false,
        /// `debug`, default false: log at level debug.
        debug: bool = false,
        /// `log_file`, default none: where the log goes instead of standard error; relative to `log_dir`.
        log_file: Option<PathBuf> = None,
        /// `log_dir`, default none: the directory of `log_file`; alone, the log is `keystone.log` in it.
        log_dir: Option<PathBuf> = None,
    }
}

impl DefaultSection {
    /// The limit of a list whose own section has `list_limit` set to `own`: zero counts as unset, as in Keystone.
    pub fn list_limit_or(&self, own: Option<u64>) -> Option<u64> {
        let set = |limit: &u64| *limit != 0;
        own.filter(set).or(self.list_limit.filter(set))
    }

    /// The file that the log goes to; `None`: standard error (`oslo_log.log._get_log_file_path`).
    pub fn log_path(&self) -> Option<PathBuf> {
        match (&self.log_dir, &self.log_file) {
            (Some(dir), Some(file)) => Some(dir.join(file)),
            (Some(dir), None) => Some(dir.join("keystone.log")),
            (None, file) => file.clone(),
        }
    }
}
