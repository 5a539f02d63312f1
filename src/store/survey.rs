//! What `doctor` asks of a database: a few sums and names, no secrets.

use chrono::{DateTime, Utc};

use super::{query::Query, row::Row, value::Value};

/// What the database takes for now.
pub fn time() -> Query<Option<DateTime<Utc>>> {
    Query::new("time", "SELECT CURRENT_TIMESTAMP AS now", vec![], |rows| {
        rows.first().map_or(Ok(None), |row| row.opt_time("now"))
    })
}

/// Names of users who could log in at `now` with a password and have the role `admin` somewhere, at most ten.
///
/// Enabled, in an enabled domain, with a password that has not expired; the role directly or through a group, on a
/// project, a domain or the system.
pub fn admins(now: DateTime<Utc>) -> Query<Vec<String>> {
    Query::list(
        "user",
        r#"SELECT DISTINCT local_user.name AS name
            FROM "user"
            JOIN local_user ON local_user.user_id = "user".id
            JOIN project ON project.id = "user".domain_id
            JOIN password ON password.local_user_id = local_user.id
            JOIN (
                SELECT actor_id, role_id FROM assignment
                UNION SELECT actor_id, role_id FROM system_assignment
                UNION SELECT user_group_membership.user_id, assignment.role_id
                    FROM user_group_membership JOIN assignment ON assignment.actor_id = user_group_membership.group_id
                UNION SELECT user_group_membership.user_id, system_assignment.role_id
                    FROM user_group_membership
                    JOIN system_assignment ON system_assignment.actor_id = user_group_membership.group_id
            ) AS held ON held.actor_id = "user".id
            JOIN role ON role.id = held.role_id AND role.name = 'admin'
            WHERE "user".enabled = true AND project.enabled = true AND password.password_hash IS NOT NULL
                AND (password.expires_at_int IS NULL OR password.expires_at_int = 0 OR password.expires_at_int > $1)
            ORDER BY local_user.name LIMIT 10"#,
        vec![Value::Integer(Some(now.timestamp_micros()))],
        |row| row.text("name"),
    )
}

/// How many passwords are hashed in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashKind {
    /// The first seven characters of the hashes: algorithm, and for bcrypt the cost (`$2b$12$`).
    pub prefix: String,
    /// How many begin so.
    pub count: i64,
}

/// How passwords are hashed, by the beginnings of the hashes.
pub fn password_hashes() -> Query<Vec<HashKind>> {
    Query::list(
        "password",
        "SELECT substr(password_hash, 1, 7) AS prefix, COUNT(*) AS count FROM password WHERE password_hash IS NOT NULL
            GROUP BY substr(password_hash, 1, 7) ORDER BY 1",
        vec![],
        |row| Ok(HashKind { prefix: row.text("prefix")?, count: row.integer("count")? }),
    )
}

/// A service of the catalog with one of its endpoints, or without any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The service's type.
    pub service: String,
    /// The endpoint's interface.
    pub interface: Option<String>,
    /// The endpoint's URL.
    pub url: Option<String>,
}

/// What of the catalog is enabled.
pub fn catalog() -> Query<Vec<CatalogEntry>> {
    Query::list(
        "service",
        "SELECT service.type AS type, endpoint.interface AS interface, endpoint.url AS url
            FROM service LEFT JOIN endpoint ON endpoint.service_id = service.id AND endpoint.enabled = true
            WHERE service.enabled = true AND service.type IS NOT NULL
            ORDER BY service.type, endpoint.interface, endpoint.url",
        vec![],
        |row: &Row| {
            Ok(CatalogEntry {
                service: row.text("type")?,
                interface: row.opt_text("interface")?,
                url: row.opt_text("url")?,
            })
        },
    )
}
