//! `--config-file` and `--config-dir` of the command line. Their order across both matters, because later ones win, so
//! they are not two plain lists.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};

use super::sources::Given;

const FILE: &str = "config-file";
const DIR: &str = "config-dir";

/// The flags, for `#[command(flatten)]`. They may stand before or behind a command's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFlags {
    /// What is given, in order.
    pub given: Vec<Given>,
}

impl Args for ConfigFlags {
    fn augment_args(command: Command) -> Command {
        let flag = |name: &'static str, value: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf))
                .global(true)
        };
        command
            .arg(
                flag(FILE, "PATH").help("Configuration file; may be repeated, later ones win [default: keystone.conf]"),
            )
            .arg(flag(DIR, "DIR").help("Directory whose *.conf files are read in the order of their names"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let of = |name: &str, make: fn(PathBuf) -> Given| {
            let indices = matches.indices_of(name).into_iter().flatten();
            let paths = matches.get_many::<PathBuf>(name).into_iter().flatten().cloned();
            indices.zip(paths.map(make)).collect::<Vec<_>>()
        };
        let mut given = of(FILE, Given::File);
        given.extend(of(DIR, Given::Dir));
        given.sort_by_key(|(index, _)| *index);
        Ok(Self { given: given.into_iter().map(|(_, given)| given).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use clap::{CommandFactory, Parser, Subcommand};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        config: ConfigFlags,
        #[command(subcommand)]
        verb: Verb,
    }

    #[derive(Subcommand)]
    enum Verb {
        Serve,
    }

    #[test]
    fn files_and_directories_keep_their_common_order() {
        Line::command().debug_assert();
        let expected =
            [Given::File("a".into()), Given::Dir("d".into()), Given::File("b".into()), Given::Dir("e".into())];
        let flags = ["--config-file", "a", "--config-dir=d", "--config-file=b", "--config-dir", "e"];
        for line in [[&["fernstone"][..], &flags, &["serve"]].concat(), [&["fernstone", "serve"][..], &flags].concat()]
        {
            let line = Line::try_parse_from(line).unwrap();
            assert_eq!(line.config.given, expected);
            assert!(matches!(line.verb, Verb::Serve));
        }
    }
}
