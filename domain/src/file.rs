//! Files that people send in chats: of which kinds they may be, and under which name one is saved.
//! Never holds a file, and never believes a name: of which kind a file is its first bytes say.

use serde::{Deserialize, Serialize};

/// The longest name, in characters.
pub const NAME_CHARACTERS_MAX: usize = 255;
/// How long a name may be that a file is saved under, in bytes: file systems allow 255, and browsers add to it.
const SAVED_BYTES_MAX: usize = 200;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $media:literal [$first:literal $(, $other:literal)*],)+) => {
        /// What a file is, by its content.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FileKind {
            $($(#[$doc])* $kind,)+
        }

        impl FileKind {
            /// All of them.
            pub const ALL: &[FileKind] = &[$(FileKind::$kind,)+];

            /// As settings and the wire name it.
            pub fn as_str(self) -> &'static str {
                match self { $(FileKind::$kind => $name,)+ }
            }

            /// Its media type (RFC 6838).
            pub fn media_type(self) -> &'static str {
                match self { $(FileKind::$kind => $media,)+ }
            }

            /// What the names of such files end with, the usual ending first.
            fn endings(self) -> &'static [&'static str] {
                match self { $(FileKind::$kind => &[$first $(, $other)*],)+ }
            }
        }
    };
}

kinds! {
    /// A picture.
    Png "png" "image/png" ["png"],
    /// A picture, as cameras make them.
    Jpeg "jpeg" "image/jpeg" ["jpg", "jpeg", "jpe", "jfif"],
    /// A picture that may move.
    Gif "gif" "image/gif" ["gif"],
    /// A picture.
    Webp "webp" "image/webp" ["webp"],
    /// A picture, as telephones make them.
    Heic "heic" "image/heic" ["heic", "heif"],
    /// A drawing, which may hold scripts.
    Svg "svg" "image/svg+xml" ["svg"],
    /// A document.
    Pdf "pdf" "application/pdf" ["pdf"],
    /// Letters and lines, in whatever encoding.
    Text "text" "text/plain" ["txt", "csv", "tsv", "log", "md", "json"],
    /// A document of Word.
    Docx "docx" "application/vnd.openxmlformats-officedocument.wordprocessingml.document" ["docx"],
    /// A table of Excel.
    Xlsx "xlsx" "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" ["xlsx"],
    /// Slides of PowerPoint.
    Pptx "pptx" "application/vnd.openxmlformats-officedocument.presentationml.presentation" ["pptx"],
    /// A document of LibreOffice.
    Odt "odt" "application/vnd.oasis.opendocument.text" ["odt"],
    /// A table of LibreOffice.
    Ods "ods" "application/vnd.oasis.opendocument.spreadsheet" ["ods"],
    /// Slides of LibreOffice.
    Odp "odp" "application/vnd.oasis.opendocument.presentation" ["odp"],
    /// Other files, packed.
    Zip "zip" "application/zip" ["zip"],
    /// A film.
    Mp4 "mp4" "video/mp4" ["mp4", "m4v"],
}

/// Which files are taken somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FilesTaken {
    /// How many bytes one may have; 0: none are taken.
    pub bytes_max: u64,
    /// Of which kinds they may be, by their content.
    pub kinds: Vec<FileKind>,
}

impl FilesTaken {
    /// What is said of a file that is too long.
    pub fn too_large(&self) -> String {
        format!("a file may have {} MB at most", self.bytes_max / 1_000_000)
    }

    /// What is said of one of another kind.
    pub fn other_kind(&self) -> String {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        format!("files of this kind are not taken, but these are: {}", kinds.join(", "))
    }
}

