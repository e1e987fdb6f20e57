//! Requests and responses, with rsip's methods and status codes. The only file that names rsip.
//! Never lets rsip read or write bytes: its reader and its writer lose what real phones send.

use std::fmt;
use std::net::SocketAddr;

use rsip::StatusCode;

use crate::body;
use crate::uri::{NameAddr, Uri, split_outside};
use crate::wire::{self, Headers, Raw, Start};

pub(crate) use crate::via::Via;
pub(crate) use rsip::Method;

/// More bytes than the headers of most messages have.
const USUAL_HEADERS: usize = 512;

/// All methods that rsip knows.
const METHODS: [Method; 14] = [
    Method::Invite,
    Method::Ack,
    Method::Bye,
    Method::Cancel,
    Method::Register,
    Method::Options,
    Method::Update,
    Method::PRack,
    Method::Info,
    Method::Refer,
    Method::Notify,
    Method::Subscribe,
    Method::Message,
    Method::Publish,
];

/// The known method of this name; methods are told apart by case (RFC 3261 §7.1).
pub(crate) fn method_of(name: &str) -> Option<Method> {
    METHODS.into_iter().find(|method| name_of(*method) == name)
}

/// A method's name on the wire.
pub(crate) fn name_of(method: Method) -> &'static str {
    match method {
        Method::Ack => "ACK",
        Method::Bye => "BYE",
        Method::Cancel => "CANCEL",
        Method::Info => "INFO",
        Method::Invite => "INVITE",
        Method::Message => "MESSAGE",
        Method::Notify => "NOTIFY",
        Method::Options => "OPTIONS",
        Method::PRack => "PRACK",
        Method::Publish => "PUBLISH",
        Method::Refer => "REFER",
        Method::Register => "REGISTER",
        Method::Subscribe => "SUBSCRIBE",
        Method::Update => "UPDATE",
    }
}

/// A request that is understood but wrong: the status and reason to answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
}

const fn bad(reason: &'static str) -> Fault {
    Fault { status: 400, reason }
}

/// Unless it is the message's own, nothing can be done with it.
const ANOTHER_METHOD: Fault = bad("CSeq Names Another Method");

/// The five fields every message has, read once (RFC 3261 §8.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    /// The top one.
    pub(crate) via: Via,
    pub(crate) from: NameAddr,
    pub(crate) to: NameAddr,
    pub(crate) call_id: String,
    /// The number, at most 2^31 - 1 (RFC 3261 §8.1.1.5).
    pub(crate) cseq: u32,
    /// The method the number belongs to.
    pub(crate) cseq_method: Method,
}

impl Fields {
    fn read(raw: &Raw) -> Result<Fields, Fault> {
        let need =
            |name: &'static str, missing: Fault| raw.first(name).filter(|value| !value.is_empty()).ok_or(missing);
        let via = Via::parse(need("Via", bad("Missing Via"))?).filter(Via::is_ours).ok_or(bad("Bad Via"))?;
        let from = NameAddr::parse(need("From", bad("Missing From"))?).map_err(|_| bad("Bad From"))?;
        let to = NameAddr::parse(need("To", bad("Missing To"))?).map_err(|_| bad("Bad To"))?;
        let call_id = need("Call-ID", bad("Missing Call-ID"))?.to_owned();
        let cseq = need("CSeq", bad("Missing CSeq"))?;
        let (number, cseq_method) = cseq.split_once([' ', '\t']).ok_or(bad("Bad CSeq"))?;
        let number = number_of(number).ok_or(bad("Bad CSeq"))?;
        if number >= 1 << 31 {
            return Err(bad("CSeq Too Large"));
        }
        let cseq_method = method_of(cseq_method.trim()).ok_or(ANOTHER_METHOD)?;
        Ok(Fields { via, from, to, call_id, cseq: number, cseq_method })
    }
}

