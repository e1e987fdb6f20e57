//! One relay thread: its legs, its event queue, its prompts.
//! Never waits for anything but packets, commands and the next prompt frame, and never allocates for a packet.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{AcqRel, Relaxed, Release},
};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};
use sip::media::latch::{Described, Latch};
use sip::media::rtp::{self, HEADER_BYTES, Malformed, Packet};
use sip::media::stream::Stream;
use sip::media::transcode::Transcoder;
use sip::media::{Codec, Direction, FRAME_MS, FRAME_SAMPLES, rtcp};

use super::ports::Sockets;
use super::wheel::Wheel;
use super::{Kind, Negotiated, Playback, PortId, RelayEvent, RelaySettings, Sound, Statistics};
use crate::telephony::prompts::Prompt;

/// The token of the waker; legs have their place in the slab.
pub(super) const WAKE: Token = Token(usize::MAX);

/// Packets taken from one leg before the others have their turn.
const BATCH_PACKETS: usize = 8;
/// Readiness notices taken at once; keeps a turn of the loop, and so the lateness of a prompt, within milliseconds.
const EVENTS_MAX: usize = 256;
/// A datagram of this size or more is no voice packet.
const DATAGRAM_BYTES: usize = 2_048;
/// What one leg may send us: ten times the usual. Ends loops that two far ends might build out of our own ports.
const PACKETS_PER_SECOND_MAX: u32 = 1_000;
/// How often silence is looked for, at most.
const SWEEP_MAX: Duration = Duration::from_secs(1);

/// What comes into a thread's letter box.
pub(super) enum Command {
    Do(Order),
    /// A leg from another thread, which was ordered to release it.
    Adopt(Box<Leg>),
    Shutdown,
}

/// What the handle wants done, in its order. An order for a leg that is gone does nothing.
pub(super) enum Order {
    Open(Box<Leg>),
    Negotiated {
        port: PortId,
        negotiated: Negotiated,
    },
    Play {
        port: PortId,
        playback: Playback,
    },
    Stop {
        port: PortId,
    },
    Bridge {
        first: PortId,
        second: PortId,
    },
    Unbridge {
        port: PortId,
    },
    Close {
        port: PortId,
    },
    /// A leg is on its way from another thread: the orders after this wait until it is here.
    Expect {
        port: PortId,
    },
    /// Give a leg to the thread that expects it.
    Release {
        port: PortId,
        to: usize,
    },
}

/// A thread's letter box.
pub(super) struct Post {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) waker: Waker,
    /// The thread was woken and has not looked yet: another call would tell it nothing.
    pub(super) woken: Arc<AtomicBool>,
}

impl Post {
    pub(super) fn order(&self, order: Order) {
        self.send(Command::Do(order));
    }

    /// An order that has time until the next one comes.
    pub(super) fn order_in_time(&self, order: Order) {
        self.put(Command::Do(order));
    }

    pub(super) fn send(&self, command: Command) {
        if self.put(command)
            && !self.woken.swap(true, AcqRel)
            && let Err(error) = self.waker.wake()
        {
            self.woken.store(false, Release);
            tracing::error!(%error, "a relay thread could not be woken; it sees its command later");
        }
    }

    fn put(&self, command: Command) -> bool {
        let is_put = self.commands.send(command).is_ok();
        if !is_put {
            tracing::error!("a relay thread has ended; this call stays without sound (restart the daemon)");
        }
        is_put
    }
}

/// Written by one thread, read by any.
#[derive(Default)]
pub(super) struct Counters {
    received: AtomicU64,
    sent: AtomicU64,
    dropped_source: AtomicU64,
    dropped_other: AtomicU64,
    unsent: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Statistics {
        Statistics {
            received: self.received.load(Relaxed),
            sent: self.sent.load(Relaxed),
            dropped_source: self.dropped_source.load(Relaxed),
            dropped_other: self.dropped_other.load(Relaxed),
            unsent: self.unsent.load(Relaxed),
        }
    }
}

/// The thread that has the leg is the only writer: no locked instruction is needed.
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed) + 1, Relaxed);
}

