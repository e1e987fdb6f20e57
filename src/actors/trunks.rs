//! Trunks beside the user agent: where they are by the name service, and how they stand, for the administrator.
//! It decides nothing: whom to ask, when to register and what to believe of a trunk is `sip::UserAgent`'s affair.

use crate::protocol::rest::{TrunkFailed, TrunkFailure, TrunkReach, TrunkRegistration, TrunkView};
use crate::store::{Dialled, FloorRows, TrunkAccount, TrunkRow, TrunkServer};
use domain::id::CompanyId;
use domain::time::Timestamp;
use sip::auth::Secret;
use sip::{AddressRange, RegistrationState, Server, Transport};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How often names are looked up again: the system's resolver does not say for how long its answers hold.
pub const RESOLVE_EVERY: Duration = Duration::from_secs(60);

/// The most addresses of one name that are used.
const ADDRESSES_MAX: usize = 8;

/// SIP's port where nobody names one (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;

/// The trunks of all companies.
#[derive(Default)]
pub struct Trunks {
    rows: Vec<(TrunkRow, Arc<BTreeSet<String>>)>,
    /// Where the servers are whose names were looked up.
    places: BTreeMap<TrunkServer, Vec<SocketAddr>>,
    /// The servers that are being looked up, and those that were last looked up in vain.
    asked: BTreeSet<TrunkServer>,
    missing: BTreeSet<TrunkServer>,
    standing: BTreeMap<String, Standing>,
}

/// How a trunk stands.
#[derive(Default)]
struct Standing {
    registration: Option<(TrunkRegistration, Timestamp)>,
    reach: Option<(TrunkReach, Timestamp)>,
    last_failure: Option<TrunkFailure>,
}

impl Trunks {
    /// Forgets all rows; what is known of their trunks stays for those that come again.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Takes the trunks of a company, and the numbers that are called by them.
    pub fn add(&mut self, rows: &FloorRows) {
        let numbers: Arc<BTreeSet<String>> = Arc::new(rows.numbers.iter().map(|row| row.number.clone()).collect());
        self.rows.extend(rows.trunks.iter().map(|row| (row.clone(), numbers.clone())));
    }

    /// All rows are there: forgets what is known of trunks that are gone or registered no more, and of their names.
    pub fn settle(&mut self, now: Timestamp) {
        let mut before = std::mem::take(&mut self.standing);
        for (row, _) in &self.rows {
            let name = name(row.company, &row.name);
            let mut standing = before.remove(&name).unwrap_or_default();
            let registers = matches!(row.account, Some(TrunkAccount::Ours { .. }));
            let (pending, unknown) = ((TrunkRegistration::Pending, now), (TrunkReach::Unknown, now));
            standing.registration = registers.then(|| standing.registration.unwrap_or(pending));
            standing.reach = row.probe.map(|_| standing.reach.unwrap_or(unknown));
            self.standing.insert(name, standing);
        }
        let used: BTreeSet<&TrunkServer> = self.rows.iter().filter_map(|(row, _)| row.server.as_ref()).collect();
        self.places.retain(|server, _| used.contains(server));
        self.missing.retain(|server| used.contains(server));
    }

    /// The trunks as the user agent wants them.
    pub fn input(&self) -> Vec<sip::Trunk> {
        self.rows.iter().map(|(row, numbers)| self.trunk(row, numbers.clone())).collect()
    }

