//! The user agent: routes every message to its transaction, its dialog, its leg, and keeps the time of all of them.
//! Never decides about a call; the application does, and the tables of `session` and `transaction` do the rest.

mod calls;
mod flows;
mod forking;
mod leg;
mod media;
mod reoffer;
mod requests;
mod responses;
mod trunks;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use crate::auth::{Guard, Secret};
use crate::contract::{Account, Event, Input, LegId, Load, Output, Settings};
use crate::dialog::DialogKey;
use crate::message::{Method, Request, Response, reason_of};
use crate::registrar::Registrar;
use crate::registration::Registration;
use crate::throttle::Throttle;
use crate::timing::Wakes;
use crate::tokens::Tokens;
use crate::transaction::Kind;
use crate::transaction::client::{self, Client};
use crate::transaction::key::{ClientKey, ServerKey};
use crate::transaction::server::{self, Server};
use crate::transport::{Flow, Listeners};
use flows::{Hop, Outgoing};
use forking::Fork;
use leg::Leg;

/// The methods we answer. REFER, SUBSCRIBE, MESSAGE and their like have no meaning here; INFO neither: keys come as RTP
/// events, and no info package is understood (RFC 6086 §4.2.2).
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, REGISTER";

/// The most 200s of unknown INVITEs that are ended at once.
const STRAYS_MAX: usize = 64;

/// How often old nonces and quiet addresses are forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// What a request of ours is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    Invite(LegId),
    Reinvite(LegId),
    Bye(LegId),
    /// Whether the peer is still there.
    Check(LegId),
    /// The registration with this Call-ID.
    Register(String),
    /// The trunk of this name.
    Probe(String),
    /// Whatever comes back changes nothing.
    Forgettable,
}

/// What became of a request of ours.
#[derive(Debug, Clone, Copy)]
enum Answer<'a> {
    /// A response, and the way it came.
    Came(&'a Response, Flow),
    /// Nobody answered; that counts as 408 (RFC 3261 §8.1.3.1).
    TimedOut,
    /// It could not be sent; that counts as 503.
    NotSent,
}

impl Answer<'_> {
    fn status(&self) -> u16 {
        match self {
            Answer::Came(response, _) => response.status(),
            Answer::TimedOut => 408,
            Answer::NotSent => 503,
        }
    }
}

/// Who waits for a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Client(ClientKey),
    Server(ServerKey),
    Leg(LegId),
    Binding(String),
    Registration(String),
    Probe(String),
    Stray(StrayKey),
    Sweep,
}

/// A dialog that exists only because a 200 came to an INVITE nobody remembers: Call-ID, our tag, the peer's tag.
type StrayKey = (String, String, String);

/// A SIP user agent. See the crate's documentation for how to drive it.
pub struct UserAgent {
    settings: Settings,
    listeners: Listeners,
    tokens: Tokens,
    outputs: VecDeque<Output>,
    wakes: Wakes<Wake>,
    clients: BTreeMap<ClientKey, (Client, Purpose)>,
    servers: BTreeMap<ServerKey, Server>,
    legs: BTreeMap<LegId, Leg>,
    /// Calls that ring at several phones, by the application's leg.
    forks: BTreeMap<LegId, Fork>,
    /// Legs by our tag.
    dialogs: BTreeMap<DialogKey, LegId>,
    /// Incoming legs by Call-ID and the caller's tag: an INVITE that took two ways, a CANCEL with a changed Via.
    callers: BTreeMap<(String, String), LegId>,
    /// The ACK of each stray 200, to be repeated with it.
    strays: BTreeMap<StrayKey, (Vec<u8>, Flow)>,
    accounts: BTreeMap<String, Secret>,
    trunks: BTreeMap<String, trunks::Line>,
    guard: Guard,
    throttle: Throttle,
    registrar: Registrar,
    /// Registrations of ours, by Call-ID: one that is being undone may stand beside the one that follows it.
    registrations: BTreeMap<String, Registration>,
}

impl UserAgent {
    /// A user agent without accounts and trunks. The seed must be new at each start and unknown to anyone else.
    pub fn new(mut settings: Settings, seed: [u8; 32]) -> UserAgent {
        // It stands in quotes in every challenge.
        settings.realm.retain(|c| !matches!(c, '"' | '\\'));
        let tokens = Tokens::new(seed);
        UserAgent {
            listeners: Listeners::new(&settings.listeners),
            outputs: VecDeque::new(),
            wakes: Wakes::new(),
            clients: BTreeMap::new(),
            servers: BTreeMap::new(),
            legs: BTreeMap::new(),
            forks: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            callers: BTreeMap::new(),
            strays: BTreeMap::new(),
            accounts: BTreeMap::new(),
            trunks: BTreeMap::new(),
            guard: Guard::new(&settings.realm, &settings.algorithms, settings.timing.nonce_max, &tokens),
            throttle: Throttle::new(settings.per_source),
            tokens,
            registrar: Registrar::new(settings.max_registration, settings.bindings_max),
            registrations: BTreeMap::new(),
            settings,
        }
    }

