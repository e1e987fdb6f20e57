//! How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3).
//! Never uses the source address: a phone behind NAT may send its CANCEL from another port than its INVITE.

use crate::message::{Method, Request, Response, Via, name_of};
use crate::tokens::MAGIC_COOKIE;

/// Names a transaction we began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientKey {
    branch: String,
    method: String,
}

impl ClientKey {
    pub(crate) fn branch(&self) -> &str {
        &self.branch
    }

    pub(crate) fn of_request(request: &Request) -> ClientKey {
        ClientKey::new(request.fields.via.branch(), name_of(request.fields.cseq_method))
    }

    pub(crate) fn of_response(response: &Response) -> ClientKey {
        ClientKey::new(response.fields.via.branch(), name_of(response.fields.cseq_method))
    }

    fn new(branch: Option<&str>, method: &str) -> ClientKey {
        ClientKey { branch: branch.unwrap_or("").to_owned(), method: method.to_owned() }
    }
}

/// Names a transaction a peer began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerKey {
    identity: String,
    method: &'static str,
}

impl ServerKey {
    /// The transaction of this request; for an ACK that of its INVITE.
    pub(crate) fn of(request: &Request) -> ServerKey {
        let method = match request.method() {
            Method::Ack => Method::Invite,
            other => other,
        };
        ServerKey { identity: identity(request), method: name_of(method) }
    }

    /// The INVITE a CANCEL is about (RFC 3261 §9.2).
    pub(crate) fn of_cancelled(request: &Request) -> ServerKey {
        ServerKey { identity: identity(request), method: name_of(Method::Invite) }
    }
}

fn identity(request: &Request) -> String {
    let fields = &request.fields;
    match fields.via.branch().filter(|branch| branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE)) {
        Some(branch) => format!("{branch} {}", sent_by(&fields.via)),
        // A client of RFC 2543 does not number its transactions. The To tag is left out, because the ACK has one where
        // the INVITE had none; within one Call-ID, From tag and CSeq number there is only one INVITE.
        None => {
            let tag = fields.from.tag().unwrap_or("");
            format!("{} {} {} {}", fields.call_id, tag, fields.cseq, sent_by(&fields.via))
        }
    }
}

fn sent_by(via: &Via) -> String {
    let host = via.host.to_string().to_ascii_lowercase();
    match via.port {
        Some(port) => format!("{host}:{port}"),
        None => format!("{host}:"),
    }
}
