//! The registrar: which phones are reachable where (RFC 3261 §10.3, RFC 3327, RFC 5626).
//! Never checks a password, and never trusts a Contact for routing further than to another port of the host from which the
//! REGISTER came.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::contract;
use crate::message::{Request, elements};
use crate::transport::{Flow, Transport};
use crate::uri::{DEFAULT_PORT, NameAddr, Uri};

/// How long a registration lasts if the phone does not say (RFC 3261 §10.2.1.1).
const EXPIRES_DEFAULT: Duration = Duration::from_secs(3600);
/// A shorter wish is refused, except zero (RFC 3261 §10.3 step 7): a phone in a hurry would be a flood.
const EXPIRES_MIN: Duration = Duration::from_secs(10);
/// The most characters of what a phone says that it is.
const USER_AGENT_CHARACTERS_MAX: usize = 100;
/// The most proxies on the way to a phone.
const PATH_MAX: usize = 8;

/// One phone of a user, or one of the ways to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) contact: Uri,
    /// The way the REGISTER came: by it the phone speaks for its user.
    pub(crate) flow: Flow,
    /// The way calls go: see [`way_to`].
    pub(crate) way: Flow,
    /// The proxies by which it came, in the order in which requests to the phone visit them (RFC 3327 §5.3).
    pub(crate) path: Vec<NameAddr>,
    pub(crate) expires_at: Duration,
    /// Which phone it is, wherever it is (RFC 5626 §4.1): as it was written, with its quotes.
    pub(crate) instance: Option<String>,
    /// Which of the phone's ways to us it is, if it keeps several of them (RFC 5626 §4.2).
    reg_id: Option<u32>,
    call_id: String,
    cseq: u32,
    /// Since when it is registered in this run, and for how long it was before.
    since: Duration,
    before: Duration,
    user_agent: Option<String>,
}

impl Binding {
    /// Whether a REGISTER for `other` replaces this one: the same phone by the same way of several, or at the same
    /// address where a phone does not say which it is (RFC 5626 §6, RFC 3261 §10.3 step 7).
    fn gives_way_to(&self, other: &Binding) -> bool {
        match (&self.instance, &other.instance) {
            (Some(own), Some(new)) if own == new => match (self.reg_id, other.reg_id) {
                (Some(own), Some(new)) => own == new,
                (None, _) | (_, None) => true,
            },
            (Some(_), Some(_)) => false,
            (None, _) | (_, None) => self.contact.same(&other.contact),
        }
    }

    /// Where the phone, or the first proxy before it, can be called if the connection is gone. Only on the host from
    /// which the REGISTER came: anything else would let a phone send our calls anywhere.
    fn listens_at(&self) -> Option<Flow> {
        // Who keeps the connection alive for us cannot be reached without it (RFC 5626 §5.3).
        if self.reg_id.is_some() {
            return None;
        }
        let uri = self.path.first().map_or(&self.contact, |first| &first.uri);
        let address = uri.address().filter(|address| address.ip() == self.flow.peer.ip())?;
        Some(Flow::to(Transport::asked_by(uri)?, address))
    }
}

/// What a REGISTER changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    /// How many phones said that they are reachable.
    pub(crate) bound: usize,
    /// Whether something is other than before.
    pub(crate) is_change: bool,
    /// A phone keeps several ways to us, and we will use them (RFC 5626 §6).
    pub(crate) is_outbound: bool,
    /// The user has no phone any more.
    pub(crate) is_gone: bool,
}

/// Why a REGISTER was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400.
    Malformed,
    /// 420: there are proxies on the way of which the phone knows nothing (RFC 3327 §5.3).
    PathUnsupported,
    /// 423, with the shortest time allowed.
    TooBrief { min: Duration },
    /// 439: the phone keeps several ways, but the first proxy on this one does not (RFC 5626 §6).
    FirstHopLacksOutbound,
    /// 500: an older REGISTER than the one that made the binding.
    OutOfOrder,
    /// 403: more phones at once than a user may have.
    TooMany,
}

/// A REGISTER as it was sent, and what it says of all its contacts.
struct Register<'a> {
    request: &'a Request,
    flow: Flow,
    /// For how long a contact is to be bound that names no time of its own.
    expires: Duration,
    path: Vec<NameAddr>,
    wants_outbound: bool,
}

