//! The legs of the calls that are going on: which leg is whose, its media, and what was agreed about them.
//! It answers from its own tables and never sends a packet.

use super::announcements::Waiting;
use super::relay::{Described, Direction, Kind, Negotiated, Port, PortId, Relay, Sound};
use domain::id::{AgentId, CallId, CompanyId, OfferId, QueueId};
use serde::{Deserialize, Serialize};
use sip::LegId;
use sip::sdp::{self, Agreed, Description, Format, Local, Refused};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

/// Whose leg it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The caller's.
    Caller,
    /// That of the agent to whom the call is offered.
    Agent(OfferId),
}

/// What is kept of a leg beside the events of its call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRecord {
    /// The agent whose phone it is; `None` for the caller's leg.
    pub agent: Option<AgentId>,
    /// Its SIP Call-ID.
    pub call_id: Option<String>,
    /// The trunk by which the caller came, if it was one.
    pub trunk: Option<String>,
    /// Its packets, counted at its end; `None` if no media flowed, or if the daemon died meanwhile.
    pub packets: Option<Packets>,
}

/// The RTP packets of a leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packets {
    /// They came from its peer.
    pub received: u64,
    /// They went to its peer.
    pub sent: u64,
    /// They came to its port, but were none of the call: from another source, or of another kind.
    pub dropped: u64,
}

/// To what a leg belongs.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// To which company.
    pub company: CompanyId,
    /// To which call.
    pub call: CallId,
    /// To which of its sides.
    pub role: Role,
    /// For which queue the call came.
    pub queue: QueueId,
}

/// The two ends of a leg.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Where the peer finds our media.
    pub ours: IpAddr,
    /// Where the peer's signalling comes from.
    pub theirs: IpAddr,
}

/// One leg of a call.
#[derive(Debug)]
pub struct Leg {
    /// Of which call.
    pub call: CallId,
    /// Of which company.
    pub company: CompanyId,
    /// Whose.
    pub role: Role,
    /// We are ending it: what happens to it now is nobody's news.
    pub ending: bool,
    /// A caller's: its call is durable.
    pub is_stored: bool,
    /// A caller's who is refused once they have heard why.
    pub is_turned_away: bool,
    /// Its media flow: it is a welcomed caller, or a phone that was given its call.
    pub is_connected: bool,
    /// Its peer wants to hear nothing.
    pub is_holding: bool,
    /// With which leg it shares its sound.
    pub talks_with: Option<LegId>,
    /// How many packets had come from it when it did not answer the last time.
    pub heard: u64,
    /// What is kept of it.
    pub record: LegRecord,
    /// For which queue its call came, or waits.
    pub queue: QueueId,
    /// What it hears while it waits.
    pub waiting: Option<Waiting>,
    port: Port,
    address: IpAddr,
    signals_from: IpAddr,
    /// The host that the peer last named and that was looked up, and its address if there was one.
    found: Option<(String, Option<IpAddr>)>,
    version: u64,
    agreed: Option<Agreed>,
    /// The peer's offer that is not answered yet.
    asked: Option<Description>,
    offered: Vec<Format>,
    /// What payload types meant so far, to either side.
    known: Vec<Format>,
    /// What the peer described beside its audio.
    refused: Refused,
    described: Option<Vec<u8>>,
}

/// All legs.
#[derive(Debug, Default)]
pub struct Legs {
    legs: BTreeMap<LegId, Leg>,
    calls: BTreeMap<CallId, Vec<LegId>>,
    ports: BTreeMap<PortId, LegId>,
}

impl Legs {
    /// A new leg with its media port.
    pub fn open(&mut self, id: LegId, whose: Whose, port: Port, ends: Ends) {
        let Whose { company, call, role, queue } = whose;
        self.ports.insert(port.id, id);
        self.calls.entry(call).or_default().push(id);
        let agent = match role {
            Role::Caller => None,
            Role::Agent(offer) => Some(offer.agent),
        };
        let leg = Leg {
            call,
            company,
            role,
            ending: false,
            is_stored: false,
            is_turned_away: false,
            is_connected: false,
            is_holding: false,
            talks_with: None,
            heard: 0,
            record: LegRecord { agent, ..LegRecord::default() },
            queue,
            waiting: None,
            port,
            address: ends.ours,
            signals_from: ends.theirs,
            found: None,
            version: 0,
            agreed: None,
            asked: None,
            offered: vec![],
            known: vec![],
            refused: Refused::default(),
            described: None,
        };
        self.legs.insert(id, leg);
    }

