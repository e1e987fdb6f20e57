//! What people, phones and time can do.
//! Nothing here decides what comes of it.

use super::arguments::{Args, Kind, Name};
use super::form::Form;
use super::play::{Play, Said};
use domain::Identifier;
use domain::chat::{Author, Choice, Recipient};
use domain::id::{AgentId, BreakReasonId, ChatId, ContactId, ItemId, OfferId, QueueId};
use domain::message::Message;
use domain::phone::Says;
use domain::queue::Outcome;
use domain::{agent, call, chat, queue, task};

/// Something that can be done.
pub type Doing = Form<fn(&mut Play, &mut Args) -> Said>;

/// All that can be done.
pub const DOINGS: &[Doing] = &[
    Form {
        words: "<time> pass",
        means: |play, args| {
            play.stage.pass(args.span());
            Ok(())
        },
    },
    Form { words: "<item> arrives", means: |play, args| play.arrive(args.item(), None, None) },
    Form { words: "<item> arrives in <queue>", means: |play, args| play.arrive(args.item(), Some(args.queue()), None) },
    Form { words: "<n> chats arrive", means: |play, args| play.crowd(args.number()) },
    Form {
        words: "<call> arrives, known to <agent>",
        means: |play, args| play.arrive(args.item(), None, Some(args.agent())),
    },
    Form {
        words: "caller <n> hangs up",
        means: |play, args| to_call(play, args.caller(), call::Command::CallerHungUp),
    },
    Form { words: "visitor <n> writes", means: |play, args| visitor_writes(play, args.visitor(), 1) },
    Form {
        words: "visitor <n> writes <n> lines",
        means: |play, args| {
            let visitor = args.visitor();
            visitor_writes(play, visitor, args.number())
        },
    },
    Form { words: "visitor <n> leaves", means: |play, args| to_chat(play, args.visitor(), chat::Command::Leave) },
    Form {
        words: "visitor <n>'s browser goes away",
        means: |play, args| to_chat(play, args.visitor(), chat::Command::VisitorLost),
    },
    Form {
        words: "visitor <n>'s browser is back",
        means: |play, args| to_chat(play, args.visitor(), chat::Command::VisitorBack),
    },
    Form { words: "visitor <n> stays", means: |play, args| chooses(play, args.visitor(), Choice::Stay) },
    Form {
        words: "visitor <n> wants another agent",
        means: |play, args| chooses(play, args.visitor(), Choice::AnotherAgent),
    },
    Form { words: "visitor <n> wants a callback", means: |play, args| chooses(play, args.visitor(), Choice::Callback) },
    Form { words: "visitor <n> wants an e-mail", means: |play, args| chooses(play, args.visitor(), Choice::Email) },
    Form { words: "<agent> logs in", means: |play, args| to_agent(play, args.agent(), agent::Command::LogIn) },
    Form { words: "<agent> logs out", means: |play, args| to_agent(play, args.agent(), agent::Command::LogOut) },
    Form {
        words: "<agent> takes a break",
        means: |play, args| to_agent(play, args.agent(), agent::Command::TakeBreak { reason: BreakReasonId(1) }),
    },
    Form {
        words: "<agent>'s browser goes away",
        means: |play, args| to_agent(play, args.agent(), agent::Command::BrowserLost),
    },
    Form {
        words: "<agent>'s browser is back",
        means: |play, args| to_agent(play, args.agent(), agent::Command::BrowserBack),
    },
    Form { words: "<agent> picks <item>", means: picks },
    Form {
        words: "<agent> activates <item>",
        means: |play, args| with_item(play, args, |_, item| agent::Command::Activate { item }),
    },
    Form {
        words: "<agent> activates the wrap-up of <item>",
        means: |play, args| with_item(play, args, |_, item| agent::Command::Activate { item }),
    },
    Form {
        words: "<agent> parks <item>",
        means: |play, args| with_item(play, args, |_, item| agent::Command::Park { item }),
    },
    Form {
        words: "<agent> parks the wrap-up of <item>",
        means: |play, args| with_item(play, args, |_, item| agent::Command::Park { item }),
    },
    Form { words: "<agent> writes in <chat>", means: agent_writes },
    Form { words: "<agent> notes something in <chat>", means: notes },
    Form { words: "<agent> reads <chat>", means: reads },
    Form {
        words: "<agent> ends <chat>",
        means: |play, args| {
            let agent = args.agent();
            to_chat(play, args.item(), chat::Command::End { agent })
        },
    },
    Form { words: "<agent> finishes the wrap-up of <item>", means: finishes_wrap_up },
    Form { words: "<agent> extends the wrap-up of <item>", means: extends_wrap_up },
    Form {
        words: "<agent> finishes <task>",
        means: |play, args| {
            let agent = args.agent();
            let id = play.task(args.item())?;
            tell(play, Message::Task { id, command: task::Command::Finish { agent } })
        },
    },
    Form {
        words: "<agent> transfers <chat> to <agent>",
        means: |play, args| {
            let (agent, chat, to) = (args.agent(), args.item(), Recipient::Agent(args.agent()));
            to_chat(play, chat, chat::Command::Transfer { agent, to })
        },
    },
    Form {
        words: "<agent> transfers <chat> to <queue>",
        means: |play, args| {
            let (agent, chat, to) = (args.agent(), args.item(), play.setup.destination(args.queue()));
            to_chat(play, chat, chat::Command::Transfer { agent, to: Recipient::Queue(to) })
        },
    },
    Form {
        words: "<agent> transfers <call> to <queue>",
        means: |play, args| {
            let (agent, call, to) = (args.agent(), args.item(), args.queue());
            to_call(play, call, call::Command::Transfer { agent, to })
        },
    },
    Form {
        words: "<agent> answers",
        means: |play, args| {
            let offer = play.ringing(args.agent())?;
            at_phone(play, offer, call::Command::PhoneAnswered { offer })
        },
    },
    Form {
        words: "<agent> answers <call> too late",
        means: |play, args| {
            let offer = rang(play, args)?;
            at_phone(play, offer, call::Command::PhoneAnswered { offer })
        },
    },
    Form {
        words: "<agent> declines",
        means: |play, args| {
            let offer = play.ringing(args.agent())?;
            to_agent(play, offer.agent, agent::Command::Decline { offer })
        },
    },
    Form { words: "<agent>'s phone declines", means: |play, args| fails(play, args.agent(), Outcome::Declined) },
    Form { words: "<agent>'s phone is busy", means: |play, args| fails(play, args.agent(), Outcome::BUSY) },
    Form {
        words: "<agent>'s phone is not to be disturbed",
        means: |play, args| {
            let outcome = Outcome::PhoneRefused { says: Says::DoNotDisturb, retry_after: None };
            fails(play, args.agent(), outcome)
        },
    },
    Form {
        words: "<agent>'s phone is out of order for <time>",
        means: |play, args| {
            let (agent, retry_after) = (args.agent(), Some(args.span()));
            fails(play, agent, Outcome::PhoneRefused { says: Says::Error { status: 503 }, retry_after })
        },
    },
    Form {
        words: "<agent>'s phone is unreachable",
        means: |play, args| fails(play, args.agent(), Outcome::Unreachable),
    },
    Form {
        words: "no leg is left to call <agent>'s phone",
        means: |play, args| fails(play, args.agent(), Outcome::NotCalled),
    },
    Form {
        words: "<agent>'s phone registers",
        means: |play, args| to_agent(play, args.agent(), agent::Command::PhoneRegistered),
    },
    Form {
        words: "<agent>'s phone is no longer registered",
        means: |play, args| to_agent(play, args.agent(), agent::Command::PhoneUnregistered),
    },
    Form {
        words: "<agent> dials <call>",
        means: |play, args| {
            let agent = args.agent();
            let call = play.own_call(args.item());
            to_agent(play, agent, agent::Command::Dialled { call })
        },
    },
    Form { words: "<agent> hangs up <call>", means: hangs_up },
    Form {
        words: "<agent> hangs up <call> on the screen",
        means: |play, args| {
            let agent = args.agent();
            to_call(play, args.item(), call::Command::HangUp { agent })
        },
    },
    Form { words: "<agent> says that <item> is of contact <n>", means: identifies },
    Form { words: "<agent> holds <call>", means: |play, args| holds(play, args, Some(call::Side::Agent)) },
    Form { words: "<agent> retrieves <call>", means: |play, args| holds(play, args, None) },
    Form {
        words: "the supervisor takes <agent> out",
        means: |play, args| to_agent(play, args.agent(), agent::Command::TakeOut),
    },
    Form {
        words: "the supervisor moves <item> to <queue>",
        means: |play, args| {
            let (item, to) = (play.item(args.item())?, play.setup.destination(args.queue()));
            let (queue, _) = play.stage.place(item).ok_or("it waits in no queue")?;
            to_queue(play, queue, queue::Command::Move { item, to })
        },
    },
    Form {
        words: "the supervisor overflows <queue> to <queue>",
        means: |play, args| {
            let (queue, to) = (args.queue(), play.setup.destination(args.queue()));
            to_queue(play, queue, queue::Command::Overflow { to })
        },
    },
    Form {
        words: "<agent> serves <queue> no longer",
        means: |play, args| {
            let agent = args.agent();
            let serves = play.serves.entry(agent).or_default();
            serves.remove(&args.queue());
            let serves = serves.iter().map(|queue| (*queue, 1)).collect();
            play.stage.serve(agent, serves);
            Ok(())
        },
    },
    Form {
        words: "the daemon is killed, and back after <time>",
        means: |play, args| {
            play.stage.restart(args.span());
            Ok(())
        },
    },
];

