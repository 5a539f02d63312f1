//! Log lines for people: time, level, part of the program, message, `field=value`.
//!
//! They look as `tracing_subscriber`'s own do. Those are made with `Debug`, which looks at a text character by character and
//! was the largest part of what a validation cost beside its answer (`docs/performance.md`). Here a text without anything
//! special is copied. Control characters never reach a terminal or begin another line: they are written as escapes.

use std::{
    cell::{Cell, RefCell},
    fmt::{self, Debug, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::DateTime;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

/// Makes a line of an event.
pub(super) struct TextLines;

impl<S, N> FormatEvent<S, N> for TextLines
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        #[expect(clippy::disallowed_methods, reason = "a log tells when it was written, whatever a test's clock says")]
        let now = SystemTime::now();
        write_time(now.duration_since(UNIX_EPOCH).unwrap_or_default(), &mut writer)?;
        writer.write_str(padded(*metadata.level()))?;
        let mut is_inside = false;
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            is_inside = true;
            writer.write_str(span.name())?;
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>().filter(|fields| !fields.is_empty()) {
                write!(writer, "{{{fields}}}")?;
            }
            writer.write_char(':')?;
        }
        if is_inside {
            writer.write_char(' ')?;
        }
        writer.write_str(metadata.target())?;
        writer.write_str(": ")?;
        context.format_fields(writer.by_ref(), event)?;
        writer.write_char('\n')
    }
}

/// The time so long after the beginning of 1970, as `2026-11-22T12:00:00.000000Z`. Of thousands of lines in a second, the first
/// works out which second that is.
fn write_time(now: Duration, writer: &mut Writer<'_>) -> fmt::Result {
    thread_local! {
        static SECOND: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
    }
    SECOND.with_borrow_mut(|(number, text)| {
        if *number != now.as_secs() {
            let second = i64::try_from(now.as_secs()).ok().and_then(|second| DateTime::from_timestamp(second, 0));
            (*number, *text) = (now.as_secs(), second.unwrap_or_default().format("%Y-%m-%dT%H:%M:%S.").to_string());
        }
        writer.write_str(text)
    })?;
    let mut microseconds = now.subsec_micros();
    let mut digits = *b"000000Z";
    for digit in digits[..6].iter_mut().rev() {
        *digit += (microseconds % 10) as u8;
        microseconds /= 10;
    }
    writer.write_str(std::str::from_utf8(&digits).unwrap_or_default())
}

/// A number of so many thousandths, if that is all there is to it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is lost shows")]
fn thousandths(number: f64) -> Option<u32> {
    let all = (number * 1000.0).round() as u32;
    (f64::from(all) / 1000.0).to_bits().eq(&number.to_bits()).then_some(all)
}

/// As `Debug` writes the number.
fn push_thousandths(all: u32, text: &mut String) {
    let (whole, rest) = (all / 1000, all % 1000);
    let mut digits = [b'.', b'0', b'0', b'0'];
    digits[1] += (rest / 100) as u8;
    digits[2] += (rest / 10 % 10) as u8;
    digits[3] += (rest % 10) as u8;
    let shown = match (rest % 100, rest % 10) {
        (0, _) => 2,
        (_, 0) => 3,
        _ => 4,
    };
    text.push_str(itoa::Buffer::new().format(whole));
    text.push_str(std::str::from_utf8(&digits[..shown]).unwrap_or_default());
}

fn padded(level: Level) -> &'static str {
    match level {
        Level::TRACE => " TRACE ",
        Level::DEBUG => " DEBUG ",
        Level::INFO => "  INFO ",
        Level::WARN => "  WARN ",
        Level::ERROR => " ERROR ",
    }
}

/// Makes `message field=value field=value`, of an event or of a span.
pub(super) struct TextFields;

impl<'w> FormatFields<'w> for TextFields {
    /// Puts the text together before it is handed over: what comes in dozens of small pieces is better not handed over one by
    /// one, through a pointer to whoever takes it.
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        thread_local! {
            static SPARE: Cell<String> = const { Cell::new(String::new()) };
        }
        let mut text = SPARE.take();
        text.clear();
        let mut written = Written { text, is_first: true };
        fields.record(&mut written);
        let outcome = writer.write_str(&written.text);
        SPARE.set(written.text);
        outcome
    }
}

/// The fields that were written so far.
struct Written {
    text: String,
    is_first: bool,
}

impl Written {
    fn name(&mut self, field: &Field) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(' ');
        }
        if field.name() != MESSAGE {
            self.text.push_str(field.name());
            self.text.push('=');
        }
    }
}

/// The field that is written without its name.
const MESSAGE: &str = "message";

impl Visit for Written {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.name(field);
        if field.name() == MESSAGE {
            push_escaped(value, &mut self.text);
        } else if all_are(is_plain, value) {
            self.text.push('"');
            self.text.push_str(value);
            self.text.push('"');
        } else {
            push(format_args!("{value:?}"), &mut self.text);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.name(field);
        self.text.push_str(itoa::Buffer::new().format(value));
    }

