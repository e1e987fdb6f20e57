//! Sounds made of sines, as 16-bit samples at 8 kHz: tones, ring-back, a beep and our own music on hold.
//! Never plays a melody of anyone else's, and never draws a random number: the samples are the same in every run.

use std::f64::consts::TAU;

use super::SAMPLE_RATE_HZ;

/// A sine. Its edges rise and fall within 5 ms, so that it does not click.
///
/// `level_db` is relative to full scale: 0 is the loudest sine, -20 a comfortable tone.
pub fn sine(frequency_hz: f64, duration_ms: u32, level_db: f64) -> Vec<i16> {
    let len = samples_in(duration_ms);
    let edge = samples_in(5).min(len / 2).max(1);
    let peak = f64::from(i16::MAX) * 10_f64.powf(level_db / 20.0);
    let step = TAU * frequency_hz / f64::from(SAMPLE_RATE_HZ);
    (0..len)
        .map(|at| {
            let fade = (at.min(len - 1 - at) as f64 / edge as f64).min(1.0);
            ((at as f64 * step).sin() * peak * fade) as i16
        })
        .collect()
}

/// Silence.
pub fn silence(duration_ms: u32) -> Vec<i16> {
    vec![0; samples_in(duration_ms)]
}

/// One period of the European ring-back tone, to be looped: 425 Hz, 1 s on, 4 s off (ITU-T E.180).
pub fn ring_back() -> Vec<i16> {
    [sine(425.0, 1_000, -20.0), silence(4_000)].concat()
}

/// A short beep, 300 ms.
pub fn beep() -> Vec<i16> {
    sine(1_000.0, 300, -18.0)
}

/// Our own music on hold: 25 s of soft chords, an arpeggio and a slow melody, to be looped.
///
/// Every note's end is folded back to the beginning, so that the seam cannot be heard.
pub fn music() -> Vec<i16> {
    let mut mix = vec![0_f32; BARS.len() * 8 * EIGHTH_SAMPLES];
    for (bar, chord) in BARS.iter().enumerate() {
        let start = bar * 8;
        add(&mut mix, start, chord.bass, 0.30, &BASS);
        for key in chord.keys {
            add(&mut mix, start, key, 0.13, &PAD);
        }
        for (eighth, step) in ARPEGGIO.iter().enumerate() {
            let level = if eighth % 4 == 0 { 0.16 } else { 0.11 };
            add(&mut mix, start + eighth, chord.keys[*step], level, &PLUCK);
        }
    }
    for (eighth, key) in MELODY {
        add(&mut mix, eighth, key, 0.34, &BELL);
    }
    let mix = echoed(&mix);
    let loudest = mix.iter().fold(f32::MIN_POSITIVE, |loudest, sample| loudest.max(sample.abs()));
    // -9 dB at its loudest: on average about as loud as speech.
    let gain = f32::from(i16::MAX) * 0.355 / loudest;
    mix.iter().map(|sample| (sample * gain) as i16).collect()
}

/// Samples of a quaver: 77 crotchets a minute, and the whole piece is a whole number of 20 ms frames.
const EIGHTH_SAMPLES: usize = 3_120;

/// A bar's harmony, as keys of the piano (69 is the A of 440 Hz).
struct Chord {
    bass: u8,
    keys: [u8; 4],
}

const BARS: [Chord; 8] = [
    Chord { bass: 53, keys: [60, 65, 69, 76] },
    Chord { bass: 50, keys: [60, 65, 69, 74] },
    Chord { bass: 46, keys: [62, 65, 69, 74] },
    Chord { bass: 48, keys: [62, 67, 69, 76] },
    Chord { bass: 57, keys: [60, 65, 72, 76] },
    Chord { bass: 55, keys: [62, 65, 70, 74] },
    Chord { bass: 46, keys: [62, 65, 72, 74] },
    Chord { bass: 48, keys: [60, 65, 67, 70] },
];

/// Which of the chord's keys each quaver of a bar plucks.
const ARPEGGIO: [usize; 8] = [0, 1, 2, 3, 2, 1, 2, 1];

/// The melody: the quaver counted from the start, and the key.
const MELODY: [(usize, u8); 29] = [
    (0, 81),
    (3, 79),
    (4, 76),
    (10, 77),
    (12, 81),
    (14, 84),
    (16, 81),
    (21, 77),
    (22, 79),
    (24, 79),
    (27, 76),
    (28, 74),
    (33, 72),
    (34, 76),
    (36, 81),
    (40, 82),
    (43, 81),
    (44, 77),
    (46, 74),
    (48, 77),
    (50, 79),
    (52, 81),
    (55, 84),
    (56, 79),
    (58, 77),
    (60, 79),
    (61, 77),
    (62, 74),
    (63, 76),
];

