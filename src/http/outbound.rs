//! The body of an answer on its way to the client.

use std::{
    io::IoSlice,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::{Buf, Bytes};
use http_body_util::Full;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::pieces::Pieces;
use crate::token::kept_text::KeptText;

/// A body, by where it comes from.
#[derive(Debug)]
pub enum Outbound {
    /// A handler made it.
    Made(Body),
    /// It was made of a token that is new.
    Pieces(Pieces),
    /// It is kept with its token.
    Kept(Full<KeptText>),
}

/// Some of a body.
#[derive(Debug)]
pub enum Portion {
    /// Of one that was made for this answer.
    Made(Bytes),
    /// All of one that is kept.
    Kept(KeptText),
}

impl HttpBody for Outbound {
    type Data = Portion;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Portion>, axum::Error>>> {
        match self.get_mut() {
            Self::Made(body) => Pin::new(body).poll_frame(context).map_ok(|frame| frame.map_data(Portion::Made)),
            Self::Pieces(pieces) => {
                let piece = Pin::new(pieces).poll_frame(context).map_ok(|frame| frame.map_data(Portion::Made));
                piece.map_err(|never| match never {})
            }
            Self::Kept(text) => {
                let text = Pin::new(text).poll_frame(context).map_ok(|frame| frame.map_data(Portion::Kept));
                text.map_err(|never| match never {})
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Made(body) => body.is_end_stream(),
            Self::Pieces(pieces) => pieces.is_end_stream(),
            Self::Kept(text) => text.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Made(body) => body.size_hint(),
            Self::Pieces(pieces) => pieces.size_hint(),
            Self::Kept(text) => text.size_hint(),
        }
    }
}

impl Buf for Portion {
    fn remaining(&self) -> usize {
        match self {
            Self::Made(bytes) => bytes.remaining(),
            Self::Kept(text) => text.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Made(bytes) => bytes.chunk(),
            Self::Kept(text) => text.chunk(),
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        match self {
            Self::Made(bytes) => bytes.chunks_vectored(slices),
            Self::Kept(text) => text.chunks_vectored(slices),
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Self::Made(bytes) => bytes.advance(count),
            Self::Kept(text) => text.advance(count),
        }
    }
}