    fn trunk(&self, row: &TrunkRow, numbers: Arc<BTreeSet<String>>) -> sip::Trunk {
        let server = row.server.as_ref().map(|server| Server {
            host: server.host.clone(),
            port: server.port,
            transport: if server.tcp { Transport::Tcp } else { Transport::Udp },
            addresses: literal(server)
                .map_or_else(|| self.places.get(server).cloned().unwrap_or_default(), |address| vec![address]),
        });
        let account = row.account.as_ref().map(|account| match account {
            TrunkAccount::Theirs { user, ha1_md5, ha1_sha256 } => sip::TrunkAccount::Theirs {
                user: user.clone(),
                secret: Secret::Hashed { md5: Some(ha1_md5.0.clone()), sha256: Some(ha1_sha256.0.clone()) },
            },
            TrunkAccount::Ours { user, login, password, expires } => sip::TrunkAccount::Ours {
                user: user.clone(),
                login: login.clone(),
                secret: Secret::Plain(password.0.clone()),
                expires: Duration::from_millis(expires.0),
            },
        });
        sip::Trunk {
            name: name(row.company, &row.name),
            addresses: row.addresses.iter().filter_map(|address| AddressRange::parse(address)).collect(),
            server,
            account,
            dialled: match row.dialled {
                Dialled::RequestUri => sip::Dialled::RequestUri,
                Dialled::To => sip::Dialled::To,
            },
            numbers,
            probe: row.probe.map(|probe| Duration::from_millis(probe.0)),
        }
    }

    /// The servers whose names are to be looked up now; each has to be [`Trunks::found`].
    pub fn seek(&mut self) -> Vec<TrunkServer> {
        let named = self.rows.iter().filter_map(|(row, _)| row.server.clone());
        let wanted: BTreeSet<TrunkServer> = named.filter(|server| literal(server).is_none()).collect();
        let wanted: Vec<TrunkServer> = wanted.difference(&self.asked).cloned().collect();
        self.asked.extend(wanted.iter().cloned());
        wanted
    }

    /// What looking up a server came to; whether it is elsewhere than before. One that is not found stays where it was.
    pub fn found(&mut self, now: Timestamp, server: TrunkServer, found: io::Result<Vec<SocketAddr>>) -> bool {
        self.asked.remove(&server);
        let found = found.and_then(|mut found| {
            found.truncate(ADDRESSES_MAX);
            if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
        });
        let host = &server.host;
        match found {
            Ok(found) => {
                if self.missing.remove(&server) {
                    tracing::info!(host, "the name of a trunk's server is found again");
                }
                // Name servers turn their lists round; that alone moves nothing.
                let sorted = |places: &[SocketAddr]| places.iter().copied().collect::<BTreeSet<_>>();
                let known = self.places.get(&server).map(|known| sorted(known));
                if known.as_ref() == Some(&sorted(&found)) {
                    return false;
                }
                self.places.insert(server, found);
                true
            }
            Err(error) => {
                if self.missing.insert(server.clone()) {
                    tracing::warn!(host, %error, "the name of a trunk's server is not found (see registrar or server)");
                }
                for (row, _) in self.rows.iter().filter(|(row, _)| row.server.as_ref() == Some(&server)) {
                    if let Some(standing) = self.standing.get_mut(&name(row.company, &row.name)) {
                        standing.last_failure = Some(TrunkFailure { at: now, what: TrunkFailed::Name, status: None });
                    }
                }
                false
            }
        }
    }

    /// Our registration with a trunk changed.
    pub fn registration(&mut self, now: Timestamp, trunk: &str, state: RegistrationState) {
        let Some(standing) = self.standing.get_mut(trunk) else { return };
        let state_now = match state {
            RegistrationState::Registered { .. } => TrunkRegistration::Registered,
            RegistrationState::Refused { status } => {
                let failure = TrunkFailure { at: now, what: TrunkFailed::Registration, status: Some(status) };
                standing.last_failure = Some(failure);
                TrunkRegistration::Refused
            }
            RegistrationState::Unregistered => TrunkRegistration::Pending,
        };
        if standing.registration.is_some_and(|(before, _)| before == state_now) {
            return;
        }
        standing.registration = Some((state_now, now));
        match state {
            RegistrationState::Registered { expires } => {
                tracing::info!(trunk, expires_s = expires.as_secs(), "registered with a trunk");
            }
            RegistrationState::Refused { status } => {
                tracing::warn!(trunk, status, "not registered with a trunk; trying again");
            }
            RegistrationState::Unregistered => tracing::info!(trunk, "unregistered from a trunk"),
        }
    }

