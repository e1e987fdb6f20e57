//! How a visitor comes to their chat: on which pages a chat service may stand, what has to be filled in, and whose session is
//! whose.

use super::{Web, auth, proof, seen};
use crate::actors::floor::{Door, VisitorFacts};
use crate::protocol::details::{VisitorDetails, VisitorIdentity};
use crate::protocol::error::{Code, Problem};
use crate::protocol::visitor::Identity;
use crate::store::{ChatServiceRow, Secret, StoreError};
use actix::Addr;
use actix_web::http::header::{self, HeaderMap};
use domain::id::{ChatId, CompanyId, QueueId};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

/// The longest of what a page says of its visitor.
const IDENTITY_CHARACTERS_MAX: usize = 200;

/// What a visitor asks for with their first request.
pub(super) struct Asks {
    pub(super) token: String,
    pub(super) session: String,
    /// What they filled in, by the keys of the form's fields.
    pub(super) form: BTreeMap<String, String>,
    /// Who they are, as the page says.
    pub(super) identity: Option<Identity>,
}

/// Why a visitor is turned away, and with the code `refused` which fields of the form are to be looked at again.
pub(super) struct Turned {
    pub(super) problem: Problem,
    pub(super) fields: Vec<String>,
}

impl From<Problem> for Turned {
    fn from(problem: Problem) -> Turned {
        Turned { problem, fields: vec![] }
    }
}

/// A visitor's chat, and what their first request needs to know of it.
pub(super) struct Found {
    pub(super) chat: ChatId,
    pub(super) company: CompanyId,
    pub(super) queue: QueueId,
    /// The chat service's id; 0 if it is gone.
    pub(super) service: i64,
    pub(super) details: VisitorDetails,
    /// What the page's developer should know of the identity.
    pub(super) warning: Option<&'static str>,
    pub(super) door: Addr<Door>,
}

impl Found {
    fn new(web: &Web, chat: ChatId, company: CompanyId, service: Option<&ChatServiceRow>) -> Result<Found, Problem> {
        let closed = || Problem::new(Code::Unavailable, "the company's floor is not open");
        Ok(Found {
            chat,
            company,
            // Its service is gone: the chat itself knows where it belongs.
            queue: service.map_or(QueueId(0), |service| service.queue),
            service: service.map(|service| service.id).unwrap_or_default(),
            details: VisitorDetails::default(),
            warning: None,
            door: web.door(company).ok_or_else(closed)?,
        })
    }
}

/// The visitor's chat by their session, or a new one in the queue that the token selects (R4). The form is part of the
/// request: neither is there without the other.
pub(super) async fn find_or_begin(web: &Web, asks: Asks, source: IpAddr, from: &Origin) -> Result<Found, Turned> {
    let store = &web.house.store;
    let service = store.service_by_token(&asks.token, web.house.clock.now()).await.map_err(unavailable)?;
    if let Some(service) = &service {
        may_stand(web, service, from)?;
    }
    let filled = service.as_ref().map(|service| service.widget.filled(&asks.form));
    let key = service.as_ref().and_then(|service| service.identify_key.as_ref());
    let (identity, warning) = asks.identity.map(|said| identified(said, key)).unwrap_or_default();
    if let Some((chat, company)) = known(web, &asks.session).await? {
        if service.as_ref().is_some_and(|service| service.company != company) {
            return Err(others().into());
        }
        let found = Found::new(web, chat, company, service.as_ref())?;
        // For a chat that has not begun: its first request may have been lost on the way.
        let form = VisitorDetails::of(filled.and_then(Result::ok).unwrap_or_default());
        return Ok(Found { details: VisitorDetails { identity, ..form }, warning, ..found });
    }
    let service = service.filter(|service| service.active).ok_or_else(no_service)?;
    let filled = filled.unwrap_or_else(|| Ok(vec![])).map_err(|fields| Turned {
        problem: Problem::new(Code::Refused, format!("form: missing or wrong: {}", fields.join(", "))),
        fields,
    })?;
    may_begin(web, source)?;
    let chat = ChatId(item_of(web, &asks.session, service.company).await?);
    let found = Found::new(web, chat, service.company, Some(&service))?;
    Ok(Found { details: VisitorDetails { identity, ..VisitorDetails::of(filled) }, warning, ..found })
}

/// Who a visitor is, as the page says, and whether that is proved; beside it what is wrong with that. Nobody is kept out by it.
fn identified(said: Identity, key: Option<&Secret>) -> (Option<VisitorIdentity>, Option<&'static str>) {
    let Identity { id, name, email, telephone, hmac } = said;
    let [id, name, email, telephone] =
        [id, name, email, telephone].map(|text| text.unwrap_or_default().trim().to_owned());
    let texts = [&id, &name, &email, &telephone];
    if texts.iter().any(|text| text.chars().count() > IDENTITY_CHARACTERS_MAX || text.contains(char::is_control)) {
        return (None, Some("identify: each text has one line of 200 characters at most; nothing of it is shown"));
    }
    if texts.iter().all(|text| text.is_empty()) {
        return (None, None);
    }
    let warning = match (key, &hmac) {
        (_, None) => None,
        (None, Some(_)) => Some("identify: the chat service has no identify_key, so hmac proves nothing"),
        (Some(_), Some(_)) if id.is_empty() => Some("identify: hmac proves an id, and there is none"),
        (Some(Secret(key)), Some(hmac)) if proof::is_proved(key, &id, hmac) => None,
        (Some(_), Some(_)) => Some(
            "identify: hmac is not the HMAC-SHA-256 of this id by the chat service's identify_key in hexadecimal digits",
        ),
    };
    let proved = hmac.is_some() && warning.is_none();
    (Some(VisitorIdentity { id, name, email, telephone, proved }), warning)
}

