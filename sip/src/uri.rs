//! Addresses: SIP, SIPS and tel URIs, name-addr values, their parameters (RFC 3261 §19.1, §20.10, §25; RFC 3966).
//! Never resolves a name, and keeps users and parameters in their escaped form so that what came in goes out unchanged.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use memchr::{memchr, memchr2, memchr3, memrchr};

use crate::wire::shown;
use crate::wire::text::{self, cut};

/// The text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SIP address: {0}")]
pub struct UriError(&'static str);

/// The characters that most URIs consist of, none of which would have to be escaped.
const USUAL: [bool; 256] = {
    let mut usual = [false; 256];
    let mut byte = 0;
    while byte < usual.len() {
        usual[byte] = (byte as u8).is_ascii_graphic() && !matches!(byte as u8, b'<' | b'>' | b'"');
        byte += 1;
    }
    usual
};

/// The port of SIP over UDP and TCP when none is written (RFC 3261 §19.1.2).
pub const DEFAULT_PORT: u16 = 5060;

/// A host: a name, or an address. IPv6 addresses are written in brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// A domain name, as it was written.
    Name(String),
    /// A literal address.
    Address(IpAddr),
}

impl Host {
    /// Reads a host without its port; brackets around an IPv6 address are optional here.
    pub fn parse(text: &str) -> Result<Host, UriError> {
        if let Some(reference) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            // The third colon comes from a mistake in the grammar of RFC 3261, and has to be borne (RFC 5118 §4.10).
            let address = reference.parse().or_else(|_| reference.replacen(":::", "::", 1).parse());
            return address.map(|six| Host::Address(IpAddr::V6(six))).map_err(|_| UriError("not an IPv6 address"));
        }
        if (text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':'))
            && let Ok(address) = text.parse::<IpAddr>()
        {
            return Ok(Host::Address(address));
        }
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if text.is_empty() || !text.bytes().all(good) {
            return Err(UriError("the host is neither a name nor an address"));
        }
        Ok(Host::Name(text.to_owned()))
    }

    /// Whether both mean the same host; names don't mind their case.
    pub fn same(&self, other: &Host) -> bool {
        match (self, other) {
            (Host::Name(one), Host::Name(two)) => one.eq_ignore_ascii_case(two),
            (Host::Address(one), Host::Address(two)) => one == two,
            (Host::Name(_), Host::Address(_)) | (Host::Address(_), Host::Name(_)) => false,
        }
    }

    /// The literal address, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Host::Name(_) => None,
            Host::Address(address) => Some(*address),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => {
                let mut text = Short::default();
                for (at, octet) in address.octets().into_iter().enumerate() {
                    if at > 0 {
                        text.push(b'.');
                    }
                    text.number(octet.into());
                }
                f.write_str(text.as_str())
            }
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(crate) fn host_and_port(text: &str) -> Result<(Host, Option<u16>), UriError> {
    let text = text.trim_ascii();
    let (host, port) = if text.starts_with('[') {
        let end = text.find(']').ok_or(UriError("a bracket is not closed"))? + 1;
        (&text[..end], text[end..].trim_ascii())
    } else {
        let end = text.bytes().position(|byte| byte == b':').unwrap_or(text.len());
        (text[..end].trim_ascii_end(), &text[end..])
    };
    let host = Host::parse(host)?;
    if port.is_empty() {
        return Ok((host, None));
    }
    let digits = port.strip_prefix(':').ok_or(UriError("something stands behind the host"))?.trim_ascii();
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(UriError("the port is not a number"));
    }
    Ok((host, Some(digits.parse().map_err(|_| UriError("the port is too large"))?)))
}

/// Writes `:port`, if there is one.
pub(crate) fn write_port(port: Option<u16>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(port) = port else { return Ok(()) };
    let mut text = Short::default();
    text.push(b':');
    text.number(port);
    f.write_str(text.as_str())
}

/// A short text in ASCII on the stack: a number or an address on its way into a message.
#[derive(Default)]
struct Short {
    bytes: [u8; 15],
    length: usize,
}

