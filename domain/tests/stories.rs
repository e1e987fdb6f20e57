//! The stories that Vorrang is about, told on pure machines.

mod support;

use domain::agent::{self, Active, Calls, Presence, Reason};
use domain::chat::{self, Ending, Event, ParkedBy, State};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId};
use domain::queue::Outcome;
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal, call};
use support::{QUEUE, World};

const ANNA: AgentId = AgentId(1);
const BEN: AgentId = AgentId(2);

fn active(agent: AgentId) -> State {
    State::Active { agent }
}

fn waits(world: &World, item: ItemId) -> bool {
    world.queues[&QUEUE].get(item).is_some()
}

#[test]
fn a_call_preempts_a_chat_and_the_chat_is_resumed_when_it_is_over() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    assert_eq!(world.c(chat).state(), active(ANNA));
    world.pass(10);
    let call = world.arrive(1);
    assert_eq!(world.c(chat).state(), active(ANNA), "while it only rings the chat goes on");
    world.pass(5);
    world.answer(ANNA);
    let since = world.now;
    assert_eq!(world.c(chat).state(), State::Parked { agent: ANNA, by: ParkedBy::Call(call), since });
    world.pass(100);
    assert_eq!(world.c(chat).handling().spent_until(world.now), Span::seconds(15));
    world.caller_hangs_up(call);
    assert_eq!(world.c(chat).state(), active(ANNA));
    world.pass(3);
    assert_eq!(world.c(chat).handling().spent_until(world.now), Span::seconds(18));
    assert_eq!(world.a(ANNA).call_wrap_ups().len(), 1, "the call's own wrap-up waits parked");
}

#[test]
fn a_free_agent_gets_the_call_before_a_chatting_one() {
    let mut world = World::with_agents(2);
    world.chatting(ANNA, 1);
    world.pass(1000);
    world.arrive(1);
    assert!(world.ringing.contains_key(&BEN) && !world.ringing.contains_key(&ANNA));
}

#[test]
fn a_call_that_is_not_answered_leaves_the_chat_alone_and_blocks_further_calls() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    let before = world.chat_events.len();
    world.pass(20);
    assert_eq!(world.a(ANNA).calls(), Calls::Blocked { until: None });
    assert_eq!(world.chat_events.len(), before, "the chat never heard of it");
    assert_eq!(world.c(chat).state(), active(ANNA));
    assert!(waits(&world, ItemId::Call(call)) && world.ringing.is_empty());
    assert_eq!(world.outcomes.iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), [Outcome::NoAnswer]);
    world.agent(ANNA, agent::Command::LogIn).unwrap();
    assert!(world.ringing.contains_key(&ANNA), "back at work, the call that waits rings again");
}

#[test]
fn an_idle_agent_who_misses_a_call_is_unavailable_until_they_come_back() {
    let mut world = World::with_agents(1);
    world.arrive(1);
    world.pass(20);
    assert_eq!(world.a(ANNA).presence(), Presence::Unavailable { reason: Reason::Missed, until: None });
    world.pass(1000);
    assert!(world.ringing.is_empty());
}

#[test]
fn a_declined_call_asks_the_next_agent_and_this_one_again_after_a_minute() {
    let mut world = World::with_agents(2);
    world.chatting(ANNA, 1);
    let call = world.arrive(1);
    let offer = world.ringing[&BEN];
    world.agent(BEN, agent::Command::Decline { offer }).unwrap();
    assert!(world.ringing.contains_key(&ANNA));
    world.pass(20);
    assert!(world.ringing.is_empty() && waits(&world, ItemId::Call(call)));
    world.pass(39);
    assert!(world.ringing.is_empty());
    world.pass(1);
    assert!(world.ringing.contains_key(&BEN));
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_touches_no_chat() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    world.caller_hangs_up(call);
    assert!(world.ringing.is_empty() && world.a(ANNA).reservation().is_none());
    assert_eq!(world.a(ANNA).calls(), Calls::Open);
    assert_eq!(world.c(chat).state(), active(ANNA));
    assert!(!waits(&world, ItemId::Call(call)));
}