    /// Milliseconds, mostly. To find the fewest digits that mean a number takes longer than to write those of thousandths.
    fn record_f64(&mut self, field: &Field, value: f64) {
        match thousandths(value) {
            Some(all) => {
                self.name(field);
                push_thousandths(all, &mut self.text);
            }
            None => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.name(field);
        push(format_args!("{value:?}"), &mut Escaped(&mut self.text));
    }
}

/// A character of ASCII that is shown as it is.
fn is_printable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// One that is the same within quotation marks.
fn is_plain(byte: u8) -> bool {
    is_printable(byte) & (byte != b'"') & (byte != b'\\')
}

/// Whether all bytes are of these. To go on to the end lets the processor look at many at a time.
fn all_are(kind: impl Fn(u8) -> bool, text: &str) -> bool {
    text.bytes().fold(true, |all, byte| all & kind(byte))
}

fn push(value: fmt::Arguments<'_>, text: &mut impl Write) {
    // Memory takes everything; a value that fails to say what it is has said what it could.
    _ = text.write_fmt(value);
}

/// Replaces control characters.
fn push_escaped(value: &str, text: &mut String) {
    if all_are(is_printable, value) {
        return text.push_str(value);
    }
    for part in value.split_inclusive(char::is_control) {
        match part.chars().next_back().filter(|last| last.is_control()) {
            None => text.push_str(part),
            Some(control) => {
                text.push_str(part.trim_end_matches(control));
                text.extend(control.escape_default());
            }
        }
    }
}

/// Takes text, and replaces control characters.
struct Escaped<'t>(&'t mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_escaped(text, self.0);
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;
    use crate::cli::log_batch::tests::Paper;

    /// What is logged, without the times.
    fn logged(work: impl Fn(), is_ours: bool) -> Vec<String> {
        let paper = Paper::default();
        let to = paper.clone();
        let builder = tracing_subscriber::fmt().with_max_level(Level::DEBUG);
        let builder = builder.with_writer(move || to.clone());
        if is_ours {
            let ours = builder.event_format(TextLines).fmt_fields(TextFields).finish();
            tracing::subscriber::with_default(ours, work);
        } else {
            tracing::subscriber::with_default(builder.finish(), work);
        }
        paper.text().lines().map(|line| line.split_at("2026-11-22T12:00:00.000000Z".len()).1.to_owned()).collect()
    }

    #[test]
    fn lines_look_as_they_do_elsewhere() {
        let work = || {
            tracing::info!(path = "/v3/a b", status = 200, milliseconds = 0.25, method = %"GET", none = None::<&str>, "answered");
            tracing::warn!(quoted = "a \"b\" \\ c", accents = "\u{e9}\t", list = ?["a"], yes = true, "two\u{e9}");
            let span = tracing::info_span!("request", request_id = "req-1", empty = tracing::field::Empty);
            let _inside = span.enter();
            tracing::debug!(target: "elsewhere", "inside {}", 1);
            tracing::error_span!("bare").in_scope(|| tracing::error!(number = -1));
        };
        assert_eq!(logged(work, true), logged(work, false));
    }

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for text in ["2026-11-22T12:00:00.000000Z", "2026-11-22T12:00:00.000001Z", "1999-12-31T23:59:59.987650Z"] {
            let mut written = String::new();
            let time: DateTime<chrono::Utc> = text.parse().expect("a time");
            let time = time.signed_duration_since(DateTime::UNIX_EPOCH).to_std().expect("after 1970");
            write_time(time, &mut Writer::new(&mut written)).expect("it is written");
            assert_eq!(written, text);
        }
    }

    #[test]
    fn numbers_look_as_they_do_elsewhere() {
        let mut quick = 0;
        for number in [0.0, -0.0, 0.001, 0.02, 0.25, 0.1 + 0.2, 7.0, 100.5, 12.345, 4e6, 1e16, -1.5, 1e-4, f64::NAN] {
            let Some(all) = thousandths(number) else { continue };
            let mut written = String::new();
            push_thousandths(all, &mut written);
            assert_eq!(written, format!("{number:?}"));
            quick += 1;
        }
        assert_eq!(quick, 8);
    }

    #[test]
    fn nothing_begins_a_line_of_its_own_or_reaches_the_terminal() {
        let work = || {
            tracing::info!(name = %"a\nb\u{1b}[31m", "first\r\nsecond \u{7f}");
            tracing::info!(name = "a\nb\u{1b}");
        };
        let lines = logged(work, true);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("first\\r\\nsecond \\u{7f} name=a\\nb\\u{1b}[31m"), "{lines:?}");
        assert!(lines[1].ends_with("name=\"a\\nb\\u{1b}\""), "{lines:?}");
    }
}