    /// Forgets a leg that is over.
    pub fn close(&mut self, id: LegId, relay: &Relay) -> Option<Leg> {
        let leg = self.legs.remove(&id)?;
        self.ports.remove(&leg.port.id);
        if let Some(legs) = self.calls.get_mut(&leg.call) {
            legs.retain(|other| *other != id);
            if legs.is_empty() {
                self.calls.remove(&leg.call);
            }
        }
        relay.close(leg.port.id);
        Some(leg)
    }

    /// A leg.
    pub fn get_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.get_mut(&id)
    }

    /// A leg.
    pub fn get(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id)
    }

    /// How many calls are going on.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// All legs.
    pub fn ids(&self) -> Vec<LegId> {
        self.legs.keys().copied().collect()
    }

    /// Callers who were told nothing yet, because their call is not durable.
    pub fn unstored_callers(&self) -> Vec<LegId> {
        let is_one = |leg: &Leg| leg.role == Role::Caller && !leg.is_stored && !leg.ending;
        self.legs.iter().filter(|(_, leg)| is_one(leg)).map(|(id, _)| *id).collect()
    }

    /// The legs of a call.
    pub fn of_call(&self, call: CallId) -> Vec<LegId> {
        self.calls.get(&call).cloned().unwrap_or_default()
    }

    /// A call's leg of one role that we are not ending.
    pub fn of_role(&self, call: CallId, role: Role) -> Option<LegId> {
        let is_it = |id: &LegId| self.legs.get(id).is_some_and(|leg| leg.role == role && !leg.ending);
        self.of_call(call).into_iter().find(is_it)
    }

    /// Which leg has this media port.
    pub fn by_port(&self, port: PortId) -> Option<LegId> {
        self.ports.get(&port).copied()
    }

    /// The formats to offer to an agent's phone: what the caller's leg has, or could have, comes first.
    pub fn formats_for_agent(&self, call: CallId) -> Vec<Format> {
        let caller = self.of_role(call, Role::Caller).and_then(|id| self.legs.get(&id));
        sdp::offered_on(&caller.map(Leg::formats).unwrap_or_default())
    }

    /// What the leg takes that a leg talks with; nothing if it talks with none.
    pub fn formats_of_other(&self, id: LegId) -> Vec<Format> {
        let other = self.legs.get(&id).and_then(|leg| leg.talks_with).and_then(|other| self.legs.get(&other));
        other.map(Leg::formats).unwrap_or_default()
    }

    /// The codec that a leg should have so that nothing is translated: that of the leg it talks with, or else its own.
    pub fn shared_codec(&self, id: LegId) -> Option<sdp::Codec> {
        let leg = self.legs.get(&id)?;
        let other = leg.talks_with.and_then(|other| self.legs.get(&other)).and_then(Leg::codec);
        other.or_else(|| leg.codec()).cloned()
    }
}

impl Leg {
    /// Its number among the legs of its call: 0 for the caller's, else that of the offer.
    pub fn number(&self) -> i64 {
        match self.role {
            Role::Caller => 0,
            Role::Agent(offer) => offer.attempt.into(),
        }
    }

    /// The media port.
    pub fn port(&self) -> PortId {
        self.port.id
    }

    /// Where the peer finds our media.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The codec that was agreed on.
    pub fn codec(&self) -> Option<&sdp::Codec> {
        self.agreed.as_ref().map(|agreed| &agreed.format.codec)
    }

