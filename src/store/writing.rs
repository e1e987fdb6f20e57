//! What others have written beside the journal: each is a job, and its answer comes when it is durable.

use super::Store;
use super::company::{self, Application, Author, CompanyFile, Version};
use super::contacts::{AllTaken, ContactsChanged};
use super::error::StoreError;
use super::files::{FileWrite, NewFile};
use super::job::{Hidden, Job};
use super::journal::ActorNumber;
use super::once::{Answered, Once, OnceKey};
use super::pending::Pending;
use super::rows::PhoneBinding;
use super::seen::SeenPage;
use super::write_ups::{WriteUpRow, WritesUp};
use domain::company::{Change, Difference};
use domain::contact::{ContactChange, ContactEntry};
use domain::id::{AgentId, ApiKeyId, ChatId, CompanyId, ContactId, FileId};
use domain::time::Timestamp;

impl Store {
    /// Brings the database to agree with `file`, and says what changed. Blocks for the hashing of passwords (some 30 ms
    /// each) and until it is durable.
    pub fn apply(&self, file: &CompanyFile, realm: &str) -> Result<Vec<Difference>, StoreError> {
        let before = self.read("read a company", |connection| company::by_name(connection, &file.company.name))?;
        let how = Application::by("daemon", realm);
        let (file, looked_at) = (Box::new(file.clone()), file.look(before.as_ref(), how.passwords)?);
        self.write(|reply| Job::ApplyCompany { file, looked_at, how, reply }).wait()
    }

    /// The same by somebody else, if there is no company yet; else [`StoreError::Stale`].
    pub fn apply_first(&self, file: &CompanyFile, author: Author, realm: &str) -> Result<Vec<Difference>, StoreError> {
        let how = Application { author, ..Application::by("", realm) };
        let (file, looked_at) = (Box::new(file.clone()), file.look(None, how.passwords)?);
        self.write(|reply| Job::ApplyFirstCompany { file, looked_at, how, reply }).wait()
    }

    /// Changes a company that is there, and says what changed.
    pub fn change(&self, company: CompanyId, changes: Vec<Change>, author: Author) -> Pending<Vec<Difference>> {
        self.write(|reply| Job::ChangeCompany { company, changes, author, reply })
    }

    /// Changes a company as [`Store::change`] does, if it is still in this state; else [`StoreError::Stale`].
    pub fn change_at(
        &self,
        company: CompanyId,
        version: Version,
        changes: Vec<Change>,
        author: Author,
    ) -> Pending<Vec<Difference>> {
        self.write(|reply| Job::ChangeCompanyAt { company, version, changes, author, reply })
    }

    /// Makes a change of a company's contacts; the answer is what is different now.
    pub fn change_contact(
        &self,
        company: CompanyId,
        change: ContactChange,
        author: Author,
    ) -> Pending<ContactsChanged> {
        let (change, expected) = (Hidden(change), None);
        self.write(|reply| Job::ChangeContact { company, change, expected, author, reply })
    }

    /// The same, if the person whom it names first still has this [`contact_tag`](super::contact_tag); else
    /// [`StoreError::Stale`].
    pub fn change_contact_at(
        &self,
        company: CompanyId,
        change: ContactChange,
        tag: String,
        author: Author,
    ) -> Pending<ContactsChanged> {
        let (change, expected) = (Hidden(change), Some(tag));
        self.write(|reply| Job::ChangeContact { company, change, expected, author, reply })
    }

    /// Keeps how a visitor liked their chat. What they said first counts: saying it again changes nothing.
    pub fn rated(&self, chat: ActorNumber, rating: String) -> Pending<()> {
        let rating = Hidden(rating);
        self.write(|reply| Job::Rate { chat, rating, reply })
    }

    /// Takes contacts over that come from elsewhere, as one: of each it is said what became of it, or why it was not taken.
    pub fn take_contacts(&self, company: CompanyId, entries: Vec<ContactEntry>, author: Author) -> Pending<AllTaken> {
        let entries = Hidden(entries);
        self.write(|reply| Job::TakeContacts { company, entries, author, reply })
    }

    /// Notes in the audit that all that is kept of these contacts is given out.
    pub fn contacts_given_out(&self, company: CompanyId, contacts: Vec<ContactId>, author: Author) -> Pending<()> {
        self.write(|reply| Job::GiveOut { company, contacts, author, reply })
    }

    /// Keeps what an agent wrote of an item, if what is there is still what they thought of; else [`StoreError::Stale`].
    pub fn write_up_changed(&self, change: WritesUp) -> Pending<WriteUpRow> {
        let change = Box::new(Hidden(change));
        self.write(|reply| Job::WriteUp { change, reply })
    }

