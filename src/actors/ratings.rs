//! How visitors liked their chats, once these are over. It is kept beside the record and decides nothing, so no machine knows of it.

use super::floor::{Floor, FloorAnswer, ReplyTo};
use super::ids::{Numbered, Party};
use super::unread::not_read;
use crate::protocol::details::Rating;
use crate::protocol::error::{Code, Problem};
use domain::Refusal;
use domain::chat::{Chat, State};
use domain::id::ChatId;
use std::rc::Rc;

impl Floor {
    /// Keeps how a visitor liked their chat. What they said first counts; the answer comes when it is durable.
    pub(super) fn rate(self: &Rc<Self>, id: ChatId, rating: &Rating, reply: ReplyTo) {
        let Ok(text) = serde_json::to_string(rating) else {
            return reply.answer(Err(Problem::new(Code::Malformed, "the rating cannot be kept")));
        };
        self.when_loaded::<Chat>(id, move |floor, loaded| {
            if let Err(problem) = loaded {
                return reply.answer(Err(problem));
            }
            let is_over = |chat: &Chat| match chat.state() {
                State::WrapUp { .. } | State::WrapUpQueued { .. } | State::Closed { .. } => true,
                State::New | State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. } => {
                    false
                }
            };
            if floor.chats().look(id, is_over) != Some(true) {
                return reply.answer(Err(Refusal::WrongState.into()));
            }
            floor.ask(floor.store().rated(Party::Chat(id).number(), text), move |_, kept| {
                reply.answer(kept.map(|()| FloorAnswer::Done).map_err(|error| not_read(&error)));
            });
        });
    }
}
