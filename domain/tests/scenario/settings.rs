//! Settings: queues and agents, and how they differ from the defaults.
//! The defaults are those of the daemon's manual; nothing here invents others.

use super::arguments::Args;
use super::form::{Form, fill, is_a_name, text};
use super::stage::{AgentSetup, QueueSetup, Setup};
use domain::agent::{self, ParkOn, Preemption, ResumeOn};
use domain::chat::{self, WrapUpAtLogout};
use domain::id::{AgentId, QueueId};
use domain::queue::{self, Answer, Channel, Destination, HeadStarts, Strategy, Unserved};
use domain::routing::Skill;
use domain::time::Span;

/// How good an agent is at what a queue is about if nothing is said.
const SKILL: Skill = 1;

type OfQueue = Form<fn(&mut QueueSetup, &Setup, &mut Args)>;
type OfAgent = Form<fn(&mut AgentSetup, &mut Args)>;

/// What can be said behind `queue Service:`.
pub const SETTINGS_OF_QUEUES: &[OfQueue] = &[
    Form { words: "pushes chats", means: |queue, _, _| _ = queue.settings.pushed.insert(Channel::Chat) },
    Form { words: "pushes e-mails", means: |queue, _, _| _ = queue.settings.pushed.insert(Channel::Email) },
    Form { words: "pushes work items", means: |queue, _, _| _ = queue.settings.pushed.insert(Channel::WorkItem) },
    Form { words: "pushes callbacks", means: |queue, _, _| _ = queue.settings.pushed.insert(Channel::Callback) },
    Form { words: "exclusive chats", means: |queue, _, _| queue.chats.exclusive = true },
    Form {
        words: "calls have a head start of <time>",
        means: |queue, _, args| queue.settings.head_starts.call = Some(args.span()),
    },
    Form {
        words: "chats have a head start of <time>",
        means: |queue, _, args| queue.settings.head_starts.chat = Some(args.span()),
    },
    Form {
        words: "at most <n> wait",
        means: |queue, _, args| queue.settings.waiting_max = u32::try_from(args.number()).ok(),
    },
    Form { words: "wait at most <time>", means: |queue, _, args| queue.settings.wait_max = Some(args.span()) },
    Form {
        words: "overflow to <queue>",
        means: |queue, setup, args| queue.settings.overflow = Some(setup.destination(args.queue())),
    },
    Form { words: "unserved: overflow", means: |queue, _, _| queue.settings.unserved = Unserved::Overflow },
    Form { words: "unserved: refuse", means: |queue, _, _| queue.settings.unserved = Unserved::Refuse },
    Form { words: "round robin", means: |queue, _, _| queue.settings.strategy = Strategy::RoundRobin },
    Form { words: "by skill", means: |queue, _, _| queue.settings.strategy = Strategy::Skill },
    Form { words: "sticky", means: |queue, _, _| queue.settings.strategy = Strategy::Sticky },
    Form { words: "answered with an agent", means: |queue, _, _| queue.settings.answer = Answer::WithAgent },
    Form { words: "no call wrap-up", means: |queue, _, _| queue.settings.call_wrap_up = Span::ZERO },
    Form { words: "no chat wrap-up", means: |queue, _, _| queue.chats.wrap_up = Span::ZERO },
    Form {
        words: "wrap-up at logout: requeue",
        means: |queue, _, _| queue.chats.wrap_up_at_logout = WrapUpAtLogout::Requeue,
    },
    Form { words: "parked chat wrap-ups stay", means: |queue, _, _| queue.chats.parked_wrap_up_closes = None },
];

