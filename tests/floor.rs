//! Do the stories hold on the real actors, with the real journal behind them? Time is moved by hand.

use crate::licensed;
use actix::{Actor, Context, Handler};
use domain::agent::{self, Agent, Presence};
use domain::call;
use domain::chat::{self, Chat, ParkedBy, State};
use domain::contact::{ContactChange, ContactEntry, Country, Point};
use domain::id::{AgentId, CallId, ChatId, CompanyId, ContactId, ItemId, OfferId, QueueId};
use domain::message::Message;
use domain::time::{Span, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use vorrang::actors::browser::Tab;
use vorrang::actors::floor::{Caller, Committed, Door, Floor, House, VisitorFacts};
use vorrang::actors::ids::{Ids, Numbered, Party};
use vorrang::actors::screens::{Outlet, Push};
use vorrang::actors::wishes::{CallWish, Telephony, Wish};
use vorrang::clock::Clock;
use vorrang::config::{self, Config};
use vorrang::protocol::agent::AgentCommand;
use vorrang::store::{Author, CompanyFile, Content, ContentKind, Store};

const COMPANY: &str = r#"
[company]
name = "Alpenrad"
[[queue]]
name = "Service"
[[agent]]
login_name = "anna"
password = "anna-password"
phone = "anna"
phone_password = "secret-phone"
queues = ["Service"]
[[agent]]
login_name = "ben"
password = "ben-password"
phone = "ben"
phone_password = "secret-phone"
queues = ["Service"]
[[agent]]
login_name = "cleo"
password = "cleo-password"
queues = []
"#;

pub const QUEUE: QueueId = QueueId(1);
pub const ANNA: AgentId = AgentId(1);
pub const BEN: AgentId = AgentId(2);
/// Without a phone, and without a queue.
const CLEO: AgentId = AgentId(3);

#[test]
fn a_call_preempts_a_chat_and_nothing_leaves_before_it_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, wishes| {
        let chat = chatting(&floor, ANNA).await;
        let call = CallId(77);
        floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.idle().await;
        // An INVITE asks and need not wait; a 200 says yes and waits for the disk.
        let wished = wishes.take();
        assert!(matches!(wished[..], [Wish::Ring { .. }, Wish::Welcome(_)]), "{wished:?}");
        assert_eq!(state(&floor, chat), State::Active { agent: ANNA });

        let offer = OfferId { call, agent: ANNA, attempt: 1 };
        floor.tell(Message::Call { id: call, command: call::Command::PhoneAnswered { offer } });
        floor.idle().await;
        assert!(matches!(wishes.take()[..], [Wish::Connect(connected)] if connected == offer));
        let durable = floor.store().journal(Party::Chat(chat).number()).unwrap();
        assert!(durable.last().unwrap().events.contains("parked"), "{durable:?}");
        let since = floor.now();
        assert_eq!(state(&floor, chat), State::Parked { agent: ANNA, by: ParkedBy::Call(call), since });

        pass(&floor, 90).await;
        floor.tell(Message::Call { id: call, command: call::Command::CallerHungUp });
        floor.idle().await;
        assert!(matches!(wishes.take()[..], [Wish::Clear]));
        assert_eq!(state(&floor, chat), State::Active { agent: ANNA });
        pass(&floor, 5).await;
        let spent = floor.chats().look(chat, |chat| chat.handling().spent_until(floor.now())).unwrap();
        assert_eq!(spent, Span::seconds(5), "the clock ran only outside of the call");
    });
}

#[test]
fn whoever_has_the_number_that_calls_is_who_calls_and_is_found_with_the_calls_record() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let points = Some([Point::telephone("030 1234567", Country::DE).unwrap()].into());
        let greta = ContactEntry { name: Some("Greta Kunde".to_owned()), points, ..ContactEntry::default() };
        let author = Author::Operator("test".to_owned());
        floor.store().change_contact(CompanyId(1), ContactChange::Create(greta), author).await.unwrap();
        let (hers, other, withheld) = (CallId(77), CallId(78), CallId(79));
        for (call, number) in [(hers, "+49301234567"), (other, "+49307654321"), (withheld, "")] {
            floor.call_arrived(call, QUEUE, Caller { number, agent: None }, "4930100");
        }
        floor.idle().await;
        let known = |call: CallId| floor.calls().look(call, |call| call.contact()).flatten();
        assert_eq!((known(hers), known(other), known(withheld)), (Some(ContactId(1)), None, None));
        floor.tell(Message::Call { id: hers, command: call::Command::CallerHungUp });
        floor.idle().await;
        let page = floor.store().interactions(CompanyId(1), ContactId(1), None, 10).unwrap().unwrap();
        let found: Vec<_> = page.rows.iter().map(|row| row.actor).collect();
        assert_eq!(found, [Party::Call(hers).number()]);
    });
}

