//! The SIP user agent's actor: what phones and trunks do reaches the calls, what the calls wish reaches the phones.
//! It decides nothing about calls; the protocol is `sip::UserAgent`.

use super::floor::{Ask, Door, FloorRequest, House};
use super::hosts::{HostFound, Hosts};
use super::ids::Ids;
use super::trunks::{RESOLVE_EVERY, Trunks, company_of, look_up, name_of};
use super::wishes::{CallWish, Place, Wish};
use crate::clock::Clock;
use crate::config::{Config, Digest, Limits};
use crate::protocol::rest::TrunkView;
use crate::store::{Content, ContentKind, FloorRows, Phone, PhoneBinding, Store, TrunkServer};
use crate::telephony::announcements::{Next, Sounds, Waiting};
use crate::telephony::legs::{Ends, Leg, Legs, Packets, Role, Whose};
use crate::telephony::relay::{Playback, PortId, Relay, RelayEvent};
use crate::telephony::signalling::{Signalling, address_towards};
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, MessageResponse, StreamHandler};
use domain::id::{AgentId, CallId, CompanyId, OfferId, QueueId};
use domain::queue::Outcome;
use domain::time::{Span, Timestamp};
use domain::{agent, call, phone};
use sip::auth::{Algorithm, Secret};
use sip::throttle::{PerSource, Rate};
use sip::{
    Account, Binding, Command, EndedBy, Event, Facts, FailedBy, Flow, Identity, Input, LegId, Listener, Origin, Output,
    Refused, Target, Transport,
};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether calls can be stored.
const STORE_EVERY: Duration = Duration::from_secs(1);

/// The companies whose calls are taken from now on, each with the door to its floor, and what callers hear in each queue.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Directory {
    /// The companies.
    pub companies: Vec<(FloorRows, Addr<Door>)>,
    /// What callers hear who wait.
    pub sounds: BTreeMap<QueueId, Arc<Sounds>>,
}

/// A leg has been silent for too long, or has heard what was played to it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MediaEvent(pub RelayEvent);

/// Answered as long as the user agent does its work.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Alive;

/// No new calls, and no registrations with trunks any more; the answer is what is still going on.
#[derive(Debug, Message)]
#[rtype(result = "Remaining")]
pub struct Drain;

/// What is going on while the daemon stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, MessageResponse)]
pub struct Remaining {
    /// Calls.
    pub calls: usize,
    /// Registrations with trunks that are being undone.
    pub registrations: usize,
}

/// How the trunks of a company stand.
#[derive(Debug, Message)]
#[rtype(result = "Vec<TrunkView>")]
pub struct TrunksOf(pub CompanyId);

/// What looking up the server of a trunk came to.
#[derive(Message)]
#[rtype(result = "()")]
struct Found(TrunkServer, io::Result<Vec<SocketAddr>>);

/// Hangs up all calls.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HangUpAll;

/// The user agent.
pub struct UserAgent {
    sip: sip::UserAgent,
    signalling: Rc<Signalling>,
    relay: Relay,
    /// What callers hear in each queue, and in one of which nothing is known.
    sounds: BTreeMap<QueueId, Arc<Sounds>>,
    usual_sounds: Arc<Sounds>,
    store: Store,
    clock: Clock,
    ids: Ids,
    config: Arc<Config>,
    legs: Legs,
    doors: BTreeMap<CompanyId, Addr<Door>>,
    numbers: BTreeMap<String, (CompanyId, QueueId)>,
    phones: BTreeMap<String, (CompanyId, AgentId)>,
    trunks: Trunks,
    hosts: Hosts,
    restored: bool,
    draining: bool,
}

impl UserAgent {
    /// A user agent on this thread, that takes no calls until it gets its [`Directory`].
    pub fn new(
        signalling: Rc<Signalling>,
        relay: Relay,
        usual_sounds: Arc<Sounds>,
        house: House,
        seed: [u8; 32],
    ) -> UserAgent {
        let House { store, clock, ids, config } = house;
        let listeners = config.sip.listen.iter().map(|listen| Listener {
            transport: listen.transport,
            address: listen.address,
            host: advertised(config.sip.advertise.as_deref(), listen.address),
        });
        let settings = sip::Settings {
            listeners: listeners.collect(),
            realm: config.sip.realm.clone(),
            algorithms: config
                .sip
                .digest
                .iter()
                .map(|digest| match digest {
                    Digest::Md5 => Algorithm::Md5,
                    Digest::Sha256 => Algorithm::Sha256,
                })
                .collect(),
            user_agent: config.server.name.clone(),
            timing: sip::Timing { t1: config.sip.t1, check: config.sip.check, ..sip::Timing::default() },
            max_registration: config.sip.registration_max,
            bindings_max: config.limits.phones_per_agent,
            per_source: per_source(&config.limits),
            // A caller, and all phones of an agent.
            legs_max: config.limits.calls * (1 + config.limits.phones_per_agent),
            ..sip::Settings::new(SocketAddr::from(([0, 0, 0, 0], 0)))
        };
        UserAgent {
            sip: sip::UserAgent::new(settings, seed),
            signalling,
            relay,
            sounds: BTreeMap::new(),
            usual_sounds,
            store,
            clock,
            ids,
            config,
            legs: Legs::default(),
            doors: BTreeMap::new(),
            numbers: BTreeMap::new(),
            phones: BTreeMap::new(),
            trunks: Trunks::default(),
            hosts: Hosts::default(),
            restored: false,
            draining: false,
        }
    }