/// Digits and nothing else: no sign, no blanks.
fn number_of(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

/// What a request has to have in order beyond its five fields. What responses have there is nobody's to hear about.
fn check(raw: &Raw, uri: &Uri) -> Result<(), Fault> {
    let values = |name| raw.headers.all(name);
    if matches!(uri, Uri::Sip(sip) if sip.headers.is_some()) {
        // RFC 3261 §19.1.1, table 1.
        return Err(bad("Headers In Request-URI"));
    }
    if !values("Via").all(Via::is_plausible) {
        return Err(bad("Bad Via"));
    }
    if !values("Max-Forwards").all(|hops| number_of(hops).is_some_and(|hops| hops <= 255)) {
        return Err(bad("Bad Max-Forwards"));
    }
    if !values("Contact").all(|contact| contact == "*" || NameAddr::parse(contact).is_ok()) {
        return Err(bad("Bad Contact"));
    }
    for name in ["Route", "Record-Route"] {
        if !values(name).all(|route| NameAddr::parse(route).is_ok()) {
            return Err(bad("Bad Route"));
        }
    }
    Ok(())
}

/// The To header of an answer: as it came, with our tag if it had none (RFC 3261 §8.2.6.2).
fn tagged(to: &str, address: &NameAddr, tag: &str) -> String {
    if address.tag().is_some() {
        return to.to_owned();
    }
    if address.params.has("tag") {
        // An empty one: another beside it would be a second.
        let mut address = address.clone();
        address.params.set("tag", tag);
        return address.to_string();
    }
    format!("{};tag={tag}", to.trim_end_matches([';', ' ', '\t']))
}

/// What requests and responses share: named header values in their order.
macro_rules! header_access {
    () => {
        /// The first value of a header.
        pub(crate) fn header(&self, name: &str) -> Option<&str> {
            self.headers.first(name)
        }

        /// All values of a header, one for each time it stands there (or for each element, for lists of addresses).
        pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
            self.headers.all(name)
        }

        /// Adds a header at the end.
        pub(crate) fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
            self.headers.push(name, value);
            self
        }

        /// Adds a session description.
        pub(crate) fn with_sdp(self, sdp: Vec<u8>) -> Self {
            let mut with = self.with("Content-Type", "application/sdp");
            with.body = sdp;
            with
        }

        pub(crate) fn body(&self) -> &[u8] {
            &self.body
        }

        /// The session description, if the body is one or holds one.
        pub(crate) fn sdp(&self) -> Option<Vec<u8>> {
            let encoding = self.header("Content-Encoding").unwrap_or("");
            let content_type = self.header("Content-Type").unwrap_or("");
            body::session_description(content_type, encoding, self.body()).map(<[u8]>::to_vec)
        }

        /// The Contact's address, if it names exactly what a dialog needs (RFC 3261 §12.1).
        pub(crate) fn contact(&self) -> Option<Uri> {
            NameAddr::parse(self.header("Contact")?).ok().map(|contact| contact.uri)
        }

        /// The route this message recorded, in its order.
        pub(crate) fn record_route(&self) -> Vec<NameAddr> {
            self.all("Record-Route").filter_map(|route| NameAddr::parse(route).ok()).collect()
        }
    };
}

/// A request whose method we know and whose five fields are sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) fields: Fields,
    pub(crate) uri: Uri,
    method: Method,
    headers: Headers,
    body: Vec<u8>,
}

impl Request {
    header_access!();

    /// Builds a request of ours (RFC 3261 §8.1.1).
    pub(crate) fn new(method: Method, uri: Uri, fields: Fields) -> Request {
        let mut headers = Headers::with_capacity(USUAL_HEADERS);
        headers.push("Via", &fields.via);
        headers.push("Max-Forwards", "70");
        headers.push("From", &fields.from);
        headers.push("To", &fields.to);
        headers.push("Call-ID", &fields.call_id);
        headers.push("CSeq", format_args!("{} {}", fields.cseq, name_of(fields.cseq_method)));
        Request { fields, uri, method, headers, body: Vec::new() }
    }

