//! What is written beside the journal's rows, as values: each says what is to be written, and who waits for the answer.
//! Never a closure: a write that failed, panicked or took long is named in the log, without its secrets.

use super::company::{self, Application, Author, CompanyFile, LookedAt, Version};
use super::connection::DatabaseConnection;
use super::contacts::{self, AllTaken, ContactsChanged};
use super::error::{JobError, StoreError};
use super::files::{self, FileWrite};
use super::ids::Stored;
use super::journal::ActorNumber;
use super::once::{self, Answered, Once, OnceKey};
use super::own;
use super::pending::Pending;
use super::records;
use super::rows::{self, PhoneBinding};
use super::seen::{self, SeenPage};
use super::write_ups::{self, WriteUpRow, WritesUp};
use diesel::prelude::*;
use diesel::result::Error;
use domain::company::{Change, Difference};
use domain::contact::{ContactChange, ContactEntry};
use domain::id::{AgentId, ApiKeyId, ChatId, CompanyId, ContactId, FileId};
use domain::time::Timestamp;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::{error, warn};

/// A write that takes longer is named in the log: everybody else's waits for it.
const SLOW: Duration = Duration::from_secs(1);
/// So much of a job is said in the log, in characters.
const NAME_MAX: usize = 400;

/// A short write that is not an append: it shares the transaction with others, but fails alone.
#[derive(Debug)]
pub(super) enum Job {
    /// The daemon of this boot runs at `now`.
    NoteAlive { epoch: u32, now: Timestamp, reply: Reply<()> },
    /// Where a user's phones are, in place of where they were.
    KeepPhones { phone: String, bindings: Hidden<Vec<PhoneBinding>>, reply: Reply<()> },
    /// Who answered a caller's last call.
    RememberAgent { company: CompanyId, caller: Hidden<String>, agent: AgentId, reply: Reply<()> },
    /// A browser's session, under the hash of its token.
    BeginSession {
        token_hash: Hidden<Vec<u8>>,
        agent: AgentId,
        created_at: Timestamp,
        expires_at: Timestamp,
        browser: String,
        reply: Reply<()>,
    },
    /// A browser's session is over; whether there was one.
    EndSession { token_hash: Hidden<Vec<u8>>, reply: Reply<bool> },
    /// What somebody has set for their screens.
    KeepPreferences { agent: AgentId, text: String, reply: Reply<()> },
    /// A program used its key.
    NoteApiKey { key: ApiKeyId, at: Timestamp, reply: Reply<()> },
    /// The sessions that ended by themselves go; how many they were.
    EndOldSessions { now: Timestamp, reply: Reply<usize> },
    /// A request with a key is about to be done.
    BeginOnce { key: Hidden<OnceKey>, fingerprint: Vec<u8>, at: Timestamp, epoch: u32, reply: Reply<Once> },
    /// It was answered, or nothing was done.
    EndOnce { key: Hidden<OnceKey>, answered: Hidden<Option<Answered>>, reply: Reply<()> },
    /// Old answers go; how many they were.
    ForgetOnce { now: Timestamp, reply: Reply<usize> },
    /// A visitor's session, under its hash.
    BeginVisit {
        session_hash: Hidden<Vec<u8>>,
        chat: ChatId,
        company: CompanyId,
        created_at: Timestamp,
        reply: Reply<()>,
    },
    /// A chat service was seen on a page.
    See { service: i64, page: SeenPage, at: Timestamp, reply: Reply<()> },
    /// A company is what its file says.
    ApplyCompany { file: Box<CompanyFile>, looked_at: LookedAt, how: Application, reply: Reply<Vec<Difference>> },
    /// The same of the first one.
    ApplyFirstCompany { file: Box<CompanyFile>, looked_at: LookedAt, how: Application, reply: Reply<Vec<Difference>> },
    /// Changes of a company that is there.
    ChangeCompany { company: CompanyId, changes: Vec<Change>, author: Author, reply: Reply<Vec<Difference>> },
    /// The same, if it is still in this state.
    ChangeCompanyAt {
        company: CompanyId,
        version: Version,
        changes: Vec<Change>,
        author: Author,
        reply: Reply<Vec<Difference>>,
    },
    /// Something of a file that somebody sends in a chat.
    WriteFile { file: FileId, write: Hidden<FileWrite>, reply: Reply<()> },
    /// A change of a company's contacts.
    ChangeContact {
        company: CompanyId,
        change: Hidden<ContactChange>,
        /// Only if the person has this tag.
        expected: Option<String>,
        author: Author,
        reply: Reply<ContactsChanged>,
    },
    /// Contacts that come from elsewhere.
    TakeContacts { company: CompanyId, entries: Hidden<Vec<ContactEntry>>, author: Author, reply: Reply<AllTaken> },
    /// All that is kept of these contacts is given out.
    GiveOut { company: CompanyId, contacts: Vec<ContactId>, author: Author, reply: Reply<()> },
    /// What an agent wrote of an item.
    WriteUp { change: Box<Hidden<WritesUp>>, reply: Reply<WriteUpRow> },
    /// How a visitor liked their chat.
    Rate { chat: ActorNumber, rating: Hidden<String>, reply: Reply<()> },
    /// A write with a bug in it.
    #[cfg(test)]
    Panic { reply: Reply<()> },
}