    fn input(&mut self, input: Input) {
        self.sip.handle(self.signalling.now(), input);
    }

    fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    /// Does all that the user agent wants done.
    fn pump(&mut self) {
        while let Some(output) = self.sip.poll_output() {
            match output {
                Output::Send { bytes, flow } => self.signalling.send(&bytes, flow),
                Output::Event(event) => self.event(event),
            }
        }
        self.signalling.wake_at(self.sip.deadline());
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Incoming { leg, origin, caller, number, sdp, source } => {
                if let Err((status, why)) = self.incoming(leg, &origin, &caller, &number, sdp.as_deref(), source) {
                    let call_id = self.sip.call_id(leg).unwrap_or_default();
                    let shown = self.config.log.numbers;
                    let (caller, number) = (shown.then_some(&*caller.user), shown.then_some(&*number));
                    tracing::warn!(%source, status, why, call_id, caller, number, "a call was not taken");
                    self.command(Command::Reject { leg, status, reason: String::new() });
                }
            }
            Event::Answered { leg, sdp } => self.answered(leg, &sdp),
            Event::Failed { leg, status, retry_after, by } => {
                let answer = match by {
                    FailedBy::Peer => phone::Answer::Status(status),
                    FailedBy::Nobody => phone::Answer::Nothing,
                    FailedBy::Us => {
                        let call = self.legs.get(leg).map(|leg| leg.call.to_string());
                        tracing::error!(call, "an agent's phone was not called: too many legs (see limits.calls)");
                        phone::Answer::NotCalled
                    }
                };
                self.failed(leg, phone::outcome(answer, retry_after.map(|wish| Span(wish.as_secs() * 1000))));
            }
            Event::Confirmed { leg, sdp: Some(sdp) } | Event::Reanswered { leg, sdp } => self.reanswered(leg, &sdp),
            Event::Cancelled { leg } | Event::Ended { leg, by: EndedBy::Remote } => self.gone(leg, hung_up),
            // What we did not end ourselves has come to the end of its time.
            Event::Ended { leg, by: EndedBy::Timeout | EndedBy::Local } => self.gone(leg, lost),
            Event::Unresponsive { leg, missed } => self.unresponsive(leg, missed),
            Event::Reoffer { leg, sdp } => self.reoffered(leg, sdp.as_deref()),
            Event::Held { leg, held } => self.held(leg, held),
            Event::MediaChanged { leg, .. } => self.reconnect(leg),
            Event::Registered { user } => self.registered(&user, agent::Command::PhoneRegistered),
            Event::Bindings { user, bindings } => self.phones_moved(&user, bindings),
            Event::Refused { refused, source } => refusal(refused, source),
            Event::TrunkRegistration { trunk, state } => self.trunks.registration(self.clock.now(), &trunk, state),
            Event::TrunkReachable { trunk, reachable, status } => {
                self.trunks.reach(self.clock.now(), &trunk, reachable, status);
            }
            Event::Facts(facts) => self.keep_facts(&facts),
            Event::Confirmed { leg, sdp: None } => self.unanswered(leg),
            Event::Ringing { .. } | Event::RegistrationState { .. } => {}
            Event::Unregistered { user } => self.registered(&user, agent::Command::PhoneUnregistered),
            // We change no session by ourselves.
            Event::ReofferFailed { .. } => {}
        }
    }

    fn incoming(
        &mut self,
        leg: LegId,
        origin: &Origin,
        caller: &Identity,
        number: &str,
        sdp: Option<&[u8]>,
        source: SocketAddr,
    ) -> Result<(), (u16, &'static str)> {
        if self.draining || !self.store.healthy() {
            return Err((503, "the daemon stops, or cannot store anything"));
        }
        if self.legs.calls() >= self.config.limits.calls {
            return Err((503, "limits.calls is reached"));
        }
        let (company, queue) = *self.numbers.get(number).ok_or((404, "the dialled number selects no queue"))?;
        let from = match origin {
            Origin::Trunk { name } => company_of(name),
            Origin::Phone { user } | Origin::Registrar { user } => self.phones.get(user).map(|(company, _)| *company),
        };
        if from != Some(company) {
            return Err((404, "the dialled number belongs to another company"));
        }
        // A pair stays free: who comes in must be able to talk with somebody.
        let port = self.relay.open(1).map_err(|error| {
            tracing::error!(%error, "no media for a call");
            (503, "no media port is free")
        })?;
        let call = CallId(self.ids.next_item());
        let ends = Ends { ours: self.media_address(source), theirs: source.ip() };
        self.legs.open(leg, Whose { company, call, role: Role::Caller, queue }, port, ends);
        // Whoever offers nothing gets our offer with the answer.
        if let (Some(sdp), Some(entry)) = (sdp, self.legs.get_mut(leg))
            && let Err(error) = entry.ask(sdp)
        {
            tracing::info!(%source, %error, "a caller's offer");
            self.legs.close(leg, &self.relay);
            return Err((488, "nothing in the caller's offer can be used"));
        }
        self.seek_host(leg);
        let agent = match origin {
            Origin::Phone { user } => self.phones.get(user).map(|(_, agent)| *agent),
            Origin::Trunk { .. } | Origin::Registrar { .. } => None,
        };
        let (caller, withheld, number) = (caller.user.clone(), caller.withheld.clone(), number.to_owned());
        let call_id = self.sip.call_id(leg).map(str::to_owned);
        let content = self.legs.get_mut(leg).and_then(|leg| {
            leg.record.call_id = call_id;
            leg.record.trunk = match origin {
                Origin::Trunk { name } => Some(name_of(name).to_owned()),
                Origin::Phone { .. } | Origin::Registrar { .. } => None,
            };
            content_of(leg)
        });
        let withheld = withheld.map(|text| Content { kind: ContentKind::Withheld, number: 0, text });
        let content = content.into_iter().chain(withheld).collect();
        let (phone_of, called) = (agent, number);
        self.ask(company, FloorRequest::CallArrived { call, queue, caller, phone_of, called, content });
        Ok(())
    }

    /// While nothing can be stored, callers whose call is not stored yet would hear nothing, for nobody knows how long: they
    /// are refused, as those are who come from now on.
    fn refuse_unstored(&mut self) {
        if self.store.healthy() {
            return;
        }
        for id in self.legs.unstored_callers() {
            let call_id = self.sip.call_id(id);
            tracing::warn!(status = 503, why = "it cannot be stored", call_id, "a call was not taken");
            self.tell_end(id, call::Command::CallerHungUp);
            self.command(Command::Reject { leg: id, status: 503, reason: String::new() });
            self.legs.close(id, &self.relay);
        }
        self.pump();
    }

    fn answered(&mut self, id: LegId, sdp: &[u8]) {
        let peer = self.sip.peer(id);
        let Some(leg) = self.legs.get_mut(id).filter(|leg| !leg.ending) else {
            return self.command(Command::Refuse { leg: id });
        };
        let Role::Agent(offer) = leg.role else { return };
        if let Some(peer) = peer {
            leg.signals_from(peer.ip());
        }
        match leg.accept(sdp) {
            Ok(()) => {
                self.seek_host(id);
                self.tell(id, call::Command::PhoneAnswered { offer });
            }
            Err(error) => {
                tracing::warn!(%error, agent = %offer.agent, "a phone answered with a description that cannot be used");
                leg.ending = true;
                let outcome = phone::outcome(phone::Answer::Unusable, None);
                self.tell(id, call::Command::PhoneFailed { offer, outcome });
                self.command(Command::Refuse { leg: id });
            }
        }
    }

    fn failed(&mut self, id: LegId, outcome: Outcome) {
        let Some(leg) = self.legs.get(id) else { return };
        if let (Role::Agent(offer), false) = (leg.role, leg.ending) {
            self.forget_facts(id);
            self.tell(id, call::Command::PhoneFailed { offer, outcome });
        }
        self.legs.close(id, &self.relay);
    }

    /// The peer hung up, or is not there any more: `how` says which.
    fn gone(&mut self, id: LegId, how: fn(Role) -> call::Command) {
        let Some(leg) = self.legs.get(id) else { return };
        if !leg.ending {
            self.tell_end(id, how(leg.role));
        }
        self.legs.close(id, &self.relay);
    }

    /// A peer does not say that it is still there. Whoever is heard is, whatever becomes of their signalling.
    fn unresponsive(&mut self, id: LegId, missed: u32) {
        let Some(leg) = self.legs.get_mut(id).filter(|leg| !leg.ending) else { return };
        let heard = self.relay.statistics(leg.port()).map_or(0, |statistics| statistics.received);
        if missed > 1 && leg.heard == heard {
            tracing::info!(call = %leg.call, "a phone does not answer and is not heard");
            return self.gone_silently(id);
        }
        leg.heard = heard;
    }

    /// A change of media, from either side; each leg is answered by us, also that of a caller who waits.
    fn reoffered(&mut self, id: LegId, sdp: Option<&[u8]>) {
        let (shared, theirs) = (self.legs.shared_codec(id), self.legs.formats_of_other(id));
        let Some(leg) = self.legs.get_mut(id) else { return };
        let answer = match sdp {
            Some(sdp) => leg.answer(sdp, shared.as_ref()),
            None => Ok(leg.offer_again(&theirs)),
        };
        match answer {
            Ok(sdp) => {
                self.seek_host(id);
                self.command(Command::AnswerReoffer { leg: id, sdp });
            }
            Err(error) => {
                tracing::info!(%error, "a change of media that cannot be used");
                self.command(Command::RefuseReoffer { leg: id, status: 488 });
            }
        }
    }

    fn reanswered(&mut self, id: LegId, sdp: &[u8]) {
        let Some(leg) = self.legs.get_mut(id).filter(|leg| !leg.ending) else { return };
        match leg.accept(sdp) {
            Ok(()) => {
                self.seek_host(id);
                self.reconnect(id);
            }
            Err(error) => {
                tracing::info!(%error, "an answer that cannot be used");
                // The peer has closed its audio; what was agreed before does not hold any more.
                if error == sip::sdp::SdpError::NoAudio {
                    return self.gone_silently(id);
                }
                self.unanswered(id);
            }
        }
    }

    /// A caller who offered nothing and has not answered our offer can never be heard.
    fn unanswered(&mut self, id: LegId) {
        if self.legs.get(id).is_some_and(|leg| leg.codec().is_none() && !leg.ending) {
            tracing::info!("a caller did not answer our offer");
            self.gone_silently(id);
        }
    }

    /// Looks up the host of a leg's media, if it is given by a name whose address is not known.
    fn seek_host(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(id) else { return };
        if let Some((host, is_ipv4)) = leg.host().filter(|(host, _)| leg.address_of(host).is_none()) {
            self.hosts.look_up(id, host, is_ipv4);
        }
    }

    /// Media as agreed now, once the leg has any.
    fn reconnect(&self, id: LegId) {
        if let Some(leg) = self.legs.get(id).filter(|leg| leg.is_connected) {
            leg.connect(&self.relay);
        }
    }

    /// Whoever talks with somebody that holds hears music; whoever holds hears nothing of us, as they wished.
    fn held(&mut self, id: LegId, held: bool) {
        let Some(leg) = self.legs.get_mut(id) else { return };
        leg.is_holding = held;
        let (role, talks_with) = (leg.role, leg.talks_with);
        let Some(other) = talks_with.and_then(|other| self.legs.get(other)) else { return };
        let side = |role| match role {
            Role::Caller => call::Side::Caller,
            Role::Agent(_) => call::Side::Agent,
        };
        let by = if held { Some(side(role)) } else { other.is_holding.then(|| side(other.role)) };
        self.tell(id, call::Command::Hold { held: by });
        if held {
            self.relay.play(other.port(), self.music(other.queue));
        } else {
            self.relay.stop(other.port());
        }
    }

    fn phones_moved(&self, user: &str, bindings: Vec<Binding>) {
        let now = self.clock.now();
        let kept = |binding: Binding| PhoneBinding {
            contact: binding.contact,
            transport: binding.flow.transport.name().to_owned(),
            local: binding.flow.local,
            source: binding.flow.peer,
            way_transport: binding.way.transport.name().to_owned(),
            way: binding.way.peer,
            path: binding.path,
            instance: binding.instance,
            reg_id: binding.reg_id,
            call_id: binding.call_id,
            cseq: binding.cseq,
            expires_at: now + Span(u64::try_from(binding.expires.as_millis()).unwrap_or(u64::MAX)),
            registered_at: Some(Timestamp(now.0.saturating_sub(binding.registered_for.as_millis() as u64))),
            user_agent: binding.user_agent,
        };
        // Nobody waits for it: a registration that is lost comes again by itself, and one that is kept for too long only
        // rings a phone that is gone.
        drop(self.store.phones_moved(user, bindings.into_iter().map(kept).collect()));
    }

    /// Tells the agent whose phone it is.
    fn registered(&self, phone: &str, command: agent::Command) {
        let Some((company, agent)) = self.phones.get(phone).copied() else { return };
        self.tell_agent(company, agent, command);
    }

    fn tell_agent(&self, company: CompanyId, agent: AgentId, command: agent::Command) {
        self.ask(company, FloorRequest::TellAgent { agent, command });
    }

    /// Tells all agents whether a phone of theirs is registered. Whoever has none at all gets no calls either.
    fn roll_call(&self, phoneless: Vec<(CompanyId, AgentId)>) {
        let now = self.signalling.now();
        for (user, (company, agent)) in &self.phones {
            let is_there = self.sip.way_to(now, &Target::Registered(user.clone())).is_some();
            let command = if is_there { agent::Command::PhoneRegistered } else { agent::Command::PhoneUnregistered };
            self.tell_agent(*company, *agent, command);
        }
        for (company, agent) in phoneless {
            self.tell_agent(company, agent, agent::Command::PhoneUnregistered);
        }
    }

    /// The phones that were registered when the daemon stopped still are.
    fn restore_phones(&mut self) {
        let now = self.clock.now();
        match self.store.phones_registered(now) {
            Ok(phones) => {
                for (user, kept) in phones {
                    let bindings = kept.into_iter().filter_map(|kept| restored(now, kept)).collect();
                    self.command(Command::RestoreBindings { user, bindings });
                }
            }
            Err(error) => tracing::error!(%error, "phones have to register again"),
        }
    }

    fn wish(&mut self, company: CompanyId, call: CallId, wish: Wish) {
        match wish {
            Wish::Welcome(place) => self.welcome(call, place),
            Wish::Alert(queue) => self.alert(call, queue),
            Wish::Answer(offer) => self.answer(call, offer),
            Wish::Announce(place) => self.announce(call, place),
            Wish::Ring { offer, phone, caller } => self.ring(company, call, offer, phone, caller),
            Wish::StopRinging(offer) => {
                if let Some(leg) = self.legs.of_role(call, Role::Agent(offer)) {
                    self.forget_facts(leg);
                    self.end(leg);
                }
            }
            Wish::TurnAway { closed } => self.turn_away(call, closed),
            Wish::Part(offer, place) => self.part(call, offer, place),
            Wish::Connect(offer) => self.connect(call, offer),
            Wish::Clear => self.clear(company, call),
            Wish::ClearStored(facts) => {
                for facts in facts {
                    match serde_json::from_str::<Facts>(&facts) {
                        Ok(facts) => self.command(Command::End { facts }),
                        Err(error) => tracing::error!(%call, %error, "the facts of a leg cannot be read"),
                    }
                }
            }
        }
    }

    /// The caller is answered, if nobody did, and hears what is to be heard where they wait.
    fn welcome(&mut self, call: CallId, place: Place) {
        let Some(id) = self.legs.of_role(call, Role::Caller) else { return };
        if let Some(leg) = self.legs.get_mut(id) {
            leg.is_stored = true;
        }
        self.answer_caller(id, None);
        self.wait(id, place);
    }

    /// Refuses a caller. Where it is closed, and something is said of that, they hear it first: before they are answered, so that
    /// it costs them nothing and says yes to nobody.
    fn turn_away(&mut self, call: CallId, closed: Option<QueueId>) {
        let Some(id) = self.legs.of_role(call, Role::Caller) else { return };
        let said = closed.and_then(|queue| self.sounds.get(&queue)?.closed());
        match (said, self.legs.get_mut(id)) {
            (Some(said), Some(leg)) => {
                leg.is_turned_away = true;
                // Its call is over: whoever hangs up meanwhile tells nobody anything.
                (leg.ending, leg.is_stored) = (true, true);
                let sdp = leg.accept_call(None);
                leg.connect(&self.relay);
                self.relay.play(leg.port(), said);
                self.command(Command::Provisional { leg: id, status: 183, sdp: Some(sdp) });
            }
            _ => self.refuse(id),
        }
    }

    fn refuse(&mut self, leg: LegId) {
        self.command(Command::Reject { leg, status: 480, reason: String::new() });
        self.legs.close(leg, &self.relay);
    }

    fn alert(&mut self, call: CallId, queue: QueueId) {
        let Some(id) = self.legs.of_role(call, Role::Caller) else { return };
        if let Some(leg) = self.legs.get_mut(id) {
            leg.is_stored = true;
            leg.queue = queue;
        }
        self.command(Command::Provisional { leg: id, status: 180, sdp: None });
    }

    /// The caller who heard ringing is answered, in the codec that the agent's phone has if there is a choice.
    fn answer(&mut self, call: CallId, offer: OfferId) {
        let Some(id) = self.legs.of_role(call, Role::Caller) else { return };
        let agent = self.legs.of_role(call, Role::Agent(offer)).and_then(|agent| self.legs.get(agent));
        let shared = agent.and_then(|agent| agent.codec()).cloned();
        self.answer_caller(id, shared.as_ref());
    }

    fn answer_caller(&mut self, id: LegId, shared: Option<&sip::sdp::Codec>) {
        let Some(leg) = self.legs.get_mut(id).filter(|leg| !leg.is_connected) else { return };
        let sdp = leg.accept_call(shared);
        leg.is_connected = true;
        leg.connect(&self.relay);
        self.command(Command::Answer { leg: id, sdp });
    }

    /// A caller waits from now on, at this place.
    fn wait(&mut self, id: LegId, place: Place) {
        let sounds = self.sounds.get(&place.queue).unwrap_or(&self.usual_sounds).clone();
        let Some(leg) = self.legs.get_mut(id) else { return };
        let (waiting, playback) = Waiting::begin(sounds, place.position, place.closed);
        leg.queue = place.queue;
        leg.waiting = Some(waiting);
        self.relay.play(leg.port(), playback);
    }

    /// What was played to a leg is over. Its place is asked of the floor at the moment when it is to be said.
    fn played(&mut self, port: PortId) {
        let Some(id) = self.legs.by_port(port) else { return };
        let Some(leg) = self.legs.get_mut(id) else { return };
        if leg.is_turned_away {
            return self.refuse(id);
        }
        let Some(waiting) = &mut leg.waiting else { return };
        match waiting.played() {
            Next::Play(playback) => self.relay.play(port, playback),
            Next::Ask => {
                let (call, company) = (leg.call, leg.company);
                self.ask(company, FloorRequest::Announce { call });
            }
        }
    }

    fn announce(&mut self, call: CallId, place: Place) {
        let Some(leg) = self.legs.of_role(call, Role::Caller).and_then(|id| self.legs.get_mut(id)) else { return };
        let Some(waiting) = &mut leg.waiting else { return };
        let playback = waiting.announce(place.position);
        self.relay.play(leg.port(), playback);
    }

    /// What whoever is on hold hears.
    fn music(&self, queue: QueueId) -> Playback {
        self.sounds.get(&queue).unwrap_or(&self.usual_sounds).music()
    }

    fn ring(&mut self, company: CompanyId, call: CallId, offer: OfferId, phone: Option<Phone>, caller: String) {
        let target = match phone {
            Some(Phone::Registers { user, .. }) => Target::Registered(user),
            Some(Phone::Fixed { uri }) => Target::Uri { uri, destination: None },
            None => return self.phone_failed(company, call, offer, Outcome::Unreachable),
        };
        let waits = self.legs.of_role(call, Role::Caller).and_then(|id| self.legs.get(id));
        let Some(queue) = waits.map(|leg| leg.queue) else { return };
        let Some(way) = self.sip.way_to(self.signalling.now(), &target) else {
            return self.phone_failed(company, call, offer, Outcome::Unreachable);
        };
        let port = match self.relay.open(0) {
            Ok(port) => port,
            Err(error) => {
                // The phone has done nothing wrong.
                tracing::error!(%call, %error, "an agent's phone was not called: no media for it");
                return self.phone_failed(company, call, offer, Outcome::NotCalled);
            }
        };
        let formats = self.legs.formats_for_agent(call);
        let ends = Ends { ours: self.media_address(way.peer), theirs: way.peer.ip() };
        let leg = LegId(self.ids.next_item());
        self.legs.open(leg, Whose { company, call, role: Role::Agent(offer), queue }, port, ends);
        let Some(sdp) = self.legs.get_mut(leg).map(|leg| leg.offer(formats)) else { return };
        let from_user = if caller.is_empty() { sip::ANONYMOUS.to_owned() } else { caller };
        self.command(Command::Invite { leg, target, from_user, from_display: None, sdp });
    }

    fn phone_failed(&self, company: CompanyId, call: CallId, offer: OfferId, outcome: Outcome) {
        let command = call::Command::PhoneFailed { offer, outcome };
        self.ask(company, FloorRequest::TellCall { call, command, content: vec![] });
    }

    fn connect(&mut self, call: CallId, offer: OfferId) {
        let Some(agent) = self.legs.of_role(call, Role::Agent(offer)) else { return };
        self.command(Command::Accept { leg: agent });
        let Some(caller) = self.legs.of_role(call, Role::Caller) else { return };
        for (id, other) in [(caller, agent), (agent, caller)] {
            if let Some(leg) = self.legs.get_mut(id) {
                leg.is_connected = true;
                leg.talks_with = Some(other);
                leg.waiting = None;
            }
        }
        if let (Some(caller), Some(agent)) = (self.legs.get(caller), self.legs.get(agent)) {
            agent.connect(&self.relay);
            self.relay.bridge(caller.port(), agent.port());
            // Who held the line while waiting still does.
            for (leg, other) in [(caller, agent), (agent, caller)] {
                if leg.is_holding {
                    self.relay.play(other.port(), self.music(other.queue));
                }
            }
        }
    }

    /// The agent's phone is hung up at, and the caller waits on.
    fn part(&mut self, call: CallId, offer: OfferId, place: Place) {
        if let Some(agent) = self.legs.of_role(call, Role::Agent(offer)) {
            self.forget_facts(agent);
            self.end(agent);
        }
        let Some(id) = self.legs.of_role(call, Role::Caller) else { return };
        let Some(caller) = self.legs.get_mut(id) else { return };
        caller.talks_with = None;
        self.relay.unbridge(caller.port());
        // Somebody whose codec only passed through hears nothing of us in it: perhaps they have one that we speak.
        let offer = caller.is_foreign().then(|| caller.offer_spoken());
        self.wait(id, place);
        if let Some(sdp) = offer {
            self.command(Command::Reoffer { leg: id, sdp });
        }
    }

    /// The call is over; what is known of the legs that are left is kept before they are ended.
    fn clear(&mut self, company: CompanyId, call: CallId) {
        let content = self.last_contents(call);
        if !content.is_empty() {
            self.ask(company, FloorRequest::Keep { call, content });
        }
        self.legs.of_call(call).into_iter().for_each(|leg| self.end(leg));
    }

    /// Ends a leg; it is forgotten when the peer has heard of it, its media end at once.
    fn end(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get_mut(id) {
            leg.ending = true;
            self.relay.unbridge(leg.port());
            self.relay.stop(leg.port());
            self.command(Command::Bye { leg: id });
        }
    }

    fn tell(&self, leg: LegId, command: call::Command) {
        if let Some(leg) = self.legs.get(leg) {
            self.ask(leg.company, FloorRequest::TellCall { call: leg.call, command, content: vec![] });
        }
    }

    /// Tells a call that one of its legs is gone. If that is the end of the call, what is known of all of them stands beside
    /// the row that ends it; a phone that was not given the call yet is one of several.
    fn tell_end(&mut self, leg: LegId, command: call::Command) {
        let Some(leg) = self.legs.get(leg) else { return };
        let (company, call, ends) = (leg.company, leg.call, leg.role == Role::Caller || leg.is_connected);
        let content = if ends { self.last_contents(call) } else { vec![] };
        self.ask(company, FloorRequest::TellCall { call, command, content });
    }

    /// Keeps what a later run of the daemon needs to end this leg, and, once, how the leg is known to its peer.
    fn keep_facts(&mut self, facts: &Facts) {
        let call_id = self.sip.call_id(facts.leg).map(str::to_owned);
        let Some(leg) = self.legs.get_mut(facts.leg) else { return };
        let number = leg.number();
        let mut content = Vec::from_iter(content(ContentKind::LegFacts, number, facts));
        if leg.record.call_id.is_none() {
            leg.record.call_id = call_id;
            content.extend(content_of(leg));
        }
        self.keep(facts.leg, content);
    }

    /// A leg has ended before its call: a later run of the daemon has nothing to do with it.
    fn forget_facts(&mut self, id: LegId) {
        let Some(number) = self.legs.get(id).map(Leg::number) else { return };
        let forgotten = Content { kind: ContentKind::LegFacts, number, text: String::new() };
        let content = [forgotten].into_iter().chain(self.last_content(id)).collect();
        self.keep(id, content);
    }

    fn keep(&self, leg: LegId, content: Vec<Content>) {
        if let Some(leg) = self.legs.get(leg) {
            self.ask(leg.company, FloorRequest::Keep { call: leg.call, content });
        }
    }

    /// What is known of a leg at its end, with its packets; nothing if there was no media, and nothing a second time.
    fn last_content(&mut self, id: LegId) -> Option<Content> {
        let leg = self.legs.get_mut(id).filter(|leg| leg.is_connected && leg.record.packets.is_none())?;
        let statistics = self.relay.statistics(leg.port())?;
        leg.record.packets = Some(Packets {
            received: statistics.received,
            sent: statistics.sent,
            dropped: statistics.dropped_source + statistics.dropped_other,
        });
        content_of(leg)
    }

    /// The same of all legs of a call.
    fn last_contents(&mut self, call: CallId) -> Vec<Content> {
        self.legs.of_call(call).into_iter().filter_map(|leg| self.last_content(leg)).collect()
    }

    fn ask(&self, company: CompanyId, request: FloorRequest) {
        if let Some(door) = self.doors.get(&company) {
            door.do_send(Ask::plain(request));
        }
    }

    /// Tells the user agent of the trunks; of none once the daemon stops.
    fn use_trunks(&mut self) {
        let trunks = if self.draining { vec![] } else { self.trunks.input() };
        self.input(Input::Trunks(trunks));
    }

    /// Looks up the servers of trunks that are given by name.
    fn find_trunks(&mut self, ctx: &mut Context<Self>) {
        for server in self.trunks.seek() {
            let own = ctx.address();
            actix::spawn(async move {
                let found = look_up(&server).await;
                own.do_send(Found(server, found));
            });
        }
    }

    fn media_address(&self, peer: SocketAddr) -> IpAddr {
        let bound = SocketAddr::new(self.config.media.address, 0);
        self.config.media.advertise.unwrap_or_else(|| own_address(bound, Some(peer)))
    }

    fn silent(&mut self, port: PortId) {
        let Some(id) = self.legs.by_port(port) else { return };
        if self.legs.get(id).is_some_and(|leg| leg.is_heard() && !leg.is_holding && !leg.ending) {
            tracing::info!("a leg was silent for too long");
            self.gone_silently(id);
        }
    }

    fn gone_silently(&mut self, id: LegId) {
        if let Some(role) = self.legs.get(id).map(|leg| leg.role) {
            self.tell_end(id, lost(role));
            self.end(id);
        }
    }
}