#[test]
fn a_visitor_who_leaves_during_the_call_leaves_a_wrap_up_for_after_it() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    world.answer(ANNA);
    world.pass(10);
    world.chat(chat, chat::Command::Leave).unwrap();
    assert!(matches!(world.c(chat).state(), State::WrapUp { parked_since: Some(_), .. }));
    world.pass(100);
    world.caller_hangs_up(call);
    assert!(matches!(world.c(chat).state(), State::WrapUp { parked_since: None, .. }));
    assert_eq!(world.a(ANNA).active(), Some(Active::Chat(chat)));
    world.pass(60);
    assert_eq!(world.c(chat).state(), State::Closed { ended_by: Ending::Visitor });
    assert_eq!(world.a(ANNA).active(), None);
}

#[test]
fn of_two_calls_at_once_one_rings_at_the_only_agent_and_the_other_waits() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    let (first, second) = (world.arrive(1), world.arrive(2));
    assert_eq!(world.ringing[&ANNA].call, first);
    world.answer(ANNA);
    assert!(waits(&world, ItemId::Call(second)));
    world.caller_hangs_up(first);
    assert_eq!(world.ringing[&ANNA].call, second, "the chat is resumed, and may be interrupted again");
    assert_eq!(world.c(chat).state(), active(ANNA));
}

#[test]
fn an_agent_in_the_wrap_up_of_a_chat_gets_no_call_until_it_is_done() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    world.chat(chat, chat::Command::End { agent: ANNA }).unwrap();
    world.arrive(1);
    assert!(world.ringing.is_empty());
    world.pass(59);
    assert!(world.ringing.is_empty());
    world.pass(1);
    assert!(world.ringing.contains_key(&ANNA));
}

#[test]
fn a_parked_wrap_up_stands_still_and_frees_the_agent() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    world.chat(chat, chat::Command::End { agent: ANNA }).unwrap();
    world.pass(20);
    world.agent(ANNA, agent::Command::Park { chat }).unwrap();
    world.pass(1000);
    world.agent(ANNA, agent::Command::Activate { chat }).unwrap();
    world.pass(39);
    assert!(matches!(world.c(chat).state(), State::WrapUp { .. }));
    world.pass(1);
    assert_eq!(world.c(chat).state(), State::Closed { ended_by: Ending::Agent });
}

#[test]
fn who_logs_out_during_a_call_gives_the_chats_back_at_once_and_finishes_the_call() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    let age = world.c(chat).arrived_at();
    let call = world.arrive(1);
    world.answer(ANNA);
    world.pass(10);
    world.agent(ANNA, agent::Command::LogOut).unwrap();
    assert_eq!(world.a(ANNA).presence(), Presence::LoggingOut);
    assert_eq!(world.c(chat).state(), State::Queued);
    assert_eq!(world.queues[&QUEUE].get(ItemId::Chat(chat)).unwrap().arrived_at, age);
    assert!(matches!(world.calls[&call].state(), call::State::Connected { .. }));
    world.caller_hangs_up(call);
    assert_eq!(world.a(ANNA).presence(), Presence::LoggedOut);
    assert_eq!((world.c(chat).state(), world.a(ANNA).active()), (State::Queued, None));
}

#[test]
fn who_logs_out_while_the_phone_rings_has_missed_nothing() {
    let mut world = World::with_agents(2);
    world.arrive(1);
    world.agent(ANNA, agent::Command::LogOut).unwrap();
    assert!(!world.ringing.contains_key(&ANNA) && world.ringing.contains_key(&BEN));
    assert_eq!(world.outcomes.iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), [Outcome::Withdrawn]);
}

