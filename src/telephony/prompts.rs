//! Announcements, tones and music, encoded once for each codec and cut into 20 ms frames that all calls share.
//! Never touches a sound again after it is loaded: playing is copying 160 bytes.

use std::f64::consts::PI;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sip::media::g722;
use sip::media::{Codec, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ, tone, transcode};

/// 20 ms in any of our codecs.
pub type Frame = [u8; FRAME_SAMPLES];

/// The rate of wideband sound, in Hz.
const WIDE_RATE_HZ: u32 = 16_000;
/// The longest sound a file may hold; in memory it takes 24 kB a second.
const DURATION_MAX: Duration = Duration::from_secs(600);
/// The sample rates we accept, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// A sound ready to be sent, in all codecs.
pub struct Prompt {
    name: String,
    pcmu: Box<[Frame]>,
    pcma: Box<[Frame]>,
    g722: Box<[Frame]>,
}

impl Prompt {
    /// Encodes samples at 8 kHz; the last frame is filled up with silence. `name` is for logs.
    pub fn from_samples(name: &str, samples: &[i16]) -> Prompt {
        let encoded = |codec| frames(transcode::encode(codec, whole_frames(samples, FRAME_SAMPLES)));
        let [pcmu, pcma, g722] = [Codec::Pcmu, Codec::Pcma, Codec::G722].map(encoded);
        Prompt { name: name.to_owned(), pcmu, pcma, g722 }
    }

    /// The same of sound at 16 kHz, all of which is heard in G.722; `narrow` is the same sound at 8 kHz.
    fn from_wide(name: &str, wide: &[i16], narrow: &[i16]) -> Prompt {
        let wide: Vec<i16> = whole_frames(wide, FRAME_SAMPLES * 2).collect();
        let mut encoder = g722::Encoder::default();
        let g722: Vec<u8> = wide.as_chunks::<2>().0.iter().map(|samples| encoder.encode(*samples)).collect();
        let encoded = |codec| {
            let narrow = whole_frames(narrow, FRAME_SAMPLES).chain(std::iter::repeat(0));
            frames(transcode::encode(codec, narrow.take(g722.len())))
        };
        let [pcmu, pcma] = [Codec::Pcmu, Codec::Pcma].map(encoded);
        Prompt { name: name.to_owned(), pcmu, pcma, g722: frames(g722) }
    }

    /// The 20 ms at `index`, counted from 0; `None` after the end.
    pub fn frame(&self, codec: Codec, index: usize) -> Option<&Frame> {
        match codec {
            Codec::Pcmu => self.pcmu.get(index),
            Codec::Pcma => self.pcma.get(index),
            Codec::G722 => self.g722.get(index),
        }
    }

    /// How many there are.
    pub fn frames(&self) -> usize {
        self.pcmu.len()
    }

    /// How long it plays, in whole frames.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(u64::from(FRAME_MS)) * self.frames() as u32
    }

    /// The file's path, or what the built-in sound is.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Prompt({}, {:?})", self.name, self.duration())
    }
}

/// Where prompts come from: three are built in, others are read from files.
#[derive(Debug)]
pub struct Prompts;

impl Prompts {
    /// The built-in music on hold, 25 s, to be looped. Made at its first use.
    pub fn music() -> Arc<Prompt> {
        static MUSIC: OnceLock<Arc<Prompt>> = OnceLock::new();
        built_in(&MUSIC, "built-in music", tone::music)
    }

    /// The European ring-back tone, one period of 5 s, to be looped.
    pub fn ring_back() -> Arc<Prompt> {
        static RING_BACK: OnceLock<Arc<Prompt>> = OnceLock::new();
        built_in(&RING_BACK, "built-in ring-back tone", tone::ring_back)
    }

    /// A beep of 300 ms.
    pub fn beep() -> Arc<Prompt> {
        static BEEP: OnceLock<Arc<Prompt>> = OnceLock::new();
        built_in(&BEEP, "built-in beep", tone::beep)
    }

    /// Reads a WAV file: PCM of 8, 16, 24 or 32 bits or 32-bit float, mono or stereo (mixed down), 8 to 192 kHz
    /// (brought to 8 and 16 kHz), at most 10 minutes.
    ///
    /// # Errors
    /// With the file's name and what is accepted.
    pub fn from_wav(path: &Path) -> Result<Arc<Prompt>, PromptError> {
        let unreadable = |source| PromptError::Unreadable { path: path.to_owned(), source };
        let file = std::fs::File::open(path).map_err(|error| unreadable(error.into()))?;
        Prompts::read(path, std::io::BufReader::new(file))
    }

