//! Where a configuration comes from: files, directories of files, and the environment.
//!
//! Facts: `oslo_config.cfg` (`_parse_config_files`, `find_config_files`, `find_config_dirs`) and
//! `keystone.server.flask.core._get_config_files`.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    path::{Component, Path, PathBuf},
};

use super::{
    error::ConfigError,
    ini::{self, Assignment, FaultAt, strip},
};

/// Keystone's name for its configuration, and ours, which oslo.config would call the program's.
const NAMES: [&str; 2] = ["keystone", "fernstone"];

/// What the command line and the process give for finding the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// `--config-file` and `--config-dir`, in the order given: later ones win.
    pub given: Vec<Given>,
    /// The environment variables: `OS_<SECTION>__<OPTION>`, `OS_KEYSTONE_CONFIG_DIR`, `OS_KEYSTONE_CONFIG_FILES`,
    /// `HOME`, `SNAP`, `SNAP_COMMON`.
    pub environment: BTreeMap<String, String>,
}

/// One configuration option of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `--config-file PATH`
    File(PathBuf),
    /// `--config-dir DIR`: its `*.conf` files, sorted by name.
    Dir(PathBuf),
}

impl Sources {
    /// The given files and directories, and this process's environment. Variables that are not Unicode are left out.
    pub fn of_process(given: Vec<Given>) -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { given, environment: std::env::vars_os().filter_map(text).collect() }
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// Reads every file, in the order in which later ones win.
    ///
    /// Files that nobody named are looked for only where no `--config-file` is given, and directories only where no
    /// `--config-dir` is; both come before what is given.
    pub(super) fn read(&self) -> Result<Vec<ParsedFile>, ConfigError> {
        let mut reading = Reading::default();
        if !self.given.iter().any(|given| matches!(given, Given::File(_))) {
            for file in self.default_files() {
                reading.file(&self.absolute(&file)?)?;
            }
        }
        if !self.given.iter().any(|given| matches!(given, Given::Dir(_))) {
            for dir in self.search(".conf.d") {
                reading.dir(&dir)?;
            }
        }
        for given in &self.given {
            match given {
                Given::File(file) => reading.file(&self.absolute(file)?)?,
                Given::Dir(dir) => reading.dir(&self.expand_home(dir))?,
            }
        }
        reading.finish()
    }

    /// What `OS_KEYSTONE_CONFIG_DIR` and `OS_KEYSTONE_CONFIG_FILES` name, else what is found.
    pub(super) fn default_files(&self) -> Vec<PathBuf> {
        let dir = strip(self.variable("OS_KEYSTONE_CONFIG_DIR").unwrap_or_default());
        let files = self.variable("OS_KEYSTONE_CONFIG_FILES").unwrap_or_default();
        let mut files: Vec<&str> = files.split(';').map(strip).filter(|file| !file.is_empty()).collect();
        if !dir.is_empty() && files.is_empty() {
            files.push("keystone.conf");
        }
        if files.is_empty() {
            return self.search(".conf");
        }
        files.into_iter().map(|file| Path::new(dir).join(file)).collect()
    }

    /// For each name the first place where it exists.
    fn search(&self, extension: &str) -> Vec<PathBuf> {
        let places = self.standard_places();
        let find =
            |name| places.iter().map(|place| place.join(format!("{name}{extension}"))).find(|path| path.exists());
        NAMES.into_iter().filter_map(find).collect()
    }

    /// `~/.keystone`, `~`, `/etc/keystone`, `/etc`, and a snap's.
    fn standard_places(&self) -> Vec<PathBuf> {
        let home = self.expand_home(Path::new("~"));
        let snap = |name| Some(Path::new(self.variable(name)?).join("etc/keystone"));
        let mut places = vec![home.join(".keystone"), home, "/etc/keystone".into(), "/etc".into()];
        places.extend(snap("SNAP_COMMON"));
        places.extend(snap("SNAP"));
        places
    }

