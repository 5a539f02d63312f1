//! What every command does alike: colours, help, exit statuses, completions, man pages.

use std::{fs, path::Path};

use rustix::process::{getegid, geteuid};

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
    // Of a reader that has seen enough nothing is said.
    let room = room();
    let file = room.path().join("keystone.conf");
    fs::write(&file, format!("[database]\nconnection = sqlite:///{}\n", room.path().join("k.db").display())).unwrap();
    let config = file.to_str().unwrap();
    assert_eq!(fernstone(User::Same, ["--config-file", config, "db_sync"]).status, 0);
    for line in
        ["fernet plan --every 1h", "fernet check --key-repository /nonexistent", "db_version", "change_feed status"]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut closed = command(binary(), User::Same);
        let answer = closed.args(["--config-file", config]).args(line.split(' ')).stdout(writer).output().unwrap();
        let answer = Answer::from(answer);
        assert_eq!((answer.status, answer.stderr.as_str()), (1, ""), "{line}: {answer:?}");
    }
    let missing = fernstone(User::Same, ["fernet", "status", "--key-repository", "/nonexistent"]);
    assert!(missing.status == 1 && missing.stderr.starts_with("fernstone: failed to read /nonexistent"), "{missing:?}");
    assert!(missing.stderr.contains("fernet_setup makes one"), "what to do next: {missing:?}");
}

#[test]
fn a_database_that_cannot_be_used_comes_with_what_to_do() {
    let room = room();
    let config = room.path().join("keystone.conf");
    let empty = room.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    for (connection, verb, advice) in [
        ("postgresql://keystone:hunter2@127.0.0.1:1/keystone".to_owned(), "db_version", "Start the database"),
        ("postgresql://keystone:hunter2@127.0.0.1:1/keystone".to_owned(), "credential_rotate", "Start the database"),
        (format!("sqlite:///{}", room.path().join("none.db").display()), "change_feed", "db_sync makes"),
        (format!("sqlite:///{}", empty.display()), "credential_rotate", "db_sync makes them"),
    ] {
        let keys = room.path().join("keys").display().to_string();
        fs::write(&config, format!("[database]\nconnection = {connection}\n[credential]\nkey_repository = {keys}\n"))
            .unwrap();
        let (user, group) = (geteuid().as_raw().to_string(), getegid().as_raw().to_string());
        let owner = ["--keystone-user", &user, "--keystone-group", &group];
        let start = ["--config-file", config.to_str().unwrap()];
        let set_up = fernstone(User::Same, [&start[..], &["credential_setup"], &owner].concat());
        assert_eq!(set_up.status, 0, "{set_up:?}");
        let more = match verb {
            "change_feed" => &["status"][..],
            "credential_rotate" => &owner,
            _ => &[],
        };
        let answer = fernstone(User::Same, [&start[..], &[verb], more].concat());
        assert!(answer.status == 1 && answer.stderr.contains(advice), "{answer:?}");
        assert!(!answer.stderr.contains("hunter2"));
    }
}

#[test]
fn every_command_that_reads_answers_in_json_too() {
    let room = room();
    let config = room.path().join("keystone.conf");
    let (keys, file) = (room.path().join("keys"), room.path().join("keystone.db"));
    let section = |name: &str| format!("[{name}]\nkey_repository = {}\n", keys.display());
    let text = format!("[database]\nconnection = sqlite:///{}\n", file.display());
    fs::write(&config, text + &section("fernet_tokens") + &section("fernet_receipts")).unwrap();
    let run = |line: &[&str]| fernstone(User::Same, [&["--config-file", config.to_str().unwrap()], line].concat());
    let (user, group) = (geteuid().as_raw().to_string(), getegid().as_raw().to_string());
    for line in [&["db_sync"][..], &["fernet_setup", "--keystone-user", &user, "--keystone-group", &group]] {
        assert_eq!(run(line).status, 0);
    }
    for (line, has) in [
        (&["fernet", "status"][..], "/keys/0/fingerprint"),
        (&["fernet", "plan", "--every", "24h"], "/calendar/0/at"),
        (&["fernet", "rotate", "--dry-run"], "/drops"),
        (&["fernet", "check"], "/findings"),
        (&["fernet", "identify"], ""),
        (&["fernet", "export"], "/keys/0/key"),
        (&["db_version"], "/expand_head"),
        (&["db_sync", "--check"], "/next"),
        (&["change_feed", "status"], "/change_feed"),
        (&["doctor"], "/findings/0/advice"),
    ] {
        let json: &[&str] = if line[1..] == ["export"] { &[] } else { &["--json"] };
        let answer = run(&[line, json].concat());
        assert!(answer.json().pointer(has).is_some(), "{has} is not in {answer:?}");
    }
    let feed = run(&["change_feed", "status", "--json"]);
    assert_eq!((feed.status, feed.json()), (0, serde_json::json!({ "change_feed": "not-needed", "ok": true })));
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
    let room = room();
    let file = room.path().join("completions");
    fs::write(&file, fernstone(User::Same, ["completions", "bash"]).stdout).unwrap();
    assert_eq!(completed(&file, "fernstone fernet rota"), "rotate");
    assert_eq!(completed(&file, "fernstone fernet rotate --distr"), "--distribution-delay");
}

/// What bash offers for a line, the last word of which is not yet complete.
pub(super) fn completed(script: &Path, line: &str) -> String {
    let ask = "source \"$1\"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); function=$(complete -p \"${2%% *}\" | \
               sed 's/.*-F \\([^ ]*\\) .*/\\1/'); \
               \"$function\" \"${2%% *}\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; echo \"${COMPREPLY[*]}\"";
    let bash =
        command("/bin/bash".as_ref(), User::Same).args(["-c", ask, "bash"]).arg(script).arg(line).output().unwrap();
    let answer = Answer::from(bash);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{answer:?}");
    answer.stdout.trim().to_owned()
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
