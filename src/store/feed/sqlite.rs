//! Looking at a SQLite file.

use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use tokio::time::{Instant, sleep, timeout};

use super::{Feed, LOOK_INTERVAL, RETRY_INTERVAL, TRUSTED_FOR};

/// Looks for as long as the process lives.
pub(super) async fn follow(feed: &Feed, options: SqliteConnectOptions) {
    let mut last = String::new();
    loop {
        let Err(error) = look(feed, &options).await;
        let reason = error.to_string();
        feed.ledger().distrust(&reason);
        if reason != last {
            tracing::warn!(reason, "not following the database's changes");
            last = reason;
        }
        sleep(RETRY_INTERVAL).await;
    }
}

/// `data_version` changes when another connection has written. Every connection of the pool is another one, so that this
/// process's own writes are seen too; those count as soon as they are committed, and once more here.
async fn look(feed: &Feed, options: &SqliteConnectOptions) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut connection = options.clone().connect().await?;
    let mut known: Option<i64> = None;
    loop {
        let asked = Instant::now();
        let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut connection);
        let version: i64 =
            timeout(TRUSTED_FOR, version).await.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
        if known != Some(version) {
            feed.ledger().note_everything();
            known = Some(version);
        }
        feed.confirmed(asked);
        sleep(LOOK_INTERVAL).await;
    }
}
