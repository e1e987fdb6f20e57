//! The web's side: the whole route table.
//! A handler extracts, asks and answers; it decides nothing.

pub(crate) mod assets;
mod attempts;
pub(crate) mod auth;
mod budget;
pub(crate) mod descriptors;
pub(crate) mod error;
mod hashing;
mod limits;
mod patience;
mod rest;
mod socket;
mod until;
mod writing;

use crate::actors::floor::{Door, House};
use crate::actors::user_agent::TrunksOf;
use actix::{Addr, Recipient};
use actix_web::dev::Extensions;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Route, guard};
use attempts::Rates;
use auth::LogIns;
use domain::id::CompanyId;
use error::resource as at;
use limits::Gate;
pub(crate) use patience::HEAD_MAX;
use socket2::SockRef;
use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::Notify;
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
    logins: Arc<LogIns>,
    draining: AtomicBool,
    /// Wakes the sockets that have to go.
    gone: Notify,
}

impl Web {
    /// The web's side of a house.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(house: House, trunks: Recipient<TrunksOf>) -> io::Result<Arc<Web>> {
        let limits = &house.config.limits;
        let (gate, writing) = (Gate::new(limits), Writing::new(limits));
        let per_account = limits.login_failures_per_account_per_minute;
        let rates = Rates { per_account, per_source: limits.login_failures_per_source_per_minute };
        let logins = Arc::new(LogIns::new(rates)?);
        Ok(Arc::new(Web {
            house,
            trunks,
            doors: RwLock::default(),
            gate,
            writing,
            logins,
            draining: AtomicBool::new(false),
            gone: Notify::new(),
        }))
    }

    /// A floor is open.
    pub fn opened(&self, company: CompanyId, door: Addr<Door>) {
        self.doors.write().unwrap_or_else(PoisonError::into_inner).insert(company, door);
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
        self.logins.sweep();
        if let Err(error) = self.house.store.web_sessions_expired(self.house.clock.now()).await {
            tracing::warn!(%error, "old sessions");
        }
    }

    fn is_ready(&self) -> bool {
        let open = !self.doors.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        open && self.house.store.healthy() && !self.draining.load(Ordering::Acquire)
    }
}

/// Every route of the daemon.
pub fn routes(web: Arc<Web>) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(Data::from(web.clone()))
            .app_data(error::json())
            .app_data(error::query())
            .app_data(error::path())
            .service(
                web::scope("/api/v1")
                    .wrap(from_fn(patience::api))
                    .service(at("/sessions", "POST").route(web::post().to(rest::sessions::create)))
                    .service(
                        at("/sessions/current", "GET, HEAD, DELETE")
                            .route(read().to(rest::sessions::current))
                            .route(web::delete().to(rest::sessions::delete)),
                    )
                    .service(at("/agents", "GET, HEAD").route(read().to(rest::company::agents)))
                    .service(at("/agents/{name}/presence", "PUT").route(web::put().to(rest::agents::set_presence)))
                    .service(at("/calls", "GET, HEAD").route(read().to(rest::calls::list)))
                    .service(at("/calls/{call}", "GET, HEAD").route(read().to(rest::calls::one)))
                    .service(at("/items/{item}/why", "GET, HEAD").route(read().to(rest::items::why)))
                    .service(at("/items/{item}/move", "POST").route(web::post().to(rest::items::send_elsewhere)))
                    .service(at("/phones", "GET, HEAD").route(read().to(rest::phones::list)))
                    .service(at("/queues", "GET, HEAD").route(read().to(rest::company::queues)))
                    .service(at("/queues/{queue}/tasks", "POST").route(web::post().to(rest::items::create_task)))
                    .service(at("/queues/{queue}/overflow", "POST").route(web::post().to(rest::items::overflow)))
                    .service(at("/services", "GET, HEAD").route(read().to(rest::company::services)))
                    .service(at("/trunks", "GET, HEAD").route(read().to(rest::trunks::list)))
                    .default_service(web::to(error::not_found)),
            )
            .service(at("/ws/agent", "GET").route(web::get().to(socket::agent)))
            .service(at("/ws/visitor", "GET").route(web::get().to(socket::visitor)))
            .service(at("/healthz", "GET, HEAD").route(read().to(rest::health::alive)))
            .service(at("/readyz", "GET, HEAD").route(read().to(rest::health::ready)))
            .service(at("/widget.js", "GET, HEAD").route(read().to(assets::widget)))
            .service(at("/widget/{path:.*}", "GET, HEAD").route(read().to(assets::widget)))
            .service(at("/", "GET, HEAD").route(read().to(assets::to_desktop)))
            .service(at("/desktop", "GET, HEAD").route(read().to(assets::to_desktop)))
            .service(at("/desktop/{path:.*}", "GET, HEAD").route(read().to(assets::desktop)))
            .default_service(web::to(error::not_found));
    }
}

/// GET and HEAD: whoever only asks whether something is there gets the same answer without it.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
