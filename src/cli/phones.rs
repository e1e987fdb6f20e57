//! `vorrang phones`: where the agents' phones are registered, beside a running daemon or without one.
//! Never writes to the database, and never asks a phone.

use crate::actors::records::time;
use crate::protocol::rest::{PhoneKind, PhoneView};
use std::fmt::Write;

/// A line for each registration, and for each phone without one.
pub fn text(phones: &[PhoneView]) -> String {
    let mut text = String::new();
    for phone in phones {
        let who = format!("{} {}", phone.agent, phone.address.as_deref().unwrap_or("-"));
        // Writing to a string does not fail.
        _ = match phone.kind {
            PhoneKind::None => writeln!(text, "{who}: no phone"),
            PhoneKind::Fixed => writeln!(text, "{who}: fixed address, does not register"),
            PhoneKind::Registers if phone.registrations.is_empty() => writeln!(text, "{who}: not registered"),
            PhoneKind::Registers => phone.registrations.iter().try_for_each(|one| {
                let since = one.registered_at.map_or(String::new(), |at| format!(" since {}", time(at)));
                let (source, transport, until) = (&one.source, &one.transport, time(one.expires_at));
                // A phone says what it likes: quoted, it ends no line and moves no cursor.
                let says = one.user_agent.as_ref().map_or(String::new(), |says| format!(", {says:?}"));
                writeln!(
                    text,
                    "{who}: registered from {source} by {transport}{since} until {until}, {}{says}",
                    one.contact
                )
            }),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::rest::PhoneRegistration;
    use domain::time::Timestamp;

    #[test]
    fn every_agent_is_named_with_the_state_of_their_phone() {
        let phone = |agent: &str, kind, address: Option<&str>, registrations: Vec<PhoneRegistration>| PhoneView {
            agent: agent.to_owned(),
            name: agent.to_owned(),
            kind,
            address: address.map(str::to_owned),
            reachable: None,
            registrations,
        };
        let registration = PhoneRegistration {
            contact: "sip:anna@10.0.0.7:5060".to_owned(),
            source: "192.0.2.7:40001".to_owned(),
            transport: "udp".to_owned(),
            registered_at: Some(Timestamp(1_763_990_000_000)),
            expires_at: Timestamp(1_764_000_000_000),
            user_agent: Some("Desk \u{202e}\"2\"".to_owned()),
        };
        let silent = PhoneRegistration { registered_at: None, user_agent: None, ..registration.clone() };
        let phones = [
            phone("anna", PhoneKind::Registers, Some("anna-desk"), vec![registration, silent]),
            phone("ben", PhoneKind::Registers, Some("ben-desk"), vec![]),
            phone("carl", PhoneKind::Fixed, Some("sip:carl@192.0.2.9"), vec![]),
            phone("sina", PhoneKind::None, None, vec![]),
        ];
        assert_eq!(
            text(&phones),
            "anna anna-desk: registered from 192.0.2.7:40001 by udp since 2025-11-24T13:13:20Z until 2025-11-24T16:00:00Z, \
             sip:anna@10.0.0.7:5060, \"Desk \\u{202e}\\\"2\\\"\"\n\
             anna anna-desk: registered from 192.0.2.7:40001 by udp until 2025-11-24T16:00:00Z, sip:anna@10.0.0.7:5060\n\
             ben ben-desk: not registered\n\
             carl sip:carl@192.0.2.9: fixed address, does not register\n\
             sina -: no phone\n"
        );
    }
}
