//! `fernet rotate`: a rotation that refuses where live tokens would lose their key.

use std::io::Write;

use clap::Args;
use rustix::process::geteuid;
use serde_json::{Value, json};

use super::{
    options::{KeyArgs, Target, now},
    output,
};
use crate::{
    cli::{CommandError, exit::Exit, key_repositories::OptionalKeyOwnerArgs, style::Style},
    config::ConfigFlags,
    domain::{clock::SystemClock, random::SystemRandom},
    keys::{KeyOwner, Prospect, Refusal, RepositoryError, history::stamp},
};

/// Rotate the keys, unless live tokens would lose theirs
///
/// The staged key becomes the primary, a fresh key is staged, and the oldest keys beyond max_active_keys are deleted. A
/// rotation is refused, with exit status 3, the reason and the time from which it is safe, where it would delete a key
/// that live tokens need, where nothing tells whether they do, and where the staged key is younger than
/// --distribution-delay. Two rotations at once wait for each other.
#[derive(Debug, Clone, Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    keys: KeyArgs,

    #[command(flatten)]
    owner: OptionalKeyOwnerArgs,

    /// Rotate whatever stands against it
    #[arg(long)]
    force: bool,

    /// Only say what would be done, and whether it would be refused
    #[arg(long)]
    dry_run: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &RotateArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target(flags)?;
    if target.of_credentials && !args.force {
        refuse_credentials(args, &target)?;
        return Ok(Exit::Refused);
    }
    let owner = owner_of_new_keys(&args.owner, &target)?;
    let repository = &target.repository;
    let outcome = if args.dry_run {
        repository.prospect(&target.terms, &target.seen, &SystemClock)
    } else {
        repository.rotate_carefully(owner, &SystemRandom, &target.terms, &target.seen, &SystemClock, args.force)
    };
    let noted = if args.dry_run { Ok(()) } else { target.note(now()) };
    match outcome {
        Ok(prospect) => {
            let refused = args.dry_run && prospect.refusal.is_some() && !args.force;
            report(args, &target, &prospect, !args.dry_run)?;
            Ok(if refused { Exit::Refused } else { Exit::Done })
        }
        Err(RepositoryError::Refused { refusal, .. }) => {
            refuse(args, &target, &refusal, noted.err())?;
            Ok(Exit::Refused)
        }
        Err(error) => Err(error.into()),
    }
}

/// As whom new keys are written: who was named, else, for root, the owner of the keys that are there.
fn owner_of_new_keys(args: &OptionalKeyOwnerArgs, target: &Target) -> Result<KeyOwner, CommandError> {
    let named = args.resolve()?;
    if named.user.is_some() || named.group.is_some() || !geteuid().is_root() {
        return Ok(named);
    }
    Ok(target.repository.owner_of_keys().unwrap_or_default())
}

fn report(args: &RotateArgs, target: &Target, prospect: &Prospect, rotated: bool) -> Result<(), CommandError> {
    let mut output = std::io::stdout().lock();
    let primary = prospect.plan.primaries.map(|(_, next)| next);
    if args.json {
        let mut object = output::settings(target, prospect.at);
        object.insert("rotated".to_owned(), rotated.into());
        object.insert("primary".to_owned(), primary.map_or(Value::Null, output::number));
        object.insert("drops".to_owned(), output::dropped(&prospect.dropped));
        object.insert("forced".to_owned(), (rotated && prospect.refusal.is_some()).into());
        add_verdict(&mut object, prospect.refusal.as_ref());
        writeln!(output, "{:#}", Value::Object(object))?;
        return Ok(());
    }
    let style = Style::of_stdout();
    let directory = target.repository.path().display();
    let primary = primary.map_or_else(String::new, |primary| primary.to_string());
    let dropped: Vec<String> = prospect.dropped.iter().map(|dropped| dropped.key.to_string()).collect();
    let dropped = if dropped.is_empty() { "no key".to_owned() } else { format!("key {}", dropped.join(", ")) };
    match (rotated, &prospect.refusal) {
        (true, refusal) => {
            writeln!(
                output,
                "{} {directory}: key {primary} mints from now on, {dropped} was dropped.",
                style.good("Rotated")
            )?;
            if let Some(refusal) = refusal {
                writeln!(output, "Done by force, although {refusal}.")?;
            }
            writeln!(
                output,
                "Now bring the keys to all other nodes (`fernet export`, `fernet import`), before the next rotation."
            )?;
            if let Some(receipts) = &target.receipts_elsewhere {
                writeln!(
                    output,
                    "The keys of receipts have a directory of their own, {}: `fernet rotate --receipts`.",
                    receipts.display()
                )?;
            }
            if let Ok(next) = target.repository.prospect(&target.terms, &target.seen, &SystemClock)
                && let Some(from) = next.refusal.and_then(|refusal| refusal.safe_from)
            {
                writeln!(output, "The next rotation is safe from {}.", stamp(from))?;
            }
        }
        (false, None) => {
            writeln!(
                output,
                "A rotation of {directory} now is {}: key {primary} would mint, {dropped} would be dropped.",
                style.good("safe")
            )?;
        }
        (false, Some(refusal)) => {
            writeln!(output, "A rotation of {directory} now would be {}: {refusal}.", style.bad("refused"))?;
        }
    }
    Ok(())
}

