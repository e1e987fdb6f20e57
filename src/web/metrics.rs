//! What Prometheus reads: `GET /metrics`, in the text format of OpenMetrics. What goes on is asked for when it is read; what was
//! asked of the daemon over HTTP is counted as it comes.
//! Never says who somebody is: companies, queues and routes are the only names.

use super::error::ApiError;
use super::{Web, limits};
use crate::actors::floor::{FloorAnswer, FloorRequest};
use crate::licence::held;
use crate::protocol::agent::PresenceView;
use crate::protocol::error::Code;
use crate::store::CompanyRow;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest, HttpResponse};
use domain::licence::State;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::fs;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a floor may take to say what goes on there: a reader waits for all of them.
const FLOOR_MAX: Duration = Duration::from_secs(2);
/// In which steps it is counted how long an answer took, in seconds.
const STEPS_S: [f64; 8] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 30.0];
/// The route of what has none.
const NO_ROUTE: &str = "none";

/// What was counted since the start.
pub struct Metrics {
    requests: Family<Request, Counter>,
    took: Family<Route, Histogram, fn() -> Histogram>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics { requests: Family::default(), took: Family::new_with_constructor(|| Histogram::new(STEPS_S)) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Company {
    company: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    company: String,
    queue: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Presence {
    company: String,
    presence: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// Around every request: counts it.
///
/// # Errors
/// Those of what is within.
pub async fn counted(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let web = request.app_data::<Data<Web>>().cloned();
    let (method, began) = (method_of(request.method()), Instant::now());
    let answer = next.call(request).await;
    if let Some(web) = web {
        let (route, status) = match &answer {
            Ok(answer) => (answer.request().match_pattern(), answer.status()),
            // It was refused before anybody looked where it leads.
            Err(why) => (None, why.as_response_error().status_code()),
        };
        let route = route.unwrap_or_else(|| NO_ROUTE.to_owned());
        let status = ["1xx", "2xx", "3xx", "4xx", "5xx"][usize::from(status.as_u16() / 100).clamp(1, 5) - 1];
        web.metrics.took.get_or_create(&Route { route: route.clone() }).observe(began.elapsed().as_secs_f64());
        web.metrics.requests.get_or_create(&Request { route, method, status }).inc();
    }
    answer
}

/// What nobody knows is one method, however many there are.
fn method_of(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// `GET /metrics`, for the networks of `http.metrics_from`; for everybody else there is no such address.
pub(super) async fn read(web: Data<Web>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let source = limits::source(&request);
    if !web.house.config.http.metrics_from.iter().any(|network| network.contains(source)) {
        return Err(ApiError::new(Code::NotFound, "there is nothing at this address"));
    }
    let mut registry = Registry::with_prefix("vorrang");
    web.metrics.add(&mut registry);
    add_daemon(&mut registry, &web);
    let mut floors = Floors::new(&mut registry);
    for company in web.house.store.ask_companies().await? {
        floors.look(&web, company).await?;
    }
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| ApiError::new(Code::Unavailable, "the metrics could not be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(kind).insert_header(("cache-control", "no-store")).body(text))
}

impl Metrics {
    fn add(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests over HTTP that were answered", self.requests.clone());
        let help = "How long they took; of a WebSocket until it began";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, self.took.clone());
    }
}

fn add_daemon(registry: &mut Registry, web: &Web) {
    registry.register("build", "Which daemon this is", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    let mut is = |name: &str, help: &str, holds: bool| registry.register(name, help, gauge(i64::from(holds)));
    is("ready", "Whether it takes calls and chats", web.is_ready());
    is("storing", "Whether it can store what happens", web.house.store.healthy());
    is("clock_agrees", "Whether its time is the system's", web.house.clock.discord().is_none());
    let damages = i64::try_from(web.house.store.damages()).unwrap_or(i64::MAX);
    registry.register("damaged_values", "Values of companies that cannot be read", gauge(damages));
    let path = &web.house.config.store.path;
    let bytes = |end: &str| fs::metadata(format!("{}{end}", path.display())).map_or(0, |file| file.len());
    let help = "How big the database is, with its log";
    let size = i64::try_from(bytes("") + bytes("-wal")).unwrap_or(i64::MAX);
    registry.register_with_unit("database_size", help, Unit::Bytes, gauge(size));
    let descriptors = fs::read_dir("/proc/self/fd").map_or(0, |open| open.count());
    registry.register("open_files", "How many files and sockets are open", gauge(descriptors as i64));
    registry.register_with_unit("memory", "How much memory it uses", Unit::Bytes, gauge(resident_bytes()));
}

fn gauge(value: i64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}

/// The resident set of this process (`proc_pid_status(5)`); 0 if the system does not say.
fn resident_bytes() -> i64 {
    let said = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = said.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.map_or(0, |kilobytes: i64| kilobytes * 1024)
}

/// What goes on in the companies, and by which licences.
struct Floors {
    waiting: Family<Queue, Gauge>,
    agents: Family<Presence, Gauge>,
    lets_chats_begin: Family<Company, Gauge>,
    licence_ends: Family<Company, Seconds>,
    licensed_agents: Family<Company, Gauge>,
    chat_agents: Family<Company, Gauge>,
}

impl Floors {
    fn new(registry: &mut Registry) -> Floors {
        let floors = Floors {
            waiting: Family::default(),
            agents: Family::default(),
            lets_chats_begin: Family::default(),
            licence_ends: Family::default(),
            licensed_agents: Family::default(),
            chat_agents: Family::default(),
        };
        registry.register("queue_waiting", "How many items wait in a queue", floors.waiting.clone());
        registry.register("agents", "How many people are at work, and how many are not", floors.agents.clone());
        let help = "Whether chats may begin by the company's licence";
        registry.register("licence_lets_chats_begin", help, floors.lets_chats_begin.clone());
        let help = "When the last chat may begin by the licence, its days of grace included, since 1970";
        registry.register_with_unit("licence_ends", help, Unit::Seconds, floors.licence_ends.clone());
        let help = "For how many agents who could have chats the licence is";
        registry.register("licence_agents", help, floors.licensed_agents.clone());
        registry.register("chat_agents", "How many agents could have chats", floors.chat_agents.clone());
        floors
    }

    /// Asks one company; a floor that does not answer in time says nothing.
    async fn look(&mut self, web: &Web, CompanyRow { id, name: company }: CompanyRow) -> Result<(), ApiError> {
        let of_company = Company { company: company.clone() };
        if let Some(rows) = web.house.store.ask_floor(id).await? {
            let config = &web.house.config;
            let held = held(config.licence.public_key.as_ref(), &rows);
            let state = State::of(held.as_ref(), &rows.name, web.house.clock.now());
            self.lets_chats_begin.get_or_create(&of_company).set(state.lets_chats_begin().into());
            let could = rows.chat_agents(config.agent.chats_max).len();
            self.chat_agents.get_or_create(&of_company).set(i64::try_from(could).unwrap_or(i64::MAX));
            if let Some(Ok(licence)) = held {
                self.licence_ends.get_or_create(&of_company).set(licence.ends().0 as f64 / 1000.0);
                self.licensed_agents.get_or_create(&of_company).set(licence.agents.into());
            }
        }
        let asked = |request| async move { timeout(FLOOR_MAX, web.ask(id, request)).await.ok()?.ok() };
        if let Some(FloorAnswer::Queues(queues)) = asked(FloorRequest::Queues).await {
            for queue in queues {
                let labels = Queue { company: company.clone(), queue: queue.name };
                self.waiting.get_or_create(&labels).set(queue.waiting.into());
            }
        }
        if let Some(FloorAnswer::Agents(agents)) = asked(FloorRequest::Agents).await {
            for agent in agents {
                let presence = agent.presence.as_ref().map_or("unknown", presence);
                self.agents.get_or_create(&Presence { company: company.clone(), presence }).inc();
            }
        }
        Ok(())
    }
}

fn presence(presence: &PresenceView) -> &'static str {
    match presence {
        PresenceView::LoggedOut {} => "logged_out",
        PresenceView::LoggingOut {} => "logging_out",
        PresenceView::Available {} => "available",
        PresenceView::Break { .. } => "break",
        PresenceView::Unavailable { .. } => "unavailable",
    }
}
