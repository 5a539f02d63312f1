//! Connections: kept alive, pipelined, slow, and cut off at the end.

use std::{net::SocketAddr, time::Duration};

use fernstone::{http::HttpSettings, server::Limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::served::{Ground, Served};

/// Sends `bytes` and reads until the server closes.
pub(super) async fn exchange(server: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    received
}

/// Reads one answer without a `Connection: close`: its head, then as much as it says.
async fn read_one(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    loop {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1, "closed too early");
        received.push(byte[0]);
        if received.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(received).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    head + &String::from_utf8(body).unwrap()
}

const KEPT_ALIVE: &[u8] = b"GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n";

#[tokio::test]
async fn a_connection_serves_many_requests_pipelined_or_not() {
    let server = Served::without_data(HttpSettings::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(KEPT_ALIVE).await.unwrap();
        assert!(read_one(&mut stream).await.starts_with("http/1.1 200"));
    }
    stream.write_all(&KEPT_ALIVE.repeat(5)).await.unwrap();
    for _ in 0..5 {
        assert!(read_one(&mut stream).await.starts_with("http/1.1 200"));
    }
}

#[tokio::test]
async fn an_old_client_gets_an_answer_without_a_host() {
    let server = Served::without_data(HttpSettings::default()).await;
    let answer = String::from_utf8(exchange(server.address, b"GET /v3 HTTP/1.0\r\n\r\n").await).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(answer.contains(&format!("http://{}/v3/", server.address)), "{answer}");
}

#[tokio::test]
async fn who_sends_no_request_is_not_waited_for() {
    let limits = Limits { header_timeout: Duration::from_millis(50), ..Limits::default() };
    let server = Served::start(Ground::empty().front(HttpSettings::default()), limits).await;
    let mut under_way = TcpStream::connect(server.address).await.unwrap();
    under_way.write_all(b"GET /v3 HTTP/1.1\r\nHost: k\r\nContent-Length: 2\r\n\r\n").await.unwrap();
    for (beginning, answers) in [(&b""[..], 0), (b"GET /v3 HTTP/1.1\r\nHost:", 0), (b"GET", 0), (KEPT_ALIVE, 1)] {
        let received = tokio::time::timeout(Duration::from_secs(20), exchange(server.address, beginning)).await;
        let received = String::from_utf8(received.expect("it is not waited for")).unwrap();
        assert_eq!(received.matches("HTTP/1.1 200").count(), answers, "{beginning:?}: {received}");
    }
    // However long it takes.
    under_way.write_all(b"{}").await.unwrap();
    assert!(read_one(&mut under_way).await.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = Served::without_data(HttpSettings::default()).await;
    let head = format!("GET /v3 HTTP/1.1\r\nHost: k\r\nX: {}\r\n\r\n", "x".repeat(1024 * 1024));
    let answer = String::from_utf8(exchange(server.address, head.as_bytes()).await).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn stopping_lets_the_request_under_way_finish() {
    let mut server = Served::without_data(HttpSettings::default()).await;
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    busy.write_all(b"GET /v3 HTTP/1.1\r\nHost: k\r\nContent-Length: 2\r\n\r\n").await.unwrap();
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(KEPT_ALIVE).await.unwrap();
    read_one(&mut idle).await;

    server.stop();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "an idle connection is closed");
    assert!(!server.is_finished(), "a request is under way");
    busy.write_all(b"{}").await.unwrap();
    let answer = read_one(&mut busy).await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    server.stopped().await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let limits = Limits { drain_timeout: Duration::from_millis(50), ..Limits::default() };
    let server = Served::start(Ground::empty().front(HttpSettings::default()), limits).await;
    let mut stuck = TcpStream::connect(server.address).await.unwrap();
    stuck.write_all(b"GET /v3 HTTP/1.1\r\nHost: k\r\nContent-Length: 2\r\n\r\n").await.unwrap();
    stuck.flush().await.unwrap();
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.stopped()).await;
    assert!(stopped.is_ok());
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stuck.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the stuck connection is cut off");
}