#[test]
fn a_pick_that_crosses_another_agents_pick_is_refused() {
    let mut world = World::with_agents(2);
    let chat = world.request_chat(1);
    let place = world.board.place(ItemId::Chat(chat)).unwrap().1;
    world.pick(ANNA, chat).unwrap();
    world.agent(BEN, agent::Command::Pick { chat, place }).unwrap();
    assert_eq!(world.notices, [(BEN, chat, Refusal::Taken)]);
    assert_eq!(world.a(BEN).inbox().count(), 0);
    assert_eq!(world.c(chat).agent(), Some(ANNA));
}

#[test]
fn a_second_pick_waits_in_the_inbox_and_the_maximum_holds() {
    let mut world = World::with_agents(1);
    let chats: Vec<ChatId> = (1..=4).map(|id| world.request_chat(id)).collect();
    for chat in &chats[..3] {
        world.pick(ANNA, *chat).unwrap();
    }
    assert_eq!(world.c(chats[0]).state(), active(ANNA));
    assert_eq!(world.c(chats[1]).state(), State::Allocated { agent: ANNA });
    assert_eq!(world.pick(ANNA, chats[3]), Err(Refusal::MaximumReached));
    world.agent(ANNA, agent::Command::Activate { chat: chats[1] }).unwrap();
    assert!(matches!(world.c(chats[0]).state(), State::Parked { by: ParkedBy::Agent, .. }));
}

#[test]
fn a_busy_phone_is_no_miss_and_an_unreachable_one_waits_for_its_registration() {
    let mut world = World::with_agents(2);
    world.arrive(1);
    world.phone_fails(ANNA, Outcome::Busy);
    assert!(world.ringing.contains_key(&BEN));
    world.phone_fails(BEN, Outcome::Unreachable);
    assert_eq!(world.a(BEN).calls(), Calls::PhoneLost);
    world.pass(15);
    assert!(world.ringing.contains_key(&ANNA));
    world.agent(BEN, agent::Command::PhoneRegistered).unwrap();
    assert_eq!(world.a(BEN).calls(), Calls::Open);
}

#[test]
fn a_phone_that_hangs_up_before_the_word_came_loses_no_caller() {
    let mut world = World::with_agents(2);
    let call = world.arrive(1);
    let offer = world.ringing[&ANNA];
    world.call(call, call::Command::PhoneHungUp { offer }).unwrap();
    assert!(world.ringing.contains_key(&BEN), "the next one is asked at once");
}

#[test]
fn a_visitor_who_does_not_come_back_ends_the_chat_later_if_a_call_pushed_it_aside() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    world.chat(chat, chat::Command::VisitorLost).unwrap();
    world.arrive(1);
    world.answer(ANNA);
    world.pass(299);
    assert!(matches!(world.c(chat).state(), State::Parked { .. }));
    world.pass(1);
    assert!(matches!(world.c(chat).state(), State::WrapUp { ended_by: Ending::VisitorTimeout, .. }));
}

#[test]
fn a_browser_that_is_gone_shields_its_agent_then_gives_the_chats_back() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    world.agent(ANNA, agent::Command::BrowserLost).unwrap();
    world.arrive(1);
    assert!(world.ringing.is_empty());
    world.pass(60);
    assert_eq!(world.a(ANNA).presence(), Presence::Unavailable { reason: Reason::ConnectionLost, until: None });
    world.pass(239);
    assert_eq!(world.c(chat).state(), active(ANNA));
    world.pass(1);
    assert_eq!((world.c(chat).state(), world.a(ANNA).presence()), (State::Queued, Presence::LoggedOut));
}

#[test]
fn a_due_resume_waits_for_the_browser() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    world.answer(ANNA);
    world.agent(ANNA, agent::Command::BrowserLost).unwrap();
    world.caller_hangs_up(call);
    assert!(matches!(world.c(chat).state(), State::Parked { .. }));
    world.agent(ANNA, agent::Command::BrowserBack).unwrap();
    assert_eq!(world.c(chat).state(), active(ANNA));
}

