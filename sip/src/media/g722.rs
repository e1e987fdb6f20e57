//! G.722 at 64 kbit/s: wideband sound in two ADPCM bands, a byte for each two samples at 16 kHz (ITU-T G.722).
//! Never allocates and never panics: what the arithmetic cannot hold is clipped, as the recommendation says.
//!
//! The sound is split in halves, below and above 4 kHz; the lower one gets six bits a sample and the upper one two. The
//! lower half alone is telephone sound at 8 kHz: [`Encoder::encode_narrow`] and [`Decoder::decode_narrow`] take and give
//! just that, so that G.711 turns into G.722 and back without a filter between them.

/// Decision levels of the lower band's quantiser (table 4).
const Q6: [i32; 31] = [
    0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
    1458, 1612, 1765, 1980, 2195, 2557, 2919, 0,
];
/// The lower band's code words of negative and of positive differences (table 5).
const ILN: [u8; 31] = [
    0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
];
const ILP: [u8; 31] = [
    0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34,
    33, 32,
];
/// Output levels of the lower band's inverse quantisers, of four bits for the adaptation and six for the ear (table 6).
const QM4: [i32; 16] =
    [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576,
    -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040,
    -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
    4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
/// Output levels of the upper band's inverse quantiser (table 7).
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
/// By how much a code word moves the logarithm of the step: lower band by its four bits, upper band by its two.
const WL: [i32; 16] = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
const WH: [i32; 4] = [798, -214, 798, -214];
/// 2048 × 2^(n/32): the step from its logarithm (table 8).
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
    3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/// Half of the quadrature mirror filter; the other half is its mirror image (table 11).
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// The code of the upper band that stands for next to nothing.
const NOTHING_ABOVE: u8 = 0b1100_0000;

fn clipped(value: i32) -> i32 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))
}

/// One band's predictor and step, the same in encoder and decoder.
#[derive(Clone, Debug)]
struct Band {
    /// The next sample as predicted, and the part of it that comes from the zeros.
    predicted: i32,
    predicted_by_zeros: i32,
    /// The last two reconstructed samples, and the same without the part of the poles; the newest first.
    reconstructed: [i32; 2],
    partial: [i32; 2],
    /// The last six quantised differences.
    differences: [i32; 6],
    poles: [i32; 2],
    zeros: [i32; 6],
    /// The step of the quantiser, and its logarithm.
    step: i32,
    step_log: i32,
}

impl Band {
    /// Silence, with the least step.
    fn new(step: i32) -> Band {
        Band {
            predicted: 0,
            predicted_by_zeros: 0,
            reconstructed: [0; 2],
            partial: [0; 2],
            differences: [0; 6],
            poles: [0; 2],
            zeros: [0; 6],
            step,
            step_log: 0,
        }
    }

    fn dequantised(&self, level: i32) -> i32 {
        (self.step * level) >> 15
    }

    /// The logarithm of the step moves, within its bounds; `shift` is what the least step has.
    fn adapt_step(&mut self, by: i32, max: i32, shift: i32) {
        self.step_log = (((self.step_log * 127) >> 7) + by).clamp(0, max);
        let mantissa = ILB[(self.step_log >> 6 & 31) as usize];
        let down = shift - (self.step_log >> 11);
        self.step = if down < 0 { mantissa << -down } else { mantissa >> down } << 2;
    }

    /// The predictor learns from a quantised difference (block 4 of §3 and §4).
    fn adapt(&mut self, difference: i32) {
        let reconstructed = clipped(self.predicted + difference);
        let partial = clipped(self.predicted_by_zeros + difference);
        let is_negative = |value: i32| value < 0;
        let [before, earlier] = self.partial.map(|older| is_negative(older) == is_negative(partial));

        let first = clipped(self.poles[0] << 2);
        let first = if before { -first } else { first }.min(i32::from(i16::MAX));
        let second = (first >> 7) + if earlier { 128 } else { -128 } + ((self.poles[1] * 32_512) >> 15);
        let second = second.clamp(-12_288, 12_288);
        let first = clipped(if before { 192 } else { -192 } + ((self.poles[0] * 32_640) >> 15));
        let bound = clipped(15_360 - second);
        self.poles = [first.clamp(-bound, bound), second];

        let gain = if difference == 0 { 0 } else { 128 };
        for (zero, older) in self.zeros.iter_mut().zip(self.differences) {
            let gain = if is_negative(older) == is_negative(difference) { gain } else { -gain };
            *zero = clipped(gain + ((*zero * 32_640) >> 15));
        }

        self.differences.copy_within(0..5, 1);
        self.differences[0] = difference;
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.partial = [partial, self.partial[0]];

        let weighted = |weight: i32, value: i32| (weight * clipped(value * 2)) >> 15;
        let by_poles = self.poles.iter().zip(self.reconstructed).map(|(pole, value)| weighted(*pole, value)).sum();
        let by_zeros = self.zeros.iter().zip(self.differences).map(|(zero, value)| weighted(*zero, value)).sum();
        self.predicted_by_zeros = clipped(by_zeros);
        self.predicted = clipped(clipped(by_poles) + self.predicted_by_zeros);
    }