/// What can be said behind `agent Anna:`.
pub const SETTINGS_OF_AGENTS: &[OfAgent] = &[
    Form { words: "logged out", means: |agent, _| agent.stays_away = true },
    Form { words: "voice only", means: |agent, _| agent.settings.voice_only = true },
    Form { words: "fixed phone", means: |agent, _| agent.settings.phone_registers = false },
    Form { words: "serves <queue>", means: |agent, args| _ = agent.serves.insert(args.queue(), SKILL) },
    Form {
        words: "serves <queue> with skill <n>",
        means: |agent, args| {
            let queue = args.queue();
            agent.serves.insert(queue, Skill::try_from(args.number()).unwrap_or(Skill::MAX));
        },
    },
    Form {
        words: "at most <n> chats",
        means: |agent, args| agent.settings.chats_max = u32::try_from(args.number()).unwrap_or(u32::MAX),
    },
    Form {
        words: "at most <n> chats in <queue>",
        means: |agent, args| {
            let max = u32::try_from(args.number()).unwrap_or(u32::MAX);
            agent.settings.chats_max_in.insert(args.queue(), max);
        },
    },
    Form { words: "browser given up after <time>", means: |agent, args| agent.settings.browser_gone = args.span() },
    Form { words: "parked call wrap-ups stay", means: |agent, _| agent.settings.parked_wrap_up_closes = None },
    Form { words: "park on ring", means: |agent, _| agent.settings.preemption.park_on = ParkOn::Ring },
    Form {
        words: "resume when wrap-up is done",
        means: |agent, _| agent.settings.preemption.resume_on = ResumeOn::WrapUpDone,
    },
    Form {
        words: "protected <time> after a resume",
        means: |agent, args| agent.settings.preemption.min_resume = args.span(),
    },
];

/// Whether a line is a setting at all.
pub fn is_setting(said: &[String]) -> bool {
    said.first().is_some_and(|first| ["queue", "queues", "agent", "agents"].contains(&first.as_str()))
}

/// `queue Service`, `queues Service, Backup`, `queue Service: pushes chats, round robin`; the same with agents. Returns the
/// forms of what was said.
pub fn set(setup: &mut Setup, said: &[String]) -> Result<Vec<&'static str>, String> {
    let mut forms = vec![];
    let (names, phrases) = match said.iter().position(|word| word == ":") {
        Some(colon) => (&said[1..colon], &said[colon + 1..]),
        None => (&said[1..], &said[..0]),
    };
    for name in names.split(|word| word == ",") {
        let [name] = name else { return Err(format!("`{}` is not a name", text(name))) };
        if !is_a_name(name) || setup.knows(name) {
            return Err(format!("`{name}` cannot be a name: it begins small, or it is taken"));
        }
        let is_queue = said[0].starts_with("queue");
        forms.extend(if is_queue { setup.add_queue(name, phrases)? } else { setup.add_agent(name, phrases)? });
    }
    Ok(forms)
}

fn phrases<'a, T>(
    said: &'a [String],
    forms: &'static [Form<T>],
    setup: &'a Setup,
) -> impl Iterator<Item = Result<(&'static Form<T>, Args), String>> {
    said.split(|word| word == ",").filter(|phrase| !phrase.is_empty()).map(move |phrase| {
        let found = forms.iter().find_map(|form| Some((form, fill(form.words, phrase, setup, false)?)));
        found.ok_or_else(|| {
            let all: Vec<_> = forms.iter().map(|form| form.words).collect();
            format!("`{}` is not a setting. There is\n  {}", text(phrase), all.join("\n  "))
        })
    })
}