    /// Reads what a request from the wire has to have in order.
    pub(crate) fn read(method: Method, uri: &str, raw: &Raw) -> Result<(Fields, Uri), Fault> {
        let fields = Fields::read(raw)?;
        let uri = Uri::parse(uri).map_err(|_| bad("Bad Request-URI"))?;
        check(raw, &uri)?;
        if fields.cseq_method != method {
            return Err(ANOTHER_METHOD);
        }
        Ok((fields, uri))
    }

    /// Takes a request from the wire, as it was [read](Request::read), and notes where it came from.
    pub(crate) fn received(method: Method, (mut fields, uri): (Fields, Uri), raw: Raw, source: SocketAddr) -> Request {
        fields.via.stamp(source);
        let mut headers = raw.headers;
        headers.replace("Via", fields.via.to_string());
        Request { fields, uri, method, headers, body: raw.body }
    }

    /// Replaces the top Via.
    pub(crate) fn set_via(&mut self, via: Via) {
        self.headers.replace("Via", via.to_string());
        self.fields.via = via;
    }

    /// The same request once more, as a new transaction with this number, and without credentials (RFC 3261 §22.2).
    pub(crate) fn again(&self, via: Via, cseq: u32) -> Request {
        let fields = Fields { via, cseq, ..self.fields.clone() };
        let mut headers = Headers::with_capacity(USUAL_HEADERS);
        for (name, value) in self.headers.iter() {
            match name {
                "Via" => headers.push(name, &fields.via),
                "CSeq" => headers.push(name, format_args!("{cseq} {}", name_of(fields.cseq_method))),
                "Authorization" | "Proxy-Authorization" | "User-Agent" => {}
                _ => headers.push_line(name, value),
            }
        }
        Request { fields, uri: self.uri.clone(), method: self.method, headers, body: self.body.clone() }
    }

    pub(crate) fn method(&self) -> Method {
        self.method
    }

    /// Whether the sender would understand a session description (RFC 3261 §20.1: without Accept it would).
    pub(crate) fn accepts_sdp(&self) -> bool {
        let is_limited = self.header("Accept").is_some();
        !is_limited || elements(self.all("Accept")).into_iter().any(body::range_covers_sdp)
    }

    /// Where responses to this request go.
    pub(crate) fn response_goes_to(&self, source: SocketAddr) -> SocketAddr {
        self.fields.via.response_goes_to(source)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        wire::message(format_args!("{} {} SIP/2.0", name_of(self.method), self.uri), &self.headers, &self.body)
    }
}

/// A response whose five fields are sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) fields: Fields,
    /// The reason phrase: rsip replaces it with the name of its variant.
    reason: String,
    status: StatusCode,
    headers: Headers,
    body: Vec<u8>,
}

impl Response {
    header_access!();

    /// Builds the answer to a request (RFC 3261 §8.2.6). The tag is added unless the request had one already.
    pub(crate) fn to(request: &Request, status: u16, reason: &str, tag: Option<&str>) -> Response {
        let mut fields = request.fields.clone();
        let given = request.header("To").unwrap_or("");
        let to = tag.map_or_else(|| given.to_owned(), |tag| tagged(given, &fields.to, tag));
        if let Some(tag) = tag.filter(|_| fields.to.tag().is_none()) {
            fields.to.params.set("tag", tag);
        }
        let mut headers = Headers::with_capacity(USUAL_HEADERS);
        for via in request.all("Via") {
            headers.push_line("Via", via);
        }
        // As they came, to the letter: some peers compare more of them than the tags.
        headers.push_line("From", request.header("From").unwrap_or(""));
        headers.push("To", to);
        headers.push("Call-ID", &fields.call_id);
        headers.push_line("CSeq", request.header("CSeq").unwrap_or(""));
        for timestamp in request.all("Timestamp").filter(|_| status == 100) {
            headers.push_line("Timestamp", timestamp);
        }
        Response { fields, reason: reason.to_owned(), status: status.into(), headers, body: Vec::new() }
    }

