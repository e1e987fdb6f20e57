//! Contacts out of a table as spreadsheets write it (CSV, RFC 4180): what each line says, and which line says nothing that
//! could be used.
//! Nothing is taken over here, and no line is lost: each has its answer. What cards say is read into the same.

use super::refusal::Refusal;
use super::{ContactEntry, Country, Point};
use crate::table::{NoTable, Row, Table, plain};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The biggest table that is read, in bytes.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most lines that are read.
pub(super) const LINES_MAX: usize = 200_000;
/// So much is told of what stands in a column, in characters.
pub(super) const EXAMPLE_MAX: usize = 60;
/// The most columns that a table may have.
pub(super) const COLUMNS_MAX: usize = 200;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Names; several columns of one line are joined by a space, such as first and last name.
    Name,
    /// Where they work.
    Organisation,
    /// Languages, as `de` or `de-AT`.
    Language,
    /// Notes; several columns are lines of one text.
    Notes,
    /// Telephone numbers.
    Telephone,
    /// E-mail addresses.
    Email,
    /// The ids that another system gave.
    Other(String),
    /// A field of the company's own.
    Field(String),
    /// Nothing that is wanted.
    Ignored,
}

impl Column {
    /// What a column probably holds, from what stands above it, in German or English.
    pub(super) fn guess(header: &str) -> Column {
        let simple: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        match simple.as_str() {
            "name" | "vorname" | "nachname" | "firstname" | "lastname" | "fullname" | "givenname" | "familyname" => {
                Column::Name
            }
            "organisation" | "organization" | "firma" | "company" | "unternehmen" => Column::Organisation,
            "sprache" | "language" => Column::Language,
            "notiz" | "notizen" | "bemerkung" | "bemerkungen" | "note" | "notes" | "comment" => Column::Notes,
            "telefon" | "telefonnummer" | "telefon1" | "telefon2" | "festnetz" | "mobil" | "mobiltelefon" | "handy"
            | "rufnummer" | "phone" | "phonenumber" | "telephone" | "mobile" | "mobilephone" => Column::Telephone,
            "email" | "emailadresse" | "emailaddress" | "mail" => Column::Email,
            "" => Column::Ignored,
            // As a table says it that was written here.
            _ => match header.trim().split_once(':') {
                Some(("other", system)) if !system.is_empty() => Column::Other(system.to_owned()),
                Some(("field", field)) if !field.is_empty() => Column::Field(field.to_owned()),
                _ => Column::Field(header.trim().to_owned()),
            },
        }
    }

    /// What is called like this.
    pub fn parse(text: &str) -> Option<Column> {
        match text.split_once(':') {
            Some(("other", system)) => Some(Column::Other(system.to_owned())),
            Some(("field", field)) => Some(Column::Field(field.to_owned())),
            Some(_) => None,
            None => {
                let all = [Column::Name, Column::Organisation, Column::Language, Column::Notes];
                let more = [Column::Telephone, Column::Email, Column::Ignored];
                all.into_iter().chain(more).find(|column| column.to_string() == text)
            }
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Column::Name => f.write_str("name"),
            Column::Organisation => f.write_str("organisation"),
            Column::Language => f.write_str("language"),
            Column::Notes => f.write_str("notes"),
            Column::Telephone => f.write_str("telephone"),
            Column::Email => f.write_str("email"),
            Column::Other(system) => write!(f, "other:{system}"),
            Column::Field(field) => write!(f, "field:{field}"),
            Column::Ignored => f.write_str("ignored"),
        }
    }
}