impl Short {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn number(&mut self, number: u16) {
        for divisor in [10_000, 1000, 100, 10, 1] {
            if number >= divisor || divisor == 1 {
                self.push(b'0' + (number / divisor % 10) as u8);
            }
        }
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or("")
    }
}

/// Parameters in their order: `;name` or `;name=value`, values as they were written.
///
/// Kept as the one text that is written. In it a quote or a bracket that was opened is always closed again, so that
/// what is added stands outside of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(Box<str>);

impl Params {
    /// Reads `a=b;c;d="e;f"`, with or without a leading semicolon.
    pub fn parse(text: &str) -> Params {
        if text.is_empty() {
            return Params::default();
        }
        let mut rest = text.strip_prefix(';').unwrap_or(text);
        let mut written = String::with_capacity(rest.len() + 1);
        loop {
            let end = find_outside(rest, b';');
            let part = rest[..end.unwrap_or(rest.len())].trim_ascii();
            if !part.is_empty() {
                let (name, value) = name_and_value(part);
                push_param(&mut written, name.trim_ascii_end(), value.map(str::trim_ascii_start));
            }
            match end {
                Ok(end) => rest = &rest[end + 1..],
                Err("") => return Params(written.into()),
                Err(_) => break,
            }
        }
        // A quote within a bracket leaves that open.
        for _ in 0..2 {
            let closing = unclosed(&written);
            written.push_str(closing);
        }
        Params(written.into())
    }

    /// Parameters of ours.
    pub(crate) fn of(pairs: &[(&str, Option<&str>)]) -> Params {
        let lengths = pairs.iter().map(|(name, value)| 1 + name.len() + value.map_or(0, |value| 1 + value.len()));
        let mut written = String::with_capacity(lengths.sum());
        for (name, value) in pairs {
            push_param(&mut written, name, *value);
        }
        Params(written.into())
    }

    /// The value of a parameter, empty for one that stands without a value; names don't mind their case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parts().find_map(|part| {
            let (own, value) = part.split_at_checked(name.len())?;
            let is_this = own.eq_ignore_ascii_case(name) && (value.is_empty() || value.starts_with('='));
            is_this.then(|| value.strip_prefix('=').unwrap_or(""))
        })
    }

    /// Whether the parameter is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a parameter, in its old place if it was there.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut written = String::with_capacity(self.0.len() + name.len() + value.len() + 2);
        let mut is_there = false;
        for (own, old) in self.iter() {
            let is_this = !is_there && own.eq_ignore_ascii_case(name);
            is_there |= is_this;
            push_param(&mut written, own, if is_this { Some(value) } else { old });
        }
        if !is_there {
            push_param(&mut written, name, Some(value));
        }
        self.0 = written.into();
    }

    /// Drops a parameter.
    pub fn remove(&mut self, name: &str) {
        if self.has(name) {
            let mut written = String::with_capacity(self.0.len());
            for (own, value) in self.iter().filter(|(own, _)| !own.eq_ignore_ascii_case(name)) {
                push_param(&mut written, own, value);
            }
            self.0 = written.into();
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.parts().map(name_and_value)
    }

    /// What they say, whatever their order, case and escapes.
    fn compared(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.iter().map(|(name, value)| (lower(name), lower(value.unwrap_or("")))).collect()
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        split_outside(self.0.strip_prefix(';').unwrap_or(""), b';').filter(|part| !part.is_empty())
    }
}

fn name_and_value(part: &str) -> (&str, Option<&str>) {
    cut(part, b'=').map_or((part, None), |(name, value)| (name, Some(value)))
}

