//! The ways in which Keystone writes a time.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};

/// `2026-11-22T01:41:05.000000Z`: tokens and revocation events (Keystone `isotime(subsecond=True)`).
pub fn isotime_subsecond(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// `2026-11-22T01:41:05Z` (oslo `isotime()`).
pub fn isotime(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-22T01:41:05.000000`, without a zone: `password_expires_at` (how oslo.serialization writes a datetime).
pub fn naive_time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// The same time with the fraction of the second cut off.
pub fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(0)
}
