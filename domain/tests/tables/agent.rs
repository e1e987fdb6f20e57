//! The agent's table: their typical states, and what is asked in each.

use crate::{Part, Row, State, Tabled, Variants, row, variants};
use domain::agent::{
    Active, Agent, Browser, Calls, Chats, Command, EXTENSIONS_MAX, Entry, Event, Kept, ParkOn, Preemption, Presence,
    Reason, ResumeOn, Settings,
};
use domain::id::{AgentId, BreakReasonId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use domain::queue::Outcome;
use domain::routing::{Interruption, Tier};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
use std::collections::BTreeSet;

variants! {
    Command {
        Configure, LogIn, LogOut, TakeBreak, TakeOut, Pick, Push, Take, Allocated, NotAllocated, Activate, Park,
        FinishCallWrapUp, ExtendCallWrapUp, Ended, Left, Offer, Withdraw, Decline, PhoneFailed, Commit, Over, Dialled,
        PhoneRegistered, PhoneUnregistered, BrowserLost, BrowserBack, Restarted, Due,
    }
    Event {
        Configured, LoggedIn, LogoutPending, LoggedOut, BreakPending, BreakBegan, TakenOut, Requested, PushRefused,
        TakeRefused, Granted, RequestFailed, Unwanted, Activated, Parked, Resumed, ProtectionOver, Ended, Left, Reserved,
        OfferRefused, Released, CommitRefused, CallConnected, OwnCallBegan, ConsultationBegan, LegOver, CallOver,
        CallWrapUpExtended, CallWrapUpOver, CallsOpened, PhoneGone, PhoneBack, BrowserLost, BrowserGraceOver,
        BrowserBack, Restarted,
    }
    Presence { LoggedOut, Available, Break, Unavailable, LoggingOut }
    Reason { Missed, ConnectionLost, Supervisor }
    Calls { Open, Blocked, PhoneLost }
    Chats { Open, Blocked }
    Browser { Online, Grace, Lost }
    Active { Item, Call }
    Entry { Requested, Alerting, Conversation, WrapUp, CallWrapUp }
}

const Q1: QueueId = QueueId(1);
const CHAT1: ItemId = ItemId::Chat(ChatId(1));
const CHAT2: ItemId = ItemId::Chat(ChatId(2));
const CHAT3: ItemId = ItemId::Chat(ChatId(3));
const CHAT9: ItemId = ItemId::Chat(ChatId(9));
const TASK1: ItemId = ItemId::Task(TaskId(1));
const CALL1: ItemId = ItemId::Call(CallId(1));
const CONVERSATION: Kept = Kept::Conversation { exclusive: false, pushed: false };
const PUSHED: Kept = Kept::Conversation { exclusive: false, pushed: true };
const ONE: OfferId = OfferId { call: CallId(1), agent: AgentId(1), attempt: 1 };
const TWO: OfferId = OfferId { call: CallId(2), agent: AgentId(1), attempt: 1 };

fn settings() -> Settings {
    Settings {
        chats_max: 3,
        parked_wrap_up_closes: Some(Span::seconds(7200)),
        browser_grace: Span::seconds(60),
        browser_gone: Span::seconds(300),
        phone_registers: true,
        ..Settings::default()
    }
}

fn with(preemption: Preemption) -> Settings {
    Settings { preemption, ..settings() }
}

fn configure(settings: Settings) -> Command {
    Command::Configure { id: AgentId(1), settings }
}

fn offer(offer: OfferId, tier: Tier) -> Command {
    Command::Offer { offer, queue: Q1, tier, ring: Span::seconds(20), wrap_up: Span::seconds(30) }
}

fn pick(item: ItemId) -> Command {
    Command::Pick { item, queue: Q1, place: 1 }
}

fn push(item: ItemId) -> Command {
    Command::Push { item, queue: Q1, place: 1 }
}

fn failed(outcome: Outcome) -> Command {
    Command::PhoneFailed { offer: ONE, outcome }
}

fn take_break() -> Command {
    Command::TakeBreak { reason: BreakReasonId(1) }
}

impl State<Agent> {
    fn takes(self, item: ItemId, kept: Kept) -> State<Agent> {
        self.then(pick(item)).then(Command::Allocated { item, kept })
    }

    /// A call rings, whatever is active.
    fn rings(self) -> State<Agent> {
        self.then(offer(ONE, Tier::ChatWaiting))
    }

    fn answers(self) -> State<Agent> {
        self.rings().then(Command::Commit { offer: ONE })
    }

    fn hangs_up(self) -> State<Agent> {
        self.then(Command::Over { offer: ONE })
    }
}

fn available(name: &'static str, settings: Settings) -> State<Agent> {
    State::fresh(name).then(configure(settings)).then(Command::LogIn)
}

fn chatting(name: &'static str, settings: Settings) -> State<Agent> {
    available(name, settings).takes(CHAT1, CONVERSATION)
}

fn at_work() -> Vec<State<Agent>> {
    let free = available("free", settings());
    let chatting = chatting("chatting", settings());
    let requested = free.but("a pick on its way").then(pick(CHAT1));
    let alerted = free.but("a chat was pushed").then(push(CHAT1));
    let alerted = alerted.then(Command::Allocated { item: CHAT1, kept: PUSHED });
    let exclusive =
        free.but("chatting, not to be interrupted").takes(CHAT1, Kept::Conversation { exclusive: true, pushed: false });
    let two = chatting.but("chatting, another chat parked").takes(CHAT2, CONVERSATION);
    let two = two.then(Command::Activate { item: CHAT2 });
    let full = two.but("chatting, at the maximum").takes(CHAT3, CONVERSATION);
    let parked = chatting.but("a chat parked").then(Command::Park { item: CHAT1 });
    let wrap_up = chatting.but("writing up a chat").then(Command::Ended { item: CHAT1 });
    let wrap_up_parked = wrap_up.but("writing up a chat, parked").then(Command::Park { item: CHAT1 });
    let task = free.but("at a task").takes(TASK1, CONVERSATION);
    let logged_out = State::fresh("logged out").then(configure(settings()));
    vec![logged_out, free, requested, alerted, chatting, exclusive, two, full, parked, wrap_up, wrap_up_parked, task]
}

fn ringing() -> Vec<State<Agent>> {
    let free = available("free", settings());
    let chatting = chatting("chatting", settings());
    let early = Preemption { park_on: ParkOn::Ring, ..Preemption::default() };
    let both = chatting.but("ringing while chatting").rings();
    vec![
        free.but("ringing").rings(),
        free.but("ringing, break pending").rings().then(take_break()),
        both.clone(),
        both.but("ringing, the chat put aside meanwhile").then(Command::Park { item: CHAT1 }),
        both.but("ringing, the chat over meanwhile").then(Command::Ended { item: CHAT1 }),
        self::chatting("ringing, the chat parked for it", with(early)).rings(),
    ]
}

fn on_calls() -> Vec<State<Agent>> {
    let call = available("on a call", settings()).answers();
    let preempted = chatting("on a call, chat pushed aside", settings()).answers();
    let consulting = preempted.but("on a call, consulting").then(Command::Dialled { call: CallId(2) });
    vec![
        call.clone(),
        preempted.clone(),
        preempted.but("on a call, the chat pushed aside is over").then(Command::Ended { item: CHAT1 }),
        consulting.clone(),
        consulting.but("on the second call of a consultation").hangs_up(),
        preempted.but("on a call, break pending").then(take_break()),
        preempted.but("on a call, browser away").then(Command::BrowserLost),
        chatting("on a call of their own", settings()).then(Command::Dialled { call: CallId(1) }),
        call.but("on a call, logging out").then(Command::LogOut),
    ]
}

fn after_calls() -> Vec<State<Agent>> {
    let call = available("writing up a call", settings()).answers();
    let preempted = chatting("back in the chat, the call's wrap-up parked", settings()).answers();
    let ended = preempted.but("writing up the chat, the call's wrap-up parked").then(Command::Ended { item: CHAT1 });
    let away = preempted.but("the chat comes back with the browser").then(Command::BrowserLost);
    let last = with(Preemption { resume_on: ResumeOn::WrapUpDone, ..Preemption::default() });
    let waits = chatting("writing up a call, the chat waits for it", last.clone()).answers().hangs_up();
    let other = chatting("at a chat of their choice, the other comes next", last).takes(CHAT2, CONVERSATION);
    let other = other.then(Command::Activate { item: CHAT2 }).answers().hangs_up();
    let protects = with(Preemption { min_resume: Span::seconds(60), ..Preemption::default() });
    let extended = call.but("writing up a call, extended three times").hangs_up();
    let extended = (0..3).fold(extended, |state, _| state.then(Command::ExtendCallWrapUp { call: CallId(1) }));
    vec![
        call.but("writing up a call").hangs_up(),
        extended,
        call.but("a call's wrap-up parked").hangs_up().then(Command::Park { item: CALL1 }),
        preempted.hangs_up(),
        ended.hangs_up(),
        away.hangs_up(),
        waits,
        other.then(Command::Activate { item: CHAT1 }),
        chatting("back in the chat, protected", protects).answers().hangs_up(),
    ]
}

fn out_of_routing() -> Vec<State<Agent>> {
    let free = available("free", settings());
    let chatting = chatting("chatting", settings());
    let voice = Settings { voice_only: true, ..settings() };
    let fixed = Settings { phone_registers: false, ..settings() };
    let away = chatting.but("browser away, chatting").then(Command::BrowserLost);
    let declined = (1..=3).map(|attempt| OfferId { attempt, ..ONE });
    let declined = declined.fold(free.but("declined three calls"), |state, one| {
        state.then(offer(one, Tier::Free)).then(Command::Decline { offer: one })
    });
    let blocked = [CHAT1, CHAT2].into_iter().fold(free.but("pushed chats blocked"), |state, item| {
        let pushed = state.then(push(item)).then(Command::Allocated { item, kept: PUSHED });
        pushed.then(Command::Left { item, missed: true })
    });
    vec![
        chatting.but("break pending").then(take_break()),
        free.but("on a break").then(take_break()),
        free.but("on a break, a pick on its way").then(pick(CHAT1)).then(take_break()),
        chatting.but("taken out by the supervisor, chatting").then(Command::TakeOut),
        free.but("missed a call").rings().wakes(),
        available("voice only", voice.clone()),
        available("missed a call, voice only", voice).rings().wakes(),
        chatting.but("missed a call while chatting").rings().wakes(),
        declined,
        free.but("phone busy").rings().then(failed(Outcome::BUSY)),
        free.but("phone lost").rings().then(failed(Outcome::Unreachable)),
        free.but("no phone registered").then(Command::PhoneUnregistered),
        available("phone not reached at its fixed address", fixed).rings().then(failed(Outcome::Unreachable)),
        blocked,
        free.but("browser away").then(Command::BrowserLost),
        away.clone(),
        away.but("browser lost, chatting").wakes(),
    ]
}

impl Tabled for Agent {
    const TITLE: &'static str = "What an agent does";
    const CAST: &'static str = "\
The agent is a1; everything comes from the queue q1. chat1, chat2 and task1 are theirs where the state says so, chat3 and
task2 wait in the queue, chat9 is somebody else's. call1→a1#1 is the offer that rings or was answered, call2→a1#1 another one.
They may have 3 chats; the browser's grace is 60 s, and after 300 s they are logged out; calls ring for 20 s and have a
wrap-up of 30 s.";
    const PARTS: &'static [(&'static str, &'static [&'static str])] = &[
        (Presence::NAME, Presence::ALL),
        (Reason::NAME, Reason::ALL),
        (Calls::NAME, Calls::ALL),
        (Chats::NAME, Chats::ALL),
        (Browser::NAME, Browser::ALL),
        (Active::NAME, Active::ALL),
        (Entry::NAME, Entry::ALL),
    ];

    fn states() -> Vec<State<Agent>> {
        [at_work(), ringing(), on_calls(), after_calls(), out_of_routing()].concat()
    }

    fn rows(&self, now: Timestamp) -> Vec<Row<Command>> {
        let mut rows = about_presence(self, now);
        rows.extend(about_items());
        rows.extend(about_calls());
        rows
    }

    fn describe(&self) -> String {
        let mut said = vec![presence(self.presence())];
        said.extend(self.break_pending().map(|_| "break pending".to_owned()));
        said.extend(self.active().map(|active| match active {
            Active::Item(item) => format!("attends to {}", name(item)),
            Active::Call { offer: OfferId { call, attempt: 0, .. }, .. } => format!("on {call:?} of their own"),
            Active::Call { offer, .. } => format!("on {:?}", offer.call),
        }));
        said.extend(self.consultation().map(|offer| format!("asks somebody by {:?}", offer.call)));
        said.extend(self.reservation().map(|reservation| format!("{:?} rings", reservation.offer.call)));
        said.extend(self.preempted().map(|item| format!("{} was pushed aside", name(item))));
        said.extend(self.next().map(|item| format!("{} comes next", name(item))));
        said.extend(self.protected_until().map(|_| "protected".to_owned()));
        said.extend(match self.calls() {
            Calls::Open => None,
            Calls::Blocked { until: None, .. } => Some("calls blocked".to_owned()),
            Calls::Blocked { until: Some(_), .. } => Some("calls blocked for a while".to_owned()),
            Calls::PhoneLost if self.is_phone_gone() => Some("no phone registered".to_owned()),
            Calls::PhoneLost => Some("phone lost".to_owned()),
        });
        said.extend((self.chats() == Chats::Blocked).then(|| "pushed chats blocked".to_owned()));
        said.extend(match self.browser() {
            Browser::Online => None,
            Browser::Grace { .. } => Some("browser in its grace".to_owned()),
            Browser::Lost { .. } => Some("browser lost".to_owned()),
        });
        said.extend(configured(self.settings()));
        let inbox: Vec<_> = self.inbox().map(|(item, entry)| inbox(item, entry)).collect();
        said.push(if inbox.is_empty() { "inbox empty".to_owned() } else { format!("inbox: {}", inbox.join(", ")) });
        said.join("; ")
    }

    fn remark(&self) -> String {
        let call = match self.interruption() {
            Ok(Interruption::Nothing) => "yes".to_owned(),
            Ok(Interruption::Item(item)) => format!("yes, interrupting {}", name(item)),
            Err(obstacle) => format!("no, {}", crate::notation::short(&obstacle, Timestamp(0))),
        };
        let push = |taken| match taken {
            Ok(()) => "yes".to_owned(),
            Err(obstacle) => format!("no, {}", crate::notation::short(&obstacle, Timestamp(0))),
        };
        let (chat, task) = (push(self.takes_chat(Q1)), push(self.takes_task()));
        format!("A call may ring: {call}. A chat may be pushed: {chat}. A task: {task}.\n")
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = vec![self.presence().part(), self.calls().part(), self.chats().part(), self.browser().part()];
        parts.extend(self.active().map(|active| active.part()));
        parts.extend(self.inbox().map(|(_, entry)| entry.part()));
        if let Presence::Unavailable { reason, .. } = self.presence() {
            parts.push(reason.part());
        }
        parts
    }
}