#[test]
fn a_board_that_is_not_what_the_machines_make_is_found() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        chatting(&floor, ANNA).await;
        floor.assert_board();
        floor.board().borrow_mut().see_agent(ANNA, &Agent::default());
        let asserted = catch_unwind(AssertUnwindSafe(|| floor.assert_board()));
        assert!(asserted.is_err(), "nothing is left of what the board knew of Anna");
        floor.agents().look(ANNA, |anna| floor.board().borrow_mut().see_agent(ANNA, anna));
        floor.assert_board();
    });
}

#[test]
fn a_visitor_who_waits_is_told_once_that_somebody_is_there_and_once_that_nobody_is_any_more() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = requested(&floor).await;
        let screen = Screen::default();
        let tab = Tab {
            socket: 900,
            to: Outlet::new(screen.clone().start().recipient(), Arc::default()),
            client: "a visitor".into(),
        };
        floor.visitor_joined(chat, QUEUE, VisitorFacts::default(), tab, 0);
        floor.idle().await;
        tokio::task::yield_now().await;
        assert_eq!(screen.staffed(), [false], "nobody is at work");
        let steps = [
            (ANNA, agent::Command::LogIn, &[false, true][..], "the first one comes"),
            (BEN, agent::Command::LogIn, &[false, true], "another one is no news"),
            (ANNA, agent::Command::LogOut, &[false, true], "one is left"),
            (BEN, agent::Command::LogOut, &[false, true, false], "the last one goes"),
            (ANNA, agent::Command::LogIn, &[false, true, false, true], "and somebody is back"),
        ];
        for (agent, command, told, why) in steps {
            floor.tell(Message::Agent { id: agent, command });
            floor.idle().await;
            tokio::task::yield_now().await;
            assert_eq!(screen.staffed(), told, "{why}");
        }
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogOut });
        pass(&floor, 1).await;
        let late = requested(&floor).await;
        let other = Screen::default();
        let tab = Tab {
            socket: 901,
            to: Outlet::new(other.clone().start().recipient(), Arc::default()),
            client: "another".into(),
        };
        floor.visitor_joined(late, QUEUE, VisitorFacts::default(), tab, 0);
        floor.idle().await;
        tokio::task::yield_now().await;
        assert_eq!(
            (other.staffed(), screen.staffed().last()),
            (vec![false], Some(&false)),
            "who comes later knows it too"
        );
    });
}

#[test]
fn a_phone_that_is_not_answered_stops_ringing_when_its_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, wishes| {
        let chat = chatting(&floor, ANNA).await;
        floor.call_arrived(CallId(77), QUEUE, Caller { number: "", agent: None }, "4930100");
        floor.idle().await;
        wishes.take();
        pass(&floor, 19).await;
        assert!(wishes.take().is_empty());
        pass(&floor, 1).await;
        assert!(matches!(wishes.take()[..], [Wish::StopRinging(_)]));
        assert_eq!(state(&floor, chat), State::Active { agent: ANNA });
        assert!(floor.queues().look(QUEUE, |queue| queue.get(ItemId::Call(CallId(77))).is_some()).unwrap());
    });
}

#[test]
fn a_browser_that_is_back_before_its_old_connection_ends_was_never_gone() {
    for client in ["tab-of-anna-1", "tab-of-anna-2"] {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), Timestamp(1_000_000), async |floor, _| {
            chatting(&floor, ANNA).await;
            let (first, second) = (Screen::default(), Screen::default());
            let tab = |socket, screen: &Screen, client: &str| Tab {
                socket,
                to: Outlet::new(screen.clone().start().recipient(), Arc::default()),
                client: client.to_owned(),
            };
            floor.agent_joined(ANNA, tab(1, &first, "tab-of-anna-1"));
            floor.idle().await;
            floor.agent_joined(ANNA, tab(2, &second, client));
            floor.agent_left(ANNA, 1);
            floor.idle().await;
            tokio::task::yield_now().await;
            assert_eq!(second.snapshot()["type"], "snapshot", "{client}");
            let browser = || floor.agents().look(ANNA, Agent::browser);
            assert_eq!(browser(), Some(agent::Browser::Online), "{client}");
            // The control: the last one's going is noticed. One that opened earlier takes nothing over.
            floor.agent_joined(ANNA, tab(1, &first, client));
            floor.agent_left(ANNA, 1);
            floor.agent_left(ANNA, 2);
            floor.idle().await;
            assert!(matches!(browser(), Some(agent::Browser::Grace { .. })), "{client}");
        });
    }
}

