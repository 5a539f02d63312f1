//! The first things a cloud needs, so that somebody can log in and make the rest: a domain, an admin with a project and
//! roles, and the identity service in the catalog.
//!
//! Facts: Keystone `cmd/bootstrap.py`. It may be run any number of times: what is there already stays as it is, except
//! that the admin is enabled, gets the given password if it is not the one he has, and the endpoints get the given URLs.
//! All of it happens in one transaction, so a bootstrap that fails, or that races another one, leaves nothing half done.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Map;

use crate::{
    auth::password::{
        PasswordError, PasswordRequirements, PasswordSettings, RequirementsNotMet, check_password, hash_password,
    },
    domain::{
        assignment::{Actor, Assignment, Target},
        catalog::{Endpoint, Region, Service},
        clock::Clock,
        ids::{DomainId, ProjectId, RoleId, UserId},
        random::{Random, SharedRandom, new_id},
        resource::Project,
        revocation::RevocationEvent,
        role::{ImpliedRole, Role},
        secret::SecretText,
        user::{LocalLogin, User, UserOptions},
    },
    store::{
        Store, StoreError, Transaction, assignment,
        catalog::{self, EndpointFilter, ServiceFilter},
        identity::{self, NewPassword, NewUser},
        resource, revocation,
        role::{self, RoleFilter},
        schema::insert_root_domain,
    },
};

/// What to make.
#[derive(Debug, Clone)]
pub struct BootstrapRequest {
    /// The admin's name.
    pub username: String,
    /// The admin's password.
    pub password: SecretText,
    /// The admin's project.
    pub project_name: String,
    /// The admin's role.
    pub role_name: String,
    /// The name of the identity service, if there is none yet.
    pub service_name: String,
    /// The URL of its admin endpoint.
    pub admin_url: Option<String>,
    /// The URL of its public endpoint.
    pub public_url: Option<String>,
    /// The URL of its internal endpoint.
    pub internal_url: Option<String>,
    /// The region of the endpoints.
    pub region_id: Option<String>,
    /// Whether roles that are made get the option `immutable`.
    pub immutable_roles: bool,
}

impl BootstrapRequest {
    /// The defaults of the command, with this password.
    pub fn new(password: SecretText) -> Self {
        Self {
            username: "admin".to_owned(),
            password,
            project_name: "admin".to_owned(),
            role_name: "admin".to_owned(),
            service_name: "keystone".to_owned(),
            admin_url: None,
            public_url: None,
            internal_url: None,
            region_id: None,
            immutable_roles: true,
        }
    }
}

/// What of the configuration counts when users are made and passwords set.
#[derive(Debug, Clone)]
pub struct UserRules {
    /// How passwords are hashed.
    pub passwords: PasswordSettings,
    /// What new ones must look like.
    pub requirements: PasswordRequirements,
    /// `[security_compliance] change_password_upon_first_use`: a password that an administrator sets is expired at once.
    pub change_password_upon_first_use: bool,
    /// `[security_compliance] password_expires_days`.
    pub password_expires_days: Option<u64>,
    /// `[security_compliance] unique_last_password_count`.
    pub unique_last_password_count: u64,
    /// `[security_compliance] disable_user_account_days_inactive` is set: being enabled counts as being active.
    pub inactive_users_are_disabled: bool,
    /// How long revocation events are kept: `[token] expiration` and `[revoke] expiration_buffer` together.
    pub revocation_window: TimeDelta,
}

impl Default for UserRules {
    fn default() -> Self {
        Self {
            passwords: PasswordSettings::default(),
            requirements: PasswordRequirements::default(),
            change_password_upon_first_use: false,
            password_expires_days: None,
            unique_last_password_count: 0,
            inactive_users_are_disabled: false,
            revocation_window: TimeDelta::seconds(3600 + 1800),
        }
    }
}

/// What was made or found.
#[derive(Debug, Clone)]
pub struct Bootstrapped {
    /// `[identity] default_domain_id`.
    pub domain_id: DomainId,
    /// The admin's project.
    pub project_id: ProjectId,
    /// The admin.
    pub user_id: UserId,
    /// The admin's role.
    pub admin_role_id: RoleId,
    /// `manager`.
    pub manager_role_id: RoleId,
    /// `member`.
    pub member_role_id: RoleId,
    /// `reader`.
    pub reader_role_id: RoleId,
    /// `service`.
    pub service_role_id: RoleId,
}

/// Why there is no bootstrap.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password cannot be used, or the stored hash cannot be read.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A domain named `Default` exists, but it is not the one that `[identity] default_domain_id` names.
    #[error("the domain {0} ([identity] default_domain_id) does not exist, and another one has the name Default")]
    NoDefaultDomain(DomainId),
    /// The password is not what `[security_compliance] password_regex` asks for.
    #[error(transparent)]
    Requirements(#[from] RequirementsNotMet),
    /// The thread that hashes is gone.
    #[error("hashing the password was interrupted")]
    Interrupted,
}

