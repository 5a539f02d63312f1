//! Revocation events. Facts: Keystone `revoke/backends/sql.py`.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Store, Transaction, error::StoreError, query::Query, row::Row, value::Value};
use crate::domain::{
    claims::AuditIds,
    ids::{ProjectId, TrustId, UserId},
    revocation::RevocationEvent,
};

macro_rules! select_event {
    () => {
        "SELECT
                domain_id,
                project_id,
                user_id,
                role_id,
                trust_id,
                consumer_id,
                access_token_id,
                issued_before,
                expires_at,
                revoked_at,
                audit_id,
                audit_chain_id
            FROM revocation_event"
    };
}

/// What of a token the database compares events with; the other columns are compared by who asks.
#[derive(Debug, Clone)]
pub struct TokenKeys<'t> {
    /// When it was issued: events up to an earlier time do not concern it.
    pub issued_at: DateTime<Utc>,
    /// Its user.
    pub user_id: Option<&'t UserId>,
    /// The trustor of its trust.
    pub trustor_id: Option<&'t UserId>,
    /// The trustee of its trust.
    pub trustee_id: Option<&'t UserId>,
    /// Its project.
    pub project_id: Option<&'t ProjectId>,
    /// Its own audit id.
    pub audit_id: Option<&'t str>,
    /// Its trust.
    pub trust_id: Option<&'t TrustId>,
}

macro_rules! other_conditions {
    () => {
        " AND issued_before >= $1
            AND (project_id IS NULL OR project_id = $3)
            AND (trust_id IS NULL OR trust_id = $5)"
    };
}

/// The events that may concern a token: Keystone's `_list_token_events`.
pub fn events_for_token(token: &TokenKeys<'_>) -> Query<Vec<RevocationEvent>> {
    Query::list(
        "revocation_event",
        // Three statements that have no event in common, because each then has an index to go by; one statement with all
        // conditions would have none.
        concat!(
            select_event!(),
            " WHERE user_id IN ($2) AND (audit_id IS NULL OR audit_id = $4)",
            other_conditions!(),
            " UNION ALL ",
            select_event!(),
            " WHERE user_id IS NULL AND audit_id = $4",
            other_conditions!(),
            " UNION ALL ",
            select_event!(),
            " WHERE user_id IS NULL AND audit_id IS NULL",
            other_conditions!()
        ),
        vec![
            Value::Bound(token.issued_at),
            Value::AnyOf(
                [token.user_id, token.trustor_id, token.trustee_id].into_iter().flatten().map(Arc::from).collect(),
            ),
            token.project_id.into(),
            token.audit_id.into(),
            token.trust_id.into(),
        ],
        event_from,
    )
}

/// The events without an audit id that may concern tokens of these users for a scope, without a trust, of those tokens that
/// were issued in time: about one of the users, and about nobody in particular, on one of `projects` or on none.
/// With [`events_of_tokens`] this is [`events_for_token`].
pub fn events_about(user_ids: &[UserId], projects: &[ProjectId]) -> Query<Vec<RevocationEvent>> {
    Query::list(
        "revocation_event",
        concat!(
            select_event!(),
            " WHERE user_id IN ($1) AND audit_id IS NULL AND audit_chain_id IS NULL
                AND (project_id IS NULL OR project_id IN ($2)) AND trust_id IS NULL
            UNION ALL ",
            select_event!(),
            " WHERE user_id IS NULL AND audit_id IS NULL AND audit_chain_id IS NULL
                AND (project_id IS NULL OR project_id IN ($2)) AND trust_id IS NULL"
        ),
        vec![user_ids.into(), projects.into()],
        event_from,
    )
}

/// Those of [`events_about`] that are about nobody in particular, for any scope; at most `most` of them.
pub fn events_about_nobody(most: i64) -> Query<Vec<RevocationEvent>> {
    Query::list(
        "revocation_event",
        concat!(
            select_event!(),
            " WHERE user_id IS NULL AND audit_id IS NULL AND audit_chain_id IS NULL AND trust_id IS NULL LIMIT $1"
        ),
        vec![most.into()],
        event_from,
    )
}

/// Which of these users are named by any of [`events_about`] them.
pub fn named_users(user_ids: &[UserId]) -> Query<Vec<UserId>> {
    Query::list(
        "revocation_event",
        "SELECT DISTINCT user_id FROM revocation_event
            WHERE user_id IN ($1) AND audit_id IS NULL AND audit_chain_id IS NULL AND trust_id IS NULL",
        vec![user_ids.into()],
        |row| row.id("user_id"),
    )
}