fn name(item: ItemId) -> String {
    format!("{}{}", item.kind(), item.number())
}

fn presence(presence: Presence) -> String {
    match presence {
        Presence::LoggedOut => "logged out",
        Presence::Available => "available",
        Presence::Break { .. } => "on a break",
        Presence::Unavailable { reason: Reason::Missed, until: None } => "unavailable after a missed call",
        Presence::Unavailable { reason: Reason::Missed, until: Some(_) } => {
            "unavailable for a while after a missed call"
        }
        Presence::Unavailable { reason: Reason::ConnectionLost, .. } => "unavailable without their browser",
        Presence::Unavailable { reason: Reason::Supervisor, .. } => "unavailable by the supervisor's word",
        Presence::LoggingOut => "logging out",
    }
    .to_owned()
}

fn configured(settings: &Settings) -> Vec<String> {
    let Preemption { park_on, resume_on, min_resume } = settings.preemption;
    let mut said = vec![];
    said.extend(settings.voice_only.then_some("voice only"));
    said.extend((!settings.phone_registers).then_some("phone at a fixed address"));
    said.extend((park_on == ParkOn::Ring).then_some("parks when it rings"));
    said.extend((resume_on == ResumeOn::WrapUpDone).then_some("resumes after the wrap-up"));
    said.extend((min_resume > Span::ZERO).then_some("what is resumed is protected for 60 s"));
    said.into_iter().map(str::to_owned).collect()
}

