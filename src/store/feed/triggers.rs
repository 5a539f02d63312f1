//! What makes Postgres announce changes, whoever makes them: a Fernstone, a Keystone, or somebody with `psql`.
//!
//! After each statement on a table that tokens are made from, a trigger announces the [`Topic`](super::Topic)s of the rows
//! that changed. Whole statements and not rows, so that a bulk load costs one announcement for a table. Nothing of
//! Keystone's schema is changed: the triggers, their functions and some indexes can be taken away again at any time.
//!
//! Also here, because it is installed and removed with the triggers: indexes that Keystone's own schema lacks, without
//! which looking up one user reads the passwords of all, and one token the revocations of all.

use crate::store::{Query, Store, StoreError, Transaction};

/// A table whose changes are announced.
struct Announced {
    table: &'static str,
    /// SQL for the name of a row's topic, as `Topic` makes it, of the row `changed`; null: of no interest.
    topic: &'static str,
    /// The columns that matter: an update of others is not announced.
    columns: &'static [&'static str],
}

const ANNOUNCED: &[Announced] = &[
    Announced {
        table: "user",
        topic: "'u:' || changed.id",
        columns: &["id", "domain_id", "enabled", "default_project_id", "created_at", "last_active_at", "extra"],
    },
    // Not the count of failed logins: it changes with every wrong password, and no token shows it.
    Announced {
        table: "local_user",
        topic: "'u:' || changed.user_id",
        columns: &["id", "user_id", "domain_id", "name"],
    },
    Announced { table: "nonlocal_user", topic: "'u:' || changed.user_id", columns: &["user_id", "domain_id", "name"] },
    Announced {
        table: "federated_user",
        topic: "'u:' || changed.user_id",
        columns: &["id", "user_id", "idp_id", "protocol_id", "unique_id", "display_name"],
    },
    Announced {
        table: "password",
        topic: "'u:' || (SELECT local_user.user_id FROM local_user WHERE local_user.id = changed.local_user_id)",
        columns: &["id", "local_user_id", "expires_at", "expires_at_int", "created_at", "created_at_int"],
    },
    Announced {
        table: "user_option",
        topic: "'u:' || changed.user_id",
        columns: &["user_id", "option_id", "option_value"],
    },
    Announced { table: "user_group_membership", topic: "'u:' || changed.user_id", columns: &["user_id", "group_id"] },
    Announced {
        table: "expiring_user_group_membership",
        topic: "'u:' || changed.user_id",
        columns: &["user_id", "group_id", "idp_id", "last_verified"],
    },
    Announced {
        table: "assignment",
        topic: "(CASE WHEN changed.type::text LIKE 'Group%' THEN 'g:' ELSE 'u:' END) || changed.actor_id",
        columns: &["type", "actor_id", "target_id", "role_id", "inherited"],
    },
    Announced {
        table: "system_assignment",
        topic: "(CASE WHEN changed.type LIKE 'Group%' THEN 'g:' ELSE 'u:' END) || changed.actor_id",
        columns: &["type", "actor_id", "target_id", "role_id", "inherited"],
    },
    Announced {
        table: "project",
        topic: "'p:' || changed.id",
        columns: &["id", "name", "extra", "description", "enabled", "domain_id", "parent_id", "is_domain"],
    },
    Announced { table: "role", topic: "'r:'", columns: &["id", "name", "extra", "domain_id", "description"] },
    Announced { table: "role_option", topic: "'r:'", columns: &["role_id", "option_id", "option_value"] },
    Announced { table: "implied_role", topic: "'r:'", columns: &["prior_role_id", "implied_role_id"] },
    Announced { table: "service", topic: "'c:'", columns: &["id", "type", "enabled", "extra"] },
    Announced {
        table: "endpoint",
        topic: "'c:'",
        columns: &["id", "interface", "service_id", "url", "extra", "enabled", "region_id"],
    },
    Announced { table: "endpoint_group", topic: "'c:'", columns: &["id", "filters"] },
    Announced { table: "project_endpoint", topic: "'c:'", columns: &["endpoint_id", "project_id"] },
    Announced { table: "project_endpoint_group", topic: "'c:'", columns: &["endpoint_group_id", "project_id"] },
    Announced { table: "service_provider", topic: "'c:'", columns: &["id", "enabled", "auth_url", "sp_url"] },
    Announced { table: "identity_provider", topic: "'f:'", columns: &["id", "authorization_ttl"] },
    Announced {
        table: "trust",
        topic: "'t:' || changed.id",
        columns: &[
            "id",
            "trustor_user_id",
            "trustee_user_id",
            "project_id",
            "impersonation",
            "deleted_at",
            "expires_at",
            "expires_at_int",
            "remaining_uses",
            "redelegated_trust_id",
        ],
    },
    Announced { table: "trust_role", topic: "'t:' || changed.trust_id", columns: &["trust_id", "role_id"] },
    Announced {
        table: "application_credential",
        topic: "'a:' || changed.id",
        columns: &["internal_id", "id", "name", "user_id", "project_id", "expires_at", "unrestricted"],
    },
    Announced {
        table: "application_credential_role",
        topic: "'a:' || (SELECT found.id FROM application_credential AS found
            WHERE found.internal_id = changed.application_credential_id)",
        columns: &["application_credential_id", "role_id"],
    },
    Announced {
        table: "application_credential_access_rule",
        topic: "'l:'",
        columns: &["application_credential_id", "access_rule_id"],
    },
    Announced { table: "access_rule", topic: "'l:'", columns: &["id", "service", "path", "method", "external_id"] },
    Announced { table: "consumer", topic: "'o:'", columns: &["id"] },
    Announced {
        table: "access_token",
        topic: "'o:'",
        columns: &["id", "authorizing_user_id", "project_id", "role_ids", "consumer_id", "expires_at"],
    },
    // By the rarest of what an event names; an event that names none of these is about everybody.
    Announced {
        table: "revocation_event",
        topic: "CASE
            WHEN changed.audit_id IS NOT NULL THEN 'x:' || changed.audit_id
            WHEN changed.audit_chain_id IS NOT NULL THEN 'x:' || changed.audit_chain_id
            WHEN changed.user_id IS NOT NULL THEN 'u:' || changed.user_id
            WHEN changed.trust_id IS NOT NULL THEN 't:' || changed.trust_id
            WHEN changed.project_id IS NOT NULL THEN 'p:' || changed.project_id
            WHEN changed.domain_id IS NOT NULL THEN 'p:' || changed.domain_id
            WHEN changed.consumer_id IS NOT NULL OR changed.access_token_id IS NOT NULL THEN 'o:'
            ELSE '*'
        END",
        columns: &[
            "domain_id",
            "project_id",
            "user_id",
            "role_id",
            "trust_id",
            "consumer_id",
            "access_token_id",
            "issued_before",
            "expires_at",
            "audit_id",
            "audit_chain_id",
        ],
    },
];

