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
use crate::challenged::Challenged;
use crate::contract::{Account, Event, Input, LegId, Load, Output, Settings};
use crate::dialog::{CallerKey, DialogKey};
use crate::message::{Method, Request, Response, reason_of};
use crate::registrar::Registrar;
use crate::registration::Registration;
use crate::throttle::Throttle;
use crate::timing::Wakes;
use crate::tokens::{Keys, Tokens};
use crate::transaction::Kind;
use crate::transaction::client::{self, Asked, Client};
use crate::transaction::key::{ClientKey, ServerKey};
use crate::transaction::server::{self, Server};
use crate::transaction::table::Table;
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
    /// A re-INVITE, and its number.
    Reinvite(LegId, u32),
    Bye(LegId),
    /// Whether the peer is still there.
    Check(LegId),
    /// The registration with this Call-ID.
    Register(Box<str>),
    /// The trunk of this name.
    Probe(Box<str>),
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
    Leg(LegId),
    Binding(String),
    Registration(String),
    Probe(String),
    Stray(StrayKey),
    Challenged,
    Sweep,
}

/// A dialog that exists only because a 200 came to an INVITE nobody remembers: Call-ID, our tag, the peer's tag.
type StrayKey = (String, String, String);

/// A SIP user agent. See the crate's documentation for how to drive it.
pub struct UserAgent {
    settings: Settings,
    listeners: Listeners,
    tokens: Tokens,
    keys: Keys,
    outputs: VecDeque<Output>,
    wakes: Wakes<Wake>,
    clients: Table<ClientKey, Client<Purpose>>,
    servers: Table<ServerKey, Server>,
    legs: BTreeMap<LegId, Box<Leg>>,
    /// Calls that ring at several phones, by the application's leg.
    forks: BTreeMap<LegId, Fork>,
    /// Legs by our tag.
    dialogs: BTreeMap<DialogKey, LegId>,
    /// Incoming legs by what their callers chose: an INVITE that took two ways, a CANCEL with a changed Via.
    callers: BTreeMap<CallerKey, LegId>,
    /// The ACK of each stray 200, to be repeated with it.
    strays: BTreeMap<StrayKey, (Vec<u8>, Flow)>,
    accounts: BTreeMap<String, Secret>,
    trunks: BTreeMap<String, trunks::Line>,
    guard: Guard,
    throttle: Throttle,
    challenged: Challenged,
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
            clients: Table::new(),
            servers: Table::new(),
            legs: BTreeMap::new(),
            forks: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            callers: BTreeMap::new(),
            strays: BTreeMap::new(),
            accounts: BTreeMap::new(),
            trunks: BTreeMap::new(),
            guard: Guard::new(&settings.realm, &settings.algorithms, settings.timing.nonce_max, &tokens),
            throttle: Throttle::new(settings.per_source),
            challenged: Challenged::new(settings.timing.proof_max()),
            tokens,
            keys: Keys::new(seed),
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
        while let Some(at) = self.deadline().filter(|at| *at <= now) {
            self.on_due(now, at);
        }
    }

    /// The next output; call until none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Due`] is wanted.
    pub fn deadline(&self) -> Option<Duration> {
        let (client, server) = (self.clients.next(), self.servers.next());
        let transactions = [client.map(|(at, _)| at), server.map(|(at, _)| at)];
        transactions.into_iter().chain([self.wakes.next()]).flatten().min()
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

    /// Does one of the things whose time has come.
    fn on_due(&mut self, now: Duration, at: Duration) {
        if let Some((_, key)) = self.clients.next().filter(|(first, _)| *first == at) {
            if let Some(happening) = self.clients.get(key).and_then(|client| client.due(now)) {
                self.client_on(now, key, happening, None);
            }
        } else if let Some((_, key)) = self.servers.next().filter(|(first, _)| *first == at) {
            if let Some(happening) = self.servers.get(key).and_then(|server| server.due(now)) {
                self.server_on(now, key, happening);
            }
        } else if let Some(wake) = self.wakes.take_due(now) {
            self.on_wake(now, wake);
        }
    }

    fn on_wake(&mut self, now: Duration, wake: Wake) {
        match wake {
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
            Wake::Challenged => self.on_challenged_due(now),
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
        let client = Client::new(now, &self.settings.timing, purpose, request, flow);
        self.clients.insert(key, client.with_fallback(fallback));
    }

    fn client_on(
        &mut self,
        now: Duration,
        key: ClientKey,
        happening: client::Happening,
        response: Option<(&Response, Flow)>,
    ) {
        let timing = &self.settings.timing;
        let step = self.clients.change(key, |client| {
            let actions = client.on(now, timing, happening);
            let asked = client.release(response.map(|(response, _)| response));
            let is_sent = actions.contains(&client::Action::Send) || actions.contains(&client::Action::Ack);
            let sent = if is_sent { client.sent() } else { None };
            (actions, sent, asked, client.purpose().cloned())
        });
        let Some((actions, sent, asked, purpose)) = step else { return };
        if let Some((bytes, flow)) = sent {
            self.send(bytes, flow);
        }
        let (request, purpose) = match asked.map(|asked| *asked) {
            Some(Asked { request, purpose, .. }) => (Some(request), purpose),
            None => (None, purpose.unwrap_or(Purpose::Forgettable)),
        };
        for action in actions {
            match action {
                client::Action::Report => {
                    if let Some((response, flow)) = response {
                        self.on_answer(now, &purpose, request.as_ref(), Answer::Came(response, flow));
                    }
                }
                client::Action::TimedOut => self.on_answer(now, &purpose, None, Answer::TimedOut),
                client::Action::NotSent => self.on_answer(now, &purpose, None, Answer::NotSent),
                // Done above, or by the transaction itself.
                client::Action::Send | client::Action::Ack => {}
                client::Action::Start(_) | client::Action::Stop(_) => {}
            }
        }
    }

    /// Forgets a request that has no final answer and is not waited for any more.
    fn forget_unanswered(&mut self, key: ClientKey) {
        if self.clients.get(key).is_some_and(|client| client.asked().is_some()) {
            self.clients.remove(key);
        }
    }

    // Server transactions.

    /// Begins one; none if there are too many.
    fn start_server(&mut self, request: &Request, flow: Flow) -> Option<ServerKey> {
        if self.servers.len() >= self.settings.transactions_max {
            return None;
        }
        let kind = if request.method() == Method::Invite { Kind::Invite } else { Kind::Other };
        let server = Server::new(kind, flows::of_responses(request, flow), flows::fallback(request, flow));
        let key = ServerKey::of(&self.keys, request);
        self.servers.insert(key, server);
        Some(key)
    }

    fn server_on(&mut self, now: Duration, key: ServerKey, happening: server::Happening) -> &'static [server::Action] {
        let timing = &self.settings.timing;
        let step = self.servers.change(key, |server| {
            let actions = server.on(now, timing, happening);
            (actions, actions.contains(&server::Action::Send).then(|| server.last()).flatten())
        });
        let Some((actions, sent)) = step else { return &[] };
        if let Some((bytes, flow)) = sent {
            self.send(bytes, flow);
        }
        actions
    }

    /// A request came again: what was answered is answered again.
    fn repeat(&mut self, now: Duration, key: ServerKey, request: &Request, flow: Flow) {
        match self.servers.get(key).and_then(Server::status) {
            Some(status) => self.answer_anew(request, flow, status),
            None => _ = self.server_on(now, key, server::Happening::Again),
        }
    }

    fn answer_anew(&mut self, request: &Request, flow: Flow, status: u16) {
        let response = self.response(request, status, reason_of(status), "");
        self.send(response.bytes(), flows::of_responses(request, flow));
    }

    /// Answers a request that has a transaction.
    fn respond(&mut self, now: Duration, key: ServerKey, response: &Response) {
        self.answer_with(now, key, response.status(), response.bytes());
    }

    fn answer_with(&mut self, now: Duration, key: ServerKey, status: u16, bytes: Vec<u8>) {
        let timing = &self.settings.timing;
        let flow = self.servers.change(key, |server| server.answer(now, timing, status, &bytes)).flatten();
        if let Some(flow) = flow {
            self.send(bytes, flow);
        }
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