#[test]
fn after_a_restart_the_call_is_over_and_the_chat_waits_for_its_agents_browser() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        pass(&floor, 30).await;
        let call = CallId(floor.house().ids.next_item());
        floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.idle().await;
        let offer = OfferId { call, agent: ANNA, attempt: 1 };
        floor.tell(Message::Call { id: call, command: call::Command::PhoneAnswered { offer } });
        floor.idle().await;
        sender.send(chat).unwrap();
        // The daemon is gone without a word.
    });
    let chat = received.recv().unwrap();
    run(folder.path(), Timestamp(9_000_000), async |floor, wishes| {
        floor.idle().await;
        assert!(matches!(wishes.take()[..], [Wish::ClearStored(_)]), "both legs are ended from stored facts");
        assert!(matches!(state(&floor, chat), State::Parked { .. }));
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::BrowserBack });
        floor.idle().await;
        assert_eq!(state(&floor, chat), State::Active { agent: ANNA });
        pass(&floor, 2).await;
        let spent = floor.chats().look(chat, |chat| chat.handling().spent_until(floor.now())).unwrap();
        assert_eq!(spent, Span::seconds(32), "neither the call nor the downtime counts");
    });
}

#[test]
fn after_a_restart_nobody_comes_back_and_the_chat_waits_in_its_queue_again() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        sender.send(chatting(&floor, ANNA).await).unwrap();
    });
    let chat = received.recv().unwrap();
    run(folder.path(), Timestamp(9_000_000), async |floor, _| {
        floor.tell(Message::Chat { id: chat, command: chat::Command::VisitorBack });
        pass(&floor, 300).await;
        assert_eq!(state(&floor, chat), State::Queued);
        assert_eq!(floor.agents().look(ANNA, Agent::presence), Some(Presence::LoggedOut));
        let arrived_at = floor.queues().look(QUEUE, |queue| queue.get(ItemId::Chat(chat)).unwrap().arrival.arrived_at);
        assert!(arrived_at.unwrap() < Timestamp(2_000_000), "with its age");
    });
}

#[test]
fn the_free_agent_is_asked_before_the_chatting_one() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, wishes| {
        chatting(&floor, ANNA).await;
        floor.tell(Message::Agent { id: BEN, command: agent::Command::LogIn });
        floor.idle().await;
        floor.call_arrived(CallId(77), QUEUE, Caller { number: "", agent: None }, "4930100");
        floor.idle().await;
        let wishes = wishes.take();
        assert!(matches!(wishes[..], [Wish::Ring { offer, .. }, Wish::Welcome(_)] if offer.agent == BEN), "{wishes:?}");
    });
}

#[test]
fn a_repeated_command_of_a_client_is_done_once_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        say(&floor, chat, 1).await;
        say(&floor, chat, 1).await;
        say(&floor, chat, 2).await;
        assert_eq!(floor.chats().look(chat, Chat::messages), Some(2));
        sender.send(chat).unwrap();
    });
    let chat = received.recv().unwrap();
    run(folder.path(), Timestamp(2_000_000), async |floor, _| {
        say(&floor, chat, 2).await;
        say(&floor, chat, 3).await;
        assert_eq!(floor.chats().look(chat, Chat::messages), Some(3));
    });
}

#[test]
fn what_was_refused_is_refused_again_even_after_a_later_command_was_done() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        let end = |command, agent| {
            let cause = vorrang::store::Cause::Client { client: "tab".into(), command, digest: 0 };
            client_command(&floor, chat, chat::Command::End { agent }, cause)
        };
        assert_eq!(end(1, BEN).await, Err(domain::Refusal::NotYours));
        assert_eq!(end(2, ANNA).await, Ok(()));
        assert_eq!(end(1, BEN).await, Err(domain::Refusal::NotYours));
        assert_eq!(end(2, ANNA).await, Ok(()));
    });
}

