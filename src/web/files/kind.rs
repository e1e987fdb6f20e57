//! Of which kind a file is, by its first bytes.
//! Never asks its name, nor what a browser takes it for.

use domain::file::FileKind;

/// The kind of a file that begins like this; `None` if it is none of ours.
pub fn kind_of(begin: &[u8]) -> Option<FileKind> {
    let Some(found) = infer::get(begin) else { return text(begin) };
    match found.mime_type() {
        "image/heif" => Some(FileKind::Heic),
        media if media.starts_with("text/") => text(begin),
        // What wrote an office document decides in which order things lie in it.
        "application/zip" => Some(office(begin).unwrap_or(FileKind::Zip)),
        media => FileKind::ALL.iter().copied().find(|kind| kind.media_type() == media).or_else(|| office(begin)),
    }
}

/// Whether these bytes can stand in a text, in whatever encoding: no control characters but those of lines.
pub fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| !matches!(byte, 0..=8 | 14..=31 | 127))
}

fn text(begin: &[u8]) -> Option<FileKind> {
    let is_drawing = || {
        let start = begin.trim_ascii_start().strip_prefix("\u{feff}".as_bytes()).unwrap_or(begin).trim_ascii_start();
        start.starts_with(b"<") && memchr::memmem::find(begin, b"<svg").is_some()
    };
    is_text(begin).then(|| if is_drawing() { FileKind::Svg } else { FileKind::Text })
}

/// An office document by the folders in its package (ECMA-376).
fn office(begin: &[u8]) -> Option<FileKind> {
    let names = memchr::memmem::find_iter(begin, b"PK\x03\x04").filter_map(|at| begin.get(at + 30..));
    let kind = |name: &[u8]| match name {
        [b'w', b'o', b'r', b'd', b'/', ..] => Some(FileKind::Docx),
        [b'x', b'l', b'/', ..] => Some(FileKind::Xlsx),
        [b'p', b'p', b't', b'/', ..] => Some(FileKind::Pptx),
        _ => None,
    };
    if begin.starts_with(b"PK\x03\x04") { names.filter_map(kind).next() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package with these entries, empty.
    fn package(names: &[&str]) -> Vec<u8> {
        let entry = |name: &&str| {
            let mut entry = b"PK\x03\x04".to_vec();
            entry.extend([0; 22]);
            entry.extend((name.len() as u16).to_le_bytes());
            entry.extend([0; 2]);
            entry.extend(name.as_bytes());
            entry
        };
        names.iter().flat_map(entry).collect()
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        use FileKind::*;
        let docx =
            package(&["[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "docProps/app.xml", "word/a.xml"]);
        let odt = package(&["mimetypeapplication/vnd.oasis.opendocument.text"]);
        #[rustfmt::skip]
        let rows: &[(&[u8], Option<FileKind>)] = &[
            (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",             Some(Png)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF",                  Some(Jpeg)),
            (b"GIF89a\x01\0",                                Some(Gif)),
            (b"RIFF\x24\0\0\0WEBPVP8 ",                      Some(Webp)),
            (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",          Some(Heic)),
            (b"%PDF-1.7\n",                                  Some(Pdf)),
            (b"Guten Tag",                                   Some(Text)),
            (b"Gr\xfc\xdfe;1,50\r\n",                        Some(Text)),
            (b"<!DOCTYPE html><script>alert(1)</script>",    Some(Text)),
            (b"#!/bin/sh\nrm -rf /\n",                       Some(Text)),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>",   Some(Svg)),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg/>",   Some(Svg)),
            (b"we wrote <svg> here",                         Some(Text)),
            (&docx,                                          Some(Docx)),
            (&package(&["xl/workbook.xml"]),                 Some(Xlsx)),
            (&odt,                                           Some(Odt)),
            (&package(&["notes.txt"]),                       Some(Zip)),
            (b"MZ\x90\0\x03\0\0\0",                          None),
            (b"\x7fELF\x02\x01\x01",                         None),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",        None),
            (b"\0\x01\x02\x03",                              None),
            (b"{\\rtf1\\ansi",                               None),
        ];
        for (bytes, expected) in rows {
            assert_eq!(kind_of(bytes), *expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn whatever_comes_is_looked_at_without_a_panic() {
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let seeds = [
            package(&["[Content_Types].xml", "_rels/.rels", "word/a.xml"]),
            b"\0\0\0\x18ftypheic".to_vec(),
            b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(),
            b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(),
            b"<?xml version='1.0'?>".to_vec(),
        ];
        for _ in 0..20_000 {
            let mut bytes = seeds[random() % seeds.len()].clone();
            for _ in 0..random() % 4 {
                let at = random() % bytes.len();
                bytes[at] = random() as u8;
            }
            bytes.truncate(random() % (bytes.len() + 1));
            kind_of(&bytes);
        }
    }
}
