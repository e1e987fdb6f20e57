//! The WebSockets of agents and visitors. The only file that knows actix-web-actors.
//! It reads, numbers and counts; whatever is asked goes to the floor, and nothing is remembered here.

use super::error::ApiError;
use super::limits::{self, Place};
use super::{Web, auth};
use crate::actors::browser::Tab;
use crate::actors::floor::{Door, Floor, Knock, VisitorFacts};
use crate::actors::screens::{Push, SocketId};
use crate::protocol::agent::{AgentCommand, AgentReply, AgentRequest};
use crate::protocol::error::{Code, Problem};
use crate::protocol::visitor::{Choice, VisitorCommand, VisitorReply, VisitorRequest};
use crate::store::{Store, StoreError};
use actix::fut::{ActorFutureExt as _, WrapFuture as _};
use actix::{Actor, ActorContext, Addr, AsyncContext, Handler, StreamHandler};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{self, WebsocketContext};
use domain::id::{AgentId, ChatId, CompanyId, QueueId};
use governor::DefaultDirectRateLimiter;
use serde::Serialize;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The longest message; the front ends count along.
const MESSAGE_CHARACTERS_MAX: usize = 4000;
/// The longest telephone number or e-mail address.
const CONTACT_CHARACTERS_MAX: usize = 200;
/// A message of 4,000 characters, each escaped in JSON, and what is around it.
const FRAME_BYTES_MAX: usize = 64 * 1024;
/// A browser that is so many frames behind is cut off; it comes back for a snapshot.
const FRAMES_BEHIND_MAX: u64 = 256;
const PING_EVERY: Duration = Duration::from_secs(15);
const SILENCE_MAX: Duration = Duration::from_secs(40);

/// `GET /ws/agent`: 401 without a session, 403 from another site's page.
pub(super) async fn agent(
    web: Data<Web>,
    request: HttpRequest,
    stream: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let person = auth::person(&web, &request).await?;
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
        Socket::new(&web, Side::Agent { agent: person.id, door, session: auth::session(&request) }, place),
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
    open(&request, stream, Socket::new(&web, Side::Visitor { source, chat: None }, place))
}

fn open(request: &HttpRequest, stream: Payload, socket: Socket) -> Result<HttpResponse, actix_web::Error> {
    ws::WsResponseBuilder::new(socket, request, stream).frame_size(FRAME_BYTES_MAX).start()
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
        chat: Option<(ChatId, Addr<Door>)>,
    },
}

