//! `[database] connection`: the URLs by which SQLAlchemy names databases, as far as Fernstone can open them.
//!
//! Facts: `sqlalchemy.engine.url` (which parts there are and which of them are percent-decoded) and the dialects
//! `postgresql+psycopg2` and `sqlite+pysqlite`.

use std::{fmt, path::PathBuf};

use percent_encoding::percent_decode_str;

use crate::domain::secret::SecretText;

use super::Location;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `postgresql://`, whatever driver it names.
    Postgres(PostgresUrl),
    /// `sqlite://`
    Sqlite(SqliteLocation),
}

/// A Postgres server and database. What is absent is left to libpq's defaults (`PGHOST` and so on).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostgresUrl {
    /// User name.
    pub username: Option<String>,
    /// Password.
    pub password: Option<SecretText>,
    /// Host name, address, or the directory of a Unix socket.
    pub host: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// Database name.
    pub database: Option<String>,
    /// libpq's other connection parameters, such as `sslmode`, in order.
    pub parameters: Vec<(String, String)>,
}

/// A SQLite database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteLocation {
    /// In memory, gone with the process.
    Memory,
    /// A file; a relative path is relative to the working directory.
    File(PathBuf),
}

/// A URL that Fernstone cannot open. Messages hold no part of the URL but its scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not of the form `scheme://...`.
    #[error("expected a database URL such as postgresql://user:password@host/database or sqlite:////path")]
    NotAUrl,
    /// MySQL and MariaDB.
    #[error("MySQL and MariaDB are not supported yet ({0}); use postgresql:// or sqlite://")]
    MySql(String),
    /// Any other database.
    #[error("{0} is not supported; use postgresql:// or sqlite://")]
    UnknownScheme(String),
    /// A connection parameter that Fernstone cannot heed.
    #[error("the parameter {0} is not supported")]
    Parameter(String),
    /// A connection parameter with a value that it cannot have, or that Fernstone cannot heed.
    #[error("the parameter {0} has a value that is not supported")]
    ParameterValue(String),
    /// Several hosts to try in turn.
    #[error("several hosts in one URL are not supported; name one, such as that of a load balancer")]
    ManyHosts,
    /// The port is not a number from 0 to 65535.
    #[error("the port is not a port number")]
    Port,
    /// A percent-encoded part is not UTF-8.
    #[error("the {0} is not UTF-8 after percent-decoding")]
    NotText(Part),
    /// A SQLite URL with a host: most often one slash is missing before an absolute path.
    #[error("a SQLite URL names no host: three slashes before a relative path, four before an absolute one")]
    SqliteHost,
}

/// A part of a URL, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The user name.
    Username,
    /// The password.
    Password,
    /// The database name.
    Database,
    /// The query.
    Parameter,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username => "user name",
            Self::Password => "password",
            Self::Database => "database name",
            Self::Parameter => "query",
        })
    }
}

impl DatabaseUrl {
    /// Parses a URL as SQLAlchemy does.
    ///
    /// # Errors
    ///
    /// [`UrlError`] for what is no URL, or names a database that Fernstone cannot open.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlError::NotAUrl)?;
        if scheme.is_empty() || !scheme.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '+') {
            return Err(UrlError::NotAUrl);
        }
        let dialect = scheme.split_once('+').map_or(scheme, |(dialect, _driver)| dialect);
        match dialect {
            "postgresql" | "postgres" => Parts::of(rest)?.into_postgres().map(Self::Postgres),
            "sqlite" => Parts::of(rest)?.into_sqlite().map(Self::Sqlite),
            "mysql" | "mariadb" => Err(UrlError::MySql(scheme.to_owned())),
            _ => Err(UrlError::UnknownScheme(scheme.to_owned())),
        }
    }

    /// What the store opens. `create`: whether a SQLite file that is not there is made.
    ///
    /// # Errors
    ///
    /// A connection parameter that cannot be heeded.
    pub fn location(&self, create: bool) -> Result<Location, UrlError> {
        Ok(match self {
            Self::Postgres(url) => Location::Postgres(Box::new(url.connect_options()?)),
            Self::Sqlite(SqliteLocation::Memory) => Location::SqliteMemory,
            Self::Sqlite(SqliteLocation::File(path)) => Location::SqliteFile { path: path.clone(), create },
        })
    }

    /// Adds parameters as written behind a `?`, as `[database] connection_parameters` gives them.
    ///
    /// # Errors
    ///
    /// As for parameters in the URL itself.
    pub fn with_parameters(mut self, parameters: &str) -> Result<Self, UrlError> {
        if let Self::Postgres(url) = &mut self {
            query(parameters)?.into_iter().try_for_each(|(name, value)| url.set(name, value))?;
        }
        Ok(self)
    }
}

