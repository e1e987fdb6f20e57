//! What the machines say that may be done, against what they refuse, in every state of their tables.

use crate::chat::{elsewhere, say};
use crate::{State, Tabled, Variants};
use domain::agent::Agent;
use domain::call::Call;
use domain::chat::{Author, Chat, Recipient};
use domain::id::{AgentId, CallId, ChatId, ItemId, QueueId, TaskId};
use domain::task::Task;
use domain::{Machine, Refusal, agent, call, chat, task};
use std::collections::{BTreeMap, BTreeSet};

/// What was answered, by command: a comparison that only ever saw one answer would show nothing.
type Seen = BTreeMap<&'static str, BTreeSet<String>>;

/// A command of which nothing comes is refused for a screen: its button would do nothing.
fn compare<M: Tabled>(seen: &mut Seen, state: &State<M>, may: Result<(), Refusal>, command: &M::Command) {
    let decided = state.machine.decide(state.now, command);
    let comes = decided.and_then(|events| if events.is_empty() { Err(Refusal::WrongState) } else { Ok(()) });
    assert_eq!(may, comes, "{}: {command:?}", state.name);
    seen.entry(command.variant()).or_default().insert(format!("{may:?}"));
}

fn answers(seen: &Seen) -> Vec<(&'static str, Vec<&str>)> {
    seen.iter().map(|(command, answers)| (*command, answers.iter().map(String::as_str).collect())).collect()
}

#[test]
fn what_may_be_done_with_a_chat_is_what_is_not_refused() {
    let mut seen = Seen::new();
    for state in Chat::states() {
        let chat = &state.machine;
        for agent in [AgentId(1), AgentId(2)] {
            let author = Author::Agent(agent);
            let to_queue = chat::Command::Transfer { agent, to: Recipient::Queue(elsewhere()) };
            let to_agent = chat::Command::Transfer { agent, to: Recipient::Agent(AgentId(3)) };
            compare(&mut seen, &state, chat.may_say(author), &say(author));
            compare(&mut seen, &state, chat.may_transfer(agent), &to_queue);
            compare(&mut seen, &state, chat.may_transfer_to_agent(agent), &to_agent);
            compare(&mut seen, &state, chat.may_end(agent), &chat::Command::End { agent });
            compare(&mut seen, &state, chat.may_finish(agent), &chat::Command::FinishWrapUp { agent });
        }
        compare(&mut seen, &state, chat.may_say(Author::Visitor), &say(Author::Visitor));
    }
    let all = vec!["Err(NotYours)", "Err(WrongState)", "Ok(())"];
    let of_say = vec!["Err(ChatOver)", "Err(NotYours)", "Err(WrongState)", "Ok(())"];
    assert_eq!(
        answers(&seen),
        [("End", all.clone()), ("FinishWrapUp", all.clone()), ("Say", of_say), ("Transfer", all)]
    );
}

#[test]
fn what_goes_back_at_a_log_out_is_what_its_agent_is_told() {
    let mut seen = BTreeSet::new();
    for state in Chat::states() {
        let chat = &state.machine;
        let Some(agent) = chat.agent() else { continue };
        let events = chat.decide(state.now, &chat::Command::Release { agent, sequence: u64::MAX }).unwrap();
        let back = matches!(events[..], [chat::Event::Requeued { .. } | chat::Event::WrapUpRequeued { .. }]);
        assert_eq!(chat.goes_back(), back, "{}: {events:?}", state.name);
        seen.insert((matches!(chat.state(), chat::State::WrapUp { .. }), back));
    }
    assert!(
        seen.iter().eq(&[(false, true), (true, false), (true, true)]),
        "conversations go back, wrap-ups as it is set"
    );
}

#[test]
fn what_may_be_done_with_a_task_is_what_is_not_refused() {
    let mut seen = Seen::new();
    for state in Task::states() {
        for agent in [AgentId(1), AgentId(2)] {
            compare(&mut seen, &state, state.machine.may_finish(agent), &task::Command::Finish { agent });
        }
    }
    assert_eq!(answers(&seen), [("Finish", vec!["Err(NotYours)", "Err(WrongState)", "Ok(())"])]);
}

#[test]
fn what_may_be_done_with_a_call_is_what_is_not_refused() {
    let mut seen = Seen::new();
    for state in Call::states() {
        for agent in [AgentId(1), AgentId(2)] {
            let may = state.machine.connected_to(agent).map(|_| ());
            compare(&mut seen, &state, may, &call::Command::HangUp { agent });
            compare(&mut seen, &state, may, &call::Command::Transfer { agent, to: QueueId(2) });
        }
    }
    let answers_of_each = vec!["Err(NotYours)", "Ok(())"];
    assert_eq!(answers(&seen), [("HangUp", answers_of_each.clone()), ("Transfer", answers_of_each)]);
}

#[test]
fn what_an_agent_may_put_aside_or_be_done_with_is_what_is_not_refused() {
    let mut seen = Seen::new();
    let chats = [1, 2, 3, 9].map(|id| ItemId::Chat(ChatId(id)));
    let calls = [1, 2].map(|id| ItemId::Call(CallId(id)));
    for state in Agent::states() {
        let machine = &state.machine;
        for item in chats.into_iter().chain(calls).chain([ItemId::Task(TaskId(1))]) {
            compare(&mut seen, &state, machine.may_park(item), &agent::Command::Park { item });
        }
        for call in [CallId(1), CallId(2)] {
            compare(&mut seen, &state, machine.may_finish(call), &agent::Command::FinishCallWrapUp { call });
        }
    }
    let of_park = vec!["Err(NotYours)", "Err(WrongState)", "Ok(())"];
    assert_eq!(answers(&seen), [("FinishCallWrapUp", vec!["Err(NotYours)", "Ok(())"]), ("Park", of_park)]);
}
