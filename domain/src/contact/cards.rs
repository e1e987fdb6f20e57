//! Contacts out of a file of cards as address books write it (vCard 2.1, 3.0: RFC 2426, 4.0: RFC 6350): what each card says, and
//! which card says nothing that could be used.
//! Nothing is taken over here. Each card is read by itself, so that a damaged one ends where the next begins.

use super::import::{
    BYTES_MAX, COLUMNS_MAX, Column, Draft, EXAMPLE_MAX, Import, LINES_MAX, Line, LineWhy, NoImport, once,
};
use super::{ContactEntry, Country};
use calcard::common::PartialDateTime;
use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardValue};
use std::collections::BTreeMap;

/// The biggest card that is read, in bytes: with a picture, which is left out.
const CARD_MAX: usize = 4 * 1024 * 1024;
/// The system whose ids are those that cards have of themselves (`UID`).
pub(super) const UID_SYSTEM: &str = "vcard";
/// The property for an id that another system gave, and its parameter for that system's name.
pub(super) const ID: &str = "X-VORRANG-ID";
pub(super) const ID_SYSTEM: &str = "X-SYSTEM";
/// The property for a field of the company's own, and its parameter for the field's name.
pub(super) const FIELD: &str = "X-VORRANG-FIELD";
pub(super) const FIELD_NAME: &str = "X-NAME";

/// Whether a file begins as one of cards does.
pub fn are_cards(file: &[u8]) -> bool {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    text.get(..BEGIN.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(BEGIN))
}

/// Reads cards. Their properties are columns, so that `columns` may say what those hold; `None`: their names say it. Numbers are
/// read as they are written in `country`.
///
/// # Errors
/// When there are no cards in it. What is wrong with a card stands in its place.
pub fn import_cards(file: &[u8], columns: Option<&[Column]>, country: Country) -> Result<Import, NoImport> {
    if file.len() > BYTES_MAX {
        return Err(NoImport::TooBig { found: file.len() });
    }
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let pieces = cut(file)?;
    // All properties of all cards may be much more than the file: they are not kept, but read a second time.
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let (mut headers, mut examples): (Vec<String>, Vec<String>) = (vec![], vec![]);
    for piece in &pieces {
        for (header, value) in piece.card.iter().flat_map(|card| properties(card)) {
            if !known.contains_key(&header) && headers.len() < COLUMNS_MAX {
                known.insert(header.clone(), headers.len());
                headers.push(header);
                examples.push(value.chars().take(EXAMPLE_MAX).collect());
            }
        }
    }
    let columns = match columns {
        None => headers.iter().map(|header| held_in(header)).collect(),
        Some(said) if said.len() == headers.len() => said.to_owned(),
        Some(said) => return Err(NoImport::Columns { found: headers.len(), said: said.len() }),
    };
    let holds = |header: &str| known.get(header).and_then(|at| columns.get(*at)).unwrap_or(&Column::Ignored);
    let (mut lines, mut first) = (vec![], BTreeMap::new());
    for Piece { line: number, number: card, card: text } in pieces {
        let entry = text.and_then(|text| read(text, holds, country)).and_then(|entry| once(entry, number, &mut first));
        lines.push(Line { number, card, entry });
    }
    Ok(Import { headers, examples, columns, lines })
}

const BEGIN: &[u8] = b"BEGIN:VCARD";
const END: &[u8] = b"END:VCARD";

/// A card, or what stands between cards.
struct Piece<'a> {
    line: u64,
    /// Which card; `None` for what is none.
    number: Option<u32>,
    card: Result<&'a str, LineWhy>,
}