    /// What a lower band learns from a code word of six bits; only four of them count for it.
    fn learn_low(&mut self, code: u8) {
        let coarse = usize::from(code >> 2);
        let difference = self.dequantised(QM4[coarse]);
        self.adapt_step(WL[coarse], 18_432, 8);
        self.adapt(difference);
    }

    /// What an upper band learns from a code word of two bits; the difference it stands for.
    fn learn_high(&mut self, code: u8) -> i32 {
        let difference = self.dequantised(QM2[usize::from(code)]);
        self.adapt_step(WH[usize::from(code)], 22_528, 10);
        self.adapt(difference);
        difference
    }
}

fn low_band() -> Band {
    Band::new(32)
}

fn high_band() -> Band {
    Band::new(8)
}

/// The size of a difference, as the quantisers count it: negative ones begin at -1.
fn size(difference: i32) -> i32 {
    if difference < 0 { -(difference + 1) } else { difference }
}

/// From samples to G.722.
#[derive(Clone, Debug)]
pub struct Encoder {
    low: Band,
    high: Band,
    history: [i32; 24],
}

impl Default for Encoder {
    fn default() -> Encoder {
        Encoder { low: low_band(), high: high_band(), history: [0; 24] }
    }
}

impl Encoder {
    /// Two samples at 16 kHz.
    pub fn encode(&mut self, samples: [i16; 2]) -> u8 {
        self.history.copy_within(2.., 0);
        self.history[22..].copy_from_slice(&samples.map(i32::from));
        let (odd, even) = halves(&self.history);
        self.high((even - odd) >> 14) << 6 | self.low((even + odd) >> 14)
    }

    /// One sample at 8 kHz: sound without an upper half.
    pub fn encode_narrow(&mut self, sample: i16) -> u8 {
        NOTHING_ABOVE | self.low(i32::from(sample) >> 1)
    }

    fn low(&mut self, sample: i32) -> u8 {
        let difference = clipped(sample - self.low.predicted);
        let size = size(difference);
        let step = self.low.step;
        let level = Q6[1..30].iter().position(|level| size < (level * step) >> 12).map_or(30, |at| at + 1);
        let code = if difference < 0 { ILN[level] } else { ILP[level] };
        self.low.learn_low(code);
        code
    }

    fn high(&mut self, sample: i32) -> u8 {
        let difference = clipped(sample - self.high.predicted);
        let is_large = size(difference) >= (564 * self.high.step) >> 12;
        let code = match (difference < 0, is_large) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        self.high.learn_high(code);
        code
    }
}

/// From G.722 to samples.
#[derive(Clone, Debug)]
pub struct Decoder {
    low: Band,
    high: Band,
    history: [i32; 24],
}

impl Default for Decoder {
    fn default() -> Decoder {
        Decoder { low: low_band(), high: high_band(), history: [0; 24] }
    }
}

impl Decoder {
    /// A byte's two samples at 16 kHz.
    pub fn decode(&mut self, byte: u8) -> [i16; 2] {
        let low = self.low(byte);
        let predicted = self.high.predicted;
        let high = (predicted + self.high.learn_high(byte >> 6)).clamp(-16_384, 16_383);
        self.history.copy_within(2.., 0);
        self.history[22..].copy_from_slice(&[low + high, low - high]);
        let (odd, even) = halves(&self.history);
        [even, odd].map(|sum| clipped(sum >> 11) as i16)
    }

    /// A byte's one sample at 8 kHz: what lies above 4 kHz is left out.
    pub fn decode_narrow(&mut self, byte: u8) -> i16 {
        (self.low(byte) << 1) as i16
    }

    fn low(&mut self, byte: u8) -> i32 {
        let code = byte & 0x3f;
        let sample = self.low.predicted + self.low.dequantised(QM6[usize::from(code)]);
        self.low.learn_low(code);
        sample.clamp(-16_384, 16_383)
    }
}

