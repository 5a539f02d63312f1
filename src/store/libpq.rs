//! From a database URL to the connection that libpq would make of it, as far as the SQL library can make the same one.
//! A parameter that changes who is trusted or which server is asked, and that cannot be heeded, is refused; one that
//! only tunes the connection is left out.

use std::net::IpAddr;

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use url::Url;

use super::url::{PostgresUrl, UrlError};

/// Parameters of libpq and of its Python drivers without a counterpart here, whose absence nobody is harmed by.
const TUNING: &[&str] = &[
    "connect_timeout",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
];

impl PostgresUrl {
    /// What to connect with. Absent parts come from libpq's environment variables (`PGHOST`, `PGPASSWORD`, ...) and its
    /// password file.
    ///
    /// # Errors
    ///
    /// [`UrlError::Parameter`] and [`UrlError::ParameterValue`] for parameters that cannot be heeded.
    pub fn connect_options(&self) -> Result<PgConnectOptions, UrlError> {
        let mut url = Url::parse("postgres:///").map_err(|_| UrlError::NotAUrl)?;
        {
            let mut pairs = url.query_pairs_mut();
            let mut pair = |name: &str, value: Option<&str>| {
                if let Some(value) = value {
                    pairs.append_pair(name, value);
                }
            };
            pair("host", self.host.as_deref());
            pair("port", self.port.map(|port| port.to_string()).as_deref());
            pair("user", self.username.as_deref());
            pair("password", self.password.as_ref().map(|password| password.expose()));
            pair("dbname", self.database.as_deref());
            let mut trusted_root = false;
            for (name, value) in &self.parameters {
                let bad_value = || UrlError::ParameterValue(name.clone());
                match name.as_str() {
                    // Taken above.
                    "host" => {}
                    "hostaddr" => {
                        value.parse::<IpAddr>().map_err(|_| bad_value())?;
                        pair(name, Some(value));
                    }
                    "sslmode" => {
                        value.parse::<PgSslMode>().map_err(|_| bad_value())?;
                        pair(name, Some(value));
                    }
                    "sslrootcert" if value == "system" => {}
                    "sslrootcert" => {
                        trusted_root = true;
                        pair(name, Some(value));
                    }
                    "sslcert" | "sslkey" | "application_name" | "options" => pair(name, Some(value)),
                    "client_encoding" if is_utf8(value) => {}
                    "target_session_attrs" if value == "any" => {}
                    "client_encoding" | "target_session_attrs" => return Err(bad_value()),
                    tuning if TUNING.contains(&tuning) => {}
                    _ => return Err(UrlError::Parameter(name.clone())),
                }
            }
            // libpq checks the server's certificate whenever it is given a root to check against.
            let last_mode = self.parameters.iter().rev().find(|(name, _)| name == "sslmode");
            if trusted_root && last_mode.is_some_and(|(_, mode)| mode == "require") {
                pair("sslmode", Some("verify-ca"));
            }
        }
        // Every part that can be refused has been looked at above; the error itself might quote the password.
        PgConnectOptions::from_url(&url).map_err(|_| UrlError::NotAUrl)
    }
}

fn is_utf8(encoding: &str) -> bool {
    ["utf8", "utf-8", "unicode", "utf_8"].contains(&encoding.to_lowercase().as_str())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use crate::store::url::DatabaseUrl;

    use super::*;

    fn options(url: &str) -> Result<PgConnectOptions, UrlError> {
        match DatabaseUrl::parse(url)? {
            DatabaseUrl::Postgres(url) => url.connect_options(),
            DatabaseUrl::Sqlite(_) => Err(UrlError::NotAUrl),
        }
    }

    #[test]
    fn every_part_of_a_url_arrives_decoded() {
        let options = options("postgresql+psycopg2://key%40stone:p%2Fw@db:5433/k%20db?application_name=a+b").unwrap();
        assert_eq!(options.get_username(), "key@stone");
        assert_eq!(options.get_host(), "db");
        assert_eq!(options.get_port(), 5433);
        assert_eq!(options.get_database(), Some("k db"));
        assert_eq!(options.get_application_name(), Some("a b"));
        assert_eq!(options.to_url_lossy().password(), Some("p%2Fw"));
    }

    #[test]
    fn brackets_around_an_address_are_not_part_of_it() {
        assert_eq!(options("postgresql://[::1]:5433/k").unwrap().get_host(), "::1");
    }

    #[test]
    fn a_socket_directory_is_no_host_name() {
        let options = options("postgresql://keystone@/keystone?host=/var/run/postgresql&port=5444").unwrap();
        assert_eq!(options.get_socket().unwrap().to_str(), Some("/var/run/postgresql"));
        assert_eq!(options.get_port(), 5444);
    }

    #[test]
    fn require_with_a_root_certificate_verifies_as_libpq_does() {
        let mode = |url| options(url).unwrap().get_ssl_mode() as u8;
        assert_eq!(mode("postgresql://h/d"), PgSslMode::Prefer as u8);
        assert_eq!(mode("postgresql://h/d?sslmode=require"), PgSslMode::Require as u8);
        assert_eq!(mode("postgresql://h/d?sslmode=require&sslrootcert=/ca"), PgSslMode::VerifyCa as u8);
        assert_eq!(mode("postgresql://h/d?sslrootcert=/ca&sslmode=require"), PgSslMode::VerifyCa as u8);
        assert_eq!(mode("postgresql://h/d?sslrootcert=/ca&sslmode=verify-full"), PgSslMode::VerifyFull as u8);
        assert_eq!(mode("postgresql://h/d?sslrootcert=/ca&sslmode=disable"), PgSslMode::Disable as u8);
    }

    #[test]
    fn what_changes_trust_and_cannot_be_heeded_is_refused() {
        let refused = |url| options(url).unwrap_err();
        assert_eq!(refused("postgresql://h/d?channel_binding=require"), UrlError::Parameter("channel_binding".into()));
        assert_eq!(refused("postgresql://h/d?sslcrl=/crl"), UrlError::Parameter("sslcrl".into()));
        assert_eq!(refused("postgresql://h/d?sslmode=maybe"), UrlError::ParameterValue("sslmode".into()));
        assert_eq!(
            refused("postgresql://h/d?client_encoding=latin1"),
            UrlError::ParameterValue("client_encoding".into())
        );
        assert_eq!(refused("postgresql://h/d?host=a,b"), UrlError::ManyHosts);
        assert_eq!(refused("postgresql://h/d?host=a:1&host=b:2"), UrlError::ManyHosts);
        assert!(options("postgresql://h/d?connect_timeout=3&keepalives=1&client_encoding=UTF8").is_ok());
    }
}
