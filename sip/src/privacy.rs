//! Who calls, and whether they want that to be known (RFC 3323, RFC 3325).
//! Never believes an identity that somebody else than a trunk asserts.

use crate::contract::{ANONYMOUS, Identity};
use crate::message::Request;
use crate::uri::{Host, NameAddr, Uri};

/// The host of an address that belongs to nobody (RFC 3323 §4.1.1.3).
const NOWHERE: &str = "anonymous.invalid";

/// Who calls: what a trunk asserts (P-Asserted-Identity, RFC 3325 §5), or else From; nobody, if that is the caller's wish.
pub(crate) fn caller(invite: &Request, is_of_trunk: bool) -> Identity {
    let asserted = invite.header("P-Asserted-Identity").filter(|_| is_of_trunk);
    let asserted = asserted.and_then(|value| NameAddr::parse(value).ok());
    let address = asserted.as_ref().unwrap_or(&invite.fields.from);
    let user = address.uri.user();
    if wants_privacy(invite) || is_anonymous(&address.uri) {
        let withheld = (!user.is_empty() && !is_anonymous(&address.uri)).then_some(user);
        let (user, host) = (ANONYMOUS.to_owned(), NOWHERE.to_owned());
        return Identity { user, withheld, display: None, host };
    }
    Identity {
        user,
        withheld: None,
        display: address.display.clone().or_else(|| invite.fields.from.display.clone()),
        host: address.uri.host().map_or(String::new(), ToString::to_string),
    }
}

/// From of a call on behalf of somebody who does not want to be known.
pub(crate) fn nobody() -> NameAddr {
    let uri = Uri::sip(Some(ANONYMOUS), Host::Name(NOWHERE.to_owned()), None);
    NameAddr { display: Some("Anonymous".to_owned()), ..NameAddr::new(uri) }
}

/// Whether the caller asks that who they are is not told on: `id`, and `user` and `header`, which a network that does not
/// hide it itself leaves to us. `session` and `history` hide nothing of that, `critical` alone asks for nothing, and `none`
/// says that it may be told (RFC 3323 §4.2, RFC 3325 §9.3). Beside a wish `none` means nothing.
fn wants_privacy(invite: &Request) -> bool {
    let values = invite.all("Privacy").flat_map(|value| value.split([';', ','])).map(str::trim);
    values.into_iter().any(|value| ["id", "user", "header"].iter().any(|wish| value.eq_ignore_ascii_case(wish)))
}

fn is_anonymous(uri: &Uri) -> bool {
    uri.user().eq_ignore_ascii_case(ANONYMOUS)
        || uri.host().is_some_and(|host| host.same(&Host::Name(NOWHERE.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Method;
    use crate::testing;

    #[test]
    fn a_number_is_shown_unless_the_caller_wishes_otherwise_and_only_trunks_are_believed() {
        const ANON: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
        const NUMBER: &str = "\"Max\" <sip:+4930@c.example>";
        const ASSERTED: &str = "<tel:+4940>";
        let number = |text: &str| (text.to_owned(), None);
        let withheld = |text: &str| ("anonymous".to_owned(), Some(text.to_owned()));
        let unknown = || ("anonymous".to_owned(), None);
        #[rustfmt::skip]
        let rows = [
            // From, what is asserted, Privacy; who calls by a trunk, and who by anything else.
            (NUMBER, "",       "",                       number("+4930"),   number("+4930")),
            (NUMBER, ASSERTED, "",                       number("+4940"),   number("+4930")),
            (ANON,   ASSERTED, "",                       number("+4940"),   unknown()),
            (ANON,   ASSERTED, "none",                   number("+4940"),   unknown()),
            (ANON,   ASSERTED, "critical",               number("+4940"),   unknown()),
            (NUMBER, ASSERTED, "session; history",       number("+4940"),   number("+4930")),
            (ANON,   ASSERTED, "id",                     withheld("+4940"), unknown()),
            (NUMBER, ASSERTED, "id",                     withheld("+4940"), withheld("+4930")),
            (NUMBER, "",       "ID;critical",            withheld("+4930"), withheld("+4930")),
            (NUMBER, ASSERTED, "header; user ; id",      withheld("+4940"), withheld("+4930")),
            (NUMBER, ASSERTED, "user",                   withheld("+4940"), withheld("+4930")),
            (NUMBER, ASSERTED, "header",                 withheld("+4940"), withheld("+4930")),
            (NUMBER, ASSERTED, "none;id",                withheld("+4940"), withheld("+4930")),
            (NUMBER, ASSERTED, "critical, id",           withheld("+4940"), withheld("+4930")),
            (ANON,   "",       "",                       unknown(),         unknown()),
            ("<sip:Anonymous@192.0.2.1>", "", "",        unknown(),         unknown()),
            ("<sip:x@ANONYMOUS.invalid>", "", "",        unknown(),         unknown()),
            (NUMBER, "sip:anonymous@c.example", "",      unknown(),         number("+4930")),
            (NUMBER, "nonsense", "",                     number("+4930"),   number("+4930")),
            ("<sip:c.example>", "", "id",                unknown(),         unknown()),
        ];
        for (from, asserted, privacy, by_trunk, by_others) in rows {
            let mut invite = testing::request(Method::Invite);
            invite.fields.from = NameAddr::parse(from).expect(from);
            for (name, value) in [("P-Asserted-Identity", asserted), ("Privacy", privacy)] {
                if !value.is_empty() {
                    invite = invite.with(name, value);
                }
            }
            for (is_of_trunk, expected) in [(true, by_trunk), (false, by_others)] {
                let Identity { user, withheld, display, host } = caller(&invite, is_of_trunk);
                let is_hidden = user == ANONYMOUS;
                assert_eq!((user, withheld), expected, "{from} {asserted} {privacy} {is_of_trunk}");
                assert!(!is_hidden || (display.is_none() && host == NOWHERE), "{from} {privacy}");
            }
        }
    }
}
