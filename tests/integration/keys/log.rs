//! Captures what the code under test logs.

use std::sync::{Arc, Mutex};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// Level and message of each line, in Python's names of the levels.
pub(crate) type Lines = Vec<(String, String)>;

#[derive(Default, Clone)]
struct Capture(Arc<Mutex<Lines>>);

impl<S: Subscriber> Layer<S> for Capture {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("fernstone") {
            let mut message = Message(String::new());
            event.record(&mut message);
            let level = event.metadata().level().to_string().replace("WARN", "WARNING");
            self.0.lock().expect("no panic while logging").push((level, message.0));
        }
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

/// Runs `work`, and returns what it returns and what it logged on this thread.
pub(crate) fn captured<T>(work: impl FnOnce() -> T) -> (T, Lines) {
    let capture = Capture::default();
    let subscriber = tracing_subscriber::registry().with(capture.clone());
    let result = tracing::subscriber::with_default(subscriber, work);
    let lines = std::mem::take(&mut *capture.0.lock().expect("no panic while logging"));
    (result, lines)
}
