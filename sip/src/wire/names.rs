//! Names of headers: the compact forms (RFC 3261 §7.3.3), the usual case, and which of them hold lists of addresses.
//! Never refuses a name that it does not know.

/// Headers that hold a list of addresses of which each counts by itself (RFC 3261 §7.3.1).
pub(super) fn is_list(name: &str) -> bool {
    matches!(name, "Via" | "Route" | "Record-Route" | "Contact" | "Path" | "P-Asserted-Identity")
}

/// The spelling of a known name: compact forms become long, the others get their usual case.
pub(super) fn long_name(name: &str) -> Option<&'static str> {
    let compact = || COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map(|(_, long)| *long);
    let usual = || USUAL.iter().find(|usual| is_same(usual, name)).copied();
    if name.len() == 1 { compact() } else { usual() }
}

/// Whether two names are one; most are in their usual case.
pub(super) fn is_same(one: &str, two: &str) -> bool {
    one == two || one.eq_ignore_ascii_case(two)
}

const COMPACT: [(&str, &str); 20] = [
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("c", "Content-Type"),
    ("d", "Request-Disposition"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("j", "Reject-Contact"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("n", "Identity-Info"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("u", "Allow-Events"),
    ("v", "Via"),
    ("x", "Session-Expires"),
    ("y", "Identity"),
];

const USUAL: [&str; 16] = [
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Route",
    "Record-Route",
    "Content-Length",
    "Content-Type",
    "Max-Forwards",
    "Path",
    "P-Asserted-Identity",
    "Authorization",
    "Require",
    "Expires",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case_and_short() {
        for (name, long) in [
            ("v", Some("Via")),
            ("V", Some("Via")),
            ("vIA", Some("Via")),
            ("call-id", Some("Call-ID")),
            ("L", Some("Content-Length")),
            ("X-y", None),
            ("", None),
        ] {
            assert_eq!(long_name(name), long);
        }
    }
}
