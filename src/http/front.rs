//! What every request goes through before and after its handler, in the order of Keystone's middleware
//! (`keystone/server/flask/core.py`): CORS, size limit, proxy headers, request id, URL normalisation, the health check,
//! the JSON rule, then the router.

use std::{
    borrow::Cow,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::Poll,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Body as HttpBody,
    header::{ACCEPT, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, VARY},
    http::request::Parts,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tower::ServiceExt;
use tracing::Instrument;

use super::{
    caller::{self, Asker},
    cors,
    error::{ApiError, Failure},
    healthcheck,
    inbound::{Facts, Inbound},
    measures::{RequestMeasures, RouteNumber},
    outbound::Outbound,
    pages,
    path::{self, CleanPath},
    proxy,
    query::Query,
    request_id::{self, RequestId},
    router,
    sent::Sent,
    state::HttpState,
    v3::auth::tokens::{self, rescope_known, validate_known},
};
use crate::domain::ids::UserId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");
const VARY_BY_TOKEN: HeaderValue = HeaderValue::from_static("X-Auth-Token");

/// How often a request is tried whose transaction gave way to another one.
const ATTEMPTS: u32 = 5;

/// The two ends of a connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The client, or the proxy before us: its address, which every request over this connection has in its log line.
    pub(super) remote: Arc<str>,
    /// Ourselves.
    pub(super) local: SocketAddr,
}

impl Connection {
    /// From `peer` to ourselves.
    pub fn new(peer: SocketAddr, local: SocketAddr) -> Self {
        Self { remote: peer.ip().to_string().into(), local }
    }
}

/// The whole HTTP side as one function from request to answer.
#[derive(Clone)]
pub struct Front {
    state: HttpState,
    router: Router,
    measures: Arc<RequestMeasures>,
    /// What requests to [`tokens::PATH`] are counted as.
    tokens: RouteNumber,
}

impl Front {
    /// Puts the router behind the front.
    pub fn new(state: HttpState) -> Self {
        let (router, mut patterns) = router::routes(state.clone());
        patterns.push(healthcheck::PATH);
        let measures = RequestMeasures::new(patterns);
        Self { router, tokens: measures.route(tokens::PATH), measures: Arc::new(measures), state }
    }

    /// What is counted of the requests.
    pub fn measures(&self) -> &Arc<RequestMeasures> {
        &self.measures
    }

