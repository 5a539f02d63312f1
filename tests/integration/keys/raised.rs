//! Which errors stand for the exceptions that Keystone raised in the recordings.

use fernstone::{
    cli::key_repositories::FernetCommandError,
    keys::{RepositoryError, rotation::Shortfall},
};

/// The error of a command that is one of its repository's.
pub(super) fn repository_error(result: Result<(), FernetCommandError>) -> Result<(), RepositoryError> {
    result.map_err(|error| match error {
        FernetCommandError::Repository(error) => error,
        other => panic!("{other}"),
    })
}

/// An error stands for one of Keystone's exceptions.
pub(super) fn check_error(class: &str, error: &RepositoryError) {
    use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
    match (class, error) {
        ("FileNotFoundError", RepositoryError::Io { source, .. }) if source.kind() == NotFound => {}
        ("PermissionError", RepositoryError::Io { source, .. }) if source.kind() == PermissionDenied => {}
        ("PermissionError", RepositoryError::FlawedFile { .. }) => {}
        ("IsADirectoryError", RepositoryError::Io { source, .. }) if source.kind() == IsADirectory => {}
        ("KeyError", RepositoryError::Shortfall { shortfall: Shortfall::NoStagedKey, .. }) => {}
        ("ValueError", RepositoryError::Shortfall { shortfall: Shortfall::NoKeys, .. }) => {}
        _ => panic!("{error:?} does not stand for {class}"),
    }
}
