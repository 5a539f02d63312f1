//! Serves the HTTP side on a listener that the caller has bound, until the caller says stop.

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::Pin, time::Duration};

use axum::response::Response;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::http::{Front, front::Connection};

/// Limits of the server itself. [`Limits::default`] is right for production.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A client gets this long to send the head of its next request; idle connections are closed after it.
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
/// Trouble with one connection ends that connection, never the server.
pub async fn serve(listener: TcpListener, front: Front, limits: Limits, shutdown: impl Future<Output = ()>) {
    let (phase, watched) = watch::channel(Phase::Serving);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    tokio::spawn(connection(stream, peer, front.clone(), limits, watched.clone()));
                }
                Err(error) => wait_after(&error).await,
            },
        }
    }
    drop(listener);
    drop(watched);
    // Every connection holds a receiver: when the last one is gone, all are done.
    phase.send_replace(Phase::Draining);
    if tokio::time::timeout(limits.drain_timeout, phase.closed()).await.is_err() {
        tracing::warn!(connections = phase.receiver_count(), "some requests did not finish in time and are cut off");
        phase.send_replace(Phase::CutOff);
        phase.closed().await;
    }
}

/// How far the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    Draining,
    CutOff,
}

/// A request on its way to its answer. What has to be waited for is large, and boxed: it would be moved with every request.
enum Answering {
    Done(Response),
    Begun(Pin<Box<dyn Future<Output = Response> + Send>>),
}

/// One connection, with all the requests that come over it.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
    limits: Limits,
    mut phase: watch::Receiver<Phase>,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr().unwrap_or(peer);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let connection = Connection { peer, local };
        let answering = match front.answer_at_once(&request, connection) {
            Some(response) => Answering::Done(response),
            None => {
                let front = front.clone();
                Answering::Begun(Box::pin(async move { front.answer(request, connection).await }))
            }
        };
        async move {
            Ok::<_, Infallible>(match answering {
                Answering::Done(response) => response,
                Answering::Begun(begun) => begun.await,
            })
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.max_head_size)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let outcome = loop {
        tokio::select! {
            outcome = &mut serving => break outcome,
            changed = phase.changed() => match changed.map(|()| *phase.borrow_and_update()) {
                Ok(Phase::Serving) => {}
                Ok(Phase::Draining) => serving.as_mut().graceful_shutdown(),
                // The server was dropped instead of told to stop: then so is this connection.
                Ok(Phase::CutOff) | Err(_) => return,
            },
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