/// A phone as it was kept before a restart.
fn restored(now: Timestamp, kept: PhoneBinding) -> Option<Binding> {
    let flow = Flow { transport: Transport::of_name(&kept.transport)?, local: kept.local, peer: kept.source };
    let by = Transport::of_name(&kept.way_transport)?;
    Some(Binding {
        contact: kept.contact,
        flow,
        way: if by == flow.transport { Flow { peer: kept.way, ..flow } } else { Flow::to(by, kept.way) },
        path: kept.path,
        instance: kept.instance,
        reg_id: kept.reg_id,
        call_id: kept.call_id,
        cseq: kept.cseq,
        expires: Duration::from_millis((kept.expires_at - now).0),
        registered_for: Duration::from_millis(kept.registered_at.map_or(0, |at| (now - at).0)),
        user_agent: kept.user_agent,
    })
}

/// The lines that `systemd/vorrang.fail2ban` reads. Nothing in them comes from the stranger but the address and, in
/// quotation marks that it cannot hold, the user.
fn refusal(refused: Refused, source: SocketAddr) {
    let why = match refused {
        Refused::Credentials { user, is_known: true } => format!("wrong credentials for \"{user}\""),
        Refused::Credentials { user, is_known: false } => format!("wrong credentials for the unknown user \"{user}\""),
        Refused::Call => "a stranger's call".to_owned(),
        Refused::Flood => "too many requests".to_owned(),
    };
    tracing::warn!(target: "vorrang::security", "SIP refused from {}: {why}", source.ip().to_canonical());
}

