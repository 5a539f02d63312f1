//! A throw-away Postgres: one cluster for the whole test binary, one database for each test.
//!
//! The server runs under a shell that takes orders from its standard input and waits for that to end. This process holds
//! the other end of that pipe and never closes it, so however the tests end (done, panicked, killed), the shell stops the
//! server and removes its files. A test that stops its server has a [`Cluster`] of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver},
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
    url_at(port(), &name)
}

/// The options for a connection of the test's own to the database of `url`.
pub(crate) fn options_of(url: &DatabaseUrl) -> PgConnectOptions {
    match url {
        DatabaseUrl::Postgres(PostgresUrl { database: Some(name), .. }) => options(name),
        other => panic!("not a database of the cluster: {other:?}"),
    }
}

fn options(database: &str) -> PgConnectOptions {
    options_at(port(), database)
}

fn options_at(port: u16, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username(USER).database(database)
}

fn url_at(port: u16, database: &str) -> DatabaseUrl {
    DatabaseUrl::Postgres(PostgresUrl {
        username: Some(USER.to_owned()),
        host: Some("127.0.0.1".to_owned()),
        port: Some(port),
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

/// The port of the cluster that tests share, which is started by whoever asks first.
fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let cluster = Cluster::start();
        let port = cluster.port;
        // The shell's standard input stays open as long as the process lives.
        std::mem::forget(cluster);
        port
    })
}

/// A cluster with a running server, unless that was told to stop.
pub(crate) struct Cluster {
    port: u16,
    shell: Child,
    /// What the server says, line by line.
    said: Receiver<String>,
}

impl Cluster {
    /// A new cluster on a port of its own.
    pub(crate) fn start() -> Self {
        // Between choosing a port and listening on it another process may take it.
        for _ in 0..10 {
            let mut cluster = Self::new();
            match cluster.serve_on(cluster.port) {
                Ok(()) => return cluster,
                Err(log) => assert!(log.contains("could not bind"), "Postgres does not start:\n{log}"),
            }
        }
        panic!("no port for Postgres");
    }

    /// A cluster without a server.
    fn new() -> Self {
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
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"])
            .args([
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
                "-c",
                "synchronous_commit=off",
                "-c",
                "lc_messages=C",
            ])
            .args(crate::POSTGRES_SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell runs");
        let log = BufReader::new(shell.stderr.take().expect("standard error is a pipe")).lines();
        let (sender, said) = mpsc::channel();
        // Somebody must go on reading, or the server would at some time block on its log.
        thread::spawn(move || {
            for line in log.map_while(Result::ok) {
                // Of the shared cluster nobody reads it any more.
                _ = sender.send(line);
            }
        });
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        Self { port, shell, said }
    }

    /// Where to connect to.
    pub(crate) fn url(&self, database: &str) -> DatabaseUrl {
        url_at(self.port, database)
    }

    /// Starts the server again where it was.
    pub(crate) fn start_again(&mut self) {
        self.serve_on(self.port).unwrap_or_else(|log| panic!("Postgres does not start again:\n{log}"));
    }

    /// Starts the server where nobody looks for it; options to connect to it there.
    pub(crate) fn start_elsewhere(&mut self, database: &str) -> PgConnectOptions {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        self.serve_on(port).unwrap_or_else(|log| panic!("Postgres does not start elsewhere:\n{log}"));
        options_at(port, database)
    }

    /// Stops the server as an administrator does, and waits until it has.
    pub(crate) fn stop(&mut self) {
        self.order("INT");
        self.wait_for("database system is shut down").expect("it stops");
    }

    /// Stops the server without letting it tidy up: the next start has to recover.
    pub(crate) fn crash(&mut self) {
        self.order("QUIT");
        self.wait_for("database system is shut down").expect("it stops");
    }

    /// Lets every process of the server stand still: who connects is not answered.
    pub(crate) fn freeze(&mut self) -> Vec<Stopped> {
        self.order("pid");
        let pid: i32 = loop {
            let line = self.said.recv().expect("the shell lives");
            if let Some(pid) = line.strip_prefix("pid ") {
                break pid.parse().expect("a number");
            }
        };
        // First the one that makes the others. A worker may end by itself meanwhile.
        let mut stopped = vec![Stopped::process(pid)];
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("its children");
        let children = children.split_whitespace().filter_map(|child| Pid::from_raw(child.parse().ok()?));
        stopped.extend(children.filter(|child| kill_process(*child, Signal::STOP).is_ok()).map(Stopped));
        stopped
    }

    /// Starts the server and waits for it to say that it is ready; its log is the error.
    fn serve_on(&mut self, port: u16) -> Result<(), String> {
        self.order(&format!("start {port}"));
        self.wait_for("database system is ready to accept connections")
    }

    fn order(&mut self, order: &str) {
        let orders = self.shell.stdin.as_mut().expect("standard input is a pipe");
        writeln!(orders, "{order}").expect("the shell takes orders");
    }

    /// Reads the log up to a line with this in it; the whole of it is the error.
    fn wait_for(&mut self, words: &str) -> Result<(), String> {
        let mut said = String::new();
        while let Ok(line) = self.said.recv() {
            if line.contains(words) {
                return Ok(());
            }
            said.push_str(&line);
            said.push('\n');
            if line.contains("database system is shut down") {
                break;
            }
        }
        Err(said)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        _ = self.shell.wait();
    }
}

/// Starts and stops a server (the arguments after the first) as it is told on standard input. When that ends, it stops
/// the server and removes the directory (the first). A terminal sends INT to all of us: that must not keep the shell from
/// its work; to the server it is the order to stop at once.
const SUPERVISE: &str = r#"
    trap '' INT TERM HUP
    directory=$1
    shift
    server=
    while read -r order port; do
        case $order in
            start) "$@" -p "$port" </dev/null & server=$! ;;
            pid) echo "pid $server" >&2 ;;
            *) kill -"$order" "$server"; wait "$server" ;;
        esac
    done
    [ -z "$server" ] || { kill -INT "$server"; wait "$server"; }
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
