//! The WebSockets of agents and visitors. The only file that knows actix-web-actors.
//! It reads, numbers and counts; whatever is asked goes to the floor, and nothing is remembered here.

mod frames;
mod inbound;

use super::access::Agent;
use super::error::ApiError;
use super::limits::{self, Place};
use super::visiting::{self, Asks, Found, Origin, Turned};
use super::{Web, auth};
use crate::actors::browser::Tab;
use crate::actors::floor::{AgentSays, Ask, Door, VisitorFacts, VisitorSays};
use crate::actors::screens::{Outlet, Push, SocketId, Waiting};
use crate::protocol::agent::{AgentCommand, AgentReply, AgentRequest};
use crate::protocol::error::{Code, Problem};
use crate::protocol::visitor::{Choice, VisitorCommand, VisitorReply, VisitorRequest};
use actix::fut::{ActorFutureExt as _, WrapFuture as _};
use actix::{Actor, ActorContext, Addr, AsyncContext, Handler, StreamHandler};
use actix_http::ws::Item;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{self, CloseCode, CloseReason, WebsocketContext};
use domain::contact;
use domain::id::{AgentId, ChatId, CompanyId};
use frames::Fault;
use governor::DefaultDirectRateLimiter;
use inbound::{Inbound, Line};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The longest message; the front ends count along.
const MESSAGE_CHARACTERS_MAX: usize = 4000;
/// The longest telephone number or e-mail address.
const CONTACT_CHARACTERS_MAX: usize = 200;
/// The longest request, in however many frames: a message of 4,000 characters, each escaped in JSON, and what is around
/// it.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// A browser that is so many frames behind is cut off; it comes back for a snapshot.
const FRAMES_BEHIND_MAX: u64 = 256;
/// How a connection is closed when a newer one goes by its client's name; one of the codes for applications (RFC 6455
/// §7.4.2).
const TAKEN_OVER: CloseCode = CloseCode::Other(4001);
const PING_EVERY: Duration = Duration::from_secs(15);
const SILENCE_MAX: Duration = Duration::from_secs(40);

/// `GET /ws/agent`: 401 without a session, 403 from another site's page.
pub(super) async fn agent(
    Agent(person, _): Agent,
    web: Data<Web>,
    request: HttpRequest,
    stream: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    if !auth::is_same_origin(&request) {
        return Err(ApiError::new(Code::Forbidden, "this page is not the daemon's").into());
    }
    let door = web.door(person.company);
    let (Some(door), Some(place)) = (door, web.gate.agent()) else {
        return Err(ApiError::new(Code::Unavailable, "no more connections can be taken").into());
    };
    open(
        &request,
        stream,
        Socket::new(&web, Side::Agent { agent: person.id, door, session: auth::session(&web, &request) }, place),
    )
}

/// `GET /ws/visitor`: open to pages of any site; 429 when this source has too many connections.
pub(super) async fn visitor(
    web: Data<Web>,
    request: HttpRequest,
    stream: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let source = limits::source(&request);
    let place = web.gate.visitor(source);
    let place = place.ok_or_else(|| ApiError::new(Code::TooMany, "too many connections from this address"))?;
    open(
        &request,
        stream,
        Socket::new(&web, Side::Visitor { source, origin: Origin::of(request.headers()), chat: None }, place),
    )
}

fn open(request: &HttpRequest, stream: Payload, socket: Socket) -> Result<HttpResponse, actix_web::Error> {
    let stream = Inbound::new(stream, REQUEST_BYTES_MAX, socket.line.clone());
    ws::WsResponseBuilder::new(socket, request, stream).frame_size(REQUEST_BYTES_MAX).start()
}

/// Who is at the other end.
enum Side {
    /// With the session, if the browser came with one: should it end, so does the connection.
    Agent {
        agent: AgentId,
        door: Addr<Door>,
        session: Option<Vec<u8>>,
    },
    Visitor {
        source: IpAddr,
        origin: Origin,
        chat: Option<(ChatId, CompanyId, Addr<Door>)>,
    },
}

