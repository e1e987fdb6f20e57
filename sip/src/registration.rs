//! The other side of a registrar: keeping one user of ours registered somewhere (RFC 3261 §10.2).
//! Never sends by itself; it says when the next REGISTER is due and what stands in it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::auth;
use crate::message::{Fields, Method, Request, Response, Via};
use crate::timing::Timing;
use crate::transport::{Flow, Transport};
use crate::uri::{NameAddr, Uri};

/// What to register, and with whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) registrar: SocketAddr,
    pub(crate) transport: Transport,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) expires: Duration,
}

impl Account {
    /// By which way it is registered.
    pub(crate) fn flow(&self) -> Flow {
        Flow::to(self.transport, self.registrar)
    }
}

/// What a response means for the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Registered for this long.
    Registered { expires: Duration },
    /// Not registered any more, as wished.
    Unregistered,
    /// The registrar says no; tried again later.
    Refused { status: u16 },
    /// Asked for a password: send the next request now.
    Challenged,
}

/// One running registration.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) account: Account,
    domain: Uri,
    call_id: String,
    tag: String,
    cseq: u32,
    contact: Uri,
    authorization: Option<String>,
    /// Unregister rather than register.
    pub(crate) leaving: bool,
    /// When the next REGISTER is due.
    pub(crate) due_at: Option<Duration>,
}

impl Registration {
    pub(crate) fn new(account: Account, contact: Uri, call_id: String, tag: String) -> Registration {
        let registrar = account.registrar;
        let domain = Uri::sip(None, crate::uri::Host::Address(registrar.ip()), Some(registrar.port()));
        let (leaving, authorization, due_at) = (false, None, None);
        Registration { account, domain, call_id, tag, cseq: 0, contact, authorization, leaving, due_at }
    }

    /// The next REGISTER: same Call-ID, next number (RFC 3261 §10.2).
    pub(crate) fn request(&mut self, via: Via) -> Request {
        self.cseq += 1;
        let (host, port) = (self.account.registrar.ip(), self.account.registrar.port());
        let own = Uri::sip(Some(&self.account.user), crate::uri::Host::Address(host), Some(port));
        let mut from = NameAddr::new(own.clone());
        from.params.set("tag", &self.tag);
        let fields = Fields {
            via,
            from,
            to: NameAddr::new(own),
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            cseq_method: Method::Register.to_string(),
        };
        let expires = if self.leaving { 0 } else { self.account.expires.as_secs() };
        let mut request = Request::new(Method::Register, self.domain.clone(), fields)
            .with("Contact", format!("<{}>", self.contact))
            .with("Expires", expires.to_string());
        if let Some(authorization) = self.authorization.take() {
            request = request.with("Authorization", authorization);
        }
        self.due_at = None;
        request
    }

    /// Takes the final response, or none if nobody answered.
    pub(crate) fn on(
        &mut self,
        now: Duration,
        timing: &Timing,
        sent: &Request,
        response: Option<&Response>,
        cnonce: &str,
    ) -> Outcome {
        let status = response.map_or(408, Response::status);
        if let Some(response) = response.filter(|_| matches!(status, 401 | 407)) {
            // One try per challenge; a second one only if the registrar says the nonce alone was at fault.
            let stale = response.all("WWW-Authenticate").any(|text| text.to_ascii_lowercase().contains("stale=true"));
            if sent.header("Authorization").is_none() || stale {
                let (user, password) = (self.account.user.as_str(), self.account.password.as_str());
                let challenges = response.all("WWW-Authenticate");
                let uri = self.domain.to_string();
                self.authorization = auth::answer(challenges, user, password, "REGISTER", &uri, cnonce);
                if self.authorization.is_some() {
                    return Outcome::Challenged;
                }
            }
        }
        if self.leaving && sent.header("Expires") == Some("0") {
            return Outcome::Unregistered;
        }
        let Some(response) = response.filter(|_| (200..300).contains(&status)) else {
            self.due_at = Some(now + timing.transaction_max());
            return Outcome::Refused { status };
        };
        let own = response.all("Contact").filter_map(|contact| NameAddr::parse(contact).ok());
        let own = own.into_iter().find(|contact| contact.uri == self.contact);
        let granted = own.as_ref().and_then(|contact| contact.params.get("expires")).or(response.header("Expires"));
        let granted = granted.and_then(|text| text.trim().parse::<u32>().ok());
        let expires = granted.map_or(self.account.expires, |seconds| Duration::from_secs(seconds.into()));
        // Early enough that a lost REGISTER can be repeated in time.
        self.due_at = Some(now + (expires / 2).max(Duration::from_secs(1)));
        Outcome::Registered { expires }
    }
}
