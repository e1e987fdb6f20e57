//! Files that people send in chats, once they are stored: each becomes a message.
//! Never sees a byte of one, and decides nothing: whether somebody may write is the chat's.

use super::browser::cause;
use super::floor::{Floor, FloorAnswer, ReplyTo, Upload};
use crate::protocol::error::{Code, Problem};
use domain::Refusal;
use domain::chat::{Author, Chat, Command};
use domain::file::FilesTaken;
use domain::id::{AgentId, ChatId};
use std::rc::Rc;

impl Floor {
    /// A file that is stored becomes a message; the answer comes when that is durable.
    pub(super) fn attach(
        self: &Rc<Self>,
        chat: ChatId,
        agent: Option<AgentId>,
        client: &str,
        number: u64,
        upload: Upload,
        reply: ReplyTo,
    ) {
        let (author, known_by) = match agent {
            Some(id) => (Author::Agent(id), format!("agent {id} {client}")),
            None => (Author::Visitor, format!("visitor {client}")),
        };
        let Upload { name, digest, file } = upload;
        // The service may have changed while it came.
        let taken = match self.takes_files(chat) {
            Ok(taken) => taken,
            Err(problem) => return reply.answer(Err(problem)),
        };
        if file.size > taken.bytes_max {
            return reply.answer(Err(Problem::new(Code::FileTooLarge, taken.too_large())));
        }
        if !taken.kinds.contains(&file.kind) {
            return reply.answer(Err(Problem::new(Code::FileKind, taken.other_kind())));
        }
        let cause = match cause(known_by, number, &(&name, digest)) {
            Ok(cause) => cause,
            Err(problem) => return reply.answer(Err(problem)),
        };
        let say = Command::Say { author, client: client.to_owned(), command: number };
        self.envelope::<Chat>(chat, say, |envelope| {
            envelope.cause = Some(cause);
            (envelope.text, envelope.file) = (Some(name), Some(file));
            envelope.reply = Some(reply.once_done());
        });
    }

    /// Which files are taken in a chat.
    ///
    /// # Errors
    /// `forbidden`: its service takes none, or nobody here does.
    pub(super) fn takes_files(&self, chat: ChatId) -> Result<FilesTaken, Problem> {
        let none = || Problem::new(Code::Forbidden, "no files are taken in this chat");
        Some(self.files_taken(chat)).filter(|taken| taken.bytes_max > 0).ok_or_else(none)
    }

    /// Whether an agent has a chat: done, or that it is not theirs.
    pub(super) fn says_who_has(&self, agent: AgentId, chat: ChatId, reply: ReplyTo) {
        let has = self.may_work(agent) && self.has_chat(agent, chat);
        reply.answer(if has { Ok(FloorAnswer::Done) } else { Err(Refusal::NotYours.into()) });
    }
}