#[test]
fn what_was_refused_is_never_answered_with_yes_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    let end = async |floor: &Rc<Floor>, chat, command, agent| {
        let cause = vorrang::store::Cause::Client { client: "tab".into(), command, digest: command };
        client_command(floor, chat, chat::Command::End { agent }, cause).await
    };
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        assert_eq!(end(&floor, chat, 1, BEN).await, Err(domain::Refusal::NotYours));
        assert_eq!(end(&floor, chat, 2, ANNA).await, Ok(()));
        sender.send(chat).unwrap();
    });
    let chat = received.recv().unwrap();
    run(folder.path(), Timestamp(2_000_000), async |floor, _| {
        assert_eq!(end(&floor, chat, 1, BEN).await, Err(domain::Refusal::NotYours));
        assert_eq!(end(&floor, chat, 2, ANNA).await, Ok(()), "the control: what was done was done");
    });
}

#[test]
fn a_number_that_comes_again_with_another_text_is_refused_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    let say = async |floor: &Rc<Floor>, chat, command, digest| {
        let cause = vorrang::store::Cause::Client { client: "tab".into(), command, digest };
        let say = chat::Command::Say { author: chat::Author::Visitor, client: "tab".into(), command };
        client_command(floor, chat, say, cause).await
    };
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        for command in 1..=400 {
            assert_eq!(say(&floor, chat, command, 7).await, Ok(()));
        }
        assert_eq!(say(&floor, chat, 399, 8).await, Err(domain::Refusal::NumberTaken));
        assert_eq!(say(&floor, chat, 399, 7).await, Ok(()));
        sender.send(chat).unwrap();
    });
    let chat = received.recv().unwrap();
    run(folder.path(), Timestamp(2_000_000), async |floor, _| {
        for (command, digest, answer) in [
            (400, 8, Err(domain::Refusal::NumberTaken)),
            (200, 8, Err(domain::Refusal::NumberTaken)),
            (1, 7, Err(domain::Refusal::NumberTaken)),
            (200, 7, Ok(())),
            (400, 7, Ok(())),
        ] {
            assert_eq!(say(&floor, chat, command, digest).await, answer, "{command} {digest}");
        }
        assert_eq!(floor.chats().look(chat, Chat::messages), Some(400));
        assert_eq!(say(&floor, chat, 401, 7).await, Ok(()));
        assert_eq!(floor.chats().look(chat, Chat::messages), Some(401), "the control: a new one is done");
    });
}

#[test]
fn no_text_and_no_number_stands_in_the_events() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        say(&floor, chat, 1).await;
        let call = CallId(floor.house().ids.next_item());
        floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.idle().await;
        let rows = floor.store().live_journal(CompanyId(1)).unwrap();
        assert!(rows.iter().any(|row| row.events.contains("said")), "the control: events are looked at");
        for row in rows {
            for private in ["message 1", "+49301234", "alpenrad.example"] {
                assert!(!row.events.contains(private), "{}", row.events);
            }
        }
    });
}

#[test]
fn a_queue_shows_how_its_chats_begin_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        let chat = requested(&floor).await;
        say(&floor, chat, 1).await;
        say(&floor, chat, 2).await;
        let lines: Vec<_> = screen.waiting().iter().map(|item| item["first_line"].clone()).collect();
        assert_eq!(lines, [serde_json::Value::Null, "message 1".into()], "one frame for it, and none for what follows");
    });
    run(folder.path(), Timestamp(2_000_000), async |floor, _| {
        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        let snapshot = screen.snapshot();
        let item = &snapshot["queues"][0]["waiting"][0];
        let shown = [&item["first_line"], &item["language"], &item["who"]];
        assert_eq!(shown, ["message 1", "de", "https://alpenrad.example/"], "{snapshot}");
    });
}

#[test]
fn a_chat_that_comes_back_shows_its_visitors_first_line_and_not_the_agents() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = std::sync::mpsc::channel();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        for (command, author) in [(1, chat::Author::Agent(ANNA)), (2, chat::Author::Visitor)] {
            floor.envelope::<Chat>(chat, chat::Command::Say { author, client: "tab".into(), command }, |envelope| {
                envelope.text = Some(format!("words {command}\nand more"));
            });
        }
        floor.idle().await;
        sender.send(chat).unwrap();
    });
    let chat = received.recv().unwrap();
    run(folder.path(), Timestamp(2_000_000), async |floor, _| {
        let screen = Screen::default();
        screen.joins(&floor, BEN).await;
        floor.tell(Message::Chat { id: chat, command: chat::Command::VisitorBack });
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogOut });
        floor.idle().await;
        assert_eq!(state(&floor, chat), State::Queued);
        let lines: Vec<_> = screen.waiting().iter().map(|item| item["first_line"].clone()).collect();
        assert_eq!(lines, ["words 2"]);
    });
}