    /// Keeps where a user's phones are, in place of where they were. None: the user has no phone any more.
    pub fn phones_moved(&self, phone: &str, bindings: Vec<PhoneBinding>) -> Pending<()> {
        let (phone, bindings) = (phone.to_owned(), Hidden(bindings));
        self.write(|reply| Job::KeepPhones { phone, bindings, reply })
    }

    /// Keeps who answered a caller's last call.
    pub fn agent_remembered(&self, company: CompanyId, caller: &str, agent: AgentId) -> Pending<()> {
        let caller = Hidden(caller.to_owned());
        self.write(|reply| Job::RememberAgent { company, caller, agent, reply })
    }

    /// Keeps a browser's session under the hash of its token.
    pub fn web_session_created(
        &self,
        token_hash: &[u8],
        agent: AgentId,
        created_at: Timestamp,
        expires_at: Timestamp,
        browser: &str,
    ) -> Pending<()> {
        let (token_hash, browser) = (Hidden(token_hash.to_owned()), browser.to_owned());
        self.write(|reply| Job::BeginSession { token_hash, agent, created_at, expires_at, browser, reply })
    }

    /// Forgets a browser's session; whether there was one.
    pub fn web_session_deleted(&self, token_hash: &[u8]) -> Pending<bool> {
        let token_hash = Hidden(token_hash.to_owned());
        self.write(|reply| Job::EndSession { token_hash, reply })
    }

    /// Keeps what somebody has set for their screens, in the place of what they had set.
    pub fn preferences_changed(&self, agent: AgentId, text: String) -> Pending<()> {
        self.write(|reply| Job::KeepPreferences { agent, text, reply })
    }

    /// Forgets the browsers' sessions that are over; how many they were.
    pub fn web_sessions_expired(&self, now: Timestamp) -> Pending<usize> {
        self.write(|reply| Job::EndOldSessions { now, reply })
    }

    /// Keeps when a key was used last.
    pub fn api_key_used(&self, key: ApiKeyId, at: Timestamp) -> Pending<()> {
        self.write(|reply| Job::NoteApiKey { key, at, reply })
    }

    /// Takes note that a request is about to be done, unless it came before.
    pub fn once_began(&self, key: OnceKey, fingerprint: Vec<u8>, at: Timestamp) -> Pending<Once> {
        let epoch = self.epoch();
        self.write(|reply| Job::BeginOnce { key: Hidden(key), fingerprint, at, epoch, reply })
    }

    /// Keeps its answer; `None`: nothing was done, and it may come again.
    pub fn once_answered(&self, key: OnceKey, answered: Option<Answered>) -> Pending<()> {
        self.write(|reply| Job::EndOnce { key: Hidden(key), answered: Hidden(answered), reply })
    }

    /// Forgets the answers that are old; how many they were.
    pub fn once_expired(&self, now: Timestamp) -> Pending<usize> {
        self.write(|reply| Job::ForgetOnce { now, reply })
    }

    /// Keeps a visitor's session under its hash.
    pub fn visitor_session_created(
        &self,
        session_hash: &[u8],
        chat: ChatId,
        company: CompanyId,
        created_at: Timestamp,
    ) -> Pending<()> {
        let session_hash = Hidden(session_hash.to_owned());
        self.write(|reply| Job::BeginVisit { session_hash, chat, company, created_at, reply })
    }

    /// Keeps that a chat service was seen on a page.
    pub fn seen(&self, service: i64, page: SeenPage, at: Timestamp) -> Pending<()> {
        self.write(|reply| Job::See { service, page, at, reply })
    }

    /// A file with a new id begins to come.
    pub fn file_begun(&self, file: FileId, new: NewFile) -> Pending<()> {
        self.write_file(file, FileWrite::Begin(new))
    }

    /// The next part of a file, counted from 0, of [`PART_BYTES`](super::PART_BYTES) unless it is the last.
    pub fn file_part_came(&self, file: FileId, number: i64, bytes: Vec<u8>) -> Pending<()> {
        self.write_file(file, FileWrite::Part { number, bytes })
    }

    /// All of a file is there, so many bytes: it may be named by a message.
    pub fn file_completed(&self, file: FileId, size: u64) -> Pending<()> {
        self.write_file(file, FileWrite::Complete { size })
    }

    /// A file goes, unless it belongs to a message.
    pub fn file_discarded(&self, file: FileId) -> Pending<()> {
        self.write_file(file, FileWrite::Discard)
    }

    fn write_file(&self, file: FileId, write: FileWrite) -> Pending<()> {
        let write = Hidden(write);
        self.write(|reply| Job::WriteFile { file, write, reply })
    }
}
