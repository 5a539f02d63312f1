//! Mints, validates and revokes tokens (Keystone `token/provider.py`).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;

use super::{
    basis::Basis,
    context::TokenContext,
    error::{ContextError, IssueError, NoKeys, ValidationError},
    kept::{KeptCounts, KeptTokens},
    loader::{ContextLoader, Loaded, ReadEvents},
    revocation::{self, TokenFacts},
    valid::ValidToken,
};
use crate::{
    domain::{
        claims::{AuditIds, Claims, Grant},
        clock::SharedClock,
        ids::UserId,
        random::{SharedRandom, new_audit_id},
        revocation::RevocationEvent,
        secret::SecretText,
        time::whole_seconds,
    },
    formatter::{OpenError, TokenFormatter},
    keys::{KeyRing, KeySet},
    store::{
        Store, StoreError,
        feed::Topic,
        revocation::{TokenKeys, events_for_token},
    },
};

/// Options of tokens.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// `[token] expiration`.
    pub expiration: TimeDelta,
    /// `[revoke] expiration_buffer`: how long after the longest possible life of a token its revocation is kept.
    pub revocation_buffer: TimeDelta,
    /// `[fernstone] kept_tokens`: how many tokens that were found good are kept in memory; 0: none.
    pub kept_tokens: usize,
}

/// Mints, validates and revokes tokens. Clones share everything.
#[derive(Clone)]
pub struct TokenProvider {
    parts: Arc<Parts>,
    keys: KeyRing,
}

struct Parts {
    store: Store,
    contexts: ContextLoader,
    formatter: TokenFormatter,
    clock: SharedClock,
    random: SharedRandom,
    settings: TokenSettings,
    kept: KeptTokens,
}

/// What a new token shall say.
#[derive(Debug, Clone)]
pub struct IssueRequest {
    /// Whom it speaks for.
    pub user_id: UserId,
    /// The authentication methods used.
    pub methods: Vec<String>,
    /// Its scope.
    pub grant: Grant,
    /// `None`: now and `[token] expiration`. A rescoped token keeps its parent's.
    pub expires_at: Option<DateTime<Utc>>,
    /// The head of the chain that it belongs to.
    pub parent_audit_id: Option<String>,
}

/// A token and what it means.
#[derive(Debug)]
pub struct IssuedToken {
    /// The text, for `X-Subject-Token`.
    pub text: SecretText,
    /// What it means.
    pub token: ValidToken,
}

/// How strictly a token is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leniency {
    /// For how long after its expiry a token still passes (`allow_expired`).
    pub expired_for: TimeDelta,
    /// Whether the client says that it enforces access rules (`OpenStack-Identity-Access-Rules` of at least 1.0). A token
    /// from an application credential with such rules passes only then.
    pub access_rules_enforced: bool,
}

