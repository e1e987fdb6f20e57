//! Trunks: whose calls they are, whether they are there, and our registrations with them and elsewhere.
//! Never chooses a trunk for an outgoing call, and never resolves a name; the application does both.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::flows::Hop;
use super::{Answer, Purpose, UserAgent, Wake};
use crate::auth::{Digests, Prover, Secret};
use crate::body::ACCEPT;
use crate::contract::{Dialled, Event, Origin, RegistrationState, Trunk, TrunkAccount};
use crate::message::{Fields, Method, Request};
use crate::probe::{Happening, News, Probe, State};
use crate::registration::{Account, Backoff, Registrant, Registration};
use crate::transport::{Flow, Transport};
use crate::uri::{Host, NameAddr, Uri};

/// The user part of From in our OPTIONS.
const PROBER: &str = "ping";

/// A trunk and what goes on with it.
pub(super) struct Line {
    trunk: Trunk,
    /// The Call-ID of our registration with it.
    registration: Option<String>,
    probe: Option<Probe>,
    /// Whom the last question whether it is there went to.
    asked: Option<SocketAddr>,
    /// Which of the server's addresses our requests go to where no registration says so.
    server: usize,
}

impl Line {
    /// Whether calls from there are the trunk's.
    pub(super) fn is_at(&self, source: IpAddr) -> bool {
        let is_registrar = matches!(self.trunk.account, Some(TrunkAccount::Ours { .. }));
        let servers = self.trunk.server.iter().filter(|_| is_registrar).flat_map(|server| &server.addresses);
        self.trunk.addresses.iter().any(|range| range.contains(source))
            || servers.into_iter().any(|server| server.ip().to_canonical() == source.to_canonical())
    }

    fn dialled(&self, invite: &Request) -> String {
        match self.trunk.dialled {
            Dialled::RequestUri => invite.uri.user(),
            Dialled::To => invite.fields.to.uri.user(),
        }
    }
}

/// Everything but where the server is: if that alone changes, a registration goes on.
fn same_registration(one: &Trunk, other: &Trunk) -> bool {
    let place = |trunk: &Trunk| trunk.server.as_ref().map(|at| (at.host.clone(), at.port, at.transport));
    one.account == other.account && place(one) == place(other)
}

impl UserAgent {
    // Who they are.

    pub(super) fn on_trunks(&mut self, now: Duration, trunks: Vec<Trunk>) {
        let mut before = std::mem::take(&mut self.trunks);
        let mut gone = Vec::new();
        for trunk in trunks {
            let name = trunk.name.clone();
            let line = match before.remove(&name) {
                Some(line) if same_registration(&line.trunk, &trunk) => self.follow(now, line, trunk),
                other => {
                    gone.extend(other);
                    Line { trunk, registration: None, probe: None, asked: None, server: 0 }
                }
            };
            self.wakes.set(Wake::Probe(name.clone()), line.probe.as_ref().and_then(|probe| probe.due_at));
            self.trunks.insert(name.clone(), line);
            self.begin(now, &name);
        }
        for name in before.keys() {
            self.wakes.set(Wake::Probe(name.clone()), None);
        }
        // Last, so that a registration that another one has taken over is known to be.
        for call_id in gone.into_iter().chain(before.into_values()).filter_map(|line| line.registration) {
            self.leave(now, &call_id);
        }
    }

    /// A known trunk as it is from now on.
    fn follow(&mut self, now: Duration, mut line: Line, trunk: Trunk) -> Line {
        if line.probe.as_ref().map(|probe| probe.every) != trunk.probe {
            line.probe = None;
        }
        let servers = trunk.server.as_ref().map_or(&[][..], |server| &server.addresses);
        let reached = servers.iter().filter(|at| self.listeners.reach(&Flow::to(transport_of(&trunk), **at)));
        let reached: Vec<_> = reached.copied().collect();
        let registration = line.registration.as_ref().and_then(|call_id| self.registrations.get_mut(call_id));
        if let (Some(registration), false) = (registration, reached.is_empty()) {
            registration.move_to(now, reached);
            let call_id = registration.call_id().to_owned();
            self.wake_registration(&call_id);
        }
        Line { trunk, ..line }
    }

