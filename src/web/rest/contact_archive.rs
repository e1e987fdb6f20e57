//! All that is kept of one person, in one archive (ZIP): for whoever asks a company what it knows of them.
//! Never in memory as a whole: it is written page by page and part by part, as fast as it is read.

use super::calls::on_pool;
use super::company::audit_view;
use super::contacts::person_of;
use crate::actors::ids::{Numbered as _, Party};
use crate::actors::records::{csv, time, view};
use crate::protocol::agent::NoteView;
use crate::protocol::contacts::ContactPerson;
use crate::protocol::rest::CallRecord;
use crate::protocol::visitor::{Author as Side, Message};
use crate::store::{ActorNumber, AuditFilter, ContentKind, Cursor, StoreError, TextPage};
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use domain::company::Kind;
use domain::contact::{Contact, card};
use domain::file::saved_name;
use domain::id::{CompanyId, ContactId, FileId};
use domain::queue::Channel;
use domain::time::Timestamp;
use futures_util::stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// So many records, or entries of the audit, are read at once.
const PAGE: u32 = 100;
/// So many texts of a chat are read at once.
const TEXTS: i64 = 500;
/// So many pieces wait for whoever reads slowly.
const PIECES: usize = 4;

/// All that is kept of a contact, and of whoever is the same person, in one ZIP: the contact (JSON and vCard), the record of each
/// call, chat and task that is over, what was said in chats with its files and internal notes, and what stands in the audit. That
/// it was given out stands there too.
#[utoipa::path(
    get,
    path = "/contacts/{contact}/archive",
    operation_id = "archive_contact",
    tag = "contacts",
    params(("contact" = u64, Path, description = "Its id")),
    responses((status = 200, description = "The archive, as an attachment", content_type = "application/zip")),
    security(("session" = ["contact_data: read"]), ("basic" = ["contact_data: read"]), ("key" = ["contact_data: read"]))
)]
pub(in crate::web) async fn archive(
    Sees(person, ..): Sees<area::ContactData>,
    web: Data<Web>,
    contact: Path<u64>,
) -> Result<HttpResponse, ApiError> {
    let contact = ContactId(*contact);
    let found = person_of(&web, person.company, contact).await?;
    let ids = found.iter().map(|contact| contact.id).collect();
    web.house.store.contacts_given_out(person.company, ids, person.author()).await?;
    let (out, pieces) = mpsc::channel(PIECES);
    let name = format!("attachment; filename=\"contact-{}.zip\"", found[0].id);
    let now = web.house.clock.now();
    let work = Work { web, company: person.company, found, now, zip: Zip::new(out) };
    actix_web::rt::spawn(work.run());
    let pieces = stream::unfold(pieces, |mut pieces| async { Some((pieces.recv().await?, pieces)) });
    let mut response = HttpResponse::Ok();
    response.content_type("application/zip");
    response.insert_header((header::CONTENT_DISPOSITION, name));
    Ok(response.streaming(pieces))
}

/// An archive that is being written.
struct Work {
    web: Data<Web>,
    /// Who asked for it.
    company: CompanyId,
    found: Vec<Contact>,
    /// When it is written.
    now: Timestamp,
    zip: Zip,
}

/// A file that was sent in a chat.
struct Sent {
    message: u32,
    name: String,
    file: FileId,
    at: Timestamp,
}

impl Work {
    /// Writes all of it. What cannot be read ends it in its midst, so that nobody takes it for the whole.
    async fn run(mut self) {
        match self.all().await {
            Ok(()) => {}
            Err(Stopped::Left) => tracing::debug!("whoever wanted an archive went away"),
            Err(Stopped::Failed(why)) => {
                tracing::error!("an archive of a contact could not be written to its end: {why}");
                _ = self.zip.out.send(Err(io::Error::other("it could not be read to its end"))).await;
            }
        }
    }

