//! What can hold. Each expectation says what it found when it does not.
//! Nothing here changes anything but what was heard of a refusal.

use super::arguments::{Args, Name};
use super::form::Form;
use super::phones::Ear;
use super::play::{Play, Said};
use super::standing::{on_call, presence, spoken};
use domain::agent::{Calls, Chats, Entry};
use domain::chat::{Alarm, Chat, Visitor};
use domain::id::{AgentId, ItemId};
use domain::phone::Says;
use domain::queue::Outcome;
use domain::routing::Interruption;
use domain::time::Span;
use domain::{call, chat, task};

/// Something that can hold.
pub type Expectation = Form<fn(&mut Play, &mut Args) -> Said>;

/// All that can hold.
pub const EXPECTATIONS: &[Expectation] = &[
    Form {
        words: "<item> waits in <queue>",
        means: |play, args| {
            let item = args.item();
            let expected = format!("waits in {}", play.setup.queue_name(args.queue()));
            stands(play, item, &expected)
        },
    },
    Form { words: "<item> has waited <time>", means: has_waited },
    Form { words: "<item> is inactive with <agent>", means: |play, args| stands_with(play, args, "is inactive with") },
    Form { words: "<item> is active with <agent>", means: |play, args| stands_with(play, args, "is active with") },
    Form { words: "<item> is parked by <agent>", means: |play, args| stands_with(play, args, "is parked by") },
    Form {
        words: "<item> is preempted by <call>",
        means: |play, args| {
            let (item, call) = (args.item(), args.item());
            stands(play, item, &format!("is preempted by {call}"))
        },
    },
    Form { words: "<item> is closed", means: |play, args| stands(play, args.item(), "is closed") },
    Form {
        words: "<item> is of contact <n>",
        means: |play, args| {
            let item = args.item();
            equal(&known(play, item)?, &format!("of contact {}", args.number()))
        },
    },
    Form {
        words: "<item> is of nobody known",
        means: |play, args| equal(&known(play, args.item())?, "of nobody known"),
    },
    Form {
        words: "<item> was ended by <words>",
        means: |play, args| {
            let found = ended_by(play, args.item())?;
            equal(&found, &args.words())
        },
    },
    Form {
        words: "<item> is turned away",
        means: |play, args| refused(play, &format!("{} is turned away", args.item())),
    },
    Form {
        words: "handling of <item> is <time>",
        means: |play, args| {
            let found = handling(play, args.item())?;
            equal_times(found, args.span())
        },
    },
    Form {
        words: "wrap-up of <item> is active with <agent>",
        means: |play, args| wrap_up_stands_with(play, args, "is active with"),
    },
    Form {
        words: "wrap-up of <item> is parked by <agent>",
        means: |play, args| wrap_up_stands_with(play, args, "is parked by"),
    },
    Form {
        words: "wrap-up of <item> waits in <queue>",
        means: |play, args| {
            let found = play.standing_of_wrap_up(args.item(), None)?;
            equal(&found, &format!("waits in {}", play.setup.queue_name(args.queue())))
        },
    },
    Form {
        words: "wrap-up of <item> is over",
        means: |play, args| equal(&play.standing_of_wrap_up(args.item(), None)?, "is over"),
    },
    Form {
        words: "wrap-up of <item> has taken <time>",
        means: |play, args| {
            let found = wrap_up(play, args.item())?;
            equal_times(found, args.span())
        },
    },
    Form { words: "<chat> has <n> messages", means: |play, args| messages(play, args, |chat| chat.messages()) },
    Form { words: "<chat> has <n> notes", means: |play, args| messages(play, args, Chat::notes) },
    Form {
        words: "<chat> has <n> unread",
        means: |play, args| messages(play, args, |chat| chat.messages() - chat.read_up_to()),
    },
    Form { words: "<chat> was preempted <n> times", means: |play, args| messages(play, args, Chat::preemptions) },
    Form { words: "visitor <n> is online", means: |play, args| connection(play, args, "online") },
    Form { words: "visitor <n> is offline", means: |play, args| connection(play, args, "offline") },
    Form {
        words: "visitor <n> is asked whether they are there",
        means: |play, args| asked(play, args, "whether they are there"),
    },
    Form { words: "visitor <n> is asked how to go on", means: |play, args| asked(play, args, "how to go on") },
    Form { words: "visitor <n> is asked nothing", means: |play, args| asked(play, args, "nothing") },
    Form {
        words: "<agent> is reminded of <chat>",
        means: |play, args| {
            let agent = play.setup.agent_name(args.agent()).to_owned();
            alarmed(play, args, &agent)
        },
    },
    Form { words: "the supervisor is alerted to <chat>", means: |play, args| alarmed(play, args, "the supervisor") },
    Form { words: "nobody is alerted to <chat>", means: |play, args| alarmed(play, args, "nobody") },
    Form {
        words: "<agent>'s phone rings",
        means: |play, args| {
            let agent = args.agent();
            equal(&ringing(play, agent), "rings")
        },
    },
    Form {
        words: "<agent>'s phone rings for <call>",
        means: |play, args| {
            let agent = args.agent();
            equal(&ringing_for(play, agent), &format!("rings for {}", args.item()))
        },
    },
    Form { words: "<agent>'s phone is silent", means: |play, args| equal(&ringing(play, args.agent()), "is silent") },
    Form {
        words: "no phone rings",
        means: |play, _| {
            let found: Vec<_> = play.phones.ringing().map(|agent| play.setup.agent_name(agent)).collect();
            if found.is_empty() { Ok(()) } else { Err(format!("that there rings the phone of {}", found.join(", "))) }
        },
    },
    Form { words: "<agent> is on <call>", means: is_on },
    Form { words: "<call> is on hold with <agent>", means: |play, args| stands_with(play, args, "is on hold with") },
    Form { words: "caller <n> hears ringing", means: |play, args| hears(play, args, "ringing") },
    Form { words: "caller <n> hears music", means: |play, args| hears(play, args, "music") },
    Form {
        words: "caller <n> hears <agent>",
        means: |play, args| {
            let caller = args.caller();
            let agent = play.setup.agent_name(args.agent());
            equal(&ear(play, caller)?, agent)
        },
    },
    Form { words: "the legs of <call> are taken down", means: |play, args| equal(&ear(play, args.item())?, "nothing") },
    Form {
        words: "the legs of <call> are taken down from stored facts",
        means: |play, args| equal(&ear(play, args.item())?, "nothing, from stored facts"),
    },
    Form { words: "the offer of <call> to <agent> ended: <words>", means: offer_ended },
    Form {
        words: "<agent> is free",
        means: |play, args| match play.stage.agent(args.agent()).interruption() {
            Ok(Interruption::Nothing) => Ok(()),
            Ok(Interruption::Item(item)) => Err(format!("that a call would interrupt {}", play.name_of(item))),
            Err(obstacle) => Err(format!("that they get no call: {}", spoken(&obstacle))),
        },
    },
    Form {
        words: "<agent> gets no call: <words>",
        means: |play, args| match play.stage.agent(args.agent()).interruption() {
            Ok(_) => Err("that they may get one".to_owned()),
            Err(obstacle) => equal(&spoken(&obstacle), &args.words()),
        },
    },
    Form {
        words: "<agent> gets no chat: <words>",
        means: |play, args| {
            let agent = args.agent();
            let queue = play.serves.get(&agent).and_then(|queues| queues.first()).copied().unwrap_or_default();
            match play.stage.agent(agent).takes_chat(queue) {
                Ok(()) => Err("that they may get one".to_owned()),
                Err(obstacle) => equal(&spoken(&obstacle), &args.words()),
            }
        },
    },
    Form { words: "<agent> is available", means: |play, args| works(play, args.agent(), "is available") },
    Form {
        words: "<agent> has asked for a break",
        means: |play, args| works(play, args.agent(), "has asked for a break"),
    },
    Form { words: "<agent> is on a break", means: |play, args| works(play, args.agent(), "is on a break") },
    Form {
        words: "<agent> is unavailable: <words>",
        means: |play, args| {
            let agent = args.agent();
            works(play, agent, &format!("is unavailable: {}", args.words()))
        },
    },
    Form { words: "<agent> is logging out", means: |play, args| works(play, args.agent(), "is logging out") },
    Form { words: "<agent> is logged out", means: |play, args| works(play, args.agent(), "is logged out") },
    Form {
        words: "<agent> attends to nothing",
        means: |play, args| match play.stage.agent(args.agent()).active() {
            None => Ok(()),
            Some(active) => Err(format!("{active:?}")),
        },
    },
    Form {
        words: "<agent>'s inbox is empty",
        means: |play, args| {
            let items: Vec<_> = play.stage.agent(args.agent()).inbox().map(|(item, _)| play.name_of(item)).collect();
            if items.is_empty() { Ok(()) } else { Err(items.join(", ")) }
        },
    },
    Form { words: "<agent>'s calls are open", means: |play, args| calls_are(play, args.agent(), "open") },
    Form { words: "<agent>'s calls are blocked", means: |play, args| calls_are(play, args.agent(), "blocked") },
    Form {
        words: "<agent>'s calls are blocked for <time>",
        means: |play, args| {
            let agent = args.agent();
            calls_are(play, agent, &format!("blocked for {:?}", args.span()))
        },
    },
    Form { words: "<agent>'s phone is lost", means: |play, args| calls_are(play, args.agent(), "without a phone") },
    Form { words: "<agent>'s chats are open", means: |play, args| chats_are(play, args.agent(), Chats::Open) },
    Form { words: "<agent>'s chats are blocked", means: |play, args| chats_are(play, args.agent(), Chats::Blocked) },
    Form {
        words: "<queue> is empty",
        means: |play, args| {
            let queue = play.stage.queue(args.queue());
            let items: Vec<_> = queue.waiting().map(|(item, _)| play.name_of(item)).collect();
            if items.is_empty() { Ok(()) } else { Err(items.join(", ")) }
        },
    },
    Form { words: "refused: <words>", means: |play, args| refused(play, &format!("refused: {}", args.words())) },
    Form {
        words: "<agent> is told: <words>",
        means: |play, args| {
            let (agent, expected) = (args.agent(), args.words());
            let told = play.notices.iter().filter(|(to, _, _)| *to == agent);
            let told: Vec<_> = told.map(|(_, _, refusal)| refusal.to_string()).collect();
            if told.contains(&expected) { Ok(()) } else { Err(format!("that they were told {told:?}")) }
        },
    },
];

