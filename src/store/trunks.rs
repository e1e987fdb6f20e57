//! Trunks: how a company's file describes them, and how they are kept.
//! Never knows SIP: what a trunk is asked and answers is the user agent's affair.

use super::connection::DatabaseConnection;
use super::rows::Secret;
use super::schema::{agent, trunk};
use super::writer::JobError;
use diesel::prelude::*;
use domain::id::CompanyId;
use domain::time::Span;
use ipnet::IpNet;
use md5::Md5;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// How long a registration is asked for where the file says nothing, in seconds.
const EXPIRES_S: u32 = 600;
/// How long a registration may be asked for, in seconds.
const EXPIRES_S_RANGE: std::ops::RangeInclusive<u32> = 60..=86_400;
/// How often a trunk is asked whether it is there where the file says nothing, in seconds.
const PROBE_S: u32 = 60;
/// The longest time between two such questions, in seconds.
const PROBE_S_MAX: u32 = 3600;

/// A trunk, known by its name.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkEntry {
    /// Its name.
    pub name: String,
    /// From where it calls: IP addresses, or networks as `192.0.2.0/24`; one or a list.
    #[serde(default, deserialize_with = "one_or_more")]
    pub address: Option<Vec<String>>,
    /// Where we register: a host name or IP address, perhaps with a port.
    pub registrar: Option<String>,
    /// Where our requests to a trunk go with which we don't register: the same.
    pub server: Option<String>,
    /// What carries messages to `registrar` or `server`; `udp` by default.
    pub transport: Option<TrunkTransport>,
    /// With `registrar` our user there; otherwise the user that the trunk proves to be.
    pub user: Option<String>,
    /// The name for the password at the registrar; `user` by default.
    pub login: Option<String>,
    /// The password of either.
    pub password: Option<String>,
    /// How long a registration is asked for, in seconds; 600 by default.
    pub expires_s: Option<u32>,
    /// How often it is asked whether it is there, in seconds, 0 for never; 60 by default where there is somebody to ask.
    pub probe_s: Option<u32>,
    /// Where the number stands that was dialled; in the request's address by default.
    pub number: Option<Dialled>,
}

impl fmt::Debug for TrunkEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrunkEntry").field("name", &self.name).finish_non_exhaustive()
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

/// From where calls come in without a registered phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkRow {
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
    /// The port, if the file names one.
    pub port: Option<u16>,
    /// Whether messages go by connections.
    pub tcp: bool,
}

/// Who proves a password when a trunk is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrunkAccount {
    /// The trunk, with each call. HA1 as of a phone.
    Theirs {
        /// Its user, unique in this database, also among phones.
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

/// A list of texts, or its only element.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    struct OneOrMore;
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an IP address, a network such as \"192.0.2.0/24\", or a list of them")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(vec![text.to_owned()])
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<String>, A::Error> {
            let mut found = vec![];
            while let Some(element) = elements.next_element()? {
                found.push(element);
            }
            Ok(found)
        }
    }
    from.deserialize_any(OneOrMore).map(Some)
}

fn refuse<T>(why: String) -> Result<T, JobError> {
    Err(JobError::Refused(why))
}

/// Makes or changes a trunk of a company; what changed, if anything did.
pub(super) fn apply(
    connection: &mut DatabaseConnection,
    company: i64,
    realm: &str,
    entry: &TrunkEntry,
) -> Result<Option<String>, JobError> {
    let what = format!("trunk {}", entry.name);
    let known = trunk::table
        .filter(trunk::company.eq(company))
        .filter(trunk::name.eq(&entry.name))
        .select((trunk::id, RawTrunk::as_select()))
        .first::<(i64, RawTrunk)>(connection)
        .optional()?;
    let before = known.as_ref().map_or_else(|| RawTrunk::new(company, &entry.name), |(_, row)| row.clone());
    let row = before.with(&what, entry, realm)?;
    if let Some(user) = row.user.as_ref().filter(|_| row.registers == 0) {
        let others = trunk::table
            .filter(trunk::user.eq(user))
            .filter(trunk::registers.eq(0))
            .filter(trunk::company.ne(company).or(trunk::name.ne(&entry.name)));
        let phones = agent::table.filter(agent::phone.eq(user));
        let taken = others.count().get_result::<i64>(connection)? + phones.count().get_result::<i64>(connection)?;
        if taken > 0 {
            return refuse(format!("{what}: user: `{user}` belongs to a phone or to another trunk"));
        }
    }
    Ok(match known {
        None => {
            diesel::insert_into(trunk::table).values(&row).execute(connection)?;
            Some(format!("{what}: new"))
        }
        Some((_, known)) if known == row => None,
        Some((id, _)) => {
            diesel::update(trunk::table.find(id)).set(&row).execute(connection)?;
            Some(format!("{what}: changed"))
        }
    })
}

