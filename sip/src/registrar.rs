//! The registrar: which phones are reachable where (RFC 3261 §10.3).
//! Never checks a password, and never trusts a Contact for routing: requests go back to where the REGISTER came from.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::message::Request;
use crate::transport::{Flow, Transport};
use crate::uri::{NameAddr, Uri};

/// The most phones one user may have.
const BINDINGS_PER_USER_MAX: usize = 10;
/// How long a registration lasts if the phone does not say (RFC 3261 §10.2.1.1).
const EXPIRES_DEFAULT: Duration = Duration::from_secs(3600);
/// A shorter wish is refused, except zero (RFC 3261 §10.3 step 7): a phone in a hurry would be a flood.
const EXPIRES_MIN: Duration = Duration::from_secs(10);

/// One phone of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) contact: Uri,
    /// The way the REGISTER came: the only one to the phone that surely works.
    pub(crate) flow: Flow,
    pub(crate) expires_at: Duration,
    instance: Option<String>,
    call_id: String,
    cseq: u32,
    updated_at: Duration,
}

/// What a REGISTER changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A phone is reachable, for this long from now.
    Bound { contact: Uri, expires: Duration },
    /// The user has no phone any more.
    Gone,
}

/// Why a REGISTER was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400.
    Malformed,
    /// 423, with the shortest time allowed.
    TooBrief { min: Duration },
    /// 500: an older REGISTER than the one that made the binding.
    OutOfOrder,
    /// 403: no more phones for this user.
    TooMany,
}

/// All bindings, by user.
#[derive(Debug, Clone)]
pub(crate) struct Registrar {
    max: Duration,
    users: BTreeMap<String, Vec<Binding>>,
}

impl Registrar {
    pub(crate) fn new(max: Duration) -> Registrar {
        Registrar { max, users: BTreeMap::new() }
    }

    /// The user's phones, the one heard from last first.
    pub(crate) fn bindings(&self, now: Duration, user: &str) -> Vec<&Binding> {
        let all = self.users.get(user).map_or(&[][..], Vec::as_slice);
        let mut live: Vec<&Binding> = all.iter().filter(|binding| binding.expires_at > now).collect();
        live.sort_by_key(|binding| std::cmp::Reverse(binding.updated_at));
        live
    }

    /// The Contact values of a 200 (RFC 3261 §10.3 step 8).
    pub(crate) fn contacts(&self, now: Duration, user: &str) -> Vec<String> {
        let bindings = self.bindings(now, user).into_iter();
        bindings
            .map(|binding| format!("<{}>;expires={}", binding.contact, (binding.expires_at - now).as_secs()))
            .collect()
    }

    /// Applies a REGISTER whose sender proved to be the user: all of it or nothing (RFC 3261 §10.3 step 7).
    pub(crate) fn apply(
        &mut self,
        now: Duration,
        user: &str,
        request: &Request,
        flow: Flow,
    ) -> Result<Vec<Change>, Refusal> {
        let fields = &request.fields;
        let asked = match request.header("Expires") {
            // A value that makes no sense counts as the default (RFC 3261 §20.19).
            Some(text) => {
                text.trim().parse().map_or(EXPIRES_DEFAULT, |seconds: u32| Duration::from_secs(seconds.into()))
            }
            None => EXPIRES_DEFAULT,
        };
        let old = self.users.get(user).cloned().unwrap_or_default();
        let mut new: Vec<Binding> = old.iter().filter(|binding| binding.expires_at > now).cloned().collect();
        let mut changes = Vec::new();
        let is_old = |binding: &Binding| binding.call_id == fields.call_id && binding.cseq >= fields.cseq;
        if request.all("Contact").any(|contact| contact == "*") {
            // Step 6: the star stands alone and only with zero.
            if request.all("Contact").count() != 1 || asked != Duration::ZERO || request.header("Expires").is_none() {
                return Err(Refusal::Malformed);
            }
            if new.iter().any(is_old) {
                return Err(Refusal::OutOfOrder);
            }
            new.clear();
        } else {
            for contact in request.all("Contact") {
                let contact = NameAddr::parse(contact).map_err(|_| Refusal::Malformed)?;
                let own = contact.params.get("expires").and_then(|text| text.parse::<u32>().ok());
                let wished = own.map_or(asked, |seconds| Duration::from_secs(seconds.into()));
                let instance = contact.params.get("+sip.instance").map(str::to_owned);
                let uri = contact.uri;
                let known = new
                    .iter()
                    .position(|binding| binding.contact == uri || (instance.is_some() && binding.instance == instance));
                if known.is_some_and(|at| is_old(&new[at])) {
                    return Err(Refusal::OutOfOrder);
                }
                if wished == Duration::ZERO {
                    known.map(|at| new.remove(at));
                    continue;
                }
                if wished < EXPIRES_MIN.min(self.max) {
                    return Err(Refusal::TooBrief { min: EXPIRES_MIN.min(self.max) });
                }
                let expires = wished.min(self.max);
                let binding = Binding {
                    contact: uri.clone(),
                    flow,
                    expires_at: now + expires,
                    instance,
                    call_id: fields.call_id.clone(),
                    cseq: fields.cseq,
                    updated_at: now,
                };
                match known {
                    Some(at) => new[at] = binding,
                    None if new.len() < BINDINGS_PER_USER_MAX => new.push(binding),
                    None => return Err(Refusal::TooMany),
                }
                changes.push(Change::Bound { contact: uri, expires });
            }
        }
        if new.is_empty() {
            self.users.remove(user);
            if !old.is_empty() {
                changes.push(Change::Gone);
            }
        } else {
            self.users.insert(user.to_owned(), new);
        }
        Ok(changes)
    }

