//! What comes to a company outside of its opening hours, and what of it changes at the moment when it opens?

use crate::floor::{ANNA, QUEUE, Screen, Wishes, apply, chatting, pass, run, say, state};
use domain::Refusal;
use domain::call;
use domain::chat::State;
use domain::id::{CallId, ChatId, ItemId};
use domain::message::Message;
use domain::routing::Admission;
use domain::time::Timestamp;
use std::rc::Rc;
use tokio::sync::oneshot;
use vorrang::actors::floor::{Caller, Floor, VisitorFacts};
use vorrang::actors::wishes::Wish;

/// Sunday, 29 March 2026, 00:59:55 UTC: five seconds before the clocks in Berlin go from two to three.
const BEFORE_THE_CHANGE: Timestamp = Timestamp(1_774_745_995_000);

/// Gives the floor's company these hours and queues, as a reload does.
async fn set(floor: &Rc<Floor>, text: &str) {
    apply(floor.store(), &format!("[company]\nname = \"Alpenrad\"\n{text}")).await;
    floor.reload().await.unwrap();
    floor.idle().await;
}

/// What a visitor's request for a chat comes to.
async fn asked(floor: &Rc<Floor>) -> Result<(), Refusal> {
    let (sender, answered) = oneshot::channel();
    let chat = ChatId(floor.house().ids.next_item());
    floor.chat_requested(chat, QUEUE, VisitorFacts::default(), Box::new(|_, result| _ = sender.send(result)));
    answered.await.unwrap()
}

/// Whether a caller is turned away.
async fn is_turned_away(floor: &Rc<Floor>, wishes: &Wishes, call: u64) -> bool {
    floor.call_arrived(CallId(call), QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
    floor.idle().await;
    wishes.take().into_iter().any(|wish| matches!(wish, Wish::TurnAway { closed: Some(QUEUE) }))
}

const NIGHTS: &str = "[[hours]]\nname = \"Nights\"\nweek.sun = [\"02:30-06:00\"]\n\
                      [[queue]]\nname = \"Service\"\nhours = \"Nights\"\n";

#[test]
fn a_queue_opens_at_the_moment_at_which_the_clocks_are_changed_and_what_goes_on_outlasts_its_closing() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), BEFORE_THE_CHANGE, async |floor, wishes| {
        set(&floor, NIGHTS).await;
        assert_eq!(asked(&floor).await, Err(Refusal::Unserved));
        assert!(is_turned_away(&floor, &wishes, 71).await);
        pass(&floor, 4).await;
        assert_eq!(asked(&floor).await, Err(Refusal::Unserved), "a second before");
        pass(&floor, 1).await;
        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        let chat = chatting(&floor, ANNA).await;
        assert!(!is_turned_away(&floor, &wishes, 72).await, "half past two never comes: it is open when it is three");

        // Closed for the moment, without a restart: who waits goes on waiting, who chats goes on chatting.
        set(&floor, "[[hours]]\nname = \"Nights\"\nclosed_until = \"2026-03-29T02:00:00Z\"\n").await;
        assert_eq!(asked(&floor).await, Err(Refusal::Unserved));
        assert_eq!(state(&floor, chat), State::Active { agent: ANNA });
        say(&floor, chat, 1).await;
        assert!(floor.board().borrow().place(ItemId::Call(CallId(72))).is_some());
        floor.house().clock.set(Timestamp(BEFORE_THE_CHANGE.0 + 60 * 60_000 + 5_000));
        assert_eq!(asked(&floor).await, Ok(()), "also before any timer has run");
        floor.tell(Message::Call { id: CallId(72), command: call::Command::CallerHungUp });
        floor.idle().await;
    });
    // What became of those who were turned away stands in the journal: read again it is the same, whatever the hours say by now.
    run(folder.path(), BEFORE_THE_CHANGE, async |floor, _| {
        set(&floor, "[[queue]]\nname = \"Service\"\nhours = \"\"\n").await;
        assert_eq!(floor.admission(QUEUE), Admission::Waits(QUEUE));
    });
}

#[test]
fn a_closed_queue_lets_wait_or_overflow_what_it_does_not_refuse() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), BEFORE_THE_CHANGE, async |floor, wishes| {
        let closed = |how: &str| {
            format!(
                "[[queue]]\nname = \"Other\"\n{NIGHTS}closed = \"{how}\"\noverflow = \"Other\"\nunserved = \"refuse\"\n"
            )
        };
        set(&floor, &closed("refuse")).await;
        assert_eq!(floor.admission(QUEUE), Admission::Refused, "its own word comes before the overflow");
        set(&floor, &closed("wait")).await;
        assert_eq!(floor.admission(QUEUE), Admission::Waits(QUEUE), "and before what holds while nobody is there");
        floor.call_arrived(CallId(71), QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.idle().await;
        let wished = wishes.take();
        assert!(matches!(wished[..], [.., Wish::Welcome(place)] if place.closed), "they hear that first: {wished:?}");
        set(&floor, &closed("overflow")).await;
        let Admission::Waits(other) = floor.admission(QUEUE) else { panic!("it overflows") };
        assert_eq!(floor.queue_name(other), "Other");
        set(&floor, "[[queue]]\nname = \"Other\"\nhours = \"Nights\"\n").await;
        assert_eq!(floor.admission(QUEUE), Admission::Refused, "where it overflows is closed, too");
    });
}