fn equal(found: &str, expected: &str) -> Said {
    if found == expected { Ok(()) } else { Err(format!("`{found}`")) }
}

fn equal_times(found: Span, expected: Span) -> Said {
    if found == expected { Ok(()) } else { Err(format!("{found:?}")) }
}

fn stands(play: &Play, name: Name, expected: &str) -> Said {
    let found = play.standing(name)?;
    if found == expected { Ok(()) } else { Err(format!("`{name} {found}`")) }
}

fn stands_with(play: &Play, args: &mut Args, how: &str) -> Said {
    let item = args.item();
    stands(play, item, &format!("{how} {}", play.setup.agent_name(args.agent())))
}

fn wrap_up_stands_with(play: &Play, args: &mut Args, how: &str) -> Said {
    let (item, agent) = (args.item(), args.agent());
    let found = play.standing_of_wrap_up(item, Some(agent))?;
    equal(&found, &format!("{how} {}", play.setup.agent_name(agent)))
}

fn has_waited(play: &mut Play, args: &mut Args) -> Said {
    let item = play.item(args.item())?;
    let (queue, _) = play.stage.place(item).ok_or("that it waits in no queue")?;
    let queue = play.stage.queue(queue);
    let arrived_at = queue.get(item).ok_or("that its queue does not know it")?.arrival.arrived_at;
    equal_times(play.stage.now() - arrived_at, args.span())
}

