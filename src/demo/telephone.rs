//! A simulated telephone: a SIP user agent with a socket of its own, and one call at a time with sound both ways.
//! It never knows the daemon from inside: all that the two have in common is the network.

use crate::telephony::signalling::{self, Limits, Signalling};
use actix::ArbiterHandle;
use sip::media::rtp::{self, Header};
use sip::media::{Codec, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ, tone, transcode};
use sip::sdp::{self, Agreed, Description, Local};
use sip::{Command, Event, Input, LegId, Output, RegistrationState, Settings, Target, Transport, UserAgent};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket as StdUdpSocket};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

/// The longest call.
const CALL_MAX: Duration = Duration::from_secs(10 * 60);
/// For how long a telephone registers; refreshed at half of it.
const REGISTRATION: Duration = Duration::from_secs(600);
/// It speaks UDP alone.
const NO_CONNECTIONS: Limits = Limits { connections: 0, per_source: 0 };
/// How many keys may be pressed before the first is dealt with.
const KEYS_MAX: usize = 8;

/// What a telephone is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// There is no call.
    Idle,
    /// Our call is not answered yet.
    Calling,
    /// Somebody calls us, or waits for the line after we answered.
    Ringing {
        /// Who.
        peer: String,
    },
    /// There is a call, with sound both ways.
    Connected {
        /// With whom.
        peer: String,
    },
}

/// What can be done at a telephone.
#[derive(Debug)]
pub enum Key {
    /// Registers it, and keeps it registered.
    Register {
        /// With whom.
        registrar: SocketAddr,
        /// As whom.
        user: String,
        /// The digest's password.
        password: String,
    },
    /// Calls somebody.
    Call {
        /// The number that is shown.
        from: String,
        /// The number that is called.
        number: String,
        /// Where its INVITE goes.
        destination: SocketAddr,
    },
    /// Takes the call that rings.
    Answer,
    /// Declines the call that rings.
    Decline,
    /// Ends the call.
    HangUp,
}

/// A telephone that is plugged in; when the last clone goes, it is unplugged.
#[derive(Clone, Debug)]
pub struct Telephone {
    display: Arc<Display>,
    keys: mpsc::Sender<(Key, oneshot::Sender<bool>)>,
}

/// What can be seen from outside.
#[derive(Debug)]
struct Display {
    line: Mutex<Line>,
    registered: AtomicBool,
    heard_samples: AtomicU64,
}

impl Telephone {
    /// Plugs a telephone in at this address; it works on the arbiter's thread, and its sound has this pitch.
    ///
    /// # Errors
    /// When no socket can be had there.
    pub fn plug_in(arbiter: &ArbiterHandle, address: IpAddr, pitch_hz: f64) -> io::Result<Telephone> {
        let socket = signalling::bind(Transport::Udp, SocketAddr::new(address, 0))?;
        let listen = socket.address;
        let display = Arc::new(Display {
            line: Mutex::new(Line::Idle),
            registered: AtomicBool::new(false),
            heard_samples: AtomicU64::new(0),
        });
        let (keys, pressed) = mpsc::channel(KEYS_MAX);
        let telephone = Telephone { display: display.clone(), keys };
        arbiter.spawn_fn(move || match Signalling::new(vec![socket], NO_CONNECTIONS) {
            Ok(signalling) => {
                let settings = Settings { user_agent: "Vorrang demo telephone".to_owned(), ..Settings::new(listen) };
                let sip = UserAgent::new(settings, rand::random());
                let voice = voice(pitch_hz).into();
                actix::spawn(Set { sip, signalling, address, voice, display, legs: 0, call: None }.run(pressed));
            }
            Err(error) => tracing::error!(%error, "a simulated telephone has no line"),
        });
        Ok(telephone)
    }

