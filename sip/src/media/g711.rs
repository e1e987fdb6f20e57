//! G.711: 16-bit samples to mu-law and A-law bytes and back, and one law to the other (ITU-T G.711).
//! Never keeps state: each sample stands for itself.

/// One of the two laws by which a sample becomes a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// Mu-law: North America and Japan.
    Mu,
    /// A-law: everywhere else.
    A,
}

/// A mu-law byte as a 16-bit sample.
pub static DECODED_PCMU: [i16; 256] = decoded(Law::Mu);
/// An A-law byte as a 16-bit sample.
pub static DECODED_PCMA: [i16; 256] = decoded(Law::A);
static PCMU_AS_PCMA: [u8; 256] = translated(Law::Mu);
static PCMA_AS_PCMU: [u8; 256] = translated(Law::A);

/// Encodes a 16-bit sample; what G.711 cannot express is clipped.
pub const fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::Mu => encode_pcmu(sample),
        Law::A => encode_pcma(sample),
    }
}

/// Decodes a byte into a 16-bit sample.
pub fn decode(law: Law, byte: u8) -> i16 {
    match law {
        Law::Mu => DECODED_PCMU[usize::from(byte)],
        Law::A => DECODED_PCMA[usize::from(byte)],
    }
}

/// Rewrites a payload from one law to the other in place; nothing happens if both are the same.
pub fn translate(from: Law, to: Law, payload: &mut [u8]) {
    let table = match (from, to) {
        (Law::Mu, Law::A) => &PCMU_AS_PCMA,
        (Law::A, Law::Mu) => &PCMA_AS_PCMU,
        (Law::Mu, Law::Mu) | (Law::A, Law::A) => return,
    };
    for byte in payload {
        *byte = table[usize::from(*byte)];
    }
}

/// Mu-law adds this before it looks for the segment, so that each segment begins at a power of two.
const BIAS: u16 = 132;
/// A-law inverts every other bit on the line.
const EVEN_BITS: u8 = 0x55;

const fn encode_pcmu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs();
    let magnitude = if magnitude > 32_635 { 32_635 + BIAS } else { magnitude + BIAS };
    let segment = magnitude.ilog2() - 7;
    let step = (magnitude >> (segment + 3)) as u8 & 0x0f;
    !(sign | (segment as u8) << 4 | step)
}

const fn decode_pcmu(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((((byte & 0x0f) as u16) << 3) + BIAS) << (byte >> 4 & 7);
    let magnitude = (magnitude - BIAS) as i16;
    if byte & 0x80 != 0 { -magnitude } else { magnitude }
}

const fn encode_pcma(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 { (0, !sample as u16) } else { (0x80, sample as u16) };
    let code = if magnitude < 256 {
        (magnitude >> 4) as u8
    } else {
        let segment = magnitude.ilog2() - 7;
        (segment as u8) << 4 | (magnitude >> (segment + 3)) as u8 & 0x0f
    };
    (sign | code) ^ EVEN_BITS
}

const fn decode_pcma(byte: u8) -> i16 {
    let byte = byte ^ EVEN_BITS;
    let step = ((byte & 0x0f) as i16) << 4;
    let magnitude = match byte >> 4 & 7 {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    if byte & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn decoded(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match law {
            Law::Mu => decode_pcmu(byte as u8),
            Law::A => decode_pcma(byte as u8),
        };
        byte += 1;
    }
    table
}

const fn translated(from: Law) -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match from {
            Law::Mu => encode_pcma(decode_pcmu(byte as u8)),
            Law::A => encode_pcmu(decode_pcma(byte as u8)),
        };
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for byte in 0..=255 {
            assert_eq!(encode(Law::A, decode(Law::A, byte)), byte);
            // Mu-law has two zeros; both decode to 0, which encodes to the positive one.
            let expected = if byte == 0x7f { 0xff } else { byte };
            assert_eq!(encode(Law::Mu, decode(Law::Mu, byte)), expected);
        }
    }

    #[test]
    fn known_values_of_the_recommendation_hold() {
        let table = [
            (Law::Mu, 0xff, 0),
            (Law::Mu, 0x80, 32_124),
            (Law::Mu, 0x00, -32_124),
            (Law::A, 0xd5, 8),
            (Law::A, 0x55, -8),
            (Law::A, 0xaa, 32_256),
            (Law::A, 0x2a, -32_256),
        ];
        for (law, byte, sample) in table {
            assert_eq!(decode(law, byte), sample, "{law:?} {byte:#x}");
        }
    }

    #[test]
    fn an_encoded_sample_is_off_by_at_most_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let bound = (i32::from(sample).abs() >> 5) + 16;
            for law in [Law::Mu, Law::A] {
                let error = i32::from(decode(law, encode(law, sample))) - i32::from(sample);
                // Above the last step both laws clip.
                assert!(error.abs() <= bound, "{law:?} {sample}: off by {error}");
            }
        }
    }

    #[test]
    fn translating_keeps_the_loudness() {
        let mut payload: Vec<u8> = (0..=255).collect();
        translate(Law::Mu, Law::A, &mut payload);
        for (byte, translated) in (0..=255).zip(payload) {
            let (before, after) = (i32::from(decode(Law::Mu, byte)), i32::from(decode(Law::A, translated)));
            assert!((before - after).abs() <= (before.abs() >> 5) + 16);
        }
        let mut same = [1, 2, 3];
        translate(Law::A, Law::A, &mut same);
        assert_eq!(same, [1, 2, 3]);
    }
}
