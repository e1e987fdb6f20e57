//! What callers who wait hear: music, and between it the announcements of their queue.
//! It decides nothing: what is said when is [`domain::announcement`]'s affair.

use super::prompts::{Prompt, PromptError, Prompts};
use super::relay::Playback;
use domain::announcement::{Announcements, Language, Said, Text, Told};
use rust_embed::Embed;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Our own announcements, a folder for each language; `scripts/sounds` makes them.
#[derive(Embed)]
#[folder = "sounds"]
struct Files;

/// The highest place that is said as a number.
pub const NUMBERS_MAX: u32 = 10;

/// The sounds of one queue.
#[derive(Clone, Debug)]
pub struct Sounds {
    music: Arc<Prompt>,
    announced: Option<Announced>,
}

#[derive(Clone, Debug)]
struct Announced {
    when: Announcements,
    welcome: Option<Arc<Prompt>>,
    please_wait: Option<Arc<Prompt>>,
    closed: Option<Arc<Prompt>>,
    own: &'static Spoken,
}

/// What we have in one language.
#[derive(Debug)]
struct Spoken {
    welcome: Arc<Prompt>,
    please_wait: Arc<Prompt>,
    you_are_number: Arc<Prompt>,
    /// One to [`NUMBERS_MAX`].
    numbers: Vec<Arc<Prompt>>,
    more: Arc<Prompt>,
}

/// A sound of a queue that cannot be used, with the key that names it.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {source}")]
pub struct SoundError {
    /// As in the company's file.
    pub key: &'static str,
    /// What is wrong with it.
    pub source: PromptError,
}

impl Sounds {
    /// Music alone.
    pub fn music_only(music: Arc<Prompt>) -> Sounds {
        Sounds { music, announced: None }
    }

    /// The sounds of a queue: files are read and encoded.
    ///
    /// # Errors
    /// For the first file that cannot be used.
    pub fn load(
        music: Option<&str>,
        default_music: &Arc<Prompt>,
        announcements: Option<&Announcements>,
    ) -> Result<Sounds, SoundError> {
        let music = match music {
            Some(path) => file("music", path)?,
            None => default_music.clone(),
        };
        let announced = announcements.map(|when| -> Result<Announced, SoundError> {
            let own = Spoken::of(when.language);
            let of = |key, text: &Text, own: &Arc<Prompt>| match text {
                Text::BuiltIn(is_said) => Ok(is_said.then(|| own.clone())),
                Text::File(path) => file(key, path).map(Some),
            };
            let welcome = of("announcements.welcome", &when.welcome, &own.welcome)?;
            let please_wait = of("announcements.please_wait", &when.please_wait, &own.please_wait)?;
            let closed = when.closed.as_deref().map(|path| file("announcements.closed", path)).transpose()?;
            Ok(Announced { when: when.clone(), welcome, please_wait, closed, own })
        });
        Ok(Sounds { music, announced: announced.transpose()? })
    }

    /// What is said to whoever calls while the queue is closed, if anything is.
    pub fn closed(&self) -> Option<Playback> {
        let closed = self.announced.as_ref().and_then(|announced| announced.closed.clone())?;
        Some(Playback::Once(vec![closed]))
    }

    /// The music, for whoever is on hold.
    pub fn music(&self) -> Playback {
        Playback::looped(self.music.clone())
    }
}

fn file(key: &'static str, path: &str) -> Result<Arc<Prompt>, SoundError> {
    Prompts::from_wav(Path::new(path)).map_err(|source| SoundError { key, source })
}

impl Announced {
    fn prompts(&self, said: Said) -> Vec<Arc<Prompt>> {
        let own = self.own;
        match said {
            Said::Welcome => self.welcome.iter().cloned().collect(),
            Said::PleaseWait => self.please_wait.iter().cloned().collect(),
            Said::Position(position) => match own.numbers.get((position as usize).saturating_sub(1)) {
                Some(number) => vec![own.you_are_number.clone(), number.clone()],
                None => vec![own.more.clone()],
            },
        }
    }
}