    /// Begins what a trunk wants and does not have yet.
    fn begin(&mut self, now: Duration, name: &str) {
        let Some(line) = self.trunks.get(name) else { return };
        let Some(server) = line.trunk.server.as_ref().filter(|server| !server.addresses.is_empty()) else { return };
        let (wants_probe, wants_registration) = (line.probe.is_none(), line.registration.is_none());
        let every = line.trunk.probe.filter(|_| wants_probe);
        let account = match &line.trunk.account {
            Some(TrunkAccount::Ours { user, login, secret, expires }) if wants_registration => {
                let Ok(host) = Host::parse(&server.host) else { return };
                let (transport, port) = (server.transport, server.port);
                let servers = server.addresses.iter().copied();
                let servers = servers.filter(|at| self.listeners.reach(&Flow::to(transport, *at))).collect();
                let (user, login, secret) = (user.clone(), login.clone(), secret.clone());
                Some(Account { host, port, servers, transport, user, login, secret, expires: *expires })
            }
            Some(TrunkAccount::Ours { .. } | TrunkAccount::Theirs { .. }) | None => None,
        };
        if let (Some(every), Some(line)) = (every, self.trunks.get_mut(name)) {
            line.probe = Some(Probe::new(now, every));
            self.wakes.set(Wake::Probe(name.to_owned()), Some(now));
        }
        match account {
            // Nothing that we listen on reaches the registrar.
            Some(account) if account.servers.is_empty() => {
                let state = RegistrationState::Refused { status: 503 };
                self.tell(Event::TrunkRegistration { trunk: name.to_owned(), state });
            }
            Some(account) => {
                // What is still being undone there would undo this one.
                let same =
                    self.registrations.values().filter(|other| other.leaving && other.account.binds_as(&account));
                let same: Vec<String> = same.map(|other| other.call_id().to_owned()).collect();
                same.iter().for_each(|call_id| self.forget_registration(call_id));
                let names = [self.tokens.call_id(), self.tokens.tag()];
                let registration = Registration::new(now, Registrant::Trunk(name.to_owned()), account, None, names);
                let call_id = registration.call_id().to_owned();
                self.registrations.insert(call_id.clone(), registration);
                if let Some(line) = self.trunks.get_mut(name) {
                    line.registration = Some(call_id.clone());
                }
                self.send_register(now, &call_id);
            }
            None => {}
        }
    }

    // Their calls.

    /// The trunk that calls from an address. Of several it is the one that has the dialled number.
    pub(super) fn trunk_at(&self, invite: &Request, source: IpAddr) -> Option<String> {
        let there = || self.trunks.values().filter(|line| line.is_at(source));
        let is_meant =
            |line: &&Line| !line.trunk.numbers.is_empty() && line.trunk.numbers.contains(&line.dialled(invite));
        there().find(is_meant).or_else(|| there().next()).map(|line| line.trunk.name.clone())
    }

    /// The trunk, and its user, as which a caller wants to prove a password.
    pub(super) fn trunk_claimed(&self, invite: &Request) -> Option<(String, String)> {
        let offered = invite.all("Authorization").filter_map(Digests::parse);
        let users: Vec<String> = offered.filter_map(|digest| digest.get("username").map(str::to_owned)).collect();
        self.trunks.values().find_map(|line| match &line.trunk.account {
            Some(TrunkAccount::Theirs { user, .. }) if users.contains(user) => {
                Some((line.trunk.name.clone(), user.clone()))
            }
            Some(TrunkAccount::Theirs { .. } | TrunkAccount::Ours { .. }) | None => None,
        })
    }

    /// The secret behind a user name: a phone's, or, for calls alone, a trunk's.
    pub(super) fn secret_of(&self, method: Method, user: &str) -> Option<Secret> {
        let of_trunk = || {
            self.trunks.values().find_map(|line| match &line.trunk.account {
                Some(TrunkAccount::Theirs { user: own, secret }) if own == user => Some(secret),
                Some(TrunkAccount::Theirs { .. } | TrunkAccount::Ours { .. }) | None => None,
            })
        };
        self.accounts.get(user).or_else(|| if method == Method::Invite { of_trunk() } else { None }).cloned()
    }

    /// The number that was dialled.
    pub(super) fn dialled(&self, invite: &Request, origin: &Origin) -> String {
        let line = match origin {
            Origin::Trunk { name } => self.trunks.get(name),
            Origin::Phone { .. } | Origin::Registrar { .. } => None,
        };
        line.map_or_else(|| invite.uri.user(), |line| line.dialled(invite))
    }

    // Our calls.

    /// The address of a number behind a trunk, and the way there.
    pub(super) fn behind_trunk(&self, name: &str, number: &str) -> Option<(Uri, Flow)> {
        let line = self.trunks.get(name)?;
        let server = line.trunk.server.as_ref()?;
        let uri = Uri::sip(Some(number), Host::parse(&server.host).ok()?, server.port);
        Some((uri, self.flow_to(line)?))
    }