fn tell(play: &mut Play, message: Message) -> Said {
    play.stage.tell(message);
    Ok(())
}

fn to_agent(play: &mut Play, id: AgentId, command: agent::Command) -> Said {
    tell(play, Message::Agent { id, command })
}

fn to_queue(play: &mut Play, id: QueueId, command: queue::Command) -> Said {
    tell(play, Message::Queue { id, command })
}

fn to_chat(play: &mut Play, chat: Name, command: chat::Command) -> Said {
    let id = play.chat(chat)?;
    tell(play, Message::Chat { id, command })
}

fn to_call(play: &mut Play, call: Name, command: call::Command) -> Said {
    let id = play.call(call)?;
    tell(play, Message::Call { id, command })
}

fn at_phone(play: &mut Play, offer: OfferId, command: call::Command) -> Said {
    tell(play, Message::Call { id: offer.call, command })
}

/// The offer of a call for which an agent's phone rang last.
fn rang(play: &Play, args: &mut Args) -> Result<OfferId, String> {
    let agent = args.agent();
    let call = play.call(args.item())?;
    play.phones.rang(agent, call).ok_or_else(|| "the phone never rang for it".to_owned())
}

fn with_item(play: &mut Play, args: &mut Args, command: impl Fn(AgentId, ItemId) -> agent::Command) -> Said {
    let agent = args.agent();
    let item = play.item(args.item())?;
    to_agent(play, agent, command(agent, item))
}