/// Cuts a file into its cards.
fn cut(file: &[u8]) -> Result<Vec<Piece<'_>>, NoImport> {
    let (mut pieces, mut cards, mut line): (Vec<Piece<'_>>, u32, u64) = (vec![], 0, 0);
    // Where the open card begins, in bytes and lines, and how many cards are open within it: 2.1 has an agent's within a person's.
    let mut open: Option<(usize, u64, u32)> = None;
    let (mut outside, mut before): (bool, &[u8]) = (false, b"");
    let mut at = 0;
    while at < file.len() {
        let rest = &file[at..];
        let length = rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r').unwrap_or(rest.len());
        let end =
            at + length + if rest[length..].starts_with(b"\r\n") { 2 } else { rest.len().min(length + 1) - length };
        line += 1;
        let text = rest[..length].trim_ascii();
        if text.eq_ignore_ascii_case(BEGIN) {
            let is_agent = before.len() >= 6 && before[..5].eq_ignore_ascii_case(b"AGENT") && before.ends_with(b":");
            match &mut open {
                Some((.., within)) if is_agent => *within += 1,
                _ => {
                    pieces.extend(open.map(|(_, line, _)| Piece {
                        line,
                        number: Some(cards),
                        card: Err(LineWhy::Cut),
                    }));
                    cards += 1;
                    open = Some((at, line, 0));
                }
            }
            outside = false;
        } else if let Some((begin, begun, within)) = &mut open {
            match within {
                0 if text.eq_ignore_ascii_case(END) => {
                    pieces.push(Piece { line: *begun, number: Some(cards), card: whole(&file[*begin..end]) });
                    open = None;
                }
                _ if text.eq_ignore_ascii_case(END) => *within -= 1,
                _ => {}
            }
        } else if !text.is_empty() && !outside {
            pieces.push(Piece { line, number: None, card: Err(LineWhy::Outside) });
            outside = true;
        }
        if pieces.len() > LINES_MAX {
            return Err(NoImport::TooManyCards);
        }
        (at, before) = (end, text);
    }
    pieces.extend(open.map(|(_, line, _)| Piece { line, number: Some(cards), card: Err(LineWhy::Cut) }));
    if cards == 0 { Err(NoImport::NoCards) } else { Ok(pieces) }
}

fn whole(card: &[u8]) -> Result<&str, LineWhy> {
    if card.len() > CARD_MAX {
        return Err(LineWhy::TooBig { found: card.len(), most: CARD_MAX });
    }
    std::str::from_utf8(card).map_err(|_| LineWhy::Encoding)
}

fn read<'a>(card: &str, holds: impl Fn(&str) -> &'a Column, country: Country) -> Result<ContactEntry, LineWhy> {
    let mut draft = Draft::default();
    let mut had = vec![];
    for (property, value) in properties(card) {
        let column = holds(&property);
        let said = match column {
            // A field holds one value, and somebody has one language: what else there is, is known about them.
            Column::Field(_) | Column::Language if had.contains(&property) => {
                draft.put(&Column::Notes, &format!("{property}: {value}"), country)
            }
            column => draft.put(column, &value, country),
        };
        said.map_err(|why| LineWhy::Property { property: property.clone(), why })?;
        had.push(property);
    }
    draft.done()
}

/// What a property holds, by its name; what nobody asked for is left out.
fn held_in(header: &str) -> Column {
    match header {
        "FN" => Column::Name,
        "ORG" => Column::Organisation,
        "LANG" => Column::Language,
        "NOTE" => Column::Notes,
        "TEL" => Column::Telephone,
        "EMAIL" => Column::Email,
        "UID" => Column::Other(UID_SYSTEM.to_owned()),
        "URL" => Column::Field(header.to_owned()),
        _ => Column::parse(header).unwrap_or(Column::Ignored),
    }
}

/// What the properties of a card say, each as one text, by their names; those of our own by what they hold. A card's name is
/// `FN`, also if it only has the parts of one.
fn properties(card: &str) -> Vec<(String, String)> {
    let Ok(VCard { entries }) = VCard::parse(card) else { return vec![] };
    let read: Vec<(String, String)> = entries.iter().filter_map(property).collect();
    let is_named = read.iter().any(|(name, _)| name == "FN");
    let reached = |(name, value): &(String, String)| match name.strip_prefix("other:") {
        Some(system) => format!("{system}:{value}"),
        None if matches!(name.as_str(), "ORG" | "TEL" | "EMAIL") => value.clone(),
        None => String::new(),
    };
    let others: Vec<String> = read.iter().map(reached).collect();
    let mut kept = vec![];
    for (name, value) in &read {
        let name = match name.as_str() {
            "N" if is_named => continue,
            "N" => "FN",
            // Every card has to have a name: who is called after their organisation or number has none.
            "FN" if others.contains(value) => continue,
            name => name,
        };
        kept.push((name.to_owned(), value.clone()));
    }
    kept
}