fn ended_by(play: &Play, name: Name) -> Result<String, String> {
    let ended_by = match play.item(name)? {
        ItemId::Chat(id) => match play.stage.chat(id).state() {
            chat::State::WrapUp { ended_by, .. }
            | chat::State::WrapUpQueued { ended_by, .. }
            | chat::State::Closed { ended_by } => Some(match ended_by {
                chat::Ending::Visitor => "the visitor",
                chat::Ending::Agent => "the agent",
                chat::Ending::VisitorTimeout => "the visitor's absence",
                chat::Ending::VisitorIdle => "the visitor's silence",
                chat::Ending::Callback => "a callback",
                chat::Ending::Email => "an e-mail",
                chat::Ending::Unserved => "the queue",
            }),
            chat::State::New
            | chat::State::Queued
            | chat::State::Allocated { .. }
            | chat::State::Active { .. }
            | chat::State::Parked { .. } => None,
        },
        ItemId::Call(id) => match play.stage.call(id).state() {
            call::State::Ended { by } => Some(match by {
                call::Ending::Caller => "the caller",
                call::Ending::Agent => "the agent",
                call::Ending::Unserved => "the queue",
                call::Ending::Lost => "a lost phone",
                call::Ending::DaemonStopped => "the daemon's stop",
                call::Ending::DaemonRestarted => "the daemon's restart",
            }),
            call::State::New
            | call::State::Queued
            | call::State::Ringing { .. }
            | call::State::Answered { .. }
            | call::State::Connected { .. } => None,
        },
        ItemId::Task(id) => match play.stage.task(id).state() {
            task::State::Closed { done } => Some(if done { "the agent" } else { "the queue" }),
            task::State::New
            | task::State::Queued
            | task::State::Allocated { .. }
            | task::State::Active { .. }
            | task::State::Parked { .. } => None,
        },
    };
    ended_by.map(str::to_owned).ok_or_else(|| format!("that {name} goes on"))
}

