//! What the database is asked about tokens that were never seen before, and about who was never seen with them: one
//! statement for all tokens that wait for it.

use std::collections::HashMap;

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

/// A token that was never seen before.
#[derive(Debug)]
pub(super) struct Unseen {
    /// The token and its chain.
    pub audit: AuditIds,
    /// Whom it speaks for and where, unless it is known what that means.
    pub access: Option<UnseenAccess>,
}

/// A user on a project.
#[derive(Debug)]
pub(super) struct UnseenAccess {
    user_id: UserId,
    project_id: ProjectId,
    /// The project and all above it, the domain included: an assignment on any of them may count.
    targets: Vec<ProjectId>,
}

impl UnseenAccess {
    pub(super) fn new(user_id: &UserId, lineage: &Lineage) -> Self {
        let project_id = lineage.project.id.clone();
        let mut targets = vec![project_id.clone(), lineage.domain.id.as_project()];
        targets.extend(lineage.parents.iter().map(|parent| parent.id.clone()));
        Self { user_id: user_id.clone(), project_id, targets }
    }
}

/// What the database says of it.
#[derive(Debug)]
pub(super) struct Seen {
    /// The revocations of this token or of its chain.
    pub of_token: Vec<RevocationEvent>,
    /// What was asked about whom it speaks for.
    pub access: Option<SeenAccess>,
}

/// What the database says of a user on a project.
#[derive(Debug)]
pub(super) struct SeenAccess {
    /// `None`: there is no such user.
    pub user: Option<User>,
    /// The user's own, on the project and above it, and perhaps on others.
    pub assignments: Vec<Assignment>,
    /// Those that may have expired included.
    pub memberships: Vec<GroupMembership>,
    /// The revocations that may concern any token of the user for the project.
    pub about_access: Vec<RevocationEvent>,
}

/// Who asks.
#[derive(Debug)]
pub(super) struct AskStore(pub Store);

impl Ask for AskStore {
    type Question = Unseen;
    type Answer = Seen;

    async fn ask(&self, questions: &[Unseen]) -> Result<Vec<Seen>, StoreError> {
        let of_tokens = events_of_tokens(questions.iter().map(|unseen| &unseen.audit));
        let accesses: Vec<&UnseenAccess> = questions.iter().filter_map(|unseen| unseen.access.as_ref()).collect();
        if accesses.is_empty() {
            let events = self.0.run(of_tokens).await?;
            return Ok(questions
                .iter()
                .map(|unseen| Seen { of_token: concerning(unseen, &events), access: None })
                .collect());
        }
        let users: Vec<UserId> = accesses.iter().map(|access| access.user_id.clone()).collect();
        let projects: Vec<ProjectId> = accesses.iter().map(|access| access.project_id.clone()).collect();
        let targets: Vec<ProjectId> = accesses.iter().flat_map(|access| &access.targets).cloned().collect();
        let batch = (
            of_tokens,
            users_by_ids(&users),
            assignments_of_users_on(&users, &targets),
            memberships_by_user(&users),
            events_about(&users, &projects),
        );
        let (events, users, assignments, memberships, about) = self.0.run_batch(batch).await?;
        let found = Found::new(users, assignments, memberships, about);
        let seen = |unseen: &Unseen| Seen {
            of_token: concerning(unseen, &events),
            access: unseen.access.as_ref().map(|access| found.of(access)),
        };
        Ok(questions.iter().map(seen).collect())
    }
}

/// The revocations of one token, or of its chain, among those of several.
fn concerning(unseen: &Unseen, events: &[RevocationEvent]) -> Vec<RevocationEvent> {
    let concerns = |event: &&RevocationEvent| match &event.audit_id {
        Some(id) => *id == unseen.audit.own,
        None => event.audit_chain_id == unseen.audit.parent,
    };
    events.iter().filter(concerns).cloned().collect()
}

/// What was found about several users.
struct Found {
    users: HashMap<UserId, User>,
    assignments: HashMap<UserId, Vec<Assignment>>,
    memberships: HashMap<UserId, Vec<GroupMembership>>,
    about: Vec<RevocationEvent>,
}

impl Found {
    fn new(
        users: Vec<User>,
        assignments: Vec<Assignment>,
        memberships: Vec<(UserId, GroupMembership)>,
        about: Vec<RevocationEvent>,
    ) -> Self {
        let by_user = assignments.into_iter().filter_map(|assignment| match &assignment.actor {
            Actor::User(id) => Some((id.clone(), assignment)),
            Actor::Group(_) => None,
        });
        Self {
            users: users.into_iter().map(|user| (user.id.clone(), user)).collect(),
            assignments: grouped(by_user),
            memberships: grouped(memberships),
            about,
        }
    }

    /// Copies: two tokens of one user may have been asked about.
    fn of(&self, UnseenAccess { user_id, project_id, .. }: &UnseenAccess) -> SeenAccess {
        let is_about = |event: &&RevocationEvent| {
            event.user_id.as_ref().is_none_or(|id| id == user_id)
                && event.project_id.as_ref().is_none_or(|id| id == project_id)
        };
        SeenAccess {
            user: self.users.get(user_id).cloned(),
            assignments: self.assignments.get(user_id).cloned().unwrap_or_default(),
            memberships: self.memberships.get(user_id).cloned().unwrap_or_default(),
            about_access: self.about.iter().filter(is_about).cloned().collect(),
        }
    }
}

fn grouped<T>(pairs: impl IntoIterator<Item = (UserId, T)>) -> HashMap<UserId, Vec<T>> {
    let mut groups: HashMap<UserId, Vec<T>> = HashMap::new();
    for (user_id, item) in pairs {
        groups.entry(user_id).or_default().push(item);
    }
    groups
}