    /// A trunk began or ceased to answer.
    pub fn reach(&mut self, now: Timestamp, trunk: &str, reachable: bool, status: u16) {
        let Some(standing) = self.standing.get_mut(trunk) else { return };
        if reachable {
            standing.reach = Some((TrunkReach::Reachable, now));
            tracing::info!(trunk, status, "a trunk is reachable");
        } else {
            standing.reach = Some((TrunkReach::Unreachable, now));
            standing.last_failure = Some(TrunkFailure { at: now, what: TrunkFailed::Probe, status: Some(status) });
            tracing::warn!(trunk, status, "a trunk is not reachable");
        }
    }

    /// How the trunks of a company stand, by name.
    pub fn views(&self, company: CompanyId) -> Vec<TrunkView> {
        let of_company = self.rows.iter().filter(|(row, _)| row.company == company);
        let view = |row: &TrunkRow| {
            let standing = self.standing.get(&name(company, &row.name));
            let registration = standing.and_then(|standing| standing.registration);
            let reach = standing.and_then(|standing| standing.reach);
            TrunkView {
                name: row.name.clone(),
                registration: registration.map(|(state, _)| state),
                registration_since: registration.map(|(_, since)| since),
                reach: reach.map(|(state, _)| state),
                reach_since: reach.map(|(_, since)| since),
                last_failure: standing.and_then(|standing| standing.last_failure.clone()),
            }
        };
        of_company.map(|(row, _)| view(row)).collect()
    }
}

/// Trunks are named so that their company can be told.
fn name(company: CompanyId, name: &str) -> String {
    format!("{company}/{name}")
}

/// What a trunk that the user agent names is called in its company.
pub fn name_of(trunk: &str) -> &str {
    trunk.split_once('/').map_or(trunk, |(_, name)| name)
}

/// The company of a trunk that the user agent names.
pub fn company_of(trunk: &str) -> Option<CompanyId> {
    trunk.split_once('/')?.0.parse().ok().map(CompanyId)
}

/// The address of a server that is not named but given.
fn literal(server: &TrunkServer) -> Option<SocketAddr> {
    Some(SocketAddr::new(server.host.parse().ok()?, server.port.unwrap_or(SIP_PORT)))
}

