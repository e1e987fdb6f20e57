//! What was asked of the store's threads and is on its way.
//! Never blocks a thread that others need, unless it is told to.

use super::error::StoreError;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// What was asked of the store and is on its way: await it, or `wait` for it outside of a runtime. That of a write comes
/// when the write is durable.
#[derive(Debug)]
pub struct Pending<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Pending<T> {
    pub(super) fn new() -> (oneshot::Sender<Result<T, StoreError>>, Pending<T>) {
        let (sender, receiver) = oneshot::channel();
        (sender, Pending(receiver))
    }

    /// Blocks until it is there or refused. Never from within an asynchronous task.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|received| received.unwrap_or(Err(StoreError::Closed)))
    }
}
