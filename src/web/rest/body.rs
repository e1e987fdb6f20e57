//! Files that are sent as the body of a request.
//! Never waits for long, and never keeps more than was asked for.

use crate::protocol::error::Code;
use crate::web::error::ApiError;
use actix_web::error::PayloadError;
use actix_web::web::Payload;
use futures_util::StreamExt as _;
use std::time::Duration;
use tokio::time::timeout;

/// How long nothing may come of a file that is on its way.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// The whole of it, of so many bytes at most.
pub(super) async fn whole(mut body: Payload, most: usize) -> Result<Vec<u8>, ApiError> {
    let malformed = |why: &str| ApiError::new(Code::Malformed, format!("the file {why}"));
    let mut file = vec![];
    loop {
        let next = timeout(SILENCE_MAX, body.next()).await.map_err(|_| malformed("did not come in time"))?;
        let broken = |why: PayloadError| malformed(&format!("did not come to its end: {why}"));
        let Some(bytes) = next.transpose().map_err(broken)? else { return Ok(file) };
        if file.len() + bytes.len() > most {
            return Err(ApiError::new(Code::FileTooLarge, format!("a file may have {most} bytes at most")));
        }
        file.extend_from_slice(&bytes);
    }
}
