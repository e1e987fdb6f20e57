//! One codec's payload made into another's, in place: all codecs here have a byte for each tick of the RTP clock.
//! Never allocates, and never looks at packets: what was lost on the way is lost in both codecs.

use super::Codec;
use super::g711::{self, Law};
use super::g722;

/// The way from one codec to another. G.722 remembers what it heard, so each direction of a call has its own.
#[derive(Clone, Debug)]
pub struct Transcoder {
    from: Codec,
    to: Codec,
    decoder: g722::Decoder,
    encoder: g722::Encoder,
}

impl Transcoder {
    /// The way from a codec to another, or to itself.
    pub fn new(from: Codec, to: Codec) -> Transcoder {
        Transcoder { from, to, decoder: g722::Decoder::default(), encoder: g722::Encoder::default() }
    }

    /// From now on the way between these. Whichever end stays the same remembers what it heard: a sender may change its
    /// codec in the middle of a word.
    pub fn turn(&mut self, from: Codec, to: Codec) {
        if self.from != from {
            (self.from, self.decoder) = (from, g722::Decoder::default());
        }
        if self.to != to {
            (self.to, self.encoder) = (to, g722::Encoder::default());
        }
    }

    /// Makes a payload into one of the other codec.
    pub fn translate(&mut self, payload: &mut [u8]) {
        let (encoder, decoder) = (&mut self.encoder, &mut self.decoder);
        match (self.from.law(), self.to.law()) {
            (None, None) => {}
            (Some(from), Some(to)) => g711::translate(from, to, payload),
            (Some(law), None) => each(payload, |byte| encoder.encode_narrow(g711::decode(law, byte))),
            (None, Some(law)) => each(payload, |byte| g711::encode(law, decoder.decode_narrow(byte))),
        }
    }
}

fn each(payload: &mut [u8], mut change: impl FnMut(u8) -> u8) {
    for byte in payload {
        *byte = change(*byte);
    }
}

/// Encodes samples at 8 kHz, a byte each.
pub fn encode(codec: Codec, samples: impl IntoIterator<Item = i16>) -> Vec<u8> {
    let mut encoder = g722::Encoder::default();
    let law = codec.law();
    let byte = |sample| law.map_or_else(|| encoder.encode_narrow(sample), |law: Law| g711::encode(law, sample));
    samples.into_iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::tone;

    const ALL: [Codec; 3] = [Codec::Pcmu, Codec::Pcma, Codec::G722];

    fn decoded(codec: Codec, payload: &[u8]) -> Vec<i16> {
        let mut decoder = g722::Decoder::default();
        let sample =
            |byte: &u8| codec.law().map_or_else(|| decoder.decode_narrow(*byte), |law| g711::decode(law, *byte));
        payload.iter().map(sample).collect()
    }

    #[test]
    fn a_tone_stays_the_same_tone_in_every_codec() {
        let tone = tone::sine(440.0, 1_000, -12.0);
        for (from, to) in ALL.into_iter().flat_map(|from| ALL.map(|to| (from, to))) {
            let mut payload = encode(from, tone.iter().copied());
            let before = payload.clone();
            let mut transcoder = Transcoder::new(from, to);
            payload.chunks_mut(160).for_each(|packet| transcoder.translate(packet));
            assert_eq!(payload == before, from == to, "{from:?} to {to:?}");
            let heard = decoded(to, &payload);
            let rises = heard.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            assert!((438..=442).contains(&rises), "{from:?} to {to:?}: {rises} Hz");
            let power = |samples: &[i16]| samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
            let ratio = power(&heard) / power(&tone);
            assert!((0.9..1.1).contains(&ratio), "{from:?} to {to:?}: {ratio} times the power");
        }
    }

    #[test]
    fn a_sender_who_changes_its_codec_is_heard_without_a_break() {
        let tone = tone::sine(440.0, 1_000, -12.0);
        let mut transcoder = Transcoder::new(Codec::Pcma, Codec::G722);
        let mut heard = Vec::new();
        for (at, samples) in tone.chunks_exact(160).enumerate() {
            let from = [Codec::Pcma, Codec::Pcmu][at % 2];
            let mut payload = encode(from, samples.iter().copied());
            transcoder.turn(from, Codec::G722);
            transcoder.translate(&mut payload);
            heard.extend(payload);
        }
        let steps = |samples: &[i16]| samples.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max();
        let (heard, whole) = (decoded(Codec::G722, &heard), encode(Codec::G722, tone.iter().copied()));
        let (worst, usual) = (steps(&heard), steps(&decoded(Codec::G722, &whole)));
        assert!(worst <= usual.map(|usual| usual + usual / 10), "a click: {worst:?}, {usual:?} without a change");
    }

    #[test]
    fn a_payload_of_any_length_and_content_is_translated() {
        for (from, to) in ALL.into_iter().flat_map(|from| ALL.map(|to| (from, to))) {
            let mut transcoder = Transcoder::new(from, to);
            for length in [0, 1, 159, 160, 161, 2_000] {
                let mut payload: Vec<u8> = (0..length).map(|at| (at * 37 % 256) as u8).collect();
                transcoder.translate(&mut payload);
                assert_eq!(payload.len(), length);
            }
        }
    }
}
