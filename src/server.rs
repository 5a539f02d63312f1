//! Serves the HTTP side on a listener that the caller has bound, until the caller says stop.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::response::Response;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{self, AbortHandle, JoinSet},
    time::MissedTickBehavior,
};

use crate::http::{Front, front::Connection, outbound::Outbound};

/// Limits of the server itself. [`Limits::default`] is right for production.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A client gets this long, and perhaps a tenth longer, to send the head of its next request: then idle connections are
    /// closed. Who has sent a part of a head, or still reads an answer, gets as long again.
    pub header_timeout: Duration,
    /// After the signal to stop, requests under way get this long to finish.
    pub drain_timeout: Duration,
    /// Longest head of a request, in bytes; a few tokens fit with room to spare.
    pub max_head_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(75),
            drain_timeout: Duration::from_secs(20),
            max_head_size: 128 * 1024,
        }
    }
}

/// Serves until `shutdown` is ready, then lets the requests under way finish.
///
/// Trouble with one connection ends that connection, never the server. Dropping this ends all connections.
pub async fn serve(listener: TcpListener, front: Front, limits: Limits, shutdown: impl Future<Output = ()>) {
    let mut connections = Connections::default();
    let mut rounds = tokio::time::interval((limits.header_timeout / ROUNDS).max(Duration::from_millis(1)));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = connections.one_ends() => {}
            _ = rounds.tick() => connections.look_after_quiet_ones(),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.begin(stream, peer, front.clone(), limits),
                Err(error) => wait_after(&error).await,
            },
        }
    }
    drop(listener);
    connections.drain();
    if tokio::time::timeout(limits.drain_timeout, connections.all_end()).await.is_err() {
        tracing::warn!(connections = connections.tasks.len(), "some requests did not finish in time and are cut off");
        connections.tasks.shutdown().await;
    }
}

/// So many times while a client may be quiet it is looked whether it is.
const ROUNDS: u32 = 10;

/// The connections that are open.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    open: HashMap<task::Id, Open>,
}

/// A connection as it is looked after.
struct Open {
    progress: Arc<Progress>,
    /// The progress at the last look, and at how many looks it was the same.
    seen: u32,
    quiet: u32,
    /// By which the connection is told to take no more requests; it can be told once. Each has one of its own: one for all would
    /// be touched by every request on every core.
    drain: Option<oneshot::Sender<()>>,
    task: AbortHandle,
}

impl Connections {
    fn begin(&mut self, stream: TcpStream, peer: SocketAddr, front: Front, limits: Limits) {
        let (drain, drained) = oneshot::channel();
        let progress = Arc::new(Progress::default());
        let task = self.tasks.spawn(connection(stream, peer, front, limits, Arc::clone(&progress), drained));
        self.open.insert(task.id(), Open { progress, seen: 0, quiet: 0, drain: Some(drain), task });
    }

    /// Waits for a connection to end; for ever while there is none.
    async fn one_ends(&mut self) {
        let ended = match self.tasks.join_next_with_id().await {
            None => return std::future::pending().await,
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
        };
        self.open.remove(&ended);
    }

    /// Closes connections on which nothing has been asked for too long.
    fn look_after_quiet_ones(&mut self) {
        for open in self.open.values_mut() {
            match open.quiet_looks() {
                // At the first of them it may have been quiet for an instant.
                0..=ROUNDS => {}
                looks if looks <= 2 * ROUNDS => open.drain(),
                _ => open.task.abort(),
            }
        }
    }

    /// Tells all connections to take no more requests.
    fn drain(&mut self) {
        self.open.values_mut().for_each(Open::drain);
    }

    async fn all_end(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Open {
    /// At how many looks in a row, with this one, nothing was asked and nothing was being answered.
    fn quiet_looks(&mut self) -> u32 {
        let now = self.progress.0.load(Ordering::Relaxed);
        let is_quiet = now == self.seen && !Progress::is_under_way(now);
        self.quiet = if is_quiet { self.quiet + 1 } else { 0 };
        self.seen = now;
        self.quiet
    }

    fn drain(&mut self) {
        if let Some(drain) = self.drain.take() {
            // Where nobody listens any more, there is nothing to stop.
            _ = drain.send(());
        }
    }
}

/// How far a connection is: one more when a request has come, and one more when its answer is made.
///
/// hyper would set a deadline for the head of each request, for what nearly never comes, and that is a good part of what a
/// request costs.
#[derive(Default)]
struct Progress(AtomicU32);

impl Progress {
    /// The connection alone writes it.
    fn advance(&self, steps: u32) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(steps), Ordering::Relaxed);
    }

    fn is_under_way(progress: u32) -> bool {
        progress % 2 == 1
    }
}

/// A request on its way to its answer. What has to be waited for is large, and boxed: it would be moved with every request.
enum Answering {
    Done(Response<Outbound>),
    Begun(Pin<Box<dyn Future<Output = Response<Outbound>> + Send>>),
}

/// One connection, with all the requests that come over it.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
    limits: Limits,
    progress: Arc<Progress>,
    mut drained: oneshot::Receiver<()>,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().unwrap_or(peer);
    let ends = Connection::new(peer, local);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answering = match front.answer_at_once(&request, &ends) {
            Some(response) => {
                progress.advance(2);
                Answering::Done(response)
            }
            None => {
                progress.advance(1);
                let (front, ends, progress) = (front.clone(), ends.clone(), Arc::clone(&progress));
                Answering::Begun(Box::pin(async move {
                    let response = front.answer(request, ends).await;
                    progress.advance(1);
                    response
                }))
            }
        };
        async move {
            Ok::<_, Infallible>(match answering {
                Answering::Done(response) => response,
                Answering::Begun(begun) => begun.await,
            })
        }
    });
    let serving =
        http1::Builder::new().max_buf_size(limits.max_head_size).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let outcome = tokio::select! {
        biased;
        outcome = &mut serving => outcome,
        _ = &mut drained => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// A failed `accept` is either the client's doing and over, or a lack of file descriptors that only time can heal.
async fn wait_after(error: &io::Error) {
    let of_one_connection = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    );
    if !of_one_connection {
        tracing::error!(%error, "cannot accept connections; trying again in a moment");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