    /// Restores a binding known from before a restart; a later REGISTER replaces it.
    pub(crate) fn restore(&mut self, now: Duration, user: &str, contact: Uri, flow: Flow, expires: Duration) {
        let bindings = self.users.entry(user.to_owned()).or_default();
        if bindings.len() >= BINDINGS_PER_USER_MAX || bindings.iter().any(|binding| binding.contact == contact) {
            return;
        }
        bindings.push(Binding {
            contact,
            flow,
            expires_at: now + expires.min(self.max),
            instance: None,
            call_id: String::new(),
            cseq: 0,
            updated_at: now,
        });
    }

    /// Whether a phone is reached by this connection.
    pub(crate) fn is_bound_to(&self, connection: &Flow) -> bool {
        self.users.values().flatten().any(|binding| binding.flow.goes_by(connection))
    }

    /// A connection is gone (RFC 5626 §7): its phones are found where they say that they listen, if that is where they
    /// came from, and are gone otherwise. The users who have none left.
    pub(crate) fn lose(&mut self, connection: &Flow) -> Vec<String> {
        let host = connection.peer.ip();
        for bindings in self.users.values_mut() {
            bindings.retain_mut(|binding| {
                if !binding.flow.goes_by(connection) {
                    return true;
                }
                let listens_at = binding.contact.address().filter(|address| address.ip() == host);
                let asks_for = Transport::asked_by(&binding.contact);
                let other = listens_at.zip(asks_for).map(|(address, transport)| Flow::to(transport, address));
                match other.filter(|other| *other != binding.flow) {
                    Some(other) => binding.flow = other,
                    None => return false,
                }
                true
            });
        }
        let gone =
            self.users.iter().filter(|(_, bindings)| bindings.is_empty()).map(|(user, _)| user.clone()).collect();
        self.users.retain(|_, bindings| !bindings.is_empty());
        gone
    }

    /// Drops a user whose account is gone; true if they had a phone.
    pub(crate) fn forget(&mut self, user: &str) -> bool {
        self.users.remove(user).is_some()
    }

    /// All users with a phone.
    pub(crate) fn users(&self) -> Vec<String> {
        self.users.keys().cloned().collect()
    }

    /// How many users have a phone.
    pub(crate) fn count(&self) -> usize {
        self.users.len()
    }

    /// When this user's next binding runs out.
    pub(crate) fn expires_next(&self, user: &str) -> Option<Duration> {
        self.users.get(user)?.iter().map(|binding| binding.expires_at).min()
    }