#[test]
fn a_desktop_is_told_what_its_agent_may_pick_where_a_queue_has_a_maximum_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        let mut settings = floor.agents().look(ANNA, |agent| agent.settings().clone()).unwrap();
        (settings.chats_max, settings.chats_max_in) = (1, [(QueueId(7), 2)].into());
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::Configure { id: ANNA, settings } });
        let pick = |may: &serde_json::Value| (may["pick_chat"].clone(), may["pick_chat_in"].clone());
        floor.idle().await;
        assert_eq!(pick(&screen.may()), ("logged_out".into(), serde_json::json!([])));
        let chat = chatting(&floor, ANNA).await;
        let there = serde_json::json!([{ "queue": 7, "pick_chat": null }]);
        assert_eq!(pick(&screen.may()), ("maximum_reached".into(), there));
        assert_eq!(screen.may()["pick_task"], serde_json::Value::Null, "of tasks there is no maximum");
        // Nobody waits in a wrap-up.
        floor.tell(Message::Chat { id: chat, command: chat::Command::Leave });
        floor.idle().await;
        assert_eq!(pick(&screen.may()), (serde_json::Value::Null, serde_json::json!([])));
    });
}

#[test]
fn a_desktop_is_told_what_may_be_done_with_each_item_as_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let screen = Screen::default();
        screen.joins(&floor, ANNA).await;
        let chat = chatting(&floor, ANNA).await;
        let nothing = serde_json::Value::Null;
        let with_chat = || screen.last("chat")["chat"]["may"].clone();
        let all = serde_json::json!({ "say": null, "transfer": null, "transfer_to_agent": null, "end": null });
        assert_eq!(with_chat(), all);
        assert_eq!(screen.may()["park"], serde_json::json!([{ "kind": "chat", "id": chat.0 }]));

        let call = CallId(77);
        floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.idle().await;
        let offer = OfferId { call, agent: ANNA, attempt: 1 };
        floor.tell(Message::Call { id: call, command: call::Command::PhoneAnswered { offer } });
        floor.idle().await;
        let no = "wrong_state";
        let none = serde_json::json!({ "say": no, "transfer": no, "transfer_to_agent": no, "end": no });
        assert_eq!(with_chat(), none, "a call has pushed it aside");
        assert_eq!(screen.last("agent")["agent"]["active"]["hang_up"], nothing, "both talk");
        assert_eq!(screen.may()["park"], serde_json::json!([]), "a call is not put aside");

        floor.tell(Message::Call { id: call, command: call::Command::CallerHungUp });
        floor.idle().await;
        assert_eq!(with_chat(), all);
        floor.tell(Message::Chat { id: chat, command: chat::Command::Leave });
        floor.idle().await;
        assert_eq!(with_chat()["say"], "chat_over");
        assert_eq!(screen.last("chat")["chat"]["wrap_up"]["finish"], nothing);
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::Dialled { call: CallId(78) } });
        floor.idle().await;
        assert_eq!(screen.last("agent")["agent"]["active"]["hang_up"], "not_yours", "they dialled it themselves");
    });
}

#[test]
fn who_has_no_phone_is_not_told_that_it_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let calls_of = async |agent| {
            let screen = Screen::default();
            screen.joins(&floor, agent).await;
            screen.snapshot()["agent"]["calls"].clone()
        };
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::PhoneUnregistered });
        floor.idle().await;
        assert_eq!(calls_of(ANNA).await, serde_json::json!({ "calls": "phone_lost" }));
        assert_eq!(calls_of(CLEO).await, serde_json::json!({ "calls": "no_phone" }));
    });
}

#[test]
fn a_chat_that_is_over_leaves_the_memory_and_still_answers() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        floor.tell(Message::Chat { id: chat, command: chat::Command::End { agent: ANNA } });
        pass(&floor, 60).await;
        floor.idle().await;
        assert!(floor.chats().ids().is_empty(), "{:?}", floor.chats().ids());
        let answer = answered(&floor, chat, chat::Command::End { agent: ANNA }).await;
        assert_eq!(answer, Err(domain::Refusal::NotYours));
        floor.idle().await;
        assert!(floor.chats().ids().is_empty(), "and leaves it again");
    });
}

