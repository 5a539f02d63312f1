//! What every command does alike: colours, help, exit statuses, completions, man pages.

use std::fs;

use super::spoken::{Answer, User, binary, command, fernstone, room};

/// Runs a command line of the binary on a terminal.
fn on_a_terminal(line: &str, variables: &[(&str, &str)]) -> Answer {
    let mut script = command("/usr/bin/script".as_ref(), User::Same);
    script.args(["-q", "-e", "-c", &format!("{} {line}", binary().display()), "/dev/null"]);
    script.env("TERM", "xterm").envs(variables.iter().copied()).output().expect("script is part of util-linux").into()
}

#[test]
fn colours_are_for_terminals_whose_users_want_them() {
    let line = "fernet check --key-repository /nonexistent";
    let coloured = |answer: &Answer| answer.stdout.contains('\x1b');
    let shown = on_a_terminal(line, &[]);
    assert!(coloured(&shown) && shown.status == 4, "{shown:?}");
    assert!(coloured(&on_a_terminal(line, &[("NO_COLOR", "")])), "an empty NO_COLOR asks for nothing");
    assert!(!coloured(&on_a_terminal(line, &[("NO_COLOR", "1")])));
    assert!(!coloured(&on_a_terminal(line, &[("TERM", "dumb")])));
    assert!(!coloured(&fernstone(User::Same, line.split(' '))));
    assert!(coloured(&on_a_terminal("--help", &[])) && !coloured(&on_a_terminal("--help", &[("NO_COLOR", "1")])));
    assert!(!on_a_terminal(&format!("{line} --json"), &[]).stdout.contains('\x1b'));
}

#[test]
fn keys_are_not_written_to_a_terminal() {
    let answer = on_a_terminal("fernet export --key-repository /nonexistent", &[]);
    assert!(answer.status == 1 && answer.stdout.contains("give --output FILE"), "{answer:?}");
}

#[test]
fn exit_statuses_are_documented_where_one_looks() {
    let help = fernstone(User::Same, ["--help"]);
    assert_eq!(help.status, 0);
    for line in ["  0  done", "  1  failed", "  2  the command line is wrong", "  3  refused", "  4  check or doctor"] {
        assert!(help.stdout.contains(line), "{line:?} is not in {}", help.stdout);
    }
    assert_eq!(fernstone(User::Same, ["fernet", "no-such-verb"]).status, 2);
    let missing = fernstone(User::Same, ["fernet", "status", "--key-repository", "/nonexistent"]);
    assert!(missing.status == 1 && missing.stderr.starts_with("fernstone: failed to read /nonexistent"), "{missing:?}");
    assert!(missing.stderr.contains("fernet_setup makes one"), "what to do next: {missing:?}");
}

#[test]
fn completions_know_the_verbs() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = fernstone(User::Same, ["completions", shell]);
        assert_eq!(script.status, 0);
        for word in ["fernet", "rotate", "distribution-delay", "doctor", "credential_migrate"] {
            assert!(script.stdout.contains(word), "{word} is not in the completions for {shell}");
        }
    }
    let script = fernstone(User::Same, ["completions", "bash", "--for", "keystone-manage"]).stdout;
    assert!(script.contains("credential_rotate") && !script.contains("distribution-delay"));
    // A shell that cannot read it completes nothing.
    let room = room();
    let file = room.path().join("completions");
    fs::write(&file, fernstone(User::Same, ["completions", "bash"]).stdout).unwrap();
    let read = command("/bin/bash".as_ref(), User::Same).arg("-n").arg(&file).output().unwrap();
    assert!(read.status.success(), "{read:?}");
}

#[test]
fn every_command_has_a_man_page() {
    let room = room();
    let directory = room.path().to_str().unwrap();
    assert_eq!(fernstone(User::Same, ["man", directory]).status, 0);
    for (page, text) in [
        ("fernstone", "Exit status"),
        ("fernstone-doctor", "Diagnose common problems"),
        ("fernstone-fernet-rotate", "distribution\\-delay"),
        ("fernstone-credential_migrate", "primary key"),
        ("fernstone-serve", "listen"),
    ] {
        let file = room.path().join(format!("{page}.1"));
        let content = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(content.contains(text), "{text} is not in {page}.1");
    }
    assert!(fernstone(User::Same, ["man"]).stdout.contains(".TH fernstone 1"));
    let missing = fernstone(User::Same, ["man", "/nonexistent/man1"]);
    assert!(missing.status == 1 && missing.stderr.contains("/nonexistent/man1"), "{missing:?}");
}