    /// Whether its peer hears none of our prompts: all that it takes only passes through.
    pub fn is_foreign(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| taken(agreed).all(|format| format.codec.spoken().is_none()))
    }

    /// What the peer has, or could have as long as its offer is not answered.
    fn formats(&self) -> Vec<Format> {
        match (&self.agreed, &self.asked) {
            (Some(agreed), _) => {
                let keys = agreed.telephone_event.map(|payload| Format::new(payload, sdp::Codec::TelephoneEvent));
                taken(agreed).cloned().chain(keys).collect()
            }
            (None, Some(asked)) => asked.audio.formats.clone(),
            (None, None) => vec![],
        }
    }

    /// Keeps the peer's first offer until it is answered.
    ///
    /// # Errors
    /// When it cannot be read or has no speech for us or anybody else.
    pub fn ask(&mut self, offer: &[u8]) -> Result<(), sdp::SdpError> {
        let offer = Description::parse(offer)?;
        sdp::choose_any(&offer)?;
        self.asked = Some(offer);
        Ok(())
    }

    /// Our side in the answer to the peer's INVITE: an answer to its offer, if it made one, or else an offer. `shared` is
    /// the codec of whoever it is to talk with. What we don't speak is chosen only if it is that, or if there is nothing
    /// else: then no prompt is heard.
    pub fn accept_call(&mut self, shared: Option<&sdp::Codec>) -> Vec<u8> {
        let Some(asked) = self.asked.take() else {
            let shared = shared.and_then(|codec| Some(Format::new(codec.spoken()?.payload_type(), codec.clone())));
            return self.offer(sdp::offered_on(shared.as_slice()));
        };
        let chosen = sdp::choose(&asked, &sdp::OURS, shared).or_else(|_| sdp::choose_any(&asked));
        // That there is something to choose was looked at when the offer came.
        chosen.map(|chosen| self.settle(&asked, chosen)).unwrap_or_default()
    }

    fn settle(&mut self, offer: &Description, chosen: Format) -> Vec<u8> {
        let mut agreed = None;
        let answer = self.describe(|leg| {
            let (answer, found) = sdp::answer(offer, &leg.local(), chosen.clone());
            agreed = Some(found);
            answer
        });
        self.agreed = agreed;
        self.remember(&offer.audio.formats);
        self.refused = offer.refused.clone();
        answer
    }

    /// Our side from now on, as `text` writes it. Its version is one more with each change, and only then (RFC 3264 §8).
    fn describe(&mut self, mut text: impl FnMut(&Self) -> Vec<u8>) -> Vec<u8> {
        if let Some(before) = &self.described {
            let same = text(self);
            if *before == same {
                return same;
            }
        }
        self.version += 1;
        let changed = text(self);
        self.described = Some(changed.clone());
        changed
    }

    /// Its peer's signalling comes from there: an agent may have several phones.
    pub fn signals_from(&mut self, address: IpAddr) {
        self.signals_from = address;
    }

    /// The name of the host of the peer's media, if it is given by name; and whether an IPv4 address is wanted.
    pub fn host(&self) -> Option<(&str, bool)> {
        let (host, address) = match (&self.agreed, &self.asked) {
            (Some(agreed), _) => (&agreed.host, agreed.remote),
            (None, Some(asked)) => (&asked.audio.host, asked.audio.address),
            (None, None) => return None,
        };
        host.as_deref().map(|host| (host, address.is_ipv4()))
    }

    /// The address of a host, as far as it was found.
    pub fn address_of(&self, host: &str) -> Option<IpAddr> {
        self.found.as_ref().filter(|(name, _)| name == host).and_then(|(_, address)| *address)
    }

    /// A host was looked up; none if it has no address.
    pub fn located(&mut self, host: String, address: Option<IpAddr>) {
        self.found = Some((host, address));
    }

    /// Whether the peer's audio is expected: neither on hold nor one-way.
    pub fn is_heard(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.direction == sdp::Direction::SendReceive)
    }

    /// Our answer to a later offer of the peer; what was agreed is kept. `shared` is chosen if it is offered.
    ///
    /// # Errors
    /// When the offer cannot be read or has nothing for us.
    pub fn answer(&mut self, offer: &[u8], shared: Option<&sdp::Codec>) -> Result<Vec<u8>, sdp::SdpError> {
        let offer = Description::parse(offer)?;
        let chosen = sdp::choose(&offer, &sdp::OURS, shared)?;
        Ok(self.settle(&offer, chosen))
    }

    /// Our offer, of these formats.
    pub fn offer(&mut self, formats: Vec<Format>) -> Vec<u8> {
        self.remember(&formats);
        self.offered = formats;
        self.describe(|leg| sdp::offer_beside(&leg.refused, &leg.local(), &leg.offered))
    }

    /// Our offer within the call, of all that we can (RFC 3261 §14.2): what is agreed comes first, then `theirs`, what the
    /// leg takes that it talks with.
    pub fn offer_again(&mut self, theirs: &[Format]) -> Vec<u8> {
        let agreed: Vec<Format> = self.agreed.iter().flat_map(taken).cloned().collect();
        self.offer(sdp::offered_within(&agreed, theirs, &self.known))
    }

    /// Our offer within the call, of what we speak ourselves.
    pub fn offer_spoken(&mut self) -> Vec<u8> {
        self.offer(sdp::offered_within(&[], &[], &self.known))
    }

    /// Takes note of what payload types mean from now on. There are 128 of them.
    fn remember(&mut self, formats: &[Format]) {
        for format in formats {
            if !self.known.iter().any(|known| known.payload == format.payload) {
                self.known.push(format.clone());
            }
        }
    }

    /// The peer's answer to our offer; what was agreed is kept.
    ///
    /// # Errors
    /// When the answer cannot be read or has nothing that was offered.
    pub fn accept(&mut self, answer: &[u8]) -> Result<(), sdp::SdpError> {
        let answer = Description::parse(answer)?;
        self.agreed = Some(sdp::accept(&answer, &self.offered)?);
        self.remember(&answer.audio.formats);
        Ok(())
    }

    /// Lets media flow as agreed. Only for peers who proved who they are: no sound goes to a stranger's address.
    pub fn connect(&self, relay: &Relay) {
        let Some(agreed) = &self.agreed else { return };
        let direction = match agreed.direction {
            sdp::Direction::SendReceive => Direction::SendReceive,
            sdp::Direction::SendOnly => Direction::SendOnly,
            sdp::Direction::ReceiveOnly => Direction::ReceiveOnly,
            sdp::Direction::Inactive => Direction::Inactive,
        };
        let found = |host: &String| self.address_of(host).map(|ip| SocketAddr::new(ip, agreed.remote.port()));
        let named = |host| found(host).map_or(Described::Somewhere, Described::At);
        let negotiated = Negotiated {
            remote: agreed.host.as_ref().map_or(Described::At(agreed.remote), named),
            signals_from: Some(self.signals_from),
            taken: taken(agreed).map(|format| (sound(&format.codec), format.payload)).collect(),
            keys_taken: agreed.telephone_event,
            heard: agreed.heard.iter().filter_map(|format| Some((format.payload, kind(&format.codec)?))).collect(),
            direction,
        };
        relay.negotiated(self.port.id, negotiated);
    }

    fn local(&self) -> Local {
        Local {
            address: SocketAddr::new(self.address, self.port.rtp),
            session_id: self.call.0,
            version: self.version,
            direction: sdp::Direction::SendReceive,
        }
    }
}