    /// Takes a response from the wire.
    pub(crate) fn from_raw(status: u16, reason: String, raw: Raw) -> Result<Response, Fault> {
        let fields = Fields::read(&raw)?;
        Ok(Response { fields, reason, status: status.into(), headers: raw.headers, body: raw.body })
    }

    /// Copies the recorded route, as every answer that makes a dialog must (RFC 3261 §12.1.1).
    pub(crate) fn with_record_route_of(mut self, request: &Request) -> Response {
        for route in request.all("Record-Route") {
            self = self.with("Record-Route", route);
        }
        self
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.code()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        wire::message(format_args!("SIP/2.0 {} {}", self.status(), self.reason), &self.headers, &self.body)
    }
}

/// Answers a request that cannot become a [`Request`]: unknown method, or a fault. Nothing is sent to an ACK, nor to
/// someone whose Via cannot be read.
pub(crate) fn refuse_raw(
    raw: &Raw,
    source: SocketAddr,
    status: u16,
    reason: &str,
    tag: &str,
    more: &[(&str, &str)],
) -> Option<(Vec<u8>, SocketAddr)> {
    match &raw.start {
        Start::Request { method, .. } if method != "ACK" => {}
        Start::Request { .. } | Start::Response { .. } => return None,
    }
    let mut via = Via::parse(raw.first("Via")?)?;
    via.stamp(source);
    let mut headers = Headers::with_capacity(USUAL_HEADERS);
    headers.push("Via", &via);
    for other in raw.headers.all("Via").skip(1) {
        headers.push_line("Via", other);
    }
    for name in ["From", "Call-ID", "CSeq"] {
        if let Some(value) = raw.first(name) {
            headers.push_line(name, value);
        }
    }
    if let Some(to) = raw.first("To") {
        match NameAddr::parse(to) {
            Ok(address) => headers.push("To", tagged(to, &address, tag)),
            Err(_) => headers.push_line("To", to),
        }
    }
    for (name, value) in more {
        headers.push(name, value);
    }
    let bytes = wire::message(format_args!("SIP/2.0 {status} {reason}"), &headers, &[]);
    Some((bytes, via.response_goes_to(source)))
}

/// The elements of a comma list such as Supported or Require, over all its headers.
pub(crate) fn elements<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    values.flat_map(|value| split_outside(value, b',')).map(str::trim).filter(|element| !element.is_empty()).collect()
}