/// The statements after which something is announced. An overlap of rows before and after is what did not change.
const STATEMENTS: [(&str, &str); 3] = [
    ("INSERT", "REFERENCING NEW TABLE AS fernstone_after"),
    ("UPDATE", "REFERENCING OLD TABLE AS fernstone_before NEW TABLE AS fernstone_after"),
    ("DELETE", "REFERENCING OLD TABLE AS fernstone_before"),
];

/// More topics than this in one statement are announced as everything.
const MOST_TOPICS: usize = 100;

/// An index that Keystone's schema lacks.
struct Index {
    table: &'static str,
    /// What tells it from others on the table.
    suffix: &'static str,
    /// What is indexed, and of which rows.
    of: &'static str,
}

/// What looking up a user needs; then what looking up the revocation of a chain of tokens, and of those of nobody in
/// particular, needs where a hundred thousand tokens were revoked one by one.
const INDEXES: [Index; 4] = [
    Index { table: "password", suffix: "local_user_id", of: "(local_user_id)" },
    Index { table: "federated_user", suffix: "user_id", of: "(user_id)" },
    Index { table: "revocation_event", suffix: "audit_chain_id", of: "(audit_chain_id) WHERE audit_id IS NULL" },
    Index {
        table: "revocation_event",
        suffix: "of_nobody",
        of: "(project_id) WHERE user_id IS NULL AND audit_id IS NULL AND audit_chain_id IS NULL",
    },
];

impl Index {
    fn name(&self) -> String {
        format!("fernstone_{}_{}", self.table, self.suffix)
    }
}

/// Whether Postgres announces changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// All triggers are in place.
    Yes,
    /// None is.
    No,
    /// Some are missing, switched off or of another version.
    Partly,
    /// The database needs none (SQLite).
    NotNeeded,
}

/// The number of triggers when all are there.
fn expected() -> i64 {
    // One more for each table: TRUNCATE.
    i64::try_from(ANNOUNCED.len() * (STATEMENTS.len() + 1)).unwrap_or(i64::MAX)
}

/// Counts the triggers that are there and always fire. Their names carry a version, so that those of an older Fernstone do
/// not count.
pub(super) const COUNT: &str = "SELECT count(*) AS count FROM pg_trigger
    JOIN pg_class ON pg_class.oid = pg_trigger.tgrelid
    JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    WHERE pg_namespace.nspname = ANY(current_schemas(false))
        AND pg_trigger.tgname LIKE 'fernstone\\_1\\_%' AND pg_trigger.tgenabled = 'A'";

/// Whether a count of triggers is that of a complete set.
pub(super) fn is_complete(count: i64) -> bool {
    count == expected()
}