/// The name and the text of a property that says something about somebody.
fn property(entry: &VCardEntry) -> Option<(String, String)> {
    let parameter = |wanted: &str| {
        let mut all = entry.params.iter();
        let is = |name: &VCardParameterName| name.as_str().eq_ignore_ascii_case(wanted);
        all.find(|parameter| is(&parameter.name)).and_then(|parameter| parameter.value.as_text().map(str::to_owned))
    };
    let name = entry.name.as_str().to_uppercase();
    let header = match name.as_str() {
        // What a card says of itself.
        "BEGIN" | "END" | "VERSION" | "PRODID" | "REV" | "KIND" => return None,
        ID => format!("other:{}", parameter(ID_SYSTEM)?.to_lowercase()),
        FIELD => format!("field:{}", parameter(FIELD_NAME)?),
        _ => name.clone(),
    };
    let parts: Vec<String> = entry.values.iter().filter_map(text).collect();
    let said = match name.as_str() {
        // Family name, given name, further names, what stands before and behind (RFC 6350 §6.2.2).
        "N" => [3, 1, 2, 0, 4].iter().filter_map(|at| parts.get(*at)).cloned().collect::<Vec<_>>(),
        _ => parts,
    };
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    let value = match name.as_str() {
        "N" => said.join(" "),
        "TEL" => without_scheme(&said.join(", "), "tel:").split(';').next().unwrap_or_default().to_owned(),
        "EMAIL" => without_scheme(&said.join(", "), "mailto:").to_owned(),
        "LANG" => language(&said.join(", ")),
        _ => said.join(", "),
    };
    let value = if name == "NOTE" { value } else { value.split_whitespace().collect::<Vec<_>>().join(" ") };
    let value = value.trim();
    (!value.is_empty()).then(|| (header, value.to_owned()))
}

/// What a value says; `None` for pictures, sounds and keys.
fn text(value: &VCardValue) -> Option<String> {
    match value {
        VCardValue::Binary(_) => None,
        VCardValue::Text(text) => Some(text.replace("\r\n", "\n").trim().to_owned()),
        VCardValue::Component(texts) => Some(texts.join(" ").trim().to_owned()),
        VCardValue::Integer(number) => Some(number.to_string()),
        VCardValue::Float(number) => Some(number.to_string()),
        VCardValue::Boolean(is) => Some(is.to_string()),
        VCardValue::PartialDateTime(PartialDateTime {
            year: Some(year), month: Some(month), day: Some(day), ..
        }) => Some(format!("{year:04}-{month:02}-{day:02}")),
        VCardValue::PartialDateTime(_) => None,
        VCardValue::Sex(_) | VCardValue::GramGender(_) | VCardValue::Kind(_) => value.as_text().map(str::to_owned),
    }
}

fn without_scheme<'a>(value: &'a str, scheme: &str) -> &'a str {
    let begin = value.get(..scheme.len()).filter(|begin| begin.eq_ignore_ascii_case(scheme));
    value[begin.map_or(0, str::len)..].trim()
}