/// The usual reason phrase (RFC 3261 §21).
pub(crate) fn reason_of(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        423 => "Interval Too Brief",
        439 => "First Hop Lacks Outbound Support",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        600 => "Busy Everywhere",
        603 => "Decline",
        other => match other / 100 {
            1 => "Progress",
            2 => "Success",
            3 => "Redirection",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Result<Request, Fault> {
        let raw = wire::parse(text.as_bytes()).expect("readable");
        let Start::Request { method, uri } = raw.start.clone() else { panic!("a request") };
        let (method, source) = (method_of(&method).expect("known"), "192.0.2.9:4321".parse().expect("an address"));
        Request::read(method, &uri, &raw).map(|read| Request::received(method, read, raw, source))
    }

    const GOOD: &str = "OPTIONS sip:a@[::1] SIP/2.0\r\nv: SIP / 2.0 / udp 10.0.0.1 : 5062;rport;branch=z9hG4bKx\r\n\
        f: <sip:b@c>;tag=1\r\nt: sip:a@b\r\ni: id\r\nCSeq: 7 OPTIONS\r\nX-Own: y\r\n\r\n";

    #[test]
    fn a_request_is_stamped_with_where_it_came_from() {
        let request = request(GOOD).expect("sound");
        assert_eq!(request.fields.cseq, 7);
        assert_eq!(
            request.header("via"),
            Some("SIP/2.0/UDP 10.0.0.1:5062;rport=4321;branch=z9hG4bKx;received=192.0.2.9")
        );
        assert_eq!(request.header("X-Own"), Some("y"));
        let source = "192.0.2.9:4321".parse().expect("an address");
        assert_eq!(request.response_goes_to(source), source);
        assert!(String::from_utf8_lossy(&request.bytes()).starts_with("OPTIONS sip:a@[::1] SIP/2.0\r\nVia: "));
    }

    #[test]
    fn a_request_with_an_unsound_field_is_a_fault() {
        for (old, new) in [
            ("CSeq: 7 OPTIONS", "CSeq: 7 INVITE"),
            ("CSeq: 7 OPTIONS", "CSeq: 4294967295 OPTIONS"),
            ("CSeq: 7 OPTIONS", "X: y"),
            ("f: <sip:b@c>;tag=1", "f: <sip:b@c"),
            ("CSeq: 7 OPTIONS", "CSeq: +7 OPTIONS"),
            ("v: SIP / 2.0", "v: HTTP / 2.0"),
            ("v: SIP / 2.0", "v: SIP / 7.0"),
            ("branch=z9hG4bKx", "branch=z9hG4bKx,;"),
            ("sip:a@[::1]", "sip:a@[::1"),
            ("sip:a@[::1]", "sip:a@[::1]?Route=%3Csip:x%3E"),
            ("X-Own: y", "Max-Forwards: 256"),
            ("X-Own: y", "Max-Forwards: +7"),
            ("X-Own: y", "Contact: sip:a@b?Route=%3Csip:x%3E"),
            ("X-Own: y", "Contact: <sip:a@b>, <sip:c"),
            ("X-Own: y", "Record-Route: nonsense"),
            ("X-Own: y", "Route: <sip:x;lr"),
        ] {
            assert_eq!(request(&GOOD.replace(old, new)).map_err(|fault| fault.status), Err(400), "{new}");
        }
    }

    #[test]
    fn a_response_copies_what_the_request_needs_to_find_it() {
        let request = request(GOOD).expect("sound");
        let response = Response::to(&request, 299, "Half \u{fc}ber", Some("mine"));
        let raw = wire::parse(&response.bytes()).expect("readable");
        assert_eq!(raw.start, Start::Response { status: 299, reason: "Half \u{fc}ber".to_owned() });
        let back = Response::from_raw(299, "Half \u{fc}ber".to_owned(), raw).expect("sound");
        assert_eq!(back.fields.to.tag(), Some("mine"));
        assert_eq!(back.fields.via, request.fields.via);
    }

    #[test]
    fn a_response_leaves_from_and_to_as_they_were() {
        for (to, expected) in [
            ("sip:a@b", "sip:a@b;tag=mine"),
            ("\"A\\\"\" < sip:a@b > ;x=\"y\" ;", "\"A\\\"\" < sip:a@b > ;x=\"y\";tag=mine"),
            ("<sip:a@b>; tag = theirs", "<sip:a@b>; tag = theirs"),
            ("<sip:a@b>;tag=;x", "<sip:a@b>;tag=mine;x"),
        ] {
            let request = request(&GOOD.replace("t: sip:a@b", &format!("t: {to}"))).expect("sound");
            let response = Response::to(&request, 200, "OK", Some("mine"));
            assert_eq!(response.header("To"), Some(expected));
            assert_eq!(response.header("From"), Some("<sip:b@c>;tag=1"));
            assert_eq!(Response::to(&request, 100, "Trying", None).header("To"), Some(to));
        }
    }

    #[test]
    fn who_does_not_accept_descriptions_says_so() {
        for (accept, accepts) in [
            ("Y: y", true),
            ("Accept: text/plain, application/sdp", true),
            ("Accept: text/plain", false),
            ("Accept:", false),
        ] {
            assert_eq!(request(&GOOD.replace("X-Own: y", accept)).expect("sound").accepts_sdp(), accepts, "{accept}");
        }
    }
}
