//! Keystone's schema: making it, recognising it, and what `db_sync` and `db_version` say of it.
//!
//! Facts: Keystone `common/sql/upgrades.py` and the classes `DbSync` and `DbVersion` of `cmd/cli.py`. Keystone keeps two
//! lines of migrations, one to run before an upgrade (expand) and one after (contract), and notes the last one of each
//! in `alembic_version`.

use std::collections::HashSet;

use sqlx::sqlite::SqliteConnection;

use super::{Store, Transaction, backend::Backend, error::StoreError, feed::triggers, query::Query};
use crate::domain::resource::ROOT_DOMAIN_ID;

/// The last expand migration of Keystone 30.
pub const EXPAND_HEAD: &str = "742c857f1dfb";

/// The last contract migration of Keystone 30.
pub const CONTRACT_HEAD: &str = "c88cdce8f248";

/// The expand migrations before that one, and the common root of both lines.
const OLDER_EXPAND: [&str; 6] =
    ["27e647c0fad4", "29e87d24a316", "b4f8b3f584e0", "11c3b243b4cb", "47147121", "e8725d6fa226"];

/// The contract migrations before the last one.
const OLDER_CONTRACT: [&str; 2] = ["e25ffa003242", "99de3849d860"];

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The last expand migration it has seen; `None`: it is under no version control.
    pub expand: Option<String>,
    /// The last contract migration it has seen.
    pub contract: Option<String>,
    /// Rows of `alembic_version` that are no migration of Keystone 30 or of an older one.
    pub unknown: Vec<String>,
}

impl Versions {
    fn of(rows: Vec<String>) -> Self {
        let mut versions = Self { expand: None, contract: None, unknown: Vec::new() };
        for row in rows {
            if row == EXPAND_HEAD || OLDER_EXPAND.contains(&row.as_str()) {
                versions.expand = Some(row);
            } else if row == CONTRACT_HEAD || OLDER_CONTRACT.contains(&row.as_str()) {
                versions.contract = Some(row);
            } else {
                versions.unknown.push(row);
            }
        }
        versions
    }

    fn is_current(&self) -> bool {
        self.unknown.is_empty()
            && self.expand.as_deref() == Some(EXPAND_HEAD)
            && self.contract.as_deref() == Some(CONTRACT_HEAD)
    }

    fn all(&self) -> Vec<String> {
        self.expand.iter().chain(&self.contract).chain(&self.unknown).cloned().collect()
    }
}

/// What `db_sync` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    /// The database was empty and has the schema now.
    Created,
    /// It had it already: nothing was changed.
    Current,
    /// It has the schema, but no version was noted in it. Nothing was changed.
    Unversioned,
}

/// Why `db_sync` left the database as it is.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The database answered with an error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An older Keystone made it.
    #[error(
        "the database is at {}, which is older than Keystone 30: bring it to expand {EXPAND_HEAD} and contract \
         {CONTRACT_HEAD} with Keystone 30's own `keystone-manage db_sync`",
        .found.join(", ")
    )]
    Older {
        /// What `alembic_version` holds.
        found: Vec<String>,
    },
    /// A newer Keystone made it, or something else.
    #[error(
        "the database is at {}, which is no version known to Keystone 30 (expand {EXPAND_HEAD}, contract \
         {CONTRACT_HEAD}); it was not touched",
        .found.join(", ")
    )]
    Unknown {
        /// What `alembic_version` holds.
        found: Vec<String>,
    },
    /// Some of the tables are there, and no version.
    #[error("the database is neither empty nor Keystone's: {}", list(.missing))]
    Incomplete {
        /// What is not there.
        missing: Vec<Missing>,
    },
}

/// A table or column that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The table.
    pub table: &'static str,
    /// The column; `None`: the whole table.
    pub column: Option<&'static str>,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.column {
            None => write!(f, "table {}", self.table),
            Some(column) => write!(f, "column {}.{column}", self.table),
        }
    }
}

fn list(missing: &[Missing]) -> String {
    let shown: Vec<String> = missing.iter().take(5).map(Missing::to_string).collect();
    let more = missing.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more} missing", shown.join(", "))
}