fn inbox(item: ItemId, entry: Entry) -> String {
    let what = match entry {
        Entry::Requested { pushed: false } => "asked for",
        Entry::Requested { pushed: true } => "asked for by a push",
        Entry::Alerting { .. } => "pushed, not looked at yet",
        Entry::Conversation { exclusive: false } => "open",
        Entry::Conversation { exclusive: true } => "open, exclusive",
        Entry::WrapUp => "wrap-up",
        Entry::CallWrapUp(wrap_up) if wrap_up.parked_since.is_some() => "wrap-up, parked",
        Entry::CallWrapUp(wrap_up) if wrap_up.extensions == EXTENSIONS_MAX => "wrap-up, extended to the end",
        Entry::CallWrapUp(_) => "wrap-up",
    };
    format!("{} ({what})", name(item))
}

fn about_presence(agent: &Agent, now: Timestamp) -> Vec<Row<Command>> {
    let mut rows = vec![
        row("as before", configure(agent.settings().clone())),
        row("another maximum", configure(Settings { chats_max: 5, ..agent.settings().clone() })),
        row("", Command::LogIn),
        row("", Command::LogOut),
        row("", take_break()),
        row("", Command::TakeOut),
        row("", Command::PhoneRegistered),
        row("", Command::PhoneUnregistered),
        row("", Command::BrowserLost),
        row("", Command::BrowserBack),
        row("", Command::Restarted { down_since: Timestamp(now.0 - 500) }),
        row("a deadline that they don't have passes", Command::Due(Timestamp(1))),
    ];
    if agent.break_pending().is_some() || matches!(agent.presence(), Presence::Break { .. }) {
        rows.push(row("another reason", Command::TakeBreak { reason: BreakReasonId(2) }));
    }
    rows
}

