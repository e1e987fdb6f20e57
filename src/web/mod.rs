//! The web's side: the whole route table.
//! A handler extracts, asks and answers; it decides nothing.

mod access;
pub(crate) mod assets;
mod attempts;
pub(crate) mod auth;
mod budget;
pub(crate) mod descriptors;
pub(crate) mod error;
mod files;
mod hashing;
pub mod headers;
mod hosted;
mod limits;
pub mod metrics;
mod once;
mod openapi;
mod patience;
mod place;
mod proof;
mod rest;
mod seen;
mod setup;
mod socket;
mod until;
mod visited;
mod visiting;
mod writing;

use crate::actors::floor::{Ask, Door, FloorAnswer, FloorRequest, House};
use crate::actors::user_agent::TrunksOf;
use crate::protocol::error::Code;
use actix::{Addr, Recipient};
use actix_web::dev::Extensions;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data, ServiceConfig};
use attempts::Rates;
use auth::LogIns;
use domain::id::CompanyId;
use error::ApiError;
use files::Uploads;
use limits::Gate;
use metrics::Metrics;
pub(crate) use patience::HEAD_MAX;
use place::{Place, at};
use seen::Lately;
use setup::Setup;
use socket2::SockRef;
use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::{Notify, mpsc, oneshot};
use writing::Writing;

/// What every handler may ask.
pub struct Web {
    /// What all floors share.
    pub house: House,
    /// Who knows how trunks stand.
    pub trunks: Recipient<TrunksOf>,
    doors: RwLock<BTreeMap<CompanyId, Addr<Door>>>,
    gate: Gate,
    writing: Writing,
    lately: Lately,
    /// What Prometheus reads.
    metrics: Metrics,
    /// Whether an installation without a company waits for its first administrator.
    pub setup: Setup,
    uploads: Uploads,
    logins: Arc<LogIns>,
    reloads: mpsc::UnboundedSender<Reload>,
    draining: AtomicBool,
    /// Wakes the sockets that have to go.
    gone: Notify,
}

/// Somebody waits until the companies were read again.
pub type Reload = oneshot::Sender<()>;

impl Web {
    /// The web's side of a house; whoever reads companies again hears of it by `reloads`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(
        house: House,
        trunks: Recipient<TrunksOf>,
        reloads: mpsc::UnboundedSender<Reload>,
    ) -> io::Result<Arc<Web>> {
        let limits = &house.config.limits;
        let (gate, writing) = (Gate::new(limits), Writing::new(limits));
        let uploads = Uploads::new(limits);
        let per_account = limits.login_failures_per_account_per_minute;
        let rates = Rates { per_account, per_source: limits.login_failures_per_source_per_minute };
        let logins = Arc::new(LogIns::new(rates)?);
        Ok(Arc::new(Web {
            house,
            trunks,
            doors: RwLock::default(),
            gate,
            writing,
            lately: Lately::default(),
            metrics: Metrics::default(),
            setup: Setup::default(),
            uploads,
            logins,
            reloads,
            draining: AtomicBool::new(false),
            gone: Notify::new(),
        }))
    }

    /// A floor is open.
    pub fn opened(&self, company: CompanyId, door: Addr<Door>) {
        self.doors.write().unwrap_or_else(PoisonError::into_inner).insert(company, door);
    }

    /// What is stored of companies is another one now: comes back once floors and telephony go by it.
    pub async fn reload(&self) {
        let (done, waiting) = oneshot::channel();
        if self.reloads.send(done).is_ok() {
            // Who is gone reads nothing any more: the daemon stops.
            _ = waiting.await;
        }
    }

    /// Asks a company's floor, and waits for its answer.
    pub(crate) async fn ask(&self, company: CompanyId, request: FloorRequest) -> Result<FloorAnswer, ApiError> {
        let gone = || ApiError::new(Code::Unavailable, "the company's floor is not open");
        let door = self.door(company).ok_or_else(gone)?;
        let (ask, answer) = Ask::answered(request);
        door.do_send(ask);
        Ok(answer.await.map_err(|_| gone())??)
    }

    /// Lets a connection in, or cuts it; what it is given is kept as long as it lasts.
    pub fn connected(&self, stream: &dyn Any, kept: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<TcpStream>() else { return };
        let socket = SockRef::from(stream);
        let place = stream.peer_addr().ok().and_then(|peer| self.gate.connection(peer.ip()));
        // Neither can fail on a socket that still stands, and of another there is nothing to cut.
        match place {
            Some(place) => {
                _ = socket.set_tcp_user_timeout(Some(patience::UNREAD_MAX));
                kept.insert(place);
            }
            None => _ = socket.shutdown(Shutdown::Both),
        }
    }

    /// The daemon is about to stop: `/readyz` says so.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// The daemon goes now: so do all sockets.
    pub fn leave(&self) {
        self.gone.notify_waiters();
    }

    /// The door to a company's floor.
    pub fn door(&self, company: CompanyId) -> Option<Addr<Door>> {
        self.doors.read().unwrap_or_else(PoisonError::into_inner).get(&company).cloned()
    }

    /// Forgets sessions and sources that are over.
    pub async fn tidy_up(&self) {
        let now = Instant::now();
        self.gate.forget_quiet(now);
        self.writing.forget_quiet(now);
        self.lately.forget_quiet(now);
        self.uploads.forget_quiet(now);
        files::sweep(self).await;
        self.logins.sweep();
        if let Err(error) = self.house.store.web_sessions_expired(self.house.clock.now()).await {
            tracing::warn!(%error, "old sessions");
        }
        if let Err(error) = self.house.store.once_expired(self.house.clock.now()).await {
            tracing::warn!(%error, "old answers");
        }
    }

    fn is_ready(&self) -> bool {
        let open = !self.doors.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        let is_open = open || self.setup.is_open(Instant::now());
        is_open && self.house.store.healthy() && !self.draining.load(Ordering::Acquire)
    }
}

