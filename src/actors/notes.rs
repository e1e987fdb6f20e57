//! What agents note in chats for each other, and all that was written in one for whoever reads it afterwards.
//! Never asked for by a visitor's screen.

use super::browser::readable;
use super::chat::signed;
use super::floor::{Floor, FloorAnswer, ReplyTo};
use super::ids::{Numbered, Party};
use super::unread::not_read;
use crate::protocol::agent::NoteView;
use crate::protocol::desk::Transcript;
use crate::protocol::error::Problem;
use crate::protocol::visitor::Message;
use crate::store::{ContentKind, StoreError, TextPage};
use domain::id::ChatId;
use std::rc::Rc;

/// How many notes of a chat are shown, the last ones.
const NOTES_MAX: u32 = 200;
/// How long they may be in all.
const NOTES_BYTES_MAX: usize = 256 * 1024;
/// How many messages a transcript has at once.
const MESSAGES_MAX: u32 = 500;

impl Floor {
    /// Asks for the last notes of each of these chats, or hears that they cannot be read.
    pub(super) fn ask_notes(
        self: &Rc<Self>,
        chats: Vec<ChatId>,
        then: impl FnOnce(&Rc<Floor>, Result<Vec<Vec<NoteView>>, Problem>) + 'static,
    ) {
        let actors = chats.iter().map(|chat| (Party::Chat(*chat).number(), 0..i64::MAX)).collect();
        let page = TextPage { kind: ContentKind::InternalNote, count_max: NOTES_MAX, bytes_max: NOTES_BYTES_MAX };
        self.ask(self.store().last_contents(actors, page), move |floor, found| {
            let found = found.inspect_err(|error| tracing::error!(?chats, %error, "notes could not be read"));
            let of_chat = |(chat, texts): (&ChatId, Vec<String>)| -> Vec<NoteView> {
                readable(*chat, &texts).map(|note| signed(floor, note)).collect()
            };
            let notes = found.map(|found| chats.iter().zip(found).map(of_chat).collect());
            then(floor, notes.map_err(|error| not_read(&error)));
        });
    }

    /// All that was written in a chat before a message, the latest of it, with the notes; of a chat of this company.
    pub(super) fn transcript(self: &Rc<Self>, chat: ChatId, before: u32, reply: ReplyTo) {
        let actor = Party::Chat(chat).number();
        let page = TextPage { kind: ContentKind::MessageText, count_max: MESSAGES_MAX, bytes_max: usize::MAX };
        let asked = self.store().last_contents(vec![(actor, 0..before.into())], page);
        self.ask(asked, move |floor, found: Result<Vec<Vec<String>>, StoreError>| {
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%chat, %error, "a transcript could not be read");
                    return reply.answer(Err(not_read(&error)));
                }
            };
            let messages: Vec<Message> = readable(chat, &found.concat()).collect();
            floor.ask_notes(vec![chat], move |_, notes| match notes {
                Ok(notes) => {
                    let (notes, first) = (notes.concat(), messages.first().map(|first| first.number));
                    let earlier = first.filter(|number| *number > 1);
                    reply.answer(Ok(FloorAnswer::Transcript(Transcript { messages, notes, earlier })));
                }
                Err(problem) => reply.answer(Err(problem)),
            });
        });
    }
}