/// What is kept of a leg, as it is stored.
fn content_of(leg: &Leg) -> Option<Content> {
    content(ContentKind::Leg, leg.number(), &leg.record)
}

/// Something as it is stored beside a call; what cannot be written as JSON is missed, but takes no call along.
fn content(kind: ContentKind, number: i64, what: &impl serde::Serialize) -> Option<Content> {
    match serde_json::to_string(what) {
        Ok(text) => Some(Content { kind, number, text }),
        Err(error) => {
            tracing::error!(?kind, number, %error, "what is known of a call's leg cannot be written as JSON");
            None
        }
    }
}

/// What a call hears when a leg is gone without a word.
fn lost(role: Role) -> call::Command {
    match role {
        Role::Caller => call::Command::Lost { offer: None },
        Role::Agent(offer) => call::Command::Lost { offer: Some(offer) },
    }
}

/// What a call hears when the peer of one of its legs hung up.
fn hung_up(role: Role) -> call::Command {
    match role {
        Role::Caller => call::Command::CallerHungUp,
        Role::Agent(offer) => call::Command::PhoneHungUp { offer },
    }
}

/// What strangers may ask for, from one address: a few seconds' worth at once, or what a minute brings.
fn per_source(limits: &Limits) -> PerSource {
    let minute = |per_minute: u32| Rate { per_minute, burst: per_minute };
    let per_second = limits.sip_requests_per_source_per_second;
    PerSource {
        requests: Rate { per_minute: per_second.saturating_mul(60), burst: per_second.saturating_mul(4) },
        strangers: minute(limits.sip_strangers_per_source_per_minute),
        failures: minute(limits.sip_failures_per_source_per_minute),
    }
}

