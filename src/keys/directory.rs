//! Reading a key directory as it was at one moment.
//!
//! A rotation moves keys while they are read: listed before it and opened after it, the new primary would be missed. So
//! a reading counts only if the directory lists the same files before and after; otherwise it is done again.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use rustix::{fs::OFlags, io::Errno};
use zeroize::Zeroizing;

use super::{
    number::{FileName, KeyNumber},
    set::{KeyFile, KeyFlaw},
};

/// Bytes above which a file is no key: a key has 44, spellings with white space and comments-by-junk some more.
const LARGEST_KEY_FILE: u64 = 16 * 1024;

/// How often a directory that changes under the reader is read again before the last reading is taken as it is.
const ATTEMPTS: usize = 8;

/// The order in which file names are taken. It matters where two names say one number, `1` and `01`: the later one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListingOrder {
    /// As the operating system lists them, which is what Keystone does.
    #[default]
    System,
    /// By name, for a result that does not depend on the file system.
    ByName,
    /// By name, backwards.
    ByNameReversed,
}

/// The files of a key directory.
#[derive(Debug)]
pub(super) struct Reading {
    /// Files whose names are numbers and that are not empty, in listing order, each number once.
    pub(super) keys: Vec<KeyFile>,
    /// Empty files whose names are numbers.
    pub(super) empty: Vec<PathBuf>,
    /// Files that are no keys and could not be opened. Keystone opens every file, and would fail.
    pub(super) closed: Vec<(PathBuf, KeyFlaw)>,
}

/// Reads the directory at `path`.
///
/// # Errors
/// The directory could not be listed, or the system ran out of what it takes to read a file ([`is_passing`]).
pub(super) fn read(path: &Path, order: ListingOrder) -> io::Result<Reading> {
    let mut attempt = 1;
    loop {
        let (reading, seen) = read_once(path, order)?;
        if attempt == ATTEMPTS || list(path, order)? == seen {
            return Ok(reading);
        }
        attempt += 1;
    }
}

/// The names of all regular files that are keys by their names and not empty, with their numbers.
pub(super) fn numbered_names(path: &Path) -> io::Result<Vec<(KeyNumber, String)>> {
    let mut named = Vec::new();
    for name in names(path, ListingOrder::ByName)? {
        let Some((number, text)) = name.to_str().and_then(|text| match FileName::read(text) {
            FileName::Number(number) => Some((number, text.to_owned())),
            _ => None,
        }) else {
            continue;
        };
        if fs::metadata(path.join(&name)).is_ok_and(|file| file.is_file() && file.len() > 0) {
            named.push((number, text));
        }
    }
    Ok(named)
}

/// Whether an error says something about this process or this moment, and nothing about the keys.
pub(super) fn is_passing(error: &io::Error) -> bool {
    let passing = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::INTR, Errno::STALE];
    Errno::from_io_error(error).is_some_and(|errno| passing.contains(&errno))
}

/// What tells one state of a regular file from another.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Mark {
    /// The mark of a regular file; `None` for anything else.
    fn of(metadata: &io::Result<Metadata>) -> Option<Self> {
        let file = metadata.as_ref().ok().filter(|metadata| metadata.is_file())?;
        Some(Self {
            device: file.dev(),
            inode: file.ino(),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        })
    }
}

/// A listing of the directory: two that are equal show that nothing moved in between.
type Listing = Vec<(OsString, Option<Mark>)>;

fn names(path: &Path, order: ListingOrder) -> io::Result<Vec<OsString>> {
    let mut names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    match order {
        ListingOrder::System => {}
        ListingOrder::ByName => names.sort(),
        ListingOrder::ByNameReversed => names.sort_by(|one, other| other.cmp(one)),
    }
    Ok(names)
}

fn list(path: &Path, order: ListingOrder) -> io::Result<Listing> {
    let mark = |name: OsString| {
        let mark = Mark::of(&fs::metadata(path.join(&name)));
        (name, mark)
    };
    Ok(names(path, order)?.into_iter().map(mark).collect())
}

fn read_once(path: &Path, order: ListingOrder) -> io::Result<(Reading, Listing)> {
    let mut reading = Reading { keys: Vec::new(), empty: Vec::new(), closed: Vec::new() };
    let mut seen = Listing::new();
    for name in names(path, order)? {
        let file = path.join(&name);
        let what = name.to_str().map_or(FileName::Other, FileName::read);
        let metadata = fs::metadata(&file);
        seen.push((name, Mark::of(&metadata)));
        let number = match (&metadata, what) {
            (Ok(metadata), _) if !metadata.is_file() => continue,
            // A link to nowhere, or a file that has just gone: Keystone sees no file here.
            (Err(error), _) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                continue;
            }
            (_, FileName::Number(number)) => number,
            (_, FileName::TooLarge) => KeyNumber::HIGHEST,
            (_, FileName::TooSmall | FileName::Other) => {
                if let Err(flaw) = open(&file)? {
                    reading.closed.push((file, flaw));
                }
                continue;
            }
        };
        let text = if what == FileName::TooLarge { Err(KeyFlaw::NumberOutOfRange) } else { read_text(&file)? };
        if text.as_ref().is_ok_and(|text| text.is_empty()) {
            reading.empty.push(file);
            continue;
        }
        let modified = metadata.and_then(|metadata| metadata.modified()).ok().map(DateTime::<Utc>::from);
        let key = KeyFile { number, path: file, modified, text };
        match reading.keys.iter_mut().find(|earlier| earlier.number == number) {
            Some(earlier) => *earlier = key,
            None => reading.keys.push(key),
        }
    }
    Ok((reading, seen))
}

/// Opens a file for reading; what keeps it closed is an inner error, unless it is passing.
fn open(file: &Path) -> io::Result<Result<File, KeyFlaw>> {
    // Not to hang should the file have become a pipe since it was looked at.
    match OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(file) {
        Ok(file) => Ok(Ok(file)),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => Ok(Err(KeyFlaw::Unreadable(error.to_string()))),
    }
}

/// The text of a file with line ends translated to `\n`, as Python reads text.
pub(super) fn read_text(file: &Path) -> io::Result<Result<Zeroizing<String>, KeyFlaw>> {
    let opened = match open(file)? {
        Ok(opened) => opened,
        Err(flaw) => return Ok(Err(flaw)),
    };
    // One allocation, so that no growing leaves a copy of a key behind.
    let mut bytes = Zeroizing::new(vec![0; 1024]);
    let mut length = 0;
    let mut rest = opened.take(LARGEST_KEY_FILE + 1);
    loop {
        if length == bytes.len() {
            let mut larger = Zeroizing::new(vec![0; bytes.len() * 2]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
        match rest.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_passing(&error) => return Err(error),
            Err(error) => return Ok(Err(KeyFlaw::Unreadable(error.to_string()))),
        }
    }
    if length as u64 > LARGEST_KEY_FILE {
        return Ok(Err(KeyFlaw::TooLarge));
    }
    let Ok(text) = std::str::from_utf8(&bytes[..length]) else { return Ok(Err(KeyFlaw::NotText)) };
    let mut translated = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\r' {
            characters.next_if_eq(&'\n');
            translated.push('\n');
        } else {
            translated.push(character);
        }
    }
    Ok(Ok(translated))
}
