//! The RTP relay: a port pair for each leg, prompts played to it, two legs bridged, each receiver hearing one stream.
//! Never parses SDP, never sends to an address the application did not name, and never locks or allocates for a packet.
//!
//! A [`Relay`] is a handle; the packets move on threads of its own. Every method only posts a command and returns,
//! except [`Relay::open`], which binds the sockets so that the port can go into the session description.

mod ports;
mod wheel;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mio::{Poll, Waker};
pub use sip::media::latch::Described;
pub use sip::media::{Codec, Direction};

use super::prompts::Prompt;
use ports::Pool;
use sip::media::SAMPLE_RATE_HZ;
use worker::{Command, Counters, Leg, Order, Post, Worker};

/// How the relay is set up.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// The local address that all ports are bound to; `::` takes IPv4 as well.
    pub address: IpAddr,
    /// The ports it may use: the even ones for RTP, the odd ones after them for RTCP (RFC 3550 §11). Two for each leg.
    pub ports: RangeInclusive<u16>,
    /// How many threads move packets: 1 to 64.
    pub threads: usize,
    /// For how long after each negotiation the real source of packets may replace the described one.
    pub latch: Duration,
    /// After how long without a packet a leg that should send is reported as silent; zero turns the report off.
    pub silence: Duration,
}

/// Names a leg's port pair. Never used twice in the life of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId(u64);

/// A leg's port pair, as [`Relay::open`] hands it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// What the other methods call it.
    pub id: PortId,
    /// The RTP port, for `m=audio`; RTCP is the next one.
    pub rtp: u16,
}

/// What was negotiated about a leg.
#[derive(Clone, Debug)]
pub struct Negotiated {
    /// Where the far end described itself to be; port 0, `0.0.0.0` and groups count as nowhere.
    pub remote: Described,
    /// Where the far end's SIP comes from: behind NAT its packets come from there too.
    pub signals_from: Option<IpAddr>,
    /// What the far end takes, at any time, and under which payload types; what it likes best comes first.
    pub taken: Vec<(Sound, u8)>,
    /// Under which payload type it takes pressed keys, if it does (RFC 4733).
    pub keys_taken: Option<u8>,
    /// What the payload types stand for under which the far end sends, at any time.
    pub heard: Vec<(u8, Kind)>,
    /// Ours.
    pub direction: Direction,
}

/// What a payload type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Voice.
    Voice(Sound),
    /// Pressed keys (RFC 4733).
    TelephoneEvent,
}

/// In what a voice is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// We speak it: it is turned into what the other leg takes, and prompts may be heard in it.
    Spoken(Codec),
    /// It passes untouched to a leg that takes the same.
    Foreign {
        /// Which codec, as a number that no other has.
        codec: u64,
        /// The rate of its RTP clock.
        clock_rate_hz: u32,
    },
}

impl Sound {
    /// The rate of its RTP clock.
    pub fn clock_rate_hz(self) -> u32 {
        match self {
            Sound::Spoken(_) => SAMPLE_RATE_HZ,
            Sound::Foreign { clock_rate_hz, .. } => clock_rate_hz,
        }
    }
}

/// What is played to a leg.
#[derive(Clone, Debug)]
pub enum Playback {
    /// One prompt after the other, each once; then [`RelayEvent::PromptEnded`].
    Once(Vec<Arc<Prompt>>),
    /// One prompt over and over.
    Looped {
        /// Which.
        prompt: Arc<Prompt>,
        /// Where in it to begin; beyond its end counts from the beginning again.
        from: Duration,
        /// For how long; then [`RelayEvent::PromptEnded`]. `None`: until something else is played.
        lasting: Option<Duration>,
    },
}

impl Playback {
    /// A prompt over and over, from its beginning and until something else is played.
    pub fn looped(prompt: Arc<Prompt>) -> Playback {
        Playback::Looped { prompt, from: Duration::ZERO, lasting: None }
    }
}

/// What happened on a leg without being asked for. A port that was closed meanwhile may still be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayEvent {
    /// Nothing arrived for the set time, though the far end should send. Said once until packets arrive again.
    Silent {
        /// The leg.
        port: PortId,
    },
    /// What was to be played is over: the last prompt's end, or the time of one that was looped.
    PromptEnded {
        /// The leg.
        port: PortId,
    },
}