#[test]
fn what_comes_late_for_a_call_that_is_over_is_written_once_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let call = CallId(floor.house().ids.next_item());
        floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        floor.tell(Message::Call { id: call, command: call::Command::CallerHungUp });
        floor.idle().await;
        assert!(floor.calls().ids().is_empty(), "it left the memory");
        let facts = |number| vec![Content { kind: ContentKind::LegFacts, number, text: "{}".into() }];
        for number in 0..5 {
            floor.keep(call, facts(number));
            // It is handled, and need not be durable, when the next one comes.
            floor.settled().await;
        }
        floor.store().flush(std::time::Duration::from_secs(10)).unwrap();
        let kept = floor.store().contents(Party::Call(call).number(), ContentKind::LegFacts, -1).unwrap();
        assert_eq!(kept.len(), 5);
    });
}

#[test]
fn a_database_that_hangs_delays_no_call_and_nothing_is_lost_or_doubled_on_a_screen() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, wishes| {
        let chat = chatting(&floor, ANNA).await;
        let there = Screen::default();
        there.joins(&floor, ANNA).await;
        says(&floor, chat, 1, "before");
        floor.idle().await;
        wishes.take();

        let hangs = floor.store().hold_reads();
        let (late, gone) = (Screen::default(), Screen::default());
        late.comes(&floor, ANNA, 98);
        gone.comes(&floor, ANNA, 99);
        says(&floor, chat, 2, "meanwhile");
        floor.call_arrived(CallId(77), QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
        while !there.messages().contains(&"meanwhile".to_owned()) {
            tokio::task::yield_now().await;
        }
        let mut wished = vec![];
        while !wished.iter().any(|wish| matches!(wish, Wish::Ring { .. })) {
            wished.extend(wishes.take());
            tokio::task::yield_now().await;
        }
        assert!(late.0.lock().unwrap().is_empty(), "no frame comes before the snapshot");
        floor.agent_left(ANNA, 99);

        drop(hangs);
        floor.idle().await;
        tokio::task::yield_now().await;
        assert_eq!(late.0.lock().unwrap()[0]["type"], "snapshot");
        assert_eq!(late.messages(), ["before", "meanwhile"]);
        assert_eq!(there.messages(), ["before", "meanwhile"]);
    });
}

#[test]
fn a_call_waits_for_the_agent_whom_its_caller_had_last_no_longer_than_callers_notice() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, wishes| {
        let file = COMPANY.replace("name = \"Service\"", "name = \"Service\"\nstrategy = \"sticky\"");
        apply(floor.store(), &file).await;
        floor.reload().await.unwrap();
        for agent in [ANNA, BEN] {
            floor.tell(Message::Agent { id: agent, command: agent::Command::LogIn });
        }
        floor.store().agent_remembered(CompanyId(1), "+49301234", BEN).await.unwrap();
        let caller = Caller { number: "+49301234", agent: None };
        let rings = |wishes: &Wishes| {
            let rings = |wish| if let Wish::Ring { offer, .. } = wish { Some(offer.agent) } else { None };
            wishes.take().into_iter().filter_map(rings).collect::<Vec<_>>()
        };
        floor.call_arrived(CallId(77), QUEUE, caller, "4930100");
        // Whatever happens to it before it has arrived comes behind that.
        floor.call_arrived(CallId(78), QUEUE, caller, "4930100");
        floor.tell(Message::Call { id: CallId(78), command: call::Command::CallerHungUp });
        floor.idle().await;
        assert_eq!(rings(&wishes), [BEN]);
        assert!(floor.calls().look(CallId(78), |_| ()).is_none(), "it is over");
        floor.tell(Message::Call { id: CallId(77), command: call::Command::CallerHungUp });
        floor.idle().await;

        let _hangs = floor.store().hold_reads();
        floor.call_arrived(CallId(79), QUEUE, caller, "4930100");
        let mut rang = vec![];
        while rang.is_empty() {
            rang = rings(&wishes);
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    });
}

/// What the telephony was asked for.
#[derive(Clone, Default)]
pub struct Wishes(Arc<Mutex<Vec<Wish>>>);

impl Wishes {
    pub fn take(&self) -> Vec<Wish> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Actor for Wishes {
    type Context = Context<Self>;
}

impl Handler<CallWish> for Wishes {
    type Result = ();
    fn handle(&mut self, CallWish(_, _, wish): CallWish, _: &mut Self::Context) {
        self.0.lock().unwrap().push(wish);
    }
}

/// A browser tab that keeps what it is sent.
#[derive(Clone, Default)]
pub struct Screen(Arc<Mutex<Vec<serde_json::Value>>>);

impl Actor for Screen {
    type Context = Context<Self>;
}

impl Handler<Push> for Screen {
    type Result = ();
    fn handle(&mut self, push: Push, _: &mut Self::Context) {
        let text = match &push {
            Push::Reply(text) | Push::Snapshot(text) => text,
            Push::Frame(text) => &**text,
            Push::TakenOver => r#"{"type":"taken_over"}"#,
            Push::Over => return,
        };
        self.0.lock().unwrap().push(serde_json::from_str(text).unwrap());
    }
}

impl Screen {
    pub async fn joins(&self, floor: &Rc<Floor>, agent: AgentId) {
        self.comes(floor, agent, agent.0);
        floor.idle().await;
        tokio::task::yield_now().await;
    }