/// One side of a call.
pub(super) struct Leg {
    id: PortId,
    sockets: Sockets,
    counters: Arc<Counters>,
    stream: Stream,
    /// `None` until the first negotiation: then nothing is heard and nothing is sent.
    media: Option<Media>,
    playing: Option<Playing>,
    /// From the codec of the leg that it hears to its own, if they differ.
    transcoder: Transcoder,
    /// The slab key of the leg that this one is bridged with.
    peer: Option<usize>,
    /// How many more packets it may send before the next sweep.
    allowance: u32,
    silence_reported: bool,
    /// More packets wait, and the thread has a note of it.
    unfinished: bool,
}

struct Media {
    latch: Latch,
    taken: Vec<(Sound, u8)>,
    /// The first of what is taken that we speak: for prompts, and for what has to be translated.
    spoken: Option<(Codec, u8)>,
    keys_taken: Option<u8>,
    heard: Vec<(u8, Kind)>,
    direction: Direction,
    negotiated_at: Instant,
}

struct Playing {
    prompts: Vec<Arc<Prompt>>,
    looped: bool,
    /// How many frames it may still last.
    remaining: Option<u64>,
    /// Which prompt is playing, and its next frame.
    at: usize,
    next: usize,
    slot: usize,
}

impl Playing {
    fn new(playback: Playback, slot: usize) -> Playing {
        let frames = |time: Duration| (time.as_millis() / u128::from(FRAME_MS)) as u64;
        match playback {
            Playback::Once(prompts) => Playing { prompts, looped: false, remaining: None, at: 0, next: 0, slot },
            Playback::Looped { prompt, from, lasting } => {
                let next = frames(from).checked_rem(prompt.frames() as u64).unwrap_or(0) as usize;
                let remaining = lasting.map(frames);
                Playing { prompts: vec![prompt], looped: true, remaining, at: 0, next, slot }
            }
        }
    }

    /// The next frame's prompt and place in it; `None` when all is over.
    fn advance(&mut self) -> Option<(&Prompt, usize)> {
        if let Some(remaining) = &mut self.remaining {
            *remaining = remaining.checked_sub(1)?;
        }
        while self.next >= self.prompts.get(self.at)?.frames() {
            // A loop of nothing would never end.
            if self.looped && self.next == 0 {
                return None;
            }
            self.next = 0;
            self.at += usize::from(!self.looped);
        }
        self.next += 1;
        Some((self.prompts.get(self.at)?, self.next - 1))
    }
}

impl Media {
    /// What the far end means by a payload type. What it sends mostly comes first.
    fn kind(&self, payload_type: u8) -> Option<Kind> {
        self.heard.iter().find(|(own, _)| *own == payload_type).map(|(_, kind)| *kind)
    }

    /// In which sound, and under which payload type, the far end hears a sound: in the same if it takes that, or else
    /// translated, if both can be.
    fn hears(&self, sound: Sound) -> Option<(Sound, u8)> {
        let same = self.taken.iter().find(|(taken, _)| *taken == sound).copied();
        same.or_else(|| match sound {
            Sound::Spoken(_) => self.spoken.map(|(codec, payload_type)| (Sound::Spoken(codec), payload_type)),
            Sound::Foreign { .. } => None,
        })
    }
}

impl Leg {
    pub(super) fn new(id: PortId, sockets: Sockets, counters: Arc<Counters>) -> Leg {
        // RFC 3550 §5.1 wants these numbers unlike those of other streams; they keep no secret.
        let random = RandomState::new().hash_one(id);
        let other = RandomState::new().hash_one(random);
        Leg {
            id,
            sockets,
            counters,
            stream: Stream::new(random as u32, (random >> 32) as u16, other as u32),
            media: None,
            playing: None,
            transcoder: Transcoder::new(Codec::Pcma, Codec::Pcma),
            peer: None,
            allowance: 0,
            silence_reported: false,
            unfinished: false,
        }
    }

    fn send(&self, packet: &[u8], destination: SocketAddr) {
        match self.sockets.rtp.send_to(packet, destination) {
            Ok(_) => count(&self.counters.sent),
            Err(_) => count(&self.counters.unsent),
        }
    }