/// The host under which a listener is known: the configured one, unless that is an address of the other family, or else
/// the listener's own.
pub(crate) fn advertised(configured: Option<&str>, listen: SocketAddr) -> String {
    let suits = |host: &&str| match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => address.is_ipv4() == listen.is_ipv4(),
        Err(_) => true,
    };
    let host = |address: IpAddr| match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    // An IPv6 address stands in brackets there, also if the setting has none (RFC 3261 §25.1).
    let written = |text: &str| text.trim_matches(['[', ']']).parse().map_or_else(|_| text.to_owned(), host);
    configured.filter(suits).map_or_else(|| host(own_address(listen, None)), written)
}

/// The address under which a socket is reached: its own, or that of the route to the peer.
fn own_address(bound: SocketAddr, peer: Option<SocketAddr>) -> IpAddr {
    if !bound.ip().is_unspecified() {
        return bound.ip();
    }
    // Any public address shows the default route; nothing is sent.
    let anybody = if bound.is_ipv4() {
        ([192, 0, 2, 1], 9).into()
    } else {
        (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into()
    };
    address_towards(peer.unwrap_or(anybody))
}

impl Actor for UserAgent {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let signalling = self.signalling.clone();
        let wakes = futures_util::stream::unfold(signalling, |signalling| async {
            signalling.woken().await;
            Some(((), signalling))
        });
        ctx.add_stream(wakes);
        self.hosts.tell(ctx.address().recipient());
        ctx.run_interval(RESOLVE_EVERY, |user_agent, ctx| user_agent.find_trunks(ctx));
        ctx.run_interval(STORE_EVERY, |user_agent, _| user_agent.refuse_unstored());
    }
}