fn push_param(written: &mut String, name: &str, value: Option<&str>) {
    written.push(';');
    written.push_str(name);
    if let Some(value) = value {
        written.push('=');
        written.push_str(value);
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A URI. What is escaped stays escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uri {
    /// `sip:` and `sips:`.
    Sip(SipUri),
    /// `tel:`, with the parameters behind the number.
    Tel {
        /// The number, as it was written.
        number: String,
        /// For example `phone-context`.
        params: Params,
    },
    /// Any other scheme, kept as text.
    Other {
        /// In lower case.
        scheme: String,
        /// What stands behind the colon.
        rest: String,
    },
}

/// The parts of a `sip:` or `sips:` URI (RFC 3261 §19.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipUri {
    /// `sips:` rather than `sip:`.
    pub secure: bool,
    /// What stands before the `@`, escaped, with a password if there was one.
    pub user: Option<String>,
    /// The host.
    pub host: Host,
    /// The port, if it was written.
    pub port: Option<u16>,
    /// For example `transport` and `lr`.
    pub params: Params,
    /// What stands behind the `?`.
    pub headers: Option<String>,
}

impl Uri {
    /// Reads a URI.
    pub fn parse(text: &str) -> Result<Uri, UriError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"');
        if !text.bytes().all(|byte| USUAL[usize::from(byte)]) && text.chars().any(bad) {
            return Err(UriError("a character that must be escaped"));
        }
        let (scheme, rest) = cut(text, b':').ok_or(UriError("no scheme"))?;
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(good) {
            return Err(UriError("the scheme is not a word"));
        }
        if rest.is_empty() {
            return Err(UriError("nothing behind the scheme"));
        }
        if scheme.eq_ignore_ascii_case("sip") {
            Ok(Uri::Sip(SipUri::parse(false, rest)?))
        } else if scheme.eq_ignore_ascii_case("sips") {
            Ok(Uri::Sip(SipUri::parse(true, rest)?))
        } else if scheme.eq_ignore_ascii_case("tel") {
            let (number, params) = cut(rest, b';').unwrap_or((rest, ""));
            Ok(Uri::Tel { number: number.to_owned(), params: Params::parse(params) })
        } else {
            Ok(Uri::Other { scheme: scheme.to_ascii_lowercase(), rest: rest.to_owned() })
        }
    }

    /// Builds `sip:user@host:port`; the user is escaped.
    pub fn sip(user: Option<&str>, host: Host, port: Option<u16>) -> Uri {
        let user = user.filter(|user| !user.is_empty()).map(escape_user);
        Uri::Sip(SipUri { secure: false, user, host, port, params: Params::default(), headers: None })
    }

    /// The user or the number, unescaped, without a password or telephone parameters; empty if there is none. A number
    /// of `tel:` or with `user=phone` comes without its visual separators (RFC 3966 §5.1.1).
    pub fn user(&self) -> String {
        match self {
            Uri::Sip(uri) => {
                let user = uri.user.as_deref().unwrap_or("");
                let user = user.split(':').next().unwrap_or("");
                let user = unescape(user.split(';').next().unwrap_or(""));
                let is_phone = uri.params.get("user").is_some_and(|kind| kind.eq_ignore_ascii_case("phone"));
                if is_phone && user.starts_with(|c: char| c == '+' || c.is_ascii_digit()) {
                    without_separators(&user)
                } else {
                    user
                }
            }
            Uri::Tel { number, .. } => without_separators(&unescape(number)),
            Uri::Other { .. } => String::new(),
        }
    }

    /// The host of a SIP URI.
    pub fn host(&self) -> Option<&Host> {
        match self {
            Uri::Sip(uri) => Some(&uri.host),
            Uri::Tel { .. } | Uri::Other { .. } => None,
        }
    }

    /// The literal address and port a SIP URI names; none for a domain name, which only a resolver can turn into one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Uri::Sip(uri) => {
                let port = uri.port.filter(|port| *port != 0).unwrap_or(DEFAULT_PORT);
                Some(SocketAddr::new(uri.host.address()?, port))
            }
            Uri::Tel { .. } | Uri::Other { .. } => None,
        }
    }

    /// A parameter of the URI itself.
    pub fn param(&self, name: &str) -> Option<&str> {
        match self {
            Uri::Sip(uri) => uri.params.get(name),
            Uri::Tel { params, .. } => params.get(name),
            Uri::Other { .. } => None,
        }
    }

    /// Whether both mean the same (RFC 3261 §19.1.4, RFC 3966 §4): a default that is written is not the same as one that
    /// is left out, and `sips:` never the same as `sip:`.
    pub fn same(&self, other: &Uri) -> bool {
        match (self, other) {
            (Uri::Sip(one), Uri::Sip(two)) => one.same(two),
            (Uri::Tel { number: one, params }, Uri::Tel { number: two, params: others }) => {
                let number = |text: &str| lower(&without_separators(text));
                number(one) == number(two) && params.compared() == others.compared()
            }
            (Uri::Other { scheme: one, rest }, Uri::Other { scheme: two, rest: other }) => one == two && rest == other,
            (Uri::Sip(_) | Uri::Tel { .. } | Uri::Other { .. }, _) => false,
        }
    }

    /// The URI as it may stand in a request line: without `method` and headers (RFC 3261 §19.1.1, table 1).
    pub fn for_request_line(&self) -> Uri {
        let mut uri = self.clone();
        if let Uri::Sip(uri) = &mut uri {
            uri.params.remove("method");
            uri.headers = None;
        }
        uri
    }
}