impl Job {
    /// What it does, as errors say it.
    fn doing(&self) -> &'static str {
        match self {
            Job::NoteAlive { .. } => "note that the daemon runs",
            Job::KeepPhones { .. } => "keep where a phone is",
            Job::RememberAgent { .. } => "keep a caller's last agent",
            Job::BeginSession { .. } => "keep a session",
            Job::EndSession { .. } => "end a session",
            Job::EndOldSessions { .. } => "end old sessions",
            Job::NoteApiKey { .. } => "note that an API key is used",
            Job::KeepPreferences { .. } => "keep what somebody has set",
            Job::BeginOnce { .. } => "note that a request is being done",
            Job::EndOnce { .. } => "keep an answer",
            Job::ForgetOnce { .. } => "forget old answers",
            Job::BeginVisit { .. } => "keep a visitor's session",
            Job::See { .. } => "keep where a chat service was seen",
            Job::ApplyCompany { .. } | Job::ApplyFirstCompany { .. } => "apply a company file",
            Job::ChangeCompany { .. } | Job::ChangeCompanyAt { .. } => "change a company",
            Job::ChangeContact { .. } => "change a contact",
            Job::TakeContacts { .. } => "take contacts over",
            Job::GiveOut { .. } => "note that somebody's data is given out",
            Job::WriteFile { .. } => "write a file",
            Job::WriteUp { .. } => "keep what was written of an item",
            Job::Rate { .. } => "keep how a visitor liked their chat",
            #[cfg(test)]
            Job::Panic { .. } => "panic",
        }
    }

    /// Writes it, and keeps the answer until that is durable.
    fn execute(&mut self, connection: &mut DatabaseConnection) -> Result<(), JobError> {
        match self {
            Job::NoteAlive { epoch, now, reply } => reply.keep(super::note_alive(connection, *epoch, *now)?),
            Job::KeepPhones { phone, bindings, reply } => {
                reply.keep(rows::keep_phones(connection, phone, &bindings.0)?);
            }
            Job::RememberAgent { company, caller, agent, reply } => {
                reply.keep(rows::remember_agent(connection, *company, &caller.0, *agent)?);
            }
            Job::BeginSession { token_hash, agent, created_at, expires_at, browser, reply } => {
                reply.keep(rows::begin_session(connection, &token_hash.0, *agent, *created_at, *expires_at, browser)?);
            }
            Job::EndSession { token_hash, reply } => reply.keep(rows::end_session(connection, &token_hash.0)?),
            Job::KeepPreferences { agent, text, reply } => {
                reply.keep(own::keep_preferences(connection, *agent, text)?);
            }
            Job::EndOldSessions { now, reply } => reply.keep(rows::end_old_sessions(connection, *now)?),
            Job::NoteApiKey { key, at, reply } => reply.keep(company::api_key_used(connection, *key, *at)?),
            Job::BeginOnce { key, fingerprint, at, epoch, reply } => {
                reply.keep(once::begin(connection, &key.0, fingerprint, *at, *epoch)?);
            }
            Job::EndOnce { key, answered, reply } => {
                reply.keep(once::end(connection, &key.0, answered.0.as_ref())?);
            }
            Job::ForgetOnce { now, reply } => reply.keep(once::forget(connection, *now)?),
            Job::BeginVisit { session_hash, chat, company, created_at, reply } => {
                reply.keep(rows::begin_visit(connection, &session_hash.0, *chat, *company, *created_at)?);
            }
            Job::See { service, page, at, reply } => reply.keep(seen::keep(connection, *service, page, *at)?),
            Job::ApplyCompany { file, looked_at, how, reply } => {
                reply.keep(company::apply(connection, file, looked_at, how)?);
            }
            Job::ApplyFirstCompany { file, looked_at, how, reply } => {
                reply.keep(company::apply_first(connection, file, looked_at, how)?);
            }
            Job::ChangeCompany { company, changes, author, reply } => {
                reply.keep(company::change(connection, *company, changes, author)?);
            }
            Job::ChangeCompanyAt { company, version, changes, author, reply } => {
                reply.keep(company::change_at(connection, *company, *version, changes, author)?);
            }
            Job::ChangeContact { company, change, expected, author, reply } => {
                let at = Timestamp::from_stored(company::now());
                reply.keep(contacts::change(connection, *company, &change.0, expected.as_deref(), author, at)?);
            }
            Job::TakeContacts { company, entries, author, reply } => {
                let at = Timestamp::from_stored(company::now());
                reply.keep(contacts::take(connection, *company, &entries.0, author, at)?);
            }
            Job::GiveOut { company, contacts, author, reply } => {
                let at = Timestamp::from_stored(company::now());
                reply.keep(contacts::note_given_out(connection, *company, contacts, author, at)?);
            }
            Job::WriteFile { file, write, reply } => reply.keep(files::write(connection, *file, &write.0)?),
            Job::WriteUp { change, reply } => {
                let row = write_ups::write(connection, &change.0)?;
                records::classify(connection, change.0.actor, &row.written.classifications)?;
                reply.keep(row);
            }
            Job::Rate { chat, rating, reply } => reply.keep(records::rate(connection, *chat, &rating.0)?),
            #[cfg(test)]
            Job::Panic { .. } => panic!("a write with a bug in it"),
        }
        Ok(())
    }

    fn reply(&mut self) -> &mut dyn Replies {
        match self {
            Job::NoteAlive { reply, .. }
            | Job::KeepPhones { reply, .. }
            | Job::RememberAgent { reply, .. }
            | Job::BeginSession { reply, .. }
            | Job::BeginVisit { reply, .. }
            | Job::WriteFile { reply, .. }
            | Job::GiveOut { reply, .. }
            | Job::EndOnce { reply, .. }
            | Job::See { reply, .. }
            | Job::Rate { reply, .. } => reply,
            Job::EndSession { reply, .. } => reply,
            Job::EndOldSessions { reply, .. } | Job::ForgetOnce { reply, .. } => reply,
            Job::BeginOnce { reply, .. } => reply,
            Job::KeepPreferences { reply, .. } | Job::NoteApiKey { reply, .. } => reply,
            Job::ApplyCompany { reply, .. }
            | Job::ApplyFirstCompany { reply, .. }
            | Job::ChangeCompany { reply, .. }
            | Job::ChangeCompanyAt { reply, .. } => reply,
            Job::ChangeContact { reply, .. } => reply,
            Job::TakeContacts { reply, .. } => reply,
            Job::WriteUp { reply, .. } => reply,
            #[cfg(test)]
            Job::Panic { reply } => reply,
        }
    }

    /// Executes it; `Err` if the whole transaction may have been lost by its failure. It may run more than once: the last
    /// run counts.
    pub(super) fn run(&mut self, connection: &mut DatabaseConnection) -> Result<(), ()> {
        let since = Instant::now();
        // The job's own error, not that of undoing what it did.
        let mut own = None;
        let done = connection.transaction(|connection| {
            let executed = catch_unwind(AssertUnwindSafe(|| self.execute(connection)));
            executed.unwrap_or(Err(JobError::Panicked)).map_err(|why| {
                own = Some(why);
                Error::RollbackTransaction
            })
        });
        let took_ms = since.elapsed().as_millis();
        if since.elapsed() >= SLOW {
            warn!(job = self.name(), took_ms, "a write took long, and everybody else's waited for it");
        }
        let why = match (done, own) {
            (Ok(()), _) => return Ok(()),
            (Err(_), Some(why)) => why,
            (Err(why), None) => JobError::Database(why),
        };
        let is_fatal = why.is_fatal();
        if matches!(why, JobError::Panicked) {
            error!(job = self.name(), "a write panicked; it is set aside, the others go on");
        }
        let doing = self.doing();
        self.reply().fail(why.into_store_error(doing));
        if is_fatal { Err(()) } else { Ok(()) }
    }

    /// Hands the answer to whoever waits for it. If nobody does, a failure is told here or nowhere; but for that of a note
    /// that is written anew every second.
    pub(super) fn answer(mut self) {
        if let Some(why) = self.reply().send()
            && !matches!(self, Job::NoteAlive { .. })
        {
            error!(job = self.name(), "{why}");
        }
    }

    /// What it is, for the log.
    fn name(&self) -> String {
        let name = format!("{self:?}");
        name.char_indices().nth(NAME_MAX).map_or_else(|| name.clone(), |(end, _)| format!("{}…", &name[..end]))
    }
}