impl Store {
    /// Brings an empty database to the schema of Keystone 30, with the triggers that tell of changes, and leaves any other
    /// as it is.
    ///
    /// # Errors
    /// A [`SchemaError`]; the database is then as it was.
    pub async fn db_sync(&self) -> Result<Synced, SchemaError> {
        let mut transaction = self.begin().await?;
        let columns = transaction.lock_schema_and_list_columns().await?;
        let missing = missing(&columns);
        let versions = versions(&mut transaction, &columns).await?;
        if versions.is_current() && missing.is_empty() {
            return Ok(Synced::Current);
        }
        if !versions.unknown.is_empty() {
            return Err(SchemaError::Unknown { found: versions.all() });
        }
        if versions.is_current() {
            return Err(SchemaError::Incomplete { missing });
        }
        if versions.expand.is_some() || versions.contract.is_some() {
            return Err(SchemaError::Older { found: versions.all() });
        }
        if missing.is_empty() {
            return Ok(Synced::Unversioned);
        }
        // An empty `alembic_version` is what an attempt of Keystone's that failed early leaves behind.
        let tables: HashSet<&str> = expected().iter().map(|(table, _)| *table).collect();
        if columns.iter().any(|(table, _)| table != "alembic_version" && tables.contains(table.as_str())) {
            return Err(SchemaError::Incomplete { missing });
        }
        if columns.iter().any(|(table, _)| table == "alembic_version") {
            transaction.execute("alembic_version", "DROP TABLE alembic_version", vec![]).await?;
        }
        transaction.create_schema().await?;
        insert_root_domain(&mut transaction).await?;
        for head in [EXPAND_HEAD, CONTRACT_HEAD] {
            transaction
                .execute("alembic_version", "INSERT INTO alembic_version (version_num) VALUES ($1)", vec![head.into()])
                .await?;
        }
        if self.database().is_postgres() {
            triggers::install(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(Synced::Created)
    }

    /// The migrations that the database has seen.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn versions(&self) -> Result<Versions, StoreError> {
        let columns = self.database.columns().await?;
        if columns.iter().any(|(table, _)| table == "alembic_version") {
            self.run(alembic_version()).await.map(Versions::of)
        } else {
            Ok(Versions::of(Vec::new()))
        }
    }

    /// The tables and columns of the schema that are not there. A server can work when there are none, whatever
    /// versions are noted; `alembic_version` itself may be missing.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn check_schema(&self) -> Result<Vec<Missing>, StoreError> {
        Ok(missing(&self.database.columns().await?))
    }
}

/// The hidden row that all domains hang from, if it is not there.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn insert_root_domain(transaction: &mut Transaction) -> Result<(), StoreError> {
    transaction
        .execute(
            "project",
            "INSERT INTO project (id, name, extra, description, enabled, domain_id, parent_id, is_domain)
                VALUES ($1, $1, '{}', '', $2, $1, NULL, $3)
                ON CONFLICT (id) DO NOTHING",
            vec![ROOT_DOMAIN_ID.into(), false.into(), true.into()],
        )
        .await
        .map(drop)
}

fn alembic_version() -> Query<Vec<String>> {
    Query::list("alembic_version", "SELECT version_num FROM alembic_version", vec![], |row| row.text("version_num"))
}

async fn versions(transaction: &mut Transaction, columns: &HashSet<(String, String)>) -> Result<Versions, StoreError> {
    if columns.iter().any(|(table, _)| table == "alembic_version") {
        transaction.run(alembic_version()).await.map(Versions::of)
    } else {
        Ok(Versions::of(Vec::new()))
    }
}

/// Every column of the schema with its table, read from the file that makes it.
fn expected() -> Vec<(&'static str, &'static str)> {
    let mut columns = Vec::new();
    let mut table = None;
    for line in SqliteConnection::SCHEMA.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split_whitespace().next().map(|name| name.trim_matches('"'));
        } else if line.starts_with(')') {
            table = None;
        } else if let (Some(table), Some(definition)) = (table, line.strip_prefix("    ")) {
            // Constraints start with a keyword in capitals, columns with their names.
            match definition.split_whitespace().next() {
                Some(name) if !name.starts_with(|first: char| first.is_ascii_uppercase()) => {
                    columns.push((table, name.trim_matches('"')));
                }
                _ => {}
            }
        }
    }
    columns
}

fn missing(existing: &HashSet<(String, String)>) -> Vec<Missing> {
    let tables: HashSet<&str> = existing.iter().map(|(table, _)| table.as_str()).collect();
    let mut missing: Vec<Missing> = Vec::new();
    for (table, column) in expected() {
        if table == "alembic_version" {
            continue;
        }
        if !tables.contains(table) {
            if missing.last().is_none_or(|last| last.table != table) {
                missing.push(Missing { table, column: None });
            }
        } else if !existing.contains(&(table.to_owned(), column.to_owned())) {
            missing.push(Missing { table, column: Some(column) });
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_the_tables_and_columns_of_keystone() {
        let expected = expected();
        let tables: HashSet<&str> = expected.iter().map(|(table, _)| *table).collect();
        assert_eq!(tables.len(), 49);
        assert!(expected.contains(&("sensitive_config", "group")));
        assert!(expected.contains(&("limit", "registered_limit_id")));
        assert!(expected.contains(&("mapping", "schema_version")));
        assert_eq!(expected.iter().filter(|(table, _)| *table == "revocation_event").count(), 13);
    }

    #[test]
    fn what_is_missing_is_named_once() {
        let mut existing: HashSet<(String, String)> =
            expected().into_iter().map(|(table, column)| (table.to_owned(), column.to_owned())).collect();
        existing.retain(|(table, column)| table != "trust" && column != "schema_version" && table != "alembic_version");
        assert_eq!(
            missing(&existing),
            [Missing { table: "mapping", column: Some("schema_version") }, Missing { table: "trust", column: None },]
        );
        let error = SchemaError::Incomplete { missing: missing(&existing) };
        assert_eq!(
            error.to_string(),
            "the database is neither empty nor Keystone's: column mapping.schema_version, table trust missing"
        );
    }
}