/// Where the agent sees it now; a chat that nobody has asked for arrives first.
fn picks(play: &mut Play, args: &mut Args) -> Said {
    let (agent, name) = (args.agent(), args.item());
    if name.kind == Kind::Chat && !play.items.contains_key(&name) {
        play.arrive(name, None, None)?;
        play.rest();
    }
    let item = play.item(name)?;
    let (queue, place) = play.stage.place(item).ok_or("it waits in no queue")?;
    to_agent(play, agent, agent::Command::Pick { item, queue, place })
}

fn say(play: &mut Play, chat: ChatId, author: Author, client: &str) -> Said {
    play.written += 1;
    let command = chat::Command::Say { author, client: client.to_owned(), command: play.written };
    tell(play, Message::Chat { id: chat, command })
}

fn visitor_writes(play: &mut Play, visitor: Name, lines: u64) -> Said {
    let chat = play.chat(visitor)?;
    (0..lines).try_for_each(|_| say(play, chat, Author::Visitor, "visitor"))
}

fn agent_writes(play: &mut Play, args: &mut Args) -> Said {
    let agent = args.agent();
    let chat = play.chat(args.item())?;
    say(play, chat, Author::Agent(agent), play.setup.agent_name(agent))
}

fn notes(play: &mut Play, args: &mut Args) -> Said {
    let agent = args.agent();
    let id = play.chat(args.item())?;
    play.written += 1;
    let client = play.setup.agent_name(agent).to_owned();
    tell(play, Message::Chat { id, command: chat::Command::Note { agent, client, command: play.written } })
}