impl FileKind {
    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<FileKind> {
        FileKind::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// Under which name a file is saved that somebody called `typed`: one that every system takes, that leads to no other folder,
/// that reads as it is written, and that ends as files of this kind do.
pub fn saved_name(typed: &str, kind: FileKind) -> String {
    let plain: String = typed.chars().filter(|c| !is_invisible(*c)).map(allowed).collect();
    // Windows drops spaces and dots at the end; a dot at the beginning hides the file.
    let plain = plain.trim().trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if is_ending_of(kind, ending) => (stem, ending),
        Some(_) | None => (plain, kind.endings()[0]),
    };
    let stem = cut(stem, SAVED_BYTES_MAX - ending.len() - 1).trim_end_matches(['.', ' ']);
    match stem {
        "" => format!("file.{ending}"),
        stem if is_reserved(stem) => format!("_{stem}.{ending}"),
        stem => format!("{stem}.{ending}"),
    }
}

fn is_ending_of(kind: FileKind, ending: &str) -> bool {
    kind.endings().iter().any(|one| one.eq_ignore_ascii_case(ending))
}

/// A character that no system forbids in names.
fn allowed(c: char) -> char {
    match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    }
}

/// What is not seen, or turns around what is: a name must not read otherwise than it is written. What joins emoji stays.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What Windows takes for a device, whatever stands behind the first dot.
fn is_reserved(stem: &str) -> bool {
    let device = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = |name: &str| {
        let number = device.strip_prefix(name).unwrap_or_default();
        let mut digits = number.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    matches!(device.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || is_numbered("COM")
        || is_numbered("LPT")
}

/// At most so many bytes of a text, whole characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= bytes_max).last();
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_saved_as_one_that_every_system_takes() {
        use FileKind::{Jpeg, Pdf, Png, Text};
        let long = "ä".repeat(200);
        let cut = format!("{}.pdf", "ä".repeat(98));
        #[rustfmt::skip]
        let rows = [
            ("Rechnung 4711.pdf",            Pdf,  "Rechnung 4711.pdf"),
            ("IMG_0001.JPG",                 Jpeg, "IMG_0001.JPG"),
            ("Grüße 🚲👨‍👩‍👧.png",               Png,  "Grüße 🚲👨‍👩‍👧.png"),
            ("領収書.pdf",                    Pdf,  "領収書.pdf"),
            ("../../etc/passwd",             Text, "_.._etc_passwd.txt"),
            ("C:\\Windows\\notepad.exe",     Text, "C__Windows_notepad.exe.txt"),
            ("photo\u{202e}gpj.exe",         Png,  "photogpj.exe.png"),
            ("invoice.pdf\u{200b}.exe",      Pdf,  "invoice.pdf.exe.pdf"),
            ("a\r\nSet-Cookie: x=1.txt",     Text, "a  Set-Cookie_ x=1.txt"),
            ("\"; filename=evil.html",       Text, "_; filename=evil.html.txt"),
            ("<img src=x onerror=y>.png",    Png,  "_img src=x onerror=y_.png"),
            ("CON",                          Text, "_CON.txt"),
            ("nul.txt",                      Text, "_nul.txt"),
            ("Lpt1.backup.txt",              Text, "_Lpt1.backup.txt"),
            ("com10.txt",                    Text, "com10.txt"),
            ("console.txt",                  Text, "console.txt"),
            (".htaccess",                    Text, "htaccess.txt"),
            ("...",                          Text, "file.txt"),
            ("  \t ",                        Pdf,  "file.pdf"),
            ("\u{202e}",                     Pdf,  "file.pdf"),
            (".pdf",                         Pdf,  "pdf.pdf"),
            ("a. . .",                       Pdf,  "a.pdf"),
            ("report.pdf.",                  Pdf,  "report.pdf"),
            ("%2e%2e%2fpasswd",              Text, "%2e%2e%2fpasswd.txt"),
            (&long,                          Pdf,  &cut),
        ];
        for (typed, kind, expected) in rows {
            let saved = saved_name(typed, kind);
            assert_eq!(saved, expected, "{typed:?}");
            assert!(saved.len() <= SAVED_BYTES_MAX);
            assert_eq!(saved_name(&saved, kind), saved, "a name that was made safe is safe");
        }
    }

    #[test]
    fn a_kind_is_read_by_the_name_that_it_is_written_with() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::from_name(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(FileKind::from_name("exe"), None);
    }
}
