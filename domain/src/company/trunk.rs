//! What an administrator decides about a trunk: from where calls come without a registered phone.
//! Never knows SIP: what a trunk is asked and answers is the user agent's affair.

use super::agent::is_hex;
use super::queue::whole_seconds;
use super::refusal::named;
use super::{Company, Key, Kind, Refusal, Refusals, Secret, Why, Wrong};
use crate::id::CompanyId;
use crate::time::Span;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

/// How long a registration is asked for where nobody says anything.
const EXPIRES: Span = Span::seconds(600);
/// How long a registration may be asked for, in seconds.
const EXPIRES_S_RANGE: RangeInclusive<u32> = 60..=86_400;
/// How often a trunk is asked whether it is there where nobody says anything.
const PROBE: Span = Span::seconds(60);
/// The longest time between two such questions, in seconds.
const PROBE_S_MAX: u32 = 3600;

/// A trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// Its company.
    pub company: CompanyId,
    /// Its name, unique in the company.
    pub name: String,
    /// From where it calls without a password: IP addresses, and networks as `192.0.2.0/24`.
    pub addresses: Vec<String>,
    /// Where our requests to it go.
    pub server: Option<TrunkServer>,
    /// Who proves a password to whom.
    pub account: Option<TrunkAccount>,
    /// How often it is asked whether it is there.
    pub probe: Option<Span>,
    /// Where the number stands that was dialled.
    pub dialled: Dialled,
}

/// Where our requests to a trunk go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrunkServer {
    /// A host name or IP address, without brackets.
    pub host: String,
    /// The port, if somebody names one.
    pub port: Option<u16>,
    /// Whether messages go by connections.
    pub tcp: bool,
}

/// Who proves a password when a trunk is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrunkAccount {
    /// The trunk, with each call. HA1 as of a phone.
    Theirs {
        /// Its user, unique in the database, also among phones.
        user: String,
        /// MD5 of `user:realm:password`.
        ha1_md5: Secret,
        /// SHA-256 of the same.
        ha1_sha256: Secret,
    },
    /// Our user, registered there.
    Ours {
        /// The user.
        user: String,
        /// The name for the password.
        login: String,
        /// The password itself: it has to be proved in a realm that is not known before.
        password: Secret,
        /// How long a registration is asked for.
        expires: Span,
    },
}

impl TrunkAccount {
    fn user(&self) -> &str {
        match self {
            TrunkAccount::Theirs { user, .. } | TrunkAccount::Ours { user, .. } => user,
        }
    }
}

/// What carries messages to a trunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
}

/// Where the number stands that was dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialled {
    /// In the request's address.
    #[default]
    RequestUri,
    /// In To.
    To,
}

/// A trunk, known by its name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrunkEntry {
    /// Its name.
    pub name: String,
    /// From where it calls: IP addresses, or networks as `192.0.2.0/24`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Vec<String>>,
    /// Where we register: a host name or IP address, perhaps with a port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registrar: Option<String>,
    /// Where our requests to a trunk go with which we don't register: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What carries messages to `registrar` or `server`; `udp` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<TrunkTransport>,
    /// With `registrar` our user there; otherwise the user that the trunk proves to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name for the password at the registrar; `user` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// What that user proves.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub secret: Option<TrunkSecret>,
    /// How long a registration is asked for, in seconds; 600 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_s: Option<u32>,
    /// How often it is asked whether it is there, in seconds, 0 for never; 60 by default where there is somebody to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_s: Option<u32>,
    /// Where the number stands that was dialled; in the request's address by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Dialled>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

/// What the user of a trunk proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TrunkSecret {
    /// We prove this password.
    Password {
        /// The password itself.
        password: Secret,
    },
    /// They prove one of which this is the HA1.
    Hashed {
        /// MD5 of `user:realm:password`.
        ha1_md5: Secret,
        /// SHA-256 of the same.
        ha1_sha256: Secret,
    },
}

impl Trunk {
    /// The user that the trunk proves to be.
    pub fn proven_user(&self) -> Option<&str> {
        match &self.account {
            Some(TrunkAccount::Theirs { user, .. }) => Some(user),
            Some(TrunkAccount::Ours { .. }) | None => None,
        }
    }

    fn registers(&self) -> bool {
        matches!(self.account, Some(TrunkAccount::Ours { .. }))
    }