/// Whether a trunk proves itself by this user name.
pub(super) fn claims(connection: &mut DatabaseConnection, user: &str) -> QueryResult<bool> {
    let trunks = trunk::table.filter(trunk::user.eq(user)).filter(trunk::registers.eq(0));
    Ok(trunks.count().get_result::<i64>(connection)? > 0)
}

/// All trunks of a company, by name.
pub(super) fn of_company(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<Vec<TrunkRow>> {
    let rows = trunk::table
        .filter(trunk::company.eq(company.0.cast_signed()))
        .order(trunk::name)
        .select(RawTrunk::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(RawTrunk::into_row).collect())
}

#[derive(Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = trunk, treat_none_as_null = true)]
struct RawTrunk {
    company: i64,
    name: String,
    /// JSON: a list of texts.
    addresses: String,
    server: Option<String>,
    registers: i64,
    tcp: i64,
    user: Option<String>,
    login: Option<String>,
    password: Option<String>,
    ha1_md5: Option<String>,
    ha1_sha256: Option<String>,
    expires_s: Option<i64>,
    probe_s: Option<i64>,
    dialled_to: i64,
}

impl RawTrunk {
    fn new(company: i64, name: &str) -> RawTrunk {
        RawTrunk {
            company,
            name: name.to_owned(),
            addresses: "[]".to_owned(),
            server: None,
            registers: 0,
            tcp: 0,
            user: None,
            login: None,
            password: None,
            ha1_md5: None,
            ha1_sha256: None,
            expires_s: None,
            probe_s: None,
            dialled_to: 0,
        }
    }

    /// The row with what the entry says, if that makes sense as a whole.
    fn with(&self, what: &str, entry: &TrunkEntry, realm: &str) -> Result<RawTrunk, JobError> {
        let mut row = self.clone();
        if let Some(addresses) = &entry.address {
            for address in addresses {
                if address.parse::<IpAddr>().is_err() && address.parse::<IpNet>().is_err() {
                    return refuse(format!(
                        "{what}: address: found `{address}`, expected an IP address or a network such as 192.0.2.0/24"
                    ));
                }
            }
            row.addresses = super::company::json(addresses)?;
        }
        if entry.registrar.is_some() && entry.server.is_some() {
            return refuse(format!("{what}: give registrar or server, not both"));
        }
        for (key, place) in [("registrar", &entry.registrar), ("server", &entry.server)] {
            let Some(place) = place else { continue };
            if host_and_port(place).is_none() {
                return refuse(format!(
                    "{what}: {key}: found `{place}`, expected a host name or an IP address, perhaps with a port, such as \
                     sip.example.com or 192.0.2.1:5070"
                ));
            }
            row.registers = i64::from(key == "registrar");
            row.server = Some(place.clone());
        }
        row.tcp = entry.transport.map_or(row.tcp, |transport| i64::from(transport == TrunkTransport::Tcp));
        row.dialled_to = entry.number.map_or(row.dialled_to, |number| i64::from(number == Dialled::To));
        row.expires_s = entry.expires_s.map(i64::from).or(row.expires_s);
        row.probe_s = entry.probe_s.map(i64::from).or(row.probe_s);
        row.login = entry.login.clone().or(row.login);
        row.user = entry.user.clone().or(row.user);
        for (key, text) in [("user", &entry.user), ("login", &entry.login), ("password", &entry.password)] {
            let is_bad = |c: char| c.is_control() || (key != "password" && matches!(c, '"' | '\\'));
            if text.as_ref().is_some_and(|text| text.is_empty() || text.contains(is_bad)) {
                return refuse(format!("{what}: {key}: expected a text without quotes, backslashes and line ends"));
            }
        }
        row.set_password(what, self, entry.password.as_deref(), realm)?;
        row.check(what, entry)?;
        Ok(row)
    }

    /// A password that we prove is kept as it is; of one that is proved to us, the hashes.
    fn set_password(
        &mut self,
        what: &str,
        before: &RawTrunk,
        password: Option<&str>,
        realm: &str,
    ) -> Result<(), JobError> {
        let Some(user) = &self.user else {
            return match password {
                None => Ok(()),
                Some(_) => refuse(format!("{what}: password without a user")),
            };
        };
        let is_same = (&before.user, before.registers) == (&self.user, self.registers);
        match password {
            Some(password) if self.registers == 1 => {
                self.password = Some(password.to_owned());
                (self.ha1_md5, self.ha1_sha256) = (None, None);
            }
            Some(password) => {
                let secret = format!("{user}:{realm}:{password}");
                self.password = None;
                self.ha1_md5 = Some(hex(&Md5::digest(&secret)));
                self.ha1_sha256 = Some(hex(&Sha256::digest(&secret)));
            }
            None if is_same => {}
            None => return refuse(format!("{what}: the user `{user}` needs a password")),
        }
        Ok(())
    }

    /// What keys demand of each other.
    fn check(&self, what: &str, entry: &TrunkEntry) -> Result<(), JobError> {
        let registers = self.registers == 1;
        if registers && self.user.is_none() {
            return refuse(format!("{what}: registrar: needs user and password"));
        }
        if !registers && self.user.is_some() && self.addresses != "[]" {
            return refuse(format!("{what}: give address or user, not both: calls from an address need no password"));
        }
        if !registers && self.user.is_none() && self.addresses == "[]" {
            return refuse(format!(
                "{what}: expected address, or user and password, or registrar with user and password"
            ));
        }
        for (key, is_given) in [("login", entry.login.is_some()), ("expires_s", entry.expires_s.is_some())] {
            if is_given && !registers {
                return refuse(format!("{what}: {key}: only with a registrar"));
            }
        }
        let has_server = self.server.is_some();
        for (key, is_given) in [("transport", entry.transport.is_some()), ("probe_s", entry.probe_s.unwrap_or(0) > 0)] {
            if is_given && !has_server {
                return refuse(format!("{what}: {key}: only with a registrar or a server"));
            }
        }
        if let Some(expires) = entry.expires_s.filter(|expires| !EXPIRES_S_RANGE.contains(expires)) {
            let (first, last) = (EXPIRES_S_RANGE.start(), EXPIRES_S_RANGE.end());
            return refuse(format!("{what}: expires_s: found {expires}, expected {first} to {last}"));
        }
        if let Some(every) = entry.probe_s.filter(|every| *every > PROBE_S_MAX) {
            return refuse(format!("{what}: probe_s: found {every}, expected 0 for never, or 1 to {PROBE_S_MAX}"));
        }
        Ok(())
    }

    fn into_row(self) -> TrunkRow {
        let server = self.server.as_deref().and_then(host_and_port);
        let server = server.map(|(host, port)| TrunkServer { host, port, tcp: self.tcp == 1 });
        let seconds = |seconds: i64| Span::seconds(seconds.cast_unsigned());
        let account = match (self.user, self.password, self.ha1_md5, self.ha1_sha256) {
            (Some(user), Some(password), _, _) if self.registers == 1 => Some(TrunkAccount::Ours {
                login: self.login.unwrap_or_else(|| user.clone()),
                user,
                password: Secret(password),
                expires: seconds(self.expires_s.unwrap_or(EXPIRES_S.into())),
            }),
            (Some(user), _, Some(md5), Some(sha256)) if self.registers == 0 => {
                Some(TrunkAccount::Theirs { user, ha1_md5: Secret(md5), ha1_sha256: Secret(sha256) })
            }
            // What `check` lets through has no other.
            (Some(_), _, _, _) | (None, _, _, _) => None,
        };
        let probe_s = self.probe_s.unwrap_or(PROBE_S.into());
        TrunkRow {
            company: CompanyId(self.company.cast_unsigned()),
            name: self.name,
            addresses: serde_json::from_str(&self.addresses).unwrap_or_default(),
            probe: server.as_ref().filter(|_| probe_s > 0).map(|_| seconds(probe_s)),
            server,
            account,
            dialled: if self.dialled_to == 1 { Dialled::To } else { Dialled::RequestUri },
        }
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
}