/// A language as `de` or `de-AT`, however its tag is written (RFC 5646 §2.1.1), and without its script.
fn language(tag: &str) -> String {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_lowercase();
    let region = parts.find(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
    region.map_or(language.clone(), |region| format!("{language}-{}", region.to_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::super::import::tests::described;
    use super::*;

    fn read(file: &[u8]) -> Vec<String> {
        match import_cards(file, None, Country::DE) {
            Err(why) => vec![why.to_string()],
            Ok(import) => import.lines.iter().map(shown).collect(),
        }
    }

    /// `card@line: …`
    fn shown(Line { number, card, entry }: &Line) -> String {
        let card = card.map_or(String::new(), |card| card.to_string());
        format!("{card}@{number}: {}", described(entry))
    }

    fn card(properties: &str) -> String {
        format!("BEGIN:VCARD\nVERSION:4.0\n{properties}\nEND:VCARD\n")
    }

    #[test]
    fn each_card_has_its_answer_in_each_version() {
        for (what, file, expected) in [
            (
                "4.0, folded, with a group, several cards, line ends of Windows",
                "\u{feff}BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:4fbe8971\r\nFN:Anna\r\n  Müller\r\nN:Müller;Anna;;Dr.;\r\n\
                 ORG:Müller\\; Söhne \\, GmbH;Sales\r\nitem1.TEL;VALUE=uri;TYPE=\"voice,home\":tel:+49-30-1234567;ext=12\r\n\
                 EMAIL;PREF=1:Anna@Example.com\r\nLANG:DE-at\r\nNOTE:one\\ntwo\\, three\r\nURL:https://anna.example\r\n\
                 BDAY:19900503\r\nEND:VCARD\r\n\r\nbegin:vcard\r\nversion:4.0\r\nfn:Bert\r\nend:vcard",
                vec![
                    "1@1: name=Anna Müller | organisation=Müller; Söhne , GmbH, Sales | language=de-AT | notes=one\ntwo, three | \
                     URL=https://anna.example | telephone +49301234567 | email anna@example.com | other vcard:urn:uuid:4fbe8971",
                    "2@16: name=Bert",
                ],
            ),
            (
                "3.0 with parts of a name alone, a picture and what other programs add",
                "BEGIN:VCARD\nVERSION:3.0\nN:Berger;Carl;Maria;Dr.;MBA\nTEL;type=CELL;type=pref:0171 1234567\n\
                 PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ\n AAAQABAAD\nX-ABUID:1\\:ABPerson\nEND:VCARD\n",
                vec!["1@1: name=Dr. Carl Maria Berger MBA | telephone +491711234567"],
            ),
            (
                "2.1 with another charset, quoted-printable over two lines, and an agent's card within",
                "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=FCrgen =\nGro=DF\n\
                 NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:eins=0D=0Azw=C3=B6lf\nTEL;HOME:030 7654321\nAGENT:\n\
                 BEGIN:VCARD\nVERSION:2.1\nFN:Agent\nEND:VCARD\nEND:VCARD\n",
                vec!["1@1: name=Jürgen Groß | notes=eins\nzwölf | telephone +49307654321"],
            ),
            (
                "a card that is cut, between others, and one at the end",
                "BEGIN:VCARD\nFN:Anna\nEND:VCARD\nBEGIN:VCARD\nFN:Be\nBEGIN:VCARD\nFN:Carl\nEND:VCARD\nBEGIN:VCARD\nFN:Do",
                vec![
                    "1@1: name=Anna",
                    "2@4: has no end (is END:VCARD missing?)",
                    "3@6: name=Carl",
                    "4@9: has no end (is END:VCARD missing?)",
                ],
            ),
            (
                "what stands between cards",
                "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n\nFN:Bert\nTEL:1\nBEGIN:VCARD\nFN:Carl\nEND:VCARD\nEND:VCARD",
                vec![
                    "1@1: name=Anna",
                    "@5: belongs to no card (each begins with BEGIN:VCARD)",
                    "2@7: name=Carl",
                    "@10: belongs to no card (each begins with BEGIN:VCARD)",
                ],
            ),
            (
                "no cards",
                "name,phone\nAnna,030 1234567\n",
                vec!["there is no card in the file, expected each contact between BEGIN:VCARD and END:VCARD"],
            ),
        ] {
            assert_eq!(read(file.as_bytes()), expected, "{what}");
        }
    }

    #[test]
    fn what_a_property_cannot_be_is_said_of_the_card_and_the_next_one_is_read() {
        let none = "has no name, no organisation and no way to reach them";
        for (what, properties, expected) in [
            ("nobody", "NOTE:only a note\nTEL:\nN:;;;;", none),
            ("a name after which nobody is called", "FN:ACME\nORG:ACME", "organisation=ACME"),
            ("a number in place of a name", "FN:+49301234567\nTEL:+49301234567", "telephone +49301234567"),
            ("an id in place of a name", "FN:crm:7\nX-VORRANG-ID;X-SYSTEM=crm:7", "other crm:7"),
            (
                "a number that is none",
                "FN:Anna\nTEL:030 1234567\nTEL:112",
                "TEL: found `112`, expected a number with its area code, as in \"030 1234567\" or \"+49 30 1234567\"",
            ),
            (
                "an address that is none",
                "FN:Anna\nEMAIL:anna",
                "EMAIL: found `anna`, expected an address as anna@example.com",
            ),
            (
                "a language that is none",
                "FN:Anna\nLANG:German",
                "found `german`, expected a language as \"de\" or \"de-AT\"",
            ),
            ("a script within a language", "FN:Anna\nLANG:zh_Hant_TW", "name=Anna | language=zh-TW"),
            (
                "two languages and two pages",
                "FN:A\nLANG:de\nLANG:en\nURL:https://a.example\nURL:https://b.example",
                "name=A | language=de | notes=LANG: en\nURL: https://b.example | URL=https://a.example",
            ),
            ("a name of two lines", "FN:Anna\\nMüller", "name=Anna Müller"),
            ("only what nobody asked for", "KIND:individual\nBDAY:19700101\nREV:1", none),
        ] {
            let file = format!("{}{}", card(properties), card("FN:Next"));
            let next = 1 + card(properties).lines().count();
            assert_eq!(read(file.as_bytes()), [format!("1@1: {expected}"), format!("2@{next}: name=Next")], "{what}");
        }
        let (before, behind) = (card("FN:Anna"), card("FN:Carl"));
        let file = [before.as_bytes(), b"BEGIN:VCARD\nFN:M\xfcller\nEND:VCARD\n", behind.as_bytes()].concat();
        assert_eq!(read(&file), ["1@1: name=Anna", "2@5: is no UTF-8", "3@8: name=Carl"]);
        let twice = format!("{}{}", card("FN:A\nTEL:030 1234567"), card("FN:B\nTEL:+49 30 1234567"));
        assert_eq!(read(twice.as_bytes())[1], "2@6: telephone +49301234567 stands in line 1 already");
    }

    #[test]
    fn a_file_of_cards_has_its_bounds() {
        let long = format!("{}{}", card(&format!("FN:A\nPHOTO:{}", "x".repeat(CARD_MAX))), card("FN:B"));
        let found = read(long.as_bytes());
        assert!(found[0].starts_with("1@1: has ") && found[0].ends_with("expected 4194304 or fewer"), "{found:?}");
        assert_eq!(found[1], "2@6: name=B");
        let many = "BEGIN:VCARD\nEND:VCARD\n".repeat(LINES_MAX + 1);
        assert_eq!(import_cards(many.as_bytes(), None, Country::DE), Err(NoImport::TooManyCards));
        let big = vec![b'x'; BYTES_MAX + 1];
        assert_eq!(import_cards(&big, None, Country::DE), Err(NoImport::TooBig { found: BYTES_MAX + 1 }));
        let wide: String = (0..2 * COLUMNS_MAX).map(|at| format!("X-{at}:y\n")).collect();
        let read = import_cards(card(&format!("FN:A\n{wide}")).as_bytes(), None, Country::DE).unwrap();
        assert_eq!((read.headers.len(), read.lines.len()), (COLUMNS_MAX, 1));
        let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        assert_eq!(import_cards(&binary, None, Country::DE), Err(NoImport::NoCards));
    }

    #[test]
    fn whoever_says_what_properties_hold_says_it_of_all_of_them() {
        let file = card("FN:Anna\nTITLE:Chief\nBDAY:19900503\nADR:;;Main St 1\\nBack;Berlin;;10115;");
        let guessed = import_cards(file.as_bytes(), None, Country::DE).unwrap();
        assert_eq!(guessed.headers, ["FN", "TITLE", "BDAY", "ADR"]);
        assert_eq!(guessed.columns, [Column::Name, Column::Ignored, Column::Ignored, Column::Ignored]);
        assert_eq!(guessed.examples[3], "Main St 1 Back, Berlin, 10115");
        let field = |name: &str| Column::Field(name.to_owned());
        let said = [Column::Name, Column::Notes, field("Birthday"), field("Address")];
        let read = import_cards(file.as_bytes(), Some(&said), Country::DE).unwrap();
        let expected = "1@1: name=Anna | notes=Chief | Address=Main St 1 Back, Berlin, 10115 | Birthday=1990-05-03";
        assert_eq!(read.lines.iter().map(shown).collect::<Vec<_>>(), [expected]);
        let refused = import_cards(file.as_bytes(), Some(&said[..1]), Country::DE).unwrap_err();
        assert_eq!(refused.to_string(), "the table has 4 columns, but 1 are described");
    }

    #[test]
    fn no_bytes_between_two_cards_harm_either() {
        use proptest::prelude::*;
        let words = [
            "BEGIN:VCARD",
            "END:VCARD",
            "\n",
            "\r",
            "AGENT:",
            "TEL;",
            "ENCODING=QUOTED-PRINTABLE:",
            "=",
            "\\",
            "\"",
            ";",
            ":",
        ];
        let word = prop_oneof![
            prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..8),
        ];
        proptest!(|(noise in prop::collection::vec(word, 0..60))| {
            let file = [card("FN:Anna").as_bytes(), &noise.concat(), b"\n", card("FN:Last").as_bytes()].concat();
            let read = read(&file);
            prop_assert_eq!(&read[0], "1@1: name=Anna");
            // What is left open within may take it along, and says so.
            let last = read.last().unwrap();
            prop_assert!(last.ends_with(": name=Last") || last.contains("END:VCARD") || last.contains("BEGIN:VCARD"), "{}", last);
        });
    }
}
