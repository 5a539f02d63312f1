//! `[revoke]`: revocation events (`keystone.conf.revoke`).

use super::section::section;

section! {
    /// `[revoke]`
    Revoke in "revoke" {
        /// `expiration_buffer`, default 1800: an event is kept this long beyond the life of any token it can concern, in
        /// seconds.
        expiration_buffer: u64 = 1800,
    }
}
