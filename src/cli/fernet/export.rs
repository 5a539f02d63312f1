//! `fernet export`: the keys as one archive, for other nodes.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::Args;

use super::options::{KeyArgs, now};
use crate::{
    cli::{CommandError, exit::Exit},
    config::ConfigFlags,
};

/// Write all keys as one archive, for `fernet import` on other nodes
///
/// The archive holds the keys themselves and is as secret as the directory; a file is made with mode 0600. It carries the
/// times of the keys too.
#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    keys: KeyArgs,

    /// The file to write [default: standard output, if that is no terminal]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &ExportArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target_for_keys_alone(flags)?;
    let to_stdout = args.output.as_deref().is_none_or(|file| file.as_os_str() == "-");
    if to_stdout && io::stdout().is_terminal() {
        return Err(
            "keys are not written to a terminal; give --output FILE, or pipe them to `fernet import` on another node"
                .into(),
        );
    }
    let text = target.repository.export(now())?.to_text();
    match args.output.as_deref().filter(|_| !to_stdout) {
        Some(file) => write_file(file, &text).map_err(|error| format!("cannot write {}: {error}", file.display()))?,
        None => {
            let mut output = io::stdout().lock();
            output.write_all(text.as_bytes()).and_then(|()| output.flush())?;
        }
    }
    Ok(Exit::Done)
}

/// A new file in place of the old one, whole or not at all; temporary files are made with mode 0600.
fn write_file(file: &Path, text: &str) -> io::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}
