//! How visitors liked their chats, once these are over. It is kept beside the record and decides nothing, so no machine knows of it.

use super::browser::not_read;
use super::floor::{Floor, FloorAnswer, ReplyTo};
use super::ids::{Numbered, Party};
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
        self.when_loaded::<Chat>(id, move |floor, _| {
            let is_over = |chat: &Chat| match chat.state() {
                State::WrapUp { .. } | State::WrapUpQueued { .. } | State::Closed { .. } => true,
                State::New | State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. } => {
                    false
                }
            };
            match floor.chats().look(id, is_over) {
                Some(true) => {}
                Some(false) => return reply.answer(Err(Refusal::WrongState.into())),
                None => return reply.answer(Err(not_read())),
            }
            floor.ask(floor.store().rated(Party::Chat(id).number(), text), move |_, kept| {
                let failed = || Problem::new(Code::Unavailable, "the daemon cannot store anything right now");
                reply.answer(kept.map(|()| FloorAnswer::Done).map_err(|_| failed()));
            });
        });
    }
}
