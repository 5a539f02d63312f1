//! The body that came with a request: read to its end before anything is decided, judged when its turn comes.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::{HeaderMap, body::Body, header::CONTENT_LENGTH};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{error::ApiError, json};

/// A client gets this long to send a body.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What came. There is no `Debug`: a body may hold a password.
pub(super) enum Sent {
    /// All of it.
    Whole(Bytes),
    /// `Content-Length` says that it is longer than it may be. Nothing was read.
    SaidToBeTooLong,
    /// More than there may be.
    TooLong,
    /// Not all of it, or not in time.
    Broken,
}

impl Sent {
    /// Reads a body of at most `limit` bytes.
    pub(super) async fn read<B>(headers: &HeaderMap, body: B, limit: u64) -> Self
    where
        B: Body<Data = Bytes> + Unpin,
    {
        if said_length(headers).is_some_and(|length| length > limit) {
            return Self::SaidToBeTooLong;
        }
        if body.is_end_stream() {
            return Self::Whole(Bytes::new());
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut body = pin!(collect(body, limit));
        let collected = match at_once(body.as_mut()).await {
            Some(collected) => Ok(collected),
            None => timeout(TIMEOUT, body).await,
        };
        match collected {
            Ok(Ok(Some(bytes))) => Self::Whole(bytes),
            Ok(Ok(None)) => Self::TooLong,
            Ok(Err(_)) | Err(_) => Self::Broken,
        }
    }

    /// Nothing at all, or the JSON object that every endpoint but OAuth2's expects.
    ///
    /// # Errors
    ///
    /// It is something else.
    pub(super) fn object(&self, content_type: Option<&str>) -> Result<Option<Map<String, Value>>, ApiError> {
        match self {
            Self::Whole(bytes) => json::body_object(content_type, bytes),
            Self::SaidToBeTooLong | Self::TooLong | Self::Broken => {
                Err(ApiError::expecting("valid JSON", "request body"))
            }
        }
    }
}

/// What comes of `work` as soon as it has been asked twice, if anything does: hyper hands a body over when it was asked for, also
/// one that came along with the head of its request. A deadline is rarely needed then, and would be one to set and to take back
/// with every request.
async fn at_once<W: Future>(mut work: Pin<&mut W>) -> Option<W::Output> {
    let mut was_asked = false;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending if was_asked => Poll::Ready(None),
        Poll::Pending => {
            was_asked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

fn said_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads `body` to its end; `None` when it is longer than `limit`.
async fn collect<B>(mut body: B, limit: usize) -> Result<Option<Bytes>, B::Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.as_ref().map_or(0, Bytes::len).max(all.len()) + data.len() > limit {
            return Ok(None);
        }
        match first.take() {
            None if all.is_empty() => first = Some(data),
            earlier => {
                all.extend_from_slice(&earlier.unwrap_or_default());
                all.extend_from_slice(&data);
            }
        }
    }
    Ok(Some(first.unwrap_or_else(|| all.freeze())))
}
