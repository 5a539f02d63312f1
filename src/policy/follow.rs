//! Noticing that a policy file has changed, while serving.

use std::error::Error;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::enforcer::{Enforcer, Look};

/// A change counts when two looks in a row have seen it, so it is in force after two of these, well within a second.
/// Looking is better than being told here: it also works on network file systems, for files that do not exist yet, and
/// through the links of a Kubernetes volume, and costs a few microseconds.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// The task that looks after the policy files; it ends when this is dropped.
#[derive(Debug)]
#[must_use = "the policy files are followed only as long as this is kept"]
pub struct Following {
    task: JoinHandle<()>,
    changes: watch::Receiver<u64>,
}

impl Following {
    /// Waits until a change that this has not told of yet is in force.
    pub async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            // The task is gone, with the runtime: no change will come.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Enforcer {
    /// Keeps the rules up to date with their files: what is written there is in force within a second. Must be called
    /// within a Tokio runtime.
    pub fn follow(&self) -> Following {
        let enforcer = self.clone();
        let (sender, changes) = watch::channel(0);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(BETWEEN_LOOKS);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let looking = enforcer.clone();
                match tokio::task::spawn_blocking(move || looking.look()).await {
                    Ok(look) => {
                        report(&look);
                        if matches!(look, Look::Replaced) {
                            sender.send_modify(|changes| *changes += 1);
                        }
                    }
                    Err(_) => tracing::error!("the policy files could not be looked at"),
                }
            }
        });
        Following { task, changes }
    }
}

fn report(look: &Look) {
    match look {
        Look::Unchanged | Look::Settling => {}
        Look::Replaced => tracing::info!("policy changed: the rules of the files are in force"),
        Look::Kept(error) => tracing::error!(
            problem = error.source().map(ToString::to_string),
            "policy not changed, the rules read before stay in force: {error}"
        ),
    }
}
