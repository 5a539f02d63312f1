//! `bootstrap`: the first domain, admin, roles and endpoints (`keystone.cmd.cli.BootStrap`).

use chrono::TimeDelta;

use crate::{
    app::{self, StartError},
    bootstrap::{BootstrapError, BootstrapRequest, Bootstrapped, UserRules, bootstrap},
    config::Config,
    domain::{clock::Clock, random::SharedRandom, secret::SecretText},
    store::Store,
};

/// Make the first admin, with a project and roles, and the identity service in the catalog
///
/// May be repeated: what is there already stays, except that the admin is enabled and gets the given password, and the
/// endpoints the given URLs. Each option but the last two can be given by an environment variable, which then wins.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct BootstrapArgs {
    /// The admin's name
    #[arg(long, value_name = "OS_BOOTSTRAP_USERNAME", default_value = "admin")]
    pub bootstrap_username: String,

    /// The admin's password; an environment variable is the better place for it
    #[arg(long, value_name = "OS_BOOTSTRAP_PASSWORD", value_parser = secret)]
    pub bootstrap_password: Option<SecretText>,

    /// The admin's project
    #[arg(long, value_name = "OS_BOOTSTRAP_PROJECT_NAME", default_value = "admin")]
    pub bootstrap_project_name: String,

    /// The admin's role
    #[arg(long, value_name = "OS_BOOTSTRAP_ROLE_NAME", default_value = "admin")]
    pub bootstrap_role_name: String,

    /// The name of the identity service
    #[arg(long, value_name = "OS_BOOTSTRAP_SERVICE_NAME", default_value = "keystone")]
    pub bootstrap_service_name: String,

    /// The URL of its admin endpoint, such as http://127.0.0.1:5000/v3
    #[arg(long, value_name = "OS_BOOTSTRAP_ADMIN_URL")]
    pub bootstrap_admin_url: Option<String>,

    /// The URL of its public endpoint
    #[arg(long, value_name = "OS_BOOTSTRAP_PUBLIC_URL")]
    pub bootstrap_public_url: Option<String>,

    /// The URL of its internal endpoint
    #[arg(long, value_name = "OS_BOOTSTRAP_INTERNAL_URL")]
    pub bootstrap_internal_url: Option<String>,

    /// The region of its endpoints
    #[arg(long, value_name = "OS_BOOTSTRAP_REGION_ID")]
    pub bootstrap_region_id: Option<String>,

    /// Protect the roles that are made from being changed or deleted; this is the default
    #[arg(long)]
    pub immutable_roles: bool,

    /// Let the roles that are made be changed and deleted
    #[arg(long)]
    pub no_immutable_roles: bool,
}

fn secret(text: &str) -> Result<SecretText, std::convert::Infallible> {
    Ok(SecretText::new(text))
}

/// Why there is no bootstrap.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapCommandError {
    /// Neither the option nor the variable.
    #[error("ERROR: Either --bootstrap-password argument or OS_BOOTSTRAP_PASSWORD must be set.")]
    NoPassword,
    /// The work itself.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
}

impl BootstrapArgs {
    /// The request that the arguments and the environment make. An empty variable counts as absent.
    ///
    /// # Errors
    /// [`BootstrapCommandError::NoPassword`].
    pub fn request(
        &self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<BootstrapRequest, BootstrapCommandError> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let text = |name, argument: &String| variable(name).unwrap_or_else(|| argument.clone());
        let optional = |name, argument: &Option<String>| variable(name).or_else(|| argument.clone());
        Ok(BootstrapRequest {
            username: text("OS_BOOTSTRAP_USERNAME", &self.bootstrap_username),
            password: variable("OS_BOOTSTRAP_PASSWORD")
                .map(SecretText::new)
                .or_else(|| self.bootstrap_password.clone())
                .ok_or(BootstrapCommandError::NoPassword)?,
            project_name: text("OS_BOOTSTRAP_PROJECT_NAME", &self.bootstrap_project_name),
            role_name: text("OS_BOOTSTRAP_ROLE_NAME", &self.bootstrap_role_name),
            service_name: text("OS_BOOTSTRAP_SERVICE_NAME", &self.bootstrap_service_name),
            admin_url: optional("OS_BOOTSTRAP_ADMIN_URL", &self.bootstrap_admin_url),
            public_url: optional("OS_BOOTSTRAP_PUBLIC_URL", &self.bootstrap_public_url),
            internal_url: optional("OS_BOOTSTRAP_INTERNAL_URL", &self.bootstrap_internal_url),
            region_id: optional("OS_BOOTSTRAP_REGION_ID", &self.bootstrap_region_id),
            immutable_roles: !self.no_immutable_roles,
        })
    }
}

