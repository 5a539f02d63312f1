//! Which payload class holds a token: Keystone's order of precedence (`token.providers.fernet.core`).

use super::{fields::Fields, msgpack::Value, payload::PayloadClass};

/// The class Keystone chooses for a token with these attributes; `None` for a federated token whose only scope is the
/// system, for which there is none.
///
/// Application credential and thumbprint count by truth, so an empty text is absent; the others count by not being null.
pub fn class_for(fields: &Fields) -> Option<PayloadClass> {
    let present = |value: &Value| !value.is_nil();
    let class = if present(&fields.access_token_id) {
        PayloadClass::OAuth1
    } else if present(&fields.trust_id) {
        PayloadClass::Trust
    } else if fields.federated_group_ids.is_some() {
        if present(&fields.project_id) {
            PayloadClass::FederatedProject
        } else if present(&fields.domain_id) {
            PayloadClass::FederatedDomain
        } else if present(&fields.system) {
            return None;
        } else {
            PayloadClass::FederatedUnscoped
        }
    } else if fields.app_cred_id.is_true() {
        PayloadClass::ApplicationCredential
    } else if fields.thumbprint.is_true() {
        PayloadClass::OAuth2Mtls
    } else if present(&fields.project_id) {
        PayloadClass::Project
    } else if present(&fields.domain_id) {
        PayloadClass::Domain
    } else if present(&fields.system) {
        PayloadClass::System
    } else {
        PayloadClass::Unscoped
    };
    Some(class)
}
