//! Bodies: the session description in one, be it alone or a part among several (RFC 2046 §5.1, RFC 5621 §4).
//! Never decodes a part, and never goes deeper into parts of parts than a telephone could mean.

use crate::uri::Params;
use crate::wire::part_headers;

/// The types of bodies that are understood, for Accept (RFC 3261 §20.1, RFC 5621 §4.1).
pub(crate) const ACCEPT: &str = "application/sdp, multipart/mixed";

/// The longest boundary (RFC 2046 §5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;
/// The most parts that are looked into.
const PARTS_MAX: usize = 32;
/// The most multiparts within each other.
const DEPTH_MAX: usize = 3;

/// Finds the session description in a body of this type; none if there is none, or if it is encoded.
pub(crate) fn session_description<'a>(content_type: &str, encoding: &str, body: &'a [u8]) -> Option<&'a [u8]> {
    let plain = ["", "identity", "7bit", "8bit", "binary"];
    let is_plain = plain.iter().any(|plain| plain.eq_ignore_ascii_case(encoding.trim()));
    search(content_type, body, DEPTH_MAX).filter(|sdp| is_plain && !sdp.is_empty())
}

/// Whether a media range of an Accept header covers a session description (RFC 3261 §20.1).
pub(crate) fn range_covers_sdp(range: &str) -> bool {
    let range = range.split(';').next().unwrap_or("").trim();
    ["application/sdp", "application/*", "*/*"].iter().any(|covering| covering.eq_ignore_ascii_case(range))
}

fn search<'a>(content_type: &str, body: &'a [u8], depth: usize) -> Option<&'a [u8]> {
    let (kind, params) = content_type.split_once(';').unwrap_or((content_type, ""));
    let (kind, subtype) = kind.split_once('/')?;
    let (kind, subtype) = (kind.trim(), subtype.trim());
    if kind.eq_ignore_ascii_case("application") && subtype.eq_ignore_ascii_case("sdp") {
        return Some(body);
    }
    if !kind.eq_ignore_ascii_case("multipart") || depth == 0 {
        return None;
    }
    let params = Params::parse(params);
    let boundary = params.get("boundary")?;
    let boundary = boundary.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(boundary);
    if !(1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()) {
        return None;
    }
    let mut found = parts(body, boundary).into_iter().filter_map(|part| search_part(part, depth - 1));
    // Of alternatives the last one understood is the best (RFC 2046 §5.1.4).
    if subtype.eq_ignore_ascii_case("alternative") { found.next_back() } else { found.next() }
}

fn search_part(part: &[u8], depth: usize) -> Option<&[u8]> {
    let end = part.windows(4).position(|window| window == b"\r\n\r\n")?;
    let headers = part_headers(&part[..end]).ok()?;
    let value = |name: &str| headers.first(name).unwrap_or("");
    let found = search(value("Content-Type"), &part[end + 4..], depth)?;
    session_description("application/sdp", value("Content-Transfer-Encoding"), found)
}

/// Cuts a body at the lines that hold its boundary. A last part without its closing line counts.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut at = 0;
    while at < body.len() && parts.len() < PARTS_MAX {
        let line_end = body[at..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |end| at + end + 1);
        let rest = body[at..line_end].strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary.as_bytes()));
        if let Some(rest) = rest.map(<[u8]>::trim_ascii)
            && (rest.is_empty() || rest == b"--")
        {
            // The line end in front of a boundary belongs to it.
            parts.extend(start.map(|start| body[start..at].strip_suffix(b"\r\n").unwrap_or(&body[start..at])));
            if !rest.is_empty() {
                return parts;
            }
            start = Some(line_end);
        }
        at = line_end;
    }
    parts.extend(start.map(|start: usize| &body[start..]));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "multipart/mixed; boundary=\"x y\"";

    fn found(content_type: &str, body: &str) -> Option<String> {
        let sdp = session_description(content_type, "", body.as_bytes())?;
        Some(String::from_utf8_lossy(sdp).into_owned())
    }

    #[test]
    fn a_description_is_found_alone_and_among_parts() {
        let isup = "--x y\r\nContent-Type: application/isup\r\n\r\n\u{1}\u{2}\r\n--xy\r\n";
        let sdp = "--x y  \r\nContent-Disposition: session\r\ncontent-type :\r\n APPLICATION/sdp;a=b\r\n\r\nv=0\r\ns=-\r\n\r\n";
        let nested = format!("--o\r\nContent-Type: {MIXED}\r\n\r\n{isup}{sdp}--x y--\r\n--o--\r\n");
        let two = "--o\r\nc: application/sdp\r\n\r\none\r\n--o\r\nc: application/sdp\r\n\r\ntwo\r\n--o--";
        for (content_type, body, expected) in [
            ("application/sdp", "v=0", Some("v=0")),
            ("Application / SDP ; charset=utf-8", "v=0", Some("v=0")),
            (MIXED, &format!("preamble\r\n{isup}{sdp}--x y--\r\nepilogue"), Some("v=0\r\ns=-\r\n")),
            (MIXED, &format!("{sdp}{isup}--x y--"), Some("v=0\r\ns=-\r\n")),
            (MIXED, sdp, Some("v=0\r\ns=-\r\n\r\n")),
            ("multipart/related;boundary=o", &nested, Some("v=0\r\ns=-\r\n")),
            ("multipart/mixed;boundary=o", two, Some("one")),
            ("multipart/alternative;boundary=o", two, Some("two")),
            (MIXED, isup, None),
            (MIXED, "--x y\r\nContent-Type: application/sdp\r\nv=0", None),
            (MIXED, "--x y--\r\nContent-Type: application/sdp\r\n\r\nv=0", None),
            ("multipart/mixed", sdp, None),
            ("application/sdp", "", None),
            ("text/plain", "v=0", None),
            ("", "v=0", None),
        ] {
            assert_eq!(found(content_type, body).as_deref(), expected, "{content_type}: {body}");
        }
    }

    #[test]
    fn an_encoded_description_is_not_one() {
        assert_eq!(session_description("application/sdp", "gzip", b"v=0"), None);
        assert_eq!(session_description("application/sdp", "Identity", b"v=0"), Some(&b"v=0"[..]));
        let part = "--o\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\ndj0w\r\n--o--";
        assert_eq!(found("multipart/mixed;boundary=o", part), None);
    }

    #[test]
    fn parts_within_parts_end_somewhere() {
        let mut body = "v=0".to_owned();
        let mut content_type = "application/sdp".to_owned();
        for depth in 0..=DEPTH_MAX {
            assert_eq!(found(&content_type, &body).as_deref(), Some("v=0"), "{depth}");
            body = format!("--{depth}\r\nContent-Type: {content_type}\r\n\r\n{body}\r\n--{depth}--");
            content_type = format!("multipart/mixed;boundary={depth}");
        }
        assert_eq!(found(&content_type, &body), None);
    }

    #[test]
    fn an_accept_header_may_leave_descriptions_out() {
        for (range, covers) in [
            ("application/sdp", true),
            ("Application/SDP;level=1", true),
            ("application/*;q=0.5", true),
            ("*/*", true),
            ("text/plain", false),
            ("", false),
        ] {
            assert_eq!(range_covers_sdp(range), covers, "{range}");
        }
    }
}
