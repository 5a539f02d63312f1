//! `GET /v3/OS-REVOKE/events`.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
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
            Some(parse_time(text).ok_or_else(|| ApiError::invalid(format!("invalidate date format {text}")))?)
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

/// A time as ISO 8601 has it; without a zone it is UTC, without a time it is midnight.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    local
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0)))
        .map(|time| time.and_utc())
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
    use super::*;

    #[test]
    fn times_with_and_without_a_zone() {
        let expected = "2026-07-31T10:00:00Z";
        for text in
            ["2026-07-31T10:00:00Z", "2026-07-31T12:00:00+02:00", "2026-07-31T10:00:00", "2026-07-31 10:00:00.0"]
        {
            assert_eq!(parse_time(text).map(isotime).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse_time("2026-07-31").map(isotime).as_deref(), Some("2026-07-31T00:00:00Z"));
        assert_eq!(parse_time("x"), None);
    }

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
