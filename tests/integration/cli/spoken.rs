//! Runs the binary, as root or as nobody, with nothing of this machine's configuration.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use rustix::process::geteuid;
use serde_json::Value;

use crate::keys::unprivileged::NOBODY;

/// Who runs a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    /// Who runs the tests.
    Same,
    /// Nobody, if root runs the tests; else who runs them.
    Unprivileged,
}

/// A directory for a test that everybody may enter.
pub(crate) fn room() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o777)).unwrap();
    room
}

/// The binary, where nobody may execute it: the target directory may lie in root's home.
pub(crate) fn binary() -> &'static Path {
    static COPY: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let built = Path::new(env!("CARGO_BIN_EXE_fernstone"));
    // Whoever lets a thread be nobody has to call this before.
    if COPY.get().is_none() && !geteuid().is_root() {
        return built;
    }
    &COPY
        .get_or_init(|| {
            let room = room();
            let copy = room.path().join("fernstone");
            fs::copy(built, &copy).expect("there is room for a copy of the binary");
            (room, copy)
        })
        .1
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A command line that is ready to be run.
pub(crate) fn command(program: &Path, user: User) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", "/nonexistent").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if user == User::Unprivileged && geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Runs `fernstone` to its end.
pub(crate) fn fernstone<A: AsRef<OsStr>>(user: User, arguments: impl IntoIterator<Item = A>) -> Answer {
    command(binary(), user).args(arguments).output().expect("the binary runs").into()
}

/// Runs `fernstone` to its end, with something to read.
pub(crate) fn fernstone_with<A: AsRef<OsStr>>(
    user: User,
    input: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Answer {
    let mut child = command(binary(), user).args(arguments).stdin(Stdio::piped()).spawn().expect("the binary runs");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads its input");
    child.wait_with_output().expect("it ends").into()
}
