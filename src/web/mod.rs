//! The web's side: the whole route table.
//! A handler extracts, asks and answers; it decides nothing.

pub(crate) mod assets;
mod attempts;
pub(crate) mod auth;
mod budget;
pub(crate) mod error;
mod hashing;
mod limits;
mod rest;
mod socket;
mod until;
mod writing;

use crate::actors::floor::{Door, House};
use crate::actors::user_agent::TrunksOf;
use actix::{Addr, Recipient};
use actix_web::guard::{self, Guard};
use actix_web::web::{self, Data, ServiceConfig};
use attempts::Rates;
use auth::LogIns;
use domain::id::CompanyId;
use limits::Gate;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
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
        self.gate.forget_quiet();
        self.writing.forget_quiet();
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
            .service(
                web::scope("/api/v1")
                    .route("/sessions", web::post().to(rest::sessions::create))
                    .route("/sessions/current", web::get().to(rest::sessions::current))
                    .route("/sessions/current", web::delete().to(rest::sessions::delete))
                    .route("/agents/{name}/presence", web::put().to(rest::agents::set_presence))
                    .route("/calls", web::get().to(rest::calls::list))
                    .route("/calls/{call}", web::get().to(rest::calls::one))
                    .route("/items/{item}/why", web::get().to(rest::items::why))
                    .route("/items/{item}/move", web::post().to(rest::items::send_elsewhere))
                    .route("/phones", web::get().to(rest::phones::list))
                    .route("/queues/{queue}/tasks", web::post().to(rest::items::create_task))
                    .route("/queues/{queue}/overflow", web::post().to(rest::items::overflow))
                    .route("/trunks", web::get().to(rest::trunks::list))
                    .default_service(web::to(error::not_found)),
            )
            .route("/ws/agent", web::get().to(socket::agent))
            .route("/ws/visitor", web::get().to(socket::visitor))
            .route("/healthz", web::get().to(rest::health::alive))
            .route("/readyz", web::get().to(rest::health::ready))
            .route("/widget.js", web::route().guard(reading()).to(assets::widget))
            .route("/widget/{path:.*}", web::route().guard(reading()).to(assets::widget))
            .route("/desktop", web::get().to(assets::to_desktop))
            .route("/desktop/{path:.*}", web::route().guard(reading()).to(assets::desktop));
    }
}

/// GET and HEAD: whoever only asks whether a file is there gets the same answer without it.
fn reading() -> impl Guard {
    guard::Any(guard::Get()).or(guard::Head())
}
