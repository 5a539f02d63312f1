//! An HTTP client that tidies nothing up: what is in a path or a header goes out as it is, and what comes back is seen as
//! it came.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request.
#[derive(Debug, Clone, Default)]
pub(super) struct Ask {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Ask {
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The bytes on the wire; the connection closes after the answer. A `Host` and the length of the body are filled in
    /// where the headers do not have them.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let has = |name: &str| self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !has("host") {
            head.push_str("Host: keystone.test:5000\r\n");
        }
        if !has("connection") {
            head.push_str("Connection: close\r\n");
        }
        if let Some(body) = &self.body
            && !has("content-length")
        {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }

    pub(super) async fn send(&self, server: SocketAddr) -> Answer {
        let mut stream = TcpStream::connect(server).await.expect("the server accepts connections");
        // A server that refuses a long body may close before it has been sent.
        let _ = stream.write_all(&self.bytes()).await;
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received).await;
        Answer::parse(&received)
    }
}

impl Answer {
    /// Reads the one answer in `received`.
    pub(super) fn parse(received: &[u8]) -> Self {
        let text = String::from_utf8(received.to_vec()).expect("answers are text");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers = lines
            .map(|line| line.split_once(':').expect("a header"))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        Self { status: status.parse().expect("a number"), headers, body: body.to_owned() }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// What is true of every answer, whatever it says.
    pub(super) fn check_always_true(&self, method: &str) {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name} is there twice: {:?}", self.headers);
        }
        if method == "HEAD" || self.status == 204 {
            assert_eq!(self.body, "", "{method} {}", self.status);
        } else {
            let length = self.header("content-length").expect("every answer says how long it is");
            assert_eq!(length, self.body.len().to_string());
        }
        if self.status == 401 {
            assert!(self.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Keystone uri=\"")));
        }
    }
}