struct Socket {
    web: Arc<Web>,
    id: SocketId,
    side: Side,
    client: Option<String>,
    sent: u64,
    acknowledged: u64,
    heard_at: Instant,
    requests: DefaultDirectRateLimiter,
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
            client: None,
            sent: 0,
            acknowledged: 0,
            heard_at: Instant::now(),
            requests: limits::requests(),
            _place: place,
        }
    }

    fn request(&mut self, text: &str, ctx: &mut Ctx) -> Result<(), Problem> {
        let unreadable = |error: serde_json::Error| Problem::new(Code::Malformed, error.to_string());
        match &self.side {
            Side::Agent { .. } => self.agent_request(serde_json::from_str(text).map_err(unreadable)?, ctx),
            Side::Visitor { .. } => self.visitor_request(serde_json::from_str(text).map_err(unreadable)?, ctx),
        }
    }

    fn agent_request(&mut self, request: AgentRequest, ctx: &mut Ctx) -> Result<(), Problem> {
        let Side::Agent { agent, ref door, .. } = self.side else { return Ok(()) };
        match request {
            AgentRequest::Hello { client } => {
                let tab = self.say_hello(client, ctx)?;
                self.knock_at_own_door(move |floor| floor.agent_joined(agent, tab));
            }
            AgentRequest::Command { id, command } => {
                let tab = self.tab(ctx)?;
                let problem = match &command {
                    AgentCommand::Say { text, .. } => Self::bad_text(text),
                    AgentCommand::Transfer { note, .. } if !note.is_empty() => Self::bad_text(note),
                    _ => None,
                };
                if problem.is_some() {
                    send(&AgentReply::Answer { id, problem }, ctx);
                    return Ok(());
                }
                door.do_send(Knock(Box::new(move |floor| floor.agent_command(agent, tab, id, command))));
            }
            AgentRequest::Typing { chat, on } => {
                door.do_send(Knock(Box::new(move |floor| floor.agent_typing(agent, chat, on))));
            }
            AgentRequest::Ack { seq } => self.acknowledge(seq),
        }
        Ok(())
    }

    fn visitor_request(&mut self, request: VisitorRequest, ctx: &mut Ctx) -> Result<(), Problem> {
        match request {
            VisitorRequest::Hello { token, session, client, have, language, page } => {
                let facts = VisitorFacts { page: page.unwrap_or_default(), language, ..VisitorFacts::default() };
                check_hello(&session, &facts)?;
                let tab = self.say_hello(client, ctx)?;
                self.find_chat(token, session, facts, tab, have, ctx);
            }
            VisitorRequest::Command { id, command } => {
                let tab = self.tab(ctx)?;
                let chat = self.chat()?;
                if let VisitorCommand::Say { text } = &command
                    && let Some(problem) = Self::bad_text(text)
                {
                    send(&VisitorReply::Answer { id, problem: Some(problem) }, ctx);
                    return Ok(());
                }
                if let VisitorCommand::Choose { choice, contact } = &command
                    && let Some(problem) = Self::bad_contact(*choice, contact)
                {
                    send(&VisitorReply::Answer { id, problem: Some(problem) }, ctx);
                    return Ok(());
                }
                self.knock_at_own_door(move |floor| floor.visitor_command(chat, tab, id, command));
            }
            VisitorRequest::Typing { on } => {
                let chat = self.chat()?;
                self.knock_at_own_door(move |floor| floor.visitor_typing(chat, on));
            }
            VisitorRequest::Ack { seq } => self.acknowledge(seq),
        }
        Ok(())
    }

    /// Finds the visitor's chat, or begins one, and joins it.
    fn find_chat(&self, token: String, session: String, facts: VisitorFacts, tab: Tab, have: u32, ctx: &mut Ctx) {
        let Side::Visitor { source, .. } = self.side else { return };
        let web = self.web.clone();
        let found = async move { find_or_begin(&web, &token, &session, source).await };
        let joined = found.into_actor(self).map(move |found, socket, ctx: &mut Ctx| match found {
            Ok((chat, queue, door)) => {
                socket.side = Side::Visitor { source, chat: Some((chat, door)) };
                socket.knock_at_own_door(move |floor| floor.visitor_joined(chat, queue, facts, tab, have));
            }
            Err(problem) => socket.refuse(problem, ctx),
        });
        ctx.wait(joined);
    }

    fn say_hello(&mut self, client: String, ctx: &mut Ctx) -> Result<Tab, Problem> {
        if self.client.is_some() {
            return Err(Problem::new(Code::Malformed, "hello was said already"));
        }
        if !is_word(&client, 8..=64) {
            return Err(Problem::new(Code::Malformed, "client: 8 to 64 of [0-9a-zA-Z_-]"));
        }
        self.client = Some(client);
        self.tab(ctx)
    }

    fn tab(&self, ctx: &mut Ctx) -> Result<Tab, Problem> {
        let client = self.client.clone().ok_or_else(|| Problem::new(Code::Malformed, "the first request is hello"))?;
        Ok(Tab { socket: self.id, to: ctx.address().recipient(), client })
    }

    fn chat(&self) -> Result<ChatId, Problem> {
        match &self.side {
            Side::Visitor { chat: Some((chat, _)), .. } => Ok(*chat),
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
        let needed = match choice {
            Choice::Stay | Choice::AnotherAgent => false,
            Choice::Callback | Choice::Email => true,
        };
        let is_bad = contact.chars().count() > CONTACT_CHARACTERS_MAX || needed && contact.trim().is_empty();
        is_bad.then(|| {
            let what = "a telephone number or an e-mail address";
            Problem::new(Code::Malformed, format!("contact: {what}, at most {CONTACT_CHARACTERS_MAX} characters"))
        })
    }

    fn acknowledge(&mut self, seq: u64) {
        self.acknowledged = self.acknowledged.max(seq.min(self.sent));
    }

    fn knock_at_own_door(&self, what: impl FnOnce(&Rc<Floor>) + Send + 'static) {
        let door = match &self.side {
            Side::Agent { door, .. } => Some(door),
            Side::Visitor { chat, .. } => chat.as_ref().map(|(_, door)| door),
        };
        if let Some(door) = door {
            door.do_send(Knock(Box::new(what)));
        }
    }

    /// A session ends by a log-out elsewhere, by another password, or by its time.
    fn session_is_over(&self) -> bool {
        match &self.side {
            Side::Agent { session: Some(session), .. } => {
                let found = self.web.house.store.web_session(session, self.web.house.clock.now());
                // What cannot be read is not taken for over: calls and chats go on.
                matches!(found, Ok(None))
            }
            Side::Agent { session: None, .. } | Side::Visitor { .. } => false,
        }
    }

    fn refuse(&self, problem: Problem, ctx: &mut Ctx) {
        match self.side {
            Side::Agent { .. } => send(&AgentReply::Refused { problem }, ctx),
            Side::Visitor { .. } => send(&VisitorReply::Refused { problem }, ctx),
        }
        ctx.close(Some(ws::CloseCode::Policy.into()));
        ctx.stop();
    }
}

