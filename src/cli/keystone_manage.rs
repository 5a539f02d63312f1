//! The binary called as `keystone-manage` (a link to it): keystone-manage's verbs, flags and exit statuses.
//!
//! Scripts, packages and deployment tools call it, so that what is here answers as Keystone's does, and what is not here
//! says so by name.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use clap::{ArgAction, Args, Command, CommandFactory, FromArgMatches};
use clap_complete::Shell;

use super::Cli;

/// The verbs that both have.
const VERBS: [&str; 11] = [
    "bootstrap",
    "credential_migrate",
    "credential_rotate",
    "credential_setup",
    "db_sync",
    "db_version",
    "doctor",
    "fernet_rotate",
    "fernet_setup",
    "receipt_rotate",
    "receipt_setup",
];

/// Keystone 30's other verbs, and what to do instead.
const NOT_HERE: [(&str, &str); 12] = [
    ("create_jws_keypair", "JWS tokens are not supported"),
    ("domain_config_upload", "configuration of domains by files is not supported"),
    ("mapping_engine", "federation is not supported"),
    ("mapping_populate", "LDAP is not supported"),
    ("mapping_purge", "LDAP is not supported"),
    ("project_setup", "`openstack project create` does it"),
    ("reset_last_active", "real Keystone's does it on the same database"),
    ("saml_idp_metadata", "federation is not supported"),
    ("token_rotate", "fernet_rotate does it, and the receipts' keys too where they have a directory of their own"),
    ("token_setup", "fernet_setup does it, and the receipts' keys too where they have a directory of their own"),
    ("trust_flush", "real Keystone's does it on the same database"),
    ("user_setup", "`openstack user create` does it"),
];

/// Flags of oslo.log that keystone-manage takes before its verb, whether a value follows, and their other spellings. Logs
/// go to standard error here.
const LOG_FLAGS: [(&str, bool, &[&str]); 15] = [
    ("nodebug", false, &[]),
    ("log-config-append", true, &["log-config", "log_config"]),
    ("log-date-format", true, &[]),
    ("log-dir", true, &["logdir"]),
    ("log-file", true, &["logfile"]),
    ("use-journal", false, &[]),
    ("nouse-journal", false, &[]),
    ("use-json", false, &[]),
    ("nouse-json", false, &[]),
    ("use-syslog", false, &[]),
    ("nouse-syslog", false, &[]),
    ("syslog-log-facility", true, &[]),
    ("watch-log-file", false, &[]),
    ("nowatch-log-file", false, &[]),
    ("pydev-debug-host", true, &[]),
];

/// oslo.config's way to ask for completions: as the first argument it needs no verb, elsewhere it does nothing.
const COMPLETION: &str = "shell_completion";

/// Whether the program was called as keystone-manage.
pub(super) fn is_name_of(program: Option<&OsStr>) -> bool {
    program.and_then(|program| Path::new(program).file_name()) == Some(OsStr::new("keystone-manage"))
}

/// The shell whose completions are asked for, and nothing else.
pub(super) fn shell_to_complete(line: impl IntoIterator<Item = OsString>) -> Option<Shell> {
    let mut line = line.into_iter().skip(1);
    let asked = line.next()?.into_string().ok()? == format!("--{COMPLETION}");
    match line.next().filter(|_| asked)?.to_str()? {
        "bash" => Some(Shell::Bash),
        "zsh" => Some(Shell::Zsh),
        _ => None,
    }
}

/// Why a verb of Keystone's is not here; `None` for what is no verb of Keystone's.
pub(super) fn absence(verb: &str) -> Option<String> {
    let (_, instead) = NOT_HERE.iter().find(|(name, _)| *name == verb)?;
    Some(format!("keystone-manage: {verb} is not here: {instead}"))
}

/// The command line of keystone-manage: the same verbs with the same arguments, and the flags of oslo.log.
pub(super) fn command() -> Command {
    let own = Cli::command();
    let mut command = super::ConfigFlags::augment_args(Command::new("keystone-manage"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Fernstone, answering to the name of keystone-manage")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            clap::Arg::new(COMPLETION)
                .long(COMPLETION)
                .value_name("SHELL")
                .value_parser(["bash", "zsh"])
                .help("Print the completions of the command line for a shell"),
        )
        .arg(clap::Arg::new("debug").long("debug").short('d').action(ArgAction::SetTrue).global(true).help("Log more"));
    for (flag, takes_value, aliases) in LOG_FLAGS {
        let arg = clap::Arg::new(flag).long(flag).aliases(aliases).hide(true).global(true);
        command = command.arg(if takes_value { arg.action(ArgAction::Set) } else { arg.action(ArgAction::SetTrue) });
    }
    for verb in VERBS {
        if let Some(found) = own.find_subcommand(verb) {
            command = command.subcommand(found.clone());
        }
    }
    for (verb, instead) in NOT_HERE {
        let absent = Command::new(verb).hide(true).about(format!("Not here: {instead}"));
        let anything = clap::Arg::new("anything").num_args(..).allow_hyphen_values(true).trailing_var_arg(true);
        command = command.subcommand(absent.arg(anything).disable_help_flag(true));
    }
    command
}

/// What was asked for.
pub(super) struct Asked {
    /// As if it had been said to `fernstone`.
    pub(super) cli: Result<Cli, clap::Error>,
    /// The verb.
    pub(super) verb: String,
    /// `--debug`.
    pub(super) debug: bool,
}

/// Reads the command line; ends the process where it asks for help, or is wrong.
pub(super) fn read(line: impl IntoIterator<Item = OsString>) -> Asked {
    let matches = command().get_matches_from(line);
    let verb = matches.subcommand_name().unwrap_or_default().to_owned();
    Asked { cli: Cli::from_arg_matches(&matches), verb, debug: matches.get_flag("debug") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_defined() {
        command().debug_assert();
    }

    #[test]
    fn every_verb_of_keystone_30_is_here_or_said_not_to_be() {
        let names: Vec<String> = command().get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
        assert_eq!(names.len(), 23, "Keystone 30 has 23 verbs");
        assert!(VERBS.iter().all(|verb| names.iter().any(|name| name == verb)));
        assert!(absence("trust_flush").is_some_and(|text| text.contains("trust_flush is not here")));
        assert_eq!(absence("fernet_rotate"), None);
    }

    #[test]
    fn the_name_counts_and_not_the_path() {
        assert!(is_name_of(Some(OsStr::new("/usr/bin/keystone-manage"))));
        assert!(!is_name_of(Some(OsStr::new("/opt/keystone-manage/fernstone"))));
        assert!(!is_name_of(None));
    }
}
