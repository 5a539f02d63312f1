//! Options: refused, unknown, not honoured, and values that are allowed and unwise.

use std::{cmp::Ordering, path::Path};

use crate::{
    app::{password_requirements, password_settings},
    config::{Config, PasswordHashAlgorithm, Sources, Warning},
    domain::finding::Finding,
};

/// bcrypt below this cost is cheap to guess, above the other one slow to log in.
const BCRYPT_COSTS: std::ops::RangeInclusive<i64> = 10..=14;

/// The longest usual Fernet token: federated ones aside, all are shorter (Keystone's default limit).
const USUAL_TOKEN_SIZE: u64 = 255;

/// Keystone counts a higher limit among its symptoms; below it, minting logs every token.
fn token_size(size: u64) -> Option<Finding> {
    let subject = "[DEFAULT] max_token_size";
    match size.cmp(&USUAL_TOKEN_SIZE) {
        Ordering::Equal => None,
        Ordering::Greater => Some(
            Finding::warning(
                "max-token-size",
                subject,
                format!("It is {size}; Fernet tokens are rarely longer than {USUAL_TOKEN_SIZE} characters."),
            )
            .advise("Set it to 255, unless ids come from LDAP or users from federation."),
        ),
        Ordering::Less => Some(
            Finding::note(
                "max-token-size",
                subject,
                format!(
                    "It is {size}, and usual tokens have up to {USUAL_TOKEN_SIZE} characters: the log tells of each."
                ),
            )
            .advise("Set it to 255."),
        ),
    }
}

/// Reads the configuration; what stands against serving it is a finding, and it is read as far as it can be.
pub(super) fn load(sources: &Sources, findings: &mut Vec<Finding>) -> Option<Config> {
    let error = match Config::load(sources) {
        Ok((config, warnings)) => {
            findings.extend(warnings.iter().map(finding_of));
            return Some(config);
        }
        Err(error) => error,
    };
    match Config::load_leniently(sources) {
        Ok(config) => {
            findings.push(
                Finding::error(
                    "configuration-refused",
                    "configuration",
                    format!("`fernstone serve` does not start: {error}."),
                )
                .advise("Change the option, or let a real Keystone serve this configuration."),
            );
            Some(config)
        }
        Err(error) => {
            findings.push(
                Finding::error("configuration-unreadable", "configuration", format!("{error}."))
                    .advise("Name the right files with --config-file, and run this as the user of the service."),
            );
            None
        }
    }
}

fn finding_of(warning: &Warning) -> Finding {
    let (message, subject) = (format!("{warning}."), "configuration");
    match warning {
        Warning::Unknown { .. } => {
            Finding::warning("option-unknown", subject, message).advise("Correct its name or section, or delete it.")
        }
        Warning::NotHonoured { .. } => Finding::warning("option-not-honoured", subject, message)
            .advise("Nothing, if you can do without it; docs/compatibility.md says what is not here."),
        Warning::Renamed { .. } => Finding::note("option-renamed", subject, message).advise("Use the new name."),
    }
}

pub(super) fn examine(config: &Config, findings: &mut Vec<Finding>) {
    debugging(config, findings);
    passwords(config, findings);
    findings.extend(token_size(config.default.max_token_size));
    findings.extend(shared_directory(config));
}

/// Keys of credentials where a rotation for tokens, which asks nobody, would delete them.
fn shared_directory(config: &Config) -> Option<Finding> {
    let credentials = &config.credential.key_repository;
    let others =
        [("tokens", &config.fernet_tokens.key_repository), ("receipts", &config.fernet_receipts.key_repository)];
    let (what, _) = others.into_iter().find(|(_, other)| is_same_directory(credentials, other))?;
    let message = format!(
        "Credentials and {what} share a key directory: a rotation for {what} takes the keys of credentials with it."
    );
    Some(
        Finding::error("key-repositories-shared", "[credential] key_repository", message)
            .advise("Give credentials a directory of their own, and run credential_setup."),
    )
}

/// Whether two paths lead to one directory, by whatever spelling or link.
pub fn is_same_directory(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn debugging(config: &Config, findings: &mut Vec<Finding>) {
    let mut warn = |is_on: bool, code, subject: &str, message: &str, advice: &str| {
        if is_on {
            findings.push(Finding::warning(code, subject, message).advise(advice));
        }
    };
    let default = &config.default;
    warn(default.debug, "debug-on", "[DEFAULT] debug", "The log is at level debug.", "Set it to false in production.");
    warn(
        default.insecure_debug,
        "insecure-debug-on",
        "[DEFAULT] insecure_debug",
        "Errors tell clients what went wrong inside, which helps who guesses.",
        "Set it to false in production.",
    );
    warn(
        default.admin_token.is_some(),
        "admin-token-set",
        "[DEFAULT] admin_token",
        "Whoever knows this one text is admin, and no log says who that was.",
        "Unset it when there is an admin: `bootstrap` makes one.",
    );
}

fn passwords(config: &Config, findings: &mut Vec<Finding>) {
    if let Err(error) = password_settings(config) {
        findings.push(
            Finding::error("password-options", "[identity]", format!("`fernstone serve` does not start: {error}."))
                .advise("Correct the option."),
        );
    }
    let identity = &config.identity;
    let is_bcrypt =
        matches!(identity.password_hash_algorithm, PasswordHashAlgorithm::Bcrypt | PasswordHashAlgorithm::BcryptSha256);
    if let Some(rounds) = identity.password_hash_rounds.filter(|rounds| is_bcrypt && !BCRYPT_COSTS.contains(rounds)) {
        let effect = if rounds < *BCRYPT_COSTS.start() { "cheap to guess" } else { "slow to check, and logins wait" };
        findings.push(
            Finding::warning(
                "password-hash-cost",
                "[identity] password_hash_rounds",
                format!("It is {rounds}: passwords are {effect}."),
            )
            .advise("Use 12, the default."),
        );
    }
    let compliance = &config.security_compliance;
    if let Err(error) = password_requirements(config) {
        findings.push(
            Finding::error("password-regex", "[security_compliance] password_regex", format!("{error}."))
                .advise("Correct the pattern: nobody can change a password until then."),
        );
    }
    if compliance.password_regex.is_some() && compliance.password_regex_description.is_none() {
        findings.push(
            Finding::warning(
                "password-regex-description",
                "[security_compliance] password_regex_description",
                "There is a pattern for passwords, and no words that say what it wants.",
            )
            .advise("Describe the pattern for people; they see it when their password is refused."),
        );
    }
    if let Some(expires) = compliance.password_expires_days.filter(|days| *days > 0)
        && compliance.minimum_password_age > 0
        && compliance.minimum_password_age >= expires
    {
        findings.push(
            Finding::warning(
                "minimum-password-age",
                "[security_compliance] minimum_password_age",
                "Passwords expire before they may be changed.",
            )
            .advise("Make it less than password_expires_days."),
        );
    }
}
