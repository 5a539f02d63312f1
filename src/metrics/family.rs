//! Numbers that somebody else counts, as Prometheus wants to see them.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// Something that only grows, from 0 at the start of the process. Its name ends in `_total`.
pub(super) fn counter(name: &str, help: &str, count: u64) -> MetricFamily {
    counters(name, help, "", [("", count)])
}

/// Several of the kind, told apart by one label.
pub(super) fn counters<'l>(
    name: &str,
    help: &str,
    label: &str,
    counts: impl IntoIterator<Item = (&'l str, u64)>,
) -> MetricFamily {
    let metric = |(value, count): (&str, u64)| {
        let mut counter = Counter::default();
        counter.set_value(count as f64);
        let mut metric = Metric::from_label(labels(label, value));
        metric.set_counter(counter);
        metric
    };
    family(name, help, MetricType::COUNTER, counts.into_iter().map(metric).collect())
}

/// Something that goes up and down.
pub(super) fn gauge(name: &str, help: &str, value: f64) -> MetricFamily {
    gauges(name, help, "", [("", value)])
}

/// Several of the kind, told apart by one label.
pub(super) fn gauges<'l>(
    name: &str,
    help: &str,
    label: &str,
    values: impl IntoIterator<Item = (&'l str, f64)>,
) -> MetricFamily {
    let metric = |(value, now): (&str, f64)| {
        let mut gauge = Gauge::default();
        gauge.set_value(now);
        let mut metric = Metric::from_label(labels(label, value));
        metric.set_gauge(gauge);
        metric
    };
    family(name, help, MetricType::GAUGE, values.into_iter().map(metric).collect())
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

/// No label where it has no name.
fn labels(name: &str, value: &str) -> Vec<LabelPair> {
    if name.is_empty() {
        return Vec::new();
    }
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    vec![label]
}
