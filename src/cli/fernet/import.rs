//! `fernet import`: another node's keys, all at once, and never backwards.

use std::{
    fs::File,
    io::{Read, Write},
    path::PathBuf,
};

use clap::Args;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    options::{KeyArgs, Target, now},
    output,
};
use crate::{
    cli::{CommandError, exit::Exit, key_repositories::OptionalKeyOwnerArgs, style::Style},
    config::ConfigFlags,
    keys::{Archive, Arrival, ImportError, ImportRefusal, ImportTerms, Imported, KeyNumber},
};

/// More than any archive of keys.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Take over the keys of an archive that `fernet export` wrote on another node
///
/// All keys come at once: a reader, a kill or a power cut meets the old ones or the new ones. Refused, with exit status 3,
/// is an archive that is older than the directory, that lacks the key with which this node mints, or that lacks one that
/// live tokens need. Importing the same archive again changes nothing.
#[derive(Debug, Clone, Args)]
pub(super) struct ImportArgs {
    /// The archive [default: standard input]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(flatten)]
    keys: KeyArgs,

    #[command(flatten)]
    owner: OptionalKeyOwnerArgs,

    /// Import whatever stands against it
    #[arg(long)]
    force: bool,

    /// Only say what would be done, and whether it would be refused
    #[arg(long)]
    dry_run: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ImportArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target(flags)?;
    let owner = args.owner.resolve()?;
    let archive = read(args)?;
    let now = now();
    let how = ImportTerms { terms: &target.terms, seen: &target.seen, now, force: args.force, dry_run: args.dry_run };
    let imported = target.repository.import(&archive, owner, &how);
    if !args.dry_run && !matches!(imported, Err(ImportError::Repository(_))) {
        // Only a later rotation of a directory without times would miss it, and says so.
        _ = target.note(now);
    }
    match imported {
        Ok(imported) => {
            report(args, &target, &imported)?;
            Ok(Exit::Done)
        }
        Err(ImportError::Refused { reasons, safe_from, .. }) => {
            if args.json {
                let mut object = output::settings(&target, now);
                object.insert("imported".to_owned(), false.into());
                object.insert("safe_from".to_owned(), output::time(safe_from));
                object.insert("reasons".to_owned(), reasons_of(&reasons));
                writeln!(std::io::stdout().lock(), "{:#}", Value::Object(object))?;
            }
            let directory = target.repository.path().display();
            eprintln!("fernstone: the import into {directory} is refused, and nothing was changed:");
            reasons.iter().for_each(|reason| eprintln!("  * {reason}"));
            if let Some(from) = safe_from {
                eprintln!("It is safe from {}.", crate::keys::history::stamp(from));
            }
            eprintln!("`fernet check --compare` shows how two nodes differ; --force imports all the same.");
            Ok(Exit::Refused)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(args: &ImportArgs) -> Result<Archive, CommandError> {
    let name = args.file.as_deref().filter(|file| file.as_os_str() != "-");
    let shown = name.map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
    let source: Box<dyn Read> = match name {
        Some(file) => Box::new(File::open(file).map_err(|error| format!("cannot open {shown}: {error}"))?),
        None => Box::new(std::io::stdin()),
    };
    let mut text = Zeroizing::new(String::with_capacity(64 * 1024));
    source.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if text.len() as u64 > LARGEST {
        return Err(format!("{shown} is too large for an archive of keys").into());
    }
    Ok(Archive::from_text(&text).map_err(|error| format!("{shown}: {error}"))?)
}

fn reasons_of(reasons: &[ImportRefusal]) -> Value {
    reasons.iter().map(|it| json!({ "code": it.code(), "message": it.to_string() })).collect()
}

fn report(args: &ImportArgs, target: &Target, imported: &Imported) -> Result<(), CommandError> {
    let mut output = std::io::stdout().lock();
    let numbers = |numbers: &[KeyNumber]| -> Value { numbers.iter().copied().map(output::number).collect() };
    if args.json {
        let mut object = output::settings(target, now());
        object.insert("imported".to_owned(), (!args.dry_run).into());
        object.insert("changed".to_owned(), (imported.arrival != Arrival::Same).into());
        object.insert("added".to_owned(), numbers(&imported.added));
        object.insert("dropped".to_owned(), numbers(&imported.dropped));
        object.insert("reasons".to_owned(), reasons_of(&imported.overridden));
        writeln!(output, "{:#}", Value::Object(object))?;
        return Ok(());
    }
    let style = Style::of_stdout();
    let directory = target.repository.path().display();
    let list = |numbers: &[KeyNumber]| match numbers.len() {
        0 => "none".to_owned(),
        _ => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let (added, dropped) = (list(&imported.added), list(&imported.dropped));
    match (args.dry_run, imported.arrival) {
        (_, Arrival::Same) => writeln!(output, "{directory} has these keys already."),
        (true, _) => writeln!(
            output,
            "An import into {directory} is {}: new keys {added}, dropped keys {dropped}.",
            style.good("safe")
        ),
        (false, _) => {
            writeln!(output, "{} into {directory}: new keys {added}, dropped keys {dropped}.", style.good("Imported"))
        }
    }?;
    for reason in &imported.overridden {
        writeln!(output, "Done by force, although {reason}.")?;
    }
    Ok(())
}
