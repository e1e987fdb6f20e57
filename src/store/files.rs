//! The files that people send in chats, in parts of the same size, so that neither a write nor a reading is long.
//! Never looks into one, and never decides who may read it.

use super::Store;
use super::archive::Archive;
use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::ids::Stored;
use super::journal::{ActorNumber, ContentKind};
use super::pending::Pending;
use super::schema::{content, file, file_part};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::result::Error;
use domain::file::FileKind;
use domain::id::{CompanyId, FileId};
use domain::time::Timestamp;

/// How many bytes a part has, but for the last one.
pub const PART_BYTES: usize = 128 * 1024;

/// A file whose bytes are about to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The chat in which it is sent.
    pub chat: ActorNumber,
    /// The chat's company.
    pub company: CompanyId,
    /// What it is called by whoever sends it.
    pub name: String,
    /// What it is, by its content.
    pub kind: FileKind,
    /// When it began to come.
    pub created_at: Timestamp,
}

/// A file that belongs to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// The chat in which it was sent.
    pub chat: ActorNumber,
    /// The chat's company.
    pub company: CompanyId,
    /// What it is called by whoever sent it.
    pub name: String,
    /// What it is, by its content.
    pub kind: FileKind,
    /// How long it is, in bytes.
    pub size: u64,
}

/// What is written of a file.
pub(super) enum FileWrite {
    /// It begins to come.
    Begin(NewFile),
    /// The next of its parts, counted from 0.
    Part { number: i64, bytes: Vec<u8> },
    /// All of it is there, so many bytes.
    Complete { size: u64 },
    /// It goes, unless it belongs to a message.
    Discard,
}

impl Store {
    /// A file that belongs to a message; `None` if there is none of this id, or it was erased.
    pub fn file(&self, id: FileId) -> Pending<Option<FileRow>> {
        self.ask("read about a file", move |connection| {
            let found = file::table
                .find(id.stored())
                .filter(is_named())
                .select((file::chat, file::company, file::name, file::kind, file::size))
                .first::<(i64, i64, String, String, Option<i64>)>(connection)
                .optional()?;
            let Some((chat, company, name, kind, Some(size))) = found else { return Ok(None) };
            let unknown = || Error::DeserializationError(format!("file {id} is of the unknown kind {kind:?}").into());
            let kind = FileKind::from_name(&kind).ok_or_else(unknown)?;
            let (chat, company) = (ActorNumber(chat), CompanyId::from_stored(company));
            Ok(Some(FileRow { chat, company, name, kind, size: u64::from_stored(size) }))
        })
    }

    /// A part of a file, counted from 0; `None` behind the last one, or if the file is gone.
    pub fn file_part(&self, id: FileId, number: i64) -> Pending<Option<Vec<u8>>> {
        self.ask("read a part of a file", move |connection| {
            file_part::table.find((id.stored(), number)).select(file_part::bytes).first(connection).optional()
        })
    }

    /// The files that began to come before a time and belong to no message; at most `count`.
    pub fn files_left_over(&self, before: Timestamp, count: u32) -> Pending<Vec<FileId>> {
        self.ask("look for files of no message", move |connection| {
            let left = file::table
                .filter(file::created_at.lt(before.stored()))
                .filter(not(is_named()))
                .order(file::id)
                .limit(count.into())
                .select(file::id);
            Ok(left.load::<i64>(connection)?.into_iter().map(FileId::from_stored).collect())
        })
    }
}

impl Archive {
    /// How long a file is that a chat's message names: as it was said when all of it was there, and in its parts; `None` if
    /// it is not there.
    pub fn file_length(&mut self, chat: ActorNumber, id: FileId) -> Result<Option<(u64, u64)>, StoreError> {
        let mut read = || {
            let row = file::table.find(id.stored()).filter(file::chat.eq(chat.0)).select(file::size);
            let Some(size) = row.first::<Option<i64>>(&mut self.connection).optional()?.flatten() else {
                return Ok(None);
            };
            let parts = file_part::table.filter(file_part::file.eq(id.stored())).select(length(file_part::bytes));
            let parts = parts.load::<i32>(&mut self.connection)?;
            let sum = parts.into_iter().map(|part| u64::from(part.cast_unsigned())).sum();
            Ok(Some((u64::from_stored(size), sum)))
        };
        read().map_err(StoreError::database("measure a file"))
    }
}

diesel::define_sql_function! { fn length(bytes: diesel::sql_types::Binary) -> diesel::sql_types::Integer; }

/// Whether a message names a file.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_named() -> _ {
    let kind: i64 = ContentKind::File as i64;
    exists(
        content::table
            .filter(content::actor.eq(file::chat))
            .filter(content::kind.eq(kind))
            .filter(content::number.eq(file::id)),
    )
}

pub(super) fn write(connection: &mut DatabaseConnection, id: FileId, write: &FileWrite) -> QueryResult<()> {
    let id = id.stored();
    match write {
        FileWrite::Begin(new) => diesel::insert_into(file::table)
            .values((
                file::id.eq(id),
                file::chat.eq(new.chat.0),
                file::company.eq(new.company.stored()),
                file::name.eq(&new.name),
                file::kind.eq(new.kind.as_str()),
                file::created_at.eq(new.created_at.stored()),
            ))
            .execute(connection)?,
        FileWrite::Part { number, bytes } => diesel::insert_into(file_part::table)
            .values((file_part::file.eq(id), file_part::number.eq(number), file_part::bytes.eq(bytes)))
            .execute(connection)?,
        FileWrite::Complete { size } => {
            let done = diesel::update(file::table.find(id)).set(file::size.eq(size.stored())).execute(connection)?;
            // It was swept away meanwhile: whoever sent it hears that it is not there.
            if done == 0 {
                return Err(Error::NotFound);
            }
            done
        }
        FileWrite::Discard => diesel::delete(file::table.find(id).filter(not(is_named()))).execute(connection)?,
    };
    Ok(())
}
