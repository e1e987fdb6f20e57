//! A floor as far as it matters for what can still happen: two floors with the same picture behave alike.
//! It leaves out what is derived (the board), what is only told (texts, reasons) and what is over, and puts ranks in the
//! place of numbers that only grow and are only compared: sequence numbers, attempts, places, turns.

use super::{Floor, Leg, Letter, Party};
use domain::Machine;
use serde::ser::{self, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What a number is: whether it stands for itself or only for its order among those of the same kind and owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Itself,
    /// Of an agent: how new their word is.
    Sequence,
    /// Of a call: how often it was offered.
    Attempt,
    /// Of a chat or task: how often it moved.
    Place,
    /// Of a queue: whose turn it was.
    Turn,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    owner: u64,
    value: u64,
}

/// The picture of a floor.
pub fn of(floor: &Floor) -> Vec<u64> {
    let mut camera = Camera { lone: floor.size.agents == 1, ..Camera::default() };
    for (id, agent) in &floor.agents {
        camera.agent = Some(id.0);
        camera.see(agent);
    }
    for (id, queue) in &floor.queues {
        camera.queue = id.0;
        camera.see(queue);
    }
    for (id, chat) in &floor.chats {
        camera.stand_before(Party::Chat(id.0));
        camera.see_unless_over(chat);
    }
    for (id, task) in &floor.tasks {
        camera.stand_before(Party::Task(id.0));
        camera.see_unless_over(task);
    }
    for (id, call) in &floor.calls {
        camera.stand_before(Party::Call(id.0));
        camera.see_unless_over(call);
    }
    camera.itself(floor.post.len() as u64);
    for ((from, to), letters) in &floor.post {
        camera.party(*from);
        camera.party(*to);
        camera.itself(letters.len() as u64);
        for Letter { message, .. } in letters {
            camera.stand_before(*to);
            camera.see(message);
        }
    }
    for (offer, leg) in &floor.legs {
        camera.see(offer);
        camera.itself(match leg {
            Leg::Ringing => 0,
            Leg::Stopping => 1,
            Leg::Answered => 2,
        });
    }
    floor.own_calls.iter().for_each(|(_, call)| camera.itself(*call));
    for (offer, tier) in &floor.ledger.open {
        camera.see(offer);
        camera.see(tier);
    }
    for ((chat, call), told) in &floor.ledger.parked {
        camera.see(chat);
        camera.see(call);
        camera.itself(u64::from(*told));
    }
    camera.itself(u64::from(floor.broken.is_some()));
    camera.develop()
}

/// Writes down whatever is serialised before it.
#[derive(Default)]
struct Camera {
    tokens: Vec<Token>,
    /// There is one agent only: nobody comes before them.
    lone: bool,
    kind: Option<Kind>,
    /// Whose sequence numbers, attempts, places and turns come next.
    agent: Option<u64>,
    call: u64,
    item: u64,
    queue: u64,
    last: u64,
}

impl Camera {
    fn see<T: Serialize + ?Sized>(&mut self, thing: &T) {
        thing.serialize(self).expect("a picture takes everything");
    }

    fn see_unless_over<M: Machine + Serialize>(&mut self, machine: &M) {
        self.itself(u64::from(machine.is_over()));
        if !machine.is_over() {
            self.see(machine);
        }
    }

    fn itself(&mut self, value: u64) {
        self.tokens.push(Token { kind: Kind::Itself, owner: 0, value });
    }

    fn party(&mut self, party: Party) {
        let (kind, id) = match party {
            Party::Floor => (0, 0),
            Party::Agent(id) => (1, id),
            Party::Queue(id) => (2, id),
            Party::Chat(id) => (3, id),
            Party::Call(id) => (4, id),
            Party::Task(id) => (5, id),
        };
        self.itself(kind << 32 | id);
    }

    /// What comes next is this party's.
    fn stand_before(&mut self, party: Party) {
        self.agent = None;
        match party {
            Party::Chat(_) | Party::Task(_) | Party::Call(_) => {
                if let Some(item) = party.item() {
                    self.name(&item.to_string());
                }
            }
            Party::Agent(_) | Party::Queue(_) | Party::Floor => {}
        }
    }

    /// What comes next is about this item.
    fn name(&mut self, item: &str) {
        self.item = number_of(item);
        if let Some(call) = item.strip_prefix("call:") {
            self.call = call.parse().unwrap_or_default();
        }
    }