/// Every route of the daemon.
pub fn routes(web: Arc<Web>) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        let scope = web::scope(API).wrap(from_fn(patience::api));
        let scope = api().into_iter().fold(scope, |scope, place| scope.service(place));
        config
            .app_data(Data::from(web.clone()))
            .app_data(error::json())
            .app_data(error::query())
            .app_data(error::path())
            .service(scope.default_service(web::to(error::not_found)));
        let config = beside_the_api().into_iter().fold(config, |config, place| config.service(place));
        config.default_service(web::to(error::not_found));
    }
}

/// Every address of the daemon, as a pattern, with the methods that are understood there.
pub fn addresses() -> Vec<(String, Vec<Method>)> {
    let api = api().into_iter().map(|place| (format!("{API}{}", place.path), place.methods));
    api.chain(beside_the_api().into_iter().map(|place| (place.path.to_owned(), place.methods))).collect()
}

/// The paths of the API whose POST is done once for each key of a client's.
fn done_once() -> Vec<&'static str> {
    api().into_iter().filter(|place| place.is_once).map(|place| place.path).collect()
}

/// What the paths of the API begin with.
const API: &str = "/api/v1";

fn api() -> Vec<Place> {
    vec![
        at("/sessions").read(rest::account::sessions).post(rest::sessions::create),
        at("/sessions/current").read(rest::sessions::current).delete(rest::sessions::delete),
        at("/sessions/{session}").delete(rest::account::end_session),
        at("/agents").read(rest::agents::list),
        at("/agents/{name}/presence").put(rest::agents::set_presence),
        at("/calls").read(rest::calls::list),
        at("/calls/{call}").read(rest::calls::one),
        at("/chats/{chat}/files").post(files::agent_sends),
        at("/chats/{chat}/files/{file}").read(files::agent_reads),
        at("/company").read(rest::company::settings).patch(rest::company::change_settings),
        at("/company/api_keys/used").read(rest::api_keys::used),
        at("/company/audit").read(rest::company::audit),
        at("/company/installation").read(rest::company::installation),
        at("/company/licence").read(rest::licence::get),
        at("/company/hours/import").post(rest::hours::import),
        at("/company/hours/outlook").post(rest::hours::outlook),
        at("/company/people/export").read(rest::people::export),
        at("/company/people/import").post(rest::people::import),
        at("/company/people/template").read(rest::people::template),
        at("/company/services/{id}/seen").read(rest::seen::get),
        at("/company/{kind}").read(rest::company::list).post_once(rest::company::make),
        at("/company/{kind}/{id}").read(rest::company::one).patch(rest::company::change).delete(rest::company::remove),
        at("/contact-fields").read(rest::contacts::fields),
        at("/contacts").read(rest::contacts::list).post_once(rest::contacts::create),
        at("/contacts/export").read(rest::contact_tables::export),
        at("/contacts/import").post(rest::contact_tables::import),
        at("/contacts/{contact}").read(rest::contacts::one).patch(rest::contacts::change).delete(rest::contacts::erase),
        at("/contacts/{contact}/archive").read(rest::contact_archive::archive),
        at("/contacts/{contact}/interactions").read(rest::interactions::list),
        at("/contacts/{contact}/merge").post_once(rest::contacts::merge),
        at("/contacts/{contact}/part").post_once(rest::contacts::part),
        at("/items").read(rest::own::items),
        at("/items/{item}/contact").put(rest::interactions::identify),
        at("/items/{item}/transcript").read(rest::write_ups::transcript),
        at("/items/{item}/why").read(rest::items::why),
        at("/items/{item}/move").post_once(rest::items::send_elsewhere),
        at("/items/{item}/write-up").read(rest::write_ups::read).put(rest::write_ups::write),
        at("/openapi.json").read(openapi::document),
        at("/password").put(rest::account::change_password),
        at("/phones").read(rest::phones::list),
        at("/preferences").read(rest::account::preferences).put(rest::account::set_preferences),
        at("/queues").read(rest::queues::list),
        at("/queues/{queue}/outlook").read(rest::queues::outlook),
        at("/queues/{queue}/tasks").post_once(rest::queues::create_task),
        at("/queues/{queue}/overflow").post_once(rest::queues::overflow),
        at("/services").read(rest::services::list),
        at("/setup").read(rest::setup::get).post(rest::setup::begin),
        at("/templates").read(rest::own::templates),
        at("/trunks").read(rest::trunks::list),
    ]
}

fn beside_the_api() -> Vec<Place> {
    vec![
        at("/ws/agent").socket(socket::agent),
        at("/ws/visitor").socket(socket::visitor),
        at("/visitor/files").post(files::visitor_sends).options(files::may_visit),
        at("/visitor/files/{file}").read(files::visitor_reads).options(files::may_visit),
        at("/visitor/rating").post(visited::rate),
        at("/healthz").read(rest::health::alive),
        at("/readyz").read(rest::health::ready),
        at("/metrics").read(metrics::read),
        at("/chat/{token}").read(hosted::page),
        at("/widget.js").read(assets::widget),
        at("/widget/services/{token}").read(visited::service),
        at("/widget/services/{token}/messages").post(visited::leave_message),
        at("/widget/{path:.*}").read(assets::widget),
        at("/").read(assets::to_desktop),
        at("/desktop").read(assets::to_desktop),
        at("/desktop/{path:.*}").read(assets::desktop),
    ]
}
