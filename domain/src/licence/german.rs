//! What holds by a licence, in German: for screens.
//! A state without words does not compile.

use super::{BYTES_MAX, State, Unreadable, day};
use crate::time::Timestamp;

impl Unreadable {
    /// Why it is none, as a German sentence.
    pub fn german(&self) -> String {
        match self {
            Unreadable::NoKey => "Hier sind noch keine Lizenzen eingerichtet. Wer Vorrang betreibt, trägt zuerst \
                                  licence.public_key in die Konfiguration ein."
                .to_owned(),
            Unreadable::TooLong => {
                format!("Der Text ist länger als {BYTES_MAX} Zeichen, so lang ist keine Lizenz.")
            }
            Unreadable::NoToken => "Das ist keine Lizenz, oder es fehlt ein Stück. Erwartet wird ein Text, der mit \
                                    v4.public. beginnt."
                .to_owned(),
            Unreadable::Footer => "Hinter der Lizenz steht noch etwas, das nicht dazugehört.".to_owned(),
            Unreadable::Signature => "Die Unterschrift stimmt nicht: Es fehlt ein Stück, etwas wurde geändert, oder \
                                      die Lizenz ist für eine andere Installation."
                .to_owned(),
            Unreadable::Claims(why) => {
                format!("Die Lizenz ist unterschrieben, aber diese Version versteht sie nicht ({why}).")
            }
        }
    }
}

impl State {
    /// What holds, as German sentences.
    pub fn german(&self) -> String {
        let day = |at: &Timestamp| day(*at, "%d.%m.%Y, %H:%M UTC");
        match self {
            State::None => "Es ist keine Lizenz eingetragen. Chats beginnen nicht.".to_owned(),
            State::Broken(why) => why.german(),
            State::OtherCompany { company } => format!("Diese Lizenz ist für eine andere Firma, „{company}“."),
            State::NoChat => "Diese Lizenz gilt nicht für Chats.".to_owned(),
            State::NotYet { from } => format!("Diese Lizenz beginnt erst am {}.", day(from)),
            State::Valid { until } => format!("Chats können bis zum {} beginnen.", day(until)),
            State::EndsSoon { until } => format!("Die Lizenz endet bald, am {}.", day(until)),
            State::Grace { until, ends } => {
                format!(
                    "Die Lizenz ist am {} abgelaufen. Chats können noch bis zum {} beginnen.",
                    day(until),
                    day(ends)
                )
            }
            State::Ended { at } => format!("Die Lizenz ist abgelaufen. Seit {} beginnen keine Chats.", day(at)),
        }
    }
}