impl SipUri {
    fn parse(secure: bool, text: &str) -> Result<SipUri, UriError> {
        // The user part may hold `;` and `?`, so it is cut off first.
        let (user, rest) = match memrchr(b'@', text.as_bytes()) {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        if user == Some("") {
            return Err(UriError("no user before the @"));
        }
        let (rest, headers) = cut(rest, b'?').map_or((rest, None), |(rest, headers)| (rest, Some(headers.to_owned())));
        let (place, params) = cut(rest, b';').unwrap_or((rest, ""));
        let (host, port) = host_and_port(place)?;
        Ok(SipUri { secure, user: user.map(str::to_owned), host, port, params: Params::parse(params), headers })
    }

    fn same(&self, other: &SipUri) -> bool {
        let user = |uri: &SipUri| uri.user.as_deref().map(plain);
        let headers = |uri: &SipUri| {
            let mut headers: Vec<_> = uri.headers.as_deref().unwrap_or("").split('&').map(lower).collect();
            headers.sort_unstable();
            headers
        };
        self.secure == other.secure
            && self.host.same(&other.host)
            && self.port == other.port
            && user(self) == user(other)
            && same_params(&self.params, &other.params)
            && headers(self) == headers(other)
    }
}

/// Parameters of a SIP URI that mean something other than their absence, whatever their value; all others only count where
/// both URIs have them (RFC 3261 §19.1.4).
const NEVER_IGNORED: [&[u8]; 5] = [b"transport", b"user", b"ttl", b"method", b"maddr"];

fn same_params(one: &Params, two: &Params) -> bool {
    let (one, two) = (one.compared(), two.compared());
    let agrees = |(name, value): (&Vec<u8>, &Vec<u8>), others: &BTreeMap<Vec<u8>, Vec<u8>>| match others.get(name) {
        Some(other) => value == other,
        None => !NEVER_IGNORED.contains(&name.as_slice()),
    };
    one.iter().all(|param| agrees(param, &two)) && two.iter().all(|param| agrees(param, &one))
}

/// A part of a URI as it is compared: what need not be escaped is not, and what is escaped because it would mean
/// something else stays so (RFC 3261 §19.1.4).
fn plain(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                let byte = (high * 16 + low) as u8;
                if b";/?:@&=+$,%".contains(&byte) {
                    plain.extend_from_slice(&bytes[at..at + 3].to_ascii_uppercase());
                } else {
                    plain.push(byte);
                }
                at += 3;
            }
            (byte, _, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    plain
}

/// The same of a part in which case means nothing.
fn lower(text: &str) -> Vec<u8> {
    plain(text).to_ascii_lowercase()
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Uri::Sip(uri) => {
                f.write_str(if uri.secure { "sips:" } else { "sip:" })?;
                if let Some(user) = &uri.user {
                    f.write_str(user)?;
                    f.write_str("@")?;
                }
                uri.host.fmt(f)?;
                write_port(uri.port, f)?;
                uri.params.fmt(f)?;
                match &uri.headers {
                    Some(headers) => write!(f, "?{headers}"),
                    None => Ok(()),
                }
            }
            Uri::Tel { number, params } => write!(f, "tel:{number}{params}"),
            Uri::Other { scheme, rest } => write!(f, "{scheme}:{rest}"),
        }
    }
}