impl Store {
    /// Whether the database announces changes.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn change_feed_installed(&self) -> Result<Installed, StoreError> {
        if !self.database().is_postgres() {
            return Ok(Installed::NotNeeded);
        }
        let count = Query::new("pg_trigger", COUNT, vec![], |rows| match rows.first() {
            Some(row) => row.integer("count"),
            None => Ok(0),
        });
        Ok(match self.run(count).await? {
            0 => Installed::No,
            count if is_complete(count) => Installed::Yes,
            _ => Installed::Partly,
        })
    }

    /// Makes the database announce changes: on Postgres; SQLite needs nothing. What was installed by another version is
    /// replaced.
    ///
    /// # Errors
    /// As [`StoreError`] says: most likely that the tables belong to another user of the database.
    pub async fn install_change_feed(&self) -> Result<Installed, StoreError> {
        if !self.database().is_postgres() {
            return Ok(Installed::NotNeeded);
        }
        let mut transaction = self.begin().await?;
        install(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Installed::Yes)
    }

    /// Takes away what [`Store::install_change_feed`] made. Whoever runs on this database reads it for each request then.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn remove_change_feed(&self) -> Result<Installed, StoreError> {
        if !self.database().is_postgres() {
            return Ok(Installed::NotNeeded);
        }
        let mut transaction = self.begin().await?;
        remove(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Installed::No)
    }
}

/// As [`Store::install_change_feed`], on Postgres, as part of a larger change.
pub(in crate::store) async fn install(transaction: &mut Transaction) -> Result<(), StoreError> {
    remove(transaction).await?;
    for announced in ANNOUNCED {
        for statement in announced.statements() {
            transaction.execute(announced.table, statement, vec![]).await?;
        }
    }
    for index in &INDEXES {
        let create = format!("CREATE INDEX {} ON {} {}", index.name(), index.table, index.of);
        transaction.execute(index.table, create, vec![]).await?;
    }
    Ok(())
}

async fn remove(transaction: &mut Transaction) -> Result<(), StoreError> {
    for announced in ANNOUNCED {
        // With the function go its triggers.
        let function = format!("DROP FUNCTION IF EXISTS fernstone_announce_{}() CASCADE", announced.table);
        transaction.execute(announced.table, function, vec![]).await?;
    }
    for index in &INDEXES {
        let drop = format!("DROP INDEX IF EXISTS {}", index.name());
        transaction.execute(index.table, drop, vec![]).await?;
    }
    Ok(())
}

impl Announced {
    fn statements(&self) -> Vec<String> {
        let table = self.table;
        let mut statements = vec![self.function()];
        for (statement, referencing) in STATEMENTS {
            let name = format!("fernstone_1_{}_{table}", statement.to_lowercase());
            statements.push(format!(
                "CREATE TRIGGER {name} AFTER {statement} ON \"{table}\" {referencing}
                    FOR EACH STATEMENT EXECUTE FUNCTION fernstone_announce_{table}()"
            ));
            statements.push(format!("ALTER TABLE \"{table}\" ENABLE ALWAYS TRIGGER {name}"));
        }
        let name = format!("fernstone_1_truncate_{table}");
        statements.push(format!(
            "CREATE TRIGGER {name} AFTER TRUNCATE ON \"{table}\"
                FOR EACH STATEMENT EXECUTE FUNCTION fernstone_announce_{table}()"
        ));
        statements.push(format!("ALTER TABLE \"{table}\" ENABLE ALWAYS TRIGGER {name}"));
        statements
    }

    fn function(&self) -> String {
        let Self { table, topic, columns } = self;
        let columns = columns.join(", ");
        let of = |rows: &str| {
            format!(
                "SELECT string_agg(named.topic, ' '), count(*) INTO topics, topic_count FROM (
                    SELECT DISTINCT CASE WHEN made.name = '*' THEN '*' ELSE left(md5(made.name), 16) END AS topic
                    FROM (SELECT {topic} AS name FROM ({rows}) AS changed) AS made
                    WHERE made.name IS NOT NULL
                    LIMIT {MOST_TOPICS} + 1
                ) AS named;"
            )
        };
        let all = |table: &str| of(&format!("SELECT {columns} FROM {table}"));
        let changed = of(&format!(
            "(SELECT {columns} FROM fernstone_before EXCEPT SELECT {columns} FROM fernstone_after)
            UNION ALL (SELECT {columns} FROM fernstone_after EXCEPT SELECT {columns} FROM fernstone_before)"
        ));
        format!(
            "CREATE FUNCTION fernstone_announce_{table}() RETURNS trigger LANGUAGE plpgsql AS $announce$
            DECLARE
                topics text;
                topic_count bigint;
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    {inserted}
                ELSIF TG_OP = 'DELETE' THEN
                    {deleted}
                ELSIF TG_OP = 'UPDATE' THEN
                    {changed}
                ELSE
                    topics := '*';
                END IF;
                IF topic_count > {MOST_TOPICS} THEN
                    topics := '*';
                END IF;
                IF topics IS NOT NULL THEN
                    PERFORM pg_notify('{channel}', '{CHANGED} ' || topics);
                END IF;
                RETURN NULL;
            END
            $announce$",
            inserted = all("fernstone_after"),
            deleted = all("fernstone_before"),
            channel = super::CHANNEL,
            CHANGED = super::CHANGED,
        )
    }
}