fn add_verdict(object: &mut serde_json::Map<String, Value>, refusal: Option<&Refusal>) {
    if let Value::Object(verdict) = output::verdict(refusal) {
        object.extend(verdict);
    }
}

/// What is encrypted with these keys does not become old, so that no time tells when one may go.
fn refuse_credentials(args: &RotateArgs, target: &Target) -> Result<(), CommandError> {
    let message = "it holds the keys of stored credentials, which need them for longer than any token lives";
    if args.json {
        let mut object = output::settings(target, now());
        object.insert("rotated".to_owned(), false.into());
        object.insert("drops".to_owned(), json!([]));
        object.insert("safe".to_owned(), false.into());
        object.insert("safe_from".to_owned(), Value::Null);
        object.insert("reasons".to_owned(), json!([{ "code": "credentials", "message": message, "ends": null }]));
        writeln!(std::io::stdout().lock(), "{:#}", Value::Object(object))?;
    }
    let directory = target.repository.path().display();
    eprintln!("fernstone: the rotation of {directory} is refused, and nothing was changed:");
    eprintln!("  * {message}");
    eprintln!("`credential_rotate` rotates them, once `credential_migrate` has encrypted everything with the primary.");
    Ok(())
}

/// Says why, from when on it is safe, and what can be done.
fn refuse(args: &RotateArgs, target: &Target, refusal: &Refusal, unnoted: Option<String>) -> Result<(), CommandError> {
    if args.json {
        let mut object = output::settings(target, now());
        object.insert("rotated".to_owned(), false.into());
        object.insert("drops".to_owned(), json!([]));
        add_verdict(&mut object, Some(refusal));
        writeln!(std::io::stdout().lock(), "{:#}", Value::Object(object))?;
    }
    let directory = target.repository.path().display();
    eprintln!("fernstone: the rotation of {directory} is refused, and nothing was changed:");
    for obstacle in &refusal.obstacles {
        eprintln!("  * {obstacle}");
    }
    let unknown = refusal.obstacles.iter().any(|obstacle| obstacle.code() == "unknown-age");
    match (refusal.safe_from, unknown, unnoted) {
        (Some(from), false, _) => eprintln!("It is safe from {}.", stamp(from)),
        (Some(from), true, None) => eprintln!(
            "It is safe from {} on: by then every token is gone that a key signed which does not mint now. That has been \
             noted; just try again then.",
            stamp(from)
        ),
        (Some(_), true, Some(why)) => eprintln!(
            "It could not be noted which keys do not mint now ({why}); with --records FILE elsewhere, a later rotation will \
             know."
        ),
        (None, ..) => {}
    }
    eprintln!(
        "`fernet plan --every ...` says how many keys a rhythm takes; --force rotates all the same, and users of those \
               tokens have to log in again."
    );
    Ok(())
}
