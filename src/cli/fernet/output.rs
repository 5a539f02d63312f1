//! How keys, times and reasons are shown, as lines and as JSON, by every command alike.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::options::Target;
use crate::{
    cli::duration,
    keys::{
        KeyNumber, Refusal,
        history::{History, KeyHistory, KeyRole, Stopped, stamp},
        safety::{Dropped, Obstacle, Terms},
    },
};

/// A number; those that JSON readers do not keep apart are texts.
pub(super) fn number(number: KeyNumber) -> Value {
    let text = number.to_string();
    text.parse::<i64>().map_or(Value::String(text), Value::from)
}

pub(super) fn time(time: Option<DateTime<Utc>>) -> Value {
    time.map_or(Value::Null, |time| Value::String(stamp(time)))
}

/// What was asked about.
pub(super) fn settings(target: &Target, now: DateTime<Utc>) -> serde_json::Map<String, Value> {
    let mut object = serde_json::Map::new();
    let mut put = |name: &str, value: Value| _ = object.insert(name.to_owned(), value);
    put("key_repository", target.repository.path().display().to_string().into());
    put("purpose", target.repository.purpose().to_string().into());
    put("now", stamp(now).into());
    put("max_active_keys", target.repository.max_active_keys().get().into());
    put("expiration", target.expiration.num_seconds().into());
    put("allow_expired_window", target.allow_expired_window.num_seconds().into());
    put("distribution_delay", target.terms.distribution_delay.num_seconds().into());
    object
}

pub(super) fn keys(history: &History, terms: &Terms, now: DateTime<Utc>) -> Value {
    let key = |key: &KeyHistory| {
        let age = key.key.modified.filter(|_| history.doubt().is_none()).map(|written| (now - written).num_seconds());
        json!({
            "number": number(key.key.number),
            "role": key.role.to_string(),
            "fingerprint": key.key.fingerprint.map(|it| it.to_string()),
            "written": time(key.key.modified),
            "age_seconds": age.map(|age| age.max(0)),
            "minting_since": time(key.started),
            "stopped_minting": match key.stopped {
                Stopped::At(at) => time(Some(at)),
                Stopped::NotYet => Value::Null,
                Stopped::Unknown => "unknown".into(),
            },
            "stopped_by": match (key.stopped, key.by_note) {
                (Stopped::At(_), true) => "note".into(),
                (Stopped::At(_), false) => "file times".into(),
                _ => Value::Null,
            },
            "tokens_until": match key.stopped {
                Stopped::Unknown => "unknown".into(),
                Stopped::NotYet => Value::Null,
                Stopped::At(_) => time(terms.tokens_until(key, now)),
            },
        })
    };
    history.keys().iter().map(key).collect()
}

/// The table of the keys, in lines.
pub(super) fn table(history: &History, terms: &Terms, now: DateTime<Utc>) -> Vec<String> {
    let unknown = || "unknown".to_owned();
    let row = |key: &KeyHistory| {
        let since = match (key.role, key.started) {
            (KeyRole::Staged, _) => "not yet".to_owned(),
            (_, Some(since)) => stamp(since),
            (_, None) => unknown(),
        };
        let until = match key.stopped {
            Stopped::NotYet if key.role == KeyRole::Primary => "now".to_owned(),
            Stopped::NotYet => String::new(),
            Stopped::At(at) => stamp(at),
            Stopped::Unknown => unknown(),
        };
        let tokens = match (key.stopped, terms.tokens_until(key, now)) {
            (Stopped::NotYet, _) if key.role == KeyRole::Primary => "as long as it mints".to_owned(),
            (Stopped::NotYet, _) => String::new(),
            (_, Some(until)) if until <= now => format!("gone since {}", stamp(until)),
            (_, Some(until)) => stamp(until),
            (_, None) => unknown(),
        };
        let fingerprint = key.key.fingerprint.map_or_else(|| "no key".to_owned(), |it| it.to_string()[..16].to_owned());
        let age = match (key.key.modified, history.doubt()) {
            (Some(written), None) => duration::show(now - written),
            _ => unknown(),
        };
        [key.key.number.to_string(), key.role.to_string(), fingerprint, age, since, until, tokens]
    };
    let heads = ["key", "role", "fingerprint", "age", "minting since", "until", "its tokens live until"];
    let mut rows = vec![heads.map(str::to_owned)];
    rows.extend(history.keys().iter().map(row));
    aligned(&rows)
}

/// Columns of equal width, two spaces apart.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("  {}", cells.join("  ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

pub(super) fn dropped(dropped: &[Dropped]) -> Value {
    let drop = |it: &Dropped| {
        json!({
            "number": number(it.key),
            "tokens_until": it.tokens_until.map_or_else(|| "unknown".into(), |until| time(Some(until))),
        })
    };
    dropped.iter().map(drop).collect()
}

pub(super) fn reasons(obstacles: &[Obstacle]) -> Value {
    let reason = |it: &Obstacle| json!({ "code": it.code(), "message": it.to_string(), "ends": time(it.ends()) });
    obstacles.iter().map(reason).collect()
}

/// `safe`, `safe_from` and `reasons`.
pub(super) fn verdict(refusal: Option<&Refusal>) -> Value {
    match refusal {
        None => json!({ "safe": true, "safe_from": null, "reasons": [] }),
        Some(refusal) => json!({
            "safe": false,
            "safe_from": time(refusal.safe_from),
            "reasons": reasons(&refusal.obstacles),
        }),
    }
}

/// How long from now.
pub(super) fn away(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at >= now {
        format!("in {}", duration::show(at - now + TimeDelta::milliseconds(500)))
    } else {
        format!("{} ago", duration::show(now - at))
    }
}