/// The events with the audit id of one of these tokens, or with that of the head of its chain.
pub fn events_of_tokens<'t>(tokens: impl IntoIterator<Item = &'t AuditIds>) -> Query<Vec<RevocationEvent>> {
    let (mut own, mut heads) = (Vec::new(), Vec::new());
    for audit in tokens {
        own.push(audit.own.as_str().into());
        heads.extend(audit.parent.as_deref().map(Arc::from));
    }
    let of_own = concat!(select_event!(), " WHERE audit_id IN ($1)");
    let of_chains = concat!(
        select_event!(),
        " WHERE audit_id IN ($1) UNION ALL ",
        select_event!(),
        " WHERE audit_id IS NULL AND audit_chain_id IN ($2)"
    );
    // Most tokens are the head of their chain.
    match heads.is_empty() {
        true => Query::list("revocation_event", of_own, vec![Value::AnyOf(own)], event_from),
        false => Query::list("revocation_event", of_chains, vec![Value::AnyOf(own), Value::AnyOf(heads)], event_from),
    }
}

/// All events, the oldest first; with `since`, those written after it.
pub fn events(since: Option<DateTime<Utc>>) -> Query<Vec<RevocationEvent>> {
    match since {
        None => Query::list("revocation_event", concat!(select_event!(), " ORDER BY revoked_at"), vec![], event_from),
        Some(since) => Query::list(
            "revocation_event",
            concat!(select_event!(), " WHERE revoked_at > $1 ORDER BY revoked_at"),
            // Stored times, not bounds: what was written in the very second of `since` was fetched before.
            vec![since.into()],
            event_from,
        ),
    }
}

impl Store {
    /// Writes an event and takes the opportunity to delete those written before `oldest`, as Keystone does with each
    /// event (`now` less token expiration less `[revoke] expiration_buffer`).
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn revoke(&self, event: &RevocationEvent, oldest: DateTime<Utc>) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        revoke(&mut transaction, event, oldest).await?;
        transaction.commit().await
    }
}

/// As [`Store::revoke`], as part of a larger change.
///
/// # Errors
/// As [`StoreError`] says.
pub async fn revoke(
    transaction: &mut Transaction,
    event: &RevocationEvent,
    oldest: DateTime<Utc>,
) -> Result<(), StoreError> {
    insert_event(transaction, event).await?;
    transaction
        .execute("revocation_event", "DELETE FROM revocation_event WHERE revoked_at < $1", vec![Value::Bound(oldest)])
        .await
        .map(drop)
}

async fn insert_event(transaction: &mut Transaction, event: &RevocationEvent) -> Result<(), StoreError> {
    transaction
        .execute(
            "revocation_event",
            "INSERT INTO revocation_event (
                domain_id, project_id, user_id, role_id, trust_id, consumer_id, access_token_id,
                issued_before, expires_at, revoked_at, audit_id, audit_chain_id
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            vec![
                event.domain_id.as_ref().into(),
                event.project_id.as_ref().into(),
                event.user_id.as_ref().into(),
                event.role_id.as_ref().into(),
                event.trust_id.as_ref().into(),
                event.consumer_id.as_deref().into(),
                event.access_token_id.as_ref().into(),
                event.issued_before.into(),
                event.expires_at.into(),
                event.revoked_at.into(),
                event.audit_id.as_deref().into(),
                event.audit_chain_id.as_deref().into(),
            ],
        )
        .await
        .map(drop)
}

fn event_from(row: &Row) -> Result<RevocationEvent, StoreError> {
    Ok(RevocationEvent {
        domain_id: row.opt_id("domain_id")?,
        project_id: row.opt_id("project_id")?,
        user_id: row.opt_id("user_id")?,
        role_id: row.opt_id("role_id")?,
        trust_id: row.opt_id("trust_id")?,
        consumer_id: row.opt_text("consumer_id")?,
        access_token_id: row.opt_id("access_token_id")?,
        issued_before: row.time("issued_before")?,
        expires_at: row.opt_time("expires_at")?,
        revoked_at: row.time("revoked_at")?,
        audit_id: row.opt_text("audit_id")?,
        audit_chain_id: row.opt_text("audit_chain_id")?,
    })
}
