//! RTP: whoever talks and listens at the other end of the daemon, and the barest loop that could stand in its place.
//! The talkers never look at what they hear; they count it.

use crate::shared::{Result, doing};
use mio::{Events, Interest, Poll, Token};
use std::io::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Header and 20 ms of G.711.
const PACKET_BYTES: usize = 172;
const FRAME: Duration = Duration::from_millis(20);
/// In how many portions all talkers of 20 ms speak.
const PORTIONS: u32 = 10;

/// Somebody with a telephone: where they are, and to whom they talk; `None` only listens.
pub type Talker = (SocketAddr, Option<SocketAddr>);

/// A thread of talkers; dropped, they fall silent.
pub struct Talk {
    stop: Arc<AtomicBool>,
    heard: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Talk {
    /// All begin.
    pub fn begin(talkers: &[Talker]) -> Result<Talk> {
        let open = |(at, to): &Talker| {
            let socket = UdpSocket::bind(at).map_err(doing("bind a talker"))?;
            socket.set_nonblocking(true).map_err(doing("bind a talker"))?;
            Ok((socket, *to))
        };
        let sockets = talkers.iter().map(open).collect::<Result<Vec<_>>>()?;
        let (stop, heard) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let thread = std::thread::spawn({
            let (stop, heard) = (stop.clone(), heard.clone());
            move || talk(&sockets, &stop, &heard)
        });
        Ok(Talk { stop, heard, thread: Some(thread) })
    }

    /// Packets that came to them so far.
    pub fn heard(&self) -> u64 {
        self.heard.load(Relaxed)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        _ = self.thread.take().map(JoinHandle::join);
    }
}

fn talk(sockets: &[(UdpSocket, Option<SocketAddr>)], stop: &AtomicBool, heard: &AtomicU64) {
    let (mut packet, mut buffer) = ([0xff; PACKET_BYTES], [0; 2048]);
    packet[..2].copy_from_slice(&[0x80, 0]);
    let (begin, mut turn) = (Instant::now(), 0u32);
    while !stop.load(Relaxed) {
        let (frame, portion) = (turn / PORTIONS, turn % PORTIONS);
        packet[2..4].copy_from_slice(&(frame as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&frame.wrapping_mul(160).to_be_bytes());
        for (place, (socket, to)) in sockets.iter().enumerate().skip(portion as usize).step_by(PORTIONS as usize) {
            while socket.recv(&mut buffer).is_ok() {
                heard.fetch_add(1, Relaxed);
            }
            if let Some(to) = to {
                packet[8..12].copy_from_slice(&(place as u32).to_be_bytes());
                // A packet that is lost is lost, as on the wire.
                _ = socket.send_to(&packet, to);
            }
        }
        turn += 1;
        std::thread::sleep((begin + FRAME / PORTIONS * turn).saturating_duration_since(Instant::now()));
    }
}

/// What a relay has to do at the very least: one thread, one event queue, a receive and a send for each packet. Runs in
/// a process of its own until it is killed; says where the sides of each call are, one call a line.
pub fn bare_relay(calls: usize) -> Result<()> {
    let mut poll = Poll::new().map_err(doing("make an event queue"))?;
    let mut sides = vec![];
    for at in 0..calls * 2 {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut socket = mio::net::UdpSocket::bind(any).map_err(doing("bind a port"))?;
        poll.registry().register(&mut socket, Token(at), Interest::READABLE).map_err(doing("watch a port"))?;
        sides.push((socket, None));
    }
    for call in sides.chunks(2) {
        let at = |side: &(mio::net::UdpSocket, _)| side.0.local_addr().map_err(doing("name a port"));
        println!("{} {}", at(&call[0])?, at(&call[1])?);
    }
    std::io::stdout().flush().map_err(doing("write"))?;
    let (mut events, mut buffer) = (Events::with_capacity(256), [0; 2048]);
    loop {
        if let Err(error) = poll.poll(&mut events, None)
            && error.kind() != std::io::ErrorKind::Interrupted
        {
            return Err(error.to_string());
        }
        for Token(at) in events.iter().map(mio::event::Event::token) {
            while let Ok((length, from)) = sides[at].0.recv_from(&mut buffer) {
                sides[at].1 = Some(from);
                let (socket, to) = &sides[at ^ 1];
                if let Some(to) = to {
                    _ = socket.send_to(&buffer[..length], *to);
                }
            }
        }
    }
}