fn about_items() -> Vec<Row<Command>> {
    let (chat3, task2, call3) = (CHAT3, ItemId::Task(TaskId(2)), ItemId::Call(CallId(3)));
    let wrap_up = Kept::WrapUp;
    let exclusive = Kept::Conversation { exclusive: true, pushed: false };
    let mut rows = vec![
        row("", pick(CHAT1)),
        row("", pick(chat3)),
        row("", pick(task2)),
        row("", pick(call3)),
        row("", push(CHAT1)),
        row("", push(chat3)),
        row("", Command::Take { item: CHAT1, queue: Q1, place: 1 }),
        row("", Command::Take { item: chat3, queue: Q1, place: 1 }),
        row("", Command::Allocated { item: CHAT1, kept: CONVERSATION }),
        row("pushed", Command::Allocated { item: CHAT1, kept: PUSHED }),
        row("", Command::Allocated { item: CHAT1, kept: wrap_up }),
        row("", Command::Allocated { item: CHAT1, kept: exclusive }),
        row("never asked for", Command::Allocated { item: CHAT9, kept: CONVERSATION }),
        row("", Command::NotAllocated { item: CHAT1 }),
        row("", Command::NotAllocated { item: CHAT9 }),
    ];
    for item in [CHAT1, CHAT2, TASK1, CALL1, CHAT9] {
        rows.extend([row("", Command::Activate { item }), row("", Command::Park { item })]);
    }
    for item in [CHAT1, CHAT2, TASK1, CHAT9] {
        rows.extend([row("", Command::Ended { item }), row("", Command::Left { item, missed: false })]);
    }
    rows.push(row("", Command::Left { item: CHAT1, missed: true }));
    for call in [CallId(1), CallId(9)] {
        rows.extend([row("", Command::FinishCallWrapUp { call }), row("", Command::ExtendCallWrapUp { call })]);
    }
    rows
}