    /// What it is doing.
    pub fn line(&self) -> Line {
        self.display.line.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether its registrar knows it.
    pub fn is_registered(&self) -> bool {
        self.display.registered.load(Ordering::Relaxed)
    }

    /// How much sound has come in during this call, or during the last one.
    pub fn heard(&self) -> Duration {
        let samples = self.display.heard_samples.load(Ordering::Relaxed);
        Duration::from_millis(samples * 1000 / u64::from(SAMPLE_RATE_HZ))
    }

    /// Presses a key; `false` if there is nothing that it could do now.
    pub async fn press(&self, key: Key) -> bool {
        let (done, is_done) = oneshot::channel();
        self.keys.send((key, done)).await.is_ok() && is_done.await.unwrap_or(false)
    }
}

/// The telephone itself.
struct Set {
    sip: UserAgent,
    signalling: Rc<Signalling>,
    address: IpAddr,
    voice: Rc<[i16]>,
    display: Arc<Display>,
    legs: u64,
    call: Option<Call>,
}

struct Call {
    leg: LegId,
    peer: String,
    stage: Stage,
    /// Sends and hears; ends with the call.
    sound: JoinSet<()>,
    ends_at: Instant,
}

/// How far a call is.
enum Stage {
    /// Our INVITE is out; sound will come to this socket.
    Calling(UdpSocket),
    /// We were invited.
    Ringing(Description),
    /// Our 200 is out. Its ACK says that the other side means it.
    Answered,
    /// Both sides said yes.
    Connected,
}

impl Set {
    async fn run(mut self, mut keys: mpsc::Receiver<(Key, oneshot::Sender<bool>)>) {
        loop {
            let ends_at = self.call.as_ref().map(|call| call.ends_at);
            tokio::select! {
                () = self.signalling.woken() => {
                    self.receive();
                    self.pump();
                }
                key = keys.recv() => {
                    let Some((key, done)) = key else { return };
                    let is_done = self.press(key);
                    self.pump();
                    // Whoever pressed it may not care.
                    _ = done.send(is_done);
                }
                () = until(ends_at) => {
                    self.hang_up();
                    self.pump();
                }
            }
        }
    }

    fn receive(&mut self) {
        let signalling = self.signalling.clone();
        let now = signalling.now();
        signalling.receive(|input| self.sip.handle(now, input));
        self.sip.handle(now, Input::Due);
    }

    fn command(&mut self, command: Command) {
        self.sip.handle(self.signalling.now(), Input::Command(command));
    }

    fn pump(&mut self) {
        while let Some(output) = self.sip.poll_output() {
            match output {
                Output::Send { bytes, flow } => self.signalling.send(&bytes, flow),
                Output::Event(event) => self.event(event),
            }
        }
        self.signalling.wake_at(self.sip.deadline());
        let line = match &self.call {
            None => Line::Idle,
            Some(Call { peer, stage, .. }) => match stage {
                Stage::Calling(_) => Line::Calling,
                Stage::Ringing(_) | Stage::Answered => Line::Ringing { peer: peer.clone() },
                Stage::Connected => Line::Connected { peer: peer.clone() },
            },
        };
        *self.display.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }

    fn press(&mut self, key: Key) -> bool {
        match key {
            Key::Register { registrar, user, password } => {
                let (transport, contact, expires) = (Transport::Udp, None, REGISTRATION);
                self.command(Command::Register { registrar, transport, user, password, contact, expires });
                true
            }
            Key::Call { from, number, destination } => self.call(from, number, destination),
            Key::Answer => self.answer(),
            Key::Decline => self.decline(),
            Key::HangUp => match self.call.as_ref().map(|call| &call.stage) {
                None | Some(Stage::Ringing(_)) => false,
                Some(Stage::Calling(_) | Stage::Answered | Stage::Connected) => {
                    self.hang_up();
                    true
                }
            },
        }
    }

