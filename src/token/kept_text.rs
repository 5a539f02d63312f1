//! The body of a kept token on its way to a client, sent from where it lies.

use std::{io::IoSlice, sync::Arc};

use bytes::Buf;

use super::{body, valid::ValidToken};

/// The text of a body that was made before, as a buffer: both of its pieces at once. While it is sent the token is counted
/// once, and not the text of its catalog, which it has in common with many that are sent at the same time.
#[derive(Debug)]
pub struct KeptText {
    token: Arc<ValidToken>,
    has_catalog: bool,
    length: usize,
    sent: usize,
}

impl KeptText {
    /// `None`: it has not been made yet.
    pub fn of(token: Arc<ValidToken>, include_catalog: bool) -> Option<Self> {
        let has_catalog = include_catalog && !token.is_unscoped();
        let tail = if has_catalog { token.tail.get()?.len() } else { body::END.len() };
        let length = token.head.get()?.len() + tail;
        Some(Self { token, has_catalog, length, sent: 0 })
    }

    /// What is still to be sent.
    fn pieces(&self) -> [&[u8]; 2] {
        let head = self.token.head.get().map(|text| &**text).unwrap_or_default();
        let tail = match self.has_catalog {
            true => self.token.tail.get().map(|text| &**text).unwrap_or_default(),
            false => body::END.as_bytes(),
        };
        match self.sent.checked_sub(head.len()) {
            None => [&head[self.sent..], tail],
            Some(of_tail) => [&[], &tail[of_tail..]],
        }
    }
}

impl Buf for KeptText {
    fn remaining(&self) -> usize {
        self.length - self.sent
    }

    fn chunk(&self) -> &[u8] {
        let [head, tail] = self.pieces();
        if head.is_empty() { tail } else { head }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.pieces().into_iter().filter(|piece| !piece.is_empty());
        slices.iter_mut().zip(pieces).map(|(slice, piece)| *slice = IoSlice::new(piece)).count()
    }

    /// # Panics
    ///
    /// There is less than that; so [`Buf`] wants it.
    fn advance(&mut self, count: usize) {
        assert!(count <= self.remaining(), "more was sent than there is");
        self.sent += count;
    }
}
