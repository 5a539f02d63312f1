//! A change on its way: the transaction it happens in, and when.

use serde_json::{Map, Value};

use crate::{
    cascade::Moment,
    domain::random::new_id,
    http::{error::ApiError, state::HttpState},
    store::{Query, StoreError, Transaction},
};

/// A change on its way. Dropped without [`Change::commit`], it never happened.
#[must_use = "a change that is not committed never happened"]
pub struct Change<'s> {
    /// What handlers work with.
    pub state: &'s HttpState,
    /// What the change happens in.
    pub transaction: Transaction,
    /// When it happens.
    pub moment: Moment,
}

impl<'s> Change<'s> {
    /// Begins a change.
    ///
    /// # Errors
    ///
    /// The database is not available.
    pub async fn begin(state: &'s HttpState) -> Result<Self, ApiError> {
        let transaction = state.store.begin().await?;
        Ok(Self { state, transaction, moment: Moment::new(state.clock.now(), state.settings.revocation_window) })
    }

    /// A fresh id.
    pub fn new_id(&self) -> String {
        new_id(self.state.random.as_ref())
    }

    /// Reads, in the state that the change has made so far.
    ///
    /// # Errors
    ///
    /// As [`StoreError`] says.
    pub async fn run<T>(&mut self, query: Query<T>) -> Result<T, StoreError> {
        self.transaction.run(query).await
    }

    /// Makes it last.
    ///
    /// # Errors
    ///
    /// As [`StoreError`] says.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }
}

/// For `map_err`: a duplicate becomes the 409 in which Keystone names what is there already (`sql.handle_conflicts`), by
/// the name or else the id among `attributes`, and by their domain.
pub fn on_duplicate<'a>(kind: &'a str, attributes: &'a Map<String, Value>) -> impl FnOnce(StoreError) -> ApiError + 'a {
    move |error| {
        if !error.is_duplicate() {
            return error.into();
        }
        let text = |name: &str| attributes.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let named = match attributes.get("name") {
            Some(_) => text("name").map(|name| format!("name {name}")),
            None => text("id").map(|id| format!("ID {id}")),
        };
        let details = match (named, text("domain_id")) {
            (Some(named), Some(domain_id)) => {
                format!("Duplicate entry found with {named} at domain ID {domain_id}")
            }
            (Some(named), None) => format!("Duplicate entry found with {named}"),
            (None, Some(domain_id)) => format!("Duplicate entry at domain ID {domain_id}"),
            (None, None) => "Duplicate entry".to_owned(),
        };
        ApiError::Conflict { kind: kind.to_owned(), details }
    }
}
