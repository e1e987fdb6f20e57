//! Pairs of visitors and agents who write to each other, and whether each screen shows all of it, once and in order.
//! Never times what was not seen to arrive.

use crate::centre::{Centre, answered};
use crate::crowd::{Heard, Who};
use crate::shared::Result;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The talk of all pairs.
pub struct Talk<'a> {
    pub centre: &'a mut Centre,
    chats: Vec<u64>,
    pairs: Vec<Pair>,
    /// Whose screen it is: the pair, and the side.
    screens: BTreeMap<Who, (usize, Side)>,
    said: usize,
    /// Those that are on their way to the other screen, to the own one, and to their answer.
    awaited: usize,
}

/// What was said on the way from one screen to the other.
pub struct Talked {
    /// How long each took to the other screen, sorted.
    pub seconds: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Visitor,
    Agent,
}

/// What was said in one chat.
#[derive(Default)]
struct Pair {
    /// The texts of each side in their order, with the time at which they were sent.
    said: [Vec<(String, Instant)>; 2],
    /// What each screen has: the number of its last message, and how many of each side.
    shown: [(u64, [usize; 2]); 2],
}

impl<'a> Talk<'a> {
    /// All pairs are in their chats.
    pub fn begin(centre: &'a mut Centre) -> Result<Talk<'a>> {
        let chats = centre.pair_up()?;
        let visitors = centre.visitors.iter().enumerate().map(|(pair, visitor)| (visitor.who, (pair, Side::Visitor)));
        let desktops = centre.desktops.iter().enumerate().map(|(pair, desktop)| (desktop.who, (pair, Side::Agent)));
        let screens = visitors.chain(desktops).collect();
        let pairs = chats.iter().map(|_| Pair::default()).collect();
        Ok(Talk { centre, chats, pairs, screens, said: 0, awaited: 0 })
    }

    /// So many messages, a second so many of them, by turns of all visitors and all agents; waits until both screens show
    /// each, and each is answered.
    pub fn go_on(&mut self, count: usize, rate: usize) -> Result<Talked> {
        let (begin, mut seconds) = (Instant::now(), vec![]);
        for nth in 0..count {
            self.hear(begin + Duration::from_secs(1) * nth as u32 / rate as u32, false, &mut seconds)?;
            self.say()?;
        }
        if !self.hear(Instant::now() + Duration::from_secs(60), true, &mut seconds)? || seconds.len() != count {
            return Err(format!("of {count} messages {} arrived, and {} things did not", seconds.len(), self.awaited));
        }
        seconds.sort_by(f64::total_cmp);
        Ok(Talked { seconds })
    }

    fn say(&mut self) -> Result<()> {
        let (pair, turn) = (self.said % self.pairs.len(), self.said / self.pairs.len());
        let text = text(self.said);
        self.said += 1;
        self.awaited += 3;
        let (who, id, command, side) = if turn.is_multiple_of(2) {
            let visitor = &mut self.centre.visitors[pair];
            visitor.commands += 1;
            (visitor.who, visitor.commands, json!({"do": "say", "text": text}), Side::Visitor)
        } else {
            let desktop = &mut self.centre.desktops[pair];
            desktop.commands += 1;
            let say = json!({"do": "say", "chat": self.chats[pair], "text": text});
            (desktop.who, desktop.commands, say, Side::Agent)
        };
        self.pairs[pair].said[side as usize].push((text, Instant::now()));
        self.centre.crowd.send(who, &json!({"type": "command", "id": id, "command": command}))
    }

    /// Hears what comes until then, or until all is there if nothing else is to be waited for.
    fn hear(&mut self, until: Instant, is_last: bool, seconds: &mut Vec<f64>) -> Result<bool> {
        if is_last && self.awaited == 0 {
            return Ok(true);
        }
        let Talk { centre, pairs, screens, awaited, .. } = self;
        centre.crowd.hear(until, |heard| {
            if heard.reply["type"] == "answer" {
                answered(&heard.reply)?;
                *awaited -= 1;
            } else if heard.reply["frame"]["kind"] == "message" {
                let (pair, side) = screens.get(&heard.who).ok_or("a screen of nobody")?;
                seconds.extend(pairs[*pair].shows(*side, &heard)?);
                *awaited -= 1;
            }
            Ok(is_last && *awaited == 0)
        })
    }
}

impl Pair {
    /// A screen shows a message; how long it took, if the other side wrote it.
    fn shows(&mut self, side: Side, heard: &Heard) -> Result<Option<f64>> {
        let message = &heard.reply["frame"]["message"];
        let author = if message["author"] == "visitor" { Side::Visitor } else { Side::Agent };
        let (last, counts) = &mut self.shown[side as usize];
        *last += 1;
        let said = self.said[author as usize].get(counts[author as usize]);
        let expected = said.filter(|(text, _)| message["text"] == **text && message["number"] == *last);
        let (_, at) = expected.ok_or_else(|| format!("not what comes next, number {last}: {message}"))?;
        counts[author as usize] += 1;
        Ok((author != side).then(|| (heard.at - *at).as_secs_f64()))
    }
}

/// The text of a message, as long as people's are.
pub fn text(nth: usize) -> String {
    format!("Message {nth}: when will the bicycle that I ordered be ready?")
}