fn reads(play: &mut Play, args: &mut Args) -> Said {
    let agent = args.agent();
    let id = play.chat(args.item())?;
    let number = play.stage.chat(id).messages();
    tell(play, Message::Chat { id, command: chat::Command::Read { agent, number } })
}

/// What a visitor takes instead of the chat has the chat's number.
fn chooses(play: &mut Play, visitor: Name, choice: Choice) -> Said {
    let ChatId(id) = play.chat(visitor)?;
    let kind = match choice {
        Choice::Callback => Some(Kind::Callback),
        Choice::Email => Some(Kind::Email),
        Choice::Stay | Choice::AnotherAgent => None,
    };
    if let Some(kind) = kind {
        play.items.insert(Name { kind, ..visitor }, ItemId::Task(domain::id::TaskId(id)));
    }
    to_chat(play, visitor, chat::Command::Choose { choice })
}

fn finishes_wrap_up(play: &mut Play, args: &mut Args) -> Said {
    let (agent, name) = (args.agent(), args.item());
    match play.item(name)? {
        ItemId::Call(call) => to_agent(play, agent, agent::Command::FinishCallWrapUp { call }),
        ItemId::Chat(_) => to_chat(play, name, chat::Command::FinishWrapUp { agent }),
        ItemId::Task(_) => Err(format!("{name} has no wrap-up")),
    }
}

fn extends_wrap_up(play: &mut Play, args: &mut Args) -> Said {
    let (agent, name) = (args.agent(), args.item());
    match play.item(name)? {
        ItemId::Call(call) => to_agent(play, agent, agent::Command::ExtendCallWrapUp { call }),
        ItemId::Chat(_) => to_chat(play, name, chat::Command::ExtendWrapUp { agent }),
        ItemId::Task(_) => Err(format!("{name} has no wrap-up")),
    }
}

fn identifies(play: &mut Play, args: &mut Args) -> Said {
    let (by, name) = (Identifier::Agent(args.agent()), args.item());
    let contact = Some(ContactId(args.number()));
    let message = match play.item(name)? {
        ItemId::Call(id) => Message::Call { id, command: call::Command::Identify { contact, by } },
        ItemId::Chat(id) => Message::Chat { id, command: chat::Command::Identify { contact, by } },
        ItemId::Task(id) => Message::Task { id, command: task::Command::Identify { contact, by } },
    };
    tell(play, message)
}

fn fails(play: &mut Play, agent: AgentId, outcome: Outcome) -> Said {
    let offer = play.ringing(agent)?;
    play.phones.silence(offer);
    at_phone(play, offer, call::Command::PhoneFailed { offer, outcome })
}

/// At the phone. For a call past the queues the user agent says itself that it is over.
fn hangs_up(play: &mut Play, args: &mut Args) -> Said {
    let (agent, name) = (args.agent(), args.item());
    let call = play.call(name)?;
    if play.own_calls.contains(&call) {
        let offer = OfferId { call, agent, attempt: 0 };
        return to_agent(play, agent, agent::Command::Over { offer });
    }
    let offer = play.phones.rang(agent, call).ok_or("the phone never rang for it")?;
    play.phones.silence(offer);
    at_phone(play, offer, call::Command::PhoneHungUp { offer })
}

fn holds(play: &mut Play, args: &mut Args, held: Option<call::Side>) -> Said {
    args.agent();
    to_call(play, args.item(), call::Command::Hold { held })
}
