//! Announcements: what a caller who waits is told, and when.
//! It never plays anything: whoever does asks here what comes next, and says what place the caller has by now.

use serde::{Deserialize, Serialize};

/// What the administrator decided about a queue's announcements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcements {
    /// The language of what is not in files of one's own.
    pub language: Language,
    /// Said once, at the beginning.
    #[serde(default)]
    pub welcome: Text,
    /// Said again and again.
    #[serde(default)]
    pub please_wait: Text,
    /// A file, said before anything else to whoever calls outside of the queue's hours; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    /// For how many seconds there is music between them.
    #[serde(default = "every_s")]
    pub every_s: u32,
    /// Whether callers are told their place: at the beginning, and when it has changed.
    #[serde(default = "position")]
    pub position: bool,
}

fn every_s() -> u32 {
    30
}

fn position() -> bool {
    true
}

/// A language that we have announcements in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
}

/// One announcement: our own, nothing, or a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected the path of a WAV file, true for our own words, or false for none")]
pub enum Text {
    /// Our own, or none at all.
    BuiltIn(bool),
    /// A sound file.
    File(String),
}

impl Default for Text {
    fn default() -> Text {
        Text::BuiltIn(true)
    }
}

impl Text {
    fn is_said(&self) -> bool {
        match self {
            Text::BuiltIn(is_said) => *is_said,
            Text::File(_) => true,
        }
    }
}

/// A thing that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The welcome.
    Welcome,
    /// Please wait.
    PleaseWait,
    /// You are number so and so.
    Position(u32),
}

/// What a caller was told so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    position: Option<u32>,
}

impl Announcements {
    /// What is said at the beginning to whoever has this place; it is not told if it is not known.
    pub fn first(&self, told: &mut Told, position: Option<u32>) -> Vec<Said> {
        *told = Told::default();
        let welcome = self.welcome.is_said().then_some(Said::Welcome);
        welcome.into_iter().chain(self.tell(told, position)).collect()
    }

    /// What is said after some music.
    pub fn next(&self, told: &mut Told, position: Option<u32>) -> Vec<Said> {
        let wait = self.please_wait.is_said().then_some(Said::PleaseWait);
        wait.into_iter().chain(self.tell(told, position)).collect()
    }

    /// The place, if it is another one than last time.
    fn tell(&self, told: &mut Told, position: Option<u32>) -> Option<Said> {
        let position = position.filter(|position| self.position && told.position != Some(*position))?;
        told.position = Some(position);
        Some(Said::Position(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Said::{PleaseWait, Position, Welcome};

    fn announcements() -> Announcements {
        let (welcome, please_wait) = (Text::default(), Text::default());
        Announcements { language: Language::De, welcome, please_wait, closed: None, every_s: 30, position: true }
    }

    #[test]
    fn the_place_is_told_at_the_beginning_and_when_it_changed() {
        let (announcements, mut told) = (announcements(), Told::default());
        assert_eq!(announcements.first(&mut told, Some(3)), [Welcome, Position(3)]);
        assert_eq!(announcements.next(&mut told, Some(3)), [PleaseWait]);
        assert_eq!(announcements.next(&mut told, Some(1)), [PleaseWait, Position(1)]);
        assert_eq!(announcements.next(&mut told, None), [PleaseWait]);
        assert_eq!(announcements.next(&mut told, Some(1)), [PleaseWait]);
        assert_eq!(announcements.next(&mut told, Some(2)), [PleaseWait, Position(2)], "somebody older came back");
        assert_eq!(announcements.first(&mut told, Some(2)), [Welcome, Position(2)], "in another queue all begins anew");
    }

    #[test]
    fn what_is_switched_off_is_not_said() {
        let mut told = Told::default();
        let quiet = Announcements {
            welcome: Text::BuiltIn(false),
            please_wait: Text::BuiltIn(false),
            position: false,
            ..announcements()
        };
        assert_eq!(quiet.first(&mut told, Some(1)), []);
        assert_eq!(quiet.next(&mut told, Some(2)), []);
        let own = Announcements { please_wait: Text::File("wait.wav".to_owned()), ..quiet };
        assert_eq!(own.next(&mut told, Some(2)), [PleaseWait]);
    }
}
