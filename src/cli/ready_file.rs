//! `--ready-file`: how whoever started a server learns that it answers, and where.

use std::{io, io::Write, path::Path};

use serde::Serialize;
use tempfile::NamedTempFile;

/// Writes one JSON object to `path`, all at once: who sees the file sees the whole of it. Only its owner can read it, as
/// it may hold a password.
pub(super) fn write(path: &Path, content: &impl Serialize) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(directory)?;
    serde_json::to_writer(&mut file, content)?;
    file.write_all(b"\n")?;
    file.persist(path)?;
    Ok(())
}
