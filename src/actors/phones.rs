//! The phones of a company's agents as people read them: which are registered, from where, and for how long.
//! It decides nothing, and shows nothing of another company.

use crate::protocol::rest::{PhoneKind, PhoneRegistration, PhoneView};
use crate::store::{FloorRows, Phone, PhoneBinding};
use std::collections::BTreeMap;

/// All agents of a company with their phones, by login name; `registered` are the registrations of all companies.
pub fn phones(rows: &FloorRows, registered: &BTreeMap<String, Vec<PhoneBinding>>) -> Vec<PhoneView> {
    let registration = |binding: &PhoneBinding| PhoneRegistration {
        contact: binding.contact.clone(),
        source: binding.source.to_string(),
        transport: binding.transport.to_lowercase(),
        registered_at: binding.registered_at,
        expires_at: binding.expires_at,
        user_agent: binding.user_agent.clone(),
    };
    let mut views: Vec<PhoneView> = rows
        .agents
        .iter()
        .map(|agent| {
            let (kind, address) = match &agent.phone {
                Some(Phone::Registers { user, .. }) => (PhoneKind::Registers, Some(user.clone())),
                Some(Phone::Fixed { uri }) => (PhoneKind::Fixed, Some(uri.clone())),
                None => (PhoneKind::None, None),
            };
            let bindings =
                address.as_ref().filter(|_| kind == PhoneKind::Registers).and_then(|user| registered.get(user));
            let registrations: Vec<PhoneRegistration> = bindings.into_iter().flatten().map(registration).collect();
            let reachable = match kind {
                PhoneKind::Registers => Some(!registrations.is_empty()),
                PhoneKind::Fixed => None,
                PhoneKind::None => Some(false),
            };
            let (agent, name) = (agent.login_name.clone(), agent.display_name.clone());
            PhoneView { agent, name, kind, address, reachable, registrations }
        })
        .collect();
    views.sort_by(|one, other| one.agent.cmp(&other.agent));
    views
}