fn known(play: &Play, name: Name) -> Result<String, String> {
    let contact = match play.item(name)? {
        ItemId::Chat(id) => play.stage.chat(id).contact(),
        ItemId::Task(id) => play.stage.task(id).contact(),
        ItemId::Call(id) => play.stage.call(id).contact(),
    };
    Ok(contact.map_or_else(|| "of nobody known".to_owned(), |contact| format!("of contact {contact}")))
}

fn handling(play: &Play, name: Name) -> Result<Span, String> {
    let now = play.stage.now();
    match play.item(name)? {
        ItemId::Chat(id) => Ok(play.stage.chat(id).handling().spent_until(now)),
        ItemId::Task(id) => Ok(play.stage.task(id).handling().spent_until(now)),
        ItemId::Call(_) => Err("that no clock runs for calls".to_owned()),
    }
}

fn wrap_up(play: &Play, name: Name) -> Result<Span, String> {
    let clock = match play.item(name)? {
        ItemId::Chat(id) => match play.stage.chat(id).state() {
            chat::State::WrapUp { clock, .. } | chat::State::WrapUpQueued { clock, .. } => Some(clock),
            chat::State::New
            | chat::State::Queued
            | chat::State::Allocated { .. }
            | chat::State::Active { .. }
            | chat::State::Parked { .. }
            | chat::State::Closed { .. } => None,
        },
        item @ ItemId::Call(_) => {
            let entries = play.setup.agents.iter().filter_map(|setup| play.stage.agent(setup.id).entry(item));
            entries.filter_map(|entry| if let Entry::CallWrapUp(now) = entry { Some(now.clock) } else { None }).next()
        }
        ItemId::Task(_) => None,
    };
    clock.map(|clock| clock.spent_until(play.stage.now())).ok_or_else(|| format!("no wrap-up of {name}"))
}

fn messages(play: &Play, args: &mut Args, count: fn(&Chat) -> u32) -> Said {
    let found = count(&play.stage.chat(play.chat(args.item())?));
    if u64::from(found) == args.number() { Ok(()) } else { Err(found.to_string()) }
}

fn connection(play: &Play, args: &mut Args, expected: &str) -> Said {
    let visitor = play.stage.chat(play.chat(args.visitor())?).visitor();
    equal(if visitor == Visitor::Online { "online" } else { "offline" }, expected)
}

fn asked(play: &Play, args: &mut Args, expected: &str) -> Said {
    let chat = play.stage.chat(play.chat(args.visitor())?);
    let found = match (chat.idle_warned(), chat.choice_offered()) {
        (true, true) => "both",
        (true, false) => "whether they are there",
        (false, true) => "how to go on",
        (false, false) => "nothing",
    };
    equal(found, expected)
}