    fn comes(&self, floor: &Rc<Floor>, agent: AgentId, socket: u64) {
        let to = Outlet::new(self.clone().start().recipient(), Arc::default());
        floor.agent_joined(agent, Tab { socket, to, client: format!("desk {socket}") });
    }

    /// What stands in the way of a command of this tab's agent; `None`: nothing, it is done.
    pub async fn command(
        &self,
        floor: &Rc<Floor>,
        agent: AgentId,
        number: u64,
        command: AgentCommand,
    ) -> Option<String> {
        let to = Outlet::new(self.clone().start().recipient(), Arc::default());
        floor.agent_command(agent, Tab { socket: agent.0, to, client: format!("desk {agent}") }, number, command);
        let is_answer = |reply: &serde_json::Value| reply["type"] == "answer" && reply["id"] == number;
        loop {
            floor.idle().await;
            if let Some(answer) = self.0.lock().unwrap().iter().rfind(|reply| is_answer(reply)) {
                return answer["problem"]["code"].as_str().map(str::to_owned);
            }
            tokio::task::yield_now().await;
        }
    }

    /// The texts of a chat's messages, in the order in which they came.
    fn messages(&self) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let of = |push: &serde_json::Value| match (&push["type"], &push["kind"]) {
            (reply, _) if reply == "snapshot" => push["messages"][0]["messages"].as_array().unwrap().clone(),
            (_, frame) if frame == "messages" => push["messages"].as_array().unwrap().clone(),
            (_, frame) if frame == "message" => vec![push["message"].clone()],
            _ => vec![],
        };
        all.iter().flat_map(of).map(|message| message["text"].as_str().unwrap().to_owned()).collect()
    }

    pub fn snapshot(&self) -> serde_json::Value {
        self.0.lock().unwrap().iter().find(|reply| reply["type"] == "snapshot").unwrap().clone()
    }

    /// What the agent may do, as the last frame said.
    pub fn may(&self) -> serde_json::Value {
        self.last("agent")["agent"]["may"].clone()
    }

    /// The last frame of a kind.
    pub fn last(&self, kind: &str) -> serde_json::Value {
        let all = self.0.lock().unwrap();
        all.iter().rfind(|frame| frame["kind"] == kind).unwrap().clone()
    }

    /// Whether somebody is there for the chat, as often as a visitor who waits was told.
    pub fn staffed(&self) -> Vec<bool> {
        let all = self.0.lock().unwrap();
        all.iter().filter_map(|told| told["chat"]["state"]["staffed"].as_bool()).collect()
    }

    /// The items of all frames that showed one in a queue.
    pub fn waiting(&self) -> Vec<serde_json::Value> {
        let all = self.0.lock().unwrap();
        let frames = all.iter().filter(|frame| frame["kind"] == "queue");
        frames.flat_map(|frame| frame["waiting"].as_array().unwrap()).cloned().collect()
    }
}

/// A story that takes longer waits for what does not come.
const STORY_MAX: std::time::Duration = std::time::Duration::from_mins(10);

/// A floor on the database in `folder`, for as long as `story` lasts.
pub fn run(folder: &Path, now: Timestamp, story: impl AsyncFnOnce(Rc<Floor>, Wishes)) {
    run_until(folder, now, u64::MAX, async |floor, wishes| {
        floor.idle().await;
        story(floor, wishes).await;
    });
}

