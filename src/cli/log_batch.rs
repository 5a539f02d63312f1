//! Log lines on their way to a file or to standard error, several at a time.
//!
//! A line for each request costs more in system calls than anything else that is done for a request that needs no database
//! (`docs/performance.md`). So lines are gathered in memory, and a thread writes what is there every few milliseconds.
//! Nothing is held back longer than that, warnings and errors not at all, and what is left is written when the process ends.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered.
const PAUSE: Duration = Duration::from_millis(10);

/// Who writes waits when so much is there, in bytes: a disk that is too slow slows us down instead of filling the memory.
const MOST: usize = 1 << 20;

/// Where lines go. Clones share the gathered ones.
#[derive(Clone)]
pub(super) struct LogBatch(Arc<Shared>);

struct Shared {
    gathered: Mutex<Vec<u8>>,
    something: Condvar,
    room: Condvar,
    /// Held while gathered lines are written, so that they keep their order.
    output: Mutex<Output>,
}

struct Output {
    to: Box<dyn Write + Send>,
    /// The lines that are being written. Empty between times, and as large as it had to be: it changes places with those that
    /// are gathered, so that none of the two has to grow again.
    lines: Vec<u8>,
}

/// Writes what is left when it is dropped: to be held to the end.
pub(super) struct LastLines(LogBatch);

impl Drop for LastLines {
    fn drop(&mut self) {
        self.0.0.write_out();
    }
}

impl LogBatch {
    /// Starts the thread that writes to `output`.
    ///
    /// # Errors
    ///
    /// There can be no more threads.
    pub(super) fn start(output: Box<dyn Write + Send>) -> io::Result<(Self, LastLines)> {
        let shared = Arc::new(Shared {
            gathered: Mutex::default(),
            something: Condvar::new(),
            room: Condvar::new(),
            output: Mutex::new(Output { to: output, lines: Vec::new() }),
        });
        let writer = shared.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                drop(writer.something.wait_while(writer.gathered(), |lines| lines.is_empty()));
                thread::sleep(PAUSE);
                writer.write_out();
            }
        })?;
        Ok((Self(shared.clone()), LastLines(Self(shared))))
    }
}

impl Shared {
    fn gathered(&self) -> MutexGuard<'_, Vec<u8>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_out(&self) {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let Output { to, lines } = &mut *output;
        std::mem::swap(lines, &mut *self.gathered());
        self.room.notify_all();
        // A log that cannot be written is no reason to stop serving, and there is nobody to tell.
        _ = to.write_all(lines).and_then(|()| to.flush());
        lines.clear();
    }
}

/// Takes one event, whole: so the formatter hands it over.
pub(super) struct Event<'b> {
    batch: &'b LogBatch,
    is_urgent: bool,
}

impl Write for Event<'_> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let shared = &*self.batch.0;
        let full = |lines: &mut Vec<u8>| lines.len() > MOST;
        let mut lines = shared.room.wait_while(shared.gathered(), full).unwrap_or_else(PoisonError::into_inner);
        let is_first = lines.is_empty();
        lines.extend_from_slice(event);
        drop(lines);
        if self.is_urgent {
            shared.write_out();
        } else if is_first {
            shared.something.notify_one();
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for LogBatch {
    type Writer = Event<'w>;

    fn make_writer(&'w self) -> Event<'w> {
        Event { batch: self, is_urgent: false }
    }

    fn make_writer_for(&'w self, meta: &Metadata<'_>) -> Event<'w> {
        Event { batch: self, is_urgent: *meta.level() <= Level::WARN }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail by panicking")]
pub(super) mod tests {
    use super::*;

    /// What was written, for tests of this and of how lines look.
    #[derive(Clone, Default)]
    pub(in crate::cli) struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        pub(in crate::cli) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_of_every_thread_arrives_whole_and_in_its_order() {
        let paper = Paper::default();
        let (batch, last) = LogBatch::start(Box::new(paper.clone())).unwrap();
        thread::scope(|scope| {
            for name in ["a", "b", "c"] {
                let batch = &batch;
                scope.spawn(move || {
                    for number in 0..2000 {
                        batch
                            .make_writer()
                            .write_all(format!("{name} {number} {}\n", "x".repeat(300)).as_bytes())
                            .unwrap();
                    }
                });
            }
        });
        drop(last);
        let text = paper.text();
        for name in ["a", "b", "c"] {
            let numbers: Vec<usize> = text
                .lines()
                .filter_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
                .collect();
            assert_eq!(numbers, (0..2000).collect::<Vec<_>>());
        }
        assert!(text.lines().all(|line| line.ends_with(&"x".repeat(300))));
    }
}