/// All speech that the peer takes, what it likes best first.
fn taken(agreed: &Agreed) -> impl Iterator<Item = &Format> {
    std::iter::once(&agreed.format).chain(&agreed.others)
}

/// A codec as the relay knows it.
fn sound(codec: &sdp::Codec) -> Sound {
    let foreign = || {
        let mut hasher = DefaultHasher::new();
        codec.hash(&mut hasher);
        Sound::Foreign { codec: hasher.finish(), clock_rate_hz: codec.clock_rate() }
    };
    codec.spoken().map_or_else(foreign, Sound::Spoken)
}

/// What a payload type of this codec stands for; nothing if it is neither voice nor keys.
fn kind(codec: &sdp::Codec) -> Option<Kind> {
    let voice = || codec.is_speech().then(|| Kind::Voice(sound(codec)));
    if *codec == sdp::Codec::TelephoneEvent { Some(Kind::TelephoneEvent) } else { voice() }
}

#[cfg(test)]
mod tests {
    use super::super::relay::RelaySettings;
    use super::*;
    use std::time::Duration;

    /// The peer's offer in one direction.
    fn offer(direction: &str) -> Vec<u8> {
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n\
             a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
        )
        .into_bytes()
    }

    /// A leg of a caller, alone.
    fn leg(relay: &Relay) -> (Legs, LegId) {
        let mut legs = Legs::default();
        let (id, port) = (LegId(1), relay.open(0).unwrap());
        let ip = IpAddr::from([127, 0, 0, 1]);
        let whose = Whose { company: CompanyId(1), call: CallId(1), role: Role::Caller, queue: QueueId(1) };
        legs.open(id, whose, port, Ends { ours: ip, theirs: ip });
        (legs, id)
    }

    fn relay(ports: std::ops::RangeInclusive<u16>) -> Relay {
        let settings = RelaySettings {
            address: IpAddr::from([127, 0, 0, 1]),
            ports,
            threads: 1,
            latch: Duration::ZERO,
            silence: Duration::ZERO,
        };
        Relay::start(settings, |_| {}).unwrap()
    }

    /// The version in `o=` and the direction.
    fn said(description: &[u8]) -> (u64, String) {
        let text = String::from_utf8_lossy(description).into_owned();
        let origin = text.lines().find(|line| line.starts_with("o=")).unwrap();
        let direction = text.lines().last().unwrap().trim_start_matches("a=");
        (origin.split(' ').nth(2).unwrap().parse().unwrap(), direction.to_owned())
    }

    #[test]
    fn the_version_counts_changes_and_the_direction_fits_the_offer() {
        let relay = relay(23_400..=23_409);
        let (mut legs, id) = leg(&relay);
        let leg = legs.get_mut(id).unwrap();
        let said = |described: &[u8]| {
            let (version, direction) = said(described);
            format!("{version} {direction}")
        };
        let told: Vec<String> = ["sendrecv", "sendrecv", "sendonly", "sendonly", "inactive", "recvonly", "sendrecv"]
            .map(|direction| said(&leg.answer(&offer(direction), None).unwrap()))
            .to_vec();
        assert_eq!(
            told,
            ["1 sendrecv", "1 sendrecv", "2 recvonly", "2 recvonly", "3 inactive", "4 sendonly", "5 sendrecv"]
        );
        assert!(leg.answer(b"nonsense", None).is_err());
        assert_eq!(said(&leg.offer_again(&[])), "6 sendrecv");
        assert_eq!(said(&leg.offer_again(&[])), "6 sendrecv", "the same again is no change");
        assert_eq!(said(&leg.offer(vec![Format::new(0, sdp::Codec::Pcmu)])), "7 sendrecv");
    }

    #[test]
    fn an_offer_within_the_call_keeps_numbers_and_places_and_its_answer_may_have_another_codec() {
        let relay = relay(23_410..=23_419);
        let (mut legs, id) = leg(&relay);
        let leg = legs.get_mut(id).unwrap();
        let port = leg.port.rtp;
        let theirs = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 4 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 8 96\r\n\
            a=rtpmap:96 telephone-event/8000\r\nm=text 6 RTP/AVP 98\r\n";
        leg.ask(theirs.as_bytes()).unwrap();
        leg.accept_call(None);
        let lines = |offer: Vec<u8>| -> Vec<String> {
            let text = String::from_utf8(offer).unwrap();
            text.lines().filter(|line| line.starts_with("m=")).map(str::to_owned).collect()
        };
        let audio = |formats: &str| format!("m=audio {port} RTP/AVP {formats}");
        let all =
            |formats: &str| vec!["m=video 0 RTP/AVP 99".to_owned(), audio(formats), "m=text 0 RTP/AVP 98".to_owned()];
        assert_eq!(lines(leg.offer_again(&[])), all("8 0 9 96"));
        leg.accept(b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 0 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 9\r\n").unwrap();
        assert_eq!(leg.codec(), Some(&sdp::Codec::G722));
        assert_eq!(lines(leg.offer_again(&[])), all("9 8 0 96"));
    }
}
