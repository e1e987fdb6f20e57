//! User agents that talk to each other over a wire in memory, with the time turned by hand.
//! Never waits: a minute of timers passes in a moment.

use super::*;
use crate::contract::{
    AddressRange, Binding, Command, Facts, FailedBy, Origin, Refused, RegistrationState, Target, Trunk,
};
use crate::testing::address;
use crate::transport::{Listener, Transport};
use crate::wire::{self, Raw, Start};
use std::net::SocketAddr;

mod calls;
mod changes;
mod edges;
mod ends;
mod forks;
mod lengths;
mod link;
mod phones;
mod registering;
mod strangers;
mod streams;
mod trunks;

/// A packet on the wire.
#[derive(Debug, Clone)]
struct Packet {
    at: Duration,
    bytes: Vec<u8>,
    transport: Transport,
    source: SocketAddr,
    destination: SocketAddr,
}

impl Packet {
    fn raw(&self) -> Raw {
        wire::parse(&self.bytes).expect("we send what we can read")
    }

    /// `INVITE`, or `200 INVITE`.
    fn label(&self) -> String {
        let raw = self.raw();
        match &raw.start {
            Start::Request { method, .. } => method.clone(),
            Start::Response { status, .. } => {
                let cseq = raw.first("CSeq").unwrap_or("").to_owned();
                format!("{status} {}", cseq.split(' ').next_back().unwrap_or(""))
            }
        }
    }
}

/// How the wire treats packets.
#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    /// Of a thousand packets, how many are lost, doubled, delayed.
    lost: u64,
    doubled: u64,
    delayed: u64,
    seed: u64,
}

struct Peer {
    address: SocketAddr,
    agent: UserAgent,
    events: Vec<Event>,
}

struct World {
    now: Duration,
    peers: Vec<Peer>,
    flying: Vec<Packet>,
    /// Everything that was sent.
    log: Vec<Packet>,
    faults: Faults,
    random: u64,
    /// The open connections: who made it and from which address, and to which listener.
    connections: Vec<(usize, SocketAddr, SocketAddr)>,
    /// How many connections there were.
    connected: u16,
    /// Connections that could not be made, and by whom.
    refused: Vec<(usize, Flow)>,
    /// Where nobody accepts connections.
    deaf_to_tcp: Option<SocketAddr>,
    /// Packets with these labels are lost, once for each time they stand here.
    swallow: Vec<&'static str>,
    /// Peers that neither hear nor say anything any more.
    dead: Vec<usize>,
    /// By what calls go, where a test leaves it open.
    by: Transport,
}

/// The daemon, and the address of a trunk that may call it.
const DAEMON: usize = 0;
const TRUNK: usize = 1;
const LEG: LegId = LegId(1);

impl World {
    /// A daemon at .1 and a trunk at .2 that trust each other.
    fn new() -> World {
        let mut world = World {
            now: Duration::ZERO,
            peers: Vec::new(),
            flying: Vec::new(),
            log: Vec::new(),
            faults: Faults::default(),
            random: 1,
            connections: Vec::new(),
            connected: 0,
            refused: Vec::new(),
            deaf_to_tcp: None,
            swallow: Vec::new(),
            dead: Vec::new(),
            by: Transport::Udp,
        };
        world.add(1);
        world.add(2);
        for peer in [DAEMON, TRUNK] {
            let addresses = vec![AddressRange::parse("10.0.0.1/30").expect("a range")];
            world.input(peer, Input::Trunks(vec![Trunk { name: "trunk".to_owned(), addresses, ..Trunk::default() }]));
        }
        world
    }

    fn add(&mut self, last: u8) -> usize {
        let address = address(last);
        let agent = UserAgent::new(settings(address), [last; 32]);
        self.peers.push(Peer { address, agent, events: Vec::new() });
        self.peers.len() - 1
    }

    fn input(&mut self, peer: usize, input: Input) {
        self.peers[peer].agent.handle(self.now, input);
        self.drain(peer);
    }

    fn command(&mut self, peer: usize, command: Command) {
        self.input(peer, Input::Command(command));
    }

    fn drain(&mut self, peer: usize) {
        while let Some(output) = self.peers[peer].agent.poll_output() {
            match output {
                Output::Event(event) => self.peers[peer].events.push(event),
                Output::Send { bytes, flow } => self.send(peer, bytes, flow),
            }
        }
    }

    fn send(&mut self, peer: usize, bytes: Vec<u8>, flow: Flow) {
        let (at, transport, destination) = (self.now, flow.transport, flow.peer);
        match transport {
            Transport::Udp => {
                let source = self.peers[peer].address;
                self.put(Packet { at, bytes, transport, source, destination });
            }
            Transport::Tcp => match self.connection(peer, &flow) {
                Some(source) => {
                    let packet = Packet { at: at + Duration::from_millis(5), bytes, transport, source, destination };
                    self.log.push(packet.clone());
                    self.flying.push(packet);
                }
                None => self.refused.push((peer, flow)),
            },
        }
    }

