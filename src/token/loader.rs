//! From claims to context: looks up everything a token refers to, and refuses what no longer holds
//! (Keystone `models/token_model.py`, `TokenModel.mint`).

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;

use super::{
    access_text::KnownText,
    basis::Basis,
    context::{Access, Delegation, ScopeTarget, TokenContext, TokenUser},
    error::{ContextError, Missing},
    unseen::{Accesses, Revocations, Seen, Unseen},
};
use crate::{
    assignment::resolver::{Holder, Holdings, RoleResolver, path_of},
    domain::{
        assignment::Assignment,
        claims::{AuditIds, Claims, Grant},
        delegation::Trust,
        ids::{DomainId, GroupId, ProjectId, TrustId, UserId},
        resource::Domain,
        revocation::RevocationEvent,
        role::Role,
        user::{InactivityLimit, User},
    },
    store::{
        Store, StoreError,
        account::Account,
        application_credential::application_credential,
        directory::Directory,
        feed::{Kept, Topic},
        gather::Gatherer,
        identity::GroupMembership,
        oauth1::access_token,
        resource::Lineage,
        revocation::events_about,
        roster::Listed,
        trust::trust,
    },
};

/// Looks up what claims refer to. What a user may do in a scope is kept while nothing that it rests on changes: for a token
/// that was never seen before, of a user and a scope that were, the database need not be asked.
#[derive(Debug, Clone)]
pub struct ContextLoader {
    store: Store,
    directory: Directory,
    roles: RoleResolver,
    inactivity: InactivityLimit,
    accesses: Kept<AccessKey, Arc<KnownAccess>>,
    revocations: Gatherer<Revocations>,
    unseen: Gatherer<Accesses>,
}

/// Whose access to what. Only users' own, without any delegation or federation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct AccessKey {
    user_id: UserId,
    scope: PlainScope,
}