/// What of the configuration counts when users are made and passwords set.
///
/// # Errors
/// An option that no password can be hashed with, or a pattern that cannot be used.
pub fn user_rules(config: &Config) -> Result<UserRules, StartError> {
    let compliance = &config.security_compliance;
    let kept = config.token.expiration.saturating_add(config.revoke.expiration_buffer).min(LONGEST_WINDOW);
    Ok(UserRules {
        passwords: app::password_settings(config)?,
        requirements: app::password_requirements(config)?,
        change_password_upon_first_use: compliance.change_password_upon_first_use,
        password_expires_days: compliance.password_expires_days,
        unique_last_password_count: compliance.unique_last_password_count,
        inactive_users_are_disabled: compliance.disable_user_account_days_inactive.is_some_and(|days| days != 0),
        revocation_window: i64::try_from(kept).ok().and_then(TimeDelta::try_seconds).unwrap_or_default(),
    })
}

/// A hundred years, in seconds: no event needs to be kept longer, and every database knows the dates.
const LONGEST_WINDOW: u64 = 100 * 366 * 86_400;

/// Does it.
///
/// # Errors
/// A [`BootstrapCommandError`]: exit status 1.
pub async fn run(
    args: &BootstrapArgs,
    environment: impl Fn(&str) -> Option<String>,
    store: &Store,
    rules: &UserRules,
    clock: &dyn Clock,
    random: &SharedRandom,
    default_domain_id: &str,
) -> Result<Bootstrapped, BootstrapCommandError> {
    let request = args.request(environment)?;
    Ok(bootstrap(store, rules, clock, random, &default_domain_id.into(), &request).await?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: BootstrapArgs,
    }

    fn parse(arguments: &[&str]) -> BootstrapArgs {
        Line::try_parse_from([&["bootstrap"], arguments].concat()).unwrap().args
    }

    #[test]
    fn the_environment_wins_unless_it_is_empty() {
        let args = parse(&["--bootstrap-password", "argument", "--bootstrap-public-url", "http://argument"]);
        let request = args
            .request(|name| match name {
                "OS_BOOTSTRAP_PASSWORD" => Some("variable".to_owned()),
                "OS_BOOTSTRAP_USERNAME" => Some(String::new()),
                "OS_BOOTSTRAP_REGION_ID" => Some("RegionOne".to_owned()),
                _ => None,
            })
            .unwrap();
        assert_eq!(request.password.expose(), "variable");
        assert_eq!(request.username, "admin");
        assert_eq!(request.region_id.as_deref(), Some("RegionOne"));
        assert_eq!(request.public_url.as_deref(), Some("http://argument"));
        assert!(request.immutable_roles);
        assert!(!format!("{args:?}").contains("\"argument\""));
    }

    #[test]
    fn without_a_password_there_is_nothing_to_do() {
        assert!(matches!(parse(&[]).request(|_| None), Err(BootstrapCommandError::NoPassword)));
    }

    #[test]
    fn roles_can_be_left_changeable() {
        let args = parse(&["--bootstrap-password", "x", "--no-immutable-roles"]);
        assert!(!args.request(|_| None).unwrap().immutable_roles);
    }

    #[test]
    fn defaults_are_keystones() {
        let rules = user_rules(&Config::default()).unwrap();
        assert_eq!(rules.revocation_window, TimeDelta::seconds(5400));
        assert!(!rules.inactive_users_are_disabled && !rules.change_password_upon_first_use);
    }
}