/// Why a table cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoImport {
    /// It is in another encoding.
    #[error("line {line}: this is no UTF-8 (save the table as \"CSV UTF-8\")")]
    Encoding {
        /// The first line that is not.
        line: u64,
    },
    /// There is nothing in it.
    #[error("the table is empty, expected a line with the names of the columns, and a line for each contact")]
    Empty,
    /// It is too big.
    #[error("the file has {found} bytes, expected {BYTES_MAX} or fewer")]
    TooBig {
        /// How many bytes it has.
        found: usize,
    },
    /// It has too many lines.
    #[error("the table has more than {LINES_MAX} lines (cut it into several)")]
    TooLong,
    /// It has too many columns.
    #[error("the table has {found} columns, expected {COLUMNS_MAX} or fewer")]
    TooWide {
        /// How many it has.
        found: usize,
    },
    /// There is no card in it.
    #[error("there is no card in the file, expected each contact between BEGIN:VCARD and END:VCARD")]
    NoCards,
    /// There are too many cards in it.
    #[error("the file has more than {LINES_MAX} cards (cut it into several)")]
    TooManyCards,
    /// It was said of other columns than it has what they hold.
    #[error("the table has {found} columns, but {said} are described")]
    Columns {
        /// How many it has.
        found: usize,
        /// Of how many it was said what they hold.
        said: usize,
    },
}

/// A table, or a file of cards, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// What stands above the columns; of cards the names of their properties.
    pub headers: Vec<String>,
    /// What stands first in each of them, shortened; empty if all its cells are.
    pub examples: Vec<String>,
    /// What they hold.
    pub columns: Vec<Column>,
    /// All lines but empty ones, or all cards, in their order.
    pub lines: Vec<Line>,
}

/// A line of a table, or a card. A line that has line ends within quotes is one line here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins, from 1, as an editor counts.
    pub number: u64,
    /// Which card it is, from 1; `None` in a table, and for what stands between cards.
    pub card: Option<u32>,
    /// The contact that it describes, or why it describes none.
    pub entry: Result<ContactEntry, LineWhy>,
}

/// Why a line, or a card, describes no contact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineWhy {
    /// It has another number of columns; a quote may be open, or a separator may stand in a text.
    #[error("has {found} columns, expected {expected} (is a text with a separator in it without quotes?)")]
    Columns {
        /// How many it has.
        found: usize,
        /// How many stand above it.
        expected: usize,
    },
    /// No contact may be like this.
    #[error("column `{column}`: {}", why.why)]
    Refused {
        /// What stands above the column.
        column: String,
        /// What is wrong.
        why: Refusal,
    },
    /// No contact may be like this property of a card says.
    #[error("{property}: {}", why.why)]
    Property {
        /// Its name.
        property: String,
        /// What is wrong.
        why: Refusal,
    },
    /// Another card begins before this one ends, or the file ends.
    #[error("has no end (is END:VCARD missing?)")]
    Cut,
    /// It stands between cards.
    #[error("belongs to no card (each begins with BEGIN:VCARD)")]
    Outside,
    /// It is in another encoding, or no text at all.
    #[error("is no UTF-8")]
    Encoding,
    /// It is too big.
    #[error("has {found} bytes, expected {most} or fewer")]
    TooBig {
        /// How many bytes it has.
        found: usize,
        /// The most that are read.
        most: usize,
    },
    /// A contact as it is described may not be.
    #[error("{}", .0.why)]
    Contact(Refusal),
    /// There is nothing by which somebody could be found.
    #[error("has no name, no organisation and no way to reach them")]
    Nothing,
    /// It would be another contact with the same point.
    #[error("{point} stands in line {line} already")]
    Twice {
        /// The point.
        point: Point,
        /// Where it stood first.
        line: u64,
    },
}