impl StreamHandler<()> for UserAgent {
    fn handle(&mut self, (): (), _: &mut Self::Context) {
        let signalling = self.signalling.clone();
        let now = signalling.now();
        signalling.receive(|input| self.sip.handle(now, input));
        signalling.tidy(|connection| self.sip.needs(connection));
        if self.sip.deadline().is_some_and(|deadline| deadline <= now) {
            self.input(Input::Due);
        }
        self.pump();
    }

    fn finished(&mut self, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

impl Handler<CallWish> for UserAgent {
    type Result = ();

    fn handle(&mut self, CallWish(company, call, wish): CallWish, _: &mut Self::Context) {
        self.wish(company, call, wish);
        self.pump();
    }
}

impl Handler<Directory> for UserAgent {
    type Result = ();

    fn handle(&mut self, Directory { companies, sounds }: Directory, ctx: &mut Self::Context) {
        self.sounds = sounds;
        let (mut accounts, mut phoneless) = (vec![], vec![]);
        self.trunks.clear();
        self.numbers.clear();
        self.phones.clear();
        for (rows, door) in companies {
            let company = rows.id;
            self.doors.insert(company, door);
            self.trunks.add(&rows);
            self.numbers.extend(rows.numbers.into_iter().map(|row| (row.number, (company, row.queue))));
            for agent in rows.agents.into_iter().filter(|agent| agent.active) {
                match agent.phone {
                    Some(Phone::Registers { user, ha1_md5, ha1_sha256 }) => {
                        self.phones.insert(user.clone(), (company, agent.id));
                        let secret = Secret::Hashed { md5: Some(ha1_md5.0), sha256: Some(ha1_sha256.0) };
                        accounts.push(Account { user, secret });
                    }
                    Some(Phone::Fixed { .. }) => {}
                    None => phoneless.push((company, agent.id)),
                }
            }
        }
        self.input(Input::Accounts(accounts));
        self.trunks.settle(self.clock.now());
        self.use_trunks();
        self.find_trunks(ctx);
        if !std::mem::replace(&mut self.restored, true) {
            self.restore_phones();
        }
        self.roll_call(phoneless);
        self.pump();
    }
}

impl Handler<MediaEvent> for UserAgent {
    type Result = ();

    fn handle(&mut self, MediaEvent(event): MediaEvent, _: &mut Self::Context) {
        match event {
            RelayEvent::Silent { port } => self.silent(port),
            RelayEvent::PromptEnded { port } => self.played(port),
        }
        self.pump();
    }
}

impl Handler<Alive> for UserAgent {
    type Result = ();

    fn handle(&mut self, _: Alive, _: &mut Self::Context) {}
}

impl Handler<Found> for UserAgent {
    type Result = ();

    fn handle(&mut self, Found(server, found): Found, _: &mut Self::Context) {
        if self.trunks.found(self.clock.now(), server, found) {
            self.use_trunks();
            self.pump();
        }
    }
}

impl Handler<HostFound> for UserAgent {
    type Result = ();

    fn handle(&mut self, HostFound { leg: id, host, found }: HostFound, _: &mut Self::Context) {
        self.hosts.answered(id);
        if let Err(error) = &found {
            tracing::warn!(host, %error, "the host of a call's media is not found; it is sent to where its own come from");
        }
        let Some(leg) = self.legs.get_mut(id) else { return };
        let is_wanted = leg.host().is_some_and(|(wanted, _)| wanted == host);
        leg.located(host, found.ok());
        if is_wanted {
            self.reconnect(id);
        } else {
            self.seek_host(id);
        }
    }
}

impl Handler<TrunksOf> for UserAgent {
    type Result = Vec<TrunkView>;

    fn handle(&mut self, TrunksOf(company): TrunksOf, _: &mut Self::Context) -> Vec<TrunkView> {
        self.trunks.views(company)
    }
}

impl Handler<Drain> for UserAgent {
    type Result = Remaining;

    fn handle(&mut self, _: Drain, _: &mut Self::Context) -> Remaining {
        if !std::mem::replace(&mut self.draining, true) {
            // Providers send calls elsewhere from now on.
            self.use_trunks();
            self.pump();
        }
        Remaining { calls: self.legs.calls(), registrations: self.sip.load().registrations }
    }
}

impl Handler<HangUpAll> for UserAgent {
    type Result = ();

    fn handle(&mut self, _: HangUpAll, _: &mut Self::Context) {
        for leg in self.legs.ids() {
            self.tell(leg, call::Command::DaemonStops);
        }
    }
}