struct Socket {
    web: Arc<Web>,
    id: SocketId,
    side: Side,
    /// What the floor knows of this connection, since it said hello.
    tab: Option<Tab>,
    sent: u64,
    acknowledged: u64,
    waiting: Arc<Waiting>,
    heard_at: Instant,
    requests: DefaultDirectRateLimiter,
    line: Rc<Line>,
    /// What has come of a request in several frames.
    pieces: Vec<u8>,
    _place: Place,
}

type Ctx = WebsocketContext<Socket>;

impl Socket {
    fn new(web: &Data<Web>, side: Side, place: Place) -> Socket {
        static IDS: AtomicU64 = AtomicU64::new(1);
        Socket {
            web: web.clone().into_inner(),
            id: IDS.fetch_add(1, Ordering::Relaxed),
            side,
            tab: None,
            sent: 0,
            acknowledged: 0,
            waiting: Arc::default(),
            heard_at: Instant::now(),
            requests: limits::requests(),
            line: Rc::default(),
            pieces: vec![],
            _place: place,
        }
    }

    fn text(&mut self, text: &str, ctx: &mut Ctx) {
        let result = match self.requests.check() {
            Ok(()) => self.request(text, ctx),
            Err(_) => Err(Problem::new(Code::TooMany, "too many requests at once on this connection")),
        };
        if let Err(problem) = result {
            self.refuse(problem, ctx);
        }
    }

    /// A request may come in several frames (RFC 6455 §5.4).
    fn piece(&mut self, item: Item, ctx: &mut Ctx) {
        match item {
            Item::FirstText(bytes) => self.pieces = bytes.to_vec(),
            Item::FirstBinary(_) => self.cut(CloseCode::Unsupported, ctx),
            Item::Continue(bytes) => self.pieces.extend_from_slice(&bytes),
            Item::Last(bytes) => {
                self.pieces.extend_from_slice(&bytes);
                match String::from_utf8(std::mem::take(&mut self.pieces)) {
                    Ok(text) => self.text(&text, ctx),
                    Err(_) => self.cut(CloseCode::Invalid, ctx),
                }
            }
        }
    }

    fn request(&mut self, text: &str, ctx: &mut Ctx) -> Result<(), Problem> {
        let unreadable = |error: serde_json::Error| Problem::new(Code::Malformed, error.to_string());
        let result = match &self.side {
            Side::Agent { .. } => match serde_json::from_str(text) {
                Ok(request) => return self.agent_request(request, ctx),
                Err(error) => unreadable(error),
            },
            Side::Visitor { .. } => match serde_json::from_str(text) {
                Ok(request) => return self.visitor_request(request, ctx),
                Err(error) => unreadable(error),
            },
        };
        if self.tab.is_none() {
            return Err(result);
        }
        // It is answered for itself, and what comes behind it is done.
        self.answer(id_of(text), Some(result), ctx);
        Ok(())
    }

    fn answer(&self, id: Option<u64>, problem: Option<Problem>, ctx: &mut Ctx) {
        match self.side {
            Side::Agent { .. } => send(&AgentReply::Answer { id, problem }, ctx),
            Side::Visitor { .. } => send(&VisitorReply::Answer { id, problem }, ctx),
        }
    }

    fn agent_request(&mut self, request: AgentRequest, ctx: &mut Ctx) -> Result<(), Problem> {
        match request {
            AgentRequest::Hello { client } => {
                self.say_hello(client, ctx)?;
                self.agent_says(AgentSays::Joined);
            }
            AgentRequest::Command { id, command } => {
                self.said_hello()?;
                let problem = match &command {
                    AgentCommand::Say { text, .. } | AgentCommand::Note { text, .. } => Self::bad_text(text),
                    AgentCommand::Transfer { note, .. } if !note.is_empty() => Self::bad_text(note),
                    _ => None,
                };
                if problem.is_some() {
                    self.answer(Some(id), problem, ctx);
                    return Ok(());
                }
                self.agent_says(AgentSays::Command { number: id, command });
            }
            AgentRequest::Typing { chat, on } => {
                self.agent_says(AgentSays::Typing { chat, on });
            }
            AgentRequest::Looks { at } => {
                self.said_hello()?;
                self.agent_says(AgentSays::Looks { at });
            }
            AgentRequest::Earlier { chat, before } => {
                self.said_hello()?;
                self.agent_says(AgentSays::Earlier { chat, before });
            }
            AgentRequest::Ack { seq } => self.acknowledge(seq),
        }
        Ok(())
    }