impl Register<'_> {
    fn new(request: &Request, flow: Flow) -> Result<Register<'_>, Refusal> {
        let expires = match request.header("Expires") {
            // A value that makes no sense counts as the default (RFC 3261 §20.19).
            Some(text) => {
                text.trim().parse().map_or(EXPIRES_DEFAULT, |seconds: u32| Duration::from_secs(seconds.into()))
            }
            None => EXPIRES_DEFAULT,
        };
        Ok(Register { request, flow, expires, path: path_of(request)?, wants_outbound: supports(request, "outbound") })
    }

    /// Whether it removes all bindings: the star stands alone and only with zero (RFC 3261 §10.3 step 6).
    fn removes_all(&self) -> Result<bool, Refusal> {
        let request = self.request;
        if !request.all("Contact").any(|contact| contact == "*") {
            return Ok(false);
        }
        let is_alone = request.all("Contact").count() == 1;
        let is_zero = request.header("Expires").is_some() && self.expires == Duration::ZERO;
        if is_alone && is_zero { Ok(true) } else { Err(Refusal::Malformed) }
    }

    /// Whether the REGISTER that made a binding came from the same phone and later.
    fn is_older_than(&self, known: &Binding) -> bool {
        let fields = &self.request.fields;
        known.call_id == fields.call_id && known.cseq >= fields.cseq
    }

    /// One of its contacts as a binding, and for how long that was wished for; zero removes it.
    fn binding(&self, now: Duration, contact: &str, expires_max: Duration) -> Result<(Binding, Duration), Refusal> {
        let contact = NameAddr::parse(contact).map_err(|_| Refusal::Malformed)?;
        let own = contact.params.get("expires").and_then(|text| text.parse::<u32>().ok());
        let wished = own.map_or(self.expires, |seconds| Duration::from_secs(seconds.into()));
        let instance = contact.params.get("+sip.instance").filter(|text| !text.is_empty()).map(str::to_owned);
        let reg_id = contact.params.get("reg-id").and_then(|text| text.parse().ok()).filter(|id| *id > 0);
        let binding = Binding {
            way: way_to(self.request, self.flow, &contact.uri, &self.path),
            contact: contact.uri,
            flow: self.flow,
            path: self.path.clone(),
            expires_at: now + wished.min(expires_max),
            reg_id: self.usable(reg_id, instance.as_deref())?,
            instance,
            call_id: self.request.fields.call_id.clone(),
            cseq: self.request.fields.cseq,
            since: now,
            before: Duration::ZERO,
            user_agent: user_agent_of(self.request),
        };
        Ok((binding, wished))
    }

    /// The number of a way, if it means anything: not without an instance (RFC 5626 §6), and not over UDP, where the phone
    /// could not tell that its way is gone, because nothing here speaks STUN (RFC 5626 §4.4.2).
    fn usable(&self, reg_id: Option<u32>, instance: Option<&str>) -> Result<Option<u32>, Refusal> {
        let is_kept = instance.is_some() && self.wants_outbound && self.flow.transport.is_reliable();
        let usable = reg_id.filter(|_| is_kept);
        let is_direct = self.request.all("Via").count() == 1;
        let is_kept_by_proxy = self.path.first().is_some_and(|first| first.uri.param("ob").is_some());
        if usable.is_some() && !is_direct && !is_kept_by_proxy {
            return Err(Refusal::FirstHopLacksOutbound);
        }
        Ok(usable)
    }
}

/// All bindings, by user.
#[derive(Debug, Clone)]
pub(crate) struct Registrar {
    expires_max: Duration,
    bindings_max: usize,
    /// The one heard from last stands last.
    users: BTreeMap<String, Vec<Binding>>,
}

impl Registrar {
    pub(crate) fn new(expires_max: Duration, bindings_max: usize) -> Registrar {
        Registrar { expires_max, bindings_max: bindings_max.max(1), users: BTreeMap::new() }
    }

    /// The user's phones, the one heard from last first.
    pub(crate) fn bindings(&self, now: Duration, user: &str) -> Vec<&Binding> {
        let all = self.users.get(user).map_or(&[][..], Vec::as_slice);
        all.iter().rev().filter(|binding| binding.expires_at > now).collect()
    }

    /// The same as the application keeps them.
    pub(crate) fn kept(&self, now: Duration, user: &str) -> Vec<contract::Binding> {
        let kept = |binding: &Binding| contract::Binding {
            contact: binding.contact.to_string(),
            flow: binding.flow,
            way: binding.way,
            path: binding.path.iter().map(ToString::to_string).collect(),
            instance: binding.instance.clone(),
            reg_id: binding.reg_id,
            call_id: binding.call_id.clone(),
            cseq: binding.cseq,
            expires: binding.expires_at.saturating_sub(now),
            registered_for: binding.before + now.saturating_sub(binding.since),
            user_agent: binding.user_agent.clone(),
        };
        self.bindings(now, user).into_iter().map(kept).collect()
    }

    /// The Contact values of a 200 (RFC 3261 §10.3 step 8, RFC 5626 §6).
    pub(crate) fn contacts(&self, now: Duration, user: &str) -> Vec<String> {
        let contact = |binding: &Binding| {
            let seconds = (binding.expires_at - now).as_secs();
            let instance = binding.instance.as_ref().map_or(String::new(), |one| format!(";+sip.instance={one}"));
            let reg_id = binding.reg_id.map_or(String::new(), |number| format!(";reg-id={number}"));
            format!("<{}>;expires={seconds}{instance}{reg_id}", binding.contact)
        };
        self.bindings(now, user).into_iter().map(contact).collect()
    }

