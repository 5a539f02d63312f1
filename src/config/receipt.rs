//! `[receipt]`: proof of a login with some factors missing (`keystone.conf.receipt`).

use super::section::section;

section! {
    /// `[receipt]`
    Receipt in "receipt" {
        /// `expiration`, default 300: how long a receipt can be turned into a token, in seconds.
        expiration: u64 = 300,
    }
}