    /// Takes a datagram from the leg; what it is, if it may be passed on.
    fn admit(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) -> Option<(Packet, Kind)> {
        let admitted = 'dropped: {
            let packet = match rtp::parse(datagram) {
                Ok(packet) => packet,
                Err(Malformed::Rtcp) => {
                    self.report(from, now);
                    return None;
                }
                Err(Malformed::Short | Malformed::Version | Malformed::Padding) => break 'dropped None,
            };
            let Some(media) = &mut self.media else { break 'dropped None };
            if !media.latch.admits(from, now) {
                count(&self.counters.dropped_source);
                return None;
            }
            self.silence_reported = false;
            if self.allowance == 0 || !media.direction.receives() || datagram.len() >= DATAGRAM_BYTES {
                break 'dropped None;
            }
            self.allowance -= 1;
            media.kind(packet.header.payload_type).map(|kind| (packet, kind))
        };
        match admitted {
            Some(_) => count(&self.counters.received),
            None => count(&self.counters.dropped_other),
        }
        admitted
    }

    /// Takes note of a report of the far end: it lives, even if it sends no voice.
    fn report(&mut self, from: SocketAddr, now: Instant) {
        if self.media.as_mut().is_some_and(|media| media.latch.reports(from, now)) {
            self.silence_reported = false;
        }
    }

    /// Sends on what the bridged leg said. `datagram` is rewritten: the new header ends where the payload begins.
    fn forward(&mut self, datagram: &mut [u8], packet: &Packet, kind: Kind, now: Instant) {
        let Some(media) = &self.media else { return };
        if self.playing.is_some() {
            return;
        }
        let Some(destination) = media.latch.destination().filter(|_| media.direction.sends()) else {
            self.stream.pause();
            return;
        };
        let taken = match kind {
            Kind::Voice(sound) => media.hears(sound).map(|(taken, payload_type)| (Some((sound, taken)), payload_type)),
            Kind::TelephoneEvent => media.keys_taken.map(|payload_type| (None, payload_type)),
        };
        let Some((voice, payload_type)) = taken else {
            self.stream.withhold(&packet.header);
            return;
        };
        if let Some((_, taken)) = voice {
            self.stream.ticks(taken.clock_rate_hz());
        }
        let Some(header) = self.stream.relay(&packet.header, payload_type, now) else { return };
        if let Some((Sound::Spoken(from), Sound::Spoken(to))) = voice
            && from != to
        {
            self.transcoder.turn(from, to);
            self.transcoder.translate(&mut datagram[packet.payload.clone()]);
        }
        let start = packet.payload.start - HEADER_BYTES;
        datagram[start..packet.payload.start].copy_from_slice(&header.to_bytes());
        self.send(&datagram[start..packet.payload.end], destination);
    }

    /// Plays the next 20 ms. Breaks when the prompt is over.
    fn play(&mut self, now: Instant) -> ControlFlow<()> {
        let Some(playing) = &mut self.playing else { return ControlFlow::Break(()) };
        let Some(media) = &self.media else { return ControlFlow::Continue(()) };
        let Some((prompt, at)) = playing.advance() else { return ControlFlow::Break(()) };
        let destination = media.latch.destination().filter(|_| media.direction.sends());
        let (Some(destination), Some((codec, payload_type))) = (destination, media.spoken) else {
            self.stream.pause();
            return ControlFlow::Continue(());
        };
        let Some(frame) = prompt.frame(codec, at) else { return ControlFlow::Break(()) };
        let mut packet = [0; HEADER_BYTES + FRAME_SAMPLES];
        packet[..HEADER_BYTES].copy_from_slice(&self.stream.prompt(payload_type, now).to_bytes());
        packet[HEADER_BYTES..].copy_from_slice(frame);
        self.send(&packet, destination);
        ControlFlow::Continue(())
    }

    /// Whether the far end should have been heard within this time, and was not.
    fn silent(&self, silence: Duration, now: Instant) -> bool {
        self.media.as_ref().is_some_and(|media| {
            let heard_at = media.latch.heard_at().map_or(media.negotiated_at, |at| at.max(media.negotiated_at));
            media.direction.receives() && now.saturating_duration_since(heard_at) >= silence
        })
    }