/// How a kind of note sounds.
struct Voice {
    /// Loudness of the first, second, third, fourth harmonic.
    harmonics: [f64; 4],
    attack_ms: u32,
    /// Until the loudness has fallen to 37 %.
    decay_ms: u32,
    /// Rendered for this long; by then it cannot be heard.
    duration_ms: u32,
}

const BASS: Voice = Voice { harmonics: [1.0, 0.7, 0.25, 0.1], attack_ms: 30, decay_ms: 1_400, duration_ms: 5_000 };
const PAD: Voice = Voice { harmonics: [1.0, 0.2, 0.05, 0.0], attack_ms: 700, decay_ms: 1_600, duration_ms: 6_500 };
const PLUCK: Voice = Voice { harmonics: [1.0, 0.25, 0.08, 0.02], attack_ms: 8, decay_ms: 350, duration_ms: 1_800 };
const BELL: Voice = Voice { harmonics: [1.0, 0.12, 0.06, 0.0], attack_ms: 15, decay_ms: 700, duration_ms: 3_500 };

/// Adds a note to the loop; what rings beyond the end goes on at the beginning.
fn add(mix: &mut [f32], eighth: usize, key: u8, level: f64, voice: &Voice) {
    let frequency_hz = 440.0 * 2_f64.powf((f64::from(key) - 69.0) / 12.0);
    let attack = samples_in(voice.attack_ms) as f64;
    let fall = (-1.0 / samples_in(voice.decay_ms) as f64).exp();
    for (harmonic, share) in (1..).zip(voice.harmonics) {
        // A rotating pointer gives the sine without computing one for each sample.
        let (turn_sin, turn_cos) = (TAU * frequency_hz * f64::from(harmonic) / f64::from(SAMPLE_RATE_HZ)).sin_cos();
        let (mut x, mut y) = (level * share, 0.0);
        for step in 0..samples_in(voice.duration_ms) {
            (x, y) = ((x * turn_cos - y * turn_sin) * fall, (x * turn_sin + y * turn_cos) * fall);
            let rise = (step as f64 / attack).min(1.0);
            let at = (eighth * EIGHTH_SAMPLES + step) % mix.len();
            mix[at] += (y * rise) as f32;
        }
    }
}

/// Two soft repeats, three and six quavers later.
fn echoed(dry: &[f32]) -> Vec<f32> {
    let earlier = |at: usize, eighths: usize| dry[(at + dry.len() - eighths * EIGHTH_SAMPLES) % dry.len()];
    (0..dry.len()).map(|at| dry[at] + 0.25 * earlier(at, 3) + 0.1 * earlier(at, 6)).collect()
}

fn samples_in(duration_ms: u32) -> usize {
    (duration_ms * (SAMPLE_RATE_HZ / 1_000)) as usize
}

#[cfg(test)]
mod tests {
    use super::super::FRAME_SAMPLES;
    use super::*;

    #[test]
    fn a_tone_has_its_frequency_and_level() {
        let tone = sine(425.0, 1_000, -20.0);
        assert_eq!(tone.len(), 8_000);
        let rises = tone.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((424..=426).contains(&rises), "{rises} Hz");
        let peak = tone.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!((3_200..=3_277).contains(&peak), "{peak}");
        assert!(sine(425.0, 0, -20.0).is_empty());
    }

    #[test]
    fn ring_back_is_one_second_in_five() {
        let tone = ring_back();
        assert_eq!(tone.len(), 40_000);
        assert!(tone[8_000..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn music_lasts_25_s_fills_whole_frames_and_loops_without_a_click() {
        let music = music();
        assert!((20 * 8_000..=30 * 8_000).contains(&music.len()));
        assert_eq!(music.len() % FRAME_SAMPLES, 0);
        let step = |pair: &[i16]| (i32::from(pair[1]) - i32::from(pair[0])).abs();
        let largest = music.windows(2).map(step).max().unwrap();
        assert!(step(&[music[music.len() - 1], music[0]]) <= largest);
        let square = |sample: &i16| f64::from(*sample) * f64::from(*sample);
        for (second, part) in music.chunks_exact(8_000).enumerate() {
            let loudness = (part.iter().map(square).sum::<f64>() / 8_000.0).sqrt();
            assert!((500.0..6_000.0).contains(&loudness), "second {second} has a loudness of {loudness:.0}");
        }
    }

    #[test]
    fn music_is_the_same_every_time() {
        assert_eq!(music(), music());
    }
}