    /// The same of what stands in memory.
    ///
    /// # Errors
    /// With the name and what is accepted.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Arc<Prompt>, PromptError> {
        Prompts::read(Path::new(name), bytes)
    }

    fn read(path: &Path, wav: impl std::io::Read) -> Result<Arc<Prompt>, PromptError> {
        let unreadable = |source| PromptError::Unreadable { path: path.to_owned(), source };
        let mut reader = hound::WavReader::new(wav).map_err(unreadable)?;
        let spec = reader.spec();
        if !(1..=2).contains(&spec.channels) {
            return Err(PromptError::Channels { path: path.to_owned(), channels: spec.channels });
        }
        if !RATES_HZ.contains(&spec.sample_rate) {
            return Err(PromptError::Rate { path: path.to_owned(), rate_hz: spec.sample_rate });
        }
        if reader.duration() == 0 {
            return Err(PromptError::Empty { path: path.to_owned() });
        }
        if u64::from(reader.duration()) > u64::from(spec.sample_rate) * DURATION_MAX.as_secs() {
            return Err(PromptError::TooLong { path: path.to_owned() });
        }
        let values: Result<Vec<f32>, hound::Error> = match spec.sample_format {
            hound::SampleFormat::Float => reader.samples::<f32>().collect(),
            hound::SampleFormat::Int => {
                let full_scale = 2_f32.powi(i32::from(spec.bits_per_sample) - 1);
                reader.samples::<i32>().map(|sample| Ok(sample? as f32 / full_scale)).collect()
            }
        };
        let mono = mixed_down(values.map_err(unreadable)?, usize::from(spec.channels));
        let (name, at) = (path.display().to_string(), |rate_hz| resampled(&mono, spec.sample_rate, rate_hz));
        Ok(Arc::new(match spec.sample_rate {
            SAMPLE_RATE_HZ => Prompt::from_samples(&name, &at(SAMPLE_RATE_HZ)),
            _ => Prompt::from_wide(&name, &at(WIDE_RATE_HZ), &at(SAMPLE_RATE_HZ)),
        }))
    }
}

/// Why a sound file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Missing, not permitted, or no WAV file.
    #[error("read sound {}: {source} (accepted: WAV, PCM of 8, 16, 24 or 32 bits or 32-bit float)", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: hound::Error,
    },
    /// Neither mono nor stereo.
    #[error("read sound {}: it has {channels} channels (accepted: 1 or 2)", path.display())]
    Channels {
        /// The file.
        path: PathBuf,
        /// How many it has.
        channels: u16,
    },
    /// A sample rate below that of a telephone, or beyond any recording.
    #[error("read sound {}: its sample rate is {rate_hz} Hz (accepted: 8000 to 192000; best is 16000)", path.display())]
    Rate {
        /// The file.
        path: PathBuf,
        /// The rate it has.
        rate_hz: u32,
    },
    /// Longer than 10 minutes.
    #[error("read sound {}: it is too long (accepted: up to 10 minutes; music is looped)", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// A header without a single sample.
    #[error("read sound {}: it holds no sound (record it again, or remove it from the configuration)", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

fn built_in(cell: &OnceLock<Arc<Prompt>>, name: &str, make: fn() -> Vec<i16>) -> Arc<Prompt> {
    Arc::clone(cell.get_or_init(|| Arc::new(Prompt::from_samples(name, &make()))))
}

/// The samples, and silence up to the end of their last frame.
fn whole_frames(samples: &[i16], frame: usize) -> impl Iterator<Item = i16> {
    let whole = samples.len().next_multiple_of(frame);
    samples.iter().copied().chain(std::iter::repeat(0)).take(whole)
}

fn frames(bytes: Vec<u8>) -> Box<[Frame]> {
    bytes.as_chunks::<FRAME_SAMPLES>().0.into()
}

fn mixed_down(values: Vec<f32>, channels: usize) -> Vec<f32> {
    if channels == 1 {
        return values;
    }
    values.chunks_exact(channels).map(|values| values.iter().sum::<f32>() / channels as f32).collect()
}

/// Half the width of the resampling filter, in periods of the slower rate.
const FILTER_HALF_WIDTH: f64 = 8.0;

/// Brings sound from one rate to another through a windowed sinc, so that what the slower one cannot carry does not fold
/// back into it.
fn resampled(values: &[f32], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let to_sample = |value: f64| (value * f64::from(i16::MAX)) as i16;
    if from_hz == to_hz {
        return values.iter().map(|value| to_sample(f64::from(*value))).collect();
    }
    let step = f64::from(from_hz) / f64::from(to_hz);
    // What the filter's width is counted in: samples of the slower side.
    let ratio = step.max(1.0);
    let reach = FILTER_HALF_WIDTH * ratio;
    let len = values.len() as u64 * u64::from(to_hz) / u64::from(from_hz);
    (0..len)
        .map(|at| {
            let centre = at as f64 * step;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach) as usize).min(values.len() - 1);
            let (mut sum, mut weights) = (0.0, 0.0);
            for (index, value) in (first..).zip(&values[first..=last]) {
                let distance = (index as f64 - centre) / ratio;
                let weight = sinc(distance) * (0.5 + 0.5 * (PI * distance / FILTER_HALF_WIDTH).cos());
                sum += weight * f64::from(*value);
                weights += weight;
            }
            to_sample(sum / weights)
        })
        .collect()
}

