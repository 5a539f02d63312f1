//! The load generator: connections that are kept alive and ask one request after the other.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Connections, each with one request under way.
pub(crate) const CONNECTIONS: usize = 16;

/// Requests that are sent in turn.
pub(crate) struct Requests {
    all: Vec<Box<[u8]>>,
    next: AtomicUsize,
    /// Each is sent once, and then there are no more.
    once: bool,
}

impl Requests {
    /// Requests that are sent over and over.
    pub(crate) fn in_turn(all: Vec<Box<[u8]>>) -> Arc<Self> {
        Arc::new(Self { all, next: AtomicUsize::new(0), once: false })
    }

    /// Requests that are sent once each.
    pub(crate) fn once(all: Vec<Box<[u8]>>) -> Arc<Self> {
        Arc::new(Self { all, next: AtomicUsize::new(0), once: true })
    }

    fn next(&self) -> Option<&[u8]> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if self.once { self.all.get(number) } else { self.all.get(number % self.all.len()) }.map(|request| &**request)
    }
}

/// What came of a round of load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// Answers per second.
    pub rate: f64,
    /// 99 of 100 answers came within this time.
    pub p99: Duration,
}

/// As many requests as are answered in `time`, all with `status`.
pub(crate) async fn load(address: SocketAddr, requests: &Arc<Requests>, status: u16, time: Duration) -> Outcome {
    load_over(address, requests, status, time, true).await
}

/// The same from a server that does not keep connections alive.
pub(crate) async fn load_anew(address: SocketAddr, requests: &Arc<Requests>, status: u16, time: Duration) -> Outcome {
    load_over(address, requests, status, time, false).await
}

async fn load_over(
    address: SocketAddr,
    requests: &Arc<Requests>,
    status: u16,
    time: Duration,
    keeps_alive: bool,
) -> Outcome {
    let start = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let requests = Arc::clone(requests);
            tokio::spawn(async move {
                let mut connection = Connection::to(address).await;
                let mut times = Vec::with_capacity(64 * 1024);
                while start.elapsed() < time {
                    let Some(request) = requests.next() else { break };
                    let sent = Instant::now();
                    let answered = connection.status(request).await;
                    assert_eq!(answered, status, "{}", connection.text());
                    times.push(sent.elapsed());
                    if !keeps_alive {
                        connection = Connection::to(address).await;
                    }
                }
                times
            })
        })
        .collect();
    outcome(tasks, start).await
}

/// Requests at a fixed rate, however long the answers take. What counts is the time since a request was due.
pub(crate) async fn load_at_rate(
    address: SocketAddr,
    requests: &Arc<Requests>,
    status: u16,
    time: Duration,
    per_second: f64,
) -> Outcome {
    let start = Instant::now();
    #[expect(clippy::cast_precision_loss, reason = "sixteen")]
    let pause = Duration::from_secs_f64(CONNECTIONS as f64 / per_second);
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let requests = Arc::clone(requests);
            tokio::spawn(async move {
                let mut connection = Connection::to(address).await;
                let mut times = Vec::new();
                #[expect(clippy::cast_possible_truncation, reason = "sixteen")]
                let mut due = start + pause * number as u32 / CONNECTIONS as u32;
                while start.elapsed() < time {
                    let Some(request) = requests.next() else { break };
                    tokio::time::sleep_until(due.into()).await;
                    let answered = connection.status(request).await;
                    assert_eq!(answered, status, "{}", connection.text());
                    times.push(due.elapsed());
                    due += pause;
                }
                times
            })
        })
        .collect();
    outcome(tasks, start).await
}

async fn outcome(tasks: Vec<tokio::task::JoinHandle<Vec<Duration>>>, start: Instant) -> Outcome {
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("no request fails"));
    }
    let elapsed = start.elapsed();
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "far fewer requests than a float can count")]
    let rate = times.len() as f64 / elapsed.as_secs_f64();
    Outcome { rate, p99: times.get(times.len() * 99 / 100).copied().unwrap_or_default() }
}

/// One request and its whole answer.
pub(crate) async fn ask(address: SocketAddr, request: &[u8]) -> Reply {
    Connection::to(address).await.ask(request).await
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Its status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A client that costs next to nothing: it looks for the end of the head and the length of the body.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    async fn status(&mut self, request: &[u8]) -> u16 {
        self.exchange(request).await.0
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer).into_owned()
    }

    async fn ask(&mut self, request: &[u8]) -> Reply {
        let (status, head_end, end) = self.exchange(request).await;
        let head = String::from_utf8_lossy(&self.buffer[..head_end]);
        let headers = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Reply { status, headers, body: self.buffer[head_end + 4..end].to_vec() }
    }

    /// Status, end of the head, end of the body.
    async fn exchange(&mut self, request: &[u8]) -> (u16, usize, usize) {
        self.stream.write_all(request).await.expect("sent");
        self.buffer.clear();
        let mut ends = None;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("received");
            assert!(read > 0, "the server closed the connection");
            if ends.is_none() {
                let head = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
                ends = head.map(|head| (head, head + 4 + content_length(&self.buffer[..head])));
            }
            if let Some((head, end)) = ends
                && self.buffer.len() >= end
            {
                let status = std::str::from_utf8(&self.buffer[9..12]).expect("a status").parse().expect("a status");
                return (status, head, end);
            }
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length: ";
    head.split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .and_then(|line| std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok())
        .unwrap_or(0)
}
