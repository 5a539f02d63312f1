//! Shell completions and man pages, from the same definitions as the command line itself.

use std::{
    io::{Write, stdout},
    path::PathBuf,
};

use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::{Cli, CommandError, keystone_manage};

/// Under which name the program is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// With all commands.
    Fernstone,
    /// With keystone-manage's verbs.
    KeystoneManage,
}

impl Name {
    fn command(self) -> (Command, &'static str) {
        match self {
            Self::Fernstone => (Cli::command(), "fernstone"),
            Self::KeystoneManage => (keystone_manage::command(), "keystone-manage"),
        }
    }
}

/// Print the completions of the command line for a shell
///
/// bash: fernstone completions bash > /usr/share/bash-completion/completions/fernstone. zsh: into a file _fernstone in a
/// directory of $fpath. fish: into ~/.config/fish/completions/fernstone.fish.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,

    /// For the program called by this name
    #[arg(long = "for", value_enum, default_value = "fernstone")]
    name: Name,
}

/// Write the man pages: one for the program, one for each command
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Where to write them, such as /usr/local/share/man/man1 [default: the program's page, to standard output]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,

    /// For the program called by this name
    #[arg(long = "for", value_enum, default_value = "fernstone")]
    name: Name,
}

/// Prints the completions.
///
/// # Errors
/// They cannot be printed.
pub(super) fn completions(args: &CompletionsArgs) -> Result<(), CommandError> {
    print(args.shell, args.name)
}

/// Prints the completions of the program under the name of keystone-manage.
///
/// # Errors
/// They cannot be printed.
pub(super) fn completions_of_keystone_manage(shell: Shell) -> Result<(), CommandError> {
    print(shell, Name::KeystoneManage)
}

fn print(shell: Shell, name: Name) -> Result<(), CommandError> {
    let (mut command, program) = name.command();
    // The generator for bash loses track of the verbs of a program with a hyphen in its name.
    let plain = if shell == Shell::Bash { program.replace('-', "") } else { program.to_owned() };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &plain, &mut script);
    let script = String::from_utf8_lossy(&script).replace(&format!(" {plain}\n"), &format!(" {program}\n"));
    Ok(stdout().lock().write_all(script.as_bytes())?)
}

/// Writes the man pages.
///
/// # Errors
/// They cannot be written.
pub(super) fn man(args: &ManArgs) -> Result<(), CommandError> {
    let (command, _) = args.name.command();
    match &args.directory {
        Some(directory) => clap_mangen::generate_to(command, directory)
            .map_err(|error| format!("cannot write man pages into {}: {error}", directory.display()).into()),
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            Ok(stdout().lock().write_all(&page)?)
        }
    }
}
