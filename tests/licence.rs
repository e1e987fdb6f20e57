//! What becomes of a company's chats and calls when its licence ends while they go on, or is for fewer people (R1)?

use crate::floor::{ANNA, BEN, QUEUE, Screen, Wishes, apply, chatting, pass, requested, run, say, state};
use crate::licensed;
use domain::agent;
use domain::call;
use domain::chat::State;
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId};
use domain::licence::{self, Licence};
use domain::message::Message;
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};
use std::rc::Rc;
use tokio::sync::oneshot;
use vorrang::actors::floor::{Caller, Floor, VisitorFacts};
use vorrang::actors::wishes::Wish;
use vorrang::protocol::agent::AgentCommand;

/// 2027-01-01T00:00:00Z.
const MIDNIGHT: Timestamp = Timestamp(1_798_761_600_000);
const DAY: Span = Span::seconds(24 * 60 * 60);

fn before(at: Timestamp, span: Span) -> Timestamp {
    Timestamp(at.0 - span.0)
}

/// Until midnight, without grace.
fn until_midnight() -> Licence {
    Licence { until: MIDNIGHT, ..licensed::licence("Alpenrad") }
}

/// Gives the floor's company this licence, as a reload does.
async fn install(floor: &Rc<Floor>, licence: &Licence) {
    let file = format!("[company]\nname = \"Alpenrad\"\nlicence = \"{}\"\n", licensed::issued(licence));
    apply(floor.store(), &file).await;
    floor.reload().await.unwrap();
    floor.idle().await;
}

/// What a visitor's request for a chat comes to.
async fn asked(floor: &Rc<Floor>) -> Result<(), domain::Refusal> {
    let (sender, answered) = oneshot::channel();
    let chat = ChatId(floor.house().ids.next_item());
    floor.chat_requested(chat, QUEUE, VisitorFacts::default(), Box::new(|_, result| _ = sender.send(result)));
    answered.await.unwrap()
}

/// At whose phone a call of this number rings.
async fn rings(floor: &Rc<Floor>, wishes: &Wishes, call: u64) -> Vec<AgentId> {
    floor.call_arrived(CallId(call), QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
    floor.idle().await;
    let rings = |wish| if let Wish::Ring { offer, .. } = wish { Some(offer.agent) } else { None };
    wishes.take().into_iter().filter_map(rings).collect()
}

/// Why no chats come to somebody, as their screen says after all that was sent to it.
async fn chats_off(screen: &Screen) -> Value {
    tokio::task::yield_now().await;
    screen.last("agent")["agent"]["chats_off"].clone()
}

#[test]
fn a_licence_that_ends_at_midnight_lets_chat_and_call_go_on_and_no_other_chat_begin() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = None;
    run(folder.path(), before(MIDNIGHT, Span::seconds(5)), async |floor, wishes| {
        install(&floor, &until_midnight()).await;
        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        let chat = chatting(&floor, ANNA).await;
        floor.tell(Message::Agent { id: BEN, command: agent::Command::LogIn });
        assert_eq!(rings(&floor, &wishes, 77).await, [BEN]);
        let offer = OfferId { call: CallId(77), agent: BEN, attempt: 1 };
        floor.tell(Message::Call { id: CallId(77), command: call::Command::PhoneAnswered { offer } });
        floor.idle().await;
        let talk = |floor: &Rc<Floor>| floor.calls().look(CallId(77), |call| call.connected_to(BEN).is_ok());
        assert_eq!(talk(&floor), Some(true));

        pass(&floor, 4).await;
        let last = requested(&floor).await;
        assert_eq!(chats_off(&screen).await, Value::Null, "a second before");
        pass(&floor, 1).await;
        assert_eq!(floor.licence(), licence::State::Ended { at: MIDNIGHT });
        assert_eq!(chats_off(&screen).await, json!("unlicensed"), "whoever chats is told at that moment");
        assert_eq!(asked(&floor).await, Err(domain::Refusal::Unserved));
        assert_eq!(state(&floor, chat), State::Active { agent: ANNA });
        say(&floor, chat, 1).await;
        assert_eq!(talk(&floor), Some(true));

        // What had begun before is taken, written in and finished; the next call comes through to whoever chats.
        floor.tell(Message::Call { id: CallId(77), command: call::Command::CallerHungUp });
        floor.idle().await;
        floor.tell(Message::Agent { id: BEN, command: agent::Command::FinishCallWrapUp { call: CallId(77) } });
        floor.idle().await;
        let (_, place) = floor.board().borrow().place(ItemId::Chat(last)).unwrap();
        let pick = agent::Command::Pick { item: ItemId::Chat(last), queue: QUEUE, place };
        floor.tell(Message::Agent { id: BEN, command: pick });
        floor.idle().await;
        assert_eq!(state(&floor, last), State::Active { agent: BEN });
        assert_eq!(rings(&floor, &wishes, 78).await.len(), 1, "calls are never touched");
        kept = Some(chat);
    });

    // The system's clock was set back by a day while the daemon was down.
    run(folder.path(), before(MIDNIGHT, DAY), async |floor, wishes| {
        assert!(floor.now() >= MIDNIGHT, "the journal's last time counts");
        assert_eq!(floor.licence(), licence::State::Ended { at: MIDNIGHT });
        assert_eq!(asked(&floor).await, Err(domain::Refusal::Unserved));
        assert!(floor.chats().look(kept.unwrap(), |_| ()).is_some(), "what went on is there");

        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        assert_eq!(screen.snapshot()["agent"]["chats_off"], json!("unlicensed"));
        wishes.take();
        install(&floor, &licensed::licence("Alpenrad")).await;
        assert_eq!(asked(&floor).await, Ok(()), "installed anew: at once");
    });
}

