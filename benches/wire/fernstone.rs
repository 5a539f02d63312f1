//! Fernstone as its users run it: the program, in a process of its own, with its log in a file.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::load::ask;

/// A server that runs.
pub(crate) struct Fernstone {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it shows how it is doing.
    metrics: SocketAddr,
}

impl Fernstone {
    /// Starts the program on a database (its URL), with everything else in `directory`.
    pub(crate) fn start(directory: &Path, database: &str) -> Self {
        let ready = directory.join("ready.json");
        _ = fs::remove_file(&ready);
        let config = configuration(directory, database);
        let log = File::options().create(true).append(true).open(directory.join("log")).expect("a log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_fernstone"))
            .args(["serve", "--listen", "127.0.0.1:0", "--ready-file"])
            .arg(&ready)
            .arg("--config-file")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program runs");
        let patience = Instant::now();
        let text = loop {
            if let Ok(text) = fs::read_to_string(&ready) {
                break text;
            }
            assert!(process.try_wait().expect("a child").is_none(), "it stopped; see {}", directory.display());
            assert!(patience.elapsed() < Duration::from_secs(30), "it does not start");
            std::thread::sleep(Duration::from_millis(1));
        };
        let urls: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let address = |url: &str| {
            let place = urls[url].as_str().and_then(|url| url.trim_start_matches("http://").split('/').next());
            place.and_then(|place| place.parse().ok()).expect("an address")
        };
        Self { process, address: address("url"), metrics: address("metrics_url") }
    }

    /// Returns when `users` are on its roster: a server reads them in the background, in its first minute.
    pub(crate) async fn knows(&self, users: u64) {
        let patience = Instant::now();
        loop {
            let reply = ask(self.metrics, b"GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n").await;
            let page = String::from_utf8(reply.body).expect("text");
            let mut lines = page.lines();
            let listed = lines.find_map(|line| line.strip_prefix("fernstone_cache_entries{cache=\"users\"} "));
            if listed.and_then(|listed| listed.parse::<u64>().ok()).expect("a number") >= users {
                return;
            }
            assert!(patience.elapsed() < Duration::from_secs(300), "it does not read its users");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("a process");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
        line.split_whitespace().nth(1).and_then(|size| size.parse::<u64>().ok()).expect("a number") / 1024
    }
}

impl Drop for Fernstone {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Writes the configuration file, and answers where it is.
fn configuration(directory: &Path, database: &str) -> PathBuf {
    let path = directory.join("keystone.conf");
    let text = format!(
        "[database]\nconnection = {database}\n[fernet_tokens]\nkey_repository = {}\n[fernstone]\nmetrics_listen = 127.0.0.1:0\n",
        directory.join("keys").display(),
    );
    fs::write(&path, text).expect("a configuration");
    path
}
