//! What a client sends, on its way to the codec: a frame at a time, and only frames that may come.
//! The codec keeps what it is given until the frame is whole, and takes all that is there; so it is given no more than one.

use super::frames::{Fault, Frames};
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_util::Stream;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// What a connection and its inbound stream know of each other.
#[derive(Debug, Default)]
pub(super) struct Line {
    fault: Cell<Option<Fault>>,
}

impl Line {
    /// Why the stream was cut, if it was.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.get()
    }
}

/// The stream.
pub(super) struct Inbound {
    payload: Payload,
    frames: Frames,
    rest: Bytes,
    /// The codec has not looked at what it was given last.
    given: bool,
    line: Rc<Line>,
}

impl Inbound {
    /// What comes on this connection, in messages of so many bytes at most.
    pub(super) fn new(payload: Payload, message_bytes_max: usize, line: Rc<Line>) -> Inbound {
        Inbound { payload, frames: Frames::new(message_bytes_max), rest: Bytes::new(), given: false, line }
    }
}

impl Stream for Inbound {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.line.fault().is_some() {
            return Poll::Ready(None);
        }
        // The codec asks until there is nothing, and only then looks at what it has.
        if std::mem::take(&mut self.given) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.payload).poll_next(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                // Broken or over: nobody is there to be told why.
                Some(Err(_)) | None => return Poll::Ready(None),
            }
        }
        let this = &mut *self;
        match this.frames.take(&this.rest) {
            Ok(taken) => {
                this.given = true;
                Poll::Ready(Some(Ok(this.rest.split_to(taken))))
            }
            Err(fault) => {
                this.line.fault.set(Some(fault));
                Poll::Ready(Some(Err(PayloadError::Overflow)))
            }
        }
    }
}