    /// As a file describes it.
    pub fn entry(&self) -> TrunkEntry {
        let place = self.server.as_ref().map(TrunkServer::place);
        let (registrar, server) = if self.registers() { (place, None) } else { (None, place) };
        let (user, login, secret, expires) = match self.account.clone() {
            None => (None, None, None, None),
            Some(TrunkAccount::Theirs { user, ha1_md5, ha1_sha256 }) => {
                (Some(user), None, Some(TrunkSecret::Hashed { ha1_md5, ha1_sha256 }), None)
            }
            Some(TrunkAccount::Ours { user, login, password, expires }) => {
                let login = Some(login).filter(|login| *login != user);
                (Some(user), login, Some(TrunkSecret::Password { password }), Some(expires))
            }
        };
        let transport = |server: &TrunkServer| if server.tcp { TrunkTransport::Tcp } else { TrunkTransport::Udp };
        TrunkEntry {
            name: self.name.clone(),
            address: Some(self.addresses.clone()).filter(|addresses| !addresses.is_empty()),
            registrar,
            server,
            transport: self.server.as_ref().map(transport),
            user,
            login,
            secret,
            expires_s: expires.map(whole_seconds),
            probe_s: self.server.as_ref().map(|_| self.probe.map_or(0, whole_seconds)),
            number: Some(self.dialled),
            whole: false,
        }
    }

    /// The same trunk with nothing that could be left out.
    fn bare(self, entry: &TrunkEntry) -> Trunk {
        let account = self.account.filter(|_| entry.user.is_some()).and_then(|account| match account {
            TrunkAccount::Theirs { .. } => Some(account),
            TrunkAccount::Ours { user, password, .. } => {
                let ours = TrunkAccount::Ours { login: user.clone(), user, password, expires: EXPIRES };
                entry.registrar.is_some().then_some(ours)
            }
        });
        Trunk { addresses: vec![], server: None, account, probe: None, dialled: Dialled::default(), ..self }
    }

    /// The trunk with what an entry says, if that makes sense as a whole.
    fn with(&self, entry: &TrunkEntry) -> Result<Trunk, Vec<Wrong>> {
        let mut wrong = entry.check();
        let addresses = entry.address.as_ref().unwrap_or(&self.addresses).clone();
        let server = self.server_with(entry);
        let (is_served, registers) = (server.is_some() || entry.server_place().is_some(), self.registers_with(entry));
        for (key, is_given) in [("login", entry.login.is_some()), ("expires_s", entry.expires_s.is_some())] {
            if is_given && !registers {
                wrong.push((Some(key), Why::OnlyRegistrar));
            }
        }
        for (key, is_given) in [("transport", entry.transport.is_some()), ("probe_s", entry.probe_s.unwrap_or(0) > 0)] {
            if is_given && !is_served {
                wrong.push((Some(key), Why::OnlyServer));
            }
        }
        let account = match self.account_with(entry) {
            Ok(account) if !registers && account.is_some() && !addresses.is_empty() => {
                wrong.push((Some("user"), Why::AddressAndUser));
                account
            }
            Ok(None) if addresses.is_empty() => {
                wrong.push((Some("address"), Why::NoTrunk));
                None
            }
            Ok(account) => account,
            // A text that cannot be a user or a password was said to be none already.
            Err(_) if wrong.iter().any(|(_, why)| *why == Why::TrunkText) => None,
            Err(why) => {
                wrong.push(why);
                None
            }
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let probe = match (&server, entry.probe_s) {
            (None, _) | (Some(_), Some(0)) => None,
            (Some(_), Some(seconds)) => Some(Span::seconds(seconds.into())),
            (Some(_), None) if self.server.is_some() => self.probe,
            (Some(_), None) => Some(PROBE),
        };
        let (company, name, dialled) = (self.company, self.name.clone(), entry.number.unwrap_or(self.dialled));
        Ok(Trunk { company, name, addresses, server, account, probe, dialled })
    }

    fn server_with(&self, entry: &TrunkEntry) -> Option<TrunkServer> {
        let mut server = self.server.clone();
        if let Some((host, port)) = entry.server_place().and_then(host_and_port) {
            server = Some(TrunkServer { host, port, tcp: server.is_some_and(|server| server.tcp) });
        }
        if let (Some(server), Some(transport)) = (&mut server, entry.transport) {
            server.tcp = transport == TrunkTransport::Tcp;
        }
        server
    }

    /// Whether we register with this trunk once the entry holds.
    fn registers_with(&self, entry: &TrunkEntry) -> bool {
        entry.registrar.is_some() || (entry.server.is_none() && self.registers())
    }

    fn account_with(&self, entry: &TrunkEntry) -> Result<Option<TrunkAccount>, Wrong> {
        let registers = self.registers_with(entry);
        let before = self.account.as_ref();
        let Some(user) = entry.user.as_deref().or(before.map(TrunkAccount::user)) else {
            return match entry.secret {
                Some(_) => Err((Some("password"), Why::NoUser)),
                None if registers => Err((Some("registrar"), Why::RegistrarUser)),
                None => Ok(None),
            };
        };
        let is_same = before.is_some_and(|before| before.user() == user) && registers == self.registers();
        let user = user.to_owned();
        match (&entry.secret, before) {
            (Some(TrunkSecret::Password { password }), _) if registers => {
                let (login, expires) = entry.login_and_expires(before, &user);
                Ok(Some(TrunkAccount::Ours { user, login, password: password.clone(), expires }))
            }
            (Some(TrunkSecret::Hashed { ha1_md5, ha1_sha256 }), _)
                if !registers && is_hex(ha1_md5, 32) && is_hex(ha1_sha256, 64) =>
            {
                let (ha1_md5, ha1_sha256) = (ha1_md5.clone(), ha1_sha256.clone());
                Ok(Some(TrunkAccount::Theirs { user, ha1_md5, ha1_sha256 }))
            }
            (Some(_), _) => Err((Some("password"), Why::TrunkHa1)),
            (None, Some(TrunkAccount::Ours { password, .. })) if is_same => {
                let (login, expires) = entry.login_and_expires(before, &user);
                Ok(Some(TrunkAccount::Ours { user, login, password: password.clone(), expires }))
            }
            (None, Some(theirs @ TrunkAccount::Theirs { .. })) if is_same => Ok(Some(theirs.clone())),
            (None, _) => Err((Some("password"), Why::UserPassword(user))),
        }
    }
}

impl TrunkEntry {
    /// Where requests go, as it is written.
    fn server_place(&self) -> Option<&str> {
        self.registrar.as_deref().or(self.server.as_deref())
    }