    /// Our end of the connection that a flow goes by, or of a new one if somebody listens there.
    fn connection(&mut self, peer: usize, flow: &Flow) -> Option<SocketAddr> {
        let suits = |local: &SocketAddr| flow.local.is_none_or(|own| own == *local);
        let made = self.connections.iter().find(|(by, local, to)| *by == peer && *to == flow.peer && suits(local));
        if let Some((_, local, _)) = made {
            return Some(*local);
        }
        let own = self.peers[peer].address;
        let taken = self.connections.iter().find(|(_, local, to)| *local == flow.peer && *to == own);
        if taken.is_some() {
            return Some(own);
        }
        self.peers.iter().find(|other| other.address == flow.peer && self.deaf_to_tcp != Some(flow.peer))?;
        self.connected += 1;
        let local = SocketAddr::new(own.ip(), 40_000 + self.connected);
        self.connections.push((peer, local, flow.peer));
        Some(local)
    }

    /// Cuts all connections.
    fn cut(&mut self) {
        for (by, local, to) in std::mem::take(&mut self.connections) {
            self.flying.retain(|packet| packet.source != local && packet.destination != local);
            let flow = |local, peer| Flow { transport: Transport::Tcp, local: Some(local), peer };
            self.input(by, Input::Closed { flow: flow(local, to) });
            if let Some(other) = self.peers.iter().position(|peer| peer.address == to) {
                self.input(other, Input::Closed { flow: flow(to, local) });
            }
        }
    }

    /// Whose address it is: that of a listener, or of the end of a connection.
    fn owner(&self, packet: &Packet) -> Option<usize> {
        let made = self.connections.iter().find(|(_, local, _)| *local == packet.destination);
        match packet.transport {
            Transport::Tcp if made.is_some() => made.map(|(by, _, _)| *by),
            Transport::Tcp | Transport::Udp => self.peers.iter().position(|peer| peer.address == packet.destination),
        }
    }

    fn put(&mut self, mut packet: Packet) {
        self.log.push(packet.clone());
        let label = packet.label();
        if let Some(at) = self.swallow.iter().position(|swallowed| *swallowed == label) {
            self.swallow.remove(at);
            return;
        }
        let Faults { lost, doubled, delayed, .. } = self.faults;
        packet.at += Duration::from_millis(5);
        if self.chance(delayed) {
            packet.at += Duration::from_millis(self.dice() % 900);
        }
        if self.chance(doubled) {
            let mut twin = packet.clone();
            twin.at += Duration::from_millis(self.dice() % 700);
            self.flying.push(twin);
        }
        if !self.chance(lost) {
            self.flying.push(packet);
        }
    }

    fn chance(&mut self, of_thousand: u64) -> bool {
        self.dice() % 1000 < of_thousand
    }