    /// Answers one request. Never fails: whatever goes wrong becomes an answer.
    pub async fn answer<B>(&self, request: Request<B>, connection: Connection) -> Response<Outbound>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let sent = Sent::read(&parts.headers, body, self.state.settings.max_request_body_size).await;
        if let Sent::Whole(body) = &sent
            && let Some(response) = self.rescope_at_once(&parts, body, &connection, started)
        {
            return response;
        }
        // Large, and rarely come to: it would have to be moved with every request.
        Box::pin(self.answer_with_body(parts, sent, connection, started)).await.map(Outbound::Made)
    }

    async fn answer_with_body(&self, parts: Parts, sent: Sent, connection: Connection, started: Instant) -> Response {
        let method = parts.method.clone();
        let is_head = method == Method::HEAD;
        let cors_request = CorsRequest::of(&parts.headers, &method);

        let response = if matches!(sent, Sent::SaidToBeTooLong) {
            self.measures.note(RouteNumber::default(), &method, StatusCode::PAYLOAD_TOO_LARGE, Duration::ZERO);
            pages::too_large(header(&parts.headers, &ACCEPT))
        } else {
            self.identified(parts, sent, connection, started).await
        };

        let response = cors::decorate(&self.state.settings.cors, &method, &cors_request.0, response);
        if is_head { without_body(response) } else { response }
    }

    /// Answers a request for which everything is in memory, and nothing has to be waited for. `None`: [`Front::answer`] it.
    pub fn answer_at_once<B>(&self, request: &Request<B>, connection: &Connection) -> Option<Response<Outbound>> {
        let started = Instant::now();
        let headers = request.headers();
        let (response, own) = validate_known(&self.state, request.method(), request.uri(), headers)?;
        let response = response.map(|text| Outbound::Kept(Full::new(text)));
        Some(self.told_at_once(response, Some(&own.acting_user().id), request.method(), headers, connection, started))
    }

    /// As [`Front::answer_at_once`], of a request with a body.
    pub fn rescope_at_once(
        &self,
        parts: &Parts,
        body: &[u8],
        connection: &Connection,
        started: Instant,
    ) -> Option<Response<Outbound>> {
        let response = rescope_known(&self.state, &parts.method, &parts.uri, &parts.headers, body)?;
        let response = response.map(Outbound::Pieces);
        Some(self.told_at_once(response, None, &parts.method, &parts.headers, connection, started))
    }

    /// Completes an answer that did not come from the router, and tells of it.
    fn told_at_once<B>(
        &self,
        mut response: Response<B>,
        user_id: Option<&UserId>,
        method: &Method,
        headers: &HeaderMap,
        connection: &Connection,
        started: Instant,
    ) -> Response<B> {
        let request_id = RequestId::new(&*self.state.random);
        response.headers_mut().insert(VARY, VARY_BY_TOKEN);
        identify_answer(&mut response, &request_id);
        let line = LogLine {
            path: tokens::PATH.into(),
            number: self.tokens,
            route: Some(tokens::PATH.into()),
            user_id: user_id.map(|id| id.as_str().into()),
            remote: proxy::remote(headers, connection, self.state.settings.enable_proxy_headers_parsing),
            global_request_id: request_id::global(header(headers, &REQUEST_ID)),
        };
        self.tell(&line, method, &request_id, response.status(), started.elapsed());
        response
    }

    /// Gives the request its id and its line in the log.
    async fn identified(&self, parts: Parts, sent: Sent, connection: Connection, started: Instant) -> Response {
        let request_id = RequestId::new(&*self.state.random);
        let span = tracing::info_span!("request", request_id = &*request_id);
        let method = parts.method.clone();
        let mut line = LogLine::default();
        let normalised = self.normalised(parts, sent, &connection, &request_id, &mut line);
        let mut response = normalised.instrument(span).await;
        identify_answer(&mut response, &request_id);
        self.tell(&line, &method, &request_id, response.status(), started.elapsed());
        response
    }

    /// Counts a request, and writes its line into the log.
    fn tell(&self, line: &LogLine<'_>, method: &Method, request_id: &str, status: StatusCode, elapsed: Duration) {
        self.measures.note(line.number, method, status, elapsed);
        tracing::info!(
            target: "fernstone::request",
            request_id,
            %method,
            path = &*line.path,
            route = line.route.as_deref(),
            user_id = line.user_id.as_deref(),
            status = status.as_u16(),
            milliseconds = elapsed.as_micros() as f64 / 1000.0,
            global_request_id = line.global_request_id,
            remote = &*line.remote,
            "answered"
        );
    }

    /// Everything from the URL inwards. Errors become answers here, because here the links' root is known.
    async fn normalised(
        &self,
        mut parts: Parts,
        sent: Sent,
        connection: &Connection,
        request_id: &str,
        line: &mut LogLine<'_>,
    ) -> Response {
        let settings = &self.state.settings;
        parts.method = upper_case(parts.method);
        let authority = parts.uri.authority().map(|authority| authority.as_str());
        let origin = proxy::origin(&parts.headers, authority, connection, settings.enable_proxy_headers_parsing);
        let path = path::clean(parts.uri.path());
        let global_request_id = request_id::global(header(&parts.headers, &REQUEST_ID));
        line.path = loggable(&path.decoded).into();
        line.number = self.measures.route(&path.routed);
        line.remote = origin.remote.clone().into();
        line.global_request_id = global_request_id.clone();

        let mut facts = Facts {
            site: origin.site,
            path: path.decoded.clone(),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            headers: std::mem::take(&mut parts.headers),
            asker: Asker::Nobody,
            body: None,
            request_id: request_id.to_owned(),
            global_request_id,
            remote: origin.remote,
            route: OnceLock::new(),
        };
        let mut response = match caught(caller::identify(&self.state, &facts, &parts.method)).await {
            Err(error) => {
                error.log(&facts.remote);
                // Keystone's middleware challenges with the root of the service, its endpoints with that of the version.
                let url = facts.site.endpoint(settings.public_endpoint.as_deref());
                error.render(settings.insecure_debug, &url)
            }
            Ok(_) if healthcheck::owns(&path.decoded) => {
                return healthcheck::answer(&parts.method, header(&facts.headers, &ACCEPT));
            }
            Ok(asker) => {
                line.user_id = asker.user_id().map(|id| id.to_string().into());
                facts.asker = asker;
                if matches!(sent, Sent::TooLong) {
                    return pages::too_large(header(&facts.headers, &ACCEPT));
                }
                let is_form = path.decoded.starts_with("/v3/OS-OAUTH2/") && matches!(sent, Sent::Whole(_));
                let object = if is_form { Ok(None) } else { sent.object(header(&facts.headers, &CONTENT_TYPE)) };
                match object {
                    Ok(body) => {
                        facts.body = body;
                        let inbound = Inbound::new(facts);
                        let response = self.routed(parts, &path, &inbound).await;
                        line.route = inbound.route.get().map(|route| route.as_str().to_owned().into());
                        self.rendered(response, &inbound)
                    }
                    Err(error) => self.rendered(error.into_response(), &facts),
                }
            }
        };
        response.headers_mut().insert(VARY, VARY_BY_TOKEN);
        response
    }

    /// Asks the router. A path whose slashes had to be merged is answered by a redirect, if it leads anywhere.
    async fn routed(&self, mut parts: Parts, path: &CleanPath, inbound: &Inbound) -> Response {
        if path.merged && self.leads_somewhere(&parts.method, path).await {
            return pages::moved(&redirect_target(inbound, path));
        }
        let method = parts.method.clone();
        let Ok(uri) = path.routed.parse() else { return pages::not_found() };
        parts.uri = uri;
        parts.extensions.insert(inbound.clone());
        let mut response = self.asked(parts).await;
        let lists_methods = response.status() == StatusCode::METHOD_NOT_ALLOWED || method == Method::OPTIONS;
        if lists_methods && response.extensions().get::<pages::AllowIsComplete>().is_none() {
            allow_options(response.headers_mut());
        }
        response
    }

    /// Asks the router, and again where the database gave the request's transaction up for the sake of another one
    /// (`oslo_db.api.wrap_db_retry` around Keystone's writes).
    async fn asked(&self, parts: Parts) -> Response {
        let mut attempts = 1;
        loop {
            let request = Request::from_parts(parts.clone(), Body::empty());
            let response = match caught(async { Ok(self.ask(request).await) }).await {
                Ok(response) => response,
                Err(error) => error.into_response(),
            };
            let gave_way = response.extensions().get::<Failure>().is_some_and(|Failure(error)| error.gave_way());
            if !gave_way || attempts == ATTEMPTS {
                return response;
            }
            attempts += 1;
        }
    }

    async fn ask(&self, request: Request<Body>) -> Response {
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(impossible) => match impossible {},
        }
    }

    /// Whether the router knows this path and method: an OPTIONS request tells without doing anything.
    async fn leads_somewhere(&self, method: &Method, path: &CleanPath) -> bool {
        let Ok(request) = Request::options(&path.routed).body(Body::empty()) else { return false };
        let answer = self.ask(request).await;
        let allowed = answer.headers().get(ALLOW).and_then(|allow| allow.to_str().ok()).unwrap_or_default();
        answer.status() == StatusCode::OK
            && (method == Method::OPTIONS || allowed.split(',').any(|name| name.trim() == method.as_str()))
    }

    /// Turns an error that a handler returned into the answer that tells of it, and logs it.
    fn rendered(&self, mut response: Response, facts: &Facts) -> Response {
        match response.extensions_mut().remove::<Failure>() {
            None => response,
            Some(Failure(error)) => {
                error.log(&facts.remote);
                error.render(self.state.settings.insecure_debug, &self.state.url(facts, ""))
            }
        }
    }
}