fn send(reply: &impl Serialize, ctx: &mut Ctx) {
    match serde_json::to_string(reply) {
        Ok(text) => ctx.text(text),
        Err(error) => tracing::error!(%error, "a reply could not be serialised"),
    }
}

/// The visitor's chat by their session, or a new one in the queue that the token selects (R4).
async fn find_or_begin(
    web: &Web,
    token: &str,
    session: &str,
    source: IpAddr,
) -> Result<(ChatId, QueueId, Addr<Door>), Problem> {
    let store = &web.house.store;
    let unavailable = |error: StoreError| {
        tracing::error!(%error, "a visitor's chat");
        Problem::new(Code::Unavailable, "the daemon cannot read or store anything right now")
    };
    let closed = || Problem::new(Code::Unavailable, "the company's floor is not open");
    let service = store.service_by_token(token).map_err(unavailable)?;
    let session = auth::hash(session);
    if let Some((chat, company)) = known(store, &session).map_err(unavailable)? {
        let queue = service.map_or(QueueId(0), |service| service.queue);
        return Ok((chat, queue, web.door(company).ok_or_else(closed)?));
    }
    let service = service.filter(|service| service.active);
    let service = service.ok_or_else(|| Problem::new(Code::UnknownToken, "no chat service has this token"))?;
    if !web.gate.chat(source) {
        return Err(Problem::new(Code::TooMany, "too many new chats from this address: wait a minute"));
    }
    if !store.healthy() {
        return Err(Problem::new(Code::Unavailable, "the daemon cannot store anything right now"));
    }
    let door = web.door(service.company).ok_or_else(closed)?;
    let chat = ChatId(web.house.ids.next_item());
    let now = web.house.clock.now();
    match store.visitor_session_created(&session, chat, service.company, now).await {
        Ok(()) => Ok((chat, service.queue, door)),
        // Another tab of this visitor was faster.
        Err(error) => match known(store, &session).map_err(unavailable)? {
            Some((chat, _)) => Ok((chat, service.queue, door)),
            None => Err(unavailable(error)),
        },
    }
}

fn known(store: &Store, session: &[u8]) -> Result<Option<(ChatId, CompanyId)>, StoreError> {
    Ok(store.visitor_session(session)?.map(|session| (session.chat, session.company)))
}

fn check_hello(session: &str, facts: &VisitorFacts) -> Result<(), Problem> {
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

fn is_word(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

impl Actor for Socket {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        ctx.run_interval(PING_EVERY, |socket, ctx| {
            if socket.heard_at.elapsed() > SILENCE_MAX {
                ctx.stop();
            } else if socket.session_is_over() {
                socket.refuse(Problem::new(Code::Unauthenticated, "the session is over"), ctx);
            } else {
                ctx.ping(b"");
            }
        });
    }

    fn stopped(&mut self, _: &mut Ctx) {
        let socket = self.id;
        match &self.side {
            Side::Agent { agent, door, .. } => {
                let agent = *agent;
                door.do_send(Knock(Box::new(move |floor| floor.agent_left(agent, socket))));
            }
            Side::Visitor { chat: Some((chat, door)), .. } => {
                let chat = *chat;
                door.do_send(Knock(Box::new(move |floor| floor.visitor_left(chat, socket))));
            }
            Side::Visitor { chat: None, .. } => {}
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Ctx) {
        self.heard_at = Instant::now();
        match message {
            Ok(ws::Message::Text(text)) => {
                let result = match self.requests.check() {
                    Ok(()) => self.request(&text, ctx),
                    Err(_) => Err(Problem::new(Code::TooMany, "too many requests at once on this connection")),
                };
                if let Err(problem) = result {
                    self.refuse(problem, ctx);
                }
            }
            Ok(ws::Message::Ping(data)) => ctx.pong(&data),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Binary(_) | ws::Message::Continuation(_)) => {
                self.refuse(Problem::new(Code::Malformed, "requests are text messages, in one piece"), ctx);
            }
            Err(error) => {
                tracing::debug!(%error, "a WebSocket");
                ctx.stop();
            }
        }
    }
}

impl Handler<Push> for Socket {
    type Result = ();

    fn handle(&mut self, push: Push, ctx: &mut Ctx) {
        match push {
            Push::Reply(text) => ctx.text(text),
            Push::Frame(frame) => {
                self.sent += 1;
                if self.sent - self.acknowledged > FRAMES_BEHIND_MAX {
                    ctx.close(Some(ws::CloseCode::Again.into()));
                    ctx.stop();
                } else {
                    ctx.text(format!(r#"{{"type":"frame","seq":{},"frame":{frame}}}"#, self.sent));
                }
            }
        }
    }
}
