//! A body that lies in two places, and goes to the client from there: many tokens share the text of one catalog.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The pieces that are still to be sent.
#[derive(Debug)]
pub struct Pieces([Option<Bytes>; 2]);

impl Pieces {
    pub(super) fn new(pieces: [Bytes; 2]) -> Self {
        Self(pieces.map(|piece| Some(piece).filter(|piece| !piece.is_empty())))
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.iter_mut().find_map(Option::take);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().flatten().map(|piece| piece.len() as u64).sum())
    }
}
