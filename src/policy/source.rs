//! Where policy files are, and whether they have changed.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::file;
use super::rule_set::PolicyFile;
use super::settings::PolicySettings;

/// What the directory entries of all policy files look like at some moment. Two that are equal mean equal files, unless
/// a file was written twice within one tick of the file system's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Traces(Vec<(PathBuf, Trace)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Trace {
    Present { device: u64, inode: u64, bytes: u64, modified: (i64, i64), changed: (i64, i64) },
    Failed(io::ErrorKind),
}

/// The policy files there are, in the order in which they apply: `policy_file`, then the files of each of `policy_dirs`
/// by name, those without hidden ones and subdirectories.
pub(super) fn paths(settings: &PolicySettings) -> Result<Vec<PathBuf>, LoadError> {
    let mut found: Vec<PathBuf> = locate(&settings.policy_file, settings).into_iter().collect();
    for directory in &settings.policy_dirs {
        if let Some(directory) = locate(directory, settings) {
            found.extend(files_of(&directory).map_err(|source| LoadError::Unreadable { path: directory, source })?);
        }
    }
    Ok(found)
}

/// Reads all policy files.
pub(super) fn read(settings: &PolicySettings) -> Result<Vec<PolicyFile>, LoadError> {
    paths(settings)?.into_iter().map(|path| Ok(PolicyFile { rules: file::read(&path)?, path })).collect()
}

/// What the policy files look like now. Reads no file.
pub(super) fn traces(settings: &PolicySettings) -> Traces {
    match paths(settings) {
        Ok(paths) => {
            Traces(paths.into_iter().map(|path| (path.clone(), Trace::of(std::fs::metadata(&path)))).collect())
        }
        Err(LoadError::Unreadable { path, source }) => Traces(vec![(path, Trace::Failed(source.kind()))]),
        Err(_) => Traces::default(),
    }
}

impl Trace {
    fn of(metadata: io::Result<Metadata>) -> Self {
        match metadata {
            Ok(metadata) => Self::Present {
                device: metadata.dev(),
                inode: metadata.ino(),
                bytes: metadata.len(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            },
            Err(error) => Self::Failed(error.kind()),
        }
    }
}

/// An absolute name as it is, a relative one in the first of the search directories that has it. `None` if it is
/// nowhere. A search directory that may not be entered has nothing, as for oslo.config; what cannot be looked at for any
/// other reason is there: reading it will say why it cannot be read.
fn locate(name: &Path, settings: &PolicySettings) -> Option<PathBuf> {
    if name.is_absolute() {
        return name.try_exists().unwrap_or(true).then(|| name.to_owned());
    }
    settings.search_dirs.iter().map(|directory| directory.join(name)).find(|path| match path.try_exists() {
        Ok(exists) => exists,
        Err(error) => error.kind() != io::ErrorKind::PermissionDenied,
    })
}

fn files_of(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // A link that leads nowhere counts as a file, so that it is reported.
        let is_directory = std::fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir());
        if !hidden && !is_directory {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
