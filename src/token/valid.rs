//! A token that is good now, and what was made of it so far.

use std::{
    any::Any,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{context::TokenContext, error::ContextError};

/// A token that is good now. While it is kept, what is derived from it is kept with it, and forgotten with it.
#[derive(Debug)]
pub struct ValidToken {
    /// Whether its body has no catalog.
    is_unscoped: bool,
    /// When it expires; `None` where access rules may restrict it. Like the one above this follows from the context, parts of
    /// which lie elsewhere in memory, and would have to be fetched with every request.
    plain_until: Option<DateTime<Utc>>,
    /// The body of the answer that shows it, up to where the catalog would come.
    pub(super) head: OnceLock<Bytes>,
    /// The rest of it, with the catalog.
    pub(super) tail: OnceLock<Bytes>,
    derived: OnceLock<Arc<dyn Any + Send + Sync>>,
    context: TokenContext,
}

impl ValidToken {
    /// A token with this meaning.
    pub fn new(context: TokenContext) -> Self {
        let is_plain = context.application_credential().is_none();
        Self {
            is_unscoped: context.is_unscoped(),
            plain_until: is_plain.then_some(context.claims.expires_at),
            head: OnceLock::new(),
            tail: OnceLock::new(),
            derived: OnceLock::new(),
            context,
        }
    }

    /// Whether it is no application credential's, which may be restricted by access rules, and has not expired.
    pub(super) fn is_plain(&self, now: DateTime<Utc>) -> bool {
        self.plain_until.is_some_and(|end| now < end)
    }

    /// As [`Access::is_unscoped`](super::context::Access::is_unscoped).
    pub fn is_unscoped(&self) -> bool {
        self.is_unscoped
    }

    /// What it means.
    pub fn context(&self) -> &TokenContext {
        &self.context
    }

    /// What [`ValidToken::derived`] made of it before.
    pub fn known<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.derived.get()?.downcast_ref()
    }

    /// The one thing that a layer above makes of a token it sees again and again; `make` makes it the first time.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub async fn derived<T, E, M>(&self, make: impl FnOnce() -> M) -> Result<Arc<T>, E>
    where
        M: Future<Output = Result<T, E>>,
        T: Any + Send + Sync,
        E: From<ContextError>,
    {
        if let Some(Ok(known)) = self.derived.get().map(|known| known.clone().downcast()) {
            return Ok(known);
        }
        let made = Arc::new(make().await?);
        // Of two that were made at the same time one is kept; they are equal.
        let _ = self.derived.set(made.clone());
        Ok(made)
    }
}

impl Deref for ValidToken {
    type Target = TokenContext;

    fn deref(&self) -> &TokenContext {
        &self.context
    }
}
