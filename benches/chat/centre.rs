//! The centre that visitors write to: its company, its agents at their desktops, and visitors who begin chats.

use crate::crowd::{Crowd, Who};
use crate::shared::daemon::{Daemon, Under, password_hash};
use crate::shared::{Result, doing};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// All as it is by default, but for addresses, and for what one address and one chat may ask for: all visitors of the bench
/// come from one address, and write more than people do.
const SETTINGS: &str = "[limits]\nvisitors_per_source = 20000\nnew_chats_per_source_per_minute = 100000\n\
                        messages_per_chat_per_second = 1000\nmessages_per_source_per_second = 10000\n\
                        messages_per_company_per_second = 10000\n";
const TOKEN: &str = "the-bench-and-nobody-else";

/// A daemon, and everybody's browsers.
pub struct Centre {
    pub daemon: Daemon,
    pub crowd: Crowd,
    pub desktops: Vec<Desktop>,
    pub visitors: Vec<Visitor>,
}

/// An agent's open desktop.
pub struct Desktop {
    pub who: Who,
    /// The number of its last command.
    pub commands: u64,
    /// The chats that it was shown as waiting.
    pub shown: BTreeSet<u64>,
}

/// A visitor's open chat.
pub struct Visitor {
    pub who: Who,
    /// The number of their last command.
    pub commands: u64,
}

impl Centre {
    /// A daemon with so many agents, all at work at their desktops. `CHAT_DAEMON` names another one than the one just built.
    pub fn open(agents: usize, under: Under) -> Result<Centre> {
        let daemon = Daemon::start(SETTINGS, &company(agents)?, "CHAT_DAEMON", under)?;
        let mut centre = Centre { daemon, crowd: Crowd::new()?, desktops: vec![], visitors: vec![] };
        (0..agents).try_for_each(|agent| centre.sit_down(&format!("a{agent}")))?;
        Ok(centre)
    }

    /// An agent opens their desktop and begins to work.
    fn sit_down(&mut self, agent: &str) -> Result<()> {
        let session = self.daemon.session(agent)?;
        let who = self.crowd.open(self.daemon.http, "/ws/agent", &session)?;
        self.crowd.send(who, &json!({"type": "hello", "client": format!("desk-of-{agent}")}))?;
        self.crowd.await_all("a desktop", |heard| Ok(heard.reply["type"] == "snapshot"))?;
        self.desktops.push(Desktop { who, commands: 0, shown: BTreeSet::new() });
        self.command(self.desktops.len() - 1, &json!({"do": "log_in"}))
    }

    /// An agent has something done, and waits until it is.
    fn command(&mut self, desktop: usize, command: &Value) -> Result<()> {
        let desktop = &mut self.desktops[desktop];
        desktop.commands += 1;
        let (who, id) = (desktop.who, desktop.commands);
        self.crowd.send(who, &json!({"type": "command", "id": id, "command": command}))?;
        self.crowd.await_all("an answer", |heard| {
            let is_it = heard.who == who && heard.reply["type"] == "answer";
            if is_it {
                answered(&heard.reply)?
            }
            Ok(is_it)
        })
    }

    /// So many visitors begin a chat, a second so many of them; waits until each sees its own, and each desktop all of them.
    pub fn begin_chats(&mut self, count: usize, rate: usize) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let (begin, mut snapshots) = (Instant::now(), BTreeSet::new());
        let first = self.visitors.len();
        let mut shown: BTreeMap<Who, BTreeSet<u64>> = BTreeMap::new();
        let all = self.desktops.len();
        let mut waiting = |heard: crate::crowd::Heard, count: usize| {
            match heard.reply["type"].as_str() {
                Some("snapshot") => {
                    if heard.reply["chat"]["state"]["state"] != "waiting" {
                        return Err(format!("a chat that does not wait: {}", heard.reply));
                    }
                    snapshots.insert(heard.who);
                }
                Some("frame") => {
                    for item in waiting_chats(&heard.reply["frame"]) {
                        shown.entry(heard.who).or_default().insert(item);
                    }
                }
                _ => {}
            }
            Ok(snapshots.len() == count && shown.values().filter(|chats| chats.len() == count).count() == all)
        };
        for nth in 0..count {
            let due = begin + Duration::from_secs(1) * nth as u32 / rate as u32;
            self.crowd.hear(due, |heard| waiting(heard, count).map(|_| false))?;
            let who = self.crowd.open(self.daemon.http, "/ws/visitor", "")?;
            let (session, client) = (format!("{:032}", first + nth), format!("tab-of-{:08}", first + nth));
            let hello = json!({"type": "hello", "token": TOKEN, "session": session, "client": client, "have": 0,
                               "language": "de", "page": "https://shop.example/bicycles"});
            self.crowd.send(who, &hello)?;
            self.visitors.push(Visitor { who, commands: 0 });
        }
        self.crowd.await_all(&format!("{count} chats on {all} desktops"), |heard| waiting(heard, count))?;
        for desktop in &mut self.desktops {
            desktop.shown.append(shown.entry(desktop.who).or_default());
        }
        Ok(())
    }

    /// Each agent takes a chat of their own and turns to it: pairs, by the order of desktops.
    pub fn pair_up(&mut self) -> Result<Vec<u64>> {
        // One after another: then their numbers tell whose chat is whose.
        (0..self.desktops.len()).try_for_each(|_| self.begin_chats(1, 50))?;
        let chats: Vec<u64> = self.desktops.first().ok_or("nobody is there")?.shown.iter().copied().collect();
        for (desktop, chat) in self.desktops.iter_mut().zip(&chats) {
            desktop.commands += 1;
            let pick = json!({"do": "pick", "item": {"kind": "chat", "id": chat}});
            self.crowd.send(desktop.who, &json!({"type": "command", "id": desktop.commands, "command": pick}))?;
        }
        // Only what somebody has turned to can be answered.
        let (mut answers, mut active, all) = (0, BTreeSet::new(), chats.len());
        self.crowd.await_all("chats that are taken", |heard| {
            if heard.reply["type"] == "answer" {
                answered(&heard.reply)?;
                answers += 1;
            }
            let chat = &heard.reply["frame"]["chat"];
            active.extend(chat["chat"].as_u64().filter(|_| chat["state"]["state"] == "active"));
            Ok(answers == all && active.len() == all)
        })?;
        Ok(chats)
    }
}

/// The chats that a frame shows as waiting.
fn waiting_chats(frame: &Value) -> impl Iterator<Item = u64> {
    let items = if frame["kind"] == "queue" { frame["waiting"].as_array() } else { None };
    items.into_iter().flatten().filter_map(|item| item["item"]["id"].as_u64())
}

/// Whether what an answer answers was done.
pub fn answered(answer: &Value) -> Result<()> {
    if answer["problem"].is_null() { Ok(()) } else { Err(format!("not done: {answer}")) }
}

fn company(agents: usize) -> Result<String> {
    let hash = password_hash()?;
    let mut text = format!(
        "[company]\nname = \"Bench\"\n[[queue]]\nname = \"Service\"\n\
         [[chat_service]]\nname = \"Shop\"\ntoken = \"{TOKEN}\"\nqueue = \"Service\"\n"
    );
    for agent in 0..agents {
        write!(
            text,
            "[[agent]]\nlogin_name = \"a{agent}\"\npassword_hash = \"{hash}\"\nqueues = [\"Service\"]\nchats_max = 3\n"
        )
        .map_err(doing("write the company"))?;
    }
    Ok(text)
}