    /// The address as its socket writes it: IPv4 as IPv6 where both are spoken. `None` if no single phone can be there:
    /// `0.0.0.0` is the old way to put on hold (RFC 3264 §8.4), and a group would multiply what we send.
    fn reachable(&self, address: SocketAddr) -> Option<SocketAddr> {
        let nobody = address.port() == 0 || address.ip().is_unspecified() || address.ip().is_multicast();
        match (self.sockets.ipv6, address.ip()) {
            (true | false, _) if nobody => None,
            (true | false, IpAddr::V4(ip)) if ip.is_broadcast() => None,
            (true, IpAddr::V4(ip)) => Some(SocketAddr::new(IpAddr::V6(ip.to_ipv6_mapped()), address.port())),
            (true, IpAddr::V6(_)) | (false, IpAddr::V4(_) | IpAddr::V6(_)) => Some(address),
        }
    }
}

/// The two sockets of a leg in a thread's event queue, by its place in the slab.
fn tokens(key: usize) -> (Token, Token) {
    (Token(key * 2), Token(key * 2 + 1))
}

/// The state of a relay thread.
pub(super) struct Worker {
    poll: Poll,
    commands: mpsc::Receiver<Command>,
    woken: Arc<AtomicBool>,
    posts: Arc<[Post]>,
    on_event: Arc<dyn Fn(RelayEvent) + Send + Sync>,
    latch: Duration,
    silence: Duration,
    sweep_every: Duration,
    sweep_at: Instant,
    legs: Vec<Option<Box<Leg>>>,
    vacant: Vec<usize>,
    keys: BTreeMap<PortId, usize>,
    wheel: Wheel,
    /// Legs with more packets waiting than one batch.
    unfinished: VecDeque<usize>,
    datagram: Box<[u8; DATAGRAM_BYTES]>,
    /// The leg that is on its way here, the orders that wait for it, and legs that came before they were expected.
    expected: Option<PortId>,
    waiting: VecDeque<Order>,
    arrived: BTreeMap<PortId, Box<Leg>>,
}

impl Worker {
    pub(super) fn new(
        poll: Poll,
        commands: mpsc::Receiver<Command>,
        woken: Arc<AtomicBool>,
        posts: Arc<[Post]>,
        on_event: Arc<dyn Fn(RelayEvent) + Send + Sync>,
        settings: &RelaySettings,
    ) -> Worker {
        let now = Instant::now();
        let sweep_every = match settings.silence {
            Duration::ZERO => SWEEP_MAX,
            silence => (silence / 4).clamp(Duration::from_millis(10), SWEEP_MAX),
        };
        Worker {
            poll,
            commands,
            woken,
            posts,
            on_event,
            latch: settings.latch,
            silence: settings.silence,
            sweep_every,
            sweep_at: now + sweep_every,
            legs: Vec::new(),
            vacant: Vec::new(),
            keys: BTreeMap::new(),
            wheel: Wheel::new(now),
            unfinished: VecDeque::new(),
            datagram: Box::new([0; DATAGRAM_BYTES]),
            expected: None,
            waiting: VecDeque::new(),
            arrived: BTreeMap::new(),
        }
    }

