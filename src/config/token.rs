//! `[token]` (`keystone.conf.token`).

use super::section::section;

section! {
    /// `[token]`
    Token in "token" {
        /// `expiration`, default 3600: how long a token lives, in seconds.
        expiration: u64 = 3600,
        /// `allow_expired_window`, default 172800: how long after its expiry a token still validates for services that
        /// ask with `allow_expired`, in seconds.
        allow_expired_window: u64 = 172_800,
        /// `allow_rescope_scoped_token`, default true: whether a scoped token may be exchanged for another scope.
        allow_rescope_scoped_token: bool = true,
        /// `revoke_by_id`, default true: whether a revoked token is also entered by its audit id.
        revoke_by_id: bool = true,
    }
}
