//! A file that comes in: its length and its kind are looked at on the way, and each part is stored before the next is read.
//! What is refused is read to its end all the same, for a browser that still sends hears no answer.

use super::{Sender, UPLOAD_MAX, kind};
use crate::actors::floor::Upload;
use crate::actors::ids::{Numbered as _, Party};
use crate::protocol::error::Code;
use crate::protocol::visitor::FileView;
use crate::store::{NewFile, PART_BYTES};
use crate::web::Web;
use crate::web::error::ApiError;
use crate::web::visiting::{has_room, no_room};
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use domain::file::{FileKind, FilesTaken};
use domain::id::FileId;
use futures_util::StreamExt as _;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long nothing may come of a file that is on its way.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Whether a file may be so long.
///
/// # Errors
/// `file_too_large`, with how long it may be.
pub(super) fn check_length(taken: &FilesTaken, bytes: u64) -> Result<(), ApiError> {
    if bytes > taken.bytes_max { Err(ApiError::new(Code::FileTooLarge, taken.too_large())) } else { Ok(()) }
}

/// Takes a file in and stores it; it belongs to no message yet.
///
/// # Errors
/// What is wrong with it, or that it cannot be stored. What came of it is left to be discarded.
pub(super) async fn take(
    web: &Web,
    id: FileId,
    from: &Sender,
    taken: &FilesTaken,
    name: &str,
    mut body: Payload,
) -> Result<Upload, ApiError> {
    let deadline = Instant::now() + UPLOAD_MAX;
    let mut incoming =
        Incoming { web, id, from, taken, name, kind: None, parts: 0, bytes: 0, hash: Sha256::new(), part: vec![] };
    while let Some(bytes) = next(&mut body, deadline).await? {
        if let Err(refusal) = incoming.take(&bytes).await {
            let mut left = taken.bytes_max;
            // What is more than a file may be is not waited for.
            while let Ok(Some(bytes)) = next(&mut body, deadline).await {
                left = left.saturating_sub(bytes.len() as u64);
                if left == 0 {
                    break;
                }
            }
            return Err(refusal);
        }
    }
    incoming.finish().await
}

async fn next(body: &mut Payload, deadline: Instant) -> Result<Option<Bytes>, ApiError> {
    let patience = deadline.min(Instant::now() + SILENCE_MAX);
    let late = |_| ApiError::new(Code::Malformed, "the file did not come in time");
    let broken = |why: PayloadError| ApiError::new(Code::Malformed, format!("the file did not come to its end: {why}"));
    timeout_at(patience, body.next()).await.map_err(late)?.transpose().map_err(broken)
}

struct Incoming<'a> {
    web: &'a Web,
    id: FileId,
    from: &'a Sender,
    taken: &'a FilesTaken,
    name: &'a str,
    /// `None` as long as no part is full.
    kind: Option<FileKind>,
    parts: i64,
    bytes: u64,
    hash: Sha256,
    /// What is not stored yet.
    part: Vec<u8>,
}

impl Incoming<'_> {
    async fn take(&mut self, mut bytes: &[u8]) -> Result<(), ApiError> {
        self.bytes += bytes.len() as u64;
        check_length(self.taken, self.bytes)?;
        self.hash.update(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART_BYTES - self.part.len()));
            self.part.extend_from_slice(now);
            bytes = later;
            if self.part.len() == PART_BYTES {
                self.store().await?;
            }
        }
        Ok(())
    }

    /// Stores what has come.
    async fn store(&mut self) -> Result<(), ApiError> {
        let (web, part) = (self.web, std::mem::take(&mut self.part));
        if !has_room(web) {
            return Err(no_room().into());
        }
        let taken = self.taken;
        let not_taken = || ApiError::new(Code::FileKind, taken.other_kind());
        let kind = match self.kind {
            Some(kind) => kind,
            None => {
                let kind = kind::kind_of(&part).filter(|kind| taken.kinds.contains(kind));
                let kind = kind.ok_or_else(not_taken)?;
                self.begin(kind).await?;
                kind
            }
        };
        if matches!(kind, FileKind::Text | FileKind::Svg) && !kind::is_text(&part) {
            return Err(not_taken());
        }
        web.house.store.file_part_came(self.id, self.parts, part).await?;
        self.parts += 1;
        Ok(())
    }

    async fn begin(&mut self, kind: FileKind) -> Result<(), ApiError> {
        self.kind = Some(kind);
        let Sender { chat, company, .. } = self.from;
        let new = NewFile {
            chat: Party::Chat(*chat).number(),
            company: *company,
            name: self.name.to_owned(),
            kind,
            created_at: self.web.house.clock.now(),
        };
        Ok(self.web.house.store.file_begun(self.id, new).await?)
    }

    async fn finish(mut self) -> Result<Upload, ApiError> {
        if !self.part.is_empty() {
            self.store().await?;
        }
        let empty = || ApiError::new(Code::FileEmpty, "there is nothing in the file");
        let kind = self.kind.ok_or_else(empty)?;
        self.web.house.store.file_completed(self.id, self.bytes).await?;
        let digest = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let file = FileView { file: self.id, kind, size: self.bytes };
        Ok(Upload { name: self.name.to_owned(), digest, file })
    }
}
