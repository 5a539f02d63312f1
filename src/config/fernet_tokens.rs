//! `[fernet_tokens]`: the key repository for tokens (`keystone.conf.fernet_tokens`).

use std::path::PathBuf;

use super::section::section;

section! {
    /// `[fernet_tokens]`
    FernetTokens in "fernet_tokens" {
        /// `key_repository`, default `/etc/keystone/fernet-keys/`: the directory of token keys.
        key_repository: PathBuf = "/etc/keystone/fernet-keys/".into(),
        /// `max_active_keys`, default 3: how many keys a rotation leaves, the staged and the primary one included.
        max_active_keys: u64 = 3,
    }
}