    /// As whom challenges to a call by this trunk are answered.
    pub(super) fn prover_of(&self, name: &str) -> Option<Prover> {
        match &self.trunks.get(name)?.trunk.account {
            Some(TrunkAccount::Ours { login, secret, .. }) => Some(Prover::new(login, secret.clone())),
            Some(TrunkAccount::Theirs { .. }) | None => None,
        }
    }

    /// By which way our requests go to a trunk: to the server with which we are registered, if we are.
    fn flow_to(&self, line: &Line) -> Option<Flow> {
        let registration = line.registration.as_ref().and_then(|call_id| self.registrations.get(call_id));
        if let Some(registration) = registration {
            return Some(registration.flow());
        }
        let server = line.trunk.server.as_ref()?;
        let address = server.addresses.get(line.server % server.addresses.len().max(1))?;
        Some(Flow::to(server.transport, *address))
    }

    // Whether they are there.

    pub(super) fn send_probe(&mut self, now: Duration, name: &str) {
        let Some(line) = self.trunks.get_mut(name) else { return };
        let Some(probe) = line.probe.as_mut() else { return };
        probe.due_at = None;
        let Some(line) = self.trunks.get(name) else { return };
        let host = line.trunk.server.as_ref().and_then(|server| Some((Host::parse(&server.host).ok()?, server.port)));
        let flow = self.flow_to(line).filter(|flow| self.listeners.reach(flow));
        let (Some((host, port)), Some(flow)) = (host, flow) else {
            return self.on_probe_answer(now, name, Answer::NotSent);
        };
        if let Some(line) = self.trunks.get_mut(name) {
            line.asked = Some(flow.peer);
        }
        let uri = Uri::sip(None, host, port);
        let mut from = NameAddr::new(Uri::sip(Some(PROBER), self.listeners.host(&flow), None));
        from.params.set("tag", &self.tokens.tag());
        let fields = Fields {
            via: self.via(&flow),
            from,
            to: NameAddr::new(uri.clone()),
            call_id: self.tokens.call_id(),
            cseq: 1,
            cseq_method: Method::Options,
        };
        let request = Request::new(Method::Options, uri, fields)
            .with("Contact", self.own_contact(&flow, PROBER))
            .with("Accept", ACCEPT);
        self.start_client(now, request, Hop::only(flow), Purpose::Probe(name.into()));
    }

    pub(super) fn on_probe_answer(&mut self, now: Duration, name: &str, answer: Answer) {
        let status = answer.status();
        let timing = self.settings.timing;
        let Some(line) = self.trunks.get_mut(name) else { return };
        // An answer to an earlier trunk of that name, or to a question that is not waited for any more.
        let Some(probe) = line.probe.as_mut().filter(|probe| status >= 200 && probe.due_at.is_none()) else { return };
        // Whatever it says, it is there (RFC 3261 §11.2 lets it answer as it would an INVITE); but not if it cannot work.
        let happening = if matches!(status, 408 | 503) { Happening::Missed } else { Happening::Answered };
        let was_unreachable = probe.state == State::Recovering;
        let news = probe.on(now, &timing, happening);
        self.wakes.set(Wake::Probe(name.to_owned()), probe.due_at);
        let Some(news) = news else { return };
        line.server = line.server.wrapping_add(usize::from(news == News::Unreachable));
        let (registration, asked) = (line.registration.clone(), line.asked);
        self.tell(Event::TrunkReachable { trunk: name.to_owned(), reachable: news == News::Reachable, status });
        let Some(call_id) = registration else { return };
        if let Some(registration) = self.registrations.get_mut(&call_id) {
            match news {
                // It may have been started anew and know nothing of us.
                News::Reachable if was_unreachable => registration.want(now),
                News::Reachable => {}
                News::Unreachable => asked.into_iter().for_each(|from| registration.move_on(now, from)),
            }
        }
        self.wake_registration(&call_id);
    }

    // Registering elsewhere.

    /// The registration of a user of the application.
    pub(super) fn registration_of(&self, user: &str) -> Option<&Registration> {
        let is_own = |one: &&Registration| matches!(&one.registrant, Registrant::User(own) if own == user);
        self.registrations.values().find(is_own)
    }

