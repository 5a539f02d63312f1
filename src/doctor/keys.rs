//! The key directories, and the clock as their files show it.

use chrono::{DateTime, TimeDelta, Utc};

use super::configuration::is_same_directory;
use crate::{
    app::{key_count, seconds},
    config::Config,
    domain::finding::{Finding, Severity},
    keys::{
        KeyNumber, KeyPurpose, KeyRepository, credentials,
        history::{History, Seen, stamp},
        records,
        safety::Terms,
    },
};

/// Keys that were not rotated for so long have been forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::days(90);

/// The clock of a machine without one starts long ago: before this program was written it cannot be.
const FIRST_POSSIBLE: i64 = 1_735_689_600;

pub(super) fn examine(config: &Config, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    if now.timestamp() < FIRST_POSSIBLE {
        findings.push(
            Finding::error("clock-wrong", "clock", format!("This machine takes {} for now.", stamp(now)))
                .advise("Set the clock, and run NTP: tokens carry times."),
        );
    }
    let (tokens, receipts) = (&config.fernet_tokens, &config.fernet_receipts);
    let shared = is_same_directory(&tokens.key_repository, &receipts.key_repository);
    let receipt = seconds(config.receipt.expiration);
    let life = seconds(config.token.expiration) + seconds(config.token.allow_expired_window);
    let life = if shared { life.max(receipt) } else { life };
    let repository = KeyRepository::new(&tokens.key_repository, key_count(tokens.max_active_keys));
    directory(&repository, Some(life), now, findings);
    if !shared {
        let repository = KeyRepository::new(&receipts.key_repository, key_count(receipts.max_active_keys))
            .with_purpose(KeyPurpose::Receipts);
        directory(&repository, Some(receipt), now, findings);
    }
    directory(&credentials::repository(&config.credential.key_repository), None, now, findings);
}

fn directory(repository: &KeyRepository, life: Option<TimeDelta>, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let credentials = repository.purpose() == KeyPurpose::Credentials;
    let seen = records::default_place(repository.path()).map_or_else(Seen::new, |file| records::read(&file).0);
    for finding in repository.check(&seen, now) {
        let advice = finding.advice.replace("fernet_setup", "credential_setup");
        findings.push(match (credentials, finding.code) {
            // Nothing depends on the age of a credential key.
            (true, "times-not-believed" | "primary-age") => continue,
            // Without keys credentials are encrypted with one that everybody knows, and nothing fails.
            (true, "directory-unusable" | "no-keys") => Finding { severity: Severity::Warning, advice, ..finding },
            (true, _) => Finding { advice, ..finding },
            (false, _) => finding,
        });
    }
    if let (Some(life), Ok(history)) = (life, repository.history(&seen, now)) {
        findings.extend(rhythm(repository, &history, life, now));
    }
}

/// What the last rotations say about the next ones.
fn rhythm(repository: &KeyRepository, history: &History, life: TimeDelta, now: DateTime<Utc>) -> Option<Finding> {
    let last = history.last_rotation()?;
    let subject = repository.path().display().to_string();
    if now - last > FORGOTTEN {
        let message = format!("The last rotation was at {}, {} days ago.", stamp(last), (now - last).num_days());
        return Some(Finding::warning("rotation-forgotten", subject, message).advise(
            "Rotate with a timer: docs/rotation.md has one; `fernet plan --every ...` says how many keys that takes.",
        ));
    }
    // The primary was staged in the rotation before the last one; both keys of a set-up are of one moment.
    let before = history.primary().and_then(|primary| primary.key.modified)?;
    let every = last - before;
    let terms = Terms { life, distribution_delay: TimeDelta::zero() };
    let needed = terms.keys_needed(every).filter(|_| every > TimeDelta::minutes(1))?;
    let has_rotated = history.keys().iter().any(|key| key.key.number > KeyNumber::new(1));
    (has_rotated && needed > repository.max_active_keys()).then(|| {
        let message = format!(
            "Keys were rotated after {} hours last time; that rhythm takes {needed} keys, and max_active_keys is {}.",
            every.num_hours(),
            repository.max_active_keys()
        );
        Finding::warning("max-active-keys", format!("[{}] max_active_keys", repository.purpose().section()), message)
            .advise("Set it so on every node, or rotate more rarely: live tokens lose their key.")
    })
}