/// What the world is made with.
#[derive(Clone, Copy)]
pub struct Maker<'m> {
    /// What counts for users and passwords.
    pub rules: &'m UserRules,
    /// For ids and salts.
    pub random: &'m SharedRandom,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Bootstraps at once can get in each other's way; a loser begins anew and finds what the winner made. It loses at most
/// once to each of the others.
const ATTEMPTS: usize = 16;

/// Makes what `request` says, in the domain `[identity] default_domain_id`.
///
/// # Errors
/// As [`BootstrapError`] says; nothing was changed then.
pub async fn bootstrap(
    store: &Store,
    rules: &UserRules,
    clock: &dyn Clock,
    random: &SharedRandom,
    default_domain_id: &DomainId,
    request: &BootstrapRequest,
) -> Result<Bootstrapped, BootstrapError> {
    let mut attempt = 1;
    loop {
        let maker = Maker { rules, random, now: clock.now() };
        match attempt_bootstrap(store, maker, default_domain_id, request).await {
            Err(BootstrapError::Store(error)) if error.is_duplicate() && attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

async fn attempt_bootstrap(
    store: &Store,
    maker: Maker<'_>,
    domain_id: &DomainId,
    request: &BootstrapRequest,
) -> Result<Bootstrapped, BootstrapError> {
    // Hashing takes long, and a transaction may keep others waiting: so first look, then hash, then write.
    let found = store.run(identity::login_by_name(&request.username, domain_id)).await?;
    let change = maker.plan_admin(found, &request.password).await?;

    let mut transaction = store.begin().await?;
    insert_root_domain(&mut transaction).await?;
    ensure_default_domain(&mut transaction, domain_id).await?;
    let project_id = maker
        .ensure_project(
            &mut transaction,
            domain_id,
            &request.project_name,
            "Bootstrap project for initializing the cloud.",
        )
        .await?;
    let user_id = maker.apply(&mut transaction, domain_id, &request.username, change).await?;

    let immutable = request.immutable_roles;
    let mut ensure_role = async |name: &str| maker.ensure_role(&mut transaction, name, immutable).await;
    let reader_role_id = ensure_role("reader").await?;
    let member_role_id = ensure_role("member").await?;
    let manager_role_id = ensure_role("manager").await?;
    let admin_role_id = ensure_role(&request.role_name).await?;
    let service_role_id = ensure_role("service").await?;
    for (prior, implied) in
        [(&member_role_id, &reader_role_id), (&manager_role_id, &member_role_id), (&admin_role_id, &manager_role_id)]
    {
        let rule = ImpliedRole { prior: prior.clone(), implied: implied.clone() };
        role::create_implied_role(&mut transaction, &rule).await?;
    }
    // From before there was a manager role.
    let outdated = ImpliedRole { prior: admin_role_id.clone(), implied: member_role_id.clone() };
    if role::delete_implied_role(&mut transaction, &outdated).await? {
        tracing::info!("the role {} no longer implies member directly", request.role_name);
    }

    for target in [Target::Project(project_id.clone()), Target::System] {
        let actor = Actor::User(user_id.clone());
        let grant = Assignment { actor, target, role_id: admin_role_id.clone(), inherited: false };
        assignment::grant(&mut transaction, &grant).await?;
    }
    if let Some(region_id) = &request.region_id {
        ensure_region(&mut transaction, region_id).await?;
    }
    maker.ensure_endpoints(&mut transaction, request).await?;
    transaction.commit().await?;
    Ok(Bootstrapped {
        domain_id: domain_id.clone(),
        project_id,
        user_id,
        admin_role_id,
        manager_role_id,
        member_role_id,
        reader_role_id,
        service_role_id,
    })
}

/// What is to happen to a user who may or may not exist.
pub enum UserChange {
    /// Make it.
    Create(NewPassword),
    /// It is as it should be, except perhaps for being enabled.
    Keep {
        /// Who.
        user_id: UserId,
        /// Whether to enable it.
        enable: bool,
    },
    /// Give it the password, and enable it.
    Reset {
        /// Who.
        user_id: UserId,
        /// The row of `local_user`.
        local_user_id: i64,
        /// Its new password.
        password: NewPassword,
    },
}

impl Maker<'_> {
    /// A fresh password hash with the expiry that the rules give it, made off the async threads.
    ///
    /// # Errors
    /// As [`BootstrapError`] says.
    pub async fn new_password(
        &self,
        password: &SecretText,
        options: &UserOptions,
    ) -> Result<NewPassword, BootstrapError> {
        self.rules.requirements.check(password)?;
        let (settings, password, random) = (self.rules.passwords, password.clone(), self.random.clone());
        let hash = tokio::task::spawn_blocking(move || hash_password(&settings, &password, random.as_ref()))
            .await
            .map_err(|_| BootstrapError::Interrupted)??;
        let must_change =
            self.rules.change_password_upon_first_use && options.ignore_change_password_upon_first_use != Some(true);
        let expires_at = if must_change {
            Some(self.now)
        } else if options.ignore_password_expiry == Some(true) {
            None
        } else {
            identity::password_expiry(self.now, self.rules.password_expires_days)
        };
        Ok(NewPassword { hash: Some(hash), created_at: self.now, expires_at, self_service: false })
    }

    /// What has to be done so that the user can log in with `password`.
    ///
    /// # Errors
    /// As [`BootstrapError`] says.
    pub async fn plan_admin(
        &self,
        found: Option<(User, Option<LocalLogin>)>,
        password: &SecretText,
    ) -> Result<UserChange, BootstrapError> {
        let Some((user, Some(login))) = found else {
            return self.new_password(password, &UserOptions::default()).await.map(UserChange::Create);
        };
        // Keystone gives up on a user who is locked, or disabled or expired with the right password. Here it is the
        // tool for recovery that its documentation calls it.
        let expired = user.options.ignore_password_expiry != Some(true)
            && user.password_expires_at.is_some_and(|expires_at| expires_at <= self.now);
        let usable = match login.password.and_then(|password| password.hash) {
            Some(stored) if !expired => self.is_password(password, stored).await?,
            _ => false,
        };
        if usable {
            let enable = !user.enabled || login.failed_auth_count > 0;
            return Ok(UserChange::Keep { user_id: user.id, enable });
        }
        let password = self.new_password(password, &user.options).await?;
        Ok(UserChange::Reset { user_id: user.id, local_user_id: login.local_user_id, password })
    }

    async fn is_password(&self, password: &SecretText, stored: String) -> Result<bool, BootstrapError> {
        let (settings, password) = (self.rules.passwords, password.clone());
        tokio::task::spawn_blocking(move || check_password(&settings, &password, &stored))
            .await
            .map_err(|_| BootstrapError::Interrupted)?
            .map_err(BootstrapError::from)
    }

    /// Does what was planned.
    ///
    /// # Errors
    /// As [`BootstrapError`] says; a duplicate if the user was made in the meantime.
    pub async fn apply(
        &self,
        transaction: &mut Transaction,
        domain_id: &DomainId,
        name: &str,
        change: UserChange,
    ) -> Result<UserId, BootstrapError> {
        let today = self.rules.inactive_users_are_disabled.then(|| self.now.date_naive());
        match change {
            UserChange::Create(password) => {
                let user = NewUser {
                    id: self.id().into(),
                    domain_id: domain_id.clone(),
                    name: name.trim().to_owned(),
                    enabled: true,
                    default_project_id: None,
                    created_at: self.now,
                    last_active_at: today,
                    extra: Map::new(),
                    options: UserOptions::default(),
                    password: Some(password),
                };
                identity::create_user(transaction, &user).await?;
                tracing::info!("created the user {name}");
                Ok(user.id)
            }
            UserChange::Keep { user_id, enable } => {
                if enable {
                    identity::set_enabled(transaction, &user_id, true, today).await?;
                    tracing::info!("enabled the user {name}");
                }
                Ok(user_id)
            }
            UserChange::Reset { user_id, local_user_id, password } => {
                let kept = usize::try_from(self.rules.unique_last_password_count).unwrap_or(0).max(1);
                identity::set_password(transaction, local_user_id, &password, kept).await?;
                identity::set_enabled(transaction, &user_id, true, today).await?;
                let event = RevocationEvent::of_user(user_id.clone(), self.now);
                revocation::revoke(transaction, &event, self.now - self.rules.revocation_window).await?;
                tracing::info!("reset the password of the user {name}");
                Ok(user_id)
            }
        }
    }

    /// The project of that name directly below the domain, made if there is none.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn ensure_project(
        &self,
        transaction: &mut Transaction,
        domain_id: &DomainId,
        name: &str,
        description: &str,
    ) -> Result<ProjectId, StoreError> {
        let name = name.trim();
        if let Some(project) = transaction.run(resource::project_by_name(name, Some(domain_id))).await? {
            return Ok(project.id);
        }
        let project = Project {
            id: self.id().into(),
            name: name.to_owned(),
            domain_id: Some(domain_id.clone()),
            parent_id: Some(domain_id.as_project()),
            is_domain: false,
            enabled: Some(true),
            description: Some(description.to_owned()),
            tags: Vec::new(),
            extra: Map::new(),
            immutable: None,
        };
        resource::create_project(transaction, &project).await?;
        tracing::info!("created the project {name}");
        Ok(project.id)
    }

    /// The global role of that name, made if there is none.
    ///
    /// # Errors
    /// As [`StoreError`] says.
    pub async fn ensure_role(
        &self,
        transaction: &mut Transaction,
        name: &str,
        immutable: bool,
    ) -> Result<RoleId, StoreError> {
        let filter = RoleFilter { name: Some(name.to_owned()), domain_id: Some(None) };
        if let Some(role) = transaction.run(role::roles(&filter)).await?.into_iter().next() {
            return Ok(role.id);
        }
        let role = Role {
            id: self.id().into(),
            name: name.to_owned(),
            domain_id: None,
            description: None,
            extra: Map::new(),
            immutable: immutable.then_some(true),
        };
        role::create_role(transaction, &role).await?;
        tracing::info!("created the role {name}");
        Ok(role.id)
    }

    /// The identity service, and an endpoint for each URL that was given.
    async fn ensure_endpoints(
        &self,
        transaction: &mut Transaction,
        request: &BootstrapRequest,
    ) -> Result<(), StoreError> {
        let urls =
            [("public", &request.public_url), ("internal", &request.internal_url), ("admin", &request.admin_url)];
        let urls: Vec<(&str, &str)> = urls
            .into_iter()
            .filter_map(|(interface, url)| Some((interface, url.as_deref().filter(|url| !url.is_empty())?)))
            .collect();
        if urls.is_empty() {
            return Ok(());
        }
        let filter = ServiceFilter { service_type: Some("identity".to_owned()), enabled: None };
        let service_id = match transaction.run(catalog::services(&filter)).await?.into_iter().next() {
            Some(service) => service.id,
            None => {
                let name = request.service_name.clone().into();
                let service = Service {
                    id: self.id(),
                    service_type: Some("identity".to_owned()),
                    enabled: true,
                    extra: Map::from_iter([("name".to_owned(), name)]),
                };
                catalog::create_service(transaction, &service).await?;
                tracing::info!("created the service {}", request.service_name);
                service.id
            }
        };
        let filter = EndpointFilter {
            service_id: Some(service_id.clone()),
            region_id: request.region_id.clone(),
            ..EndpointFilter::default()
        };
        let existing = transaction.run(catalog::endpoints(&filter)).await?;
        for (interface, url) in urls {
            match existing.iter().rfind(|endpoint| endpoint.interface == interface) {
                Some(endpoint) if endpoint.url == url => {}
                Some(endpoint) => {
                    catalog::set_endpoint_url(transaction, &endpoint.id, url).await?;
                    tracing::info!("moved the {interface} endpoint to {url}");
                }
                None => {
                    let endpoint = Endpoint {
                        id: self.id(),
                        service_id: service_id.clone(),
                        interface: interface.to_owned(),
                        url: url.to_owned(),
                        region_id: request.region_id.clone(),
                        enabled: true,
                        legacy_endpoint_id: None,
                        extra: Map::new(),
                    };
                    catalog::create_endpoint(transaction, &endpoint).await?;
                    tracing::info!("created the {interface} endpoint {url}");
                }
            }
        }
        Ok(())
    }

    fn id(&self) -> String {
        let random: &dyn Random = self.random.as_ref();
        new_id(random)
    }
}

async fn ensure_default_domain(transaction: &mut Transaction, id: &DomainId) -> Result<(), BootstrapError> {
    if transaction.run(resource::domain(id)).await?.is_some() {
        return Ok(());
    }
    match transaction.run(resource::domain_by_name("Default")).await? {
        // Made by somebody else since the question before.
        Some(found) if found.id == *id => return Ok(()),
        Some(_) => return Err(BootstrapError::NoDefaultDomain(id.clone())),
        None => {}
    }
    let domain = Project {
        id: id.as_project(),
        name: "Default".to_owned(),
        domain_id: None,
        parent_id: None,
        is_domain: true,
        enabled: Some(true),
        description: Some("The default domain".to_owned()),
        tags: Vec::new(),
        extra: Map::new(),
        immutable: None,
    };
    resource::create_project(transaction, &domain).await?;
    tracing::info!("created the domain {id}");
    Ok(())
}

async fn ensure_region(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    if transaction.run(catalog::region(id)).await?.is_some() {
        return Ok(());
    }
    let region = Region { id: id.to_owned(), description: String::new(), parent_region_id: None, extra: Map::new() };
    catalog::create_region(transaction, &region).await?;
    tracing::info!("created the region {id}");
    Ok(())
}
