//! `--ready-file`: how whoever started a server learns that it answers, and where.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use serde::Serialize;
use tempfile::NamedTempFile;
use thiserror::Error;

/// The file cannot be written where it was asked for.
#[derive(Debug, Error)]
#[error("cannot write --ready-file {}", path.display())]
pub(super) struct ReadyFileError {
    path: PathBuf,
    source: io::Error,
}

/// The file that says that a server is ready. It is there for as long as the server is.
pub(super) struct ReadyFile {
    path: PathBuf,
}

impl ReadyFile {
    /// Removes what an earlier start has left behind, before anything can fail: a file that is there must not name a server
    /// that is not. Finds out now whether it can be written.
    pub(super) fn prepare(path: &Path) -> Result<Self, ReadyFileError> {
        let cannot = |source| ReadyFileError { path: path.to_owned(), source };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(error)),
            _ => {}
        }
        NamedTempFile::new_in(directory_of(path)).map_err(cannot)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Says that the server is ready.
    pub(super) fn announce(&self, content: &impl Serialize) -> Result<(), ReadyFileError> {
        write(&self.path, content).map_err(|source| ReadyFileError { path: self.path.clone(), source })
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // It may be gone already, and there is nobody left to tell.
        _ = fs::remove_file(&self.path);
    }
}

/// Writes one JSON object to `path`, all at once: who sees the file sees the whole of it. Only its owner can read it, as
/// it may hold a password.
pub(super) fn write(path: &Path, content: &impl Serialize) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(directory_of(path))?;
    serde_json::to_writer(&mut file, content)?;
    file.write_all(b"\n")?;
    file.persist(path)?;
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