    fn visitor_request(&mut self, request: VisitorRequest, ctx: &mut Ctx) -> Result<(), Problem> {
        match request {
            VisitorRequest::Hello { token, session, client, have, language, page, form, identity } => {
                let facts = VisitorFacts { page: page.unwrap_or_default(), language, ..VisitorFacts::default() };
                visiting::check_hello(&session, &facts)?;
                self.say_hello(client, ctx)?;
                let asks =
                    Asks { token, session, form: form.unwrap_or_default(), identity: identity.map(|said| *said) };
                self.find_chat(asks, facts, have, ctx);
            }
            VisitorRequest::Command { id, command } => {
                self.is_in_chat()?;
                if let VisitorCommand::Say { text } = &command
                    && let Some(problem) = Self::bad_text(text)
                {
                    self.answer(Some(id), Some(problem), ctx);
                    return Ok(());
                }
                if let VisitorCommand::Choose { choice, contact } = &command
                    && let Some(problem) = Self::bad_contact(*choice, contact)
                {
                    self.answer(Some(id), Some(problem), ctx);
                    return Ok(());
                }
                if let Some(problem) = self.over_budget(&command) {
                    self.answer(Some(id), Some(problem), ctx);
                    return Ok(());
                }
                self.visitor_says(VisitorSays::Command { number: id, command });
            }
            VisitorRequest::Typing { on } => {
                self.is_in_chat()?;
                self.visitor_says(VisitorSays::Typing { on });
            }
            VisitorRequest::Read { number } => {
                self.is_in_chat()?;
                self.visitor_says(VisitorSays::Read { number });
            }
            VisitorRequest::Looks { on } => {
                self.is_in_chat()?;
                self.visitor_says(VisitorSays::Looks { on });
            }
            VisitorRequest::Ack { seq } => self.acknowledge(seq),
        }
        Ok(())
    }

    /// Finds the visitor's chat, or begins one, and joins it.
    fn find_chat(&self, asks: Asks, facts: VisitorFacts, have: u32, ctx: &mut Ctx) {
        let Side::Visitor { source, origin, .. } = &self.side else { return };
        let (web, source, from) = (self.web.clone(), *source, origin.clone().on(&facts.page));
        let found = async move { visiting::find_or_begin(&web, asks, source, &from).await };
        let joined = found.into_actor(self).map(move |found, socket, ctx: &mut Ctx| match found {
            Ok(Found { chat, company, queue, service, details, warning, door }) => {
                if let Some(message) = warning {
                    send(&VisitorReply::Warned { message: message.to_owned() }, ctx);
                }
                let facts = VisitorFacts { service, details, ..facts };
                if let Side::Visitor { chat: found, .. } = &mut socket.side {
                    *found = Some((chat, company, door));
                }
                socket.visitor_says(VisitorSays::Joined { queue, facts: Box::new(facts), have });
            }
            Err(Turned { problem, fields }) => {
                send(&VisitorReply::Refused { problem, telephone: None, opens: None, fields }, ctx);
                socket.cut(CloseCode::Policy, ctx);
            }
        });
        ctx.wait(joined);
    }

    fn say_hello(&mut self, client: String, ctx: &mut Ctx) -> Result<(), Problem> {
        if self.tab.is_some() {
            return Err(Problem::new(Code::Malformed, "hello was said already"));
        }
        if !visiting::is_client(&client) {
            return Err(Problem::new(Code::Malformed, "client: 8 to 64 of [0-9a-zA-Z_-]"));
        }
        let to = Outlet::new(ctx.address().recipient(), self.waiting.clone());
        self.tab = Some(Tab { socket: self.id, to, client });
        Ok(())
    }