impl Spoken {
    /// Read at its first use.
    fn of(language: Language) -> &'static Spoken {
        static DE: OnceLock<Spoken> = OnceLock::new();
        static EN: OnceLock<Spoken> = OnceLock::new();
        match language {
            Language::De => DE.get_or_init(|| Spoken::read("de")),
            Language::En => EN.get_or_init(|| Spoken::read("en")),
        }
    }

    fn read(folder: &str) -> Spoken {
        let read = |name: &str| {
            let path = format!("{folder}/{name}.wav");
            let bytes = Files::get(&path).map(|file| file.data).unwrap_or_default();
            // They are built in, and a test reads all of them.
            Prompts::from_bytes(&path, &bytes).unwrap_or_else(|error| {
                tracing::error!(%error, "a built-in announcement");
                Arc::new(Prompt::from_samples(&path, &[]))
            })
        };
        Spoken {
            welcome: read("welcome"),
            please_wait: read("please-wait"),
            you_are_number: read("you-are-number"),
            numbers: (1..=NUMBERS_MAX).map(|number| read(&number.to_string())).collect(),
            more: read("more"),
        }
    }
}

/// How far a caller who waits has come in what they hear.
#[derive(Clone, Debug)]
pub struct Waiting {
    sounds: Arc<Sounds>,
    told: Told,
    stage: Stage,
    /// How much of the music they have heard: it goes on where it was.
    heard: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Announcement,
    Music,
}

/// What comes when something has been played.
#[derive(Clone, Debug)]
pub enum Next {
    /// This is played.
    Play(Playback),
    /// [`Waiting::announce`], with the caller's place as it is now.
    Ask,
}

impl Waiting {
    /// A caller begins to wait, at this place of a queue, which may be closed; what they hear first.
    pub fn begin(sounds: Arc<Sounds>, position: Option<u32>, closed: bool) -> (Waiting, Playback) {
        let mut told = Told::default();
        let said = sounds.announced.as_ref().map(|announced| announced.when.first(&mut told, position));
        let mut waiting = Waiting { sounds, told, stage: Stage::Music, heard: Duration::ZERO };
        let playback = match waiting.sounds.closed().filter(|_| closed) {
            Some(playback) => waiting.after(playback, &said.unwrap_or_default()),
            None => waiting.say(&said.unwrap_or_default()),
        };
        (waiting, playback)
    }

    /// What was played is over.
    pub fn played(&mut self) -> Next {
        match self.stage {
            Stage::Announcement => Next::Play(self.music()),
            Stage::Music => Next::Ask,
        }
    }

    /// The next announcement, to a caller who has this place by now.
    pub fn announce(&mut self, position: Option<u32>) -> Playback {
        let announced = self.sounds.announced.as_ref();
        let said = announced.map(|announced| announced.when.next(&mut self.told, position));
        self.say(&said.unwrap_or_default())
    }

    /// What is said behind something else.
    fn after(&mut self, first: Playback, said: &[Said]) -> Playback {
        self.stage = Stage::Announcement;
        match first {
            Playback::Once(mut prompts) => {
                prompts.extend(self.prompts(said));
                Playback::Once(prompts)
            }
            Playback::Looped { .. } => first,
        }
    }

    fn prompts(&self, said: &[Said]) -> Vec<Arc<Prompt>> {
        let announced = self.sounds.announced.iter();
        announced.flat_map(|announced| said.iter().flat_map(|said| announced.prompts(*said))).collect()
    }

    fn say(&mut self, said: &[Said]) -> Playback {
        let prompts = self.prompts(said);
        if prompts.is_empty() {
            return self.music();
        }
        self.stage = Stage::Announcement;
        Playback::Once(prompts)
    }