    async fn all(&mut self) -> Result<(), Stopped> {
        let (now, card) = (self.now, card(&self.found));
        self.zip.json("contact.json", now, &ContactPerson::of(&self.found)).await?;
        self.zip.text("contact.vcf", now, &card).await?;
        let mut after = None;
        loop {
            let (records, next) = self.records(after).await?;
            for (actor, record) in records {
                self.item(actor, &record).await?;
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        self.table().await?;
        self.audit().await?;
        self.zip.finish().await
    }

    /// A page of all that this person had to do with the company.
    async fn records(
        &self,
        after: Option<Cursor>,
    ) -> Result<(Vec<(ActorNumber, CallRecord)>, Option<Cursor>), Stopped> {
        let contact = self.found[0].id;
        let page = on_pool(&self.web, self.company, move |store, rows, company| {
            let page = store.interactions(company, contact, after, PAGE)?.unwrap_or_default();
            for damage in page.damages {
                tracing::error!("a record is left out: {damage}");
            }
            Ok((page.rows.iter().map(|row| (row.actor, view(rows, row))).collect(), page.next))
        });
        Ok(page.await?)
    }

    /// An item's record, and what was said in it.
    async fn item(&mut self, actor: ActorNumber, record: &CallRecord) -> Result<(), Stopped> {
        let day: String = time(record.arrived_at).chars().take(10).collect();
        let (folder, at) = (format!("{day} {}", record.item), record.ended_at);
        self.zip.json(&format!("{folder}/record.json"), at, record).await?;
        if record.kind != Channel::Chat {
            return Ok(());
        }
        let sent = self.transcript(actor, &folder, at).await?;
        self.list::<Message>(actor, ContentKind::MessageText, &format!("{folder}/messages.json"), at).await?;
        self.list::<NoteView>(actor, ContentKind::InternalNote, &format!("{folder}/notes.json"), at).await?;
        for Sent { message, name, file, at } in sent {
            let Some(row) = self.web.house.store.file(file).await? else { continue };
            let name = format!("{folder}/files/{message} {}", saved_name(&name, row.kind));
            // What people send is packed already.
            self.zip.begin(&name, at, CompressionMethod::Stored)?;
            let mut number = 0;
            while let Some(part) = self.web.house.store.file_part(file, number).await? {
                self.zip.bytes(&part).await?;
                number += 1;
            }
        }
        Ok(())
    }

    /// What was said and noted in a chat, to be read by people; gives the files that were sent in it.
    async fn transcript(&mut self, actor: ActorNumber, folder: &str, at: Timestamp) -> Result<Vec<Sent>, Stopped> {
        let (mut from, mut sent) = (0, vec![]);
        self.zip.begin(&format!("{folder}/transcript.txt"), at, CompressionMethod::Deflated)?;
        while let Some(messages) = self.texts::<Message>(actor, ContentKind::MessageText, &mut from).await? {
            for Message { number, author, text, file, at, .. } in messages {
                let who = match author {
                    Side::Visitor => "visitor",
                    Side::Agent => "agent",
                };
                let what = file.as_ref().map_or(String::new(), |_| format!("file {number}: "));
                self.zip.bytes(format!("{} {who}: {what}{}\r\n", time(at), indented(&text)).as_bytes()).await?;
                sent.extend(file.map(|file| Sent { message: number, name: text, file: file.file, at }));
            }
        }
        let mut from = 0;
        while let Some(notes) = self.texts::<NoteView>(actor, ContentKind::InternalNote, &mut from).await? {
            for note in notes {
                let after = format!("after message {}", note.after);
                let line = format!("{} internal note, {after}: {}\r\n", time(note.at), indented(&note.text));
                self.zip.bytes(line.as_bytes()).await?;
            }
        }
        Ok(sent)
    }

    /// All texts of one kind as a list.
    async fn list<T: DeserializeOwned + Serialize>(
        &mut self,
        actor: ActorNumber,
        kind: ContentKind,
        name: &str,
        at: Timestamp,
    ) -> Result<(), Stopped> {
        let (mut from, mut between) = (0, "[\n");
        self.zip.begin(name, at, CompressionMethod::Deflated)?;
        while let Some(texts) = self.texts::<T>(actor, kind, &mut from).await? {
            for text in texts {
                self.zip.bytes(format!("{between}{}", json(&text)?).as_bytes()).await?;
                between = ",\n";
            }
        }
        self.zip.bytes(if between == "[\n" { b"[]\n" } else { b"\n]\n" }).await
    }

    /// The next texts of one kind; `None` behind the last one. One that is damaged is missed, and said.
    async fn texts<T: DeserializeOwned>(
        &self,
        actor: ActorNumber,
        kind: ContentKind,
        from: &mut i64,
    ) -> Result<Option<Vec<T>>, Stopped> {
        let page = TextPage { kind, count_max: TEXTS as u32, bytes_max: usize::MAX };
        let numbers = *from..*from + TEXTS;
        *from = numbers.end;
        let found = self.web.house.store.last_contents(vec![(actor, numbers)], page).await?.concat();
        let read = found.iter().filter_map(|text| {
            let read = serde_json::from_str(text);
            let item = Party::from_number(actor);
            read.inspect_err(|why| tracing::error!("a text of {item} cannot be read: {why} (restore a backup)")).ok()
        });
        Ok((!found.is_empty()).then(|| read.collect()))
    }

    /// All records once more, as a table.
    async fn table(&mut self) -> Result<(), Stopped> {
        self.zip.begin("interactions.csv", self.now, CompressionMethod::Deflated)?;
        let (mut after, mut is_first) = (None, true);
        loop {
            let (records, next) = self.records(after).await?;
            let lines = csv(records.iter().map(|(_, record)| record), is_first);
            let lines = lines.map_err(|why| Stopped::Failed(why.to_string()))?;
            self.zip.bytes(lines.as_bytes()).await?;
            (after, is_first) = (next, false);
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// What was changed about this person, by whom and when, the newest first.
    async fn audit(&mut self) -> Result<(), Stopped> {
        let mut between = "[\n";
        self.zip.begin("audit.json", self.now, CompressionMethod::Deflated)?;
        for id in self.found.iter().map(|contact| contact.id).collect::<Vec<_>>() {
            let mut after = None;
            loop {
                let filter =
                    AuditFilter { kind: Some(Kind::Contact), name: Some(id.to_string()), after, ..Default::default() };
                let page = self.web.house.store.ask_audit(self.company, filter, PAGE).await?;
                for entry in page.entries {
                    self.zip.bytes(format!("{between}{}", json(&audit_view(entry))?).as_bytes()).await?;
                    between = ",\n";
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        self.zip.bytes(b"\n]\n").await
    }
}

/// Why an archive is not written to its end.
enum Stopped {
    /// Nobody reads it any more.
    Left,
    Failed(String),
}

impl From<StoreError> for Stopped {
    fn from(why: StoreError) -> Stopped {
        Stopped::Failed(why.to_string())
    }
}

impl From<ApiError> for Stopped {
    fn from(why: ApiError) -> Stopped {
        Stopped::Failed(why.to_string())
    }
}

fn failed(why: impl std::error::Error) -> Stopped {
    Stopped::Failed(why.to_string())
}

fn json(value: &impl Serialize) -> Result<String, Stopped> {
    serde_json::to_string_pretty(value).map_err(failed)
}

/// A text of several lines, so that nobody takes one of them for somebody else's.
fn indented(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("\r\n    ")
}

/// What is written, until somebody takes it.
#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A ZIP on its way out.
struct Zip {
    /// `None` after its end.
    writer: Option<ZipWriter<StreamWriter<Sink>>>,
    sink: Sink,
    out: mpsc::Sender<io::Result<Bytes>>,
}

impl Zip {
    fn new(out: mpsc::Sender<io::Result<Bytes>>) -> Zip {
        let sink = Sink::default();
        Zip { writer: Some(ZipWriter::new_stream(sink.clone())), sink, out }
    }

    /// What is written from now on belongs to a file of this name.
    fn begin(&mut self, name: &str, at: Timestamp, method: CompressionMethod) -> Result<(), Stopped> {
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(dated(at));
        self.writer.as_mut().map_or(Ok(()), |writer| writer.start_file(name, options)).map_err(failed)
    }

    async fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stopped> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write_all(bytes)).map_err(failed)?;
        self.send().await
    }

    /// Hands over what there is; waits for whoever reads slowly.
    async fn send(&mut self) -> Result<(), Stopped> {
        let piece = std::mem::take(&mut *self.sink.0.borrow_mut());
        if piece.is_empty() {
            return Ok(());
        }
        self.out.send(Ok(piece.into())).await.map_err(|_| Stopped::Left)
    }

    async fn text(&mut self, name: &str, at: Timestamp, text: &str) -> Result<(), Stopped> {
        self.begin(name, at, CompressionMethod::Deflated)?;
        self.bytes(text.as_bytes()).await
    }

    async fn json(&mut self, name: &str, at: Timestamp, value: &impl Serialize) -> Result<(), Stopped> {
        self.text(name, at, &json(value)?).await
    }

    async fn finish(&mut self) -> Result<(), Stopped> {
        if let Some(writer) = self.writer.take() {
            writer.finish().map_err(failed)?;
        }
        self.send().await
    }
}

/// A time as a ZIP has it: in UTC, to two seconds, from 1980 on.
fn dated(at: Timestamp) -> DateTime {
    let written = time(at);
    let part = |from: usize, to: usize| written.get(from..to).and_then(|part| part.parse::<u16>().ok());
    let parts = || Some((part(0, 4)?, part(5, 7)?, part(8, 10)?, part(11, 13)?, part(14, 16)?, part(17, 19)?));
    let dated = parts().and_then(|(year, month, day, hour, minute, second)| {
        let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(|part| part as u8);
        DateTime::from_date_and_time(year, month, day, hour, minute, second).ok()
    });
    dated.unwrap_or_default()
}
