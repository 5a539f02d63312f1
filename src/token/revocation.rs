//! Which revocation events a token falls under (Keystone `models/revoke_model.py` and `revoke/backends/sql.py`). Pure.
//!
//! Keystone checks in two steps, and so the columns differ in meaning: SQL selects by time, user, project, audit id and
//! trust, Python compares the rest. [`TokenFacts`] is what both look at, [`is_revoked`] takes both steps: events are kept
//! for all tokens of a user and a scope, and the database's selection was not made for each.

use chrono::{DateTime, Utc};

use super::context::{ScopeTarget, TokenContext};
use crate::domain::{
    ids::{DomainId, ProjectId, RoleId, TrustId, UserId},
    revocation::RevocationEvent,
};

/// What of a token events are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Whole seconds.
    pub issued_at: DateTime<Utc>,
    /// Whole seconds.
    pub expires_at: DateTime<Utc>,
    /// The user; under a trust also the trustor and the trustee.
    pub user_ids: Vec<UserId>,
    /// The user's domain.
    pub identity_domain_id: DomainId,
    /// The domain of a domain-scoped token. Keystone leaves it empty for project-scoped ones.
    pub assignment_domain_id: Option<DomainId>,
    /// The project of a project-scoped token.
    pub project_id: Option<ProjectId>,
    /// The trust.
    pub trust_id: Option<TrustId>,
    /// The OAuth1 consumer.
    pub consumer_id: Option<String>,
    /// The token's own audit id.
    pub audit_id: String,
    /// The head of its chain; none for the head itself.
    pub audit_chain_id: Option<String>,
    /// Effective roles.
    pub role_ids: Vec<RoleId>,
}

impl TokenFacts {
    /// The facts of a token that has been understood.
    pub fn of(context: &TokenContext) -> Self {
        let claims = &context.claims;
        let mut user_ids = vec![context.user.id.clone()];
        if let Some((_, trustor, trustee)) = context.trust() {
            user_ids.extend([trustor.id.clone(), trustee.id.clone()]);
        }
        Self {
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            user_ids,
            identity_domain_id: context.user.domain.id.clone(),
            assignment_domain_id: match &context.scope {
                ScopeTarget::Domain(domain) => Some(domain.id.clone()),
                _ => None,
            },
            project_id: claims.grant.project_id().cloned(),
            trust_id: claims.grant.trust_id().cloned(),
            consumer_id: context.oauth1().map(|access_token| access_token.consumer_id.clone()),
            audit_id: claims.audit.own.clone(),
            audit_chain_id: claims.audit.parent.clone(),
            role_ids: context.roles.iter().map(|role| role.id.clone()).collect(),
        }
    }

    /// The first step: issued in time, and user, project, audit id and trust match where the event names them.
    fn selects(&self, event: &RevocationEvent) -> bool {
        event.issued_before >= self.issued_at
            && matches(&event.user_id, |id| self.user_ids.contains(id))
            && matches(&event.project_id, |id| self.project_id.as_ref() == Some(id))
            && matches(&event.audit_id, |id| self.audit_id == *id)
            && matches(&event.trust_id, |id| self.trust_id.as_ref() == Some(id))
    }
}

/// Whether any of the events revokes the token.
pub fn is_revoked<'e>(events: impl IntoIterator<Item = &'e RevocationEvent>, facts: &TokenFacts) -> bool {
    events.into_iter().any(|event| facts.selects(event) && matches_event(event, facts))
}

/// An event with a domain and an expiry is about domain-scoped tokens of that domain; one with a domain alone is about
/// everything in the domain.
fn matches_event(event: &RevocationEvent, facts: &TokenFacts) -> bool {
    let domain_matches = matches(&event.domain_id, |id| {
        let scoped = facts.assignment_domain_id.as_ref() == Some(id);
        if event.expires_at.is_some() { scoped } else { scoped || facts.identity_domain_id == *id }
    });
    domain_matches
        && matches(&event.expires_at, |expires_at| facts.expires_at == crate::domain::time::whole_seconds(*expires_at))
        && matches(&event.trust_id, |id| facts.trust_id.as_ref() == Some(id))
        && matches(&event.consumer_id, |id| facts.consumer_id.as_ref() == Some(id))
        && matches(&event.audit_chain_id, |id| facts.audit_chain_id.as_ref() == Some(id))
        && matches(&event.role_id, |id| facts.role_ids.contains(id))
}

/// A column that an event leaves empty matches every token.
fn matches<T>(column: &Option<T>, test: impl FnOnce(&T) -> bool) -> bool {
    column.as_ref().is_none_or(test)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap_or_default()
    }

    fn facts() -> TokenFacts {
        TokenFacts {
            issued_at: noon(),
            expires_at: noon() + TimeDelta::hours(1),
            user_ids: vec!["u".into()],
            identity_domain_id: "home".into(),
            assignment_domain_id: None,
            project_id: Some("p".into()),
            trust_id: None,
            consumer_id: None,
            audit_id: "child".to_owned(),
            audit_chain_id: Some("root".to_owned()),
            role_ids: vec!["reader".into()],
        }
    }

    fn revoked(event: RevocationEvent) -> bool {
        is_revoked([&event], &facts())
    }

    #[test]
    fn a_token_issued_in_the_second_of_the_event_is_revoked_and_a_later_one_is_not() {
        assert!(revoked(RevocationEvent::of_user("u".into(), noon())));
        assert!(!revoked(RevocationEvent::of_user("u".into(), noon() - TimeDelta::seconds(1))));
    }

    #[test]
    fn events_of_others_do_not_touch_the_token() {
        assert!(!revoked(RevocationEvent::of_user("other".into(), noon())));
        assert!(!revoked(RevocationEvent::of_project("other".into(), noon())));
        assert!(!revoked(RevocationEvent::of_token("root".to_owned(), noon())));
    }

    #[test]
    fn revoking_the_head_of_a_chain_revokes_what_was_made_from_it() {
        assert!(revoked(RevocationEvent::of_chain("root".to_owned(), noon())));
        assert!(!revoked(RevocationEvent::of_chain("child".to_owned(), noon())), "the chain has another head");
    }

    #[test]
    fn a_domain_alone_covers_its_users_and_with_an_expiry_only_tokens_for_it() {
        let of_home = RevocationEvent { domain_id: Some("home".into()), ..RevocationEvent::at(noon()) };
        assert!(revoked(of_home.clone()));
        assert!(!revoked(RevocationEvent { expires_at: Some(facts().expires_at), ..of_home }));
    }

    #[test]
    fn a_role_in_the_event_must_be_one_of_the_tokens() {
        let of_role = |role: &str| RevocationEvent { role_id: Some(role.into()), ..RevocationEvent::at(noon()) };
        assert!(revoked(of_role("reader")));
        assert!(!revoked(of_role("admin")));
    }
}