/// The number of the item that a session stands for; a new one if it stands for none.
///
/// # Errors
/// If it stands for another company's, or nothing can be stored.
pub(super) async fn item_of(web: &Web, session: &str, company: CompanyId) -> Result<u64, Problem> {
    let of = |(item, of): (ChatId, CompanyId)| if of == company { Ok(item.0) } else { Err(others()) };
    if let Some(known) = known(web, session).await? {
        return of(known);
    }
    let (item, now) = (ChatId(web.house.ids.next_item()), web.house.clock.now());
    match web.house.store.visitor_session_created(&auth::hash(session), item, company, now).await {
        Ok(()) => Ok(item.0),
        // Another tab of this visitor was faster.
        Err(error) => known(web, session).await?.map_or_else(|| Err(unavailable(error)), of),
    }
}

fn others() -> Problem {
    Problem::new(Code::Forbidden, "this session's chat is with another company")
}

fn no_service() -> Problem {
    Problem::new(Code::UnknownToken, "no chat service has this token")
}

fn unavailable(error: StoreError) -> Problem {
    tracing::error!(%error, "a visitor's chat");
    Problem::new(Code::Unavailable, "the daemon cannot read or store anything right now")
}

/// Whether this source may bring something new now.
pub(super) fn may_begin(web: &Web, source: IpAddr) -> Result<(), Problem> {
    if !web.gate.chat(source) {
        return Err(Problem::new(Code::TooMany, "too many new chats from this address: wait a minute"));
    }
    if !has_room(web) {
        return Err(no_room());
    }
    if !web.house.store.healthy() {
        return Err(Problem::new(Code::Unavailable, "the daemon cannot store anything right now"));
    }
    Ok(())
}

/// Whether chats may take more of the disk.
pub(super) fn has_room(web: &Web) -> bool {
    let free = web.house.store.free_bytes();
    // What cannot be asked is not taken for full: the writer notices.
    free.is_none_or(|bytes| bytes >= web.house.config.store.reserve_mb.saturating_mul(1_000_000))
}

pub(super) fn no_room() -> Problem {
    Problem::new(Code::Unavailable, "the disk is nearly full, and what is left is for calls")
}

async fn known(web: &Web, session: &str) -> Result<Option<(ChatId, CompanyId)>, Problem> {
    let found = web.house.store.visitor_session(&auth::hash(session)).await.map_err(unavailable)?;
    Ok(found.map(|session| (session.chat, session.company)))
}

/// Whether what a visitor's browser says first can be read.
pub(super) fn check_hello(session: &str, facts: &VisitorFacts) -> Result<(), Problem> {
    let malformed = |what| Err(Problem::new(Code::Malformed, what));
    if !is_word(session, 32..=64) {
        return malformed("session: 32 to 64 of [0-9a-zA-Z_-]");
    }
    if facts.language != "de" && facts.language != "en" {
        return malformed("language: de or en");
    }
    if facts.page.chars().count() > 2000 {
        return malformed("page: at most 2,000 characters");
    }
    Ok(())
}

/// Whether a tab may call itself so.
pub(super) fn is_client(name: &str) -> bool {
    is_word(name, 8..=64)
}

pub(super) fn is_word(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Where a request comes from: the page's origin, if it is a page, its address as far as it is said, and whether that page is
/// the daemon's own.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    origin: Option<String>,
    page: Option<String>,
    is_ours: bool,
}

impl Origin {
    /// As a request says it.
    pub(super) fn of(headers: &HeaderMap) -> Origin {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let origin = text(header::ORIGIN);
        let host = origin.as_deref().and_then(|origin| origin.split_once("://")).map(|(_, host)| host.to_owned());
        // To other sites browsers usually say no more than the origin, with a slash: that is no path.
        let says_more = |page: &String| origin.as_ref().is_some_and(|origin| page.len() > origin.len() + 1);
        let page = text(header::REFERER).filter(says_more);
        Origin { is_ours: host.is_some() && host == text(header::HOST), origin, page }
    }

    /// The same, from the page of this address.
    pub(super) fn on(self, page: &str) -> Origin {
        Origin { page: Some(page.to_owned()), ..self }
    }
}

/// Whether a chat service admits this page; its company can see on which it was asked for.
///
/// # Errors
/// If its company does not want it there; then whoever runs the daemon can read it in the log, and whoever made the page in
/// their browser's console.
pub(super) fn may_stand(web: &Web, service: &ChatServiceRow, from: &Origin) -> Result<(), Problem> {
    let admitted = from.is_ours || service.widget.admits(from.origin.as_deref());
    note(web, service, from, admitted);
    if admitted {
        return Ok(());
    }
    let origin = from.origin.as_deref().unwrap_or_default();
    if web.gate.says(Instant::now(), service.id) {
        tracing::warn!(service = service.name, origin, "a page asks for a chat service that is not for its origin");
    }
    let message = format!("the origin {origin} is not among the `origins` of the chat service `{}`", service.name);
    Err(Problem::new(Code::Forbidden, message))
}

/// Keeps that a page asked for a chat service, unless it is the daemon's own.
fn note(web: &Web, service: &ChatServiceRow, from: &Origin, admitted: bool) {
    let Some(origin) = from.origin.as_deref().filter(|_| !from.is_ours) else { return };
    let Some(page) = seen::page_of(origin, from.page.as_deref(), admitted) else { return };
    if web.lately.notes(Instant::now(), service.id, &page) && has_room(web) {
        // Nobody waits for it.
        drop(web.house.store.seen(service.id, page, web.house.clock.now()));
    }
}