/// An address with an optional name before it and header parameters behind it: From, To, Contact, Route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// The name to show, without its quotes and control characters; what is not UTF-8 is read as Latin-1.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// The header's parameters, for example `tag`.
    pub params: Params,
}

impl NameAddr {
    /// An address alone.
    pub fn new(uri: Uri) -> NameAddr {
        NameAddr { display: None, uri, params: Params::default() }
    }

    /// Reads `"Name" <sip:a@b>;tag=c`, `Name <sip:a@b>` or `sip:a@b;tag=c`. Without brackets the parameters belong to
    /// the header, not to the URI (RFC 3261 §20.10).
    pub fn parse(text: &str) -> Result<NameAddr, UriError> {
        let text = text.trim_ascii();
        let (display, rest) = if text.starts_with('"') {
            let (display, rest) = quoted(text).ok_or(UriError("a quote is not closed"))?;
            (Some(display), rest.trim_ascii_start())
        } else {
            match memchr(b'<', text.as_bytes()) {
                Some(at) => {
                    let display = text[..at].trim_ascii();
                    ((!display.is_empty()).then(|| display.to_owned()), &text[at..])
                }
                None => (None, text),
            }
        };
        let display = display.map(|display| shown(&display));
        if let Some(rest) = rest.strip_prefix('<') {
            let (uri, params) = cut(rest, b'>').ok_or(UriError("a bracket is not closed"))?;
            let params = params.trim_ascii();
            if !params.is_empty() && !params.starts_with(';') {
                return Err(UriError("something stands behind the address"));
            }
            return Ok(NameAddr { display, uri: Uri::parse(uri.trim_ascii())?, params: Params::parse(params) });
        }
        if display.is_some() {
            return Err(UriError("a name without an address in brackets"));
        }
        let (uri, params) = cut(rest, b';').unwrap_or((rest, ""));
        if uri.contains(['?', ',']) {
            // RFC 3261 §20: then it must stand in brackets.
            return Err(UriError("an address that needs brackets"));
        }
        Ok(NameAddr { display: None, uri: Uri::parse(uri.trim_ascii())?, params: Params::parse(params) })
    }

    /// The dialog tag; absent and empty are the same (RFC 3261 §12.1.1).
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            let plain: String = display.chars().filter(|c| !c.is_control()).collect();
            write!(f, "\"{}\" ", plain.replace('\\', "\\\\").replace('"', "\\\""))?;
        }
        f.write_str("<")?;
        self.uri.fmt(f)?;
        f.write_str(">")?;
        self.params.fmt(f)
    }
}

/// Reads a quoted string at the start: its content and what follows it.
pub(crate) fn quoted(text: &str) -> Option<(String, &str)> {
    let mut content = String::new();
    let mut chars = text.char_indices();
    chars.next().filter(|(_, c)| *c == '"')?;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((content, &text[at + 1..])),
            '\\' => content.push(chars.next()?.1),
            other => content.push(other),
        }
    }
    None
}

/// Cuts a text at a separator that stands neither in quotes nor in angle brackets.
pub(crate) fn split_outside(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = find_outside(current, separator).ok();
        rest = end.map(|end| &current[end + 1..]);
        Some(&current[..end.unwrap_or(current.len())])
    })
}

/// Where a separator first stands neither in quotes nor in angle brackets; if nowhere, what would close the innermost
/// that is open at the end.
fn find_outside(text: &str, separator: u8) -> Result<usize, &'static str> {
    let bytes = text.as_bytes();
    let (mut at, mut in_brackets) = (0, false);
    loop {
        let rest = &bytes[at..];
        let found = if in_brackets { memchr2(b'"', b'>', rest) } else { memchr3(separator, b'"', b'<', rest) };
        let found = found.ok_or(if in_brackets { ">" } else { "" })?;
        at += found + 1;
        match rest[found] {
            b'"' => at += quote_end(&bytes[at..])?,
            b'<' => in_brackets = true,
            b'>' => in_brackets = false,
            _ => return Ok(at - 1),
        }
    }
}