/// Reads a table. `columns` says what they hold; `None`: what stands above them says it. Numbers are read as they are written in
/// `country`.
///
/// # Errors
/// When it is no table. What is wrong with a line stands in its place.
pub fn import(table: &[u8], columns: Option<&[Column]>, country: Country) -> Result<Import, NoImport> {
    if table.len() > BYTES_MAX {
        return Err(NoImport::TooBig { found: table.len() });
    }
    let table = Table::open(table).map_err(|why| match why {
        NoTable::Encoding { line } => NoImport::Encoding { line },
        NoTable::Empty => NoImport::Empty,
    })?;
    let headers = table.headers.clone();
    if headers.len() > COLUMNS_MAX {
        return Err(NoImport::TooWide { found: headers.len() });
    }
    let columns = match columns {
        None => headers.iter().map(|header| Column::guess(header)).collect(),
        Some(said) if said.len() == headers.len() => said.to_owned(),
        Some(said) => return Err(NoImport::Columns { found: headers.len(), said: said.len() }),
    };
    let (mut lines, mut first) = (vec![], BTreeMap::new());
    let mut examples = vec![String::new(); headers.len()];
    for Row { line: number, cells: record } in table {
        if lines.len() >= LINES_MAX {
            return Err(NoImport::TooLong);
        }
        for (example, value) in examples.iter_mut().zip(&record).filter(|(example, _)| example.is_empty()) {
            example.extend(value.chars().take(EXAMPLE_MAX));
        }
        let entry = read(&record, &headers, &columns, country).and_then(|entry| once(entry, number, &mut first));
        lines.push(Line { number, card: None, entry });
    }
    Ok(Import { headers, examples, columns, lines })
}

fn read(
    record: &csv::StringRecord,
    headers: &[String],
    columns: &[Column],
    country: Country,
) -> Result<ContactEntry, LineWhy> {
    if record.len() != headers.len() {
        return Err(LineWhy::Columns { found: record.len(), expected: headers.len() });
    }
    let mut draft = Draft::default();
    for ((value, header), column) in record.iter().zip(headers).zip(columns).filter(|((value, _), _)| !value.is_empty())
    {
        let refused = |why| LineWhy::Refused { column: header.clone(), why };
        let value = plain(value);
        match column {
            Column::Telephone | Column::Email | Column::Other(_) => {
                let each = value.split([';', ',', '\n']).map(str::trim).filter(|value| !value.is_empty());
                for value in each {
                    draft.put(column, value, country).map_err(refused)?;
                }
            }
            Column::Name
            | Column::Organisation
            | Column::Language
            | Column::Notes
            | Column::Field(_)
            | Column::Ignored => draft.put(column, value, country).map_err(refused)?,
        }
    }
    draft.done()
}

/// A contact while it is being read.
#[derive(Default)]
pub(super) struct Draft {
    entry: ContactEntry,
    points: BTreeSet<Point>,
}

impl Draft {
    /// Takes over what stands in a column of this kind.
    pub(super) fn put(&mut self, column: &Column, value: &str, country: Country) -> Result<(), Refusal> {
        match column {
            Column::Name => join(&mut self.entry.name, value, " "),
            Column::Organisation => join(&mut self.entry.organisation, value, " "),
            Column::Language => self.entry.language = Some(value.to_owned()),
            Column::Notes => join(&mut self.entry.notes, value, "\n"),
            Column::Telephone => _ = self.points.insert(Point::telephone(value, country)?),
            Column::Email => _ = self.points.insert(Point::email(value)?),
            Column::Other(system) => _ = self.points.insert(Point::other(system, value)?),
            Column::Field(field) => _ = self.entry.fields.insert(field.clone(), value.to_owned()),
            Column::Ignored => {}
        }
        Ok(())
    }

    /// The contact, if there may be one like that, and somebody could be found by it.
    pub(super) fn done(self) -> Result<ContactEntry, LineWhy> {
        let points = Some(self.points).filter(|points| !points.is_empty());
        let entry = ContactEntry { points, ..self.entry };
        entry.check().map_err(LineWhy::Contact)?;
        let is_nobody = entry.name.is_none() && entry.organisation.is_none() && entry.points.is_none();
        if is_nobody { Err(LineWhy::Nothing) } else { Ok(entry) }
    }
}

fn join(text: &mut Option<String>, value: &str, between: &str) {
    match text {
        None => *text = Some(value.to_owned()),
        Some(text) => text.extend([between, value]),
    }
}

