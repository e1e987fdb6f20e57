//! Names of headers: the compact forms (RFC 3261 §7.3.3), the usual case, and which of them hold lists of addresses.
//! Never refuses a name that it does not know.

/// Headers that hold a list of addresses of which each counts by itself (RFC 3261 §7.3.1).
pub(super) fn is_list(name: &str) -> bool {
    matches!(name, "Via" | "Route" | "Record-Route" | "Contact" | "Path" | "P-Asserted-Identity")
}

/// The spelling we use: compact forms become long, known names get their usual case.
pub(super) fn long_name(name: &str) -> String {
    let compact = COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map(|(_, long)| *long);
    let usual = || USUAL.into_iter().find(|usual| usual.eq_ignore_ascii_case(name));
    compact.or_else(usual).unwrap_or(name).to_owned()
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
            ("v", "Via"),
            ("V", "Via"),
            ("vIA", "Via"),
            ("call-id", "Call-ID"),
            ("L", "Content-Length"),
            ("X-y", "X-y"),
        ] {
            assert_eq!(long_name(name), long);
        }
    }
}