    /// Takes an input. `now` is the time since boot and never goes back. Outputs are queued.
    pub fn handle(&mut self, now: Duration, input: Input) {
        match input {
            Input::Received { bytes, flow } => self.on_bytes(now, &bytes, flow),
            Input::Closed { flow } => self.on_closed(now, &flow),
            Input::Due => {}
            Input::Command(command) => self.on_command(now, command),
            Input::Accounts(accounts) => self.on_accounts(now, accounts),
            Input::Trunks(trunks) => self.on_trunks(now, trunks),
        }
        // Whatever else is due by now is done too, so that a busy socket cannot starve the timers.
        while let Some(wake) = self.wakes.take_due(now) {
            self.on_wake(now, wake);
        }
    }

    /// The next output; call until none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Due`] is wanted.
    pub fn deadline(&self) -> Option<Duration> {
        self.wakes.next()
    }

    /// A leg's Call-ID, as it stands in every message of its dialog.
    pub fn call_id(&self, leg: LegId) -> Option<&str> {
        self.legs.get(&leg).map(|leg| leg.dialog.call_id.as_str())
    }

    /// Where a leg's peer is: of the phones that ring for one call, the one that answered.
    pub fn peer(&self, leg: LegId) -> Option<SocketAddr> {
        self.legs.get(&leg).map(|leg| leg.dialog.flow.peer)
    }

    /// How much is going on.
    pub fn load(&self) -> Load {
        Load {
            legs: self.legs.len(),
            client_transactions: self.clients.len(),
            server_transactions: self.servers.len(),
            users_registered: self.registrar.count(),
            registrations: self.registrations.len(),
        }
    }

    fn on_accounts(&mut self, now: Duration, accounts: Vec<Account>) {
        self.accounts = accounts.into_iter().map(|account| (account.user, account.secret)).collect();
        for user in self.registrar.users() {
            if !self.accounts.contains_key(&user) && self.registrar.forget(&user) {
                self.tell_bindings(now, &user, true);
            }
        }
    }