#[test]
fn downtime_does_not_count_on_clocks() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    world.pass(10);
    let down_since = world.now;
    world.now = world.now + Span::seconds(500);
    world.chat(chat, chat::Command::Restarted { down_since }).unwrap();
    world.pass(2);
    assert_eq!(world.c(chat).handling().spent_until(world.now), Span::seconds(12));
}

#[test]
fn messages_are_numbered_and_only_those_in_the_chat_may_write() {
    let mut world = World::with_agents(2);
    let chat = world.chatting(ANNA, 1);
    let say = |author, command| chat::Command::Say { author, client: "tab".into(), command };
    world.chat(chat, say(chat::Author::Visitor, 1)).unwrap();
    world.chat(chat, say(chat::Author::Agent(ANNA), 1)).unwrap();
    assert_eq!(world.chat(chat, say(chat::Author::Agent(BEN), 1)), Err(Refusal::NotYours));
    world.agent(ANNA, agent::Command::Park { chat }).unwrap();
    assert_eq!(world.chat(chat, say(chat::Author::Agent(ANNA), 2)), Err(Refusal::WrongState));
    world.chat(chat, say(chat::Author::Visitor, 2)).unwrap();
    let numbers: Vec<u32> = world
        .chat_events
        .iter()
        .filter_map(|(_, event)| if let Event::Said { number, .. } = event { Some(*number) } else { None })
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn who_turns_to_another_chat_before_the_pushed_aside_one_came_back_has_put_it_aside() {
    let mut world = World::with_agents(1);
    let other = world.chatting(ANNA, 2);
    world.agent(ANNA, agent::Command::Park { chat: other }).unwrap();
    let pushed_aside = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    world.answer(ANNA);
    world.agent(ANNA, agent::Command::BrowserLost).unwrap();
    world.caller_hangs_up(call);
    world.agent(ANNA, agent::Command::Activate { chat: other }).unwrap();
    world.agent(ANNA, agent::Command::BrowserBack).unwrap();
    assert_eq!((world.c(other).state(), world.a(ANNA).preempted()), (active(ANNA), None));
    assert!(matches!(world.c(pushed_aside).state(), State::Parked { by: ParkedBy::Agent, .. }));
    world.agent(ANNA, agent::Command::Activate { chat: pushed_aside }).unwrap();
    assert_eq!(world.c(pushed_aside).state(), active(ANNA));
}

#[test]
fn a_pick_that_comes_while_the_browser_is_gone_does_not_overtake_the_chat_that_waits_for_it() {
    let mut world = World::with_agents(1);
    let pushed_aside = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    world.answer(ANNA);
    world.agent(ANNA, agent::Command::BrowserLost).unwrap();
    world.caller_hangs_up(call);
    let picked = world.request_chat(2);
    world.pick(ANNA, picked).unwrap();
    assert_eq!(world.c(picked).state(), State::Allocated { agent: ANNA });
    world.agent(ANNA, agent::Command::BrowserBack).unwrap();
    assert_eq!(world.c(pushed_aside).state(), active(ANNA));
}

#[test]
fn two_things_that_are_due_at_the_same_time_both_happen() {
    let mut world = World::with_agents(1);
    let call = world.arrive(1);
    world.answer(ANNA);
    world.agent(ANNA, agent::Command::BrowserLost).unwrap();
    world.pass(30);
    world.caller_hangs_up(call);
    let deadline = world.a(ANNA).deadline().unwrap();
    assert_eq!(deadline, world.now + Span::seconds(30), "of the wrap-up and of the browser's grace");
    world.now = deadline;
    world.agent(ANNA, agent::Command::Due(deadline)).unwrap();
    assert_eq!(world.a(ANNA).active(), None);
    assert_eq!(world.a(ANNA).presence(), Presence::Unavailable { reason: Reason::ConnectionLost, until: None });
}

#[test]
fn a_browser_given_up_within_its_grace_logs_out_once_while_a_call_goes_on() {
    let mut world = World::with_agents(1);
    let settings = agent::Settings { browser_gone: Span::seconds(40), ..world.a(ANNA).settings().clone() };
    world.agent(ANNA, agent::Command::Configure { id: ANNA, settings }).unwrap();
    world.arrive(1);
    world.answer(ANNA);
    world.agent(ANNA, agent::Command::BrowserLost).unwrap();
    world.pass(1000);
    assert_eq!((world.a(ANNA).presence(), world.a(ANNA).deadline()), (Presence::LoggingOut, None));
}

#[test]
fn a_newer_ring_stops_the_older_one_whose_end_is_still_on_its_way() {
    let (mut call, id) = (call::Call::default(), CallId(1));
    let offer = |agent, attempt| OfferId { call: id, agent, attempt };
    let (older, newer) = (offer(ANNA, 1), offer(BEN, 2));
    for command in [
        call::Command::Arrive { id, queue: QUEUE },
        call::Command::Ring { offer: older },
        call::Command::Ring { offer: newer },
        call::Command::StopRinging { offer: older },
    ] {
        for event in call.decide(Timestamp(0), &command).unwrap() {
            call.apply(&event);
        }
    }
    assert_eq!(call.state(), call::State::Ringing { offer: newer });
}

#[test]
fn among_chatting_agents_the_one_whose_visitor_waits_is_interrupted_last() {
    let mut world = World::with_agents(2);
    let (annas, bens) = (world.chatting(ANNA, 1), world.chatting(BEN, 2));
    let say = |author, command| chat::Command::Say { author, client: "tab".into(), command };
    for chat in [annas, bens] {
        world.chat(chat, say(chat::Author::Visitor, 1)).unwrap();
    }
    world.chat(bens, say(chat::Author::Agent(BEN), 2)).unwrap();
    world.arrive(1);
    assert!(world.ringing.contains_key(&BEN), "Ben has answered: it is his visitor's turn");
}

#[test]
fn among_equal_chats_the_one_that_was_interrupted_least_is_interrupted_next() {
    let mut world = World::with_agents(2);
    let (annas, bens) = (world.chatting(ANNA, 1), world.chatting(BEN, 2));
    for call in 1..=3 {
        let call = world.arrive(call);
        let rung = *world.ringing.keys().next().unwrap();
        world.answer(rung);
        world.pass(5);
        world.caller_hangs_up(call);
        world.pass(5);
    }
    let mut preemptions = [world.c(annas).preemptions(), world.c(bens).preemptions()];
    preemptions.sort_unstable();
    assert_eq!(preemptions, [1, 2]);
}

#[test]
fn a_chat_of_an_exclusive_queue_is_never_interrupted() {
    let mut world = World::with_agents(1);
    world.exclusive = true;
    let chat = world.chatting(ANNA, 1);
    let call = world.arrive(1);
    assert!(world.ringing.is_empty() && waits(&world, ItemId::Call(call)));
    world.agent(ANNA, agent::Command::Park { chat }).unwrap();
    assert!(world.ringing.contains_key(&ANNA), "once it is put aside the agent is free");
}

#[test]
fn a_wrap_up_can_be_extended_three_times_by_a_minute() {
    let mut world = World::with_agents(1);
    let chat = world.chatting(ANNA, 1);
    world.chat(chat, chat::Command::End { agent: ANNA }).unwrap();
    for _ in 0..3 {
        world.chat(chat, chat::Command::ExtendWrapUp { agent: ANNA }).unwrap();
    }
    assert_eq!(world.chat(chat, chat::Command::ExtendWrapUp { agent: ANNA }), Err(Refusal::WrongState));
    world.pass(239);
    assert!(matches!(world.c(chat).state(), State::WrapUp { .. }));
    world.pass(1);
    assert_eq!(world.c(chat).state(), State::Closed { ended_by: Ending::Agent });
}
