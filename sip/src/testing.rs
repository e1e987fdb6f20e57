//! Small things the tests of this crate share.
//! Never part of the crate outside its tests.

use std::net::SocketAddr;

use crate::message::{Fields, Method, Request, Via};
use crate::transport::Flow;
use crate::uri::{Host, NameAddr, Uri};

pub(crate) fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, last], 5060))
}

pub(crate) fn flow(last: u8) -> Flow {
    Flow::udp(address(last))
}

pub(crate) fn request(method: Method) -> Request {
    let host = || Host::Name("test.example".to_owned());
    let mut from = NameAddr::new(Uri::sip(Some("from"), host(), None));
    from.params.set("tag", "theirs");
    let fields = Fields {
        via: Via::new(host(), 5060, "z9hG4bKtest"),
        from,
        to: NameAddr::new(Uri::sip(Some("to"), host(), None)),
        call_id: "a-call".to_owned(),
        cseq: 1,
        cseq_method: method,
    };
    Request::new(method, Uri::sip(Some("to"), host(), None), fields)
}
