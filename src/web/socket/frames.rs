//! The headers of a client's WebSocket frames, looked at as they come: what announces more than is taken, or breaks the
//! protocol, is refused before anything of it is kept (RFC 6455 §5).
//! Never looks at a payload, and keeps none.

/// The longest header: two bytes, a length of eight, and the mask (§5.2).
const HEADER_BYTES_MAX: usize = 14;
/// The longest payload of a control frame (§5.5).
const CONTROL_BYTES_MAX: u64 = 125;

/// Why a stream of frames is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A frame, or a message with all its frames, is longer than what is taken.
    TooBig,
    /// Not a frame that a client may send.
    Protocol,
}

/// Where a stream of frames stands.
#[derive(Debug)]
pub(super) struct Frames {
    message_bytes_max: u64,
    header: [u8; HEADER_BYTES_MAX],
    header_filled: usize,
    /// What is still to come of the frame whose header is whole.
    payload_left: u64,
    /// How much the frames of the message that goes on announced so far; `None` between two messages.
    message: Option<u64>,
}

impl Frames {
    /// A stream at its beginning, whose messages have so many bytes at most.
    pub(super) fn new(message_bytes_max: usize) -> Frames {
        Frames {
            message_bytes_max: message_bytes_max as u64,
            header: [0; HEADER_BYTES_MAX],
            header_filled: 0,
            payload_left: 0,
            message: None,
        }
    }

