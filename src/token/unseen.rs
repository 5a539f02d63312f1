//! What the database is asked about tokens that were never seen before, and about who was never seen with them: one
//! statement for all tokens that wait for it. Tokens of users who are known do not wait for what others need to be known.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    domain::{
        assignment::{Actor, Assignment},
        claims::AuditIds,
        ids::{ProjectId, UserId},
        revocation::RevocationEvent,
        user::User,
    },
    store::{
        Store, StoreError,
        assignment::assignments_of_users_on,
        gather::Ask,
        identity::{GroupMembership, memberships_by_user, users_by_ids},
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

/// Asks the same, and about users on projects.
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
        let project_id = lineage.project.id.clone();
        let mut targets = vec![project_id.clone(), lineage.domain.id.as_project()];
        targets.extend(lineage.parents.iter().map(|parent| parent.id.clone()));
        Self { audit: audit.clone(), user_id: user_id.clone(), project_id, targets }
    }
}

/// What the database says of it.
#[derive(Debug)]
pub(super) struct Seen {
    /// `None`: there is no such user.
    pub user: Option<Arc<User>>,
    /// The user's own, on the project and above it, and perhaps on others.
    pub assignments: Vec<Assignment>,
    /// Those that may have expired included.
    pub memberships: Vec<GroupMembership>,
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
        let found = Found { of_users: OfUser::each(users, assignments, memberships), about, of_tokens };
        Ok(tokens.iter().map(|unseen| found.of(unseen)).collect())
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

/// What was found about several tokens.
struct Found {
    of_users: HashMap<UserId, OfUser>,
    about: Vec<RevocationEvent>,
    of_tokens: Vec<RevocationEvent>,
}

/// What was found about a user.
#[derive(Clone, Default)]
struct OfUser {
    user: Option<Arc<User>>,
    assignments: Vec<Assignment>,
    memberships: Vec<GroupMembership>,
}

impl Found {
    /// Copies: two tokens of one user may have been asked about.
    fn of(&self, Unseen { audit, user_id, project_id, .. }: &Unseen) -> Seen {
        let is_about = |event: &&RevocationEvent| {
            event.user_id.as_ref().is_none_or(|id| id == user_id)
                && event.project_id.as_ref().is_none_or(|id| id == project_id)
        };
        let OfUser { user, assignments, memberships } = self.of_users.get(user_id).cloned().unwrap_or_default();
        Seen {
            user,
            assignments,
            memberships,
            about_access: self.about.iter().filter(is_about).cloned().collect(),
            of_token: concerning(audit, &self.of_tokens),
        }
    }
}

impl OfUser {
    /// By the users' ids.
    fn each(
        users: Vec<User>,
        assignments: Vec<Assignment>,
        memberships: Vec<(UserId, GroupMembership)>,
    ) -> HashMap<UserId, Self> {
        let mut each: HashMap<UserId, Self> = HashMap::with_capacity(users.len());
        for user in users {
            let of_user = each.entry(user.id.clone()).or_default();
            of_user.user = Some(Arc::new(user));
        }
        for assignment in assignments {
            if let Actor::User(user_id) = &assignment.actor {
                each.entry(user_id.clone()).or_default().assignments.push(assignment);
            }
        }
        for (user_id, membership) in memberships {
            each.entry(user_id).or_default().memberships.push(membership);
        }
        each
    }
}
