//! What an answer rests on: who keeps it asks whether any of this has changed.

use chrono::{DateTime, Utc};

use crate::store::feed::Topic;

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    topics: Vec<Topic>,
    until: DateTime<Utc>,
}

impl Default for Basis {
    fn default() -> Self {
        Self { topics: Vec::new(), until: DateTime::<Utc>::MAX_UTC }
    }
}

impl Basis {
    /// A change of this changes the answer.
    pub fn rests_on(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    /// At this time, if it is known, the answer changes although nothing was written.
    pub fn holds_until(&mut self, end: Option<DateTime<Utc>>) {
        if let Some(end) = end {
            self.until = self.until.min(end);
        }
    }

    /// All topics.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The earliest time at which the clock alone changes the answer.
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }
}
