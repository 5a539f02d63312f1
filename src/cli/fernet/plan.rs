//! `fernet plan`: how many keys a rhythm of rotations takes, and when the next ones are.

use std::io::Write;

use chrono::{TimeDelta, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::{
    options::{KeyArgs, Target, now},
    output,
};
use crate::{
    cli::{CommandError, duration, exit::Exit, style::Style},
    config::ConfigFlags,
    keys::{
        history::{DatedKey, stamp},
        schedule::{Appointment, calendar},
    },
};

/// Say how many keys it takes to rotate that often, and show the next rotations
///
/// max_active_keys = (expiration + allow_expired_window + distribution delay) / every, rounded up, + 2: the staged key,
/// the primary, and each secondary until the last token that it signed is gone. The calendar shows what happens with the
/// keys that are there, if that many may be.
#[derive(Debug, Clone, Args)]
pub(super) struct PlanArgs {
    /// How often the keys are rotated, such as 24h or 7d
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    every: TimeDelta,

    /// How many rotations to show
    #[arg(long, value_name = "COUNT", default_value = "8", value_parser = clap::value_parser!(u16).range(0..=1000))]
    count: u16,

    #[command(flatten)]
    keys: KeyArgs,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &PlanArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target(flags)?;
    let now = now();
    let needed = target.terms.keys_needed(args.every).ok_or(
        "--every must be longer than nothing, and no more keys than \
                                                              4294967295 may be needed",
    )?;
    let configured = target.repository.max_active_keys();
    let days = appointments(args, &target, needed, now);
    let mut output = std::io::stdout().lock();
    if args.json {
        let mut object = output::settings(&target, now);
        object.insert("every".to_owned(), args.every.num_seconds().into());
        object.insert("max_active_keys_needed".to_owned(), needed.get().into());
        object.insert("enough".to_owned(), (configured >= needed).into());
        object.insert("calendar".to_owned(), days.as_ref().map_or(Value::Null, |days| days.iter().map(day).collect()));
        writeln!(output, "{:#}", Value::Object(object))?;
        return Ok(Exit::Done);
    }
    let style = Style::of_stdout();
    let (section, life) = (target.repository.purpose().section(), target.terms.life + target.terms.distribution_delay);
    writeln!(
        output,
        "To rotate every {} takes {}: a key stays for {} after it stopped minting (expiration {}, allow_expired_window {}, \
         distribution delay {}).",
        duration::show(args.every),
        style.strong(format!("[{section}] max_active_keys = {needed}")),
        duration::show(life),
        duration::show(target.expiration),
        duration::show(target.allow_expired_window),
        duration::show(target.terms.distribution_delay)
    )?;
    if configured < needed {
        writeln!(
            output,
            "{} is {configured} now: set it on every node before rotating so often.",
            style.bad("max_active_keys")
        )?;
    }
    match days {
        Some(days) => write_calendar(&mut output, style, &days)?,
        None => writeln!(output, "There are no keys in {} yet.", target.repository.path().display())?,
    }
    Ok(Exit::Done)
}

/// The rotations to come, counted from the last one; `None` where there are no keys.
fn appointments(
    args: &PlanArgs,
    target: &Target,
    needed: std::num::NonZeroU32,
    now: chrono::DateTime<Utc>,
) -> Option<Vec<Appointment>> {
    let history = target.repository.history(&target.seen, now).ok()?;
    let keys: Vec<DatedKey> = history.keys().iter().map(|key| key.key).collect();
    if keys.is_empty() {
        return None;
    }
    let first = history.last_rotation().map_or(now, |last| (last + args.every).max(now));
    let maximum = needed.max(target.repository.max_active_keys());
    Some(calendar(&keys, &target.seen, maximum, &target.terms, (first, args.every, args.count.into())))
}

fn day(day: &Appointment) -> Value {
    json!({
        "at": stamp(day.at),
        "primary": output::number(day.primary),
        "drops": output::dropped(&day.dropped),
        "keys": day.keys,
        "safe": day.obstacles.is_empty(),
        "reasons": output::reasons(&day.obstacles),
    })
}

fn write_calendar(output: &mut dyn Write, style: Style, days: &[Appointment]) -> Result<(), CommandError> {
    let mut rows = vec![["rotation at", "new primary", "drops", "keys after", ""].map(str::to_owned)];
    for day in days {
        let drops: Vec<String> = day.dropped.iter().map(|it| it.key.to_string()).collect();
        let drops = if drops.is_empty() { "-".to_owned() } else { drops.join(", ") };
        let verdict = day.obstacles.first().map_or_else(String::new, |obstacle| format!("refused: {obstacle}"));
        rows.push([stamp(day.at), day.primary.to_string(), drops, day.keys.to_string(), verdict]);
    }
    for (place, line) in output::aligned(&rows).into_iter().enumerate() {
        match place {
            0 => writeln!(output, "{}", style.strong(line))?,
            _ => writeln!(output, "{line}")?,
        }
    }
    Ok(())
}