impl TokenProvider {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        contexts: ContextLoader,
        keys: KeyRing,
        formatter: TokenFormatter,
        clock: SharedClock,
        random: SharedRandom,
        settings: TokenSettings,
    ) -> Self {
        let kept = KeptTokens::new(store.feed().clone(), settings.kept_tokens);
        Self { parts: Arc::new(Parts { store, contexts, formatter, clock, random, settings, kept }), keys }
    }

    /// The same provider with other keys: what another node is, as far as tokens go.
    #[must_use]
    pub fn with_keys(self, keys: KeyRing) -> Self {
        Self { keys, ..self }
    }

    /// Mints a token.
    ///
    /// # Errors
    ///
    /// The claims mean nothing today (no role on the target, something disabled or gone), or there is no key to sign with.
    pub async fn issue(&self, request: IssueRequest) -> Result<IssuedToken, IssueError> {
        let now = self.parts.clock.now();
        let Loaded { context, .. } = self.parts.contexts.context(self.claims(request, now), now).await?;
        self.sealed(context)
    }

    /// As [`TokenProvider::issue`], where it is known without asking anybody what the token means. `None`: ask that.
    pub fn issue_known(&self, request: IssueRequest) -> Option<IssuedToken> {
        let now = self.parts.clock.now();
        self.sealed(self.parts.contexts.known(self.claims(request, now), now)?).ok()
    }

    fn claims(&self, request: IssueRequest, now: DateTime<Utc>) -> Claims {
        let Parts { formatter, random, settings, .. } = &*self.parts;
        Claims {
            user_id: Some(request.user_id),
            // As they will be read back: the bodies of POST and GET are the same.
            methods: formatter.methods_as_read(request.methods),
            audit: AuditIds { own: new_audit_id(&**random), parent: request.parent_audit_id },
            issued_at: whole_seconds(now),
            expires_at: request.expires_at.unwrap_or_else(|| whole_seconds(now + settings.expiration)),
            grant: request.grant,
        }
    }

    fn sealed(&self, context: TokenContext) -> Result<IssuedToken, IssueError> {
        let key_set = self.keys.glance();
        if key_set.is_empty() {
            return Err(IssueError::NoKeys(NoKeys));
        }
        let primary = key_set.primary().map_err(|error| IssueError::PrimaryKey(error.to_string()))?;
        let Parts { formatter, random, .. } = &*self.parts;
        let text = formatter.seal(&context.claims, primary, &**random);
        let text = text.map_err(|error| IssueError::Unpackable(error.to_string()))?;
        Ok(IssuedToken { text: SecretText::new(text), token: ValidToken::new(context) })
    }

    /// What a token means, if it is good.
    ///
    /// # Errors
    ///
    /// In Keystone's order: not a token; it means nothing today; expired; revoked; its user is disabled; its access rules
    /// are not understood by the client. A disabled user's token leaves a revocation event behind, so that it stays dead
    /// when the account is enabled again.
    pub async fn validate(&self, token: &str, leniency: Leniency) -> Result<Arc<ValidToken>, ValidationError> {
        let Parts { kept, clock, .. } = &*self.parts;
        let found = kept.look(&self.keys.glance(), clock.now()).and_then(|look| look.find(token));
        kept.count(found.is_some(), 1);
        if let Some(found) = found {
            check_expiry(&found, leniency, clock.now())?;
            check_access_rules(&found, leniency)?;
            return Ok(found);
        }
        let stamp = kept.stamp();
        // Kilobytes, which a request for which all is known does not need, and compiled once for all who validate.
        let (found, keys, basis) = self.read(token, leniency).boxed().await?;
        let found = Arc::new(ValidToken::new(found));
        if let Some(stamp) = stamp {
            kept.put(token, &found, keys, stamp, &basis);
        }
        check_access_rules(&found, leniency)?;
        Ok(found)
    }

    /// A token of which it is known, without asking anybody, that it is good. Tokens of application credentials, which may be
    /// restricted by access rules, are left out.
    pub fn known(&self, text: &str) -> Option<Arc<ValidToken>> {
        let Parts { kept, clock, .. } = &*self.parts;
        let found = kept.look(&self.keys.glance(), clock.now())?.find_plain(text)?;
        kept.count(true, 1);
        Some(found)
    }

    /// As [`TokenProvider::known`], of two: the one that a request is made with, and the one that it is about.
    pub fn both_known(&self, own: &str, subject: &str) -> Option<[Arc<ValidToken>; 2]> {
        let (Parts { kept, clock, .. }, keys) = (&*self.parts, self.keys.glance());
        let look = kept.look(&keys, clock.now())?;
        let both = [look.find_plain(own)?, look.find_plain(subject)?];
        kept.count(true, 2);
        Some(both)
    }

    /// Tokens that wait to be asked about together.
    pub fn waiting(&self) -> usize {
        self.parts.contexts.waiting()
    }

    /// How often tokens could be served from memory.
    pub fn kept_counts(&self) -> KeptCounts {
        self.parts.kept.counts()
    }

    /// As [`TokenProvider::validate`], from the database. Access rules are not looked at.
    async fn read(
        &self,
        token: &str,
        leniency: Leniency,
    ) -> Result<(TokenContext, Arc<KeySet>, Basis), ValidationError> {
        let Parts { contexts, clock, .. } = &*self.parts;
        let (claims, keys) = self.open(token).await?;
        let now = clock.now();
        let loaded = contexts.context(claims, now).await.map_err(|error| refusal(error, token))?;
        let Loaded { context, mut basis, events } = loaded;
        check_expiry(&context, leniency, now)?;
        for audit_id in context.claims.audit.iter() {
            basis.rests_on(Topic::audit(audit_id));
        }
        if self.is_revoked(&context, events).await? {
            return Err(ValidationError::NotValid);
        }
        if !context.user.enabled {
            self.record(&[RevocationEvent::of_user(context.user.id.clone(), now)]).await?;
            return Err(ValidationError::NoLongerValid { token: token.to_owned() });
        }
        Ok((context, keys, basis))
    }

    /// Whether a revocation event, of those that were read along with the context or of others, says that the token is no
    /// longer good.
    async fn is_revoked(&self, context: &TokenContext, read: ReadEvents) -> Result<bool, StoreError> {
        let Parts { store, contexts, .. } = &*self.parts;
        let facts = TokenFacts::of(context);
        let ReadEvents { about_access: Some(about_access), of_token } = read else {
            let events = store.run(events_for_token(&keys_of(context))).await?;
            return Ok(revocation::is_revoked(&events, &facts));
        };
        let of_token = match of_token {
            Some(events) => events,
            None => contexts.events_of_token(&context.claims.audit).await?,
        };
        Ok(revocation::is_revoked(about_access.iter().chain(&of_token), &facts))
    }

    /// Revokes a token that is good now and, with `chain`, every token made from it if it is the head of its chain.
    ///
    /// # Errors
    ///
    /// As [`TokenProvider::validate`].
    pub async fn revoke(&self, token: &str, chain: bool) -> Result<(), ValidationError> {
        let valid = self.validate(token, Leniency::default()).await?;
        let now = self.parts.clock.now();
        let own = valid.claims.audit.own.clone();
        let mut events = vec![RevocationEvent::of_token(own.clone(), now)];
        if chain {
            events.push(RevocationEvent::of_chain(own, now));
        }
        Ok(self.record(&events).await?)
    }

    /// Writes revocation events and removes those that no living token can fall under any more.
    async fn record(&self, events: &[RevocationEvent]) -> Result<(), StoreError> {
        let Parts { store, clock, settings, .. } = &*self.parts;
        let oldest = clock.now() - settings.expiration - settings.revocation_buffer;
        for event in events {
            store.revoke(event, oldest).await?;
        }
        Ok(())
    }

    /// Decrypts and unpacks. Before a token is refused because no key opens it, the key directory is looked at again:
    /// another node may have rotated a moment ago.
    async fn open(&self, token: &str) -> Result<(Claims, Arc<KeySet>), ValidationError> {
        if token.is_empty() {
            return Err(ValidationError::NoToken);
        }
        let formatter = &self.parts.formatter;
        let mut key_set = self.keys.snapshot();
        let opened = match formatter.open(token, &key_set) {
            Err(error) if error.another_key_might_open() => {
                key_set = self.keys.look_again().await;
                if key_set.is_empty() {
                    return Err(ValidationError::NoKeys(NoKeys));
                }
                formatter.open(token, &key_set)
            }
            other => other,
        };
        match opened {
            Ok(opened) => Ok((opened.claims, key_set)),
            Err(OpenError::UnknownVersion(version)) => Err(ValidationError::UnknownPayloadVersion(version)),
            Err(error) => {
                tracing::debug!(%error, "token refused");
                Err(ValidationError::Unrecognized)
            }
        }
    }
}