    /// What is wrong with it, whatever was there before.
    fn check(&self) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = vec![];
        for address in self.address.iter().flatten() {
            if address.parse::<IpAddr>().is_err() && address.parse::<IpNet>().is_err() {
                wrong.push((Some("address"), Why::Address(address.clone())));
            }
        }
        for (key, place) in [("registrar", &self.registrar), ("server", &self.server)] {
            if let Some(place) = place.as_ref().filter(|place| host_and_port(place).is_none()) {
                wrong.push((Some(key), Why::Place(place.clone())));
            }
        }
        if self.registrar.is_some() && self.server.is_some() {
            wrong.push((Some("server"), Why::RegistrarAndServer));
        }
        let password = match &self.secret {
            Some(TrunkSecret::Password { password }) => Some(&password.0),
            Some(TrunkSecret::Hashed { .. }) | None => None,
        };
        for (key, text) in [("user", self.user.as_ref()), ("login", self.login.as_ref()), ("password", password)] {
            if text.is_some_and(|text| !can_be_told(key, text)) {
                wrong.push((Some(key), Why::TrunkText));
            }
        }
        if let Some(found) = self.expires_s.filter(|expires| !EXPIRES_S_RANGE.contains(expires)) {
            let (first, last) = EXPIRES_S_RANGE.into_inner();
            wrong.push((Some("expires_s"), Why::Range { found, first, last }));
        }
        if let Some(found) = self.probe_s.filter(|every| *every > PROBE_S_MAX) {
            wrong.push((Some("probe_s"), Why::Probe { found, last: PROBE_S_MAX }));
        }
        wrong
    }

    /// Who does not say otherwise goes on as before; the name for the password is the user's own by default.
    fn login_and_expires(&self, before: Option<&TrunkAccount>, user: &str) -> (String, Span) {
        let (login, expires) = match before {
            Some(TrunkAccount::Ours { user: old, login, expires, .. }) => {
                (Some(login).filter(|login| *login != old).cloned(), *expires)
            }
            Some(TrunkAccount::Theirs { .. }) | None => (None, EXPIRES),
        };
        let login = self.login.clone().or(login).unwrap_or_else(|| user.to_owned());
        (login, self.expires_s.map_or(expires, |seconds| Span::seconds(seconds.into())))
    }
}

/// Whether a text can stand in SIP's headers.
fn can_be_told(key: Key, text: &str) -> bool {
    let is_bad = |c: char| c.is_control() || (key != "password" && matches!(c, '"' | '\\'));
    !text.is_empty() && !text.contains(is_bad)
}

