//! How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3).
//! Never uses the source address: a phone behind NAT may send its CANCEL from another port than its INVITE.

use crate::message::{Fields, Method, Request, Response, name_of};
use crate::tokens::{Branch, Key, Keys, MAGIC_COOKIE};
use crate::uri::Host;

/// Names a transaction we began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientKey {
    branch: Branch,
    /// The method's number: a CANCEL has the branch of its INVITE.
    method: u8,
}

impl ClientKey {
    pub(crate) fn branch(self) -> Branch {
        self.branch
    }

    pub(crate) fn of_request(request: &Request) -> ClientKey {
        ClientKey { branch: branch(&request.fields).unwrap_or_default(), method: request.method() as u8 }
    }

    /// None if its branch is not of our making.
    pub(crate) fn of_response(response: &Response) -> Option<ClientKey> {
        Some(ClientKey { branch: branch(&response.fields)?, method: response.fields.cseq_method as u8 })
    }
}

fn branch(fields: &Fields) -> Option<Branch> {
    Branch::parse(fields.via.branch()?)
}

/// Names a transaction a peer began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerKey(Key);

impl ServerKey {
    /// The transaction of this request; for an ACK that of its INVITE.
    pub(crate) fn of(keys: &Keys, request: &Request) -> ServerKey {
        let method = match request.method() {
            Method::Ack => Method::Invite,
            other => other,
        };
        ServerKey(identity(keys, request, method))
    }

    /// The INVITE a CANCEL is about (RFC 3261 §9.2).
    pub(crate) fn of_cancelled(keys: &Keys, request: &Request) -> ServerKey {
        ServerKey(identity(keys, request, Method::Invite))
    }
}

fn identity(keys: &Keys, request: &Request, method: Method) -> Key {
    let (fields, method) = (&request.fields, name_of(method));
    let host = match &fields.via.host {
        Host::Name(name) => Err(name.to_ascii_lowercase()),
        Host::Address(address) => Ok(address),
    };
    let sent_by = (host, fields.via.port);
    match fields.via.branch().filter(|branch| branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE)) {
        Some(branch) => keys.of((method, branch, sent_by)),
        // A client of RFC 2543 does not number its transactions. The To tag is left out, because the ACK has one where
        // the INVITE had none; within one Call-ID, From tag and CSeq number there is only one INVITE.
        None => keys.of((method, &fields.call_id, fields.from.tag().unwrap_or(""), fields.cseq, sent_by)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn request(method: Method, change: impl FnOnce(&mut Request)) -> Request {
        let mut request = testing::request(method);
        change(&mut request);
        request
    }

    #[test]
    fn an_ack_and_a_cancel_find_their_invite_and_another_hop_does_not() {
        let keys = Keys::new([1; 32]);
        let host =
            |name: &'static str| move |request: &mut Request| request.fields.via.host = Host::Name(name.to_owned());
        let branch =
            |branch: &'static str| move |request: &mut Request| request.fields.via.params.set("branch", branch);
        let invite = ServerKey::of(&keys, &testing::request(Method::Invite));
        assert_eq!(ServerKey::of(&keys, &testing::request(Method::Ack)), invite);
        assert_eq!(ServerKey::of_cancelled(&keys, &testing::request(Method::Cancel)), invite);
        assert_eq!(ServerKey::of(&keys, &request(Method::Invite, host("TEST.example"))), invite);
        for other in [
            testing::request(Method::Cancel),
            request(Method::Invite, host("other.example")),
            request(Method::Invite, branch("z9hG4bKother")),
            request(Method::Invite, |request| request.fields.via.port = None),
            request(Method::Invite, |request| request.fields.via.host = Host::Address([10, 0, 0, 1].into())),
        ] {
            assert_ne!(ServerKey::of(&keys, &other), invite, "{other:?}");
        }
    }

    #[test]
    fn a_client_of_rfc_2543_is_known_by_its_call_and_number() {
        let keys = Keys::new([1; 32]);
        let old = |method, change: fn(&mut Request)| {
            ServerKey::of(
                &keys,
                &request(method, |request| {
                    request.fields.via.params.set("branch", "1");
                    change(request);
                }),
            )
        };
        let invite = old(Method::Invite, |_| {});
        assert_eq!(old(Method::Invite, |request| request.fields.via.params.set("branch", "2")), invite);
        assert_eq!(old(Method::Ack, |request| request.fields.to.params.set("tag", "ours")), invite);
        assert_ne!(old(Method::Invite, |request| request.fields.cseq += 1), invite);
        assert_ne!(old(Method::Invite, |request| request.fields.call_id.push('x')), invite);
        assert_ne!(old(Method::Invite, |request| request.fields.from.params.set("tag", "x")), invite);
    }

    #[test]
    fn a_branch_that_is_not_ours_names_no_transaction_of_ours() {
        let ours = request(Method::Invite, |request| {
            request.fields.via.params.set("branch", "z9hG4bK0123456789abcdef01234567")
        });
        let answer = |request: &Request| ClientKey::of_response(&Response::to(request, 200, "OK", Some("t")));
        assert_eq!(answer(&ours), Some(ClientKey::of_request(&ours)));
        assert_eq!(answer(&testing::request(Method::Invite)), None);
    }
}
