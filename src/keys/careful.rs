//! A rotation that first asks whether it may: `fernet rotate`.
//!
//! Judging and rotating happen under one lock, so that of two rotations at once the second one judges what the first one
//! left.

use std::{fmt, fs, os::unix::fs::MetadataExt};

use chrono::{DateTime, Utc};

use super::{
    history::{DatedKey, History, Seen, stamp},
    key::Key,
    number::KeyNumber,
    repository::{KeyRepository, RepositoryError},
    rotation::{RotationPlan, Shortfall},
    safety::{self, Dropped, Obstacle, Terms},
    set::{KeyFile, KeySet},
    write::{KeyOwner, Lock},
};
use crate::domain::{clock::Clock, random::Random};

/// Why a rotation is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What stands against it, never nothing.
    pub obstacles: Vec<Obstacle>,
    /// From when on it is safe, if nothing else changes. Where an age is not known, it is counted from now, when the keys
    /// were seen not to mint. `None`: time alone does not help.
    pub safe_from: Option<DateTime<Utc>>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> = self.obstacles.iter().map(Obstacle::to_string).collect();
        f.write_str(&reasons.join("; "))?;
        match self.safe_from {
            Some(time) => write!(f, "; it is safe from {}", stamp(time)),
            None => Ok(()),
        }
    }
}

/// A rotation before it is done, or after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    /// When it was judged.
    pub at: DateTime<Utc>,
    /// The keys before it.
    pub history: History,
    /// What it does.
    pub plan: RotationPlan,
    /// The keys that it drops.
    pub dropped: Vec<Dropped>,
    /// What stands against it.
    pub refusal: Option<Refusal>,
}

impl KeyRepository {
    /// What is known of the keys. Reads, and changes nothing.
    ///
    /// # Errors
    /// [`RepositoryError::Io`]: the directory cannot be read.
    pub fn history(&self, seen: &Seen, now: DateTime<Utc>) -> Result<History, RepositoryError> {
        Ok(History::of(&dated(&self.read()?.keys), seen, now))
    }

    /// What a rotation would do now, and what stands against it. Reads, and changes nothing.
    ///
    /// # Errors
    /// As [`KeyRepository::rotate_carefully`], except that a refusal is part of the answer.
    pub fn prospect(&self, terms: &Terms, seen: &Seen, clock: &dyn Clock) -> Result<Prospect, RepositoryError> {
        Ok(self.judge(terms, seen, clock)?.1)
    }

    /// Rotates if no live token loses its key, or with `force` in any case that leaves a usable repository. Nothing is
    /// changed unless everything that the rotation needs is there.
    ///
    /// # Errors
    /// [`RepositoryError::Refused`], and whatever else the variants say. What opened tokens before still does.
    pub fn rotate_carefully(
        &self,
        owner: KeyOwner,
        random: &dyn Random,
        terms: &Terms,
        seen: &Seen,
        clock: &dyn Clock,
        force: bool,
    ) -> Result<Prospect, RepositoryError> {
        let _lock = Lock::on(self.path());
        let (files, prospect) = self.judge(terms, seen, clock)?;
        if let Some(refusal) = prospect.refusal.clone().filter(|_| !force) {
            return Err(RepositoryError::Refused { path: self.path().to_owned(), refusal: Box::new(refusal) });
        }
        self.carry_out(&files, &prospect.plan, owner, random)?;
        Ok(prospect)
    }

    /// To whom the key that mints belongs, or the directory while there is none; `None` where that cannot be seen.
    pub fn owner_of_keys(&self) -> Option<KeyOwner> {
        let names = super::directory::numbered_names(self.path()).ok()?;
        let newest = names.into_iter().max().map(|(_, name)| self.path().join(name));
        let metadata = fs::metadata(newest.as_deref().unwrap_or(self.path())).ok()?;
        Some(KeyOwner { user: Some(metadata.uid()), group: Some(metadata.gid()) })
    }

    /// The keys, with nothing logged about them.
    pub fn load_quietly(&self) -> KeySet {
        self.look().map_or_else(|_| KeySet::empty(), |look| look.keys)
    }

    fn judge(
        &self,
        terms: &Terms,
        seen: &Seen,
        clock: &dyn Clock,
    ) -> Result<(Vec<KeyFile>, Prospect), RepositoryError> {
        let (files, _) = self.files_to_rotate()?;
        let plan = self.plan_for(&files);
        if let Some(shortfall) = plan.ends_early {
            return Err(self.shortfall(shortfall));
        }
        let at = clock.now();
        let history = History::of(&dated(&files), seen, at);
        let mut obstacles = safety::obstacles(&plan, &history, terms, at);
        obstacles.extend(self.names_of_one_number()?);
        let dropped = safety::dropped(&plan, &history, terms, at);
        let refusal = (!obstacles.is_empty()).then(|| {
            let ends = obstacles.iter().map(|obstacle| match obstacle {
                Obstacle::UnknownAge { .. } => Some(at + terms.distribution_delay + terms.life),
                other => other.ends(),
            });
            let safe_from = ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
            Refusal { obstacles, safe_from }
        });
        Ok((files, Prospect { at, history, plan, dropped, refusal }))
    }

    fn shortfall(&self, shortfall: Shortfall) -> RepositoryError {
        RepositoryError::Shortfall { path: self.path().to_owned(), shortfall }
    }

    /// Numbers that more than one file says.
    fn names_of_one_number(&self) -> Result<Vec<Obstacle>, RepositoryError> {
        let mut named: Vec<(KeyNumber, Vec<String>)> = Vec::new();
        for (number, name) in super::directory::numbered_names(self.path())
            .map_err(|source| self.io_error("read", self.path(), source))?
        {
            match named.iter_mut().find(|(known, _)| *known == number) {
                Some((_, names)) => names.push(name),
                None => named.push((number, vec![name])),
            }
        }
        named.sort_by_key(|(number, _)| *number);
        let several = named.into_iter().filter(|(_, names)| names.len() > 1);
        Ok(several.map(|(key, names)| Obstacle::SameNumber { key, names }).collect())
    }
}

/// The keys of files, for [`History`].
pub(super) fn dated(files: &[KeyFile]) -> Vec<DatedKey> {
    let key = |file: &KeyFile| file.text.as_ref().ok().and_then(|text| Key::parse(file.number, text).ok());
    let dated = |file: &KeyFile| DatedKey {
        number: file.number,
        fingerprint: key(file).map(|key| key.fingerprint()),
        modified: file.modified,
    };
    files.iter().map(dated).collect()
}
