//! `fernet check`: what is wrong with a key directory, and how it differs from another node's.

use std::{
    fs,
    io::{Read, Write},
    path::PathBuf,
};

use clap::Args;
use serde_json::Value;

use super::{
    options::{KeyArgs, now},
    output,
};
use crate::{
    cli::{CommandError, exit::Exit, findings, style::Style},
    config::ConfigFlags,
    keys::{
        KeyNumber,
        comparison::{Fingerprints, compare},
        number::FileName,
    },
};

/// Look for what is wrong: modes, owners, malformed, empty and double keys, impossible times, differences to another node
///
/// Exit status 4 if something has to be done about it.
#[derive(Debug, Clone, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    keys: KeyArgs,

    /// Compare with another node: a file with what `fernet status --json` printed there, or - for standard input
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CheckArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target(flags)?;
    let now = now();
    let mut found = target.repository.check(&target.seen, now);
    if let Some(file) = &args.compare {
        let (name, text) = if file.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| format!("cannot read standard input: {error}"))?;
            ("standard input".to_owned(), text)
        } else {
            let text = fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            (file.display().to_string(), text)
        };
        let there = fingerprints(&text).map_err(|why| format!("{name}: {why}"))?;
        let here = target.repository.load_quietly();
        let here = here.iter().map(|key| (key.number(), key.fingerprint())).collect();
        found.extend(compare(&here, &there, &name));
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
    let act = findings::any_to_act_on(&found);
    let mut output = std::io::stdout().lock();
    if args.json {
        let mut object = output::settings(&target, now);
        object.insert("ok".to_owned(), (!act).into());
        object.insert("findings".to_owned(), findings::to_json(&found));
        writeln!(output, "{:#}", Value::Object(object))?;
    } else {
        let style = Style::of_stdout();
        findings::write_text(&mut output, style, &found)?;
        let directory = target.repository.path().display();
        match found.iter().filter(|it| findings::any_to_act_on(std::slice::from_ref(it))).count() {
            0 => writeln!(output, "{directory}: {}", style.good("in order"))?,
            count => {
                writeln!(output, "{directory}: {count} {} to act on", if count == 1 { "finding" } else { "findings" })?
            }
        }
    }
    Ok(if act { Exit::Findings } else { Exit::Done })
}

/// Reads what `fernet status --json` prints, or lines of a number and a fingerprint.
fn fingerprints(text: &str) -> Result<Fingerprints, String> {
    let fault =
        || "it is neither what `fernet status --json` prints nor lines of a number and a fingerprint".to_owned();
    let number = |text: &str| match FileName::read(text) {
        FileName::Number(number) => Ok(number),
        _ => Err(fault()),
    };
    let mut keys = Fingerprints::new();
    let mut add = |number: KeyNumber, fingerprint: &str| {
        keys.insert(number, fingerprint.parse().map_err(|_| fault())?);
        Ok::<(), String>(())
    };
    if text.trim_start().starts_with('{') {
        let status: Value = serde_json::from_str(text).map_err(|_| fault())?;
        for key in status["keys"].as_array().ok_or_else(fault)? {
            let Some(fingerprint) = key["fingerprint"].as_str() else { continue };
            let shown = key["number"].as_str().map_or_else(|| key["number"].to_string(), str::to_owned);
            add(number(&shown)?, fingerprint)?;
        }
        return Ok(keys);
    }
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (shown, fingerprint) = line.trim().split_once(char::is_whitespace).ok_or_else(fault)?;
        add(number(shown)?, fingerprint.trim())?;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::fingerprints;
    use crate::domain::finding::Severity;

    #[test]
    fn both_forms_are_read_and_others_are_not() {
        let fingerprint = "ab".repeat(32);
        let lines = fingerprints(&format!("0 {fingerprint}\n 12\t{fingerprint}\n\n")).unwrap();
        let json = format!(
            "{{\"keys\": [{{\"number\": 0, \"fingerprint\": \"{fingerprint}\"}}, \
                            {{\"number\": \"12\", \"fingerprint\": \"{fingerprint}\"}}, \
                            {{\"number\": 3, \"fingerprint\": null}}]}}"
        );
        assert_eq!(fingerprints(&json).unwrap(), lines);
        assert_eq!(lines.len(), 2);
        for text in [
            "{",
            "{}",
            "x",
            &format!("x {fingerprint}"),
            "1 abc",
            "{\"keys\": [{\"number\": 1, \"fingerprint\": \"x\"}]}",
        ] {
            assert!(fingerprints(text).is_err(), "{text}");
        }
        assert!(Severity::Error > Severity::Warning && Severity::Warning > Severity::Note);
    }
}