/// Packets of a leg, counted since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Arrived from the leg's own source.
    pub received: u64,
    /// Sent to the leg: prompts, and what was relayed.
    pub sent: u64,
    /// Dropped because they came from another source.
    pub dropped_source: u64,
    /// Dropped for any other reason: before a negotiation, no RTP, a payload type that was not negotiated, on hold, too
    /// many.
    pub dropped_other: u64,
    /// The system refused to send them.
    pub unsent: u64,
}

/// Why the relay could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The range holds no even port with an odd one after it.
    #[error(
        "start the relay: media.ports {}-{} holds no pair of an even port and the next one \
         (accepted: at least two ports, such as 20000-29999)",
        ports.start(), ports.end()
    )]
    NoPorts {
        /// As configured.
        ports: RangeInclusive<u16>,
    },
    /// No threads, or more than make sense.
    #[error("start the relay: media.threads is {threads} (accepted: 1 to 64)")]
    Threads {
        /// As configured.
        threads: usize,
    },
    /// The system gave no event queue or no thread.
    #[error("start a relay thread: {0} (raise the limits on open files and on threads)")]
    Start(#[source] io::Error),
    /// Every port pair is taken.
    #[error(
        "open a media port: of the {pairs} port pairs of media.ports {}-{} our own calls use {open}, and {spare} of the \
         others must stay free (widen media.ports: a caller takes two ports, a caller with an agent four)",
        ports.start(), ports.end()
    )]
    PortsExhausted {
        /// As configured.
        ports: RangeInclusive<u16>,
        /// How many pairs that makes.
        pairs: usize,
        /// How many of them are our own legs.
        open: usize,
        /// How many were to stay free.
        spare: usize,
    },
    /// The address is not ours, or the process has too many files open.
    #[error(
        "bind media port {address}: {source} (set media.address to an address of this machine; if too many files are \
         open, raise the limit)"
    )]
    Bind {
        /// What was to be bound.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// The handle to the relay threads. Clones share them; they end with the last one.
#[derive(Clone)]
pub struct Relay {
    shared: Arc<Shared>,
}

struct Shared {
    settings: RelaySettings,
    pool: Arc<Pool>,
    posts: Arc<[Post]>,
    directory: Mutex<Directory>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Which thread has which leg. Commands are posted while it is locked, so that all threads see them in one order.
struct Directory {
    opened: u64,
    legs: BTreeMap<PortId, Entry>,
    legs_on: Vec<usize>,
}

struct Entry {
    thread: usize,
    counters: Arc<Counters>,
}

impl Relay {
    /// Starts the threads. `on_event` is called on them and must return at once: post a message and no more.
    pub fn start(
        settings: RelaySettings,
        on_event: impl Fn(RelayEvent) + Send + Sync + 'static,
    ) -> Result<Relay, RelayError> {
        if !(1..=64).contains(&settings.threads) {
            return Err(RelayError::Threads { threads: settings.threads });
        }
        let Some(pool) = Pool::new(settings.ports.clone()) else {
            return Err(RelayError::NoPorts { ports: settings.ports });
        };
        let (mut polls, mut posts) = (Vec::new(), Vec::new());
        for _ in 0..settings.threads {
            let poll = Poll::new().map_err(RelayError::Start)?;
            let waker = Waker::new(poll.registry(), worker::WAKE).map_err(RelayError::Start)?;
            let (commands, receiver) = mpsc::channel();
            let woken = Arc::<AtomicBool>::default();
            polls.push((poll, receiver, woken.clone()));
            posts.push(Post { commands, waker, woken });
        }
        let on_event: Arc<dyn Fn(RelayEvent) + Send + Sync> = Arc::new(on_event);
        let directory = Directory { opened: 0, legs: BTreeMap::new(), legs_on: vec![0; settings.threads] };
        let shared = Shared {
            settings,
            pool: Arc::new(pool),
            posts: posts.into(),
            directory: Mutex::new(directory),
            threads: Mutex::new(Vec::new()),
        };
        for (index, (poll, commands, woken)) in polls.into_iter().enumerate() {
            let worker =
                Worker::new(poll, commands, woken, Arc::clone(&shared.posts), Arc::clone(&on_event), &shared.settings);
            let thread = thread::Builder::new()
                .name(format!("relay-{index}"))
                .spawn(move || worker.run())
                .map_err(RelayError::Start)?;
            locked(&shared.threads).push(thread);
        }
        Ok(Relay { shared: Arc::new(shared) })
    }

    /// Opens a port pair for a leg, if `spare` other pairs stay free. It neither hears nor sends anything until
    /// [`Relay::negotiated`].
    pub fn open(&self, spare: usize) -> Result<Port, RelayError> {
        let Shared { settings, pool, posts, directory, .. } = &*self.shared;
        let sockets = pool.bind(settings.address, spare)?;
        let rtp = sockets.port();
        let mut directory = locked(directory);
        directory.opened += 1;
        let id = PortId(directory.opened);
        let counters = Arc::new(Counters::default());
        let thread = (0..posts.len()).min_by_key(|thread| directory.legs_on[*thread]).unwrap_or(0);
        directory.legs_on[thread] += 1;
        directory.legs.insert(id, Entry { thread, counters: Arc::clone(&counters) });
        // Nothing is heard nor sent before the next order.
        posts[thread].order_in_time(Order::Open(Box::new(Leg::new(id, sockets, counters))));
        Ok(Port { id, rtp })
    }

    /// Says what was negotiated, after each offer and answer. For the time of `latch` the far end's packets may show
    /// another address than it described, if that fits ([`sip::media::latch`]). Call this only for a description from a
    /// source that may be trusted with our packets.
    pub fn negotiated(&self, port: PortId, negotiated: Negotiated) {
        self.post(port, Order::Negotiated { port, negotiated });
    }

    /// Plays something, instead of anything else and over a bridge. Before [`Relay::negotiated`] it waits; on hold, and
    /// to whoever has a codec that we don't speak, its time runs on unheard.
    pub fn play(&self, port: PortId, playback: Playback) {
        self.post(port, Order::Play { port, playback });
    }

    /// Stops the prompt, if one is playing, without a [`RelayEvent::PromptEnded`]. A bridge is heard again.
    pub fn stop(&self, port: PortId) {
        self.post(port, Order::Stop { port });
    }

    /// Lets two legs hear each other, and stops their prompts. Either leg leaves the bridge it was in. What the other leg
    /// does not take as it is, is translated.
    pub fn bridge(&self, first: PortId, second: PortId) {
        let mut directory = locked(&self.shared.directory);
        let Directory { legs, legs_on, .. } = &mut *directory;
        let Some(to) = legs.get(&first).map(|entry| entry.thread) else { return };
        let Some(entry) = legs.get_mut(&second) else { return };
        let posts = &self.shared.posts;
        if first == second {
            return;
        }
        if entry.thread != to {
            posts[to].order(Order::Expect { port: second });
            posts[entry.thread].order(Order::Release { port: second, to });
            legs_on[entry.thread] -= 1;
            legs_on[to] += 1;
            entry.thread = to;
        }
        posts[to].order(Order::Bridge { first, second });
    }

    /// Ends the bridge a leg is in; both legs then hear nothing.
    pub fn unbridge(&self, port: PortId) {
        self.post(port, Order::Unbridge { port });
    }

    /// Closes a leg's ports and leaves its bridge. Read its [`Relay::statistics`] before.
    pub fn close(&self, port: PortId) {
        let mut directory = locked(&self.shared.directory);
        let Some(entry) = directory.legs.remove(&port) else { return };
        directory.legs_on[entry.thread] -= 1;
        self.shared.pool.closing();
        self.shared.posts[entry.thread].order(Order::Close { port });
    }

    /// A leg's packets so far; `None` once it is closed.
    pub fn statistics(&self, port: PortId) -> Option<Statistics> {
        locked(&self.shared.directory).legs.get(&port).map(|entry| entry.counters.read())
    }

    fn post(&self, port: PortId, order: Order) {
        let directory = locked(&self.shared.directory);
        // A leg may be gone when the order comes: the far end hung up first.
        if let Some(entry) = directory.legs.get(&port) {
            self.shared.posts[entry.thread].order(order);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for post in self.posts.iter() {
            post.send(Command::Shutdown);
        }
        for thread in locked(&self.threads).drain(..) {
            // The last handle may be dropped inside `on_event`, that is, on the thread itself.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a relay thread had panicked; its calls were without sound");
            }
        }
    }
}

/// A panic elsewhere leaves these maps whole: each is changed in one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