    /// Applies a REGISTER whose sender proved to be the user: all of it or nothing (RFC 3261 §10.3 step 7).
    pub(crate) fn apply(
        &mut self,
        now: Duration,
        user: &str,
        request: &Request,
        flow: Flow,
    ) -> Result<Applied, Refusal> {
        let register = Register::new(request, flow)?;
        let old = self.users.get(user).cloned().unwrap_or_default();
        let mut new: Vec<Binding> = old.iter().filter(|binding| binding.expires_at > now).cloned().collect();
        let (mut bound, mut is_outbound) = (0, false);
        if register.removes_all()? {
            if new.iter().any(|known| register.is_older_than(known)) {
                return Err(Refusal::OutOfOrder);
            }
            new.clear();
        } else {
            let min = EXPIRES_MIN.min(self.expires_max);
            for contact in request.all("Contact") {
                let (mut binding, wished) = register.binding(now, contact, self.expires_max)?;
                let is_late = |known: &Binding| known.expires_at > now && register.is_older_than(known);
                if old.iter().any(|known| known.gives_way_to(&binding) && is_late(known)) {
                    return Err(Refusal::OutOfOrder);
                }
                if !wished.is_zero() && wished < min {
                    return Err(Refusal::TooBrief { min });
                }
                if let Some(known) = new.iter().find(|known| known.gives_way_to(&binding)) {
                    (binding.since, binding.before) = (known.since, known.before);
                }
                new.retain(|known| !known.gives_way_to(&binding));
                if !wished.is_zero() {
                    bound += 1;
                    is_outbound |= binding.reg_id.is_some();
                    new.push(binding);
                }
            }
        }
        if bound > self.bindings_max {
            return Err(Refusal::TooMany);
        }
        // Those not heard from for longest make room: phones that come back under another address leave their old one
        // behind, and must not lock their user out until that runs out.
        new.drain(..new.len().saturating_sub(self.bindings_max));
        let (is_gone, is_change) = (new.is_empty() && !old.is_empty(), new != old);
        if new.is_empty() {
            self.users.remove(user);
        } else {
            self.users.insert(user.to_owned(), new);
        }
        Ok(Applied { bound, is_change, is_outbound, is_gone })
    }

    /// Restores the bindings known from before a restart, the one heard from last first. What has to be reached by a
    /// connection that is gone with it is left out: its phone notices, and comes again.
    pub(crate) fn restore(&mut self, now: Duration, user: &str, kept: Vec<contract::Binding>) {
        let mut restored = Vec::new();
        for kept in kept.into_iter().take(self.bindings_max) {
            let path = kept.path.iter().map(|hop| NameAddr::parse(hop)).collect::<Result<Vec<_>, _>>();
            let (Ok(contact), Ok(path)) = (Uri::parse(&kept.contact), path) else { continue };
            let mut binding = Binding {
                contact,
                flow: kept.flow,
                way: kept.way,
                path,
                expires_at: now + kept.expires.min(self.expires_max),
                instance: kept.instance,
                reg_id: kept.reg_id,
                call_id: kept.call_id,
                cseq: kept.cseq,
                since: now,
                before: kept.registered_for,
                user_agent: kept.user_agent,
            };
            if binding.flow.transport.is_reliable() {
                let Some(other) = binding.listens_at() else { continue };
                (binding.flow, binding.way) = (other, other);
            }
            restored.push(binding);
        }
        restored.reverse();
        if !restored.is_empty() && !self.users.contains_key(user) {
            self.users.insert(user.to_owned(), restored);
        }
    }

    /// Whether a phone is reached by this connection.
    pub(crate) fn is_bound_to(&self, connection: &Flow) -> bool {
        self.users.values().flatten().any(|binding| binding.flow.goes_by(connection))
    }

    /// A connection is gone (RFC 5626 §7): its phones are found where they say that they listen, if that is where they
    /// came from, and are gone otherwise. The users whose phones these are.
    pub(crate) fn lose(&mut self, connection: &Flow) -> Vec<String> {
        let mut changed = Vec::new();
        for (user, bindings) in &mut self.users {
            let mut is_changed = false;
            bindings.retain_mut(|binding| {
                if !binding.flow.goes_by(connection) {
                    return true;
                }
                is_changed = true;
                match binding.listens_at().filter(|other| *other != binding.flow) {
                    Some(other) => (binding.flow, binding.way) = (other, other),
                    None => return false,
                }
                true
            });
            if is_changed {
                changed.push(user.clone());
            }
        }
        self.users.retain(|_, bindings| !bindings.is_empty());
        changed
    }

    /// Drops a user whose account is gone; true if they had a phone.
    pub(crate) fn forget(&mut self, user: &str) -> bool {
        self.users.remove(user).is_some()
    }

    /// All users with a phone.
    pub(crate) fn users(&self) -> Vec<String> {
        self.users.keys().cloned().collect()
    }