    /// How many of these bytes belong to the frame that goes on; it never reaches beyond that frame's end.
    ///
    /// # Errors
    /// As soon as its header shows that it must not come.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut taken = 0;
        while self.payload_left == 0 {
            let Some(byte) = bytes.get(taken) else { return Ok(taken) };
            self.header[self.header_filled] = *byte;
            self.header_filled += 1;
            taken += 1;
            if let Some(length) = self.announced()? {
                self.header_filled = 0;
                self.payload_left = length;
                if length == 0 {
                    return Ok(taken);
                }
            }
        }
        let rest = (bytes.len() - taken) as u64;
        let payload = rest.min(self.payload_left);
        self.payload_left -= payload;
        Ok(taken + payload as usize)
    }

    /// The payload's length, once the header is whole.
    fn announced(&mut self) -> Result<Option<u64>, Fault> {
        let [first, second, ..] = self.header;
        if self.header_filled < 2 {
            return Ok(None);
        }
        let (is_final, opcode, is_masked) = (first & 0x80 != 0, first & 0x0f, second & 0x80 != 0);
        let is_control = opcode >= 8;
        let short = u64::from(second & 0x7f);
        let is_known = matches!(opcode, 0..=2 | 8..=10);
        let is_in_turn = is_control || (opcode == 0) == self.message.is_some();
        // No extension was agreed that would use the reserved bits (§5.2); a client masks (§5.1).
        if first & 0x70 != 0 || !is_known || !is_masked || !is_in_turn {
            return Err(Fault::Protocol);
        }
        if is_control && (!is_final || short > CONTROL_BYTES_MAX) {
            return Err(Fault::Protocol);
        }
        let long = match short {
            126 => &self.header[2..4],
            127 => &self.header[2..10],
            _ => &[],
        };
        if self.header_filled < 2 + long.len() {
            return Ok(None);
        }
        let length = if long.is_empty() { short } else { long.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)) };
        let message = self.message.unwrap_or(0).saturating_add(length);
        if !is_control && message > self.message_bytes_max {
            return Err(Fault::TooBig);
        }
        if self.header_filled < 2 + long.len() + 4 {
            return Ok(None);
        }
        if !is_control {
            self.message = (!is_final).then_some(message);
        }
        Ok(Some(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 1_000;

    /// A header with a mask of zeros.
    fn header(first: u8, length: u64) -> Vec<u8> {
        let mut bytes = vec![first];
        match length {
            0..126 => bytes.push(0x80 | length as u8),
            126..65_536 => bytes.extend([&[0x80 | 126][..], &(length as u16).to_be_bytes()].concat()),
            _ => bytes.extend([&[0x80 | 127][..], &length.to_be_bytes()].concat()),
        }
        bytes.extend([0; 4]);
        bytes
    }

    fn frame(first: u8, length: u64) -> Vec<u8> {
        [header(first, length), vec![b'x'; length as usize]].concat()
    }

    /// The lengths of the frames in a stream that comes in pieces of this size.
    fn frames(stream: &[u8], piece: usize) -> Result<Vec<usize>, Fault> {
        let mut frames = Frames::new(MAX);
        let (mut lengths, mut length) = (vec![], 0);
        for mut piece in stream.chunks(piece) {
            while !piece.is_empty() {
                let taken = frames.take(piece)?;
                assert!(taken > 0, "it goes on");
                piece = &piece[taken..];
                length += taken;
                if frames.payload_left == 0 && frames.header_filled == 0 {
                    lengths.push(std::mem::take(&mut length));
                }
            }
        }
        Ok(lengths)
    }

    #[test]
    fn frames_are_told_apart_however_the_stream_is_cut() {
        let parts =
            [frame(0x81, 3), frame(0x01, 0), frame(0x89, 125), frame(0x00, 500), frame(0x80, 500), frame(0x88, 2)];
        let lengths: Vec<usize> = parts.iter().map(Vec::len).collect();
        for piece in [1, 2, 3, 7, 100, 10_000] {
            assert_eq!(frames(&parts.concat(), piece), Ok(lengths.clone()), "in pieces of {piece}");
        }
    }

    #[test]
    fn what_must_not_come_is_refused_by_its_header() {
        #[rustfmt::skip]
        let rows: Vec<(&str, Vec<u8>, Fault)> = vec![
            ("one byte too long",             header(0x81, MAX as u64 + 1),                       Fault::TooBig),
            ("a hundred thousand bytes",      header(0x82, 100_000),                              Fault::TooBig),
            ("2^40 bytes",                    header(0x81, 1 << 40),                              Fault::TooBig),
            ("2^62 bytes",                    header(0x81, 1 << 62),                              Fault::TooBig),
            ("a length with its highest bit", header(0x81, 1 << 63),                              Fault::TooBig),
            ("too long with what came before", [frame(0x01, 600), header(0x00, 401)].concat(),    Fault::TooBig),
            ("too long, and a ping between",  [frame(0x01, 600), frame(0x89, 3), header(0x80, 401)].concat(), Fault::TooBig),
            ("no mask",                       vec![0x81, 0x03],                                   Fault::Protocol),
            ("reserved bits",                 vec![0xc1, 0x83],                                   Fault::Protocol),
            ("an opcode for data to come",    vec![0x83, 0x83],                                   Fault::Protocol),
            ("an opcode for control to come", vec![0x8b, 0x83],                                   Fault::Protocol),
            ("a ping in pieces",              vec![0x09, 0x83],                                   Fault::Protocol),
            ("too long a ping",               vec![0x89, 0x80 | 126],                             Fault::Protocol),
            ("too long a close",              vec![0x88, 0x80 | 127],                             Fault::Protocol),
            ("a continuation of nothing",     vec![0x80, 0x83],                                   Fault::Protocol),
            ("a message within a message",    [frame(0x01, 3), vec![0x81, 0x83]].concat(),        Fault::Protocol),
        ];
        for (what, stream, fault) in rows {
            for piece in [1, 10_000] {
                assert_eq!(frames(&stream, piece), Err(fault), "{what}");
            }
        }
    }

    #[test]
    fn after_a_message_there_is_room_for_the_next() {
        let stream = [frame(0x81, MAX as u64), frame(0x01, 600), frame(0x80, 400), frame(0x81, MAX as u64)].concat();
        assert_eq!(frames(&stream, 10_000).map(|lengths| lengths.len()), Ok(4));
    }
}
