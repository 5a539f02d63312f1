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
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::response::Response;
use hyper::{
    body::Incoming,
    rt::{Sleep, Timer},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{self, JoinSet},
};

use crate::http::{Front, front::Connection, outbound::Outbound};

/// Limits of the server itself. [`Limits::default`] is right for production.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A client gets this long, and perhaps a tenth longer, to send the head of its next request; idle connections are closed
    /// after it.
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
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = connections.one_ends() => {}
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

/// The connections that are open. Each has a channel of its own to be told to stop by: one for all would be touched by every
/// request on every core.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    drains: HashMap<task::Id, oneshot::Sender<()>>,
}

impl Connections {
    fn begin(&mut self, stream: TcpStream, peer: SocketAddr, front: Front, limits: Limits) {
        let (drain, drained) = oneshot::channel();
        let task = self.tasks.spawn(connection(stream, peer, front, limits, drained));
        self.drains.insert(task.id(), drain);
    }

    /// Waits for a connection to end; for ever while there is none.
    async fn one_ends(&mut self) {
        let ended = match self.tasks.join_next_with_id().await {
            None => return std::future::pending().await,
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => error.id(),
        };
        self.drains.remove(&ended);
    }

    /// Tells all connections to take no more requests.
    fn drain(&mut self) {
        for (_, drain) in self.drains.drain() {
            // Where nobody listens any more, there is nothing to stop.
            _ = drain.send(());
        }
    }

    async fn all_end(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// A request on its way to its answer. What has to be waited for is large, and boxed: it would be moved with every request.
enum Answering {
    Done(Response<Outbound>),
    Begun(Pin<Box<dyn Future<Output = Response> + Send>>),
}

/// One connection, with all the requests that come over it.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
    limits: Limits,
    mut drained: oneshot::Receiver<()>,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().unwrap_or(peer);
    let ends = Connection::new(peer, local);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answering = match front.answer_at_once(&request, &ends) {
            Some(response) => Answering::Done(response),
            None => {
                let (front, ends) = (front.clone(), ends.clone());
                Answering::Begun(Box::pin(async move { front.answer(request, ends).await }))
            }
        };
        async move {
            Ok::<_, Infallible>(match answering {
                Answering::Done(response) => response,
                Answering::Begun(begun) => begun.await.map(Outbound::Made),
            })
        }
    });
    let every = (limits.header_timeout / 10).max(Duration::from_millis(1));
    let clock = Arc::new(SlowClock { beginning: Instant::now(), looks: AtomicU32::new(0), every });
    let serving = http1::Builder::new()
        .timer(Deadlines(Arc::clone(&clock)))
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.max_head_size)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let mut pause = tokio::time::interval(every);
    let outcome = loop {
        tokio::select! {
            biased;
            outcome = &mut serving => break outcome,
            _ = &mut drained, if !drained.is_terminated() => serving.as_mut().graceful_shutdown(),
            _ = pause.tick() => {
                clock.looks.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// A clock that goes on only when the connection looks at it, every now and then.
struct SlowClock {
    beginning: Instant,
    looks: AtomicU32,
    every: Duration,
}

impl SlowClock {
    fn now(&self) -> Instant {
        self.beginning + self.every * self.looks.load(Ordering::Relaxed)
    }
}

/// Deadlines by that clock. hyper sets one before each request, for what nearly never comes, and with timers of the runtime
/// that is a good part of what a request costs.
struct Deadlines(Arc<SlowClock>);

impl Timer for Deadlines {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Deadline { clock: Arc::clone(&self.0), at: deadline })
    }

    fn now(&self) -> Instant {
        self.0.now()
    }
}

struct Deadline {
    clock: Arc<SlowClock>,
    at: Instant,
}

impl Future for Deadline {
    type Output = ();

    /// Wakes nobody: whoever looks at the clock looks at this, too. The clock may have been slow by one look when the deadline
    /// was set, so that it has to be past it.
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.clock.now() > self.at { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Sleep for Deadline {}

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
