//! `fernet status`: every key, what it does, how old it is, and until when its tokens live.

use std::io::Write;

use clap::Args;

use super::{
    options::{KeyArgs, now},
    output,
};
use crate::{
    cli::{CommandError, exit::Exit, style::Style},
    config::ConfigFlags,
    domain::clock::SystemClock,
    keys::{RepositoryError, history::stamp},
};

/// Show each key: number, role, age, fingerprint, and until when tokens signed with it may live
///
/// The times come from the times of the files, which a rotation keeps. Where they cannot be true, as after a copy without
/// times, they are shown as unknown. The bytes of a key are never shown.
#[derive(Debug, Clone, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    keys: KeyArgs,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &StatusArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target(flags)?;
    let now = now();
    let history = target.repository.history(&target.seen, now)?;
    let prospect = target.repository.prospect(&target.terms, &target.seen, &SystemClock);
    let mut output = std::io::stdout().lock();
    if args.json {
        let mut object = output::settings(&target, now);
        object.insert("last_rotation".to_owned(), output::time(history.last_rotation()));
        object.insert("doubt".to_owned(), history.doubt().map(|doubt| doubt.to_string()).into());
        object.insert("keys".to_owned(), output::keys(&history, &target.terms, now));
        object.insert("next_rotation".to_owned(), next_rotation(&prospect));
        writeln!(output, "{:#}", serde_json::Value::Object(object))?;
        return Ok(Exit::Done);
    }
    let style = Style::of_stdout();
    let last = history.last_rotation().map_or_else(
        || "nothing tells when the last rotation was".to_owned(),
        |at| format!("last rotation {} ({})", stamp(at), output::away(at, now)),
    );
    writeln!(
        output,
        "{}: {} of at most {} keys, {last}",
        style.strong(target.repository.path().display()),
        history.keys().len(),
        target.repository.max_active_keys()
    )?;
    for line in output::table(&history, &target.terms, now) {
        writeln!(output, "{line}")?;
    }
    if let Some(doubt) = history.doubt() {
        writeln!(output, "The times are not believed: {doubt}.")?;
    }
    write_next(&mut output, style, &prospect)?;
    Ok(Exit::Done)
}

fn next_rotation(prospect: &Result<crate::keys::Prospect, RepositoryError>) -> serde_json::Value {
    match prospect {
        Ok(prospect) => {
            let mut verdict = output::verdict(prospect.refusal.as_ref());
            verdict["drops"] = output::dropped(&prospect.dropped);
            verdict
        }
        Err(error) => serde_json::json!({
            "safe": false,
            "safe_from": null,
            "reasons": [{ "code": "impossible", "message": crate::cli::in_one_line(error), "ends": null }],
            "drops": [],
        }),
    }
}

fn write_next(
    output: &mut dyn Write,
    style: Style,
    prospect: &Result<crate::keys::Prospect, RepositoryError>,
) -> Result<(), CommandError> {
    let prospect = match prospect {
        Ok(prospect) => prospect,
        Err(error) => {
            writeln!(output, "A rotation is {}: {}", style.bad("impossible"), crate::cli::in_one_line(error))?;
            return Ok(());
        }
    };
    let dropped: Vec<String> = prospect.dropped.iter().map(|dropped| dropped.key.to_string()).collect();
    let drops = match dropped.len() {
        0 => "drops no key".to_owned(),
        _ => format!("drops {}", dropped.join(", ")),
    };
    match &prospect.refusal {
        None => writeln!(output, "A rotation now is {}, and {drops}.", style.good("safe"))?,
        Some(refusal) => writeln!(output, "A rotation now is {}: {refusal}.", style.bad("refused"))?,
    }
    Ok(())
}