/// Where a text goes on behind the quote that is open at its start; if nowhere, what would close that.
fn quote_end(bytes: &[u8]) -> Result<usize, &'static str> {
    let mut at = 0;
    loop {
        // Behind the end stands what a backslash at the end would escape.
        let rest = bytes.get(at..).ok_or("\\\"")?;
        at += memchr2(b'"', b'\\', rest).ok_or("\"")? + 1;
        if bytes[at - 1] == b'"' {
            return Ok(at);
        }
        at += 1;
    }
}

/// What would close the innermost quote or bracket that is open at the end of a list of parameters.
fn unclosed(params: &str) -> &'static str {
    let mut rest = params;
    loop {
        match find_outside(rest, b';') {
            Ok(at) => rest = &rest[at + 1..],
            Err(closing) => return closing,
        }
    }
}

/// Whether a literal address given by a peer can be reached from here, knowing where the peer's packets come from: an
/// address that only means something behind the peer's NAT cannot.
pub(crate) fn reachable(claimed: IpAddr, source: IpAddr) -> bool {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Scope {
        Nowhere,
        Host,
        Site,
        World,
    }
    fn scope(address: IpAddr) -> Scope {
        match address {
            _ if address.is_unspecified() || address.is_multicast() => Scope::Nowhere,
            _ if address.is_loopback() => Scope::Host,
            IpAddr::V4(v4) => {
                let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
                if v4.is_broadcast() {
                    Scope::Nowhere
                } else if v4.is_private() || v4.is_link_local() || shared {
                    Scope::Site
                } else {
                    Scope::World
                }
            }
            IpAddr::V6(v6) => {
                let local = v6.segments()[0] & 0xfe00 == 0xfc00 || v6.segments()[0] & 0xffc0 == 0xfe80;
                if local { Scope::Site } else { Scope::World }
            }
        }
    }
    let claimed_scope = scope(claimed);
    claimed_scope != Scope::Nowhere && claimed_scope >= scope(source) && claimed.is_ipv4() == source.is_ipv4()
}

/// The most characters of a stranger's user name that are told.
const TOLD_CHARACTERS_MAX: usize = 64;

/// A user name of a stranger, to be read by people: short, and nothing in it that could end a line or a quotation.
pub(crate) fn told(user: &str) -> String {
    escape_user(&user.chars().take(TOLD_CHARACTERS_MAX).collect::<String>())
}

/// Escapes what may not stand in a user part (RFC 3261 §25.1, `user-unreserved`, without `;` and `?`, which confuse
/// peers).
fn escape_user(user: &str) -> String {
    let mut escaped = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    shown(&text::read(&plain))
}