    fn dice(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// Lets the world run for a while.
    fn run(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        loop {
            for (peer, flow) in std::mem::take(&mut self.refused) {
                self.input(peer, Input::Closed { flow });
            }
            let flying = self.flying.iter().enumerate().map(|(at, packet)| (packet.at, at)).min();
            let living = (0..self.peers.len()).filter(|peer| !self.dead.contains(peer));
            let timer = living.filter_map(|peer| Some((self.peers[peer].agent.deadline()?, peer))).min();
            let next = flying.map(|(at, _)| at).into_iter().chain(timer.map(|(at, _)| at)).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            match flying.filter(|(at, _)| *at <= next) {
                Some((_, which)) => {
                    let packet = self.flying.remove(which);
                    if let Some(to) = self.owner(&packet).filter(|to| !self.dead.contains(to)) {
                        let Packet { bytes, transport, source: peer, destination, .. } = packet;
                        self.input(
                            to,
                            Input::Received { bytes, flow: Flow { transport, local: Some(destination), peer } },
                        );
                    }
                }
                None => {
                    let peer = timer.map_or(0, |(_, peer)| peer);
                    self.input(peer, Input::Due);
                }
            }
        }
        self.now = end;
    }

    fn events(&mut self, peer: usize) -> Vec<Event> {
        std::mem::take(&mut self.peers[peer].events)
    }

    /// The events without the facts, in short words.
    fn words(&mut self, peer: usize) -> Vec<String> {
        self.events(peer).iter().filter_map(word).collect()
    }

    /// Everything sent so far, in short words.
    fn labels(&self) -> Vec<String> {
        self.log.iter().map(Packet::label).collect()
    }

    fn count(&self, label: &str) -> usize {
        self.log.iter().filter(|packet| packet.label() == label).count()
    }

    /// Begins a call from one peer to another and returns the callee's leg.
    fn ring(&mut self, from: usize, to: usize) -> LegId {
        let uri = format!("sip:4711@{}", self.peers[to].address);
        self.command(from, invite(&uri));
        self.run(20);
        self.incoming(to).expect("a call")
    }

    /// The leg of the incoming call that was told last.
    fn incoming(&self, peer: usize) -> Option<LegId> {
        self.peers[peer].events.iter().rev().find_map(|event| {
            let Event::Incoming { leg, .. } = event else { return None };
            Some(*leg)
        })
    }

    /// A confirmed call: the callee's leg.
    fn connect(&mut self, from: usize, to: usize) -> LegId {
        let leg = self.ring(from, to);
        self.command(to, Command::Answer { leg, sdp: b"answer".to_vec() });
        self.run(20);
        self.command(from, Command::Accept { leg: LEG });
        self.run(20);
        leg
    }

    /// The same with these descriptions.
    fn connect_with(&mut self, from: usize, to: usize, offer: &str, answer: &str) -> LegId {
        let uri = format!("sip:4711@{}", self.peers[to].address);
        let Command::Invite { leg, target, from_user, from_display, .. } = invite(&uri) else { panic!("an INVITE") };
        self.command(from, Command::Invite { leg, target, from_user, from_display, sdp: offer.into() });
        self.run(20);
        let leg = self.incoming(to).expect("a call");
        self.command(to, Command::Answer { leg, sdp: answer.into() });
        self.run(20);
        self.command(from, Command::Accept { leg: LEG });
        self.run(20);
        leg
    }

    /// Everything has ended and nothing is left behind.
    fn assert_clean(&mut self) {
        self.run(900_000);
        for peer in &self.peers {
            let load = peer.agent.load();
            assert_eq!((load.legs, load.client_transactions, load.server_transactions), (0, 0, 0), "{}", peer.address);
            assert!(peer.agent.dialogs.is_empty() && peer.agent.callers.is_empty() && peer.agent.strays.is_empty());
            assert!(peer.agent.forks.is_empty(), "{}", peer.address);
        }
    }

    /// Sends raw text to the daemon and returns what it answers.
    fn shout(&mut self, source: SocketAddr, text: &str) -> Vec<Packet> {
        let before = self.log.len();
        let flow = Flow { local: Some(address(1)), ..Flow::udp(source) };
        self.input(DAEMON, Input::Received { bytes: text.as_bytes().to_vec(), flow });
        self.log[before..].to_vec()
    }
}

/// UDP and TCP at one address.
fn settings(address: SocketAddr) -> Settings {
    let listener = |transport| Listener { transport, address, host: address.ip().to_string() };
    Settings { listeners: vec![listener(Transport::Udp), listener(Transport::Tcp)], ..Settings::new(address) }
}

fn invite(uri: &str) -> Command {
    Command::Invite {
        leg: LEG,
        target: Target::Uri { uri: uri.to_owned(), destination: None },
        from_user: "0815".to_owned(),
        from_display: Some("A \"Caller\"".to_owned()),
        sdp: b"offer".to_vec(),
    }
}

fn word(event: &Event) -> Option<String> {
    let text =
        |sdp: &Option<Vec<u8>>| sdp.as_ref().map_or(String::new(), |sdp| format!(" {}", String::from_utf8_lossy(sdp)));
    Some(match event {
        Event::Incoming { number, sdp, .. } => format!("incoming {number}{}", text(sdp)),
        Event::Ringing { status, sdp, .. } => format!("ringing {status}{}", text(sdp)),
        Event::Answered { sdp, .. } => format!("answered{}", text(&Some(sdp.clone()))),
        Event::Failed { status, .. } => format!("failed {status}"),
        Event::Confirmed { sdp, .. } => format!("confirmed{}", text(sdp)),
        Event::Cancelled { .. } => "cancelled".to_owned(),
        Event::Ended { by, .. } => format!("ended {by:?}"),
        Event::Reoffer { sdp, .. } => format!("reoffer{}", text(sdp)),
        Event::Reanswered { sdp, .. } => format!("reanswered{}", text(&Some(sdp.clone()))),
        Event::ReofferFailed { status, .. } => format!("reoffer failed {status}"),
        Event::Unresponsive { missed, .. } => format!("unresponsive {missed}"),
        Event::Held { held, .. } => format!("held {held}"),
        Event::MediaChanged { remote, direction, .. } => format!("media {remote} {direction:?}"),
        Event::Registered { user } => format!("registered {user}"),
        Event::Refused { refused: Refused::Credentials { user, is_known }, source } => {
            format!("refused credentials of {user} ({}) {source}", if *is_known { "known" } else { "unknown" })
        }
        Event::Refused { refused, source } => format!("refused {refused:?} {source}"),
        Event::Unregistered { user } => format!("unregistered {user}"),
        Event::RegistrationState { state, .. } => format!("{state:?}"),
        Event::TrunkRegistration { trunk, state } => format!("{trunk} {state:?}"),
        Event::TrunkReachable { trunk, reachable: true, .. } => format!("{trunk} reachable"),
        Event::TrunkReachable { trunk, reachable: false, status } => format!("{trunk} unreachable {status}"),
        Event::Facts(_) | Event::Bindings { .. } => return None,
    })
}
