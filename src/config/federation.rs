//! `[federation]` (`keystone.conf.federation`).

use super::section::section;

section! {
    /// `[federation]`
    Federation in "federation" {
        /// `default_authorization_ttl`, default 0: how long a group membership that a federated login gave lasts, in
        /// minutes, where the identity provider does not say.
        default_authorization_ttl: i64 = 0,
        /// `federated_domain_name`, default `Federated`: a name that no domain may have.
        federated_domain_name: String = "Federated".to_owned(),
    }
}
