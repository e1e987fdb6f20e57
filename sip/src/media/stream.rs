//! The one continuous RTP stream that a receiver hears, whatever feeds it: a prompt, the other caller, a prompt again.
//! Never holds packets back: loss and reordering of the far end stay visible to the receiver's jitter buffer.

use std::time::Instant;

use super::{FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ, rtp::Header};

/// A step forward beyond this is a new start of the sender, not loss (RFC 3550 §A.1, MAX_DROPOUT).
const DROPOUT_MAX: u16 = 3_000;
/// A step back beyond this is a new start of the sender, not reordering (RFC 3550 §A.1, MAX_MISORDER).
const MISORDER_MAX: u16 = 100;

/// Numbering of what we send on one leg: its own source identifier, sequence and timestamp without a break.
#[derive(Clone, Debug)]
pub struct Stream {
    ssrc: u32,
    /// The highest already sent.
    sequence: u16,
    timestamp: u32,
    sent_at: Option<Instant>,
    clock_rate_hz: u32,
    feed: Feed,
}

#[derive(Clone, Debug)]
enum Feed {
    Silence,
    Prompt,
    Peer(Peer),
}

/// How the far sender's numbers turn into ours.
#[derive(Clone, Debug)]
struct Peer {
    ssrc: u32,
    highest: u16,
    /// How many sequence numbers it has gone since it became the feed, up to [`MISORDER_MAX`].
    span: u16,
    sequence_offset: u16,
    timestamp_offset: u32,
}

/// Marker, sequence and timestamp of the next packet out.
type Numbers = (bool, u16, u32);

impl Stream {
    /// A stream that has sent nothing; all three numbers should be random (RFC 3550 §5.1).
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Stream {
        Stream { ssrc, sequence, timestamp, sent_at: None, clock_rate_hz: SAMPLE_RATE_HZ, feed: Feed::Silence }
    }

    /// The rate of the RTP clock from now on; 8000 Hz if nothing is said. Another rate begins a talk spurt: what its sender
    /// counts has nothing to do with what it counted before (RFC 7160 §4.1).
    pub fn ticks(&mut self, clock_rate_hz: u32) {
        if self.clock_rate_hz != clock_rate_hz {
            self.clock_rate_hz = clock_rate_hz;
            self.pause();
        }
    }

    /// The header of the next 20 ms of a prompt, which ticks at 8000 Hz.
    pub fn prompt(&mut self, payload_type: u8, now: Instant) -> Header {
        self.ticks(SAMPLE_RATE_HZ);
        let (marker, sequence, timestamp) = match self.feed {
            Feed::Prompt => (false, self.sequence.wrapping_add(1), self.timestamp.wrapping_add(FRAME_SAMPLES as u32)),
            Feed::Silence | Feed::Peer(_) => self.fresh(now),
        };
        self.feed = Feed::Prompt;
        self.advance(sequence, timestamp, now);
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }

