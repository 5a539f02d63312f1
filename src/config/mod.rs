//! `keystone.conf`, read as oslo.config reads it. Reading order: [`Sources`] (which files), `ini` (their dialect),
//! `registry` (which options there are), `types` and `values` (what an option's value is), one file per section, and
//! what is said about options that Fernstone does not honour: `refusals` (no start) and `warnings`.
//!
//! Values are handed down from here as settings of the parts that use them; nothing below `app` sees a [`Config`].

mod error;
mod flags;
mod from_value;
mod ini;
#[cfg(test)]
mod recorded;
mod refusals;
mod registry;
mod section;
mod sources;
mod substitution;
mod types;
mod uri;
mod values;
mod warnings;

mod assignment;
mod auth;
mod catalog;
mod cors;
mod credential;
mod database;
mod default;
mod domain_config;
mod endpoint_filter;
mod federation;
mod fernet_receipts;
mod fernet_tokens;
mod fernstone;
mod identity;
mod oslo_middleware;
mod oslo_policy;
mod policy;
mod receipt;
mod resource;
mod revoke;
mod role;
mod security_compliance;
mod token;
mod unified_limit;

use std::fmt;

use registry::Registry;
use section::Section;
use values::Values;

pub use self::{
    assignment::Assignment,
    auth::Auth,
    catalog::Catalog,
    cors::Cors,
    credential::Credential,
    database::Database,
    default::DefaultSection,
    domain_config::{DomainConfig, DomainOptions, OptionLists},
    endpoint_filter::EndpointFilter,
    error::{ConfigError, IniFault, Origin, RefusedValue},
    federation::Federation,
    fernet_receipts::FernetReceipts,
    fernet_tokens::FernetTokens,
    fernstone::{Fernstone, LogFormat},
    flags::ConfigFlags,
    identity::{Identity, PasswordHashAlgorithm},
    oslo_middleware::OsloMiddleware,
    oslo_policy::OsloPolicy,
    policy::Policy,
    receipt::Receipt,
    resource::{Resource, UrlSafe},
    revoke::Revoke,
    role::Role,
    security_compliance::SecurityCompliance,
    sources::{Given, Sources},
    token::Token,
    unified_limit::{EnforcementModel, UnifiedLimit},
    warnings::Warning,
};

/// Defines [`Config`] and what concerns all of its sections.
macro_rules! config {
    ($( $(#[$meta:meta])* $field:ident: $section:ty, )*) => {
        /// Every honoured option of every section.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Config {
            $( $(#[$meta])* pub $field: $section, )*
            /// Directories in which relative names of policy files are looked for, first match first.
            pub search_dirs: Vec<std::path::PathBuf>,
            /// What can be configured for a domain alone.
            pub domain_options: DomainOptions,
        }

        impl Config {
            fn read(values: &Values) -> Result<Self, ConfigError> {
                let mut config = Self {
                    $( $field: Section::read(values)?, )*
                    search_dirs: Vec::new(),
                    domain_options: DomainOptions::NONE,
                };
                config.domain_options = DomainOptions::read(values, &config.domain_config)?;
                Ok(config)
            }

            /// The honoured options as (section, option), in the order of the fields.
            fn honoured() -> Vec<(&'static str, &'static str)> {
                let mut options = Vec::new();
                $( options.extend(<$section>::OPTIONS.iter().map(|option| (<$section>::NAME, *option))); )*
                options
            }
        }
    };
}

config! {
    /// `[DEFAULT]`
    default: DefaultSection,
    /// `[database]`
    database: Database,
    /// `[token]`
    token: Token,
    /// `[fernet_tokens]`
    fernet_tokens: FernetTokens,
    /// `[fernet_receipts]`
    fernet_receipts: FernetReceipts,
    /// `[receipt]`
    receipt: Receipt,
    /// `[credential]`
    credential: Credential,
    /// `[auth]`
    auth: Auth,
    /// `[identity]`
    identity: Identity,
    /// `[resource]`
    resource: Resource,
    /// `[domain_config]`
    domain_config: DomainConfig,
    /// `[role]`
    role: Role,
    /// `[assignment]`
    assignment: Assignment,
    /// `[catalog]`
    catalog: Catalog,
    /// `[endpoint_filter]`
    endpoint_filter: EndpointFilter,
    /// `[policy]`
    policy: Policy,
    /// `[unified_limit]`
    unified_limit: UnifiedLimit,
    /// `[federation]`
    federation: Federation,
    /// `[revoke]`
    revoke: Revoke,
    /// `[security_compliance]`
    security_compliance: SecurityCompliance,
    /// `[oslo_policy]`
    oslo_policy: OsloPolicy,
    /// `[oslo_middleware]`
    oslo_middleware: OsloMiddleware,
    /// `[cors]`
    cors: Cors,
    /// `[fernstone]`
    fernstone: Fernstone,
}

impl Config {
    /// Reads the configuration, and says what in it has no effect.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or parsed, a bad value, or an option that decides who gets in or what a token says
    /// with a value that Fernstone does not support.
    pub fn load(sources: &Sources) -> Result<(Self, Vec<Warning>), ConfigError> {
        let values = Self::values(sources)?;
        let mut config = Self::read(&values)?;
        config.search_dirs = sources.search_dirs()?;
        if let Err((option, error)) = config.database.check() {
            return Err(values.bad(Database::NAME, option, &error.to_string())?);
        }
        refusals::check(&values)?;
        Ok((config, warnings::collect(&values)))
    }

    /// As [`Config::load`] for who uses a few options and serves nothing: values that Fernstone does not support are
    /// taken as they are, so that its tools work beside any Keystone.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or parsed, or a bad value.
    pub fn load_leniently(sources: &Sources) -> Result<Self, ConfigError> {
        let mut config = Self::read(&Self::values(sources)?)?;
        config.search_dirs = sources.search_dirs()?;
        Ok(config)
    }

    /// The effective value of every honoured option and where it comes from, secrets masked.
    ///
    /// # Errors
    ///
    /// As [`Config::load`], except that unsupported values are shown and not refused.
    pub fn explain(sources: &Sources) -> Result<Vec<EffectiveOption>, ConfigError> {
        let values = Self::values(sources)?;
        let effective = |(section, option)| {
            let spec = values.spec(section, option)?;
            let (value, origin) = values.value(spec)?;
            Ok(EffectiveOption { section, option, value: values.show(spec, &value), origin })
        };
        Self::honoured().into_iter().map(effective).collect()
    }

    fn values(sources: &Sources) -> Result<Values, ConfigError> {
        Ok(Values {
            registry: Registry::load().map_err(ConfigError::Registry)?,
            files: sources.read()?,
            environment: sources.environment.clone(),
        })
    }
}

/// One line of [`Config::explain`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveOption {
    /// The section's name.
    pub section: &'static str,
    /// The option's name.
    pub option: &'static str,
    /// The value as text, or `[secret]`.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
}

impl fmt::Display for EffectiveOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {} = {} ({})", self.section, self.option, self.value, self.origin)
    }
}