    /// Drops the user's expired bindings; true if that was their last phone.
    pub(crate) fn expire(&mut self, now: Duration, user: &str) -> bool {
        let Some(bindings) = self.users.get_mut(user) else { return false };
        bindings.retain(|binding| binding.expires_at > now);
        let is_empty = bindings.is_empty();
        if is_empty {
            self.users.remove(user);
        }
        is_empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Method;
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

    #[test]
    fn a_phone_is_bound_refreshed_and_unbound() {
        let mut registrar = Registrar::new(seconds(600));
        let mut apply = |now: u64, cseq, headers: &[(&str, &str)]| {
            let changes = registrar.apply(seconds(now), "ann", &register(cseq, headers), testing::flow(9));
            (changes.map(|changes| changes.len()), registrar.contacts(seconds(now), "ann"))
        };
        let contact = ("Contact", "<sip:ann@10.0.0.4:5062;x>");
        assert_eq!(apply(100, 1, &[contact]), (Ok(1), vec!["<sip:ann@10.0.0.4:5062;x>;expires=600".to_owned()]));
        assert_eq!(apply(200, 2, &[contact, ("Expires", "60")]).1, ["<sip:ann@10.0.0.4:5062;x>;expires=60"]);
        assert_eq!(apply(201, 2, &[contact]).0, Err(Refusal::OutOfOrder));
        assert_eq!(apply(202, 3, &[]), (Ok(0), vec!["<sip:ann@10.0.0.4:5062;x>;expires=58".to_owned()]));
        assert_eq!(apply(203, 4, &[("Contact", "<sip:ann@10.0.0.4:5062;x>;expires=0")]), (Ok(1), vec![]));
    }

    #[test]
    fn senseless_wishes_change_nothing() {
        let mut registrar = Registrar::new(seconds(600));
        for (headers, refusal) in [
            (vec![("Contact", "*")], Refusal::Malformed),
            (vec![("Contact", "*"), ("Contact", "<sip:a@b>"), ("Expires", "0")], Refusal::Malformed),
            (vec![("Contact", "nonsense")], Refusal::Malformed),
            (vec![("Contact", "<sip:a@b>;expires=1")], Refusal::TooBrief { min: EXPIRES_MIN }),
        ] {
            assert_eq!(registrar.apply(NOW, "ann", &register(1, &headers), testing::flow(9)), Err(refusal));
        }
        assert!(registrar.users().is_empty());
    }

    #[test]
    fn the_star_drops_all_phones_and_a_phone_that_moved_is_one_phone() {
        let mut registrar = Registrar::new(seconds(600));
        let one = [("Contact", "<sip:a@10.0.0.1>;+sip.instance=\"<urn:uuid:1>\"")];
        let moved = [("Contact", "<sip:a@10.0.0.2>;+sip.instance=\"<urn:uuid:1>\"")];
        registrar.apply(NOW, "ann", &register(1, &one), testing::flow(1)).expect("bound");
        registrar.apply(NOW, "ann", &register(2, &moved), testing::flow(2)).expect("bound");
        let bindings = registrar.bindings(NOW, "ann");
        assert_eq!(bindings.len(), 1);
        assert_eq!(bindings[0].flow, testing::flow(2));
        let star = [("Contact", "*"), ("Expires", "0")];
        assert_eq!(registrar.apply(NOW, "ann", &register(3, &star), testing::flow(2)), Ok(vec![Change::Gone]));
    }

    #[test]
    fn a_binding_runs_out_by_itself() {
        let mut registrar = Registrar::new(seconds(600));
        registrar.apply(NOW, "ann", &register(1, &[("Contact", "<sip:a@b>")]), testing::flow(1)).expect("bound");
        assert_eq!(registrar.expires_next("ann"), Some(seconds(700)));
        assert!(!registrar.expire(seconds(699), "ann"));
        assert!(registrar.bindings(seconds(700), "ann").is_empty());
        assert!(registrar.expire(seconds(700), "ann"));
    }
    #[test]
    fn a_phone_whose_connection_is_gone_is_found_where_it_listens_or_not_at_all() {
        let connection = |port: u16| Flow {
            transport: Transport::Tcp,
            local: Some(testing::address(1)),
            peer: ([10, 0, 0, 4], port).into(),
        };
        for (contact, found) in [
            ("<sip:ann@10.0.0.4:5070;transport=tcp>", Some(Flow::to(Transport::Tcp, ([10, 0, 0, 4], 5070).into()))),
            ("<sip:ann@10.0.0.4:5070>", Some(Flow::udp(([10, 0, 0, 4], 5070).into()))),
            // Somebody else's address, a name, and a transport that we lack.
            ("<sip:ann@10.0.0.5:5070;transport=tcp>", None),
            ("<sip:ann@phone.local;transport=tcp>", None),
            ("<sip:ann@10.0.0.4;transport=tls>", None),
        ] {
            let mut registrar = Registrar::new(seconds(600));
            let request = register(1, &[("Contact", contact)]);
            registrar.apply(NOW, "ann", &request, connection(40000)).expect("bound");
            assert!(registrar.is_bound_to(&connection(40000)) && !registrar.is_bound_to(&connection(40001)));
            assert_eq!(registrar.lose(&connection(40001)), Vec::<String>::new(), "another's connection");
            let gone = registrar.lose(&connection(40000));
            assert_eq!(registrar.bindings(NOW, "ann").first().map(|binding| binding.flow), found, "{contact}");
            assert_eq!(gone.is_empty(), found.is_some());
        }
    }
}