    pub(super) fn register_user(&mut self, now: Duration, account: Account, contact: Option<String>) {
        let user = account.user.clone();
        if let Some(call_id) = self.registration_of(&user).map(|before| before.call_id().to_owned()) {
            self.forget_registration(&call_id);
        }
        let contact = contact.and_then(|contact| Uri::parse(&contact).ok());
        let names = [self.tokens.call_id(), self.tokens.tag()];
        let registration = Registration::new(now, Registrant::User(user.clone()), account, contact, names);
        if !self.listeners.reach(&registration.flow()) {
            let state = RegistrationState::Refused { status: 503 };
            return self.tell(Event::RegistrationState { user, state });
        }
        let call_id = registration.call_id().to_owned();
        self.registrations.insert(call_id.clone(), registration);
        self.send_register(now, &call_id);
    }

    pub(super) fn unregister_user(&mut self, now: Duration, user: &str) {
        match self.registration_of(user).map(|own| own.call_id().to_owned()) {
            Some(call_id) => self.leave(now, &call_id),
            None => {
                let state = RegistrationState::Unregistered;
                self.tell(Event::RegistrationState { user: user.to_owned(), state });
            }
        }
    }

    /// Undoes a registration, unless another one has taken over its binding.
    fn leave(&mut self, now: Duration, call_id: &str) {
        let Some(account) = self.registrations.get(call_id).map(|one| one.account.clone()) else { return };
        let is_other = |one: &Registration| one.call_id() != call_id && one.account.binds_as(&account);
        if self.registrations.values().any(is_other) {
            return self.forget_registration(call_id);
        }
        let Some(registration) = self.registrations.get_mut(call_id) else { return };
        registration.leaving = true;
        if !registration.may_be_bound() {
            return self.tell_registration(call_id, RegistrationState::Unregistered);
        }
        registration.want(now);
        self.wake_registration(call_id);
    }

    /// Connections to registrars that are gone.
    pub(super) fn lose_registrars(&mut self, now: Duration, connection: &Flow) {
        let lost = self.registrations.values().filter(|one| one.flow().goes_by(connection));
        let lost: Vec<String> = lost.map(|one| one.call_id().to_owned()).collect();
        for call_id in lost {
            let (timing, chance) = (self.settings.timing, self.tokens.dice());
            if let Some(registration) = self.registrations.get_mut(&call_id) {
                registration.lost(now, Backoff { timing: &timing, chance });
            }
            self.wake_registration(&call_id);
        }
    }

    pub(super) fn send_register(&mut self, now: Duration, call_id: &str) {
        let Some(registration) = self.registrations.get(call_id) else { return };
        let (flow, user) = (registration.flow(), registration.account.user.clone());
        let (via, cnonce) = (self.via(&flow), self.tokens.tag());
        let own = self.listeners.of(&flow).map(|own| own.uri(&user));
        let Some(registration) = self.registrations.get_mut(call_id) else { return };
        let request = registration.request(via, own, &cnonce);
        self.wake_registration(call_id);
        self.start_client(now, request, Hop::only(flow), Purpose::Register(call_id.into()));
    }

    pub(super) fn wake_registration(&mut self, call_id: &str) {
        let due_at = self.registrations.get(call_id).and_then(|registration| registration.due_at);
        self.wakes.set(Wake::Registration(call_id.to_owned()), due_at);
    }

    /// Tells how a registration stands, and forgets it if it is undone.
    pub(super) fn tell_registration(&mut self, call_id: &str, state: RegistrationState) {
        let Some(registration) = self.registrations.get(call_id) else { return };
        let (registrant, is_leaving) = (registration.registrant.clone(), registration.leaving);
        if state == RegistrationState::Unregistered {
            self.forget_registration(call_id);
        }
        match registrant {
            Registrant::User(user) => self.tell(Event::RegistrationState { user, state }),
            // Another registration with a trunk of that name may have taken its place.
            Registrant::Trunk(trunk) if is_leaving && self.trunks.contains_key(&trunk) => {}
            Registrant::Trunk(trunk) => self.tell(Event::TrunkRegistration { trunk, state }),
        }
    }

    /// Forgets a registration, and the REGISTER that may be out.
    fn forget_registration(&mut self, call_id: &str) {
        let Some(registration) = self.registrations.remove(call_id) else { return };
        self.wakes.set(Wake::Registration(call_id.to_owned()), None);
        if registration.is_out {
            let of_it = |purpose: &Purpose| matches!(purpose, Purpose::Register(own) if &**own == call_id);
            let out = self.clients.iter().filter(|(_, client)| client.purpose().is_some_and(of_it));
            let out: Vec<_> = out.map(|(key, _)| key).collect();
            out.into_iter().for_each(|key| self.clients.remove(key));
        }
    }
}

fn transport_of(trunk: &Trunk) -> Transport {
    trunk.server.as_ref().map_or(Transport::Udp, |server| server.transport)
}
