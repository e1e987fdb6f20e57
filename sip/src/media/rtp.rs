//! The RTP packet: its fixed header, and where its payload lies (RFC 3550 §5.1).
//! Never allocates and never panics, whatever bytes arrive.

use std::ops::Range;

/// Bytes of the fixed header.
pub const HEADER_BYTES: usize = 12;

/// The fields of the fixed header that a relay reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// For voice: the first packet after a silence or a switch (RFC 3551 §4.1).
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// Goes up by one a packet, and wraps.
    pub sequence: u16,
    /// In units of the codec's clock, and wraps.
    pub timestamp: u32,
    /// The synchronisation source: who sends.
    pub ssrc: u32,
}

/// A parsed packet: the header, and the payload as a range so that the buffer can be rewritten in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The fixed header.
    pub header: Header,
    /// The payload without contributing sources, header extension and padding; may be empty. Starts at 12 or later.
    pub payload: Range<usize>,
}

/// Why bytes are no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Shorter than what its own fields announce.
    #[error("RTP packet is cut short")]
    Short,
    /// The version is not 2: STUN, ZRTP, or noise.
    #[error("not RTP version 2")]
    Version,
    /// The padding count is zero or more than the packet has.
    #[error("RTP padding is longer than its packet")]
    Padding,
    /// RTCP that shares the port (RFC 5761 §4).
    #[error("RTCP where RTP was expected")]
    Rtcp,
}

/// Reads the header and finds the payload.
pub fn parse(bytes: &[u8]) -> Result<Packet, Malformed> {
    // A report may be shorter than any RTP packet.
    if super::rtcp::is_rtcp(bytes) {
        return Err(Malformed::Rtcp);
    }
    let Some((fixed, _)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err(Malformed::Short);
    };
    if fixed[0] >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let mut start = HEADER_BYTES + 4 * usize::from(fixed[0] & 0x0f);
    if fixed[0] & 0x10 != 0 {
        let extension = bytes.get(start..start + 4).ok_or(Malformed::Short)?;
        start += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
    }
    if start > bytes.len() {
        return Err(Malformed::Short);
    }
    let mut end = bytes.len();
    if fixed[0] & 0x20 != 0 {
        let padding = usize::from(bytes[end - 1]);
        if padding == 0 || padding > end - start {
            return Err(Malformed::Padding);
        }
        end -= padding;
    }
    let header = Header {
        marker: fixed[1] & 0x80 != 0,
        payload_type: fixed[1] & 0x7f,
        sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
        timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
    };
    Ok(Packet { header, payload: start..end })
}

impl Header {
    /// The header as bytes: version 2, no padding, no extension, no contributing sources.
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = 0x80;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type & 0x7f;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bytes;
    use super::*;

    #[test]
    fn a_header_survives_the_way_there_and_back() {
        let header = Header { marker: true, payload_type: 101, sequence: 65_535, timestamp: 4_000_000_000, ssrc: 7 };
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend([1, 2, 3]);
        assert_eq!(parse(&bytes), Ok(Packet { header, payload: 12..15 }));
    }

    #[test]
    fn sources_extension_and_padding_are_not_payload() {
        let mut bytes = vec![0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend([9; 4]); // one contributing source
        bytes.extend([0xbe, 0xde, 0, 1, 8, 8, 8, 8]); // an extension of one word
        bytes.extend([5, 6, 0, 2]); // two bytes of payload, two of padding
        let packet = parse(&bytes).unwrap();
        assert_eq!(bytes[packet.payload], [5, 6]);
    }

    #[test]
    fn what_is_not_rtp_is_named() {
        let table: [(&[u8], Malformed); 7] = [
            (&[], Malformed::Short),
            (&[0x80; 11], Malformed::Short),
            (&[0x00; 12], Malformed::Version),
            (&[0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], Malformed::Rtcp),
            (&[0x80, 201, 0, 1, 0, 0, 0, 0], Malformed::Rtcp),
            (&[0x8f, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], Malformed::Short),
            (&[0xa0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], Malformed::Padding),
        ];
        for (bytes, expected) in table {
            assert_eq!(parse(bytes), Err(expected), "{bytes:?}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_point_outside_the_packet() {
        let mut random = Bytes(0x9e37_79b9_7f4a_7c15);
        let seed = Header { marker: false, payload_type: 0, sequence: 1, timestamp: 160, ssrc: 1 }.to_bytes();
        let mut parsed = 0;
        for _ in 0..200_000 {
            let mut bytes = [0; 64];
            bytes[..12].copy_from_slice(&seed);
            let len = (random.next() % 65) as usize;
            for _ in 0..random.next() % 6 {
                let at = (random.next() % 24) as usize;
                bytes[at] = random.next() as u8;
            }
            bytes[63] = random.next() as u8;
            if let Ok(packet) = parse(&bytes[..len]) {
                assert!(HEADER_BYTES <= packet.payload.start && packet.payload.start <= packet.payload.end);
                assert!(packet.payload.end <= len);
                parsed += 1;
            }
        }
        assert!(parsed > 10_000, "only {parsed} of the mutations were packets: the test has lost its aim");
    }
}