    fn number(&mut self, value: u64) {
        self.last = value;
        let kind = self.kind.unwrap_or(Kind::Itself);
        let owner = match kind {
            Kind::Itself => 0,
            Kind::Sequence => self.agent.unwrap_or_default(),
            Kind::Attempt => self.call,
            Kind::Place => self.item,
            Kind::Turn => self.queue,
        };
        // What nobody has is compared with nothing.
        let value = if kind == Kind::Sequence && self.agent.is_none() { 0 } else { value };
        self.tokens.push(Token { kind, owner, value });
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        match name {
            "settings" | "why" | "messages" | "read_up_to" | "at" => return,
            // Of a call: what its record is made of, which no decision reads.
            "history" => return,
            // Of a destination: it depends on the queue.
            "chat" => return,
            "preemptions" | "idle_since" | "last_call_at" | "preempted_at" | "preferred" if self.lone => return,
            _ => {}
        }
        let kind = self.kind;
        self.kind = match name {
            "sequence" | "attention" => Some(Kind::Sequence),
            "attempt" | "attempts" | "closed_offers" => Some(Kind::Attempt),
            "place" | "nth" => Some(Kind::Place),
            "turn" | "turns" => Some(Kind::Turn),
            _ => kind,
        };
        self.see(value);
        self.kind = kind;
        match name {
            "agent" => self.agent = Some(self.last),
            "call" => self.call = self.last,
            _ => {}
        }
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) {
        let kind = self.kind.take();
        self.see(key);
        self.kind = kind;
        if kind == Some(Kind::Attempt) {
            self.call = self.last;
        }
    }

    /// Puts ranks in the place of what only grows. What may be one more than another stays distinguishable from what is
    /// further away; nought stays nought.
    fn develop(self) -> Vec<u64> {
        let mut values: BTreeMap<(Kind, u64), BTreeMap<u64, u64>> = BTreeMap::new();
        for Token { kind, owner, value } in &self.tokens {
            if *kind != Kind::Itself {
                values.entry((*kind, *owner)).or_default().insert(*value, 0);
            }
        }
        for ((kind, _), ranks) in &mut values {
            let gap_max = if matches!(kind, Kind::Attempt | Kind::Place) { 2 } else { 1 };
            let (mut before, mut rank) = (0, 0);
            for (value, place) in ranks {
                rank += (*value - before).min(gap_max);
                (before, *place) = (*value, rank);
            }
        }
        let ranked = |token: &Token| match token.kind {
            Kind::Itself => token.value,
            kind => values[&(kind, token.owner)][&token.value],
        };
        self.tokens.iter().map(ranked).collect()
    }
}

/// A number for a text.
fn number_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Nothing goes wrong when a picture is taken.
#[derive(Debug)]
struct Never;

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("never")
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Never {
        Never
    }
}

macro_rules! numbers {
    ($($name:ident $type:ty),*) => {$(
        fn $name(self, value: $type) -> Result<(), Never> {
            self.number(value as u64);
            Ok(())
        }
    )*};
}

impl ser::Serializer for &mut Camera {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_u8 u8,
        serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32, serialize_f64 f64, serialize_char char
    }

    fn serialize_str(self, text: &str) -> Result<(), Never> {
        if text.contains(':') {
            self.name(text);
        }
        self.itself(number_of(text));
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Never> {
        bytes.iter().for_each(|byte| self.itself(u64::from(*byte)));
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.itself(0);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.itself(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Never> {
        self.itself(u64::from(index));
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.itself(u64::from(index));
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Never> {
        self.itself(length.unwrap_or_default() as u64);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Never> {
        self.itself(u64::from(index));
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Never> {
        self.itself(length.unwrap_or_default() as u64);
        Ok(self)
    }

    /// What its fields are is said by their own names.
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        self.kind = None;
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Never> {
        self.itself(u64::from(index));
        Ok(self)
    }
}

macro_rules! sequences {
    ($($trait:ident $name:ident),*) => {$(
        impl ser::$trait for &mut Camera {
            type Ok = ();
            type Error = Never;

            fn $name<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                self.see(value);
                Ok(())
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
}

macro_rules! structs {
    ($($trait:ident),*) => {$(
        impl ser::$trait for &mut Camera {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Never> {
                self.field(name, value);
                Ok(())
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )*};
}

structs!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Camera {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        self.key(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.see(value);
        Ok(())
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}