    fn call(&mut self, from_user: String, number: String, destination: SocketAddr) -> bool {
        if self.call.is_some() {
            return false;
        }
        let Some((socket, local)) = self.media() else { return false };
        self.legs += 1;
        let leg = LegId(self.legs);
        let target = Target::Uri { uri: format!("sip:{number}@{destination}"), destination: Some(destination) };
        let sdp = sdp::offer(&local, &sdp::usual_formats());
        self.begin(leg, number, Stage::Calling(socket));
        self.command(Command::Invite { leg, target, from_user, from_display: None, sdp });
        true
    }

    fn answer(&mut self) -> bool {
        let Some((socket, local)) = self.media() else { return false };
        let Some(call) = &mut self.call else { return false };
        let Stage::Ringing(offer) = &call.stage else { return false };
        let Ok(chosen) = sdp::choose(offer, &sdp::OURS, None) else { return false };
        let (sdp, agreed) = sdp::answer(offer, &local, chosen);
        let leg = call.leg;
        call.stage = Stage::Answered;
        call.sound.spawn_local(sound(socket, agreed, self.voice.clone(), self.display.clone()));
        self.command(Command::Answer { leg, sdp });
        true
    }

    fn decline(&mut self) -> bool {
        let Some(Call { leg, stage: Stage::Ringing(_), .. }) = self.call else { return false };
        self.call = None;
        // 603: the person said no; 486 would mean that the telephone is in use (RFC 3261 §21.4.24, §21.6.2).
        self.command(Command::Reject { leg, status: 603, reason: String::new() });
        true
    }

    /// Ends the call on our side at once; what is left of it on the network is the user agent's business.
    fn hang_up(&mut self) {
        if let Some(Call { leg, .. }) = self.call.take() {
            self.command(Command::Bye { leg });
        }
    }

    fn event(&mut self, event: Event) {
        let is_ours = |call: &Option<Call>, leg| call.as_ref().is_some_and(|call| call.leg == leg);
        match event {
            Event::Incoming { leg, caller, sdp, .. } => {
                let offer = sdp.and_then(|sdp| Description::parse(&sdp).ok());
                match offer {
                    Some(offer) if self.call.is_none() => {
                        self.begin(leg, caller.user, Stage::Ringing(offer));
                        self.command(Command::Provisional { leg, status: 180, sdp: None });
                    }
                    Some(_) => self.command(Command::Reject { leg, status: 486, reason: String::new() }),
                    None => self.command(Command::Reject { leg, status: 488, reason: String::new() }),
                }
            }
            Event::Answered { leg, sdp } => self.answered(leg, &sdp),
            Event::Confirmed { leg, .. } => {
                if let Some(call) = self.call.as_mut().filter(|call| call.leg == leg) {
                    call.stage = Stage::Connected;
                }
            }
            Event::Failed { leg, .. } | Event::Cancelled { leg } | Event::Ended { leg, .. } => {
                if is_ours(&self.call, leg) {
                    self.call = None;
                }
            }
            // The daemon wishes no changes; without one the call goes on as it was.
            Event::Reoffer { leg, .. } => self.command(Command::RefuseReoffer { leg, status: 488 }),
            Event::RegistrationState { state, .. } => {
                let is_registered = matches!(state, RegistrationState::Registered { .. });
                self.display.registered.store(is_registered, Ordering::Relaxed);
                if let RegistrationState::Refused { status } = state {
                    tracing::warn!(status, "a simulated telephone was not registered");
                }
            }
            // Nobody registers with a telephone, and it keeps nothing for a restart.
            Event::Registered { .. } | Event::Unregistered { .. } | Event::Bindings { .. } | Event::Facts(_) => {}
            // It has no trunks, and whoever is not the daemon is nobody here.
            Event::TrunkRegistration { .. } | Event::TrunkReachable { .. } | Event::Refused { .. } => {}
            // Whether it rings at the other side changes nothing here; we make no offers after the first.
            Event::Ringing { .. } | Event::Reanswered { .. } | Event::ReofferFailed { .. } => {}
            // The demo's telephones live as long as the daemon.
            Event::Unresponsive { .. } => {}
            // Its person hears it.
            Event::Held { .. } | Event::MediaChanged { .. } => {}
        }
    }