impl TrunkServer {
    /// The server of an address such as `sip.example.com:5070`; `None` if it is none.
    pub fn parse(place: &str, tcp: bool) -> Option<TrunkServer> {
        host_and_port(place).map(|(host, port)| TrunkServer { host, port, tcp })
    }

    /// As a file names it.
    pub fn place(&self) -> String {
        match self.port {
            None => self.host.clone(),
            Some(port) if self.host.contains(':') => format!("[{}]:{port}", self.host),
            Some(port) => format!("{}:{port}", self.host),
        }
    }
}

impl Company {
    /// What a password of an entry's trunk is for once the entry holds: its user, and whether we register as that.
    pub fn trunk_user<'a>(&'a self, entry: &'a TrunkEntry) -> Option<(&'a str, bool)> {
        let before = self.trunks.iter().find(|trunk| trunk.name == entry.name);
        let user = entry.user.as_deref().or(before.and_then(|trunk| Some(trunk.account.as_ref()?.user())))?;
        Some((user, before.map_or(entry.registrar.is_some(), |trunk| trunk.registers_with(entry))))
    }

    pub(super) fn put_trunk(&mut self, entry: &TrunkEntry, refused: &mut Refusals) {
        let (name, company) = (&entry.name, self.id);
        if refused.note(named(Kind::Trunk, name)).is_none() {
            return;
        }
        let known = self.trunks.iter().position(|trunk| trunk.name == *name);
        let new = || Trunk {
            company,
            name: name.clone(),
            addresses: vec![],
            server: None,
            account: None,
            probe: None,
            dialled: Dialled::default(),
        };
        let before = known.map_or_else(new, |at| self.trunks[at].clone());
        let before = if entry.whole { before.bare(entry) } else { before };
        match (before.with(entry), known) {
            (Ok(trunk), Some(at)) => self.trunks[at] = trunk,
            (Ok(trunk), None) => self.trunks.push(trunk),
            (Err(wrong), _) => wrong.into_iter().for_each(|wrong| refused.add(Kind::Trunk, name, wrong)),
        }
    }

    pub(super) fn remove_trunk(&mut self, name: &str) -> Result<(), Refusal> {
        let known = self.trunks.iter().position(|trunk| trunk.name == name);
        let at = known.ok_or_else(|| Refusal::new(Kind::Trunk, name, None, Why::Unknown))?;
        self.trunks.remove(at);
        Ok(())
    }
}

/// Reads `host`, `host:port`, `192.0.2.1:5060` or `[2001:db8::1]:5060`; an IPv6 address may stand without brackets if it
/// has no port.
fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text.to_owned(), None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok().filter(|port| *port > 0)?)),
        Some(_) | None => (text, None),
    };
    if let Some(six) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return six.parse::<Ipv6Addr>().is_ok().then(|| (six.to_owned(), port));
    }
    let is_label = |label: &str| {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(good) && !label.starts_with('-')
    };
    (host.len() <= 253 && host.trim_end_matches('.').split('.').all(is_label)).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_perhaps_a_port() {
        for (text, expected) in [
            ("sip.example.com", Some(("sip.example.com", None))),
            ("sip.example.com:5070", Some(("sip.example.com", Some(5070)))),
            ("192.0.2.1", Some(("192.0.2.1", None))),
            ("192.0.2.1:5070", Some(("192.0.2.1", Some(5070)))),
            ("2001:db8::1", Some(("2001:db8::1", None))),
            ("[2001:db8::1]:5070", Some(("2001:db8::1", Some(5070)))),
            ("[2001:db8::1]", Some(("2001:db8::1", None))),
            ("", None),
            ("sip:example.com", None),
            ("example.com:0", None),
            ("example.com:65536", None),
            ("exa mple.com", None),
            ("a..b", None),
            ("-a", None),
            ("user@example.com", None),
            ("[192.0.2.1]:5060", None),
        ] {
            let read = host_and_port(text);
            assert_eq!(read.as_ref().map(|(host, port)| (host.as_str(), *port)), expected, "{text}");
        }
    }

    #[test]
    fn a_server_is_written_as_it_is_read() {
        for place in ["sip.example.com", "sip.example.com:5070", "192.0.2.1:5070", "2001:db8::1", "[2001:db8::1]:5070"]
        {
            assert_eq!(TrunkServer::parse(place, false).map(|server| server.place()).as_deref(), Some(place));
        }
    }
}
