//! The fuzz targets: what must hold for any bytes. `sip/tests/` drives the same functions without a fuzzer.

pub mod mutate;
pub mod seeds;
pub mod subject;

use std::net::SocketAddr;

use sip::media::transcode::Transcoder;
use sip::media::{Codec, dtmf, g722, rtcp, rtp};
use sip::sdp::{self, Description, Direction, Local};
use sip::wire::{self, Frame, Framer, KeepAlive, MESSAGE_BYTES_MAX, Raw, WireError};

use self::subject::Subject;

/// A datagram: read and written again it is the same, and the user agent survives it.
pub fn sip_message(bytes: &[u8]) {
    read_and_written_again(bytes);
    let mut subject = Subject::new();
    subject.datagram(bytes, subject::TRUNK);
    subject.datagram(bytes, subject::STRANGER);
    subject.assert_alive();
}

/// What is read and written again is the same message.
pub fn read_and_written_again(bytes: &[u8]) {
    let Ok(raw) = wire::parse(bytes) else { return };
    if raw.flaw.is_some() {
        return;
    }
    let headers = |raw: &Raw| {
        let counted = |name: &str| name == "Content-Length";
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        raw.headers.iter().filter(|(name, _)| !counted(name)).map(owned).collect::<Vec<_>>()
    };
    match wire::parse(&raw.to_bytes()) {
        Ok(again) => {
            assert_eq!(again.start, raw.start);
            assert_eq!(headers(&again), headers(&raw));
            assert_eq!(again.body, raw.body);
            assert_eq!(again.flaw, None);
        }
        // Long names are longer.
        Err(WireError::TooLong(_)) => {}
        Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&raw.to_bytes())),
    }
}

/// A stream, after two bytes that say into what pieces it is cut: the pieces don't matter.
pub fn sip_stream(bytes: &[u8]) {
    let Some(([size, growth], stream)) = bytes.split_first_chunk::<2>() else { return };
    let whole = pieces_of(stream, |_| stream.len().max(1));
    let cut = pieces_of(stream, |turn| usize::from(*size).max(1) + turn * usize::from(growth % 16));
    assert_eq!(whole, cut);
}

/// What a reader of a stream takes from it.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// A message.
    Message(Vec<u8>),
    /// Line ends.
    KeepAlive(KeepAlive),
    /// The end.
    Broken(WireError),
}

/// Reads a stream that arrives in pieces of these sizes, as a connection does.
pub fn pieces_of(mut stream: &[u8], size: impl Fn(usize) -> usize) -> Vec<Taken> {
    let (mut framer, mut buffer, mut taken) = (Framer::default(), Vec::new(), Vec::new());
    let mut turn = 0;
    while !stream.is_empty() {
        let (piece, rest) = stream.split_at(size(turn).min(stream.len()));
        buffer.extend_from_slice(piece);
        (stream, turn) = (rest, turn + 1);
        loop {
            match framer.frame(&buffer) {
                Frame::Incomplete => {
                    break assert!(buffer.len() < MESSAGE_BYTES_MAX, "a buffer needs no more than that");
                }
                Frame::Message { length } => {
                    let message: Vec<u8> = buffer.drain(..length).collect();
                    assert!(wire::parse(&message).is_ok(), "what was framed can be read");
                    taken.push(Taken::Message(message));
                }
                Frame::KeepAlive { length, kind } => {
                    buffer.drain(..length);
                    taken.push(Taken::KeepAlive(kind));
                }
                Frame::Broken(why) => {
                    taken.push(Taken::Broken(why));
                    return taken;
                }
            }
        }
    }
    taken
}

/// A session description: as an offer its answer can be read and is no longer than the offer and what we say; as an
/// answer it is judged.
pub fn sdp(bytes: &[u8]) {
    let Ok(description) = Description::parse(bytes) else { return };
    assert!(!description.audio.is_held() || sip::sdp::may_be_held(bytes), "a peer on hold is overlooked");
    let address = SocketAddr::from(([192, 0, 2, 1], 4000));
    let local = Local { address, session_id: u64::MAX, version: u64::MAX, direction: Direction::SendReceive };
    for chosen in [sdp::choose(&description, &sdp::OURS, None), sdp::choose_any(&description)].into_iter().flatten() {
        let (answer, agreed) = sdp::answer(&description, &local, chosen);
        assert!(answer.len() <= bytes.len() + 1024, "an answer of {} bytes", answer.len());
        let answer = Description::parse(&answer).expect("our own answer can be read");
        assert!(answer.audio.formats.contains(&agreed.format));
    }
    let offered = sdp::offered_on(&description.audio.formats);
    let offer = sdp::offer(&local, &offered);
    assert!(offer.len() <= bytes.len() + 4096, "an offer of {} bytes", offer.len());
    let offer = Description::parse(&offer).expect("our own offer can be read");
    assert_eq!(offer.audio.formats.len(), offered.len());
    let _ = sdp::accept(&description, &offered);
}

/// A packet on an RTP port.
pub fn rtp(bytes: &[u8]) {
    let Ok(packet) = rtp::parse(bytes) else { return };
    assert!(!rtcp::is_rtcp(bytes));
    let payload = bytes.get(packet.payload.clone()).expect("the payload lies in the packet");
    assert!(packet.payload.start >= rtp::HEADER_BYTES);
    let again = rtp::parse(&[&packet.header.to_bytes(), payload].concat()).expect("our own packet can be read");
    assert_eq!(again.header, packet.header);
    if let Some(event) = dtmf::TelephoneEvent::parse(payload) {
        assert_eq!(dtmf::TelephoneEvent::parse(&event.to_bytes()), Some(event));
    }
}

/// Sound from a packet: it is decoded and made into every other codec, and keeps its length.
pub fn g722(bytes: &[u8]) {
    let mut decoder = g722::Decoder::default();
    let samples: Vec<[i16; 2]> = bytes.iter().map(|byte| decoder.decode(*byte)).collect();
    let mut encoder = g722::Encoder::default();
    for samples in samples {
        encoder.encode(samples);
    }
    let all = [Codec::Pcmu, Codec::Pcma, Codec::G722];
    for (from, to) in all.into_iter().flat_map(|from| all.map(|to| (from, to))) {
        let mut payload = bytes.to_vec();
        Transcoder::new(from, to).translate(&mut payload);
        assert_eq!(payload.len(), bytes.len());
    }
}
