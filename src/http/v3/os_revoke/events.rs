//! `GET /v3/OS-REVOKE/events`.

use axum::extract::State;
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        iso8601,
        revocation::RevocationEvent,
        time::{isotime, isotime_subsecond},
    },
    http::{caller::Caller, error::ApiError, inbound::Inbound, json::Json, state::HttpState},
    store::revocation,
};

/// Lists revocation events; with `?since`, later ones only.
pub(in crate::http) async fn events(
    State(state): State<HttpState>,
    inbound: Inbound,
    caller: Caller,
) -> Result<Json, ApiError> {
    caller.may("identity:list_revoke_events").in_general(&state).await?;
    let since = match inbound.query.get("since").filter(|since| !since.is_empty()) {
        Some(text) => {
            Some(iso8601::parse(text).map_err(|_| ApiError::invalid(format!("invalidate date format {text}")))?)
        }
        None => None,
    };
    let events = state.store.run(revocation::events(since)).await?;
    let own_url = state.url(&inbound, "OS-REVOKE/events");
    Ok(Json(json!({
        "events": events.iter().map(wire).collect::<Vec<_>>(),
        "links": { "next": null, "self": own_url, "previous": null },
    })))
}

/// Members that are not set are left out.
fn wire(event: &RevocationEvent) -> Value {
    let mut wire = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            wire.insert(name.to_owned(), value.into());
        }
    };
    put("user_id", event.user_id.as_ref().map(ToString::to_string));
    put("role_id", event.role_id.as_ref().map(ToString::to_string));
    put("domain_id", event.domain_id.as_ref().map(ToString::to_string));
    put("project_id", event.project_id.as_ref().map(ToString::to_string));
    put("audit_id", event.audit_id.clone());
    put("audit_chain_id", event.audit_chain_id.clone());
    put("OS-TRUST:trust_id", event.trust_id.as_ref().map(ToString::to_string));
    put("OS-OAUTH1:consumer_id", event.consumer_id.clone());
    put("OS-OAUTH1:access_token_id", event.access_token_id.as_ref().map(ToString::to_string));
    put("expires_at", event.expires_at.map(isotime));
    put("issued_before", Some(isotime_subsecond(event.issued_before)));
    put("revoked_at", Some(isotime_subsecond(event.revoked_at)));
    wire.into()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    #[test]
    fn what_is_not_set_is_left_out() {
        let time = DateTime::<Utc>::default();
        let event = RevocationEvent::of_chain("chain".to_owned(), time);
        assert_eq!(
            wire(&event),
            json!({
                "audit_chain_id": "chain",
                "issued_before": "1970-01-01T00:00:00.000000Z",
                "revoked_at": "1970-01-01T00:00:00.000000Z",
            })
        );
    }
}