/// Asks the system's resolver where a server is; it does so on a thread of its own.
///
/// # Errors
/// When there is no such name, or nobody who knows.
pub async fn look_up(server: &TrunkServer) -> io::Result<Vec<SocketAddr>> {
    let found = tokio::net::lookup_host((server.host.as_str(), server.port.unwrap_or(SIP_PORT))).await?;
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NumberRow;
    use domain::id::QueueId;
    use domain::time::Span;

    const NOW: Timestamp = Timestamp(1000);

    fn server(host: &str) -> TrunkServer {
        TrunkServer { host: host.to_owned(), port: None, tcp: false }
    }

    fn company(id: u64, hosts: &[&str]) -> FloorRows {
        let company = CompanyId(id);
        let row = |host: &&str| TrunkRow {
            company,
            name: format!("to {host}"),
            addresses: vec!["192.0.2.0/24".to_owned()],
            server: Some(server(host)),
            account: None,
            probe: Some(Span::seconds(60)),
            dialled: Dialled::To,
        };
        FloorRows {
            id: company,
            name: format!("company {id}"),
            numbers: vec![NumberRow { number: format!("{id}11"), company, queue: QueueId(1) }],
            trunks: hosts.iter().map(row).collect(),
            ..FloorRows::default()
        }
    }

    fn places(trunks: &Trunks) -> Vec<(String, Vec<String>)> {
        let place = |trunk: sip::Trunk| {
            let server = trunk.server.expect("a server");
            (trunk.name, server.addresses.iter().map(ToString::to_string).collect())
        };
        trunks.input().into_iter().map(place).collect()
    }

    fn found(addresses: &[&str]) -> io::Result<Vec<SocketAddr>> {
        Ok(addresses.iter().map(|address| address.parse().expect("an address")).collect())
    }

    #[test]
    fn a_name_is_looked_up_once_at_a_time_and_keeps_its_place_while_it_is_not_found() {
        let mut trunks = Trunks::default();
        trunks.add(&company(1, &["a.example", "192.0.2.9"]));
        trunks.add(&company(2, &["a.example"]));
        trunks.settle(NOW);
        assert_eq!(trunks.seek(), [server("a.example")], "addresses are not looked up, and a name once for all");
        assert_eq!(trunks.seek(), [], "it is being looked up");
        assert!(!trunks.found(NOW, server("a.example"), Err(io::ErrorKind::NotFound.into())));
        let failure = trunks.views(CompanyId(2))[0].last_failure.clone().expect("a failure");
        assert_eq!((failure.at, failure.what), (NOW, TrunkFailed::Name));

        assert_eq!(trunks.seek(), [server("a.example")]);
        assert!(trunks.found(NOW, server("a.example"), found(&["198.51.100.1:5060", "198.51.100.2:5060"])));
        let places_now = places(&trunks);
        let both = vec!["198.51.100.1:5060".to_owned(), "198.51.100.2:5060".to_owned()];
        assert_eq!(
            places_now,
            [
                ("1/to a.example".to_owned(), both.clone()),
                ("1/to 192.0.2.9".to_owned(), vec!["192.0.2.9:5060".to_owned()]),
                ("2/to a.example".to_owned(), both),
            ]
        );
        // Turned round, not found, found without an address: nothing moves.
        for again in
            [found(&["198.51.100.2:5060", "198.51.100.1:5060"]), Err(io::ErrorKind::TimedOut.into()), found(&[])]
        {
            assert!(!trunks.found(NOW, server("a.example"), again));
            assert_eq!(places(&trunks), places_now);
        }
        assert!(trunks.found(NOW, server("a.example"), found(&["198.51.100.3:5060"])));
        let numbers = trunks.input().into_iter().map(|trunk| trunk.numbers.first().cloned().expect("a number"));
        assert_eq!(numbers.collect::<Vec<_>>(), ["111", "111", "211"]);
    }

    #[test]
    fn what_is_known_of_a_trunk_outlives_a_reload_and_goes_with_the_trunk() {
        let mut trunks = Trunks::default();
        trunks.add(&company(1, &["a.example", "b.example"]));
        trunks.settle(NOW);
        trunks.reach(Timestamp(2000), "1/to a.example", true, 200);
        trunks.reach(Timestamp(2000), "1/nobody", true, 200);
        trunks.reach(Timestamp(3000), "1/to b.example", false, 408);
        let view = |trunks: &Trunks| {
            let views = trunks.views(CompanyId(1));
            views.into_iter().map(|one| (one.name, one.reach, one.reach_since, one.registration)).collect::<Vec<_>>()
        };
        let row = |name: &str, reach, since| (name.to_owned(), Some(reach), Some(Timestamp(since)), None);
        let before = view(&trunks);
        assert_eq!(
            before,
            [row("to a.example", TrunkReach::Reachable, 2000), row("to b.example", TrunkReach::Unreachable, 3000)]
        );
        trunks.clear();
        trunks.add(&company(1, &["a.example"]));
        trunks.settle(Timestamp(4000));
        assert_eq!(view(&trunks), before[..1]);
        trunks.clear();
        trunks.add(&company(1, &["a.example", "b.example"]));
        trunks.settle(Timestamp(5000));
        assert_eq!(view(&trunks)[1], row("to b.example", TrunkReach::Unknown, 5000));
        assert!(trunks.views(CompanyId(2)).is_empty());
    }
}
