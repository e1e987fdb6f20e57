//! What each torture message of RFC 4475 and RFC 5118 gets: one table, for the crate and for the daemon's sockets.
//! Never asks: `sip/tests/torture.rs` does so without sockets, the daemon's `tests/torture.rs` with them.

use Expected::*;

/// What a message gets, sent as a datagram by a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// One answer with this status, and nothing else happens.
    Answer(u16),
    /// A 100, and a call for this number.
    Call(&'static str),
    /// Nothing at all.
    Silence,
}

/// Name, section, what is expected, and why where the RFC leaves it open.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str, Expected, &str)] = &[
    // RFC 4475 §3.1.1: valid.
    ("wsinv",      "4475 3.1.1.1",  Answer(481), "valid, but it has a tag in To and we have no such dialog"),
    ("intmeth",    "4475 3.1.1.2",  Answer(501), "an endpoint does not know the method"),
    ("esc01",      "4475 3.1.1.3",  Call("sips:user@example.com"), ""),
    ("escnull",    "4475 3.1.1.4",  Answer(401), "every REGISTER has to prove who sends it"),
    ("esc02",      "4475 3.1.1.5",  Answer(501), "% is no escape in a method, so this is not REGISTER"),
    ("lwsdisp",    "4475 3.1.1.6",  Answer(200), ""),
    ("longreq",    "4475 3.1.1.7",  Call("user"), ""),
    ("dblreq",     "4475 3.1.1.8",  Answer(401), "the REGISTER; the INVITE behind it is not looked at"),
    ("semiuri",    "4475 3.1.1.9",  Answer(200), ""),
    ("transports", "4475 3.1.1.10", Answer(200), ""),
    ("mpart01",    "4475 3.1.1.11", Answer(405), "valid, but there is no MESSAGE here"),
    ("unreason",   "4475 3.1.1.12", Silence,     "valid, but it answers nothing that we sent"),
    ("noreason",   "4475 3.1.1.13", Silence,     "valid, but it answers nothing that we sent"),
    // §3.1.2: invalid.
    ("badinv01",   "4475 3.1.2.1",  Answer(400), ""),
    ("clerr",      "4475 3.1.2.2",  Answer(400), ""),
    ("ncl",        "4475 3.1.2.3",  Answer(400), ""),
    ("scalar02",   "4475 3.1.2.4",  Answer(400), ""),
    ("scalarlg",   "4475 3.1.2.5",  Silence,     "a response that cannot be read is dropped"),
    ("quotbal",    "4475 3.1.2.6",  Answer(400), ""),
    ("ltgtruri",   "4475 3.1.2.7",  Answer(400), ""),
    ("lwsruri",    "4475 3.1.2.8",  Answer(400), ""),
    ("lwsstart",   "4475 3.1.2.9",  Answer(400), "may be borne; nobody sends it by mistake"),
    ("trws",       "4475 3.1.2.10", Answer(400), "may be borne; nobody sends it by mistake"),
    ("escruri",    "4475 3.1.2.11", Answer(400), "the headers may be ignored; refusing cannot be misunderstood"),
    ("baddate",    "4475 3.1.2.12", Call("user"), "may be refused; we have no use for a Date"),
    ("regbadct",   "4475 3.1.2.13", Answer(400), "whose parameters they are would be a guess"),
    ("badaspec",   "4475 3.1.2.14", Answer(200), "may be refused; blanks in the brackets can be borne"),
    ("baddn",      "4475 3.1.2.15", Answer(200), "may be refused; a comma in a name can be borne where no list may be"),
    ("badvers",    "4475 3.1.2.16", Answer(505), ""),
    ("mismatch01", "4475 3.1.2.17", Answer(400), ""),
    ("mismatch02", "4475 3.1.2.18", Answer(501), "or 400; the method is unknown, whatever CSeq says"),
    ("bigcode",    "4475 3.1.2.19", Silence,     "a response that cannot be read is dropped"),
    // §3.2 to §3.4: transactions, applications, the old RFC.
    ("badbranch",  "4475 3.2.1",    Answer(200), "the bare cookie is taken for a client of RFC 2543"),
    ("insuf",      "4475 3.3.1",    Answer(400), ""),
    ("unkscm",     "4475 3.3.2",    Answer(416), ""),
    ("novelsc",    "4475 3.3.3",    Answer(416), ""),
    ("unksm2",     "4475 3.3.4",    Answer(400), ""),
    ("bext01",     "4475 3.3.5",    Answer(420), ""),
    ("invut",      "4475 3.3.6",    Answer(415), ""),
    ("regaut01",   "4475 3.3.7",    Answer(401), ""),
    ("multi01",    "4475 3.3.8",    Answer(400), ""),
    ("mcl01",      "4475 3.3.9",    Answer(400), ""),
    ("bcast",      "4475 3.3.10",   Silence,     ""),
    ("zeromf",     "4475 3.3.11",   Answer(200), "a proxy must not forward it; we are where it ends"),
    ("cparam01",   "4475 3.3.12",   Answer(401), "every REGISTER has to prove who sends it"),
    ("cparam02",   "4475 3.3.13",   Answer(401), "every REGISTER has to prove who sends it"),
    ("regescrt",   "4475 3.3.14",   Answer(401), "every REGISTER has to prove who sends it"),
    ("sdp01",      "4475 3.3.15",   Answer(406), ""),
    ("inv2543",    "4475 3.4.1",    Call("UserB"), ""),
    // RFC 5118.
    ("ipv6-good",                     "5118 4.1",  Answer(401), "every REGISTER has to prove who sends it"),
    ("ipv6-bad",                      "5118 4.2",  Answer(400), ""),
    ("port-ambiguous",                "5118 4.3",  Answer(401), "every REGISTER has to prove who sends it"),
    ("port-unambiguous",              "5118 4.4",  Answer(401), "every REGISTER has to prove who sends it"),
    ("via-received-param-with-delim", "5118 4.5",  Answer(481), "there is no such dialog"),
    ("via-received-param-no-delim",   "5118 4.5",  Answer(200), ""),
    ("ipv6-in-sdp",                   "5118 4.6",  Call("user"), ""),
    ("mult-ip-in-header",             "5118 4.7",  Answer(481), "there is no such dialog"),
    ("mult-ip-in-sdp",                "5118 4.8",  Call("user"), ""),
    ("ipv4-mapped-ipv6",              "5118 4.9",  Call("user"), ""),
    ("ipv6-bug-abnf-3-colons",        "5118 4.10", Answer(200), ""),
    ("ipv6-correct-abnf-2-colons",    "5118 4.10", Answer(200), ""),
];