/// Refuses what a line before it has. Only lines that can be used have anything.
pub(super) fn once(
    entry: ContactEntry,
    number: u64,
    first: &mut BTreeMap<Point, u64>,
) -> Result<ContactEntry, LineWhy> {
    let points = || entry.points.iter().flatten();
    if let Some((point, line)) = points().find_map(|point| Some((point, first.get(point)?))) {
        return Err(LineWhy::Twice { point: point.clone(), line: *line });
    }
    first.extend(points().map(|point| (point.clone(), number)));
    Ok(entry)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn read(table: &str) -> Vec<String> {
        match import(table.as_bytes(), None, Country::DE) {
            Err(why) => vec![why.to_string()],
            Ok(import) => import.lines.iter().map(shown).collect(),
        }
    }

    fn shown(line: &Line) -> String {
        format!("{}: {}", line.number, described(&line.entry))
    }

    /// What a line or a card says of somebody, or why it says nothing.
    pub(in crate::contact) fn described(entry: &Result<ContactEntry, LineWhy>) -> String {
        let text = |key: &str, text: &Option<String>| text.as_ref().map(|text| format!("{key}={text}"));
        match entry {
            Err(why) => why.to_string(),
            Ok(entry) => {
                let own = [
                    text("name", &entry.name),
                    text("organisation", &entry.organisation),
                    text("language", &entry.language),
                    text("notes", &entry.notes),
                ];
                let fields = entry.fields.iter().map(|(field, value)| format!("{field}={value}"));
                let points = entry.points.iter().flatten().map(Point::to_string);
                own.into_iter().flatten().chain(fields).chain(points).collect::<Vec<_>>().join(" | ")
            }
        }
    }

    #[test]
    fn each_line_has_its_answer() {
        for (what, table, lines) in [
            ("commas", "name,phone\nAnna,030 1234567\n", vec!["2: name=Anna | telephone +49301234567"]),
            (
                "a byte order mark, semicolons, line ends of Windows",
                "\u{feff}Vorname;Nachname;Telefon\r\nAnna;Berger;030 1234567\r\n",
                vec!["2: name=Anna Berger | telephone +49301234567"],
            ),
            (
                "empty lines, with each kind of line end",
                "Name;Telefon\r\n\r\nAnna;030 1111111\rBert;\n\nCarl;",
                vec!["3: name=Anna | telephone +49301111111", "4: name=Bert", "6: name=Carl"],
            ),
            ("tabs", "Name\tE-Mail\nAnna\tAnna@Example.com", vec!["2: name=Anna | email anna@example.com"]),
            (
                "separators, quotes and line ends within quotes",
                "Firma;Notizen\n\"Müller; Söhne \"\"GmbH\"\"\";\"one\ntwo\"\nBerger;x\n",
                vec!["2: organisation=Müller; Söhne \"GmbH\" | notes=one\ntwo", "4: organisation=Berger | notes=x"],
            ),
            (
                "a separator within the quotes of a header",
                "\"Name, full\";Telefon\nAnna;030 1234567",
                vec!["2: Name, full=Anna | telephone +49301234567"],
            ),
            (
                "wrong columns, before and after good lines",
                "Name;Telefon\nAnna;030 1234567\nBert\nCarl;030;2222222\nDora;030 4444444\n",
                vec![
                    "2: name=Anna | telephone +49301234567",
                    "3: has 1 columns, expected 2 (is a text with a separator in it without quotes?)",
                    "4: has 3 columns, expected 2 (is a text with a separator in it without quotes?)",
                    "5: name=Dora | telephone +49304444444",
                ],
            ),
            (
                "a quote that stays open takes what follows, and is told where it begins",
                "Name;Telefon\nAnna;030 1234567\n\"Bert;030 2222222\nCarl;030 3333333\n",
                vec![
                    "2: name=Anna | telephone +49301234567",
                    "3: has 1 columns, expected 2 (is a text with a separator in it without quotes?)",
                ],
            ),
            (
                "several numbers in one cell, and what a spreadsheet must not calculate",
                "Name;Telefon;E-Mail;Rang\nAnna;\"030 1234567; 030 2222222\";\"a@b.example, c@d.example\";'-1\n",
                vec![
                    "2: name=Anna | Rang=-1 | telephone +49301234567 | telephone +49302222222 | email a@b.example | \
                     email c@d.example",
                ],
            ),
            (
                "numbers that are none",
                "Name;Telefon\nAnna;12345\nBert;\n",
                vec![
                    "2: column `Telefon`: found `12345`, expected a number with its area code, as in \
                     \"030 1234567\" or \"+49 30 1234567\"",
                    "3: name=Bert",
                ],
            ),
            (
                "the same number twice, however it is written",
                "Name;Telefon;Mobil\nAnna;030 1234567;\nBert;;+49 (0)30 1234567\nCarl;030 2222222;030 2222222\n",
                vec![
                    "2: name=Anna | telephone +49301234567",
                    "3: telephone +49301234567 stands in line 2 already",
                    "4: name=Carl | telephone +49302222222",
                ],
            ),
            (
                "nobody, and nothing at all",
                "Name;Notizen;Telefon\n;only a note;\n;;\n\n;;030 1234567\n",
                vec!["2: has no name, no organisation and no way to reach them", "5: telephone +49301234567"],
            ),
            (
                "fields of the company's own",
                "Name;Kundennummer;\nAnna;4711;x\n",
                vec!["2: name=Anna | Kundennummer=4711"],
            ),
            (
                "a language that is none",
                "Name;Sprache\nAnna;de-AT\nBert;Deutsch\n",
                vec!["2: name=Anna | language=de-AT", "3: found `Deutsch`, expected a language as \"de\" or \"de-AT\""],
            ),
            ("headers alone", "Name;Telefon\n", vec![]),
            (
                "nothing",
                "",
                vec!["the table is empty, expected a line with the names of the columns, and a line for each contact"],
            ),
            (
                "only a byte order mark and separators",
                "\u{feff};;\n",
                vec!["the table is empty, expected a line with the names of the columns, and a line for each contact"],
            ),
        ] {
            assert_eq!(read(table), lines, "{what}");
        }
    }

    #[test]
    fn another_encoding_is_refused_with_its_place() {
        let refused = import(b"Name\nAnna\nM\xfcller\n", None, Country::DE).unwrap_err();
        assert_eq!(refused.to_string(), "line 3: this is no UTF-8 (save the table as \"CSV UTF-8\")");
    }

    #[test]
    fn whoever_says_what_the_columns_hold_says_it_of_all_of_them() {
        let table = b"A;B;C\nAnna;K-1;x\n";
        let columns = [Column::Name, Column::Other("crm".to_owned()), Column::Ignored];
        let read = import(table, Some(&columns), Country::DE).unwrap();
        assert_eq!(read.lines.iter().map(shown).collect::<Vec<_>>(), ["2: name=Anna | other crm:K-1"]);
        let refused = import(table, Some(&columns[..2]), Country::DE).unwrap_err();
        assert_eq!(refused.to_string(), "the table has 3 columns, but 2 are described");
    }

    #[test]
    fn a_table_has_its_bounds() {
        let wide = vec!["x"; COLUMNS_MAX + 1].join(";");
        assert_eq!(import(wide.as_bytes(), None, Country::DE), Err(NoImport::TooWide { found: COLUMNS_MAX + 1 }));
        let long = format!("Name\n{}", "x\n".repeat(LINES_MAX + 1));
        assert_eq!(import(long.as_bytes(), None, Country::DE), Err(NoImport::TooLong));
        let big = vec![b'x'; BYTES_MAX + 1];
        assert_eq!(import(&big, None, Country::DE), Err(NoImport::TooBig { found: BYTES_MAX + 1 }));
    }
}