    /// Moves packets until it is shut down.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            if let Err(error) = self.poll.poll(&mut events, self.timeout(Instant::now()))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "wait for packets: a relay thread ends (restart the daemon)");
                return;
            }
            let now = Instant::now();
            for _ in 0..self.unfinished.len().min(EVENTS_MAX) {
                let Some(key) = self.unfinished.pop_front() else { break };
                if let Some(leg) = self.legs.get_mut(key).and_then(Option::as_mut) {
                    leg.unfinished = false;
                }
                self.receive(key, now);
            }
            let mut woken = false;
            for event in &events {
                match event.token() {
                    WAKE => woken = true,
                    Token(token) if token % 2 == 1 => self.receive_reports(token / 2, now),
                    Token(token) => self.receive(token / 2, now),
                }
            }
            if woken && self.take_commands(now).is_break() {
                return;
            }
            self.play(now);
            self.sweep(now);
        }
    }

    /// How long to wait: `None` is until something comes.
    fn timeout(&self, now: Instant) -> Option<Duration> {
        if !self.unfinished.is_empty() {
            return Some(Duration::ZERO);
        }
        let sweep_at = (!self.keys.is_empty()).then_some(self.sweep_at);
        let next = [sweep_at, self.wheel.deadline()].into_iter().flatten().min();
        next.map(|at| at.saturating_duration_since(now))
    }

    fn receive(&mut self, key: usize, now: Instant) {
        for _ in 0..BATCH_PACKETS {
            // A notice may be late, and its leg closed.
            let Some(leg) = self.legs.get_mut(key).and_then(Option::as_mut) else { return };
            let (len, from) = match leg.sockets.rtp.recv_from(&mut self.datagram[..]) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let datagram = &mut self.datagram[..len];
            if let Some((packet, kind)) = leg.admit(datagram, from, now)
                && let Some(peer) = leg.peer
                && let Some(peer) = self.legs.get_mut(peer).and_then(Option::as_mut)
            {
                peer.forward(datagram, &packet, kind, now);
            }
        }
        if let Some(leg) = self.legs.get_mut(key).and_then(Option::as_mut)
            && !leg.unfinished
        {
            leg.unfinished = true;
            self.unfinished.push_back(key);
        }
    }

    /// What lies on the RTCP port. A batch is enough: a report is as good as the next one.
    fn receive_reports(&mut self, key: usize, now: Instant) {
        let Some(leg) = self.legs.get_mut(key).and_then(Option::as_mut) else { return };
        for _ in 0..BATCH_PACKETS {
            let Ok((len, from)) = leg.sockets.rtcp.recv_from(&mut self.datagram[..]) else { return };
            if rtcp::is_rtcp(&self.datagram[..len]) {
                leg.report(from, now);
            }
        }
    }

    fn play(&mut self, now: Instant) {
        while let Some(slot) = self.wheel.due(now) {
            for at in (0..self.wheel.len(slot)).rev() {
                let key = self.wheel.key(slot, at);
                let Some(leg) = self.legs.get_mut(key).and_then(Option::as_mut) else { continue };
                if leg.play(now).is_break() {
                    leg.playing = None;
                    self.wheel.remove(slot, key);
                    (self.on_event)(RelayEvent::PromptEnded { port: leg.id });
                }
            }
        }
    }

    fn sweep(&mut self, now: Instant) {
        if now < self.sweep_at {
            return;
        }
        self.sweep_at = now + self.sweep_every;
        let allowance = self.allowance();
        for leg in self.legs.iter_mut().flatten() {
            leg.allowance = allowance;
            if !self.silence.is_zero() && !leg.silence_reported && leg.silent(self.silence, now) {
                leg.silence_reported = true;
                (self.on_event)(RelayEvent::Silent { port: leg.id });
            }
        }
    }

    /// Packets a leg may send until the next sweep.
    fn allowance(&self) -> u32 {
        (self.sweep_every.as_millis() as u32 * PACKETS_PER_SECOND_MAX).div_ceil(1_000)
    }

    fn take_commands(&mut self, now: Instant) -> ControlFlow<()> {
        // Before looking, so that whoever comes after the last look wakes again.
        self.woken.swap(false, AcqRel);
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Do(order) => self.waiting.push_back(order),
                Command::Adopt(leg) => drop(self.arrived.insert(leg.id, leg)),
                Command::Shutdown => return ControlFlow::Break(()),
            }
            self.obey_waiting(now);
        }
        ControlFlow::Continue(())
    }

    /// Follows orders up to one that needs a leg which is still on its way.
    fn obey_waiting(&mut self, now: Instant) {
        loop {
            if let Some(expected) = self.expected {
                let Some(leg) = self.arrived.remove(&expected) else { return };
                self.insert(leg);
                self.expected = None;
            }
            let Some(order) = self.waiting.pop_front() else { return };
            self.obey(order, now);
        }
    }

    fn obey(&mut self, order: Order, now: Instant) {
        match order {
            Order::Open(leg) => self.insert(leg),
            Order::Negotiated { port, negotiated } => {
                let Negotiated { remote, signals_from, taken, keys_taken, heard, direction } = negotiated;
                let window = self.latch;
                let Some(leg) = self.leg(port) else { return };
                let remote = match remote {
                    Described::At(address) => leg.reachable(address).map_or(Described::Nowhere, Described::At),
                    Described::Nowhere | Described::Somewhere => remote,
                };
                let spoken = taken.iter().find_map(|(sound, payload_type)| match sound {
                    Sound::Spoken(codec) => Some((*codec, *payload_type)),
                    Sound::Foreign { .. } => None,
                });
                let latch = match leg.media.take() {
                    Some(Media { mut latch, .. }) => {
                        latch.renegotiate(remote, now, window);
                        latch
                    }
                    None => Latch::new(remote, signals_from, now, window),
                };
                let negotiated_at = now;
                leg.media = Some(Media { latch, taken, spoken, keys_taken, heard, direction, negotiated_at });
                leg.silence_reported = false;
            }
            Order::Play { port, playback } => {
                self.stop(port);
                let Some(key) = self.keys.get(&port).copied() else { return };
                let slot = self.wheel.insert(key);
                if let Some(leg) = self.leg(port) {
                    leg.playing = Some(Playing::new(playback, slot));
                }
            }
            Order::Stop { port } => self.stop(port),
            Order::Bridge { first, second } => self.bridge(first, second),
            Order::Unbridge { port } => self.unbridge(port),
            Order::Close { port } => drop(self.remove(port)),
            Order::Expect { port } => self.expected = Some(port),
            Order::Release { port, to } => {
                let Some(mut leg) = self.remove(port) else { return };
                let registry = self.poll.registry();
                let rtp = registry.deregister(&mut leg.sockets.rtp);
                if let Err(error) = rtp.and(registry.deregister(&mut leg.sockets.rtcp)) {
                    tracing::error!(%error, "move a media port to another relay thread: its call may hear nothing");
                }
                self.posts[to].send(Command::Adopt(leg));
            }
        }
    }

    fn leg(&mut self, port: PortId) -> Option<&mut Leg> {
        let key = *self.keys.get(&port)?;
        self.legs.get_mut(key)?.as_deref_mut()
    }

    fn insert(&mut self, mut leg: Box<Leg>) {
        leg.allowance = self.allowance();
        leg.unfinished = false;
        let key = self.vacant.pop().unwrap_or(self.legs.len());
        let ((rtp, rtcp), registry) = (tokens(key), self.poll.registry());
        let rtp = registry.register(&mut leg.sockets.rtp, rtp, Interest::READABLE);
        if let Err(error) = rtp.and_then(|()| registry.register(&mut leg.sockets.rtcp, rtcp, Interest::READABLE)) {
            tracing::error!(%error, "watch a media port: this call hears nothing (raise the limit on open files)");
        }
        self.keys.insert(leg.id, key);
        if key == self.legs.len() {
            self.legs.push(Some(leg));
        } else {
            self.legs[key] = Some(leg);
        }
    }

    fn remove(&mut self, port: PortId) -> Option<Box<Leg>> {
        self.stop(port);
        self.unbridge(port);
        let key = self.keys.remove(&port)?;
        self.vacant.push(key);
        self.legs[key].take()
    }

    fn stop(&mut self, port: PortId) {
        let Some(key) = self.keys.get(&port).copied() else { return };
        if let Some(playing) = self.leg(port).and_then(|leg| leg.playing.take()) {
            self.wheel.remove(playing.slot, key);
        }
    }

    fn bridge(&mut self, first: PortId, second: PortId) {
        let keys = (self.keys.get(&first).copied(), self.keys.get(&second).copied());
        let (Some(first_key), Some(second_key)) = keys else { return };
        for port in [first, second] {
            self.stop(port);
            self.unbridge(port);
        }
        for (port, peer) in [(first, second_key), (second, first_key)] {
            if let Some(leg) = self.leg(port) {
                leg.peer = Some(peer);
            }
        }
    }

    fn unbridge(&mut self, port: PortId) {
        let Some(peer) = self.leg(port).and_then(|leg| leg.peer.take()) else { return };
        if let Some(peer) = self.legs.get_mut(peer).and_then(Option::as_mut) {
            peer.peer = None;
        }
    }
}
