//! A real Keystone beside Fernstone, on the same database and the same keys: with its default caching, and with memcached.

use std::{
    fmt::Write as _,
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Options,
    load::{Requests, load, load_anew},
    place::{Place, once},
    table::Table,
};

const TOKENS: &str = "/v3/auth/tokens";

/// Keystone is so slow that its rounds are longer.
const PATIENCE: u32 = 4;

/// With so many times the pairs, what neighbours do to a few rounds does not show.
const MORE_PAIRS: usize = 3;

/// Tokens for a Keystone that takes a tenth of a second for each, every time.
const FEW: u64 = 100;

/// The rows about Keystone, whose virtual environment is `options.keystone`.
pub(crate) async fn rows(place: &Place, options: &Options) {
    let Some(environment) = &options.keystone else { return };
    for with_memcached in [false, true] {
        let caching = if with_memcached { "memcached" } else { "its default caching" };
        let name = format!("validation, warm Postgres, beside Keystone with {caching}");
        if options.wants(&name) {
            let memcached = with_memcached.then(Process::memcached);
            let keystone = Process::keystone(environment, place, memcached.as_ref());
            // Without a cache that lasts longer than a request, it is all the same to Keystone how many tokens there are.
            let tokens = if with_memcached { options.tokens } else { FEW };
            let pairs = if with_memcached { options.pairs * MORE_PAIRS } else { options.pairs };
            compare(&name, place, &keystone, tokens, pairs, options).await;
        }
    }
}

/// Keystone is asked about the first `tokens`, each of which it has seen before.
async fn compare(name: &str, place: &Place, keystone: &Process, tokens: u64, pairs: usize, options: &Options) {
    let all = place.validations(TOKENS, 0..options.tokens);
    load(place.server.address, &once(&all), 200, Duration::from_secs(600)).await;
    let theirs = place.validations(TOKENS, 0..tokens);
    // uWSGI takes connections and starts workers anew for ever, even where none of them can read its configuration.
    let each = once(&theirs);
    let answers = load_anew(keystone.address, &each, 200, Duration::from_secs(600));
    tokio::time::timeout(Duration::from_secs(600), answers).await.expect("Keystone answers");
    let (theirs, all) = (Requests::in_turn(theirs), Requests::in_turn(all));
    let mut table = Table::default();
    for _ in 0..pairs {
        let beside = load_anew(keystone.address, &theirs, 200, options.round * PATIENCE).await;
        table.add(beside, load(place.server.address, &all, 200, options.round).await);
    }
    table.print(name);
}

/// A server that is not ours, with its children.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn memcached() -> Self {
        let address = free_address();
        let mut command = Command::new("memcached");
        command.args(["-u", "nobody", "-m", "256", "-l", "127.0.0.1", "-p", &address.port().to_string()]);
        Self::start(command.stdout(Stdio::null()).stderr(Stdio::null()), address)
    }

    /// uWSGI with two workers.
    fn keystone(environment: &Path, place: &Place, memcached: Option<&Self>) -> Self {
        let (directory, address) = (place.directory.path(), free_address());
        let connection = place.url.replace("postgresql://", "postgresql+psycopg2://");
        let mut configuration = format!("[database]\nconnection = {connection}\n");
        // It does not start without a repository for receipts, though none is made here.
        for section in ["fernet_tokens", "fernet_receipts"] {
            writeln!(configuration, "[{section}]\nkey_repository = {}", directory.join("keys").display())
                .expect("a text");
        }
        if let Some(memcached) = memcached {
            let cache = "[cache]\nenabled = true\nbackend = dogpile.cache.pymemcache\nmemcache_servers";
            writeln!(configuration, "{cache} = {}", memcached.address).expect("a text");
        }
        let path = directory.join("real-keystone.conf");
        fs::write(&path, configuration).expect("a configuration");
        let log = File::options().create(true).append(true).open(directory.join("real-keystone.log")).expect("a log");
        let environment = fs::canonicalize(environment).expect("a virtual environment");
        let mut command = Command::new(environment.join("bin/uwsgi"));
        command
            .args(["--module", "keystone.wsgi.api:application", "--http-socket", &address.to_string()])
            .args(["--master", "--processes", "2", "--threads", "1", "--lazy-apps", "--die-on-term", "--no-orphans"])
            .args(["--need-app", "--buffer-size", "65535", "--disable-logging", "--virtualenv"])
            .arg(&environment)
            .env("OS_KEYSTONE_CONFIG_FILES", path)
            .stdout(log.try_clone().expect("a log"))
            .stderr(log);
        Self::start(&mut command, address)
    }

    fn start(command: &mut Command, address: SocketAddr) -> Self {
        let mut child = command.stdin(Stdio::null()).spawn().expect("it runs");
        let patience = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(child.try_wait().expect("a child").is_none(), "it stopped: {command:?}");
            assert!(patience.elapsed() < Duration::from_secs(60), "it does not start: {command:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The workers of uWSGI end with their master.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}