    fn on_wake(&mut self, now: Duration, wake: Wake) {
        match wake {
            Wake::Client(key) => {
                let happening = self.clients.get_mut(&key).and_then(|(client, _)| client.due(now));
                if let Some(happening) = happening {
                    self.client_on(now, &key, happening, None);
                }
                self.wake_client(&key);
            }
            Wake::Server(key) => {
                let happening = self.servers.get_mut(&key).and_then(|server| server.due(now));
                if let Some(happening) = happening {
                    self.server_on(now, &key, happening);
                }
            }
            Wake::Leg(id) => self.on_leg_due(now, id),
            Wake::Binding(user) => {
                let is_change = self.registrar.expire(now, &user);
                self.tell_bindings(now, &user, is_change);
            }
            Wake::Registration(call_id) => self.send_register(now, &call_id),
            Wake::Probe(trunk) => self.send_probe(now, &trunk),
            Wake::Stray(key) => {
                self.strays.remove(&key);
            }
            Wake::Sweep => {
                self.guard.sweep(now);
                self.throttle.sweep(now);
                let is_idle = self.guard.is_empty() && self.throttle.is_empty();
                self.wakes.set(Wake::Sweep, (!is_idle).then_some(now + SWEEP_EVERY));
            }
        }
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn send(&mut self, bytes: Vec<u8>, flow: Flow) {
        self.outputs.push_back(Output::Send { bytes, flow });
    }

    /// A number nobody can guess.
    fn dice(&mut self) -> u64 {
        u64::from_str_radix(&self.tokens.tag(), 16).unwrap_or(0)
    }

    // Client transactions.

    /// Sends a request and begins its transaction.
    fn start_client(&mut self, now: Duration, request: Request, hop: Hop, purpose: Purpose) {
        let outgoing = self.outgoing(request, hop);
        self.start(now, outgoing, purpose);
    }

    fn start(&mut self, now: Duration, outgoing: Outgoing, purpose: Purpose) {
        let Outgoing { request, bytes, flow, fallback } = outgoing;
        let key = ClientKey::of_request(&request);
        self.send(bytes, flow);
        let mut client = Client::new(now, &self.settings.timing, request, flow);
        client.fallback = fallback;
        self.clients.insert(key.clone(), (client, purpose));
        self.wake_client(&key);
    }

    fn client_on(
        &mut self,
        now: Duration,
        key: &ClientKey,
        happening: client::Happening,
        response: Option<(&Response, Flow)>,
    ) {
        let Some((client, purpose)) = self.clients.get_mut(key) else { return };
        let (request, flow, purpose) = (client.request.clone(), client.flow, purpose.clone());
        let actions = client.on(now, &self.settings.timing, happening);
        let failure = response.filter(|_| actions.contains(&client::Action::Ack));
        let ack = failure.map(|(response, _)| client.ack(response));
        let is_over = client.state == client::State::Terminated;
        self.wake_client(key);
        if is_over {
            self.clients.remove(key);
        }
        for action in actions {
            match action {
                client::Action::Send => self.send(request.bytes(), flow),
                client::Action::Ack => {
                    if let Some(ack) = &ack {
                        self.send(ack.bytes(), flow);
                    }
                }
                client::Action::Report => {
                    if let Some((response, flow)) = response {
                        self.on_answer(now, &purpose, &request, Answer::Came(response, flow));
                    }
                }
                client::Action::TimedOut => self.on_answer(now, &purpose, &request, Answer::TimedOut),
                client::Action::NotSent => self.on_answer(now, &purpose, &request, Answer::NotSent),
                client::Action::Start(_) | client::Action::Stop(_) => {}
            }
        }
    }

    fn wake_client(&mut self, key: &ClientKey) {
        let at = self.clients.get(key).and_then(|(client, _)| client.deadline());
        self.wakes.set(Wake::Client(key.clone()), at);
    }

    fn drop_client(&mut self, key: &ClientKey) {
        self.clients.remove(key);
        self.wake_client(key);
    }

    // Server transactions.

    /// Begins one; false if there are too many.
    fn start_server(&mut self, request: &Request, flow: Flow) -> bool {
        if self.servers.len() >= self.settings.transactions_max {
            return false;
        }
        let kind = if request.method() == Method::Invite { Kind::Invite } else { Kind::Other };
        let server = Server::new(kind, flows::of_responses(request, flow), flows::fallback(request, flow));
        self.servers.insert(ServerKey::of(request), server);
        true
    }

    fn server_on(&mut self, now: Duration, key: &ServerKey, happening: server::Happening) -> &'static [server::Action] {
        let Some(server) = self.servers.get_mut(key) else { return &[] };
        let actions = server.on(now, &self.settings.timing, happening);
        let (flow, deadline) = (server.flow, server.deadline());
        let is_over = server.state == server::State::Terminated;
        for action in actions {
            match action {
                server::Action::Send => {
                    // Without one the request came again before there was an answer.
                    let bytes = self.servers.get(key).map(|server| server.response.clone());
                    if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
                        self.send(bytes, flow);
                    }
                }
                // Not ours to do.
                server::Action::PassAck => {}
                server::Action::Start(_) | server::Action::Stop(_) => {}
            }
        }
        if is_over {
            self.servers.remove(key);
        }
        self.wakes.set(Wake::Server(key.clone()), deadline.filter(|_| !is_over));
        actions
    }

    /// Answers a request that has a transaction.
    fn respond(&mut self, now: Duration, key: &ServerKey, response: &Response) {
        let happening = match response.status() {
            0..200 => server::Happening::Provisional,
            200..300 => server::Happening::Success,
            _ => server::Happening::Failure,
        };
        if let Some(server) = self.servers.get_mut(key) {
            server.response = response.bytes();
        }
        self.server_on(now, key, happening);
    }

    /// Answers a request that gets no transaction: a repetition of it is answered in the same way (RFC 3261 §8.2.7).
    fn reply(&mut self, request: &Request, flow: Flow, status: u16, more: &[(&str, &str)]) {
        if request.method() == Method::Ack {
            return;
        }
        let tag = self.mark(request);
        let mut response = self.response(request, status, reason_of(status), &tag);
        for (name, value) in more {
            response = response.with(name, *value);
        }
        self.send(response.bytes(), flows::of_responses(request, flow));
    }

    fn response(&self, request: &Request, status: u16, reason: &str, tag: &str) -> Response {
        let tag = (status > 100).then_some(tag);
        Response::to(request, status, reason, tag).with("Server", self.settings.user_agent.clone())
    }

    /// A tag that is the same whenever the same request comes.
    fn mark(&self, request: &Request) -> String {
        let fields = &request.fields;
        let parts = [&fields.call_id, fields.from.tag().unwrap_or(""), fields.via.branch().unwrap_or("")];
        self.tokens.mark("tag", &parts)
    }

    /// A user's phones changed, or may have: tells it, and waits for the next to run out.
    fn tell_bindings(&mut self, now: Duration, user: &str, is_change: bool) {
        if is_change {
            let bindings = self.registrar.kept(now, user);
            self.tell(Event::Bindings { user: user.to_owned(), bindings });
            if !self.registrar.has(user) {
                self.tell(Event::Unregistered { user: user.to_owned() });
            }
        }
        self.wake_binding(user);
    }

    fn wake_binding(&mut self, user: &str) {
        let at = self.registrar.expires_next(user);
        self.wakes.set(Wake::Binding(user.to_owned()), at);
    }
}

#[cfg(test)]
mod tests;