    /// The header under which a packet of the bridged leg goes on, or `None` if it must not: a copy, or one from before
    /// the switch, whose number is taken.
    pub fn relay(&mut self, incoming: &Header, payload_type: u8, now: Instant) -> Option<Header> {
        let (marker, sequence, timestamp) = self.renumber(incoming, now)?;
        Some(Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc })
    }

    /// Takes note of a packet of the bridged leg that is not passed on, so that it leaves no gap.
    pub fn withhold(&mut self, incoming: &Header) {
        if let Feed::Peer(peer) = &mut self.feed
            && peer.ssrc == incoming.ssrc
            && incoming.sequence == peer.highest.wrapping_add(1)
        {
            peer.highest = incoming.sequence;
            peer.sequence_offset = peer.sequence_offset.wrapping_sub(1);
            // What comes late from before this point would take a number already given.
            peer.span = 0;
        }
    }

    /// Nothing is sent for now: the next packet starts a talk spurt and its timestamp counts the pause.
    pub fn pause(&mut self) {
        self.feed = Feed::Silence;
    }

    fn renumber(&mut self, incoming: &Header, now: Instant) -> Option<Numbers> {
        if let Feed::Peer(peer) = &mut self.feed
            && peer.ssrc == incoming.ssrc
        {
            let ahead = incoming.sequence.wrapping_sub(peer.highest);
            let behind = peer.highest.wrapping_sub(incoming.sequence);
            let sequence = incoming.sequence.wrapping_add(peer.sequence_offset);
            let timestamp = incoming.timestamp.wrapping_add(peer.timestamp_offset);
            if (1..=DROPOUT_MAX).contains(&ahead) {
                peer.highest = incoming.sequence;
                peer.span = peer.span.saturating_add(ahead).min(MISORDER_MAX);
                self.advance(sequence, timestamp, now);
                return Some((incoming.marker, sequence, timestamp));
            }
            if behind <= MISORDER_MAX {
                return (1..peer.span).contains(&behind).then_some((incoming.marker, sequence, timestamp));
            }
        }
        let (marker, sequence, timestamp) = self.fresh(now);
        self.feed = Feed::Peer(Peer {
            ssrc: incoming.ssrc,
            highest: incoming.sequence,
            span: 0,
            sequence_offset: sequence.wrapping_sub(incoming.sequence),
            timestamp_offset: timestamp.wrapping_sub(incoming.timestamp),
        });
        self.advance(sequence, timestamp, now);
        Some((marker, sequence, timestamp))
    }

    /// The numbers after a switch: one packet on, and as much time as has really passed.
    fn fresh(&self, now: Instant) -> Numbers {
        let passed_ms = self.sent_at.map_or(0, |sent_at| now.duration_since(sent_at).as_millis() as u64);
        let ticks = passed_ms.max(u64::from(FRAME_MS)) * u64::from(self.clock_rate_hz) / 1_000;
        let timestamp = self.timestamp.wrapping_add(ticks as u32);
        (true, self.sequence.wrapping_add(1), timestamp)
    }

    fn advance(&mut self, sequence: u16, timestamp: u32, now: Instant) {
        self.sequence = sequence;
        self.timestamp = timestamp;
        self.sent_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_receiver_hears_one_stream_from_music_to_bridge_and_back() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut stream = Stream::new(1, u16::MAX, u32::MAX - 159);
        assert_eq!(numbers(stream.prompt(0, at(0))), (true, 0, 0));
        assert_eq!(numbers(stream.prompt(0, at(20))), (false, 1, 160));
        let mut relay = |ms, sequence, timestamp| {
            let incoming = Header { marker: false, payload_type: 8, sequence, timestamp, ssrc: 99 };
            stream.relay(&incoming, 0, at(ms)).map(numbers)
        };
        assert_eq!(relay(50, 500, 7_000), Some((true, 2, 400)), "the switch: 30 ms later, marked");
        assert_eq!(relay(70, 501, 7_160), Some((false, 3, 560)));
        assert_eq!(relay(90, 499, 6_840), None, "from before the switch");
        assert_eq!(relay(90, 501, 7_160), None, "a copy");
        assert_eq!(relay(110, 503, 7_480), Some((false, 5, 880)), "loss stays visible");
        assert_eq!(relay(111, 502, 7_320), Some((false, 4, 720)), "and so does reordering");
        assert_eq!(relay(150, 40_000, 5), Some((true, 6, 1_200)), "the sender started anew");
        assert_eq!(numbers(stream.prompt(0, at(170))), (true, 7, 1_360));
    }

    #[test]
    fn a_withheld_packet_leaves_no_gap() {
        let now = Instant::now();
        let mut stream = Stream::new(1, 0, 0);
        let packet = |sequence| Header { marker: false, payload_type: 0, sequence, timestamp: 0, ssrc: 9 };
        let sequence = |header: Option<Header>| header.map(|header| header.sequence);
        assert_eq!(sequence(stream.relay(&packet(10), 0, now)), Some(1));
        stream.withhold(&packet(11));
        stream.withhold(&packet(12));
        assert_eq!(sequence(stream.relay(&packet(13), 0, now)), Some(2));
        assert_eq!(sequence(stream.relay(&packet(12), 0, now)), None);
    }

    #[test]
    fn after_a_pause_the_timestamp_counts_it() {
        let start = Instant::now();
        let mut stream = Stream::new(1, 0, 0);
        let first = stream.prompt(0, start);
        stream.pause();
        let second = stream.prompt(0, start + Duration::from_secs(1));
        assert_eq!(numbers(second), (true, first.sequence + 1, first.timestamp + 8_000));
    }

    #[test]
    fn a_faster_clock_counts_a_pause_faster() {
        let start = Instant::now();
        let mut stream = Stream::new(1, 0, 0);
        stream.ticks(48_000);
        let incoming = |ssrc| Header { marker: false, payload_type: 96, sequence: 7, timestamp: 99, ssrc };
        let first = stream.relay(&incoming(1), 96, start).unwrap();
        let second = stream.relay(&incoming(2), 96, start + Duration::from_millis(30)).unwrap();
        assert_eq!(second.timestamp - first.timestamp, 30 * 48);
        stream.ticks(8_000);
        let other = Header { timestamp: 5, sequence: 8, ..incoming(2) };
        let third = stream.relay(&other, 8, start + Duration::from_millis(50)).unwrap();
        assert_eq!(
            (third.timestamp - second.timestamp, third.marker),
            (20 * 8, true),
            "the same sender, another clock"
        );
        assert_eq!(third.sequence, second.sequence.wrapping_add(1));
    }

    fn numbers(header: Header) -> Numbers {
        (header.marker, header.sequence, header.timestamp)
    }
}