impl PostgresUrl {
    /// Sets a parameter; those for which the URL has a place of its own win over that place.
    fn set(&mut self, name: String, value: String) -> Result<(), UrlError> {
        match name.as_str() {
            "user" => self.username = Some(value),
            "password" => self.password = Some(SecretText::new(value)),
            "dbname" => self.database = Some(value),
            "host" if value.contains(',') => return Err(UrlError::ManyHosts),
            // psycopg2's URLs may put the port behind the host, and repeat the parameter for further hosts.
            "host" if self.parameters.iter().any(|(name, _)| name == "host") => return Err(UrlError::ManyHosts),
            "host" => {
                if let Some((host, port)) = value.rsplit_once(':').filter(|(host, _)| !host.contains(':')) {
                    self.port = Some(port.parse().map_err(|_| UrlError::Port)?);
                    self.host = Some(host.to_owned());
                } else {
                    self.host = Some(value.clone());
                }
                self.parameters.push((name, value));
            }
            "port" => self.port = Some(value.parse().map_err(|_| UrlError::Port)?),
            _ => self.parameters.push((name, value)),
        }
        Ok(())
    }
}

/// The raw parts between `://` and the end.
struct Parts<'a> {
    userinfo: Option<(&'a str, Option<&'a str>)>,
    host: Option<&'a str>,
    port: Option<&'a str>,
    database: Option<&'a str>,
    parameters: Vec<(String, String)>,
}

impl<'a> Parts<'a> {
    fn of(rest: &'a str) -> Result<Self, UrlError> {
        let (userinfo, rest) = split_userinfo(rest);
        let (address, after) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let bracketed = address.strip_prefix('[').and_then(|inner| inner.split_once(']'));
        let (host, port) = match bracketed {
            Some((_, after)) if !after.is_empty() && !after.starts_with(':') => return Err(UrlError::NotAUrl),
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => match address.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (address, None),
            },
        };
        let (path, parameters) = after.split_once('?').unwrap_or((after, ""));
        Ok(Self {
            userinfo,
            host: Some(host).filter(|host| !host.is_empty()),
            port,
            database: path.strip_prefix('/').filter(|name| !name.is_empty()),
            parameters: query(parameters)?,
        })
    }

    fn into_postgres(self) -> Result<PostgresUrl, UrlError> {
        let (username, password) = match self.userinfo {
            Some((username, password)) => (Some(username), password),
            None => (None, None),
        };
        let decoded = |part: Option<&str>, name| part.map(|part| decode(part, name)).transpose();
        let mut url = PostgresUrl {
            username: decoded(username, Part::Username)?.filter(|name| !name.is_empty()),
            password: decoded(password, Part::Password)?.map(SecretText::new),
            host: self.host.map(str::to_owned),
            port: self.port.map(|port| port.parse().map_err(|_| UrlError::Port)).transpose()?,
            database: decoded(self.database, Part::Database)?,
            parameters: Vec::new(),
        };
        self.parameters.into_iter().try_for_each(|(name, value)| url.set(name, value))?;
        Ok(url)
    }

    fn into_sqlite(self) -> Result<SqliteLocation, UrlError> {
        if self.host.is_some() || self.port.is_some() || self.userinfo.is_some() {
            return Err(UrlError::SqliteHost);
        }
        // With `uri=true` the path is a URI of SQLite's own; other parameters are settings of Python's driver.
        if self.parameters.iter().any(|(name, _)| name == "uri") {
            return Err(UrlError::Parameter("uri".to_owned()));
        }
        match self.database.map(|path| decode(path, Part::Database)).transpose()? {
            None => Ok(SqliteLocation::Memory),
            Some(path) if path == ":memory:" => Ok(SqliteLocation::Memory),
            Some(path) => Ok(SqliteLocation::File(path.into())),
        }
    }
}

/// User name and password end at the first `@` behind the first colon; without a colon the user name ends at the last
/// `@` before the first slash.
fn split_userinfo(rest: &str) -> (Option<(&str, Option<&str>)>, &str) {
    let span = rest.find([':', '/']).unwrap_or(rest.len());
    let (username, after) = rest.split_at(span);
    if let Some((password, rest)) = after.strip_prefix(':').and_then(|password| password.split_once('@')) {
        return (Some((username, Some(password))), rest);
    }
    match username.rfind('@') {
        Some(at) => (Some((&rest[..at], None)), &rest[at + 1..]),
        None => (None, rest),
    }
}

/// `name=value` pairs between `&`, `+` standing for a space; pairs without a value are dropped as Python's `parse_qsl`
/// does.
fn query(text: &str) -> Result<Vec<(String, String)>, UrlError> {
    let part = |text: &str| decode(&text.replace('+', " "), Part::Parameter);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('=')).filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| Ok((part(name)?, part(value)?))).collect()
}

fn decode(text: &str, part: Part) -> Result<String, UrlError> {
    percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).map_err(|_| UrlError::NotText(part))
}
