//! Media as bytes and samples: RTP, RTCP, G.711, G.722, telephone events, tones, and a relay's two rules (latch, stream).
//! Never opens a socket, reads a clock or draws a random number; times and identifiers come in as arguments.

pub mod dtmf;
pub mod g711;
pub mod g722;
pub mod latch;
pub mod rtcp;
pub mod rtp;
pub mod stream;
pub mod tone;
pub mod transcode;

use g711::Law;

/// The rate of the RTP clock of every codec here, and the bytes they have in a second. G.711 has as many samples, G.722
/// has twice as many, and its clock is slow by an old mistake (RFC 3551 §4.5.2, §4.5.14).
pub const SAMPLE_RATE_HZ: u32 = 8_000;
/// Milliseconds of sound in the packets we make ourselves (RFC 3551 §4.2: 20 ms unless told otherwise).
pub const FRAME_MS: u32 = 20;
/// Ticks of the RTP clock in such a packet, and its bytes: all codecs here have 64 kbit/s.
pub const FRAME_SAMPLES: usize = (SAMPLE_RATE_HZ * FRAME_MS / 1_000) as usize;

/// A voice codec that both the relay and the announcements speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 mu-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722: wideband.
    G722,
}

impl Codec {
    /// The static payload type of RFC 3551 §6, table 4.
    pub fn payload_type(self) -> u8 {
        match self {
            Codec::Pcmu => 0,
            Codec::Pcma => 8,
            Codec::G722 => 9,
        }
    }

    /// The law of G.711 that it is; `None` for G.722.
    pub fn law(self) -> Option<Law> {
        match self {
            Codec::Pcmu => Some(Law::Mu),
            Codec::Pcma => Some(Law::A),
            Codec::G722 => None,
        }
    }
}

/// Which way sound flows, seen from here (RFC 3264 §5.1: the attribute of our own description).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `a=sendrecv`.
    SendReceive,
    /// `a=sendonly`: we speak, the far end is silent.
    SendOnly,
    /// `a=recvonly`: the far end put us on hold without asking for our sound.
    ReceiveOnly,
    /// `a=inactive`.
    Inactive,
}

impl Direction {
    /// Whether we may send.
    pub fn sends(self) -> bool {
        match self {
            Direction::SendReceive | Direction::SendOnly => true,
            Direction::ReceiveOnly | Direction::Inactive => false,
        }
    }

    /// Whether we expect packets.
    pub fn receives(self) -> bool {
        match self {
            Direction::SendReceive | Direction::ReceiveOnly => true,
            Direction::SendOnly | Direction::Inactive => false,
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    /// xorshift64: the same bytes on every machine and in every run.
    pub(crate) struct Bytes(pub(crate) u64);

    impl Bytes {
        pub(crate) fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }
    }
}
