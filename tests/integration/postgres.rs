//! A throw-away Postgres: one cluster for the whole test binary, one database for each test.
//!
//! The server runs under a shell that waits for its standard input to end. This process holds the other end of that
//! pipe and never closes it, so however the tests end (done, panicked, killed), the shell stops the server and removes
//! its files.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use fernstone::store::url::{DatabaseUrl, PostgresUrl};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};

const USER: &str = "postgres";

/// A fresh, empty database.
pub(crate) async fn fresh_database() -> DatabaseUrl {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect_with(&options("postgres")).await.expect("the cluster answers");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .expect("a new database");
    connection.close().await.expect("the connection closes");
    url(&name)
}

/// The options for a connection of the test's own to the database of `url`.
pub(crate) fn options_of(url: &DatabaseUrl) -> PgConnectOptions {
    match url {
        DatabaseUrl::Postgres(PostgresUrl { database: Some(name), .. }) => options(name),
        other => panic!("not a database of the cluster: {other:?}"),
    }
}

fn options(database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port()).username(USER).database(database)
}

fn url(database: &str) -> DatabaseUrl {
    DatabaseUrl::Postgres(PostgresUrl {
        username: Some(USER.to_owned()),
        host: Some("127.0.0.1".to_owned()),
        port: Some(port()),
        database: Some(database.to_owned()),
        ..PostgresUrl::default()
    })
}

/// A process of the cluster's that stands still for as long as this lives.
pub(crate) struct Stopped(Pid);

impl Stopped {
    pub(crate) fn process(pid: i32) -> Self {
        let pid = Pid::from_raw(pid).expect("a process");
        kill_process(pid, Signal::STOP).expect("a signal to the server of this test");
        Self(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        kill_process(self.0, Signal::CONT).expect("a signal to the server of this test");
    }
}

/// The port of the cluster, which is started by whoever asks first.
fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(start)
}

fn start() -> u16 {
    // Between choosing a port and listening on it another process may take it.
    for _ in 0..10 {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        match serve(port) {
            Ok(()) => return port,
            Err(log) => assert!(log.contains("could not bind"), "Postgres does not start:\n{log}"),
        }
    }
    panic!("no port for Postgres");
}

/// Makes a cluster, starts its server and waits for it to say that it is ready; its log is the error.
fn serve(port: u16) -> Result<(), String> {
    let programs = programs();
    let account = account();
    let directory = new_cluster(&programs, account.as_deref());
    let server = as_account(account.as_deref(), &programs.join("postgres"));
    let mut shell = Command::new("sh")
        .args(["-c", SUPERVISE, "sh"])
        .arg(&directory)
        .arg(server.get_program())
        .args(server.get_args())
        .arg("-D")
        .arg(directory.join("data"))
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"])
        .args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "lc_messages=C"])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell runs");
    let mut log = BufReader::new(shell.stderr.take().expect("standard error is a pipe")).lines();
    let mut said = String::new();
    while let Some(Ok(line)) = log.next() {
        if line.contains("database system is ready to accept connections") {
            // Somebody must go on reading, or the server would at some time block on its log. The child goes along, so
            // that its standard input stays open as long as the process lives.
            thread::spawn(move || keep(shell, log));
            return Ok(());
        }
        said.push_str(&line);
        said.push('\n');
        if line.contains("database system is shut down") {
            break;
        }
    }
    drop(shell.stdin.take());
    let _ = shell.wait();
    Err(said)
}

/// Runs a server (the arguments after the first) until standard input ends, then stops it and removes the directory (the
/// first). A terminal sends INT to all of us: that must not keep the shell from its work; to the server it is the order
/// to stop at once.
const SUPERVISE: &str = r#"
    trap '' INT TERM HUP
    directory=$1
    shift
    "$@" &
    cat >/dev/null
    kill -INT $!
    wait $!
    rm -rf "$directory"
"#;

fn new_cluster(programs: &Path, account: Option<&str>) -> PathBuf {
    let directory =
        tempfile::Builder::new().prefix("fernstone-postgres-").tempdir().expect("a temporary directory").keep();
    if let Some(account) = account {
        let owned = Command::new("chown").arg(account).arg(&directory).status().expect("chown runs");
        assert!(owned.success(), "the cluster's directory cannot be given to {account}");
    }
    let made = as_account(account, &programs.join("initdb"))
        .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
        .arg("--pgdata")
        .arg(directory.join("data"))
        .current_dir("/")
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    directory
}

fn keep(shell: Child, log: impl Iterator<Item = std::io::Result<String>>) {
    log.for_each(drop);
    drop(shell);
}

/// Where Postgres's programs are: beside the `postgres` in `PATH`, or where Debian puts them, the newest first.
fn programs() -> PathBuf {
    let in_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    in_path
        .into_iter()
        .chain(debian.into_iter().rev())
        .find(|directory| directory.join("postgres").exists() && directory.join("initdb").exists())
        .expect("Postgres is installed (Debian: apt-get install postgresql)")
}

/// Postgres refuses to run as root: the account to run it as, if we are root.
fn account() -> Option<String> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().expect("id runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if id(&["-u"]).as_deref() != Some("0") {
        return None;
    }
    let account = ["postgres", "nobody"].into_iter().find(|account| id(&["-u", account]).is_some());
    Some(account.expect("an account for Postgres").to_owned())
}

fn as_account(account: Option<&str>, program: &Path) -> Command {
    match account {
        None => Command::new(program),
        Some(account) => {
            // Runs the program in its own place, so that a signal to this process reaches it.
            let mut command = Command::new("setpriv");
            command.args(["--reuid", account, "--regid", &group_of(account), "--clear-groups", "--"]).arg(program);
            command
        }
    }
}

fn group_of(account: &str) -> String {
    let output = Command::new("id").args(["-g", account]).output().expect("id runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