    /// Whether the user has a phone.
    pub(crate) fn has(&self, user: &str) -> bool {
        self.users.contains_key(user)
    }

    /// How many users have a phone.
    pub(crate) fn count(&self) -> usize {
        self.users.len()
    }

    /// When this user's next binding runs out.
    pub(crate) fn expires_next(&self, user: &str) -> Option<Duration> {
        self.users.get(user)?.iter().map(|binding| binding.expires_at).min()
    }

    /// Drops the user's expired bindings; true if there were any.
    pub(crate) fn expire(&mut self, now: Duration, user: &str) -> bool {
        let Some(bindings) = self.users.get_mut(user) else { return false };
        let before = bindings.len();
        bindings.retain(|binding| binding.expires_at > now);
        let is_change = bindings.len() < before;
        if bindings.is_empty() {
            self.users.remove(user);
        }
        is_change
    }
}

/// By which way requests to a phone go, as a request of it shows: one that came by `flow`, with the address and the proxies
/// that it names. The rows, of which the first that fits counts:
///
/// | it came | requests to the phone go |
/// |---|---|
/// | by a connection | by that connection (RFC 5626 §5.3) |
/// | through a proxy that does not stay on the way | to where answers to the proxy go |
/// | from a host on which the address, or that of the first proxy in Path, lies not | to where its answers go: it may be behind NAT |
/// | with `rport`, and not from where its Via says | to where its answers go: behind NAT, by the pinhole (RFC 3581 §4) |
/// | otherwise | to that address: it may send from another port than it listens on (RFC 3261 §16.6 step 6) |
///
/// Answers go to where the request came from if it says `rport`, otherwise to the port of its Via on that host. A phone that
/// has proved its password has got one there.
pub(crate) fn way_to(request: &Request, flow: Flow, contact: &Uri, path: &[NameAddr]) -> Flow {
    match flow.transport {
        Transport::Tcp => return flow,
        Transport::Udp => {}
    }
    let answers = Flow { peer: request.response_goes_to(flow.peer), ..flow };
    let is_direct = request.all("Via").count() == 1;
    let next = match path.first() {
        Some(first) => &first.uri,
        None if is_direct => contact,
        None => return answers,
    };
    let address = next.address().filter(|address| address.ip() == flow.peer.ip());
    let (Some(address), Some(transport)) = (address, Transport::asked_by(next)) else { return answers };
    let via = &request.fields.via;
    let is_translated =
        via.host.address() != Some(flow.peer.ip()) || via.port.unwrap_or(DEFAULT_PORT) != flow.peer.port();
    if via.params.has("rport") && is_translated {
        return answers;
    }
    match transport {
        Transport::Udp => Flow { peer: address, ..flow },
        Transport::Tcp => Flow::to(transport, address),
    }
}

/// The proxies that want to stay on the way to the phone (RFC 3327 §5.3).
fn path_of(request: &Request) -> Result<Vec<NameAddr>, Refusal> {
    let path: Result<Vec<NameAddr>, _> = request.all("Path").map(NameAddr::parse).collect();
    let path = path.map_err(|_| Refusal::Malformed)?;
    if path.len() > PATH_MAX {
        return Err(Refusal::Malformed);
    }
    if !path.is_empty() && !supports(request, "path") {
        return Err(Refusal::PathUnsupported);
    }
    Ok(path)
}