/// Whoever waits for the answer to a job, and the answer as long as it is not durable.
pub(super) struct Reply<T> {
    sender: Option<oneshot::Sender<Result<T, StoreError>>>,
    kept: Result<T, StoreError>,
}

impl<T> Reply<T> {
    pub(super) fn new() -> (Reply<T>, Pending<T>) {
        let (sender, pending) = Pending::new();
        (Reply { sender: Some(sender), kept: Err(StoreError::Closed) }, pending)
    }

    fn keep(&mut self, answer: T) {
        self.kept = Ok(answer);
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.sender.as_ref().is_some_and(|sender| !sender.is_closed()) {
            "awaited"
        } else {
            "unawaited"
        })
    }
}

/// A reply, whatever is answered.
trait Replies {
    /// The answer is this error.
    fn fail(&mut self, why: StoreError);
    /// Sends the answer; gives back an error that nobody waits for.
    fn send(&mut self) -> Option<StoreError>;
}

impl<T> Replies for Reply<T> {
    fn fail(&mut self, why: StoreError) {
        self.kept = Err(why);
    }

    fn send(&mut self) -> Option<StoreError> {
        let kept = std::mem::replace(&mut self.kept, Err(StoreError::Closed));
        self.sender.take()?.send(kept).err()?.err()
    }
}