    fn answered(&mut self, leg: LegId, sdp: &[u8]) {
        let call = self.call.as_mut().filter(|call| call.leg == leg);
        let agreed = Description::parse(sdp).and_then(|answer| sdp::accept(&answer, &sdp::usual_formats()));
        match (call, agreed) {
            (Some(call), Ok(agreed)) => {
                if let Stage::Calling(socket) = std::mem::replace(&mut call.stage, Stage::Connected) {
                    call.sound.spawn_local(sound(socket, agreed, self.voice.clone(), self.display.clone()));
                }
                self.command(Command::Accept { leg });
            }
            (Some(_), Err(_)) | (None, _) => {
                self.call.take_if(|call| call.leg == leg);
                self.command(Command::Refuse { leg });
            }
        }
    }

    fn begin(&mut self, leg: LegId, peer: String, stage: Stage) {
        self.display.heard_samples.store(0, Ordering::Relaxed);
        self.call = Some(Call { leg, peer, stage, sound: JoinSet::new(), ends_at: Instant::now() + CALL_MAX });
    }

    /// A socket for sound, and how it is described.
    fn media(&self) -> Option<(UdpSocket, Local)> {
        let bound = || -> io::Result<(UdpSocket, SocketAddr)> {
            let socket = StdUdpSocket::bind((self.address, 0))?;
            socket.set_nonblocking(true)?;
            let address = socket.local_addr()?;
            Ok((UdpSocket::from_std(socket)?, address))
        };
        let (socket, address) =
            bound().inspect_err(|error| tracing::warn!(%error, "no sound for a simulated telephone")).ok()?;
        let direction = sdp::Direction::SendReceive;
        Some((socket, Local { address, session_id: rand::random::<u32>().into(), version: 1, direction }))
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Two notes and a pause of two seconds in all, to be repeated.
fn voice(pitch_hz: f64) -> Vec<i16> {
    let note = |pitch_hz| tone::sine(pitch_hz, 400, -20.0);
    [note(pitch_hz), tone::silence(200), note(pitch_hz * 1.25), tone::silence(1_000)].concat()
}

/// Sends the voice over and over, a packet every 20 ms, and counts what is heard.
async fn sound(socket: UdpSocket, agreed: Agreed, voice: Rc<[i16]>, display: Arc<Display>) {
    // Nothing that we don't speak was offered or chosen.
    let codec = agreed.format.codec.spoken().unwrap_or(Codec::Pcma);
    let voice = transcode::encode(codec, voice.iter().copied());
    let mut frames = voice.chunks_exact(FRAME_SAMPLES).cycle();
    let mut header = Header {
        marker: true,
        payload_type: agreed.format.payload,
        sequence: rand::random(),
        timestamp: rand::random(),
        ssrc: rand::random(),
    };
    let mut tick = tokio::time::interval(Duration::from_millis(FRAME_MS.into()));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut buffer = [0; 2048];
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let packet = [header.to_bytes().as_slice(), frames.next().unwrap_or_default()].concat();
                // A packet that does not go out is lost as on the wire.
                _ = socket.try_send_to(&packet, agreed.remote);
                header.marker = false;
                header.sequence = header.sequence.wrapping_add(1);
                header.timestamp = header.timestamp.wrapping_add(FRAME_SAMPLES as u32);
            }
            received = socket.recv(&mut buffer) => {
                let Ok(length) = received.inspect_err(|error| tracing::warn!(%error, "hear a call")) else { return };
                if let Ok(packet) = rtp::parse(&buffer[..length]) {
                    display.heard_samples.fetch_add(packet.payload.len() as u64, Ordering::Relaxed);
                }
            }
        }
    }
}