/// What the phone says that it is, for people to read.
fn user_agent_of(request: &Request) -> Option<String> {
    let text = request.header("User-Agent")?.chars().filter(|c| !c.is_control());
    let text = text.take(USER_AGENT_CHARACTERS_MAX).collect::<String>().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Whether the phone says that it knows an extension.
pub(crate) fn supports(request: &Request, extension: &str) -> bool {
    elements(request.all("Supported")).into_iter().any(|one| one.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Method, Via};
    use crate::testing;

    fn register(cseq: u32, headers: &[(&str, &str)]) -> Request {
        let mut request = testing::request(Method::Register);
        request.fields.cseq = cseq;
        headers.iter().fold(request, |request, (name, value)| request.with(name, *value))
    }

    const NOW: Duration = Duration::from_secs(100);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn registrar() -> Registrar {
        Registrar::new(seconds(600), 5)
    }

    #[test]
    fn a_phone_is_bound_refreshed_and_unbound() {
        let mut registrar = registrar();
        let mut apply = |now: u64, cseq, headers: &[(&str, &str)]| {
            let applied = registrar.apply(seconds(now), "ann", &register(cseq, headers), testing::flow(9));
            (applied.map(|applied| (applied.bound, applied.is_gone)), registrar.contacts(seconds(now), "ann"))
        };
        let contact = ("Contact", "<sip:ann@10.0.0.4:5062;x>");
        let listed = |seconds: u64| vec![format!("<sip:ann@10.0.0.4:5062;x>;expires={seconds}")];
        assert_eq!(apply(100, 1, &[contact]), (Ok((1, false)), listed(600)));
        assert_eq!(apply(200, 2, &[contact, ("Expires", "60")]).1, listed(60));
        assert_eq!(apply(201, 2, &[contact]).0, Err(Refusal::OutOfOrder));
        assert_eq!(apply(202, 3, &[]), (Ok((0, false)), listed(58)));
        assert_eq!(apply(203, 4, &[("Contact", "<sip:ann@10.0.0.4:5062;x>;expires=0")]), (Ok((0, true)), vec![]));
    }

    #[test]
    fn since_when_a_phone_is_registered_outlives_refreshes_and_restarts_but_no_gap() {
        let mut registrar = registrar();
        let phone = ("Contact", "<sip:ann@10.0.0.4>");
        let kept = |registrar: &Registrar, now| {
            let kept = registrar.kept(seconds(now), "ann").pop().expect("a phone");
            (kept.registered_for.as_secs(), kept.user_agent)
        };
        let apply = |registrar: &mut Registrar, now, cseq, more: &[(&'static str, &'static str)]| {
            let headers: Vec<_> = [phone].into_iter().chain(more.iter().copied()).collect();
            registrar.apply(seconds(now), "ann", &register(cseq, &headers), testing::flow(4)).expect("bound");
        };
        let long: &'static str = "x".repeat(5_000).leak();
        apply(&mut registrar, 100, 1, &[("User-Agent", "Desk 1.0 ")]);
        assert_eq!(kept(&registrar, 130), (30, Some("Desk 1.0".to_owned())));
        apply(&mut registrar, 400, 2, &[("User-Agent", "Desk\u{7} 2.0")]);
        assert_eq!(kept(&registrar, 400), (300, Some("Desk 2.0".to_owned())), "refreshed, with new firmware");
        apply(&mut registrar, 500, 3, &[("User-Agent", long)]);
        assert_eq!(kept(&registrar, 500), (400, Some("x".repeat(100))));
        let before = registrar.kept(seconds(500), "ann");
        let mut restarted = self::registrar();
        restarted.restore(seconds(3), "ann", before);
        assert_eq!(kept(&restarted, 13).0, 410, "the clock of the new run begins anew");
        apply(&mut restarted, 20, 4, &[]);
        assert_eq!(kept(&restarted, 20), (417, None));
        apply(&mut restarted, 20 + 600, 5, &[]);
        assert_eq!(kept(&restarted, 620).0, 0, "it had run out");
    }

    #[test]
    fn senseless_wishes_change_nothing() {
        let many = (0..6).map(|port| format!("<sip:a@10.0.0.1:{port}>")).collect::<Vec<_>>();
        let hops: Vec<(&str, &str)> = [("Path", "<sip:p;lr>"); PATH_MAX + 1].to_vec();
        let with = |more: Vec<(&'static str, &'static str)>, headers: &[(&'static str, &'static str)]| {
            more.into_iter().chain(headers.iter().copied()).collect::<Vec<_>>()
        };
        #[rustfmt::skip]
        let rows = [
            (vec![("Contact", "*")], Refusal::Malformed),
            (vec![("Contact", "*"), ("Expires", "5")], Refusal::Malformed),
            (vec![("Contact", "*"), ("Contact", "<sip:a@b>"), ("Expires", "0")], Refusal::Malformed),
            (vec![("Contact", "nonsense")], Refusal::Malformed),
            (vec![("Contact", "<sip:a@b>"), ("Path", "nonsense"), ("Supported", "path")], Refusal::Malformed),
            (vec![("Contact", "<sip:a@b>"), ("Path", "<sip:p;lr>")], Refusal::PathUnsupported),
            (vec![("Contact", "<sip:a@b>"), ("Path", "<sip:p;lr>"), ("Supported", "gruu")], Refusal::PathUnsupported),
            (vec![("Contact", "<sip:a@b>;expires=1")], Refusal::TooBrief { min: EXPIRES_MIN }),
            (vec![("Contact", "<sip:a@b>"), ("Contact", "<sip:a@c>;expires=9")], Refusal::TooBrief { min: EXPIRES_MIN }),
            (many.iter().map(|contact| ("Contact", contact.as_str())).collect(), Refusal::TooMany),
            (with(hops, &[("Contact", "<sip:a@b>"), ("Supported", "path")]), Refusal::Malformed),
        ];
        for (headers, refusal) in rows {
            let mut registrar = registrar();
            let applied = registrar.apply(NOW, "ann", &register(1, &headers), testing::flow(9));
            assert_eq!(applied, Err(refusal), "{headers:?}");
            assert!(registrar.users().is_empty());
        }
    }

    #[test]
    fn which_phone_takes_the_place_of_which() {
        const ONE: &str = ";+sip.instance=\"<urn:uuid:1>\"";
        const TWO: &str = ";+sip.instance=\"<urn:uuid:2>\"";
        let (one, two) = (|rest: &str| format!("{ONE}{rest}"), |rest: &str| format!("{TWO}{rest}"));
        let none = String::new;
        #[rustfmt::skip]
        let rows = [
            // The first REGISTER's address and parameters, the second's, and how many phones there are then.
            ("a@10.0.0.1", none(),            "a@10.0.0.1", none(),            1, "the same address"),
            ("a@10.0.0.1", none(),            "a@10.0.0.2", none(),            2, "another address"),
            ("a@10.0.0.1", one(""),           "a@10.0.0.2", one(""),           1, "the phone moved"),
            ("a@10.0.0.1", one(""),           "a@10.0.0.1", two(""),           2, "two phones with the same address behind two NATs"),
            ("a@10.0.0.1", none(),            "a@10.0.0.1", one(""),           1, "the phone learnt to say which it is"),
            ("a@10.0.0.1", one(""),           "a@10.0.0.1", none(),            1, "and forgot it again"),
            ("a@10.0.0.1", one(";reg-id=1"),  "a@10.0.0.2", one(";reg-id=1"),  1, "its first way, anew"),
            ("a@10.0.0.1", one(";reg-id=1"),  "a@10.0.0.1", one(";reg-id=2"),  2, "its second way"),
            ("a@10.0.0.1", one(";reg-id=1"),  "a@10.0.0.1", two(";reg-id=1"),  2, "another phone's first way"),
            ("a@10.0.0.1", one(";reg-id=1"),  "a@10.0.0.1", one(""),           1, "it has one way only"),
            ("a@10.0.0.1", one(";reg-id=0"),  "a@10.0.0.2", one(";reg-id=0"),  1, "no number at all"),
        ];
        for (before, before_params, after, after_params, count, why) in rows {
            let mut registrar = registrar();
            let mut apply = |cseq, address: &str, params: &str, port| {
                let contact = format!("<sip:{address}>{params}");
                let headers = [("Contact", contact.as_str()), ("Supported", "outbound, path")];
                registrar.apply(NOW, "ann", &register(cseq, &headers), connection(port)).expect("bound").is_outbound
            };
            assert_eq!(apply(1, before, &before_params, 1), before_params.contains("reg-id=1"), "{why}");
            apply(2, after, &after_params, 2);
            assert_eq!(registrar.bindings(NOW, "ann").len(), count, "{why}");
            assert_eq!(registrar.bindings(NOW, "ann")[0].flow, connection(2), "{why}: the last one comes first");
        }
    }

    #[test]
    fn ways_are_kept_apart_only_where_a_phone_notices_that_one_is_gone() {
        let contact = "<sip:a@10.0.0.1>;+sip.instance=\"<urn:uuid:1>\";reg-id=1";
        let direct = vec![("Contact", contact), ("Supported", "outbound")];
        let proxied = |path: Option<&'static str>| {
            let via = ("Via", "SIP/2.0/TCP 10.0.0.77;branch=z9hG4bKp");
            let path = path.map(|path| ("Path", path));
            [("Contact", contact), ("Supported", "path, outbound"), via].into_iter().chain(path).collect::<Vec<_>>()
        };
        #[rustfmt::skip]
        let rows = [
            (direct.clone(),                                  connection(1),    Ok(true)),
            (direct.clone(),                                  testing::flow(1), Ok(false)),
            (vec![("Contact", contact)],                      connection(1),    Ok(false)),
            (vec![("Contact", "<sip:a@10.0.0.1>;reg-id=1"), ("Supported", "outbound")], connection(1), Ok(false)),
            (proxied(Some("<sip:p@10.0.0.77;lr;ob>")),        connection(1),    Ok(true)),
            (proxied(Some("<sip:p@10.0.0.77;lr>")),           connection(1),    Err(Refusal::FirstHopLacksOutbound)),
            (proxied(None),                                   connection(1),    Err(Refusal::FirstHopLacksOutbound)),
        ];
        for (headers, flow, expected) in rows {
            let applied = registrar().apply(NOW, "ann", &register(1, &headers), flow);
            assert_eq!(applied.map(|applied| applied.is_outbound), expected, "{headers:?} {flow:?}");
        }
    }

    #[test]
    fn beyond_the_bound_the_phone_not_heard_from_for_longest_gives_way() {
        let mut registrar = registrar();
        let mut bind = |number: u32, cseq| {
            let contact = format!("<sip:a@10.0.0.{number}>");
            registrar.apply(NOW, "ann", &register(cseq, &[("Contact", &contact)]), testing::flow(1)).expect("bound");
            let hosts = registrar.bindings(NOW, "ann").into_iter().filter_map(|binding| binding.contact.address());
            hosts.map(|address| address.ip().to_string().replace("10.0.0.", "")).collect::<Vec<_>>().join(" ")
        };
        let mut last = String::new();
        for number in 1..=5 {
            last = bind(number, number);
        }
        assert_eq!(last, "5 4 3 2 1");
        assert_eq!(bind(1, 6), "1 5 4 3 2", "refreshed");
        assert_eq!(bind(6, 7), "6 1 5 4 3");
    }

    #[test]
    fn the_star_drops_all_phones() {
        let mut registrar = registrar();
        let one = [("Contact", "<sip:a@10.0.0.1>"), ("Contact", "<sip:a@10.0.0.2>")];
        registrar.apply(NOW, "ann", &register(2, &one), testing::flow(1)).expect("bound");
        let star = [("Contact", "*"), ("Expires", "0")];
        assert_eq!(registrar.apply(NOW, "ann", &register(1, &star), testing::flow(2)), Err(Refusal::OutOfOrder));
        let applied = registrar.apply(NOW, "ann", &register(3, &star), testing::flow(2)).expect("dropped");
        assert!(applied.is_gone && !registrar.has("ann"));
    }

    #[test]
    fn a_binding_runs_out_by_itself_and_leaves_the_others() {
        let mut registrar = registrar();
        let two = [("Contact", "<sip:a@b>"), ("Contact", "<sip:a@c>;expires=60")];
        registrar.apply(NOW, "ann", &register(1, &two), testing::flow(1)).expect("bound");
        assert_eq!(registrar.expires_next("ann"), Some(seconds(160)));
        assert!(!registrar.expire(seconds(159), "ann"));
        assert_eq!(registrar.bindings(seconds(160), "ann").len(), 1);
        assert!(registrar.expire(seconds(160), "ann") && registrar.has("ann"));
        assert!(registrar.expire(seconds(700), "ann") && !registrar.has("ann"));
    }

    #[test]
    fn a_phone_is_called_where_it_listens_unless_something_says_otherwise() {
        const ASYMMETRIC: &str = "SIP/2.0/UDP 10.0.0.4:5070";
        const PRIVATE: &str = "SIP/2.0/UDP 192.168.1.4:5070";
        const PROXY: &str = "SIP/2.0/UDP 192.168.1.4:5070;branch=z9hG4bKphone";
        #[rustfmt::skip]
        let rows = [
            // Sent from 10.0.0.4:40000 unless the Via is its source; the top Via, rport, what follows; where calls go.
            (ASYMMETRIC, "",       "sip:a@10.0.0.4:5070",                None,                           "UDP 10.0.0.4:5070", "it sends from another port"),
            (ASYMMETRIC, "",       "sip:a@10.0.0.4:5072",                None,                           "UDP 10.0.0.4:5072", "and listens for calls on a third"),
            (ASYMMETRIC, "",       "sip:a@10.0.0.4",                     None,                           "UDP 10.0.0.4:5060", "on the usual port"),
            (ASYMMETRIC, "",       "sip:a@10.0.0.4:5070;transport=tcp",  None,                           "TCP 10.0.0.4:5070", "and wants TCP"),
            (ASYMMETRIC, "",       "sip:a@10.0.0.4:5070;transport=tls",  None,                           "UDP 10.0.0.4:5070", "wants what we lack: as answers"),
            (ASYMMETRIC, "",       "sip:a@phone.example:5072",           None,                           "UDP 10.0.0.4:5070", "a name: as answers"),
            (ASYMMETRIC, "",       "sip:a@10.0.0.5:5072",                None,                           "UDP 10.0.0.4:5070", "another host: as answers"),
            (ASYMMETRIC, "",       "tel:+4930",                          None,                           "UDP 10.0.0.4:5070", "no address: as answers"),
            (ASYMMETRIC, ";rport", "sip:a@10.0.0.4:5070",                None,                           "UDP 10.0.0.4:40000", "it asks for the port it sends from"),
            (PRIVATE,    ";rport", "sip:a@192.168.1.4:5070",             None,                           "UDP 10.0.0.4:40000", "behind NAT"),
            (PRIVATE,    ";rport", "sip:a@10.0.0.4:5072",                None,                           "UDP 10.0.0.4:40000", "behind NAT, with an address that STUN or a router told"),
            (PRIVATE,    "",       "sip:a@192.168.1.4:5070",             None,                           "UDP 10.0.0.4:5070", "behind NAT that keeps ports"),
            ("SIP/2.0/UDP 10.0.0.4:40000", ";rport", "sip:a@10.0.0.4:5072", None,                          "UDP 10.0.0.4:5072", "no NAT"),
            (ASYMMETRIC, "",       "sip:a@192.168.1.4",                  Some("<sip:10.0.0.4:5080;lr>"), "UDP 10.0.0.4:5080", "the proxy that stays on the way"),
            (ASYMMETRIC, ";rport", "sip:a@192.168.1.4",                  Some("<sip:10.0.0.4:5080;lr>"), "UDP 10.0.0.4:40000", "behind NAT itself"),
            (ASYMMETRIC, "",       "sip:a@10.0.0.4:5090",                Some("<sip:edge.example;lr>"),  "UDP 10.0.0.4:5070", "a name"),
        ];
        let via = |text: &str, rport: &str| Via::parse(&format!("{text};branch=z9hG4bKtest{rport}")).expect(text);
        let source = ([10, 0, 0, 4], 40000).into();
        for (top, rport, contact, path, expected, why) in rows {
            let mut request = testing::request(Method::Register);
            request.set_via(via(top, rport));
            let path: Vec<NameAddr> = path.iter().map(|hop| NameAddr::parse(hop).expect("a hop")).collect();
            let contact = Uri::parse(contact).expect(contact);
            let text = |flow: Flow| format!("{} {}", flow.transport.name(), flow.peer);
            assert_eq!(text(way_to(&request, Flow::udp(source), &contact, &path)), expected, "{why}");
            let connection = Flow::to(Transport::Tcp, source);
            assert_eq!(way_to(&request, connection, &contact, &path), connection, "{why}, by TCP");
            if path.is_empty() {
                let proxied = request.with("Via", PROXY);
                let answers = if rport.is_empty() { via(top, rport).port.unwrap_or(0) } else { 40000 };
                let back = format!("UDP 10.0.0.4:{answers}");
                assert_eq!(text(way_to(&proxied, Flow::udp(source), &contact, &[])), back, "{why}, through a proxy");
            }
        }
    }

    fn connection(port: u16) -> Flow {
        Flow { transport: Transport::Tcp, local: Some(testing::address(1)), peer: ([10, 0, 0, 4], port).into() }
    }

    #[test]
    fn a_phone_whose_connection_is_gone_is_found_where_it_listens_or_not_at_all() {
        const INSTANCE: &str = "+sip.instance=\"<urn:uuid:1>\";reg-id=1";
        let outbound = format!("<sip:ann@10.0.0.4:5070;transport=tcp>;{INSTANCE}");
        let tcp = |port| Some(Flow::to(Transport::Tcp, ([10, 0, 0, 4], port).into()));
        #[rustfmt::skip]
        let rows = [
            ("<sip:ann@10.0.0.4:5070;transport=tcp>", None, tcp(5070)),
            ("<sip:ann@10.0.0.4:5070>",               None, Some(Flow::udp(([10, 0, 0, 4], 5070).into()))),
            // Somebody else's address, a name, a transport that we lack, and a phone that keeps the connection for us.
            ("<sip:ann@10.0.0.5:5070;transport=tcp>", None, None),
            ("<sip:ann@phone.local;transport=tcp>",   None, None),
            ("<sip:ann@10.0.0.4;transport=tls>",      None, None),
            (outbound.as_str(),                       None, None),
            // The proxy before it counts, and not what lies behind.
            ("<sip:ann@192.168.1.4>", Some("<sip:10.0.0.4:5080;transport=tcp;lr>"), tcp(5080)),
            ("<sip:ann@10.0.0.4:5070;transport=tcp>", Some("<sip:10.0.0.9;transport=tcp;lr>"), None),
        ];
        for (contact, path, found) in rows {
            let mut registrar = registrar();
            let supported = ("Supported", "path, outbound");
            let headers: Vec<_> =
                [("Contact", contact), supported].into_iter().chain(path.map(|path| ("Path", path))).collect();
            registrar.apply(NOW, "ann", &register(1, &headers), connection(40000)).expect("bound");
            assert!(registrar.is_bound_to(&connection(40000)) && !registrar.is_bound_to(&connection(40001)));
            assert_eq!(registrar.lose(&connection(40001)), Vec::<String>::new(), "another's connection");
            let kept = registrar.kept(NOW, "ann");
            assert_eq!(registrar.lose(&connection(40000)), ["ann"]);
            let flow = |registrar: &Registrar| registrar.bindings(NOW, "ann").first().map(|binding| binding.flow);
            assert_eq!(flow(&registrar), found, "{contact}");
            // A restart loses all connections.
            let mut restored = self::registrar();
            restored.restore(NOW, "ann", kept);
            assert_eq!(flow(&restored), found, "{contact}, after a restart");
        }
    }

    #[test]
    fn what_is_kept_comes_back_the_same_and_in_order() {
        let mut registrar = registrar();
        let phone = |number: u32| format!("<sip:a@10.0.0.{number}>;+sip.instance=\"<urn:uuid:{number}>\"");
        for number in 1..=3 {
            let headers = [("Contact", phone(number)), ("Path", "<sip:p.example;lr>".to_owned())];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            let request = register(number, &headers).with("Supported", "path");
            registrar.apply(NOW, "ann", &request, testing::flow(number as u8)).expect("bound");
        }
        let kept = registrar.kept(NOW, "ann");
        let mut restored = self::registrar();
        restored.restore(NOW, "ann", kept.clone());
        assert_eq!(restored.kept(NOW, "ann"), kept);
        assert_eq!(restored.contacts(NOW, "ann"), registrar.contacts(NOW, "ann"));
        let old = register(3, &[("Contact", &phone(3))]);
        assert_eq!(restored.apply(NOW, "ann", &old, testing::flow(3)), Err(Refusal::OutOfOrder));
    }
}
