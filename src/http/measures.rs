//! How many requests there were, by route, method and status, and how long they took.
//!
//! Every request is counted, whether or not somebody asks for the numbers, so counting has to be next to nothing: the
//! route is found in a tree of patterns, and what is counted then are atomics that were made when that route was first
//! asked for by that method. Neither a lock is taken for it nor memory, and no label is put together.
//!
//! What a client makes up (a path, a method) never becomes a label.

use std::{sync::OnceLock, time::Duration};

use hyper::{Method, StatusCode};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, core::Collector, proto::MetricFamily,
};

/// The label of requests that no route is for. No pattern is like it: those begin with a slash.
const UNROUTED: &str = "unrouted";

/// Upper bounds, in seconds: a token that is kept takes a tenth of a millisecond, a login a quarter of a second, and who
/// waits for a database that hangs may wait for many seconds.
const BOUNDS: [f64; 17] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Methods that have a label of their own, the frequent ones first.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Statuses that have a label of their own, the frequent ones first.
const STATUSES: [u16; 22] =
    [200, 201, 204, 401, 404, 403, 409, 400, 503, 500, 300, 301, 308, 405, 410, 411, 413, 414, 415, 422, 429, 501];

/// What has no label of its own.
const OTHER: &str = "other";

/// A route of [`RequestMeasures`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RouteNumber(usize);

/// The counts of a server.
pub struct RequestMeasures {
    patterns: matchit::Router<RouteNumber>,
    /// The first is that of requests without a route.
    routes: Vec<Route>,
    requests: IntCounterVec,
    durations: HistogramVec,
}

struct Route {
    pattern: &'static str,
    methods: [OnceLock<OfMethod>; METHODS.len() + 1],
}

struct OfMethod {
    duration: Histogram,
    statuses: [OnceLock<IntCounter>; STATUSES.len() + 1],
}

impl RequestMeasures {
    /// Nothing counted yet, on routes with these patterns: those that the router has.
    ///
    /// # Panics
    ///
    /// Two patterns are in each other's way, so that no router takes them either.
    #[expect(clippy::expect_used, reason = "constants: every test with a server passes here")]
    pub fn new(patterns: impl IntoIterator<Item = &'static str>) -> Self {
        let mut tree = matchit::Router::new();
        let mut routes = vec![Route::new(UNROUTED)];
        for pattern in patterns {
            tree.insert(pattern, RouteNumber(routes.len())).expect("a pattern that the router takes");
            routes.push(Route::new(pattern));
        }
        let requests = Opts::new("fernstone_http_requests_total", "Requests that were answered.");
        let durations = HistogramOpts::new(
            "fernstone_http_request_duration_seconds",
            "Time from the head of a request to its answer, without sending it.",
        );
        let durations = durations.buckets(BOUNDS.to_vec());
        Self {
            patterns: tree,
            routes,
            requests: IntCounterVec::new(requests, &["route", "method", "status"]).expect("good names"),
            durations: HistogramVec::new(durations, &["route", "method"]).expect("good names and bounds"),
        }
    }

    /// The route of a path as the router matches it; where there is none, one for all of these.
    pub fn route(&self, path: &str) -> RouteNumber {
        self.patterns.at(path).map_or_else(|_| RouteNumber::default(), |found| *found.value)
    }

    /// Counts a request that was answered after `elapsed`.
    pub fn note(&self, route: RouteNumber, method: &Method, status: StatusCode, elapsed: Duration) {
        let Some(route) = self.routes.get(route.0).or(self.routes.first()) else { return };
        let (of_method, name) = label(&METHODS, &route.methods, |known| method.as_str().eq_ignore_ascii_case(known));
        let of_method = of_method.get_or_init(|| OfMethod {
            duration: self.durations.with_label_values(&[route.pattern, name.copied().unwrap_or(OTHER)]),
            statuses: Default::default(),
        });
        of_method.duration.observe(elapsed.as_secs_f64());
        let (of_status, code) = label(&STATUSES, &of_method.statuses, |known| *known == status.as_u16());
        let count = of_status.get_or_init(|| {
            let code = code.map_or_else(|| OTHER.to_owned(), u16::to_string);
            self.requests.with_label_values(&[route.pattern, name.copied().unwrap_or(OTHER), &code])
        });
        count.inc();
    }

