//! Notices at once that a key directory has changed.
//!
//! Only an accelerator: file systems without change events (NFS, some container mounts) and changes behind a symbolic
//! link are found by the poll of the ring. So a watch that cannot be set up is a debug line, not an error.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tracing::debug;

/// A watch on whichever directory a path leads to.
#[derive(Debug, Default)]
pub(super) struct DirectoryWatch {
    /// Device and inode of the directory that is watched (a path may come to lead to another one), and the watcher; none
    /// if it could not be set up, which is not tried again for the same directory.
    armed: Option<((u64, u64), Option<RecommendedWatcher>)>,
}

impl DirectoryWatch {
    /// Makes sure that the directory to which `path` leads now is watched; `wake` is called after each change. To be
    /// called before every reading, so that no change falls between watching and reading.
    pub(super) fn follow(&mut self, path: &Path, wake: impl Fn() + Send + 'static) {
        let Ok(metadata) = fs::metadata(path) else {
            self.armed = None;
            return;
        };
        let identity = (metadata.dev(), metadata.ino());
        if self.armed.as_ref().is_some_and(|(watched, _)| *watched == identity) {
            return;
        }
        let on_event = move |event: notify::Result<Event>| {
            if event.map_or(true, |event| is_change(event.kind)) {
                wake();
            }
        };
        let watcher = notify::recommended_watcher(on_event).and_then(|mut watcher| {
            watcher.watch(path, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        let watcher =
            watcher.inspect_err(|error| debug!("{} is not watched, only polled: {error}", path.display())).ok();
        self.armed = Some((identity, watcher));
    }
}

/// Whether something may have changed. Reading the keys causes events too, and must not lead to the next reading.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{
        AccessKind, AccessMode, CreateKind, DataChange, EventKind, MetadataKind, ModifyKind, RemoveKind, RenameMode,
    };

    use super::is_change;

    #[test]
    fn reading_a_file_is_no_change_and_everything_that_may_be_one_is() {
        for reading in [AccessKind::Any, AccessKind::Read, AccessKind::Open(AccessMode::Any)] {
            assert!(!is_change(EventKind::Access(reading)), "{reading:?}");
        }
        assert!(!is_change(EventKind::Access(AccessKind::Close(AccessMode::Read))));
        for change in [
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
            EventKind::Create(CreateKind::File),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Modify(ModifyKind::Data(DataChange::Any)),
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)),
            EventKind::Remove(RemoveKind::Folder),
            EventKind::Other,
            EventKind::Any,
        ] {
            assert!(is_change(change), "{change:?}");
        }
    }
}
