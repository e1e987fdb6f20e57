//! G.711: 16-bit samples to mu-law and A-law bytes and back, and one law to the other (ITU-T G.711).
//! Never keeps state: each sample stands for itself.

use super::Codec;

/// A mu-law byte as a 16-bit sample.
pub static DECODED_PCMU: [i16; 256] = decoded(Codec::Pcmu);
/// An A-law byte as a 16-bit sample.
pub static DECODED_PCMA: [i16; 256] = decoded(Codec::Pcma);
static PCMU_AS_PCMA: [u8; 256] = translated(Codec::Pcmu);
static PCMA_AS_PCMU: [u8; 256] = translated(Codec::Pcma);

/// Encodes a 16-bit sample; what G.711 cannot express is clipped.
pub const fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcmu => encode_pcmu(sample),
        Codec::Pcma => encode_pcma(sample),
    }
}

/// Decodes a byte into a 16-bit sample.
pub fn decode(codec: Codec, byte: u8) -> i16 {
    match codec {
        Codec::Pcmu => DECODED_PCMU[usize::from(byte)],
        Codec::Pcma => DECODED_PCMA[usize::from(byte)],
    }
}

/// Rewrites a payload from one law to the other in place; nothing happens if both are the same.
pub fn translate(from: Codec, to: Codec, payload: &mut [u8]) {
    let table = match (from, to) {
        (Codec::Pcmu, Codec::Pcma) => &PCMU_AS_PCMA,
        (Codec::Pcma, Codec::Pcmu) => &PCMA_AS_PCMU,
        (Codec::Pcmu, Codec::Pcmu) | (Codec::Pcma, Codec::Pcma) => return,
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

const fn decoded(codec: Codec) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match codec {
            Codec::Pcmu => decode_pcmu(byte as u8),
            Codec::Pcma => decode_pcma(byte as u8),
        };
        byte += 1;
    }
    table
}

const fn translated(from: Codec) -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match from {
            Codec::Pcmu => encode_pcma(decode_pcmu(byte as u8)),
            Codec::Pcma => encode_pcmu(decode_pcma(byte as u8)),
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
            assert_eq!(encode(Codec::Pcma, decode(Codec::Pcma, byte)), byte);
            // Mu-law has two zeros; both decode to 0, which encodes to the positive one.
            let expected = if byte == 0x7f { 0xff } else { byte };
            assert_eq!(encode(Codec::Pcmu, decode(Codec::Pcmu, byte)), expected);
        }
    }

    #[test]
    fn known_values_of_the_recommendation_hold() {
        let table = [
            (Codec::Pcmu, 0xff, 0),
            (Codec::Pcmu, 0x80, 32_124),
            (Codec::Pcmu, 0x00, -32_124),
            (Codec::Pcma, 0xd5, 8),
            (Codec::Pcma, 0x55, -8),
            (Codec::Pcma, 0xaa, 32_256),
            (Codec::Pcma, 0x2a, -32_256),
        ];
        for (codec, byte, sample) in table {
            assert_eq!(decode(codec, byte), sample, "{codec:?} {byte:#x}");
        }
    }

    #[test]
    fn an_encoded_sample_is_off_by_at_most_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let bound = (i32::from(sample).abs() >> 5) + 16;
            for codec in [Codec::Pcmu, Codec::Pcma] {
                let error = i32::from(decode(codec, encode(codec, sample))) - i32::from(sample);
                // Above the last step both laws clip.
                assert!(error.abs() <= bound, "{codec:?} {sample}: off by {error}");
            }
        }
    }

    #[test]
    fn translating_keeps_the_loudness() {
        let mut payload: Vec<u8> = (0..=255).collect();
        translate(Codec::Pcmu, Codec::Pcma, &mut payload);
        for (byte, translated) in (0..=255).zip(payload) {
            let (before, after) = (i32::from(decode(Codec::Pcmu, byte)), i32::from(decode(Codec::Pcma, translated)));
            assert!((before - after).abs() <= (before.abs() >> 5) + 16);
        }
        let mut same = [1, 2, 3];
        translate(Codec::Pcma, Codec::Pcma, &mut same);
        assert_eq!(same, [1, 2, 3]);
    }
}
