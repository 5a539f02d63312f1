//! The one question that requests ask: may this caller do that?

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwap;

use super::attributes::Attributes;
use super::default_rules::default_rules;
use super::error::{LoadError, PolicyError};
use super::rule_set::{PolicyFile, RuleSet};
use super::settings::PolicySettings;
use super::source::{self, Traces};

/// The rules in force, and where they come from. Cheap to clone: clones share the rules.
///
/// Judging takes no lock and reads no file. Changes of the policy files are noticed by [`Enforcer::look`], which
/// [`Enforcer::follow`] calls several times a second.
#[derive(Debug, Clone)]
pub struct Enforcer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: PolicySettings,
    rules: ArcSwap<RuleSet>,
    /// Raised after other rules came into force. The first is 1.
    version: AtomicU64,
    seen: Mutex<Seen>,
}

/// What was seen of the policy files so far.
#[derive(Debug)]
struct Seen {
    /// What they looked like when they were last read.
    read: Traces,
    /// What they looked like at the last look.
    last: Traces,
    /// What the rules in force were made of.
    applied: Vec<PolicyFile>,
    /// Whether they have been read again since the start.
    confirmed: bool,
}

/// What [`Enforcer::look`] found.
#[derive(Debug)]
pub enum Look {
    /// The files are as they were.
    Unchanged,
    /// They have changed, and may still be changing: the next look will read them if they are the same then.
    Settling,
    /// They have changed, and what they say now is in force.
    Replaced,
    /// They have changed and cannot be used. The rules in force stay in force.
    Kept(LoadError),
}

impl Enforcer {
    /// Reads the policy files that `settings` name.
    ///
    /// # Errors
    ///
    /// When a file exists and cannot be used: a service whose operator meant to forbid something must not start
    /// without knowing what.
    pub fn new(settings: PolicySettings) -> Result<Self, LoadError> {
        let traces = source::traces(&settings);
        let files = source::read(&settings)?;
        let rules = build(&files, &settings);
        let seen = Seen { read: traces.clone(), last: traces, applied: files, confirmed: false };
        let (rules, version, seen) = (ArcSwap::from_pointee(rules), AtomicU64::new(1), Mutex::new(seen));
        Ok(Self { shared: Arc::new(Shared { settings, rules, version, seen }) })
    }

    /// Judges `action` (`identity:get_user`) as oslo.policy does.
    ///
    /// `credentials` are the caller's attributes, as [`super::Credentials`] has them; `target` is flat, with dotted
    /// names, as [`super::target::flatten`] makes it. A `serde_json::Map` will do for either.
    ///
    /// # Errors
    ///
    /// When the answer is no: see [`PolicyError`].
    pub fn enforce(
        &self,
        action: &str,
        credentials: &dyn Attributes,
        target: &dyn Attributes,
    ) -> Result<(), PolicyError> {
        self.shared.rules.load().enforce(action, credentials, target)
    }

    /// [`Enforcer::enforce`] as a condition: what Keystone asks for each element of a list.
    pub fn allows(&self, action: &str, credentials: &dyn Attributes, target: &dyn Attributes) -> bool {
        self.enforce(action, credentials, target).is_ok()
    }

    /// The rules in force at this moment.
    pub fn rules(&self) -> Arc<RuleSet> {
        self.shared.rules.load_full()
    }

    /// To be asked before something is judged whose outcome is remembered: it holds while this stays the same.
    pub(super) fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    /// Looks whether the policy files have changed, and reads them if they have.
    ///
    /// A change is read when two looks in a row have seen the same: a file that is being written, or that an editor has
    /// just removed to write it anew, is left alone. Reads the file system; not for an async thread.
    pub fn look(&self) -> Look {
        let mut seen = self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = source::traces(&self.shared.settings);
        // The files may have changed while the start read them, within one tick of the file system's clock.
        if now == seen.read && seen.confirmed {
            seen.last = now;
            return Look::Unchanged;
        }
        if now != seen.last {
            seen.last = now;
            return Look::Settling;
        }
        let files = source::read(&self.shared.settings);
        seen.read = now;
        seen.confirmed = true;
        match files {
            Ok(files) if files == seen.applied => Look::Unchanged,
            Ok(files) => {
                for gone in seen.applied.iter().filter(|old| files.iter().all(|new| new.path != old.path)) {
                    tracing::warn!(file = %gone.path.display(), "policy file gone: its rules no longer apply");
                }
                self.shared.rules.store(Arc::new(build(&files, &self.shared.settings)));
                self.shared.version.fetch_add(1, Ordering::Release);
                seen.applied = files;
                Look::Replaced
            }
            Err(error) => Look::Kept(error),
        }
    }
}

fn build(files: &[PolicyFile], settings: &PolicySettings) -> RuleSet {
    let rules = RuleSet::build(default_rules(), files, settings);
    for file in files {
        tracing::info!(file = %file.path.display(), rules = file.rules.len(), "policy file read");
    }
    for warning in rules.warnings() {
        tracing::warn!("policy: {warning}");
    }
    rules
}
