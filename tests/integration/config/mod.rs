//! `keystone.conf` as the program reads it: defaults, warnings, refusals, and what is never printed. What oslo.config
//! makes of single values is replayed beside `src/config`.

mod defaults;
mod refusals;
mod secrets;
mod sources;
mod urls;
mod warnings;

use std::{collections::BTreeMap, fs};

use fernstone::config::{Config, ConfigError, Given, Sources, Warning};

/// A directory with one `keystone.conf`, and an environment without a home.
struct Setting {
    root: tempfile::TempDir,
    sources: Sources,
}

impl Setting {
    fn new(text: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("keystone.conf");
        fs::write(&file, text).unwrap();
        let environment = BTreeMap::from([("HOME".to_owned(), root.path().join("home").to_str().unwrap().to_owned())]);
        Self { root, sources: Sources { given: vec![Given::File(file)], environment } }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn load(&self) -> Result<(Config, Vec<Warning>), ConfigError> {
        Config::load(&self.sources)
    }

    /// A message with the directory's name taken out.
    fn plain(&self, message: impl ToString) -> String {
        message.to_string().replace(self.root.path().to_str().unwrap(), "")
    }

    fn warnings(&self) -> Vec<String> {
        self.load().unwrap().1.into_iter().map(|warning| self.plain(warning)).collect()
    }

    fn refusal(&self) -> String {
        self.plain(self.load().unwrap_err())
    }
}
