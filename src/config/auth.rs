//! `[auth]`: the ways to log in (`keystone.conf.auth`).

use super::section::section;

section! {
    /// `[auth]`
    Auth in "auth" {
        /// `methods`, default external, password, token, oauth1, mapped, application_credential, ec2credential: the
        /// methods in the order of their bits in a token.
        methods: Vec<String> = [
            "external", "password", "token", "oauth1", "mapped", "application_credential", "ec2credential",
        ].map(str::to_owned).to_vec(),
        /// `additional_primary_auth_methods`, default empty: methods of custom plugins that prove a user himself, so that
        /// their tokens may be exchanged for others.
        additional_primary_auth_methods: Vec<String> = Vec::new(),
    }
}