    /// Where oslo.config's `find_file` looks for a file that an option names: the given directories, the directories
    /// of the files from last to first, the standard places.
    pub(super) fn search_dirs(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let given = |take: fn(&Given) -> Option<&PathBuf>| self.given.iter().filter_map(take).cloned().collect();
        let dirs: Vec<PathBuf> = given(|given| match given {
            Given::Dir(dir) => Some(dir),
            Given::File(_) => None,
        });
        let mut files: Vec<PathBuf> = given(|given| match given {
            Given::File(file) => Some(file),
            Given::Dir(_) => None,
        });
        if files.is_empty() {
            files = self.default_files();
        }
        let mut places = Vec::new();
        for dir in &dirs {
            places.push(self.absolute(dir)?);
        }
        for file in files.iter().rev() {
            places.extend(self.absolute(file)?.parent().map(Path::to_owned));
        }
        places.extend(self.standard_places());
        Ok(places)
    }

    /// `~` at the start of a path is `HOME`; without one it stays.
    fn expand_home(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), self.variable("HOME")) {
            (Ok(rest), Some(home)) if rest.as_os_str().is_empty() => home.into(),
            (Ok(rest), Some(home)) => Path::new(home).join(rest),
            _ => path.to_owned(),
        }
    }

    /// Python's `abspath`: `..` goes back by name, whatever the directory before it is a link to.
    fn absolute(&self, path: &Path) -> Result<PathBuf, ConfigError> {
        let path = self.expand_home(path);
        let absolute = std::path::absolute(&path).map_err(|source| ConfigError::Unreadable { path, source })?;
        let mut plain = PathBuf::new();
        for component in absolute.components() {
            match component {
                Component::ParentDir => {
                    plain.pop();
                }
                other => plain.push(other),
            }
        }
        Ok(plain)
    }
}

/// The assignments of one file.
#[derive(Debug)]
pub(super) struct ParsedFile {
    pub(super) path: PathBuf,
    pub(super) assignments: Vec<Assignment>,
}

impl ParsedFile {
    /// Every value that the file gives for an option, in order. Section names match in any case, except that
    /// `[DEFAULT]` is always in capitals; option names match exactly.
    pub(super) fn texts(&self, section: &str, option: &str) -> Vec<String> {
        let section = normal_section(section);
        let matches =
            |assignment: &&Assignment| assignment.option == option && normal_section(&assignment.section) == section;
        self.assignments.iter().filter(matches).map(|assignment| assignment.value.clone()).collect()
    }
}

/// The form in which section names are compared.
pub(super) fn normal_section(section: &str) -> String {
    if section == "DEFAULT" { section.to_owned() } else { section.to_lowercase() }
}

#[derive(Default)]
struct Reading {
    files: Vec<ParsedFile>,
    not_found: Vec<PathBuf>,
    not_permitted: Vec<PathBuf>,
}

impl Reading {
    /// Absent and forbidden files are collected, so that one message names them all.
    fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.not_found.push(path.to_owned());
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.not_permitted.push(path.to_owned());
                return Ok(());
            }
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        let text = String::from_utf8(bytes).map_err(|_| ConfigError::NotText(path.to_owned()))?;
        let assignments = ini::parse(&text).map_err(|FaultAt { line, fault }| ConfigError::Syntax {
            path: path.to_owned(),
            line,
            what: fault,
        })?;
        self.files.push(ParsedFile { path: path.to_owned(), assignments });
        Ok(())
    }

    /// Every `*.conf` that is not hidden, sorted by name.
    fn dir(&mut self, dir: &Path) -> Result<(), ConfigError> {
        if !dir.exists() {
            return Err(ConfigError::DirectoryNotFound(dir.to_owned()));
        }
        let unreadable = |source| ConfigError::Unreadable { path: dir.to_owned(), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if path.extension() == Some(OsStr::new("conf")) && !hidden {
                paths.push(path);
            }
        }
        paths.sort();
        paths.iter().try_for_each(|path| self.file(path))
    }

    fn finish(self) -> Result<Vec<ParsedFile>, ConfigError> {
        if !self.not_found.is_empty() {
            return Err(ConfigError::FilesNotFound(self.not_found));
        }
        if !self.not_permitted.is_empty() {
            return Err(ConfigError::FilesNotPermitted(self.not_permitted));
        }
        Ok(self.files)
    }
}
