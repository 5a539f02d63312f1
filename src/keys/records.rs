//! What was seen of the keys of a directory at earlier looks, in a file beside the directory.
//!
//! Beside it and not in it, because Keystone reads the directory whole. The file is a help and never needed: without it,
//! and where the times of the key files tell nothing, the age of a key is unknown. It holds fingerprints and times.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, SecondsFormat, Utc};

use super::{history::Seen, write};

/// More than this is no file of ours.
const LARGEST: u64 = 1024 * 1024;

/// Where the notes on a key directory are kept unless somebody says otherwise: `/etc/keystone/fernet-keys` has
/// `/etc/keystone/.fernet-keys.seen`.
pub fn default_place(directory: &Path) -> Option<PathBuf> {
    let directory = std::path::absolute(directory).ok()?;
    let name = directory.file_name()?.to_string_lossy().into_owned();
    Some(directory.with_file_name(format!(".{name}.seen")))
}

/// Reads notes. A file that is not there is empty; so is one that cannot be read, and why it cannot is said beside it.
pub fn read(file: &Path) -> (Seen, Option<String>) {
    let text = match fs::metadata(file).and_then(|metadata| {
        if metadata.len() > LARGEST { Err(io::ErrorKind::FileTooLarge.into()) } else { fs::read_to_string(file) }
    }) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Seen::new(), None),
        Err(error) => return (Seen::new(), Some(error.to_string())),
    };
    let parsed = serde_json::from_str::<BTreeMap<String, String>>(&text).ok();
    let note = |(key, at): (String, String)| Some((key.parse().ok()?, at.parse::<DateTime<Utc>>().ok()?));
    let keys = parsed.map(|notes| notes.into_iter().map(note).collect());
    match keys {
        Some(Some(seen)) => (seen, None),
        _ => (Seen::new(), Some("it is not what was written there".to_owned())),
    }
}

/// Writes notes, unless they are there already: a new file in place of the old one.
///
/// # Errors
/// The file or its directory cannot be written.
pub fn write(file: &Path, seen: &Seen) -> io::Result<()> {
    if seen.is_empty() && !file.exists() || read(file) == (seen.clone(), None) && !seen.is_empty() {
        return Ok(());
    }
    let notes: BTreeMap<String, String> =
        seen.iter().map(|(key, at)| (key.to_string(), at.to_rfc3339_opts(SecondsFormat::Micros, true))).collect();
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // What root notes has to be read as the user of the service too. Fingerprints are no secrets.
    let mut temporary = tempfile::Builder::new().permissions(Permissions::from_mode(0o644)).tempfile_in(directory)?;
    serde_json::to_writer_pretty(&mut temporary, &notes)?;
    temporary.write_all(b"\n")?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    write::sync_directory(directory)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn notes_are_read_as_they_were_written_and_damage_is_said() {
        let base = tempfile::tempdir().unwrap();
        let file = default_place(&base.path().join("keys")).unwrap();
        assert_eq!(file, base.path().join(".keys.seen"));
        assert_eq!(read(&file), (Seen::new(), None));
        write(&file, &Seen::new()).unwrap();
        assert!(!file.exists(), "nothing to note");
        let at = DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap();
        let seen = Seen::from([("ab".repeat(32).parse().unwrap(), at)]);
        write(&file, &seen).unwrap();
        assert_eq!(read(&file), (seen, None));
        fs::write(&file, "{\"short\": 5}").unwrap();
        let (seen, flaw) = read(&file);
        assert!(seen.is_empty() && flaw.is_some());
    }
}