impl Setup {
    fn add_queue(&mut self, name: &str, said: &[String]) -> Result<Vec<&'static str>, String> {
        let mut forms = vec![];
        let id = QueueId(self.queues.len() as u64 + 1);
        let mut queue = QueueSetup { id, name: name.to_owned(), settings: queue_defaults(), chats: chat_defaults() };
        for phrase in phrases(said, SETTINGS_OF_QUEUES, self) {
            let (form, mut args) = phrase?;
            (form.means)(&mut queue, self, &mut args);
            forms.push(form.words);
        }
        self.queues.push(queue);
        Ok(forms)
    }

    /// Agents serve all queues named so far, unless they say which.
    fn add_agent(&mut self, name: &str, said: &[String]) -> Result<Vec<&'static str>, String> {
        let mut forms = vec![];
        let id = AgentId(self.agents.len() as u64 + 1);
        let (name, settings) = (name.to_owned(), agent_defaults());
        let mut agent = AgentSetup { id, name, settings, serves: [].into(), stays_away: false };
        for phrase in phrases(said, SETTINGS_OF_AGENTS, self) {
            let (form, mut args) = phrase?;
            (form.means)(&mut agent, &mut args);
            forms.push(form.words);
        }
        if agent.serves.is_empty() {
            agent.serves = self.queues.iter().map(|queue| (queue.id, SKILL)).collect();
        }
        self.agents.push(agent);
        Ok(forms)
    }

    /// The agent with this name.
    pub fn agent(&self, name: &str) -> Option<AgentId> {
        self.agents.iter().find(|agent| agent.name == name).map(|agent| agent.id)
    }

    /// The queue with this name.
    pub fn queue(&self, name: &str) -> Option<QueueId> {
        self.queues.iter().find(|queue| queue.name == name).map(|queue| queue.id)
    }

    /// What an agent is called.
    pub fn agent_name(&self, id: AgentId) -> &str {
        self.agents.iter().find(|agent| agent.id == id).map_or("nobody", |agent| &agent.name)
    }

    /// What a queue is called.
    pub fn queue_name(&self, id: QueueId) -> &str {
        self.queues.iter().find(|queue| queue.id == id).map_or("nowhere", |queue| &queue.name)
    }

    /// A queue, with what holds for chats there.
    pub fn destination(&self, queue: QueueId) -> Destination {
        let there = self.queues.iter().find(|setup| setup.id == queue);
        let chat = there.map(|setup| setup.chats).unwrap_or_default();
        Destination { queue, chat, answer: there.map(|setup| setup.settings.answer).unwrap_or_default() }
    }

    /// Whether somebody or something is called so.
    pub fn knows(&self, name: &str) -> bool {
        self.agent(name).is_some() || self.queue(name).is_some()
    }

    /// All names.
    pub fn names(&self) -> Vec<&str> {
        let queues = self.queues.iter().map(|queue| queue.name.as_str());
        queues.chain(self.agents.iter().map(|agent| agent.name.as_str())).collect()
    }
}

fn queue_defaults() -> queue::Settings {
    queue::Settings {
        strategy: Strategy::LongestIdle,
        pushed: [].into(),
        head_starts: HeadStarts::default(),
        waiting_max: None,
        wait_max: Some(Span::seconds(600)),
        overflow: None,
        unserved: Unserved::Wait,
        ring: Span::seconds(20),
        call_wrap_up: Span::seconds(30),
        answer: Answer::AtOnce,
    }
}

fn chat_defaults() -> chat::Settings {
    chat::Settings {
        exclusive: false,
        wrap_up: Span::seconds(60),
        wrap_up_at_logout: WrapUpAtLogout::Close,
        parked_wrap_up_closes: Some(Span::seconds(7200)),
        visitor_grace: Span::seconds(120),
        visitor_grace_preempted: Span::seconds(300),
        idle_warns: Some(Span::seconds(480)),
        idle_closes: Some(Span::seconds(600)),
        choice_after: Some(Span::seconds(180)),
        alert_after: Some(Span::seconds(300)),
    }
}

fn agent_defaults() -> agent::Settings {
    agent::Settings {
        chats_max: 3,
        chats_max_in: [].into(),
        parked_wrap_up_closes: Some(Span::seconds(7200)),
        browser_grace: Span::seconds(60),
        browser_gone: Span::seconds(300),
        voice_only: false,
        phone_registers: true,
        preemption: Preemption { park_on: ParkOn::Answer, resume_on: ResumeOn::Hangup, min_resume: Span::ZERO },
    }
}