/// The same, with a daemon that dies after so many rows.
pub fn run_until(folder: &Path, now: Timestamp, rows_max: u64, story: impl AsyncFnOnce(Rc<Floor>, Wishes)) {
    let path = folder.join("vorrang.db");
    actix::System::new().block_on(async move {
        let (committed, mut commits) = tokio::sync::mpsc::unbounded_channel();
        let store = Store::open(&path, move |ticket| _ = committed.send(ticket)).unwrap();
        if store.floor(CompanyId(1)).unwrap().is_none() {
            seed(&store).await;
        }
        let clock = Clock::manual(now.max(store.last_timestamp()));
        let ids = Ids::new(store.outbox_base());
        let rows = store.floor(CompanyId(1)).unwrap().unwrap();
        store.die_after(rows_max);
        let house = House { store, clock, ids, config: Arc::new(config()) };
        let wishes = Wishes::default();
        let telephony = Telephony(wishes.clone().start().recipient());
        let floor = Floor::open(house, rows, Some(telephony)).unwrap();
        let door = Door::open(floor.clone());
        actix::spawn(async move {
            while let Some(ticket) = commits.recv().await {
                door.do_send(Committed(ticket));
            }
        });
        tokio::time::timeout(STORY_MAX, story(floor, wishes)).await.expect("what the story waits for comes");
    });
}

/// The usual settings, with the key by which the company has its licence.
fn config() -> Config {
    let mut config = Config::default();
    config.licence.public_key = licensed::public_key().parse().ok();
    config
}

async fn seed(store: &Store) {
    apply(store, &licensed::with_licence(COMPANY)).await;
}

pub async fn apply(store: &Store, company: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("company.toml");
    std::fs::write(&path, company).unwrap();
    let file: CompanyFile = config::read_toml(&path).unwrap();
    let store = store.clone();
    tokio::task::spawn_blocking(move || store.apply(&file, "vorrang").unwrap()).await.unwrap();
}

pub async fn requested(floor: &Rc<Floor>) -> ChatId {
    let chat = ChatId(floor.house().ids.next_item());
    let facts =
        VisitorFacts { page: "https://alpenrad.example/".into(), language: "de".into(), ..VisitorFacts::default() };
    floor.chat_requested(chat, QUEUE, facts, Box::new(|_, result| result.unwrap()));
    floor.idle().await;
    chat
}

/// A visitor's message, of which nobody waits for the answer.
fn says(floor: &Rc<Floor>, chat: ChatId, command: u64, text: &str) {
    let say = chat::Command::Say { author: chat::Author::Visitor, client: "visitor".to_owned(), command };
    floor.envelope::<Chat>(chat, say, |envelope| envelope.text = Some(text.to_owned()));
}

pub async fn chatting(floor: &Rc<Floor>, agent: AgentId) -> ChatId {
    floor.tell(Message::Agent { id: agent, command: agent::Command::LogIn });
    let chat = requested(floor).await;
    let (_, place) = floor.board().borrow().place(ItemId::Chat(chat)).unwrap();
    floor.tell(Message::Agent {
        id: agent,
        command: agent::Command::Pick { item: ItemId::Chat(chat), queue: QUEUE, place },
    });
    floor.idle().await;
    assert_eq!(state(floor, chat), State::Active { agent });
    chat
}

async fn answered(floor: &Rc<Floor>, chat: ChatId, command: chat::Command) -> Result<(), domain::Refusal> {
    client_command(
        floor,
        chat,
        command,
        vorrang::store::Cause::Client { client: "anybody".into(), command: 1, digest: 0 },
    )
    .await
}

pub async fn client_command(
    floor: &Rc<Floor>,
    chat: ChatId,
    command: chat::Command,
    cause: vorrang::store::Cause,
) -> Result<(), domain::Refusal> {
    let (sender, answered) = oneshot::channel();
    floor.envelope::<Chat>(chat, command, |envelope| {
        envelope.cause = Some(cause);
        envelope.reply = Some(Box::new(|_, result| _ = sender.send(result)));
    });
    answered.await.unwrap()
}

pub async fn say(floor: &Rc<Floor>, chat: ChatId, command: u64) {
    let (sender, answered) = oneshot::channel();
    let say = chat::Command::Say { author: chat::Author::Visitor, client: "tab-1".into(), command };
    floor.envelope::<Chat>(chat, say, |envelope| {
        envelope.cause = Some(vorrang::store::Cause::Client { client: "tab-1".into(), command, digest: 0 });
        envelope.text = Some(format!("message {command}"));
        envelope.reply = Some(Box::new(|_, result| _ = sender.send(result)));
    });
    answered.await.unwrap().unwrap();
}

pub async fn pass(floor: &Rc<Floor>, seconds: u64) {
    for _ in 0..seconds {
        floor.house().clock.set(floor.now() + Span::seconds(1));
        floor.run_due();
        floor.idle().await;
    }
}

pub fn state(floor: &Floor, chat: ChatId) -> State {
    floor.chats().look(chat, Chat::state).unwrap()
}
