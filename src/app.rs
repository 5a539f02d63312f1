//! The composition root: from a configuration to everything a server needs. Here, and nowhere below, values leave the
//! configuration and become settings of the parts that use them.

use std::{io, num::NonZeroU32, sync::Arc, time::Duration};

use chrono::TimeDelta;
use thiserror::Error;

use crate::{
    assignment::resolver::RoleResolver,
    auth::{
        authenticate::{AuthSettings, Authenticator},
        lookup::StrictNames,
        methods::{
            password::{LockoutSettings, PasswordMethod},
            token::RescopeSettings,
        },
        new_password::{NewPasswords, PasswordRules},
        password::{
            BadPasswordOption, BadPasswordRegex, PasswordOptions, PasswordRequirements, PasswordSettings,
            PasswordWorkers, Scheme, WorkerSettings,
        },
        password_change::PasswordChanges,
    },
    config::{Config, EnforcementModel, PasswordHashAlgorithm, UrlSafe},
    domain::{
        clock::{SharedClock, SystemClock},
        random::{SharedRandom, SystemRandom},
        user::InactivityLimit,
    },
    formatter::{MethodList, Settings as FormatterSettings, TokenFormatter},
    http::{
        Front, HttpState,
        settings::{CorsSettings, DomainConfigSettings, HttpSettings, IdentitySettings, LimitModel, ResourceSettings},
        state::Parts,
    },
    keys::{FollowSettings, KeyRepository, KeyRing},
    metrics::{Metrics, Sources},
    policy::{Enforcer, Following, LoadError, PolicySettings},
    store::{
        DatabaseSettings, Store, StoreError, directory::Directory, feed, max_connections, roster::Roster, url::UrlError,
    },
    token::{
        body::{BodySettings, TokenBodies},
        catalog::CatalogSettings,
        loader::ContextLoader,
        provider::{TokenProvider, TokenSettings},
        renderer::AdminProject,
    },
};

/// What the world around the server gives: handed in, so that tests decide over time and randomness.
#[derive(Clone)]
pub struct Environment {
    /// Time.
    pub clock: SharedClock,
    /// Randomness.
    pub random: SharedRandom,
}

impl Environment {
    /// The machine's own clock and generator.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }
}

/// A server that has not been started.
pub struct App {
    /// Answers requests.
    pub front: Front,
    /// The database.
    pub store: Store,
    /// The keys of tokens.
    pub keys: KeyRing,
    /// Shows how all of this is doing.
    pub metrics: Metrics,
    /// Follows the policy files for as long as it is held.
    pub policy: Following,
    /// Follows the database's changes for as long as it is held.
    pub changes: feed::Following,
    /// Keeps the users at hand for as long as it is held.
    pub roster: feed::Following,
}