#[test]
fn a_night_in_which_nothing_happens_is_not_brought_back_by_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), before(MIDNIGHT, Span::seconds(2)), async |floor, _| {
        install(&floor, &until_midnight()).await;
        pass(&floor, 3).await;
        assert!(!floor.licence().lets_chats_begin());
    });
    run(folder.path(), before(MIDNIGHT, DAY), async |floor, _| {
        assert_eq!(floor.licence(), licence::State::Ended { at: MIDNIGHT });
        assert_eq!(asked(&floor).await, Err(domain::Refusal::Unserved));
    });
}

#[test]
fn during_its_grace_chats_begin_and_then_they_do_not() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), before(MIDNIGHT, Span::seconds(1)), async |floor, _| {
        install(&floor, &Licence { grace_days: 1, ..until_midnight() }).await;
        pass(&floor, 1).await;
        let ends = MIDNIGHT + DAY;
        assert_eq!(floor.licence(), licence::State::Grace { until: MIDNIGHT, ends });
        assert_eq!(asked(&floor).await, Ok(()));
        floor.house().clock.set(ends);
        assert_eq!(asked(&floor).await, Err(domain::Refusal::Unserved), "also before any timer has run");
    });
}

#[test]
fn a_licence_that_is_there_before_it_begins_holds_from_that_moment_on() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), before(MIDNIGHT, Span::seconds(1)), async |floor, _| {
        let screen = Screen::default();
        install(&floor, &Licence { from: MIDNIGHT, ..licensed::licence("Alpenrad") }).await;
        screen.joins(&floor, ANNA).await;
        assert_eq!(asked(&floor).await, Err(domain::Refusal::Unserved));
        pass(&floor, 1).await;
        assert_eq!(chats_off(&screen).await, Value::Null, "whoever chats is told at that moment");
        assert_eq!(asked(&floor).await, Ok(()));
    });
}

#[test]
fn no_chat_comes_to_agents_beyond_the_number_and_what_they_have_stays_with_them() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, wishes| {
        let (anna, ben) = (Screen::default(), Screen::default());
        anna.joins(&floor, ANNA).await;
        ben.joins(&floor, BEN).await;
        let chat = chatting(&floor, BEN).await;
        install(&floor, &Licence { agents: 1, ..licensed::licence("Alpenrad") }).await;
        // Cleo serves no queue and does not count.
        assert_eq!(floor.agents().look(BEN, |ben| ben.settings().takes_chats()), Some(false));
        assert_eq!(floor.agents().look(ANNA, |anna| anna.settings().takes_chats()), Some(true));
        assert_eq!(chats_off(&ben).await, json!("beyond_licence"));
        assert_eq!(state(&floor, chat), State::Active { agent: BEN });
        say(&floor, chat, 1).await;

        let next = requested(&floor).await;
        let pick = || AgentCommand::Pick { item: vorrang::protocol::agent::ItemRef::Chat { id: next } };
        assert_eq!(ben.command(&floor, BEN, 1, pick()).await.as_deref(), Some("maximum_reached"));
        assert_eq!(rings(&floor, &wishes, 77).await, [BEN], "calls go on");
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogIn });
        floor.idle().await;
        assert_eq!(anna.command(&floor, ANNA, 1, pick()).await, None);

        install(&floor, &Licence { agents: 2, ..licensed::licence("Alpenrad") }).await;
        assert_eq!(floor.agents().look(BEN, |ben| ben.settings().takes_chats()), Some(true), "at once");
    });
}
