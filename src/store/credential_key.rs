//! Stored credentials as far as their encryption goes: with which key each is encrypted, and encrypting it anew. Facts:
//! Keystone `credential/backends/sql.py`, and `credential_rotate` and `credential_migrate` of `cmd/cli.py`.

use super::{Store, error::StoreError, query::Query, row::Row, value::Value};

/// A row of `credential`, without whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCredential {
    /// Its id.
    pub id: String,
    /// Which key it is encrypted with: the SHA-1 of the key's text.
    pub key_hash: String,
    /// The secret, encrypted.
    pub encrypted_blob: String,
}

/// Credentials that are encrypted with another key than the one with this hash, by id, after the credential `after`; at
/// most `limit` of them.
pub fn credentials_of_other_keys(key_hash: &str, after: &str, limit: i64) -> Query<Vec<SealedCredential>> {
    Query::list(
        "credential",
        "SELECT id, key_hash, encrypted_blob FROM credential WHERE key_hash <> $1 AND id > $2 ORDER BY id LIMIT $3",
        vec![key_hash.into(), after.into(), Value::Integer(Some(limit))],
        sealed_from,
    )
}

/// How many credentials are encrypted with another key than the one with this hash.
pub fn count_of_other_keys(key_hash: &str) -> Query<i64> {
    count("SELECT COUNT(*) AS count FROM credential WHERE key_hash <> $1", vec![key_hash.into()])
}

/// How many credentials there are.
pub fn count_of_all() -> Query<i64> {
    count("SELECT COUNT(*) AS count FROM credential", vec![])
}

fn count(sql: &'static str, values: Vec<Value>) -> Query<i64> {
    Query::new("credential", sql, values, |rows| rows.first().map_or(Ok(0), |row| row.integer("count")))
}

impl Store {
    /// Puts the same secret, encrypted with another key, in the place of what was read. `false`: somebody changed or
    /// deleted the credential meanwhile, and it was left alone.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn reseal(&self, read: &SealedCredential, sealed: &str, key_hash: &str) -> Result<bool, StoreError> {
        let rows = self
            .execute(
                "credential",
                "UPDATE credential SET encrypted_blob = $1, key_hash = $2
                WHERE id = $3 AND key_hash = $4 AND encrypted_blob = $5",
                vec![
                    sealed.into(),
                    key_hash.into(),
                    read.id.as_str().into(),
                    read.key_hash.as_str().into(),
                    read.encrypted_blob.as_str().into(),
                ],
            )
            .await?;
        Ok(rows > 0)
    }
}

fn sealed_from(row: &Row) -> Result<SealedCredential, StoreError> {
    Ok(SealedCredential {
        id: row.text("id")?,
        key_hash: row.text("key_hash")?,
        encrypted_blob: row.text("encrypted_blob")?,
    })
}
