//! `doctor`: what is wrong with this deployment (`keystone.cmd.cli.Doctor`).

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::{CommandError, exit::Exit, findings, logging, serve::run_to_end, style::Style};
use crate::{
    config::{ConfigFlags, Sources},
    doctor,
    domain::{clock::SystemClock, finding::Severity},
};

/// Diagnose common problems: configuration, keys, clock, database, policy, catalog, passwords
///
/// Looks and changes nothing. Exit status 4 if something has to be done about what it finds; called as keystone-manage it
/// is 1. Notes need nothing done.
#[derive(Debug, Clone, Default, Args)]
pub struct DoctorArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Prints what was found.
///
/// # Errors
/// It cannot be printed.
pub(super) fn run(args: &DoctorArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    // The findings say all of it.
    logging::start_silently();
    let sources = Sources::of_process(flags.given.clone());
    let diagnosis = run_to_end(doctor::examine(&sources, &SystemClock))?;
    let found = &diagnosis.findings;
    let act = findings::any_to_act_on(found);
    let mut output = std::io::stdout().lock();
    if args.json {
        let object = json!({
            "ok": !act,
            "examined": diagnosis.examined,
            "findings": findings::to_json(found),
        });
        writeln!(output, "{object:#}")?;
    } else {
        let style = Style::of_stdout();
        findings::write_text(&mut output, style, found)?;
        let count = |severity| found.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let examined = diagnosis.examined.join(", ");
        match act {
            true => writeln!(
                output,
                "Looked at {examined}: {}, {}.",
                counted(errors, "error"),
                counted(warnings, "warning")
            )?,
            false => writeln!(output, "Looked at {examined}: {}.", style.good("in order"))?,
        }
    }
    Ok(if act { Exit::Findings } else { Exit::Done })
}
