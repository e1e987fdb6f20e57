//! Why a change of a contact is refused, in German: for screens. The English words stand beside each reason.
//! A reason without words does not compile.

use super::field::Holds;
use super::import::{LineWhy, NoImport};
use super::point::Point;
use super::refusal::Why;

impl Point {
    /// As screens call it in German.
    fn german(&self) -> String {
        match self.kind() {
            "telephone" => format!("Die Nummer {}", self.value()),
            "email" => format!("Die Adresse {}", self.value()),
            _ => format!("Die Kennung {}", self.value()),
        }
    }
}

impl NoImport {
    /// Why a table cannot be read, as a German sentence.
    pub fn german(&self) -> String {
        match self {
            NoImport::Encoding { line } => {
                format!(
                    "Zeile {line} ist nicht als UTF-8 gespeichert. Bitte speichern Sie die Tabelle als „CSV UTF-8“."
                )
            }
            NoImport::Empty => "Die Tabelle ist leer: In der ersten Zeile stehen die Namen der Spalten, dann kommt je \
                                Kontakt eine Zeile."
                .to_owned(),
            NoImport::TooBig { .. } => "Die Datei ist zu groß. Bitte teilen Sie sie auf.".to_owned(),
            NoImport::TooLong => "Die Tabelle hat zu viele Zeilen. Bitte teilen Sie sie auf.".to_owned(),
            NoImport::TooWide { found } => format!("Die Tabelle hat {found} Spalten, das sind zu viele."),
            NoImport::NoCards => "In der Datei steht keine Kontaktkarte: Jeder Kontakt steht zwischen BEGIN:VCARD und \
                                  END:VCARD."
                .to_owned(),
            NoImport::TooManyCards => "Die Datei hat zu viele Kontakte. Bitte teilen Sie sie auf.".to_owned(),
            NoImport::Columns { found, said } => format!("Die Tabelle hat {found} Spalten, zugeordnet sind {said}."),
        }
    }
}

impl LineWhy {
    /// Why a line is left out, as a German sentence.
    pub fn german(&self) -> String {
        match self {
            LineWhy::Columns { found, expected } => format!(
                "Die Zeile hat {found} Spalten, erwartet werden {expected}. Steht ein Text mit Trennzeichen nicht in \
                 Anführungszeichen?"
            ),
            LineWhy::Refused { column, why } => format!("Spalte „{column}“: {}", why.why.german()),
            LineWhy::Property { property, why } => format!("{property}: {}", why.why.german()),
            LineWhy::Cut => "Die Karte hat kein Ende. Fehlt END:VCARD?".to_owned(),
            LineWhy::Outside => "Das gehört zu keiner Karte: Jede beginnt mit BEGIN:VCARD.".to_owned(),
            LineWhy::Encoding => "Das ist nicht als UTF-8 gespeichert.".to_owned(),
            LineWhy::TooBig { found, most } => format!("Das ist zu groß: {found} Bytes, möglich sind {most}."),
            LineWhy::Contact(why) => why.why.german(),
            LineWhy::Nothing => "Weder Name noch Firma, Nummer oder Adresse ist angegeben.".to_owned(),
            LineWhy::Twice { point, line } => format!("{} steht schon in Zeile {line}.", point.german()),
        }
    }
}

impl Why {
    /// What is wrong, as a German sentence.
    pub fn german(&self) -> String {
        match self {
            Why::Unknown => "Diesen Kontakt gibt es nicht.".to_owned(),
            Why::Nothing => "Bitte geben Sie einen Namen, eine Firma, eine Nummer oder eine Adresse an.".to_owned(),
            Why::Telephone(found) => {
                format!("„{found}“ ist keine Rufnummer mit Vorwahl, zum Beispiel „030 1234567“ oder „+49 30 1234567“.")
            }
            Why::Email(found) => format!("„{found}“ ist keine E-Mail-Adresse wie anna@example.com."),
            Why::System(found) => {
                format!("„{found}“ ist kein kurzer Name aus Buchstaben, Ziffern, Strichen und Punkten.")
            }
            Why::Id => "Die Kennung fehlt oder enthält einen Zeilenumbruch.".to_owned(),
            Why::Language(found) => format!("„{found}“ ist keine Sprache wie „de“ oder „de-AT“."),
            Why::Control => "Zeilenumbrüche und Steuerzeichen sind hier nicht möglich.".to_owned(),
            Why::FieldEmpty => "Der Name des Feldes fehlt.".to_owned(),
            Why::Field { field, holds, found } => {
                let expected = match holds {
                    Holds::Text => "ein Text",
                    Holds::Number => "eine Zahl wie 12 oder 12,5",
                    Holds::Choice => "eine der Möglichkeiten",
                    Holds::Date => "ein Datum wie 30.11.2026",
                    Holds::Link => "eine Adresse wie https://crm.example.com/4711",
                };
                format!("{field}: „{found}“ passt hier nicht, erwartet wird {expected}.")
            }
            Why::Several { one, other } => format!(
                "Gemeint sein können Kontakt {one} und Kontakt {other}. Falls beide eine Person sind, führen Sie sie \
                 zusammen."
            ),
            Why::TooLong { found, most } => format!("Das ist zu lang: {found} Zeichen, möglich sind {most}."),
            Why::TooMany { found, most } => format!("Das sind zu viele: {found}, möglich sind {most}."),
            Why::Taken { point, by } => format!(
                "{} gehört schon zu Kontakt {by}. Falls beide eine Person sind, führen Sie sie zusammen.",
                point.german()
            ),
            Why::NoPoint(point) => format!("{} gehört nicht zu diesem Kontakt.", point.german()),
            Why::Itself => "Ein Kontakt lässt sich nicht mit sich selbst zusammenführen.".to_owned(),
            Why::Merged { into } => format!(
                "Dieser Kontakt ist mit Kontakt {into} zusammengeführt. Ändern Sie den anderen oder trennen Sie beide \
                 zuerst."
            ),
            Why::NotMerged => "Dieser Kontakt ist mit keinem anderen zusammengeführt.".to_owned(),
        }
    }
}