impl AccessKey {
    fn of(claims: &Claims) -> Option<Self> {
        Some(Self { user_id: claims.user_id.clone()?, scope: PlainScope::of(&claims.grant)? })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PlainScope {
    Unscoped,
    Project(ProjectId),
    Domain(DomainId),
    System,
}

impl PlainScope {
    fn of(grant: &Grant) -> Option<Self> {
        match grant {
            Grant::Unscoped => Some(Self::Unscoped),
            Grant::Project(id) => Some(Self::Project(id.clone())),
            Grant::Domain(id) => Some(Self::Domain(id.clone())),
            Grant::System(_) => Some(Self::System),
            _ => None,
        }
    }

    /// The project, if it is one.
    fn project_id(&self) -> &[ProjectId] {
        match self {
            Self::Project(id) => std::slice::from_ref(id),
            _ => &[],
        }
    }
}

#[derive(Debug)]
struct KnownAccess {
    access: Arc<Access>,
    basis: Basis,
    events: Arc<[RevocationEvent]>,
}

/// The target of a scope with what role inheritance needs to know of it.
enum Target {
    Unscoped,
    Project(Arc<Lineage>),
    Domain(Arc<Domain>),
    System,
}

/// What a token means, and what that rests on.
#[derive(Debug)]
pub struct Loaded {
    /// The meaning.
    pub context: TokenContext,
    /// What it rests on, but for the revocation of this one token or of its chain.
    pub basis: Basis,
    /// The revocation events that may concern it, as far as they were read along.
    pub events: ReadEvents,
}

/// Revocation events that were read along; `None` where they were not.
#[derive(Debug, Default)]
pub struct ReadEvents {
    /// Those about the user or the scope. They may be about earlier tokens.
    pub about_access: Option<Arc<[RevocationEvent]>>,
    /// Those with the audit id of the token or of its chain.
    pub of_token: Option<Vec<RevocationEvent>>,
}

/// What the meaning of every token rests on. Hashed once.
static ALWAYS: LazyLock<[Topic; 3]> = LazyLock::new(|| [Topic::roles(), Topic::catalog(), Topic::federation()]);

/// Assignments and memberships of a user.
type Held = (Vec<Assignment>, Vec<GroupMembership>);

/// What a token for a project nearly always takes. What is `None` here is read when it is needed.
#[derive(Default)]
struct ReadAhead {
    lineage: Option<Option<Arc<Lineage>>>,
    /// The domain of the project.
    domain: Option<Arc<Domain>>,
    user: Option<Option<Arc<User>>>,
    held: Option<Held>,
    events: ReadEvents,
}

impl ContextLoader {
    /// Puts the parts together. As much is kept as in the directory.
    pub fn new(directory: Directory, roles: RoleResolver, inactivity: InactivityLimit) -> Self {
        let store = directory.store().clone();
        let accesses = Kept::new(store.feed().clone(), directory.most());
        let revocations = Gatherer::new(store.clone(), Revocations(store.clone()));
        let unseen = Gatherer::new(store.clone(), Accesses(store.clone()));
        Self { store, directory, roles, inactivity, accesses, revocations, unseen }
    }

    /// What the claims mean now. Neither expiry nor revocation is looked at.
    ///
    /// # Errors
    ///
    /// In Keystone's order: the project of the scope, the parties of a trust, the user, the roles.
    pub async fn context(&self, claims: Claims, now: DateTime<Utc>) -> Result<Loaded, ContextError> {
        let key = AccessKey::of(&claims);
        if let Some(known) = key.as_ref().and_then(|key| self.known_access(key, now)) {
            let events = ReadEvents { about_access: Some(Arc::clone(&known.events)), of_token: None };
            let context = TokenContext { claims, access: Arc::clone(&known.access) };
            return Ok(Loaded { context, basis: known.basis.clone(), events });
        }
        let stamp = self.accesses.stamp();
        let mut loaded = self.read(claims, now).boxed().await?;
        if let (Some(key), Some(stamp)) = (key, stamp)
            && loaded.context.user.enabled
        {
            let events = match loaded.events.about_access.take() {
                Some(events) => events,
                None => self
                    .store
                    .run(events_about(std::slice::from_ref(&key.user_id), key.scope.project_id()))
                    .await?
                    .into(),
            };
            loaded.events.about_access = Some(Arc::clone(&events));
            let topics = loaded.basis.topics().to_vec();
            let known = KnownAccess { access: loaded.context.access.clone(), basis: loaded.basis.clone(), events };
            self.accesses.put(key, Arc::new(known), stamp, topics);
        }
        Ok(loaded)
    }

    /// What the claims mean now, if that is known without asking anybody.
    pub fn known(&self, claims: Claims, now: DateTime<Utc>) -> Option<TokenContext> {
        let known = self.known_access(&AccessKey::of(&claims)?, now)?;
        Some(TokenContext { claims, access: Arc::clone(&known.access) })
    }

    fn known_access(&self, key: &AccessKey, now: DateTime<Utc>) -> Option<Arc<KnownAccess>> {
        self.accesses.get(key, |known| (now < known.basis.until()).then(|| Arc::clone(known)))
    }

    /// The revocation events with the audit id of a token, or with that of the head of its chain.
    ///
    /// # Errors
    ///
    /// The database has no answer.
    pub(super) async fn events_of_token(&self, audit: &AuditIds) -> Result<Vec<RevocationEvent>, StoreError> {
        self.revocations.ask(audit.clone()).await
    }

    /// Questions about tokens that wait to share the next statement.
    pub(super) fn waiting(&self) -> usize {
        self.revocations.waiting() + self.unseen.waiting()
    }

    /// The project, then what is asked of that project only, then what the user's groups were given. The first and the last
    /// are in memory, mostly.
    async fn read_ahead(&self, claims: &Claims) -> Result<ReadAhead, StoreError> {
        let (Grant::Project(project_id), Some(user_id)) = (&claims.grant, &claims.user_id) else {
            return Ok(ReadAhead::default());
        };
        let Some(lineage) = self.directory.lineage(project_id).await? else {
            return Ok(ReadAhead { lineage: Some(None), ..ReadAhead::default() });
        };
        let (account, events) = match self.directory.listed(user_id, &lineage) {
            Some(Listed { account, revocations }) => {
                (Some(account), ReadEvents { about_access: Some(revocations.into()), of_token: None })
            }
            None => {
                let seen = self.unseen.ask(Unseen::new(&claims.audit, user_id, &lineage)).await?;
                let Seen { account, about_access, of_token } = seen;
                (account, ReadEvents { about_access: Some(about_access.into()), of_token: Some(of_token) })
            }
        };
        let Some(Account { user, mut assignments, memberships }) = account else {
            return Ok(ReadAhead { lineage: Some(Some(lineage)), user: Some(None), events, ..ReadAhead::default() });
        };
        let groups: Vec<GroupId> = memberships.iter().map(|membership| membership.group_id.clone()).collect();
        assignments.extend(self.directory.assignments_of_groups(&groups, &lineage).await?);
        Ok(ReadAhead {
            user: Some(Some(user)),
            held: Some((assignments, memberships)),
            events,
            domain: None,
            lineage: Some(Some(lineage)),
        })
    }

    /// As [`ContextLoader::context`], from the database.
    async fn read(&self, claims: Claims, now: DateTime<Utc>) -> Result<Loaded, ContextError> {
        let mut ahead = self.read_ahead(&claims).await?;
        let user_id = claims.user_id.clone().ok_or(ContextError::Incomplete("no user"))?;
        let mut basis = Basis::default();
        for topic in &*ALWAYS {
            basis.rests_on(*topic);
        }
        let target = self.target(&claims.grant, &mut ahead, &mut basis).await?;
        let delegation = self.delegation(&claims.grant, &user_id, now, &mut basis).await?.map(Box::new);
        let user = self.known_user(ahead.user.take(), ahead.domain.take(), &user_id, now, &mut basis).await?;
        if !user.domain.is_enabled() {
            return Err(ContextError::DomainDisabled(user.domain.id.clone()));
        }
        let roles = match (&target, ahead.held.take()) {
            (Target::Project(lineage), Some(held)) => {
                let holder = Holder::user(&user_id);
                let holdings = self.roles.held(holder, held, now).await?;
                rest_on(&mut basis, holder, &holdings);
                holdings.on_project(&path_of(lineage))
            }
            (target, _) => {
                self.roles_on(target, &claims.grant, delegation.as_deref(), &user_id, now, &mut basis).await?.into()
            }
        };
        if roles.is_empty() {
            let target = match &target {
                Target::Unscoped => None,
                Target::System => Some("the system".to_owned()),
                Target::Domain(domain) => Some(format!("domain {}", domain.id)),
                Target::Project(lineage) => Some(format!("project {}", lineage.project.id)),
            };
            if let Some(target) = target {
                return Err(ContextError::NoAccess { user_id: user_id.into_string(), target });
            }
        }
        let scope = match target {
            Target::Unscoped => ScopeTarget::Unscoped,
            Target::System => ScopeTarget::System,
            Target::Domain(domain) => ScopeTarget::Domain(domain),
            Target::Project(lineage) => {
                ScopeTarget::Project { project: lineage.project.clone(), domain: lineage.domain.clone() }
            }
        };
        let access = Access { user, scope, roles, delegation, text: KnownText::default() };
        let context = TokenContext { claims, access: Arc::new(access) };
        Ok(Loaded { context, basis, events: ahead.events })
    }

    /// The scope: the system before a domain before a project, as Keystone asks.
    async fn target(&self, grant: &Grant, ahead: &mut ReadAhead, basis: &mut Basis) -> Result<Target, ContextError> {
        if grant.is_system() {
            return Ok(Target::System);
        }
        if let Some(id) = grant.domain_id() {
            return Ok(Target::Domain(self.domain(id, basis).await?));
        }
        match grant.project_id() {
            Some(id) => {
                let lineage = self.enabled_project(id, ahead.lineage.take(), basis).await?;
                ahead.domain = Some(lineage.domain.clone());
                Ok(Target::Project(lineage))
            }
            None => Ok(Target::Unscoped),
        }
    }

    async fn enabled_project(
        &self,
        id: &ProjectId,
        found: Option<Option<Arc<Lineage>>>,
        basis: &mut Basis,
    ) -> Result<Arc<Lineage>, ContextError> {
        let found = match found {
            Some(found) => found,
            None => self.directory.lineage(id).await?,
        };
        let lineage = found.ok_or_else(|| Missing::Project(id.to_string()))?;
        for topic in lineage.topics() {
            basis.rests_on(*topic);
        }
        if !lineage.project.is_enabled() {
            return Err(ContextError::ProjectDisabled(id.clone()));
        }
        if lineage.project.is_domain {
            return Err(ContextError::Incomplete("a project that acts as a domain is no scope"));
        }
        if !lineage.domain.is_enabled() {
            return Err(ContextError::DomainDisabled(lineage.domain.id.clone()));
        }
        Ok(lineage)
    }

    async fn domain(&self, id: &DomainId, basis: &mut Basis) -> Result<Arc<Domain>, ContextError> {
        basis.rests_on(Topic::project(&id.as_project()));
        Ok(self.directory.domain(id).await?.ok_or_else(|| Missing::Domain(id.to_string()))?)
    }

    async fn user(&self, id: &UserId, now: DateTime<Utc>, basis: &mut Basis) -> Result<TokenUser, ContextError> {
        self.known_user(None, None, id, now, basis).await
    }

    /// As [`ContextLoader::user`], where the user may have been read already, and the domain may be one that was.
    async fn known_user(
        &self,
        found: Option<Option<Arc<User>>>,
        domain: Option<Arc<Domain>>,
        id: &UserId,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<TokenUser, ContextError> {
        let found = match found {
            Some(found) => found,
            None => self.directory.user(id).await?,
        };
        let user = found.ok_or_else(|| Missing::User(id.to_string()))?;
        basis.rests_on(Topic::user(id));
        basis.holds_until(user.is_enabled_until(self.inactivity));
        let enabled = user.is_enabled(self.inactivity, now.date_naive());
        Ok(TokenUser {
            domain: match domain {
                // What the scope rests on, the user does then.
                Some(domain) if domain.id == user.domain_id => domain,
                _ => self.domain(&user.domain_id, basis).await?,
            },
            id: user.id.clone(),
            name: user.name.clone(),
            password_expires_at: user.password_expires_at,
            options: user.options.clone(),
            enabled,
        })
    }

    async fn delegation(
        &self,
        grant: &Grant,
        user_id: &UserId,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Option<Delegation>, ContextError> {
        Ok(match grant {
            Grant::Trust { trust_id, .. } => Some(self.trust(trust_id, user_id, now, basis).await?),
            Grant::OAuth1 { access_token_id, .. } => {
                basis.rests_on(Topic::oauth1());
                let found = self.store.run(access_token(access_token_id)).await?;
                Some(Delegation::OAuth1(found.ok_or(Missing::AccessToken)?))
            }
            Grant::ApplicationCredential { application_credential_id: id, .. } => {
                basis.rests_on(Topic::application_credential(id));
                basis.rests_on(Topic::access_rules());
                let credential = self.store.run(application_credential(id)).await?;
                Some(Delegation::ApplicationCredential(
                    credential.ok_or_else(|| Missing::ApplicationCredential(id.to_string()))?,
                ))
            }
            _ => None,
        })
    }

    /// A trust that holds now: for this trustee, with both domains and the trustor enabled.
    async fn trust(
        &self,
        id: &TrustId,
        user_id: &UserId,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Delegation, ContextError> {
        let trust = self.live_trust(id, now, basis).await?;
        let trustor = self.user(&trust.trustor_user_id, now, basis).await?;
        let trustee = self.user(&trust.trustee_user_id, now, basis).await?;
        if *user_id != trustee.id {
            return Err(ContextError::TrustBroken("User is not a trustee."));
        }
        for (party, name) in [(&trustor, "Trustor"), (&trustee, "Trustee")] {
            if !party.domain.is_enabled() {
                return Err(ContextError::TrustPartyDomainDisabled(name));
            }
        }
        if !trustor.enabled {
            return Err(ContextError::TrustBroken("Trustor is disabled."));
        }
        Ok(Delegation::Trust { trust, trustor, trustee })
    }

    async fn live_trust(&self, id: &TrustId, now: DateTime<Utc>, basis: &mut Basis) -> Result<Trust, ContextError> {
        let trust = self.store.run(trust(id, now)).await?.ok_or_else(|| Missing::Trust(id.to_string()))?;
        basis.rests_on(Topic::trust(id));
        basis.holds_until(trust.expires_at);
        Ok(trust)
    }

    /// The trustor at the head of a chain of redelegations: that user's roles are what is delegated.
    async fn original_trustor(
        &self,
        trust: &Trust,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<UserId, ContextError> {
        let mut trust = trust.clone();
        let mut seen = vec![trust.id.clone()];
        while let Some(parent_id) = trust.redelegated_trust_id {
            if seen.contains(&parent_id) {
                return Err(ContextError::Incomplete("a trust that was redelegated from itself"));
            }
            trust = self.live_trust(&parent_id, now, basis).await?;
            seen.push(parent_id);
        }
        Ok(trust.trustor_user_id)
    }

    async fn on_project(
        &self,
        holder: Holder<'_>,
        id: &ProjectId,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Holdings, ContextError> {
        let holdings = self.roles.for_project(holder, id, now).await?;
        rest_on(basis, holder, &holdings);
        Ok(holdings)
    }

    async fn on_system(
        &self,
        holder: Holder<'_>,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Holdings, ContextError> {
        let holdings = self.roles.for_system(holder, now).await?;
        rest_on(basis, holder, &holdings);
        Ok(holdings)
    }

    async fn roles_on(
        &self,
        target: &Target,
        grant: &Grant,
        delegation: Option<&Delegation>,
        user_id: &UserId,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Vec<Role>, ContextError> {
        let federation = grant.federation();
        let group_ids = federation.map_or(&[][..], |federation| &federation.group_ids);
        let holder = Holder { user_id, group_ids };
        let mut roles = match target {
            Target::Unscoped => return Ok(Vec::new()),
            Target::System => return Ok(self.on_system(holder, now, basis).await?.on_system()),
            Target::Domain(domain) => {
                self.on_project(holder, &domain.id.as_project(), now, basis).await?.on_domain(&domain.id).to_vec()
            }
            Target::Project(lineage) => {
                return self.roles_on_project(lineage, holder, delegation, federation.is_some(), now, basis).await;
            }
        };
        if federation.is_some() {
            self.add_system_roles(&mut roles, holder, now, basis).await?;
        }
        Ok(roles)
    }

    async fn roles_on_project(
        &self,
        lineage: &Lineage,
        holder: Holder<'_>,
        delegation: Option<&Delegation>,
        federated: bool,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Vec<Role>, ContextError> {
        if let Some(Delegation::Trust { trust, trustor, .. }) = delegation {
            return self.delegated_roles(lineage, trust, &trustor.id, now, basis).await;
        }
        let holdings = self.on_project(holder, &lineage.project.id, now, basis).await?;
        let mut roles = holdings.on_project(&path_of(lineage)).to_vec();
        match delegation {
            Some(Delegation::OAuth1(access_token)) => {
                let granted = holdings.graph.closure(&access_token.role_ids);
                roles.retain(|role| granted.contains(&role.id));
            }
            Some(Delegation::ApplicationCredential(credential)) => {
                roles.retain(|role| credential.role_ids.contains(&role.id));
            }
            _ => {}
        }
        if federated {
            self.add_system_roles(&mut roles, holder, now, basis).await?;
        }
        Ok(roles)
    }

    /// A federated user's roles on the system, of his own and of the groups that his token brings, count on projects and
    /// domains too; those that they imply do not. So it is in Keystone (`_get_federated_roles`).
    async fn add_system_roles(
        &self,
        roles: &mut Vec<Role>,
        holder: Holder<'_>,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<(), ContextError> {
        for role in self.on_system(holder, now, basis).await?.directly_on_system(holder.group_ids) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        Ok(())
    }

    /// What a trust gives: all of its roles and what they imply, or nothing at all if the trustor has lost one of them.
    async fn delegated_roles(
        &self,
        lineage: &Lineage,
        trust: &Trust,
        trustor_id: &UserId,
        now: DateTime<Utc>,
        basis: &mut Basis,
    ) -> Result<Vec<Role>, ContextError> {
        let original_trustor_id = self.original_trustor(trust, now, basis).await?;
        let path = path_of(lineage);
        let mut delegated = Vec::new();
        for delegator in [&original_trustor_id, trustor_id] {
            let holdings = self.on_project(Holder::user(delegator), &lineage.project.id, now, basis).await?;
            let held = holdings.on_project_with_domain_roles(&path);
            let asked = holdings.graph.closure(&trust.role_ids);
            if !asked.is_subset(&held) {
                return Err(ContextError::TrustBroken("Trustee has no delegated roles."));
            }
            delegated = asked
                .iter()
                .filter(|id| holdings.graph.is_global(id))
                .filter_map(|id| holdings.graph.role(id))
                .cloned()
                .collect();
        }
        Ok(delegated)
    }
}

/// What a user holds rests on the user and on the groups that count, until the next membership ends.
fn rest_on(basis: &mut Basis, holder: Holder<'_>, holdings: &Holdings) {
    basis.rests_on(Topic::user(holder.user_id));
    for group_id in &holdings.groups {
        basis.rests_on(Topic::group(group_id));
    }
    basis.holds_until(holdings.until);
}
