//! Listening to Postgres.

use std::time::Duration;

use sqlx::{
    Row as _,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{BEAT_INTERVAL, CHANNEL, Feed, RETRY_INTERVAL, SILENCE, TRUSTED_FOR, triggers};

/// How long to wait before looking again whether somebody has installed the triggers.
const INSTALL_INTERVAL: Duration = Duration::from_secs(5);

/// Why listening ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the listener's connection failed: {0}")]
    Connection(#[from] sqlx::Error),
    #[error("the listener's connection was closed")]
    Closed,
    #[error("the database does not answer the listener")]
    Silent,
    #[error("the database does not announce all changes: `change_feed install` makes it")]
    NotInstalled,
}

/// Listens for as long as the process lives.
pub(super) async fn follow(feed: &Feed, options: PgConnectOptions) {
    let mut last = String::new();
    let mut number = 0;
    loop {
        let Err(ended) = listen(feed, &options, &mut number).await;
        // The same reason again and again is told once.
        let reason = ended.to_string();
        feed.ledger().distrust(&reason);
        if reason != last {
            tracing::warn!(reason, "not following the database's changes");
            last = reason;
        }
        // Triggers that are not there will not come by themselves.
        let is_absent = matches!(ended, Ended::NotInstalled);
        sleep(if is_absent { INSTALL_INTERVAL } else { RETRY_INTERVAL }).await;
    }
}

/// Listens over one connection. `number` is that of the last beat that was sent; no two have the same, so that one which an
/// abandoned connection sends after all proves nothing.
async fn listen(feed: &Feed, options: &PgConnectOptions, number: &mut u64) -> Result<std::convert::Infallible, Ended> {
    // A pool of one, because that is what sqlx makes a listener of. It never reconnects by itself: what was announced
    // in between would be lost without anybody noticing.
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool = pool.acquire_timeout(TRUSTED_FOR * 5).connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    timeout(TRUSTED_FOR, listener.listen(CHANNEL)).await.map_err(|_| Ended::Silent)??;
    // Changes from here on are announced to us; what was kept before may be of a time before that.
    feed.ledger().note_everything();

    let mut was_trusted = false;
    loop {
        *number += 1;
        let sent = Instant::now();
        let beat = sqlx::query(beat_statement()).bind(feed.beat(*number)).fetch_one(&mut listener);
        let row = timeout(SILENCE, beat).await.map_err(|_| Ended::Silent)??;
        if !triggers::is_complete(row.try_get("count")?) {
            return Err(Ended::NotInstalled);
        }
        let mut is_back = false;
        loop {
            let until = if is_back { sent + BEAT_INTERVAL } else { sent + SILENCE };
            let notification = match timeout_at(until, listener.try_recv()).await {
                Ok(notification) => notification?.ok_or(Ended::Closed)?,
                Err(_elapsed) if is_back => break,
                Err(_elapsed) => return Err(Ended::Silent),
            };
            if notification.channel() == CHANNEL && feed.take(notification.payload()) == Some(*number) {
                feed.confirmed(sent);
                is_back = true;
                if !was_trusted {
                    tracing::info!("following the database's changes");
                    was_trusted = true;
                }
            }
        }
    }
}

/// A beat, and whether all triggers are there.
fn beat_statement() -> &'static str {
    use std::sync::LazyLock;
    static BEAT: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT installed.count, pg_notify('{CHANNEL}', $1) FROM ({}) AS installed", triggers::COUNT)
    });
    &BEAT
}
