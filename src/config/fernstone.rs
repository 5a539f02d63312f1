//! `[fernstone]`: what Keystone leaves to the web server around it.

use super::section::{choice, section};

section! {
    /// `[fernstone]`
    Fernstone in "fernstone" {
        /// `listen`, default `127.0.0.1:5000`: address and port to serve on; port 0 picks a free one.
        listen: String = "127.0.0.1:5000".to_owned(),
        /// `metrics_listen`, default none: address and port to serve Prometheus metrics on, below `/metrics`, to whoever
        /// asks; port 0 picks a free one. Unset: nowhere.
        metrics_listen: Option<String> = None,
        /// `log_format`, default `text`: how log lines look.
        log_format: LogFormat = LogFormat::Text,
        /// `kept_tokens`, default 20000: how many tokens that were found good are kept in memory, and as many users,
        /// projects, and users' accesses to scopes; 0 keeps none. What is
        /// kept is used only while the database tells of its changes, and for no longer than nothing has changed.
        kept_tokens: u64 = 20_000,
        /// `roster_users`, default 1000000: how many users are at hand in memory on Postgres, with their own assignments and memberships, before anybody
        /// asks for them: some 80 bytes each; 0, or `kept_tokens = 0`: none.
        roster_users: u64 = 1_000_000,
        /// `kept_catalogs`, default 1000: how many different catalogs are kept in memory, as text, which tokens share; 0: none
        /// is shared. With URLs that name the project each project has one.
        kept_catalogs: u64 = 1000,
        /// `statement_timeout`, default 10: seconds that a statement may take on a Postgres server; 0: any number. A server
        /// that does not even end it is given up on a second later.
        statement_timeout: u64 = 10,
        /// `database_queue`, default 1000: how many requests may wait for a connection of the pool; one more is answered
        /// with 503 at once.
        database_queue: u64 = 1000,
        /// `password_queue`, default none: how many passwords may wait to be hashed; one more is answered with 503 at
        /// once. Unset: 64 for each processor.
        password_queue: Option<u64> = None,
    }
}

choice! {
    /// How log lines look.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines: a JSON object a line.
        Json = "json",
    }
}
