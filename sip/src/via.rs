//! Via: the hops that a message took, and where its responses go (RFC 3261 §18.2, §20.42, RFC 3581).
//! Never sends a response anywhere but to the address its request came from.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use crate::uri::{DEFAULT_PORT, Host, Params, host_and_port, write_port};
use crate::wire::is_token;
use crate::wire::text::cut;

/// The version of all SIP that is spoken today.
const VERSION: &str = "2.0";
/// The transports that stand in a Via (RFC 3261 §20.42, RFC 7118 §5.2).
const TRANSPORTS: [&str; 6] = ["UDP", "TCP", "TLS", "WSS", "WS", "SCTP"];

/// One hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Via {
    /// Kept, so that a request of another version can be told so.
    version: Cow<'static, str>,
    /// In upper case.
    pub(crate) transport: Cow<'static, str>,
    pub(crate) host: Host,
    pub(crate) port: Option<u16>,
    pub(crate) params: Params,
}

impl Via {
    pub(crate) fn new(host: Host, port: u16, branch: &str) -> Via {
        let params = Params::of(&[("rport", None), ("branch", Some(branch))]);
        Via { version: VERSION.into(), transport: "UDP".into(), host, port: Some(port), params }
    }

    pub(crate) fn parse(text: &str) -> Option<Via> {
        let (version, transport, rest) = protocol(text)?;
        let (place, params) = cut(rest, b';').unwrap_or((rest, ""));
        let (host, port) = host_and_port(place).ok()?;
        let version = if version == VERSION { VERSION.into() } else { version.to_owned().into() };
        let known = TRANSPORTS.into_iter().find(|known| known.eq_ignore_ascii_case(transport));
        let transport = known.map_or_else(|| transport.to_ascii_uppercase().into(), Cow::Borrowed);
        Some(Via { version, transport, host, port, params: Params::parse(params) })
    }

    /// Whether a hop that is not ours to answer looks like one at all.
    pub(crate) fn is_plausible(text: &str) -> bool {
        protocol(text).is_some_and(|(_, _, rest)| !rest.is_empty() && !rest.starts_with(';'))
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.version == VERSION
    }

    pub(crate) fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|branch| !branch.is_empty())
    }

    /// Notes where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4).
    pub(crate) fn stamp(&mut self, source: SocketAddr) {
        if self.params.has("rport") {
            self.params.set("rport", &source.port().to_string());
            self.params.set("received", &source.ip().to_string());
        } else if self.host.address() != Some(source.ip()) {
            self.params.set("received", &source.ip().to_string());
        }
    }

    /// Where the response goes (RFC 3261 §18.2.2, RFC 3581 §4): back to the very port if the client asked for that,
    /// otherwise to the port it says it listens on, at the address the request came from.
    pub(crate) fn response_goes_to(&self, source: SocketAddr) -> SocketAddr {
        let port = self.port.filter(|port| *port != 0).unwrap_or(DEFAULT_PORT);
        if self.params.has("rport") { source } else { SocketAddr::new(source.ip(), port) }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in ["SIP/", &self.version, "/", &self.transport, " "] {
            f.write_str(part)?;
        }
        self.host.fmt(f)?;
        write_port(self.port, f)?;
        self.params.fmt(f)
    }
}

/// `SIP / version / transport`, and what follows.
fn protocol(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = cut(text, b'/')?;
    let (version, rest) = cut(rest, b'/')?;
    let (name, version) = (name.trim_ascii(), version.trim_ascii());
    let (transport, rest) = rest.trim_ascii().split_once([' ', '\t'])?;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_token);
    let good = name.eq_ignore_ascii_case("SIP") && is_word(version) && is_word(transport);
    good.then_some((version, transport, rest.trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_is_read_with_its_blanks_and_brackets() {
        for (text, expected) in [
            ("SIP/2.0/UDP 10.0.0.1:5062;branch=z", "SIP/2.0/UDP 10.0.0.1:5062;branch=z"),
            ("sip  / 2.0 /  tcp\tspindle.example.com  ; branch =  z", "SIP/2.0/TCP spindle.example.com;branch=z"),
            (
                "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]",
                "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]",
            ),
            ("SIP/2.0/UDP [2001:db8::9:1] : 6050;rport", "SIP/2.0/UDP [2001:db8::9:1]:6050;rport"),
            ("SIP/7.0/UDP c.example.com", "SIP/7.0/UDP c.example.com"),
        ] {
            assert_eq!(Via::parse(text).map(|via| via.to_string()).as_deref(), Some(expected));
            assert!(Via::is_plausible(text));
        }
        for text in ["", ";", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDP ;branch=z", "HTTP/2.0/UDP a", "SIP//UDP a"] {
            assert!(Via::parse(text).is_none() && !Via::is_plausible(text), "{text}");
        }
    }

    #[test]
    fn a_response_goes_back_to_the_address_the_request_came_from() {
        let source: SocketAddr = "[2001:db8::1]:4321".parse().expect("an address");
        for (text, destination) in [
            ("SIP/2.0/UDP 192.0.2.1:5062;rport", "[2001:db8::1]:4321"),
            ("SIP/2.0/UDP 192.0.2.1:5062", "[2001:db8::1]:5062"),
            ("SIP/2.0/UDP 192.0.2.1:0;maddr=192.0.2.7", "[2001:db8::1]:5060"),
        ] {
            let mut via = Via::parse(text).expect(text);
            assert_eq!(via.response_goes_to(source).to_string(), destination);
            via.stamp(source);
            assert_eq!(via.params.get("received"), Some("2001:db8::1"), "without brackets (RFC 5118 §4.5)");
        }
    }
}