/// The two phases of the mirror filter over the last 24 values.
fn halves(history: &[i32; 24]) -> (i32, i32) {
    let pairs = history.as_chunks::<2>().0;
    let odd = pairs.iter().zip(QMF).map(|([first, _], weight)| first * weight).sum();
    let even = pairs.iter().zip(QMF.iter().rev()).map(|([_, second], weight)| second * weight).sum();
    (odd, even)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// The same numbers as in the program that made the vectors below.
    fn random(seed: u64, count: usize) -> impl Iterator<Item = u64> {
        let next = |before: &u64| Some((before * 1_103_515_245 + 12_345) & 0x7fff_ffff);
        std::iter::successors(Some(seed), next).skip(1).take(count).map(|number| number >> 8)
    }

    /// FNV-1a.
    fn digest(bytes: impl IntoIterator<Item = u8>) -> u64 {
        bytes
            .into_iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    #[test]
    fn another_implementation_makes_the_same_bits() {
        // Noise over the whole range, softer noise, and any bytes: what spandsp 0.0.6 makes of them.
        let noise: Vec<i16> = random(1, 16_000).map(|number| ((number & 0xffff) as i32 - 32_768) as i16).collect();
        let mut encoder = Encoder::default();
        let wide = noise.as_chunks::<2>().0.iter().map(|samples| encoder.encode(*samples));
        assert_eq!(digest(wide), 0x68e9_ad10_02b0_e219);
        let mut encoder = Encoder::default();
        assert_eq!(digest(noise.iter().map(|sample| encoder.encode_narrow(*sample))), 0x34ff_bb1f_ee76_88e0);
        // It lets the loudest sums wrap around where the recommendation clips them, so this noise is softer.
        let soft: Vec<i16> = noise.iter().map(|sample| sample.div_euclid(4)).collect();
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let wide = soft.as_chunks::<2>().0.iter().flat_map(|samples| decoder.decode(encoder.encode(*samples)));
        assert_eq!(digest(wide.flat_map(i16::to_le_bytes)), 0xa938_1cd5_e74f_acce);
        let mut decoder = Decoder::default();
        let bytes = random(7, 16_000).map(|number| number as u8);
        let narrow = bytes.map(|byte| decoder.decode_narrow(byte)).flat_map(i16::to_le_bytes);
        assert_eq!(digest(narrow), 0x81d5_8b4c_bea4_f2c4);
    }

    fn sine(frequency_hz: f64, rate_hz: f64, count: usize) -> Vec<i16> {
        (0..count).map(|at| ((at as f64 * frequency_hz / rate_hz * TAU).sin() * 10_000.0) as i16).collect()
    }

    /// How many decibels a tone is louder than all else in the sound.
    fn tone_to_noise_db(samples: &[i16], frequency_hz: f64, rate_hz: f64) -> f64 {
        let (mut x, mut y, mut all) = (0.0, 0.0, 0.0);
        for (at, sample) in samples.iter().enumerate() {
            let (sin, cos) = (at as f64 * frequency_hz / rate_hz * TAU).sin_cos();
            let value = f64::from(*sample);
            (x, y, all) = (x + value * cos, y + value * sin, all + value * value);
        }
        let tone = 2.0 * (x * x + y * y) / samples.len() as f64;
        10.0 * (tone / (all - tone)).log10()
    }

    #[test]
    fn a_tone_comes_out_as_it_went_in() {
        // The upper band has two bits a sample, and its noise is heard accordingly.
        for (frequency_hz, least_db) in [(200.0, 30.0), (1_000.0, 30.0), (3_000.0, 25.0), (6_000.0, 10.0)] {
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            let heard: Vec<i16> = sine(frequency_hz, 16_000.0, 16_000)
                .as_chunks::<2>()
                .0
                .iter()
                .flat_map(|samples| decoder.decode(encoder.encode(*samples)))
                .collect();
            let db = tone_to_noise_db(&heard[1_600..], frequency_hz, 16_000.0);
            assert!(db >= least_db, "{frequency_hz} Hz: {db:.1} dB");
        }
        for frequency_hz in [200.0, 1_000.0, 3_000.0] {
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            let tone = sine(frequency_hz, 8_000.0, 8_000);
            let narrow: Vec<u8> = tone.iter().map(|sample| encoder.encode_narrow(*sample)).collect();
            let heard: Vec<i16> = narrow.iter().map(|byte| decoder.decode_narrow(*byte)).collect();
            let db = tone_to_noise_db(&heard[800..], frequency_hz, 8_000.0);
            assert!(db >= 25.0, "{frequency_hz} Hz at 8 kHz: {db:.1} dB");
            // A wideband phone hears it at its pitch too.
            let mut decoder = Decoder::default();
            let heard: Vec<i16> = narrow.iter().flat_map(|byte| decoder.decode(*byte)).collect();
            let db = tone_to_noise_db(&heard[1_600..], frequency_hz, 16_000.0);
            assert!(db >= 20.0, "{frequency_hz} Hz, heard wide: {db:.1} dB");
        }
    }

    #[test]
    fn silence_stays_silent() {
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let loudest = (0..8_000).flat_map(|_| decoder.decode(encoder.encode([0, 0]))).map(i16::unsigned_abs).max();
        assert!(loudest <= Some(4), "{loudest:?}");
    }

    #[test]
    fn no_sound_makes_it_overflow() {
        // The loudest there is, at all speeds: debug builds check the arithmetic.
        for period in 1..40 {
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            for at in 0..4_000 {
                let sample = if at / period % 2 == 0 { i16::MIN } else { i16::MAX };
                decoder.decode(encoder.encode([sample, sample]));
                decoder.decode_narrow(encoder.encode_narrow(sample));
                decoder.decode((at * period) as u8);
            }
        }
    }
}
