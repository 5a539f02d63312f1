//! What is printed.

use crate::load::Outcome;

/// Outcomes of pairs of rounds: of what is compared with, and of what is compared.
#[derive(Default)]
pub(crate) struct Table(Vec<(Outcome, Outcome)>);

impl Table {
    pub(crate) fn headings() {
        println!(
            "{:<62} {:>10} {:>10} {:>7}   {:>9} {:>9} {:>7}",
            "", "beside/s", "this/s", "ratio", "p99", "p99", "ratio"
        );
    }

    pub(crate) fn add(&mut self, beside: Outcome, this: Outcome) {
        self.0.push((beside, this));
    }

    /// Prints the medians.
    pub(crate) fn print(&self, name: &str) {
        let of = |value: &dyn Fn(&(Outcome, Outcome)) -> f64| median(self.0.iter().map(value).collect());
        println!(
            "{name:<62} {:>10.0} {:>10.0} {:>7.3}   {:>6.0} us {:>6.0} us {:>7.2}",
            of(&|(beside, _)| beside.rate),
            of(&|(_, this)| this.rate),
            of(&|(beside, this)| this.rate / beside.rate),
            of(&|(beside, _)| beside.p99.as_secs_f64() * 1e6),
            of(&|(_, this)| this.p99.as_secs_f64() * 1e6),
            of(&|(beside, this)| this.p99.as_secs_f64() / beside.p99.as_secs_f64()),
        );
    }
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