fn alarmed(play: &Play, args: &mut Args, expected: &str) -> Said {
    let chat = play.stage.chat(play.chat(args.item())?);
    let found = match (chat.alarm(), chat.agent()) {
        (None, _) => "nobody",
        (Some(Alarm::Supervisor), _) => "the supervisor",
        (Some(Alarm::Agent), agent) => agent.map_or("an agent", |agent| play.setup.agent_name(agent)),
    };
    equal(found, expected)
}

/// What a phone does, as the signals say and the agent agrees.
fn ringing_for(play: &Play, agent: AgentId) -> String {
    let rings = play.phones.rings(agent);
    let reserved = play.stage.agent(agent).reservation().map(|reservation| reservation.offer);
    match rings {
        _ if rings != reserved => format!("rings for {rings:?}, reserved is {reserved:?}"),
        Some(offer) => format!("rings for {}", play.name_of(ItemId::Call(offer.call))),
        None => "is silent".to_owned(),
    }
}

fn ringing(play: &Play, agent: AgentId) -> String {
    let found = ringing_for(play, agent);
    if found.starts_with("rings for call ") { "rings".to_owned() } else { found }
}

/// In a call from a queue both say so; what is past the queues only the agent knows.
fn is_on(play: &mut Play, args: &mut Args) -> Said {
    let agent = args.agent();
    let id = play.call(args.item())?;
    if !on_call(&play.stage.agent(agent), id) {
        return Err(format!("{:?}", play.stage.agent(agent).active()));
    }
    if play.own_calls.contains(&id) {
        return Ok(());
    }
    match play.stage.call(id).state() {
        call::State::Connected { offer, .. } if offer.agent == agent => Ok(()),
        state => Err(format!("that the call says {state:?}")),
    }
}

fn ear(play: &Play, name: Name) -> Result<String, String> {
    let ear = play.phones.caller(play.call(name)?);
    Ok(match ear {
        Some(Ear::Ringing) => "ringing".to_owned(),
        Some(Ear::Music) => "music".to_owned(),
        Some(Ear::Agent(agent)) => play.setup.agent_name(agent).to_owned(),
        Some(Ear::Nothing) => "nothing".to_owned(),
        Some(Ear::NothingFromStoredFacts) => "nothing, from stored facts".to_owned(),
        None => "no answer yet".to_owned(),
    })
}

fn hears(play: &Play, args: &mut Args, expected: &str) -> Said {
    equal(&ear(play, args.caller())?, expected)
}

/// The latest offer of the call to the agent. An offer has one outcome.
fn offer_ended(play: &mut Play, args: &mut Args) -> Said {
    let call = play.call(args.item())?;
    let agent = args.agent();
    let ended = play.outcomes.iter().filter(|(offer, _)| offer.call == call && offer.agent == agent);
    let last = ended.clone().map(|(offer, _)| offer.attempt).max().ok_or("that none has ended")?;
    let outcomes: Vec<_> = ended.filter(|(offer, _)| offer.attempt == last).map(|(_, how)| said_of(how)).collect();
    equal(&outcomes.join(" and "), &args.words())
}

fn said_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::PhoneRefused { says: Says::Error { status }, .. } => format!("the phone said {status}"),
        Outcome::PhoneRefused { says, .. } => spoken(says),
        other => spoken(other),
    }
}

fn works(play: &Play, agent: AgentId, expected: &str) -> Said {
    equal(&presence(&play.stage.agent(agent)), expected)
}

fn calls_are(play: &Play, agent: AgentId, expected: &str) -> Said {
    let found = match play.stage.agent(agent).calls() {
        Calls::Open => "open".to_owned(),
        Calls::Blocked { until: None, .. } => "blocked".to_owned(),
        Calls::Blocked { until: Some(until), .. } => format!("blocked for {:?}", until - play.stage.now()),
        Calls::PhoneLost => "without a phone".to_owned(),
    };
    equal(&found, expected)
}

fn chats_are(play: &Play, agent: AgentId, expected: Chats) -> Said {
    let found = play.stage.agent(agent).chats();
    if found == expected { Ok(()) } else { Err(spoken(&found)) }
}

fn refused(play: &mut Play, expected: &str) -> Said {
    match play.refused.iter().position(|refused| refused == expected) {
        Some(index) => {
            play.refused.remove(index);
            Ok(())
        }
        None => Err(format!("{:?}", play.refused)),
    }
}