/// Why there is no server.
#[derive(Debug, Error)]
pub enum StartError {
    /// `[database] connection`.
    #[error("[database] connection: {0}")]
    DatabaseUrl(#[from] UrlError),
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Database(#[from] StoreError),
    /// A password option.
    #[error(transparent)]
    Password(#[from] BadPasswordOption),
    /// What new passwords must look like.
    #[error(transparent)]
    PasswordRegex(#[from] BadPasswordRegex),
    /// The policy cannot be loaded.
    #[error("the policy cannot be loaded")]
    Policy(#[from] LoadError),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

impl App {
    /// Puts the parts together, within a Tokio runtime. The database is opened, not asked; keys and policy files are read
    /// and followed from now on.
    ///
    /// # Errors
    ///
    /// An option that only its user can check is wrong, or a part cannot start.
    pub fn assemble(config: &Config, store: Store, environment: &Environment) -> Result<Self, StartError> {
        let Environment { clock, random } = environment.clone();
        let rules = password_rules(config)?;
        let inactivity = inactivity(config);
        let roles = RoleResolver::new(store.clone(), config.federation.default_authorization_ttl);
        let roster = Roster::new(store.clone(), roster_users(config));
        let directory = Directory::new(store.clone(), kept_tokens(config)).with_roster(roster.clone());
        let keys = KeyRing::follow(token_keys(config), FollowSettings::default()).map_err(StartError::Thread)?;
        let tokens = TokenProvider::new(
            store.clone(),
            ContextLoader::new(directory.clone(), roles.clone(), inactivity),
            keys.clone(),
            formatter(config),
            clock.clone(),
            random.clone(),
            token_settings(config),
        );
        let workers = PasswordWorkers::start(password_settings(config)?, worker_settings(config), random.clone())
            .map_err(StartError::Thread)?;
        let password = PasswordMethod::new(store.clone(), workers.clone(), clock.clone(), lockout(config));
        let passwords = NewPasswords::new(workers.clone(), rules);
        let password_changes = PasswordChanges::new(
            store.clone(),
            password.clone(),
            passwords.clone(),
            clock.clone(),
            inactivity,
            revocation_window(config),
        );
        let authenticator = Authenticator::new(
            directory,
            roles.clone(),
            tokens.clone(),
            password,
            clock.clone(),
            auth_settings(config, inactivity),
        );
        let enforcer = Enforcer::new(policy_settings(config))?;
        let policy = enforcer.follow();
        let bodies = TokenBodies::new(store.clone(), body_settings(config));
        let front = Front::new(HttpState::new(Parts {
            settings: http_settings(config),
            random,
            clock: clock.clone(),
            store: store.clone(),
            enforcer,
            tokens: tokens.clone(),
            bodies: bodies.clone(),
            roles,
            authenticator,
            passwords,
            password_changes,
        }));
        let metrics = Metrics::new(Sources {
            requests: Arc::clone(front.measures()),
            store: store.clone(),
            keys: keys.clone(),
            tokens,
            bodies,
            roster: roster.clone(),
            workers,
            started: clock.now(),
            clock,
        });
        let changes = store.feed().follow();
        let roster = roster.keep();
        Ok(Self { front, store, keys, metrics, policy, changes, roster })
    }
}

/// How to reach the database that the configuration names. With `create`, a SQLite file that is not there is made;
/// otherwise that is a mistake in the path, and an error when the database is opened.
///
/// # Errors
///
/// The URL cannot be used.
pub fn database_settings(config: &Config, create: bool) -> Result<DatabaseSettings, StartError> {
    let database = &config.database;
    let mut settings = DatabaseSettings::new(database.url()?.location(create)?);
    settings.max_connections = max_connections(database.max_pool_size, database.max_overflow);
    settings.kept_connections =
        database.max_pool_size.filter(|size| *size > 0).map_or(settings.max_connections, |size| size as usize);
    settings.connection_recycle_time =
        u64::try_from(database.connection_recycle_time).map_or(Duration::MAX, Duration::from_secs);
    if let Some(timeout) = database.pool_timeout {
        settings.pool_timeout = Duration::from_secs(timeout);
    }
    settings.queue = usize::try_from(config.fernstone.database_queue).unwrap_or(usize::MAX);
    let statement_timeout = config.fernstone.statement_timeout;
    settings.statement_timeout = (statement_timeout > 0).then(|| Duration::from_secs(statement_timeout));
    Ok(settings)
}

/// The repository of token keys.
pub fn token_keys(config: &Config) -> KeyRepository {
    KeyRepository::new(&config.fernet_tokens.key_repository, key_count(config.fernet_tokens.max_active_keys))
}

/// A `max_active_keys` as a repository takes it: Keystone's options have no upper bound, directories do.
pub(crate) fn key_count(count: u64) -> NonZeroU32 {
    u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

/// How passwords are hashed.
///
/// # Errors
///
/// The options do not fit each other.
pub fn password_settings(config: &Config) -> Result<PasswordSettings, BadPasswordOption> {
    let identity = &config.identity;
    PasswordOptions {
        algorithm: match identity.password_hash_algorithm {
            PasswordHashAlgorithm::Bcrypt => Scheme::Bcrypt,
            PasswordHashAlgorithm::BcryptSha256 => Scheme::BcryptSha256,
            PasswordHashAlgorithm::Scrypt => Scheme::Scrypt,
            PasswordHashAlgorithm::Pbkdf2Sha512 => Scheme::Pbkdf2Sha512,
        },
        rounds: identity.password_hash_rounds,
        scrypt_block_size: identity.scrypt_block_size,
        scrypt_parallelism: identity.scrypt_parallelism,
        salt_bytesize: identity.salt_bytesize,
        max_password_length: identity.max_password_length,
        strict_password_check: config.default.strict_password_check,
    }
    .settings()
}

fn worker_settings(config: &Config) -> WorkerSettings {
    let default = WorkerSettings::default();
    let queue = config.fernstone.password_queue.map(|queue| usize::try_from(queue).unwrap_or(usize::MAX));
    WorkerSettings { queue: queue.unwrap_or(default.queue), ..default }
}

/// What new passwords must look like.
///
/// # Errors
///
/// The pattern does not compile.
pub fn password_requirements(config: &Config) -> Result<PasswordRequirements, BadPasswordRegex> {
    let compliance = &config.security_compliance;
    PasswordRequirements::new(compliance.password_regex.as_deref(), compliance.password_regex_description.clone())
}

fn password_rules(config: &Config) -> Result<PasswordRules, BadPasswordRegex> {
    let compliance = &config.security_compliance;
    Ok(PasswordRules {
        requirements: password_requirements(config)?,
        expires_days: compliance.password_expires_days,
        unique_last_count: compliance.unique_last_password_count,
        minimum_age_days: compliance.minimum_password_age,
        change_upon_first_use: compliance.change_password_upon_first_use,
    })
}

fn inactivity(config: &Config) -> InactivityLimit {
    let days = config.security_compliance.disable_user_account_days_inactive;
    InactivityLimit(days.map(|days| i64::try_from(days).unwrap_or(i64::MAX)))
}

fn revocation_window(config: &Config) -> TimeDelta {
    seconds(config.token.expiration) + seconds(config.revoke.expiration_buffer)
}

fn formatter(config: &Config) -> TokenFormatter {
    TokenFormatter::new(FormatterSettings {
        methods: MethodList::new(config.auth.methods.clone()),
        default_domain_id: config.identity.default_domain_id.as_str().into(),
        max_token_size: usize::try_from(config.default.max_token_size).unwrap_or(usize::MAX),
    })
}

fn kept_tokens(config: &Config) -> usize {
    usize::try_from(config.fernstone.kept_tokens).unwrap_or(usize::MAX)
}

/// Who wants no tokens kept wants no users kept either.
fn roster_users(config: &Config) -> usize {
    if config.fernstone.kept_tokens == 0 {
        0
    } else {
        usize::try_from(config.fernstone.roster_users).unwrap_or(usize::MAX)
    }
}

fn token_settings(config: &Config) -> TokenSettings {
    TokenSettings {
        expiration: seconds(config.token.expiration),
        revocation_buffer: seconds(config.revoke.expiration_buffer),
        kept_tokens: kept_tokens(config),
    }
}

/// Ten thousand years at most: a time that far away can still be added to now.
pub(crate) fn seconds(seconds: u64) -> TimeDelta {
    const LONGEST: TimeDelta = TimeDelta::days(10_000 * 365);
    i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(LONGEST).min(LONGEST)
}

fn lockout(config: &Config) -> LockoutSettings {
    let compliance = &config.security_compliance;
    LockoutSettings {
        failure_attempts: compliance.lockout_failure_attempts.and_then(|attempts| u32::try_from(attempts).ok()),
        duration: compliance.lockout_duration.filter(|duration| *duration > 0).map(seconds),
    }
}

fn auth_settings(config: &Config, inactivity: InactivityLimit) -> AuthSettings {
    AuthSettings {
        methods: config.auth.methods.clone(),
        strict_names: StrictNames {
            projects: config.resource.project_name_url_safe == UrlSafe::Strict,
            domains: config.resource.domain_name_url_safe == UrlSafe::Strict,
        },
        inactivity,
        rescope: RescopeSettings {
            allow_rescope_scoped_token: config.token.allow_rescope_scoped_token,
            additional_primary_methods: config.auth.additional_primary_auth_methods.clone(),
        },
    }
}

pub(crate) fn policy_settings(config: &Config) -> PolicySettings {
    let policy = &config.oslo_policy;
    PolicySettings {
        policy_file: policy.policy_file.clone(),
        policy_dirs: policy.policy_dirs.clone(),
        search_dirs: config.search_dirs.clone(),
        default_rule: policy.policy_default_rule.clone(),
        enforce_scope: policy.enforce_scope,
        enforce_new_defaults: policy.enforce_new_defaults,
    }
}

fn body_settings(config: &Config) -> BodySettings {
    let admin_project = match (&config.resource.admin_project_name, &config.resource.admin_project_domain_name) {
        (Some(name), Some(domain_name)) if !name.is_empty() && !domain_name.is_empty() => {
            Some(AdminProject { name: name.clone(), domain_name: domain_name.clone() })
        }
        _ => None,
    };
    BodySettings {
        kept_catalogs: usize::try_from(config.fernstone.kept_catalogs).unwrap_or(usize::MAX),
        catalog: CatalogSettings {
            return_all_endpoints_if_no_filter: config.endpoint_filter.return_all_endpoints_if_no_filter,
            public_endpoint: config.default.public_endpoint.clone(),
        },
        admin_project,
    }
}

fn http_settings(config: &Config) -> HttpSettings {
    let (default, middleware, cors) = (&config.default, &config.oslo_middleware, &config.cors);
    HttpSettings {
        public_endpoint: default.public_endpoint.clone(),
        admin_token: default.admin_token.clone(),
        insecure_debug: default.insecure_debug,
        max_request_body_size: middleware.max_request_body_size,
        enable_proxy_headers_parsing: middleware.enable_proxy_headers_parsing,
        cors: CorsSettings {
            allowed_origins: cors.allowed_origin.clone().unwrap_or_default(),
            allow_credentials: cors.allow_credentials,
            expose_headers: cors.expose_headers.clone(),
            max_age: cors.max_age.unwrap_or_default(),
            allow_methods: cors.allow_methods.clone(),
            allow_headers: cors.allow_headers.clone(),
        },
        max_db_limit: default.max_db_limit,
        default_domain_id: config.identity.default_domain_id.as_str().into(),
        resource: ResourceSettings {
            max_tree_depth: match config.unified_limit.enforcement_model {
                EnforcementModel::Flat => default.max_project_tree_depth,
                EnforcementModel::StrictTwoLevel => default.max_project_tree_depth.min(2),
            },
            url_safe_project_names: config.resource.project_name_url_safe != UrlSafe::Off,
            url_safe_domain_names: config.resource.domain_name_url_safe != UrlSafe::Off,
            federated_domain_name: config.federation.federated_domain_name.clone(),
        },
        identity: IdentitySettings {
            list_limit: default.list_limit_or(config.identity.list_limit),
            role_list_limit: default.list_limit_or(config.role.list_limit),
            inactivity: inactivity(config),
            default_authorization_ttl: config.federation.default_authorization_ttl,
            prohibited_implied_roles: config.assignment.prohibited_implied_role.clone(),
        },
        domain_config: DomainConfigSettings {
            open: config.domain_options.open.clone(),
            sensitive: config.domain_options.sensitive.clone(),
            password_regex: config.security_compliance.password_regex.clone(),
            password_regex_description: config.security_compliance.password_regex_description.clone(),
        },
        resource_list_limit: default.list_limit_or(config.resource.list_limit),
        catalog_list_limit: default.list_limit_or(config.catalog.list_limit),
        policy_list_limit: default.list_limit_or(config.policy.list_limit),
        limit_model: match config.unified_limit.enforcement_model {
            EnforcementModel::Flat => LimitModel::Flat,
            EnforcementModel::StrictTwoLevel => LimitModel::StrictTwoLevel,
        },
        allow_expired_window: seconds(config.token.allow_expired_window),
        revocation_window: revocation_window(config),
        revoke_by_id: config.token.revoke_by_id,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn the_pool_keeps_as_many_connections_as_configured() {
        let mut config = Config::default();
        assert_eq!(database_settings(&config, false).unwrap().kept_connections, 5);
        config.database.max_pool_size = Some(20);
        assert_eq!(database_settings(&config, false).unwrap().kept_connections, 20);
        config.database.max_pool_size = Some(0);
        let any = database_settings(&config, false).unwrap();
        assert_eq!(any.kept_connections, any.max_connections);
    }

    #[test]
    fn nobody_waits_for_ever_unless_configured() {
        let mut config = Config::default();
        let patience = |config: &Config| {
            let settings = database_settings(config, false).unwrap();
            (settings.pool_timeout.as_secs(), settings.queue, settings.statement_timeout.map(|limit| limit.as_secs()))
        };
        assert_eq!(patience(&config), (5, 1000, Some(10)));
        config.database.pool_timeout = Some(30);
        config.fernstone.database_queue = 7;
        config.fernstone.statement_timeout = 0;
        assert_eq!(patience(&config), (30, 7, None));
    }
}