    fn music(&mut self) -> Playback {
        self.stage = Stage::Music;
        let every = self.sounds.announced.as_ref().map(|announced| Duration::from_secs(announced.when.every_s.into()));
        let from = self.heard;
        self.heard += every.unwrap_or_default();
        Playback::Looped { prompt: self.sounds.music.clone(), from, lasting: every }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_announcement_is_there_in_both_languages_and_differs() {
        for language in [Language::De, Language::En] {
            let spoken = Spoken::of(language);
            let all = [&spoken.welcome, &spoken.please_wait, &spoken.you_are_number, &spoken.more];
            for prompt in all.into_iter().chain(&spoken.numbers) {
                let seconds = prompt.duration().as_secs_f32();
                assert!((0.2..6.0).contains(&seconds), "{prompt:?}");
            }
        }
        assert_ne!(Spoken::of(Language::De).welcome.duration(), Spoken::of(Language::En).welcome.duration());
    }

    /// What is played, as the names of its files.
    fn names(playback: &Playback) -> Vec<&str> {
        match playback {
            Playback::Once(prompts) => prompts.iter().map(|prompt| prompt.name()).collect(),
            Playback::Looped { prompt, .. } => vec![prompt.name()],
        }
    }

    fn sounds() -> Arc<Sounds> {
        let (welcome, please_wait) = (Text::default(), Text::default());
        let when =
            Announcements { language: Language::En, welcome, please_wait, closed: None, every_s: 15, position: true };
        Arc::new(Sounds::load(None, &Prompts::beep(), Some(&when)).unwrap())
    }

    #[test]
    fn between_the_announcements_the_music_goes_on_where_it_was() {
        let (mut waiting, first) = Waiting::begin(sounds(), Some(11), false);
        assert_eq!(names(&first), ["en/welcome.wav", "en/more.wav"]);
        for round in 0..3 {
            let Next::Play(Playback::Looped { from, lasting, .. }) = waiting.played() else { panic!("no music") };
            assert_eq!((from.as_secs(), lasting), (round * 15, Some(Duration::from_secs(15))));
            assert!(matches!(waiting.played(), Next::Ask));
            let said = waiting.announce(Some(10 - round as u32 / 2));
            let expected: &[&str] = match round {
                0 => &["en/please-wait.wav", "en/you-are-number.wav", "en/10.wav"],
                1 => &["en/please-wait.wav"],
                _ => &["en/please-wait.wav", "en/you-are-number.wav", "en/9.wav"],
            };
            assert_eq!(names(&said), expected);
        }
    }

    #[test]
    fn whoever_comes_while_it_is_closed_hears_that_first_and_nobody_else_does() {
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/sounds/en/more.wav");
        let when = Announcements {
            language: Language::En,
            welcome: Text::BuiltIn(false),
            please_wait: Text::default(),
            closed: Some(own.to_owned()),
            every_s: 15,
            position: true,
        };
        let sounds = Arc::new(Sounds::load(None, &Prompts::beep(), Some(&when)).unwrap());
        let (mut waiting, first) = Waiting::begin(sounds.clone(), Some(1), true);
        assert_eq!(names(&first), [own, "en/you-are-number.wav", "en/1.wav"]);
        assert!(matches!(waiting.played(), Next::Play(Playback::Looped { .. })));
        let (mut waiting, first) = Waiting::begin(sounds.clone(), None, true);
        assert_eq!(names(&first), [own], "there is no place to tell");
        assert!(matches!(waiting.played(), Next::Play(Playback::Looped { from: Duration::ZERO, .. })), "music follows");
        let (_, first) = Waiting::begin(sounds.clone(), Some(1), false);
        assert_eq!(names(&first), ["en/you-are-number.wav", "en/1.wav"]);
        assert_eq!(sounds.closed().as_ref().map(names), Some(vec![own]));
        assert!(Sounds::music_only(Prompts::beep()).closed().is_none());
    }

    #[test]
    fn without_announcements_there_is_music_for_ever() {
        let sounds = Arc::new(Sounds::music_only(Prompts::beep()));
        let (_, first) = Waiting::begin(sounds, Some(1), false);
        assert!(matches!(first, Playback::Looped { lasting: None, .. }), "{first:?}");
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_key() {
        let text = Text::File("/nowhere/wait.wav".to_owned());
        let when = Announcements {
            language: Language::De,
            welcome: Text::default(),
            please_wait: text,
            closed: None,
            every_s: 15,
            position: false,
        };
        let error = Sounds::load(None, &Prompts::beep(), Some(&when)).unwrap_err().to_string();
        assert!(error.starts_with("announcements.please_wait: read sound /nowhere/wait.wav: "), "{error}");
        let error = Sounds::load(Some("/nowhere/music.wav"), &Prompts::beep(), None).unwrap_err().to_string();
        assert!(error.starts_with("music: read sound /nowhere/music.wav: "), "{error}");
    }
}
