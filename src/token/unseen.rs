//! What the database is asked about tokens that were never seen before, and about who was never seen with them: one
//! statement for all tokens that wait for it. Tokens of users who are known do not wait for what others need to be known.

use std::collections::HashSet;

use crate::{
    domain::{
        claims::AuditIds,
        ids::{ProjectId, UserId},
        revocation::RevocationEvent,
    },
    store::{
        Store, StoreError,
        account::{Account, accounts},
        assignment::assignments_of_users_on,
        gather::Ask,
        identity::{memberships_by_user, users_by_ids},
        resource::Lineage,
        revocation::{events_about, events_of_tokens},
    },
};

/// Asks whether tokens were revoked, by what names them or their chains.
#[derive(Debug)]
pub(super) struct Revocations(pub Store);

impl Ask for Revocations {
    type Question = AuditIds;
    type Answer = Vec<RevocationEvent>;

    async fn ask(&self, tokens: &[AuditIds]) -> Result<Vec<Vec<RevocationEvent>>, StoreError> {
        let events = self.0.run(events_of_tokens(tokens)).await?;
        Ok(tokens.iter().map(|audit| concerning(audit, &events)).collect())
    }
}

/// Asks the same, whether any token of its user for its project was revoked, and who the user is.
#[derive(Debug)]
pub(super) struct Accesses(pub Store);

/// A token that was never seen before, with whom it speaks for and where.
#[derive(Debug)]
pub(super) struct Unseen {
    audit: AuditIds,
    user_id: UserId,
    project_id: ProjectId,
    /// The project and all above it, the domain included: an assignment on any of them may count.
    targets: Vec<ProjectId>,
}

impl Unseen {
    pub(super) fn new(audit: &AuditIds, user_id: &UserId, lineage: &Lineage) -> Self {
        Self {
            audit: audit.clone(),
            user_id: user_id.clone(),
            project_id: lineage.project.id.clone(),
            targets: lineage.targets().to_vec(),
        }
    }

    /// Whether an event is about the user or about nobody, on the project or on none.
    fn may_concern(&self, event: &RevocationEvent) -> bool {
        event.user_id.as_ref().is_none_or(|id| *id == self.user_id)
            && event.project_id.as_ref().is_none_or(|id| *id == self.project_id)
    }
}

/// What the database says of a token.
#[derive(Debug)]
pub(super) struct Seen {
    /// The user with assignments on the project and above it, and perhaps on others. `None`: there is no such user.
    pub account: Option<Account>,
    /// The revocations that may concern any token of the user for the project.
    pub about_access: Vec<RevocationEvent>,
    /// The revocations of this token or of its chain.
    pub of_token: Vec<RevocationEvent>,
}

impl Ask for Accesses {
    type Question = Unseen;
    type Answer = Seen;

    async fn ask(&self, tokens: &[Unseen]) -> Result<Vec<Seen>, StoreError> {
        let users: Vec<UserId> = tokens.iter().map(|unseen| unseen.user_id.clone()).collect();
        let projects: Vec<ProjectId> = tokens.iter().map(|unseen| unseen.project_id.clone()).collect();
        let targets: HashSet<&ProjectId> = tokens.iter().flat_map(|unseen| &unseen.targets).collect();
        let targets: Vec<ProjectId> = targets.into_iter().cloned().collect();
        let batch = (
            users_by_ids(&users),
            assignments_of_users_on(&users, &targets),
            memberships_by_user(&users),
            events_about(&users, &projects),
            events_of_tokens(tokens.iter().map(|unseen| &unseen.audit)),
        );
        let (users, assignments, memberships, about, of_tokens) = self.0.run_batch(batch).await?;
        let accounts = accounts(users, assignments, memberships);
        // Copied: two tokens of one user may have been asked about.
        let of = |unseen: &Unseen| Seen {
            account: accounts.get(&unseen.user_id).cloned(),
            about_access: about.iter().filter(|event| unseen.may_concern(event)).cloned().collect(),
            of_token: concerning(&unseen.audit, &of_tokens),
        };
        Ok(tokens.iter().map(of).collect())
    }
}

/// The revocations of one token, or of its chain, among those of several.
fn concerning(audit: &AuditIds, events: &[RevocationEvent]) -> Vec<RevocationEvent> {
    let concerns = |event: &&RevocationEvent| match &event.audit_id {
        Some(id) => *id == audit.own,
        None => event.audit_chain_id == audit.parent,
    };
    events.iter().filter(concerns).cloned().collect()
}