fn sinc(distance: f64) -> f64 {
    if distance == 0.0 { 1.0 } else { (PI * distance).sin() / (PI * distance) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::media::g711::{self, Law};

    #[test]
    fn the_built_in_sounds_are_made_once_and_shared() {
        assert!(Arc::ptr_eq(&Prompts::music(), &Prompts::music()));
        assert_eq!(Prompts::ring_back().duration(), Duration::from_secs(5));
        assert_eq!(Prompts::beep().duration(), Duration::from_millis(300));
    }

    #[test]
    fn the_last_frame_is_filled_up_with_silence() {
        let prompt = Prompt::from_samples("test", &[8_000; 161]);
        assert_eq!(prompt.duration(), Duration::from_millis(40));
        let last = prompt.frame(Codec::Pcmu, 1).unwrap();
        assert_eq!(last[0], g711::encode(Law::Mu, 8_000));
        assert!(last[1..].iter().all(|byte| g711::decode(Law::Mu, *byte) == 0));
        assert!(prompt.frame(Codec::Pcma, 2).is_none());
    }

    #[test]
    fn a_file_of_any_rate_and_depth_plays_at_its_pitch() {
        for (rate_hz, bits, channels) in
            [(8_000, 16, 1), (8_000, 8, 1), (16_000, 16, 2), (44_100, 24, 1), (48_000, 32, 2)]
        {
            let file = file(rate_hz, bits, channels, 1_000.0);
            let prompt = Prompts::from_wav(&file.0).unwrap();
            assert_eq!(prompt.duration(), Duration::from_secs(1), "{rate_hz} Hz, {bits} bits");
            let samples: Vec<i16> = (0..50)
                .flat_map(|index| prompt.frame(Codec::Pcma, index).unwrap().map(|byte| g711::decode(Law::A, byte)))
                .collect();
            let rises = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            assert!((998..=1_001).contains(&rises), "{rate_hz} Hz, {bits} bits: heard {rises} Hz");
            let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((15_000..17_500).contains(&peak), "{rate_hz} Hz, {bits} bits: peak {peak}");
        }
    }

    #[test]
    fn a_wideband_phone_hears_what_others_cannot() {
        for (rate_hz, frequency_hz) in [(16_000, 6_000.0), (48_000, 6_000.0), (48_000, 1_000.0), (11_025, 1_000.0)] {
            let file = file(rate_hz, 16, 1, frequency_hz);
            let prompt = Prompts::from_wav(&file.0).unwrap();
            let mut decoder = g722::Decoder::default();
            let frames = (0..prompt.frames()).map(|index| prompt.frame(Codec::G722, index).unwrap());
            let samples: Vec<i16> = frames.flatten().flat_map(|byte| decoder.decode(*byte)).collect();
            let rises = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count() as f64;
            assert!((rises - frequency_hz).abs() < 60.0, "{rate_hz} Hz: {frequency_hz} is heard as {rises} Hz");
            let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((13_000..20_000).contains(&peak), "{rate_hz} Hz: peak {peak}");
        }
    }

    #[test]
    fn what_a_telephone_cannot_carry_does_not_fold_back() {
        let file = file(48_000, 16, 1, 7_000.0);
        let prompt = Prompts::from_wav(&file.0).unwrap();
        let heard = prompt.frame(Codec::Pcmu, 25).unwrap().map(|byte| g711::decode(Law::Mu, byte).unsigned_abs());
        assert!(heard.iter().all(|sample| *sample < 200), "7 kHz is heard as 1 kHz: {heard:?}");
    }

    #[test]
    fn a_useless_file_is_refused_with_its_name_and_what_would_be_accepted() {
        let missing = Prompts::from_wav(Path::new("/nowhere/hello.wav")).unwrap_err().to_string();
        assert!(missing.contains("/nowhere/hello.wav") && missing.contains("WAV"), "{missing}");
        let slow = file(4_000, 16, 1, 100.0);
        let slow = Prompts::from_wav(&slow.0).unwrap_err().to_string();
        assert!(slow.contains("4000 Hz (accepted: 8000 to 192000"), "{slow}");
    }

    struct File(PathBuf);

    impl Drop for File {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).unwrap();
        }
    }

    /// A second of a sine at half of full scale.
    fn file(rate_hz: u32, bits_per_sample: u16, channels: u16, frequency_hz: f64) -> File {
        let name = format!("prompt-{}-{rate_hz}-{bits_per_sample}-{frequency_hz}.wav", std::process::id());
        let path = std::env::temp_dir().join(name);
        let sample_format = hound::SampleFormat::Int;
        let spec = hound::WavSpec { channels, sample_rate: rate_hz, bits_per_sample, sample_format };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        let full_scale = 2_f64.powi(i32::from(bits_per_sample) - 1);
        for at in 0..rate_hz {
            let value = (2.0 * PI * frequency_hz * f64::from(at) / f64::from(rate_hz)).sin() * 0.5 * full_scale;
            for _ in 0..channels {
                writer.write_sample(value as i32).unwrap();
            }
        }
        writer.finalize().unwrap();
        File(path)
    }
}