fn check_expiry(context: &TokenContext, leniency: Leniency, now: DateTime<Utc>) -> Result<(), ValidationError> {
    if now >= context.claims.expires_at + leniency.expired_for {
        return Err(ValidationError::NotValid);
    }
    Ok(())
}

fn check_access_rules(context: &TokenContext, leniency: Leniency) -> Result<(), ValidationError> {
    let has_rules = context.application_credential().is_some_and(|credential| !credential.access_rules.is_empty());
    if has_rules && !leniency.access_rules_enforced {
        return Err(ValidationError::NotValid);
    }
    Ok(())
}

/// What the database compares revocation events with.
fn keys_of(context: &TokenContext) -> TokenKeys<'_> {
    let (trustor_id, trustee_id) = match context.trust() {
        Some((_, trustor, trustee)) => (Some(&trustor.id), Some(&trustee.id)),
        None => (None, None),
    };
    let claims = &context.claims;
    TokenKeys {
        issued_at: claims.issued_at,
        user_id: Some(&context.user.id),
        trustor_id,
        trustee_id,
        project_id: claims.grant.project_id(),
        audit_id: Some(&claims.audit.own),
        trust_id: claims.grant.trust_id(),
    }
}

/// What the caller of `validate` is told when the claims mean nothing today: lost access looks like a lost token.
fn refusal(error: ContextError, token: &str) -> ValidationError {
    match error {
        ContextError::NoAccess { .. } => ValidationError::NoLongerValid { token: token.to_owned() },
        ContextError::Incomplete(_) => ValidationError::Unrecognized,
        ContextError::Store(error) => ValidationError::Store(error),
        other => ValidationError::Context(other),
    }
}