    fn said_hello(&self) -> Result<(), Problem> {
        match self.tab {
            Some(_) => Ok(()),
            None => Err(Problem::new(Code::Malformed, "the first request is hello")),
        }
    }

    /// The visitor is in a chat.
    fn is_in_chat(&self) -> Result<(), Problem> {
        match &self.side {
            Side::Visitor { chat: Some(_), .. } => Ok(()),
            Side::Visitor { chat: None, .. } | Side::Agent { .. } => {
                Err(Problem::new(Code::Malformed, "the first request is hello"))
            }
        }
    }

    fn bad_text(text: &str) -> Option<Problem> {
        let is_bad = text.trim().is_empty() || text.chars().count() > MESSAGE_CHARACTERS_MAX;
        is_bad.then(|| Problem::new(Code::Malformed, format!("text: 1 to {MESSAGE_CHARACTERS_MAX} characters")))
    }

    fn bad_contact(choice: Choice, contact: &str) -> Option<Problem> {
        let (is_good, what) = match choice {
            Choice::Stay | Choice::AnotherAgent => (true, "nothing"),
            Choice::Callback => (contact::is_telephone(contact), "a telephone number of 6 to 20 digits"),
            Choice::Email => (contact::is_email(contact), "an e-mail address"),
        };
        let is_bad = !is_good || contact.chars().count() > CONTACT_CHARACTERS_MAX;
        is_bad.then(|| {
            Problem::new(Code::Malformed, format!("contact: {what}, at most {CONTACT_CHARACTERS_MAX} characters"))
        })
    }

    /// Why a visitor's command finds no room on the disk, or in what visitors may write. A chat can always be left.
    fn over_budget(&self, command: &VisitorCommand) -> Option<Problem> {
        let Side::Visitor { source, chat: Some((chat, company, _)), .. } = &self.side else { return None };
        let bytes = match command {
            VisitorCommand::Say { text } => text.len(),
            VisitorCommand::Choose { contact, .. } => contact.len(),
            VisitorCommand::Leave {} => return None,
        };
        if !visiting::has_room(&self.web) {
            return Some(visiting::no_room());
        }
        let takes = self.web.writing.message(Instant::now(), *chat, *source, *company, bytes);
        (!takes).then(|| Problem::new(Code::TooMany, "too much is written at once: wait a moment"))
    }

    fn acknowledge(&mut self, seq: u64) {
        self.acknowledged = self.acknowledged.max(seq.min(self.sent));
    }

    fn agent_says(&self, says: AgentSays) {
        if let (Side::Agent { agent, door, .. }, Some(tab)) = (&self.side, &self.tab) {
            door.do_send(Ask::of_agent(*agent, tab.clone(), says));
        }
    }

    fn visitor_says(&self, says: VisitorSays) {
        if let (Side::Visitor { chat: Some((chat, _, door)), .. }, Some(tab)) = (&self.side, &self.tab) {
            door.do_send(Ask::of_visitor(*chat, tab.clone(), says));
        }
    }

    /// Lets a browser go whose session is over: by a log-out elsewhere, by another password, or by its time. It goes on
    /// until that is known.
    fn ask_for_session(&self, ctx: &mut Ctx) {
        let Side::Agent { session: Some(session), .. } = &self.side else { return };
        let found = self.web.house.store.web_session(session, self.web.house.clock.now());
        ctx.spawn(found.into_actor(self).map(|found, socket, ctx: &mut Ctx| {
            // What cannot be read is not taken for over: calls and chats go on.
            if matches!(found, Ok(None)) {
                socket.refuse(Problem::new(Code::Unauthenticated, "the session is over"), ctx);
            }
        }));
    }

