//! `[credential]` (`keystone.conf.credential`).

use std::path::PathBuf;

use super::section::section;

section! {
    /// `[credential]`
    Credential in "credential" {
        /// `key_repository`, default `/etc/keystone/credential-keys/`: the keys that stored credentials are encrypted
        /// with.
        key_repository: PathBuf = "/etc/keystone/credential-keys/".into(),
    }
}