/// What the log tells of a request, beside its answer. No header and no query string: they may hold secrets.
#[derive(Default)]
struct LogLine<'a> {
    path: Cow<'a, str>,
    number: RouteNumber,
    route: Option<Cow<'a, str>>,
    user_id: Option<Cow<'a, str>>,
    remote: Cow<'a, str>,
    global_request_id: Option<String>,
}

fn identify_answer<B>(response: &mut Response<B>, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
}

/// The headers that CORS looks at, kept because the request itself is consumed.
struct CorsRequest(HeaderMap);

impl CorsRequest {
    fn of(headers: &HeaderMap, method: &Method) -> Self {
        let asks = headers.contains_key(hyper::header::ORIGIN) || method == Method::OPTIONS;
        Self(if asks { headers.clone() } else { HeaderMap::new() })
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Characters that werkzeug leaves as they are in the path of a redirect.
const REDIRECT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// Where a path with doubled slashes should have gone: `public_endpoint` has no say in it.
fn redirect_target(inbound: &Inbound, path: &CleanPath) -> String {
    let merged = percent_encoding::percent_decode_str(&path.routed).decode_utf8_lossy().into_owned();
    let mut url = inbound.site.root();
    let prefix = inbound.site.prefix.trim_matches('/');
    if !prefix.is_empty() {
        url.push('/');
        url.push_str(prefix);
    }
    url.extend(utf8_percent_encode(&merged, REDIRECT));
    if !inbound.query.raw().is_empty() {
        url.push('?');
        url.push_str(inbound.query.raw());
    }
    url
}

/// The router lists the methods that have handlers; OPTIONS always works.
fn allow_options(headers: &mut HeaderMap) {
    let Some(allow) = headers.get(ALLOW).and_then(|allow| allow.to_str().ok()) else { return };
    let mut names: Vec<&str> = allow.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if !names.contains(&"OPTIONS") {
        names.push("OPTIONS");
    }
    if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(ALLOW, value);
    }
}

/// The answer to HEAD: the headers of GET, its length included, and no body.
fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if parts.status != StatusCode::NO_CONTENT
        && !parts.headers.contains_key(CONTENT_LENGTH)
        && let Some(length) = body.size_hint().exact()
    {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}

/// Flask takes methods in any case.
fn upper_case(method: Method) -> Method {
    if method.as_str().bytes().any(|byte| byte.is_ascii_lowercase()) {
        Method::from_bytes(method.as_str().to_ascii_uppercase().as_bytes()).unwrap_or(method)
    } else {
        method
    }
}

/// Runs `work`; should it panic, the client still gets an answer and the connection lives on.
async fn caught<T>(work: impl Future<Output = Result<T, ApiError>> + Send) -> Result<T, ApiError> {
    let mut work: Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send + '_>> = Box::pin(work);
    std::future::poll_fn(move |context| {
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(Err(ApiError::Unexpected { detail: "a handler panicked".to_owned(), source: None })),
        }
    })
    .await
}

/// A path for the log. No id is as long as a token, and who puts a token into a URL by mistake does not want it there.
fn loggable(path: &str) -> String {
    const LONGEST: usize = 64;
    let shown = |segment: &str| match segment.chars().count() {
        0..=LONGEST => segment.to_owned(),
        count => format!("<{count} characters>"),
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        let result: Result<(), ApiError> = caught(async { panic!("a bug") }).await;
        assert!(matches!(result, Err(ApiError::Unexpected { .. })));
    }

    #[test]
    fn methods_in_lower_case_are_what_they_look_like() {
        let read = |name: &[u8]| Method::from_bytes(name).map(upper_case).ok();
        assert_eq!(read(b"get"), Some(Method::GET));
        assert_eq!(read(b"Delete"), Some(Method::DELETE));
        assert_eq!(read(b"foo").map(|method| method.to_string()).as_deref(), Some("FOO"));
    }
}