/// What a log does not show.
#[derive(Clone)]
pub(super) struct Hidden<T>(pub(super) T);

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::super::company::ChangedPasswords;
    use super::*;
    use domain::company::{AgentEntry, Secret, TrunkEntry, TrunkSecret};
    use domain::contact::ContactEntry;

    /// Something that must not be in a log, in each place that has any.
    const SECRET: &str = "0301234567";

    fn secret() -> Option<Secret> {
        Some(Secret(SECRET.to_owned()))
    }

    #[test]
    fn a_job_is_named_without_its_secrets() {
        let bytes = || Hidden(SECRET.as_bytes().to_owned());
        let (agent, company, at) = (AgentId(7), CompanyId(3), Timestamp(5));
        let entry = AgentEntry {
            login_name: "anna".to_owned(),
            password_hash: secret(),
            phone_ha1_md5: secret(),
            phone_ha1_sha256: secret(),
            ..AgentEntry::default()
        };
        let proved = TrunkSecret::Password { password: Secret(SECRET.to_owned()) };
        let trunk = TrunkEntry { name: "provider".to_owned(), secret: Some(proved), ..TrunkEntry::default() };
        let file = format!(
            "company = {{ name = \"One\" }}\n[[agent]]\nlogin_name = \"anna\"\npassword = \"{SECRET}\"\n\
             phone_password = \"{SECRET}\"\n[[trunk]]\nname = \"provider\"\npassword = \"{SECRET}\""
        );
        let file: CompanyFile = toml::from_str(&file).unwrap();
        let looked_at = file.look(None, ChangedPasswords::Kept).unwrap();
        let jobs = [
            (Job::NoteAlive { epoch: 1, now: at, reply: Reply::new().0 }, "NoteAlive { epoch: 1"),
            (
                Job::RememberAgent { company, caller: Hidden(SECRET.to_owned()), agent, reply: Reply::new().0 },
                "RememberAgent { company: co3, caller: (hidden), agent: a7, reply: unawaited }",
            ),
            (
                Job::BeginSession {
                    token_hash: bytes(),
                    agent,
                    created_at: at,
                    expires_at: at,
                    browser: String::new(),
                    reply: Reply::new().0,
                },
                "BeginSession { token_hash: (hidden), agent: a7",
            ),
            (Job::EndSession { token_hash: bytes(), reply: Reply::new().0 }, "EndSession { token_hash: (hidden)"),
            (
                Job::BeginVisit {
                    session_hash: bytes(),
                    chat: ChatId(1),
                    company,
                    created_at: at,
                    reply: Reply::new().0,
                },
                "BeginVisit { session_hash: (hidden), chat: chat1",
            ),
            (
                Job::ApplyCompany {
                    file: Box::new(file),
                    looked_at,
                    how: Application::by("root", "realm"),
                    reply: Reply::new().0,
                },
                "ApplyCompany { file: CompanyFile { company: CompanyEntry { name: \"One\"",
            ),
            (
                Job::ChangeCompany {
                    company,
                    changes: vec![
                        Change::PutTrunk(trunk),
                        Change::Password { login_name: "anna".to_owned(), hash: Secret(SECRET.to_owned()) },
                        Change::PutAgent(entry),
                    ],
                    author: Author::Agent("ben".to_owned()),
                    reply: Reply::new().0,
                },
                "ChangeCompany { company: co3, changes: [PutTrunk(TrunkEntry { name: \"provider\"",
            ),
            (
                Job::ChangeContact {
                    company,
                    change: Hidden(ContactChange::Create(ContactEntry {
                        name: Some(SECRET.to_owned()),
                        ..ContactEntry::default()
                    })),
                    expected: None,
                    author: Author::Agent("ben".to_owned()),
                    reply: Reply::new().0,
                },
                "ChangeContact { company: co3, change: (hidden), expected: None, author: Agent(\"ben\")",
            ),
        ];
        for (job, begins) in jobs {
            assert!(job.name().starts_with(begins), "{}", job.name());
            assert!(job.name().chars().count() <= NAME_MAX + 1, "{}", job.name());
            let whole = format!("{job:?}");
            // Bytes are shown as numbers.
            assert!(!whole.contains(SECRET) && !whole.contains("48, 51, 48"), "{whole}");
        }
    }
}