    /// All counts.
    pub fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.requests.collect();
        families.extend(self.durations.collect());
        families
    }
}

impl Route {
    fn new(pattern: &'static str) -> Self {
        Self { pattern, methods: Default::default() }
    }
}

/// The place of the label that is `known`, and the label; the last place is for all others.
fn label<'a, L, T>(labels: &'a [L], places: &'a [T], known: impl Fn(&L) -> bool) -> (&'a T, Option<&'a L>) {
    let at = labels.iter().position(known).unwrap_or(labels.len());
    (&places[at], labels.get(at))
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    const USER: &str = "/v3/users/{user_id}";

    fn measures() -> RequestMeasures {
        RequestMeasures::new(["/v3/users", USER])
    }

    fn text(measures: &RequestMeasures) -> String {
        TextEncoder::new().encode_to_string(&measures.collect()).unwrap_or_default()
    }

    fn get(measures: &RequestMeasures, path: &str, status: u16) {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        // A 256th of a second, so that sums are exact.
        measures.note(measures.route(path), &Method::GET, status, Duration::from_nanos(3_906_250));
    }

    #[test]
    fn requests_are_counted_by_pattern_method_and_status() {
        let measures = measures();
        get(&measures, "/v3/users/a", 200);
        get(&measures, "/v3/users/b", 200);
        get(&measures, "/v3/users/b", 404);
        get(&measures, "/v3/users", 200);
        let text = text(&measures);
        for line in [
            "fernstone_http_requests_total{method=\"GET\",route=\"/v3/users/{user_id}\",status=\"200\"} 2",
            "fernstone_http_requests_total{method=\"GET\",route=\"/v3/users/{user_id}\",status=\"404\"} 1",
            "fernstone_http_requests_total{method=\"GET\",route=\"/v3/users\",status=\"200\"} 1",
            "fernstone_http_request_duration_seconds_count{method=\"GET\",route=\"/v3/users/{user_id}\"} 3",
            "fernstone_http_request_duration_seconds_sum{method=\"GET\",route=\"/v3/users/{user_id}\"} 0.01171875",
            "fernstone_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v3/users/{user_id}\",le=\"0.0025\"} 0",
            "fernstone_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v3/users/{user_id}\",le=\"0.005\"} 3",
        ] {
            assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_clients_make_up_is_no_label() {
        let measures = measures();
        for number in 0..1000 {
            get(&measures, &format!("/wp-admin/{number}"), 404);
            get(&measures, &format!("/v3/users/{number}"), 200 + number % 300);
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap_or_default();
            measures.note(measures.route("/v3/users"), &method, StatusCode::OK, Duration::ZERO);
        }
        let text = text(&measures);
        let series = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
        // A pattern with GET and every status, the other with methods unknown, and whatever has no route.
        let statuses = STATUSES.iter().filter(|status| **status >= 200 && **status < 500).count() + 1;
        assert_eq!(series("fernstone_http_requests_total{"), statuses + 2, "{text}");
        assert_eq!(series("fernstone_http_request_duration_seconds_count{"), 3, "{text}");
        assert!(text.contains("{method=\"other\",route=\"/v3/users\",status=\"200\"} 1000"), "{text}");
        assert!(text.contains("{method=\"GET\",route=\"unrouted\",status=\"404\"} 1000"), "{text}");
    }

    #[test]
    fn a_method_in_lower_case_is_what_it_looks_like() {
        let measures = measures();
        let method = Method::from_bytes(b"get").unwrap_or_default();
        measures.note(measures.route("/v3/users"), &method, StatusCode::OK, Duration::ZERO);
        assert!(text(&measures).contains("{method=\"GET\",route=\"/v3/users\",status=\"200\"} 1"));
    }
}
