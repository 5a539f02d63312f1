//! `[fernet_receipts]`: the key repository for receipts (`keystone.conf.fernet_receipts`).

use std::path::PathBuf;

use super::section::section;

section! {
    /// `[fernet_receipts]`
    FernetReceipts in "fernet_receipts" {
        /// `key_repository`, default `/etc/keystone/fernet-keys/`: the directory of receipt keys.
        key_repository: PathBuf = "/etc/keystone/fernet-keys/".into(),
        /// `max_active_keys`, default 3: how many keys a rotation leaves, the staged and the primary one included.
        max_active_keys: u64 = 3,
    }
}
