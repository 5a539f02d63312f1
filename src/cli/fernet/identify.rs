//! `fernet identify`: which key a token was signed with, for who wonders why a node refuses it.

use std::io::{BufRead, Write};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::DateTime;
use clap::Args;
use serde_json::{Value, json};

use super::{
    options::{KeyArgs, now},
    output,
};
use crate::{
    cli::{CommandError, exit::Exit},
    config::ConfigFlags,
    keys::{KeySet, history::stamp},
};

/// Say with which key tokens were signed, and when
///
/// Reads tokens from standard input, one a line, so that they do not show in the list of processes. What is inside a token
/// is not shown. Exit status 1 if a token is opened by no key.
#[derive(Debug, Clone, Args)]
pub(super) struct IdentifyArgs {
    #[command(flatten)]
    keys: KeyArgs,

    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &IdentifyArgs, flags: &ConfigFlags) -> Result<Exit, CommandError> {
    let target = args.keys.target_for_keys_alone(flags)?;
    // A directory that cannot be read would say of each token that no key opens it.
    target.repository.history(&target.seen, now())?;
    let keys = target.repository.load_quietly();
    let mut answers = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("cannot read standard input: {error}"))?;
        if !line.trim().is_empty() {
            answers.push(identify(&keys, line.trim()));
        }
    }
    let unknown = answers.iter().any(|answer| answer["number"].is_null());
    let mut output = std::io::stdout().lock();
    if args.json {
        writeln!(output, "{:#}", Value::Array(answers))?;
    } else {
        for answer in answers {
            match (answer["number"].as_null(), answer["minted"].as_str()) {
                (Some(()), _) => writeln!(output, "no key here opens it")?,
                (None, minted) => writeln!(
                    output,
                    "key {} ({}), minted {}",
                    answer["number"].to_string().trim_matches('"'),
                    answer["fingerprint"].as_str().and_then(|it| it.get(..16)).unwrap_or_default(),
                    minted.unwrap_or("at no time")
                )?,
            }
        }
    }
    Ok(if unknown { Exit::Failed } else { Exit::Done })
}

fn identify(keys: &KeySet, token: &str) -> Value {
    let padded =
        format!("{}{}", token.trim_end_matches('='), "=".repeat((4 - token.trim_end_matches('=').len() % 4) % 4));
    let minted = minted(&padded);
    match keys.iter().find(|key| key.open(&padded).is_some()) {
        Some(key) => json!({
            "number": output::number(key.number()),
            "fingerprint": key.fingerprint().to_string(),
            "minted": minted.and_then(|at| DateTime::from_timestamp(i64::try_from(at).ok()?, 0)).map(stamp),
        }),
        None => json!({ "number": null, "fingerprint": null, "minted": null }),
    }
}

/// The time in a token: bytes 1 to 8 of what its base64 says.
fn minted(token: &str) -> Option<u64> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let bytes = GeneralPurpose::new(&alphabet::URL_SAFE, lenient).decode(token.get(..12)?).ok()?;
    Some(u64::from_be_bytes(bytes.get(1..9)?.try_into().ok()?))
}