fn without_separators(number: &str) -> String {
    number.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_comes_out_as_it_went_in() {
        for text in [
            "sip:alice@example.com",
            "sip:john.doe@192.0.2.1:5070;transport=tls;lr",
            "sips:+49301234567;phone-context=x@[2001:db8::1]:5061",
            "sip:example.com?Subject=hi",
            "sip:a%20b:secret@host.example;foo",
            "tel:+49-30-1234;phone-context=example.com",
            "urn:service:sos",
        ] {
            assert_eq!(Uri::parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn the_user_is_read_without_escapes_and_parameters() {
        for (text, user) in [
            ("sip:john.doe@x", "john.doe"),
            ("sip:a%20b:secret@x", "a b"),
            ("sip:+4930;phone-context=y@x", "+4930"),
            ("tel:+4930;isub=1", "+4930"),
            ("tel:+49-(30).12", "+493012"),
            ("sip:+49-30@x;user=phone", "+4930"),
            ("sip:+49-30@x", "+49-30"),
            ("sip:anna-maria@x;user=phone", "anna-maria"),
            ("sip:user;par=u%40example.net@x", "user"),
            ("sip:sips%3Auser%40example.com@x", "sips:user@example.com"),
            ("sip:null-%00-null@x", "null--null"),
            ("sip:M%FCller%C3%BC@x", "M\u{fc}ller\u{fc}"),
            ("sip:x", ""),
        ] {
            assert_eq!(Uri::parse(text).expect(text).user(), user);
        }
    }

    #[test]
    fn what_is_not_a_uri_is_refused() {
        for text in [
            "",
            "sip:",
            "alice",
            "sip:@x",
            "sip:a@",
            "sip:a@x:99999",
            "sip:a@x:y",
            "sip:a b@x",
            "sip:[::1",
            "1x:y",
            "sip:2001:db8::10",
            "sip:[2001:db8::::192.0.2.1]",
            "sip:[192.0.2.1]",
            "sip:[]",
            "sip:[x]",
            "<sip:a@b>",
        ] {
            assert!(Uri::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn brackets_tell_an_address_from_its_port() {
        // RFC 5118 §4.3, §4.4, §4.9, §4.10.
        for (text, written, address) in [
            ("sip:[2001:db8::10:5070]", "sip:[2001:db8::10:5070]", "[2001:db8::10:5070]:5060"),
            ("sip:[2001:db8::10]:5070", "sip:[2001:db8::10]:5070", "[2001:db8::10]:5070"),
            ("sip:a@[::ffff:192.0.2.2]", "sip:a@[::ffff:192.0.2.2]", "[::ffff:192.0.2.2]:5060"),
            ("sip:a@[2001:db8::192.0.2.1]", "sip:a@[2001:db8::c000:201]", "[2001:db8::c000:201]:5060"),
            ("sip:a@[2001:db8:::192.0.2.1]", "sip:a@[2001:db8::c000:201]", "[2001:db8::c000:201]:5060"),
            ("sip:a@192.0.2.1:0", "sip:a@192.0.2.1:0", "192.0.2.1:5060"),
        ] {
            let uri = Uri::parse(text).expect(text);
            assert_eq!(uri.to_string(), written);
            assert_eq!(uri.address().map(|address| address.to_string()).as_deref(), Some(address));
        }
    }

    #[test]
    fn two_uris_are_the_same_as_the_rfc_says() {
        #[rustfmt::skip]
        let rows = [
            // RFC 3261 §19.1.4, its own examples.
            ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true),
            ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true),
            ("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true),
            ("sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true),
            ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false),
            ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false),
            ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false),
            ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false),
            // A user that is escaped for its meaning; a password; order; addresses; other schemes.
            ("sip:a%40b@c", "sip:a%40B@c", false),
            ("sip:a%2Fb@c", "sip:a%2fb@c", true),
            ("sip:a%2fb@c", "sip:a/b@c", false),
            ("sip:a%23b@c", "sip:a#b@c", true),
            ("sip:a%2525@c", "sip:a%25@c", false),
            ("sip:a:x@c", "sip:a:y@c", false),
            ("sip:a@c", "sip:c", false),
            ("sip:a@c;x=1;y=2", "sip:a@c;Y=2;X=1", true),
            ("sip:a@c;ttl=1", "sip:a@c", false),
            ("sip:a@c;user=phone", "sip:a@c", false),
            ("sip:a@c;lr", "sip:a@c", true),
            ("sip:a@[2001:DB8::1]", "sip:a@[2001:db8:0::1]", true),
            ("sip:a@c", "sips:a@c", false),
            ("tel:+49-30-1234", "tel:+49(30)1234", true),
            ("tel:1234;phone-context=example.com", "tel:1234;phone-context=EXAMPLE.com", true),
            ("tel:1234;phone-context=example.com", "tel:1234", false),
            ("tel:+4930", "sip:+4930@c", false),
            ("urn:service:sos", "URN:service:sos", true),
        ];
        for (one, two, expected) in rows {
            let (parsed, other) = (Uri::parse(one).expect(one), Uri::parse(two).expect(two));
            assert_eq!((parsed.same(&other), other.same(&parsed)), (expected, expected), "{one} {two}");
            assert!(parsed.same(&parsed) && other.same(&other), "{one} {two}");
        }
    }

    #[test]
    fn parameters_within_brackets_are_the_uris() {
        // RFC 4475 §3.3.12 and §3.3.13.
        let outside = NameAddr::parse("sip:+1972@gw1.example.net;unknownparam").expect("an address");
        assert!(outside.params.has("unknownparam") && outside.uri.param("unknownparam").is_none());
        let inside = NameAddr::parse("<sip:+1972@gw1.example.net;unknownparam>").expect("an address");
        assert!(!inside.params.has("unknownparam") && inside.uri.param("unknownparam").is_some());
    }

    #[test]
    fn a_name_in_latin_1_is_readable() {
        let text = text::read(b"\"M\xfc\x07ller\" <sip:a@b>");
        assert_eq!(NameAddr::parse(&text).expect("an address").display.as_deref(), Some("M\u{fc}ller"));
    }

    #[test]
    fn a_name_addr_keeps_name_and_tag() {
        for (text, display, uri, tag) in [
            ("\"A \\\"B\\\", C\" <sip:a@b>;tag=1", Some("A \"B\", C"), "sip:a@b", Some("1")),
            ("Alice Doe <sip:a@b;lr>", Some("Alice Doe"), "sip:a@b;lr", None),
            ("sip:a@b;tag=2", None, "sip:a@b", Some("2")),
            ("<sip:a@[::1]>; tag = 3", None, "sip:a@[::1]", Some("3")),
            ("<sip:a@b>;tag=", None, "sip:a@b", None),
        ] {
            let parsed = NameAddr::parse(text).expect(text);
            assert_eq!(parsed.display.as_deref(), display);
            assert_eq!(parsed.uri.to_string(), uri);
            assert_eq!(parsed.tag(), tag);
            assert_eq!(NameAddr::parse(&parsed.to_string()), Ok(parsed));
        }
        for text in
            ["\"open <sip:a@b>", "<sip:a@b", "Alice", "\"A\" sip:a@b", "<sip:a@b> x", "sip:a@b?c=d", "sip:a,b@c"]
        {
            assert!(NameAddr::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn parameters_are_found_and_set_whatever_is_quoted() {
        for (text, written, set) in [
            ("", "", ";tag=x"),
            (";;a = b ; ;c", ";a=b;c", ";a=b;c;tag=x"),
            ("a;TAG=1;tag=2", ";a;TAG=1;tag=2", ";a;TAG=x;tag=2"),
            (";q=\"e;tag=f\\\";\";tag", ";q=\"e;tag=f\\\";\";tag", ";q=\"e;tag=f\\\";\";tag=x"),
            (";i=<a;b>;tags=1", ";i=<a;b>;tags=1", ";i=<a;b>;tags=1;tag=x"),
            // What is not closed ends where the text does.
            (";q=\"a;b ", ";q=\"a;b\"", ";q=\"a;b\";tag=x"),
            (";q=\"a\\", ";q=\"a\\\\\"", ";q=\"a\\\\\";tag=x"),
            (";i=<a;\"b", ";i=<a;\"b\">", ";i=<a;\"b\">;tag=x"),
        ] {
            let mut params = Params::parse(text);
            assert_eq!(params.to_string(), written, "{text}");
            assert_eq!(Params::parse(written), params, "{text}");
            params.set("tag", "x");
            assert_eq!((params.to_string().as_str(), params.get("Tag")), (set, Some("x")), "{text}");
            params.remove("tag");
            assert!(!params.has("tag"), "{text}");
        }
        let params = Params::parse("a=b;c;d=");
        assert_eq!(params.iter().collect::<Vec<_>>(), [("a", Some("b")), ("c", None), ("d", Some(""))]);
    }

    #[test]
    fn an_address_behind_nat_is_not_reachable_from_outside() {
        for (claimed, source, expected) in [
            ("192.168.1.5", "203.0.113.9", false),
            ("192.168.1.5", "192.168.1.1", true),
            ("203.0.113.7", "203.0.113.9", true),
            ("203.0.113.7", "10.0.0.1", true),
            ("127.0.0.1", "10.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("0.0.0.0", "127.0.0.1", false),
            ("::1", "127.0.0.1", false),
            ("fd00::1", "2001:db8::1", false),
        ] {
            let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
            assert_eq!(reachable(parse(claimed), parse(source)), expected, "{claimed} from {source}");
        }
    }
}
