//! The changes of a key directory, each durable when it returns.
//!
//! A file system may keep renames and deletions in memory, and may write them out in another order. So the directory is
//! synced after each of them: a power cut leaves what a crash at some step would leave, and nothing else.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    thread,
    time::SystemTime,
};

use rustix::{
    fs::{CWD, FlockOperation, Gid, OFlags, RenameFlags, Uid, flock, renameat_with},
    io::Errno,
    thread::{set_thread_res_gid, set_thread_res_uid},
};
use tracing::info;

/// To whom new files and directories shall belong: `--keystone-user` and `--keystone-group`. Takes effect only where
/// both are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyOwner {
    /// Numeric user id.
    pub user: Option<u32>,
    /// Numeric group id.
    pub group: Option<u32>,
}

impl KeyOwner {
    /// User and group, if both are given.
    pub(super) fn both(self) -> Option<(u32, u32)> {
        self.user.zip(self.group)
    }

    /// Whether one is given without the other, which is as good as none.
    pub(super) fn is_half(self) -> bool {
        self.user.is_some() != self.group.is_some()
    }
}

/// Writes `text` to the file `path`, as `owner` where there is one, and syncs it.
///
/// A new file has mode 0600. An existing one is overwritten and keeps its mode and owner, as with Keystone; a symbolic
/// link is refused, since nothing that writes keys leaves one here.
pub(super) fn write_key_file(path: &Path, text: &str, owner: KeyOwner) -> io::Result<()> {
    write_dated_key_file(path, text, owner, &Dress { mode: 0o600, modified: None })
}

/// What a key file that comes from elsewhere looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dress {
    /// Permission bits of a new file.
    pub(super) mode: u32,
    /// When it was written; `None`: now.
    pub(super) modified: Option<SystemTime>,
}

/// As [`write_key_file`], for a key that has a past.
pub(super) fn write_dated_key_file(path: &Path, text: &str, owner: KeyOwner, dress: &Dress) -> io::Result<()> {
    let Some((user, group)) = owner.both() else { return write_and_sync(path, text, dress) };
    // The file is written with the owner's rights, not given away afterwards: who may write to the directory must not
    // be able to make root write elsewhere. On Linux a thread has ids of its own, so one is made that ends with them.
    let write_as_owner = || {
        set_thread_res_gid(None, Gid::from_raw(group), None)?;
        set_thread_res_uid(None, Uid::from_raw(user), None)?;
        write_and_sync(path, text, dress)
    };
    thread::scope(|scope| {
        let writer = thread::Builder::new().name("key-writer".to_owned()).spawn_scoped(scope, write_as_owner)?;
        writer.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes the key panicked")))
    })
}

fn write_and_sync(path: &Path, text: &str, dress: &Dress) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    let mut file = match options.clone().create_new(true).open(path) {
        Ok(file) => {
            // Whatever the umask: this is the mode, not only the most of it.
            file.set_permissions(Permissions::from_mode(dress.mode))?;
            file
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.truncate(true).open(path)?,
        Err(error) => return Err(error),
    };
    file.write_all(text.as_bytes())?;
    if let Some(modified) = dress.modified {
        file.set_modified(modified)?;
    }
    file.sync_all()
}

/// Renames `from` to `to`, both in `directory`, and syncs the directory. A key that has the name `to` is left alone
/// ([`io::ErrorKind::AlreadyExists`]); an empty file there is none.
pub(super) fn rename_to_free_name(directory: &Path, from: &str, to: &str) -> io::Result<()> {
    let (from, to) = (directory.join(from), directory.join(to));
    match renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE).map_err(io::Error::from) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::metadata(&to).is_ok_and(|file| file.is_file() && file.len() > 0) {
                return Err(error);
            }
            fs::rename(&from, &to)?;
        }
        // Not every file system has this rename, and no other process changes the directory that knows the lock.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => fs::rename(&from, &to)?,
        result => result?,
    }
    sync_directory(directory)
}

/// Deletes `file` in `directory`, and syncs the directory.
pub(super) fn remove(directory: &Path, file: &Path) -> io::Result<()> {
    fs::remove_file(file)?;
    sync_directory(directory)
}

/// Makes the names in `directory` durable. File systems that cannot do this for a directory are taken as they are.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => Ok(()),
        result => result,
    }
}

/// Held while a repository is changed: two rotations at once would overwrite each other's keys. It leaves no file behind,
/// and ends with the process.
#[derive(Debug)]
pub(super) struct Lock {
    directory: Option<File>,
}

impl Lock {
    /// Waits until no other process changes `directory`. Without effect where the file system knows no locks, or where
    /// the directory cannot be opened, which the next step will report.
    pub(super) fn on(directory: &Path) -> Self {
        loop {
            let options = OFlags::DIRECTORY.bits().cast_signed();
            let opened = OpenOptions::new().read(true).custom_flags(options).open(directory);
            let Ok(opened) = opened else { return Self { directory: None } };
            if flock(&opened, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
                info!("Another process is changing {}; waiting for it", directory.display());
                while flock(&opened, FlockOperation::LockExclusive) == Err(Errno::INTR) {}
            }
            // Whoever had the lock may have put another directory in this one's place.
            let identity = |metadata: io::Result<fs::Metadata>| metadata.ok().map(|it| (it.dev(), it.ino()));
            if identity(opened.metadata()) == identity(fs::metadata(directory)) {
                return Self { directory: Some(opened) };
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            // Closing would not do while a child that another thread has just forked still has the file open.
            _ = flock(directory, FlockOperation::Unlock);
        }
    }
}