fn about_calls() -> Vec<Row<Command>> {
    let mut rows = vec![
        row("the first time, or again", offer(ONE, Tier::ChatWaiting)),
        row("", offer(TWO, Tier::Free)),
        row("", offer(TWO, Tier::Task)),
        row("", offer(TWO, Tier::ChatWaiting)),
        row("", failed(Outcome::Declined)),
        row("", failed(Outcome::BUSY)),
        row("", failed(Outcome::Unreachable)),
        row("", Command::PhoneFailed { offer: TWO, outcome: Outcome::BUSY }),
    ];
    for offer in [ONE, TWO] {
        rows.extend([
            row("", Command::Withdraw { offer }),
            row("", Command::Decline { offer }),
            row("", Command::Commit { offer }),
            row("", Command::Over { offer }),
        ]);
    }
    rows.push(row("", Command::Dialled { call: CallId(3) }));
    for call in [CallId(1), CallId(2)] {
        rows.push(row("a call of their own", Command::Over { offer: OfferId { call, attempt: 0, ..ONE } }));
    }
    rows
}

#[test]
fn what_they_may_do_is_what_is_not_refused() {
    let (mut seen, mut taken) = (BTreeSet::new(), BTreeSet::new());
    let on_a_break = chatting("on a break, a chat parked", settings()).then(Command::Park { item: CHAT1 });
    for state in Agent::states().into_iter().chain([on_a_break.then(take_break())]) {
        let agent = &state.machine;
        let asked = |command| agent.decide(state.now, &command).map(|_| ());
        let mut compare = |may: Result<(), Refusal>, command: Command| {
            seen.insert((command.variant(), format!("{may:?}")));
            assert_eq!(may, asked(command.clone()), "{}: {command:?}", state.name);
        };
        compare(agent.may_pick_chat(Q1), pick(CHAT9));
        compare(agent.may_pick_chat(None), pick(CHAT9));
        compare(agent.may_pick_task(), pick(ItemId::Task(TaskId(9))));
        let take = agent.decide(state.now, &Command::Take { item: CHAT9, queue: Q1, place: 1 });
        let takes = matches!(take.as_deref(), Ok([Event::Requested { pushed: true, .. }, ..]));
        assert_eq!(agent.may_take_chat(Q1).is_ok(), takes, "{}", state.name);
        taken.insert(format!("{:?}", agent.may_take_chat(Q1)));
        let here = agent.inbox().filter(|(_, entry)| !matches!(entry, Entry::Requested { .. }));
        for (item, _) in here.filter(|(item, _)| agent.active() != Some(Active::Item(*item))) {
            compare(agent.may_activate(), Command::Activate { item });
        }
        compare(agent.may_extend(CallId(1)), Command::ExtendCallWrapUp { call: CallId(1) });
    }
    let answers = |of| seen.iter().filter(|(command, _)| *command == of).count();
    assert_eq!((answers("Pick"), answers("Activate"), answers("ExtendCallWrapUp")), (5, 3, 4), "{seen:?}");
    let all = ["Err(LoggedOut)", "Err(MaximumReached)", "Err(NotAvailable)", "Err(OnBreak)", "Ok(())"];
    assert!(taken.iter().eq(all), "{taken:?}");
}

#[test]
fn of_a_calls_wrap_up_they_are_reminded_once_it_is_parked_for_ten_minutes() {
    let reminds_at =
        |state: &State<Agent>| state.machine.call_wrap_ups().next().map(|(_, wrap_up)| wrap_up.reminds_at());
    let active = available("writing up a call", settings()).answers().hangs_up();
    assert_eq!(reminds_at(&active), Some(None));
    let parked_at = active.now;
    let parked = active.then(Command::Park { item: CALL1 });
    assert_eq!(reminds_at(&parked), Some(Some(parked_at + Span::seconds(600))));
    assert_eq!(reminds_at(&parked.then(Command::Activate { item: CALL1 })), Some(None));
}