    fn refuse(&self, problem: Problem, ctx: &mut Ctx) {
        match self.side {
            Side::Agent { .. } => send(&AgentReply::Refused { problem }, ctx),
            Side::Visitor { .. } => {
                send(&VisitorReply::Refused { problem, telephone: None, opens: None, fields: vec![] }, ctx)
            }
        }
        self.cut(CloseCode::Policy, ctx);
    }

    /// Ends the connection, and says why (RFC 6455 §7.4).
    fn cut(&self, why: impl Into<CloseReason>, ctx: &mut Ctx) {
        ctx.close(Some(why.into()));
        ctx.stop();
    }
}

/// The number of a command of which nothing else can be read.
fn id_of(text: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        id: u64,
    }
    serde_json::from_str(text).ok().map(|Numbered { id }| id)
}

fn send(reply: &impl Serialize, ctx: &mut Ctx) {
    match serde_json::to_string(reply) {
        Ok(text) => ctx.text(text),
        Err(error) => tracing::error!(%error, "a reply could not be serialised"),
    }
}

impl Actor for Socket {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        let web = self.web.clone();
        let gone = async move { web.gone.notified().await };
        ctx.spawn(gone.into_actor(self).map(|(), socket, ctx: &mut Ctx| socket.cut(CloseCode::Away, ctx)));
        ctx.run_interval(PING_EVERY, |socket, ctx| {
            if socket.heard_at.elapsed() > SILENCE_MAX {
                ctx.stop();
            } else if socket.waiting.has_overflowed() {
                socket.cut(CloseCode::Again, ctx);
            } else {
                ctx.ping(b"");
                socket.ask_for_session(ctx);
            }
        });
    }

    fn stopped(&mut self, _: &mut Ctx) {
        match self.side {
            Side::Agent { .. } => self.agent_says(AgentSays::Left),
            Side::Visitor { .. } => self.visitor_says(VisitorSays::Left),
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Ctx) {
        self.heard_at = Instant::now();
        match message {
            Ok(ws::Message::Text(text)) => self.text(&text, ctx),
            Ok(ws::Message::Continuation(item)) => self.piece(item, ctx),
            // Of many pings some may go unanswered (RFC 6455 §5.5.3).
            Ok(ws::Message::Ping(data)) if self.requests.check().is_err() => drop(data),
            Ok(ws::Message::Ping(data)) => ctx.pong(&data),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Binary(_)) => self.cut(CloseCode::Unsupported, ctx),
            Err(error) => {
                tracing::debug!(fault = ?self.line.fault(), %error, "a WebSocket is cut");
                let code = match (self.line.fault(), error) {
                    (Some(Fault::TooBig), _) => CloseCode::Size,
                    // A text that is no UTF-8 is all that the codec takes for an error of input and output: a connection
                    // that breaks just ends.
                    (None, ws::ProtocolError::Io(_)) => CloseCode::Invalid,
                    (Some(Fault::Protocol) | None, _) => CloseCode::Protocol,
                };
                self.cut(code, ctx);
            }
        }
    }
}

impl Handler<Push> for Socket {
    type Result = ();

    fn handle(&mut self, push: Push, ctx: &mut Ctx) {
        if !self.waiting.took(&push) {
            return self.cut(CloseCode::Again, ctx);
        }
        match push {
            Push::Reply(text) => ctx.text(text),
            Push::Snapshot(text) => {
                // Frames are counted from it on.
                (self.sent, self.acknowledged) = (0, 0);
                ctx.text(text);
            }
            Push::Over => self.refuse(Problem::new(Code::Unauthenticated, "the session is over"), ctx),
            Push::Frame(frame) => {
                self.sent += 1;
                if self.sent - self.acknowledged > FRAMES_BEHIND_MAX {
                    self.cut(CloseCode::Again, ctx);
                } else {
                    ctx.text(format!(r#"{{"type":"frame","seq":{},"frame":{frame}}}"#, self.sent));
                }
            }
            Push::TakenOver => self.cut((TAKEN_OVER, "taken over by a newer connection of this client"), ctx),
        }
    }
}
