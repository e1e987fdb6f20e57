//! Tables as spreadsheets write them (CSV, RFC 4180): each row with the line of the file in which it begins.
//! Never says what a column holds.

use std::fmt;

/// Why bytes are no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTable {
    /// They are in another encoding.
    Encoding {
        /// The first line that is not UTF-8.
        line: u64,
    },
    /// There is nothing in them.
    Empty,
}

impl fmt::Display for NoTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoTable::Encoding { line } => {
                write!(f, "line {line}: this is no UTF-8 (save the table as \"CSV UTF-8\")")
            }
            NoTable::Empty => f.write_str("the table is empty, expected a line with the names of the columns"),
        }
    }
}

impl NoTable {
    /// The same as a German sentence.
    pub fn german(self) -> String {
        match self {
            NoTable::Encoding { line } => format!(
                "Zeile {line} ist nicht als UTF-8 gespeichert. Bitte speichern Sie die Tabelle als „CSV UTF-8“."
            ),
            NoTable::Empty => "Die Tabelle ist leer: In der ersten Zeile stehen die Namen der Spalten.".to_owned(),
        }
    }
}

/// A table that is being read, row by row. Empty rows are skipped.
pub struct Table<'a> {
    /// What stands above the columns.
    pub headers: Vec<String>,
    text: &'a str,
    records: csv::StringRecordsIntoIter<&'a [u8]>,
    place: Place,
}

/// A row.
pub struct Row {
    /// The line in which it begins, from 1, as an editor counts.
    pub line: u64,
    /// Its cells, without the spaces around them; perhaps more or fewer than there are headers.
    pub cells: csv::StringRecord,
}

impl<'a> Table<'a> {
    /// Reads what stands above the columns. What separates them is seen there: a comma, a semicolon or a tab.
    ///
    /// # Errors
    /// When it is no table.
    pub fn open(bytes: &'a [u8]) -> Result<Table<'a>, NoTable> {
        let bytes = bytes.strip_prefix(MARK.as_bytes()).unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|why| {
            let before = &bytes[..why.valid_up_to()];
            NoTable::Encoding { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64 }
        })?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(text))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        // It is UTF-8, and read from memory: nothing else can fail.
        let headers: Vec<String> = reader.headers().map_err(|_| NoTable::Empty)?.iter().map(str::to_owned).collect();
        if headers.iter().all(String::is_empty) {
            return Err(NoTable::Empty);
        }
        Ok(Table { headers, text, records: reader.into_records(), place: Place::default() })
    }
}

impl Iterator for Table<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        // As above, nothing can fail here.
        let mut records = self.records.by_ref().map_while(Result::ok);
        let cells = records.find(|cells| !cells.iter().all(str::is_empty))?;
        let line = self.place.line(self.text, cells.position().map_or(0, csv::Position::byte) as usize);
        Some(Row { line, cells })
    }
}

/// Where a record begins, and in which line: the reader's own count stops before the line ends that it has not looked at yet.
#[derive(Default)]
struct Place {
    byte: usize,
    lines: u64,
}

impl Place {
    /// The line of the record that begins at this byte, or behind line ends there; never before the one asked for last.
    fn line(&mut self, text: &str, byte: usize) -> u64 {
        let bytes = text.as_bytes();
        let ends = bytes[byte..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = byte + ends;
        // What ends a line is `\n`, `\r\n` or `\r`.
        let is_end = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        self.lines += (self.byte..begin).filter(is_end).count() as u64;
        self.byte = begin;
        1 + self.lines
    }
}

/// What stands between columns: what there is most of in the first line, outside of quotes. A German spreadsheet writes `;`.
fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut found = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                found.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    // Of several with as many the first counts.
    found.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}

/// The mark by which spreadsheets know UTF-8, before all else.
pub const MARK: &str = "\u{feff}";

/// Lines of a table, with commas between the cells.
pub fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    separated(b',', rows)
}

/// Lines of a table, with this between the cells.
pub fn separated(separator: u8, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer =
        csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(vec![]);
    for row in rows {
        // Into memory: nothing can fail but a row without cells, which there is none of.
        _ = writer.write_record(row);
    }
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
}

/// What a spreadsheet takes for a formula (CWE-1236).
const FORMULA: [char; 4] = ['=', '@', '-', '+'];

/// A cell that no spreadsheet takes for a formula: with an apostrophe before it, if need be. A number with a country is none.
pub fn harmless(cell: String) -> String {
    let is_numbers = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || "; +".contains(c));
    let is_formula = cell.starts_with(['=', '@', '-', '\t', '\r'])
        || cell.strip_prefix('+').is_some_and(|rest| !is_numbers(rest))
        // Read in again, it would lose the apostrophe that is its own.
        || cell.starts_with('\'') && plain(&cell) != cell;
    if is_formula { format!("'{cell}") } else { cell }
}

/// What a cell says, without the apostrophe that keeps it from being taken for a formula.
pub fn plain(cell: &str) -> &str {
    let is_formula = |rest: &&str| rest.trim_start_matches('\'').starts_with(FORMULA);
    cell.strip_prefix('\'').filter(is_formula).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_harmless_is_plain_again() {
        for (cell, written) in [
            ("Anna", "Anna"),
            ("=1+1", "'=1+1"),
            ("@bert", "'@bert"),
            ("-1", "'-1"),
            ("+4930; +4931", "+4930; +4931"),
            ("+1+cmd|x", "'+1+cmd|x"),
            ("'quoted'", "'quoted'"),
            ("'=1", "''=1"),
            ("''-1", "'''-1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), written, "{cell}");
            assert_eq!(plain(written), cell);
        }
    }

    #[test]
    fn a_row_knows_its_line_whatever_separates_cells_and_lines() {
        for (what, table, rows) in [
            ("commas", "a,b\n1,2\n", vec!["2: 1|2"]),
            ("semicolons, a mark, Windows", "\u{feff}a;b\r\n\r\n1,5;2\r\n;\r\n3;4", vec!["3: 1,5|2", "5: 3|4"]),
            ("tabs, quotes", "a\tb\n\"x\ny\"\t\"say \"\"z\"\"\"\n1\t2", vec!["2: x\ny|say \"z\"", "4: 1|2"]),
        ] {
            let read = Table::open(table.as_bytes()).unwrap();
            assert_eq!(read.headers, ["a", "b"], "{what}");
            let shown = read.map(|row| format!("{}: {}", row.line, row.cells.iter().collect::<Vec<_>>().join("|")));
            assert_eq!(shown.collect::<Vec<_>>(), rows, "{what}");
        }
    }

    #[test]
    fn what_is_no_table_is_said_in_both_languages() {
        for (bytes, why, german) in [
            (&b"a\nM\xfcller"[..], "line 2: this is no UTF-8", "Zeile 2 ist nicht als UTF-8"),
            (&b""[..], "the table is empty", "Die Tabelle ist leer"),
            (&b";;\n"[..], "the table is empty", "Die Tabelle ist leer"),
        ] {
            let Err(found) = Table::open(bytes) else { panic!("{why}") };
            assert!(found.to_string().starts_with(why), "{found}");
            assert!(found.german().starts_with(german), "{}", found.german());
        }
    }
}
