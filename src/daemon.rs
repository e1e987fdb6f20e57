//! The daemon put together: database, floors, telephony and web are started in this order and stopped in the other.
//! It knows everybody and does nothing itself.

mod needs;

use crate::actors::floor::{Ask, Committed, Door, Floor, FloorRequest, House};
use crate::actors::ids::Ids;
use crate::actors::records::time;
use crate::actors::user_agent::{Alive, Directory, Drain, HangUpAll, MediaEvent, Remaining, UserAgent};
use crate::actors::wishes::Telephony;
use crate::clock::{Clock, Discord};
use crate::config::Config;
use crate::store::{FloorRows, Loaded, QueueRow, Store, StoreError, Ticket};
use crate::telemetry::TelemetryError;
use crate::telephony::announcements::Sounds;
use crate::telephony::prompts::Prompt;
use crate::telephony::relay::{Relay, RelayError, RelaySettings};
use crate::telephony::signalling::{Bound, Limits, Signalling};
use crate::web::{self, Reload, Web, descriptors};
use actix::{Actor, Addr, Arbiter};
use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::middleware::from_fn;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};
use domain::id::QueueId;
pub use needs::{Problem, Weight, check};
use needs::{Taken, take};
use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long a symmetric RTP source may still change after a negotiation.
const LATCH: Duration = Duration::from_secs(2);
/// How long running calls may go on once the daemon is told to stop.
const DRAIN_MAX: Duration = Duration::from_secs(20);
/// How long peers may take to confirm that they were hung up on, and registrars that we are gone.
const GOODBYE_MAX: Duration = Duration::from_secs(2);
/// How long the writer may take for what is queued at the end.
const FLUSH_MAX: Duration = Duration::from_secs(10);

/// Why the daemon could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A socket, with what to do about it.
    #[error("{0}")]
    Socket(#[from] io::Error),
    /// The media relay.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// Things that it needs and cannot have, a line each.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Needs(Vec<Problem>),
    /// The log.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// A thread ended before it was ready.
    #[error("a thread of the daemon ended while it started")]
    Thread,
}

/// A running daemon.
pub struct Daemon {
    /// The web's side.
    pub web: Arc<Web>,
    /// The SIP user agent.
    pub user_agent: Addr<UserAgent>,
    store: Store,
    server: ServerHandle,
    doors: Arc<Mutex<Vec<Addr<Door>>>>,
}

impl Daemon {
    /// Starts everything. When it returns, calls and chats are taken. `more` adds routes of its own, before the daemon's.
    ///
    /// # Errors
    /// With what was being done and what can be changed.
    pub async fn start(
        config: Config,
        more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Result<Daemon, StartError> {
        let began = Instant::now();
        tracing::info!("vorrang {} starts", env!("CARGO_PKG_VERSION"));
        if config.licence.public_key.is_none() {
            tracing::warn!("licence.public_key is not set: no chat begins, calls are taken (vorrang licence keygen)");
        }
        let config = Arc::new(config);
        let doors: Arc<Mutex<Vec<Addr<Door>>>> = Arc::default();
        let open = {
            let doors = doors.clone();
            let path = config.store.path.clone();
            move || Store::open(&path, move |ticket| announce(&doors, ticket))
        };
        let Taken { store, sockets, http, music } = take(&config, open).map_err(StartError::Needs)?;
        let open_files = open_files(&config);
        let clock = Clock::start(store.last_timestamp());
        let mut is_discordant = false;
        tell_discord(&clock, &mut is_discordant);
        let ids = Ids::new(store.outbox_base());
        let house = House { store: store.clone(), clock, ids, config: config.clone() };

        say_where(&config);
        let user_agent = start_user_agent(&house, sockets, &music)?;
        let (reloads, asked) = mpsc::unbounded_channel();
        let web = Web::new(house.clone(), user_agent.clone().recipient(), reloads)?;
        let reading = Reading { web: web.clone(), user_agent: user_agent.clone(), music, doors: doors.clone() };
        let companies = reading.open_floors().await?;
        say_how_to_begin(&web, companies.is_empty());
        let sounds = load_sounds(&companies, &reading.music).await?;
        user_agent.do_send(Directory { companies, sounds });
        actix::spawn(reading.again_when_asked(asked));

        let handle = serve_http(&web, http, more, open_files)?;
        let upkeep = web.clone();
        actix::spawn(async move {
            let mut minute = tokio::time::interval(Duration::from_secs(60));
            loop {
                minute.tick().await;
                upkeep.tidy_up().await;
                tell_discord(&upkeep.house.clock, &mut is_discordant);
            }
        });
        tracing::info!("ready after {} ms", began.elapsed().as_millis());
        Ok(Daemon { web, user_agent, store, server: handle, doors })
    }

    /// Reads the companies again and tells everybody what changed. What cannot be read stays as it was, and the log says so.
    pub async fn reload(&self) {
        self.web.reload().await;
    }

    /// Whether every thread of the daemon still does its work; waits for the slowest.
    pub async fn is_alive(&self) -> bool {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for door in doors {
            if door.send(Ask::plain(FloorRequest::Ping)).await.is_err() {
                return false;
            }
        }
        self.user_agent.send(Alive).await.is_ok()
    }

    /// Takes nothing new, lets calls end for a while, hangs up the rest, and writes everything to the disk.
    pub async fn stop(self) {
        self.web.drain();
        let patience = Instant::now() + DRAIN_MAX;
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        while self.user_agent.send(Drain).await.is_ok_and(|left| left.calls > 0) && Instant::now() < patience {
            tick.tick().await;
        }
        self.user_agent.do_send(HangUpAll);
        let patience = Instant::now() + GOODBYE_MAX;
        let is_busy = |left: Remaining| left.calls > 0 || left.registrations > 0;
        while self.user_agent.send(Drain).await.is_ok_and(is_busy) && Instant::now() < patience {
            tick.tick().await;
        }
        self.web.leave();
        self.server.stop(true).await;
        let store = self.store.clone();
        let flushed = actix_web::web::block(move || store.close(FLUSH_MAX)).await;
        if let Ok(Err(error)) = flushed {
            tracing::error!(%error, "not everything was written at the end");
        }
    }
}

/// Answers over HTTP from now on, on a thread for each processor.
fn serve_http(
    web: &Arc<Web>,
    http: TcpListener,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    open_files: u64,
) -> io::Result<ServerHandle> {
    let routes = web::routes(web.clone());
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let connections = descriptors::for_http(open_files, &web.house.config.limits);
    let gate = web.clone();
    let app = move || {
        let app = App::new().wrap(from_fn(web::headers::secured)).wrap(from_fn(web::metrics::counted));
        app.configure(more.clone()).configure(routes.clone())
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .max_connections((connections / workers).max(1))
        .on_connect(move |stream, kept| gate.connected(stream, kept))
        .client_request_timeout(web::HEAD_MAX)
        // Only the head of a connection's first request is waited for by the clock, so there is no second one.
        .keep_alive(KeepAlive::Disabled)
        .disable_signals()
        .shutdown_timeout(2)
        .listen(http)?
        .run();
    let handle = server.handle();
    actix::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the web server ended");
        }
    });
    Ok(handle)
}

/// Says once that the daemon's time is not the system's, and once that it is again.
fn tell_discord(clock: &Clock, is_discordant: &mut bool) {
    let discord = clock.discord();
    match discord {
        Some(Discord { own, system }) if !*is_discordant => tracing::error!(
            own = time(own),
            system = time(system),
            "the daemon's time is not the system's (was the system's clock wrong? it is followed at a restart; if the journal is \
             ahead of it, after `vorrang clock accept`)"
        ),
        None if *is_discordant => tracing::info!("the daemon's time is the system's again"),
        Some(_) | None => {}
    }
    *is_discordant = discord.is_some();
}

/// Tells all floors what is durable.
fn announce(doors: &Mutex<Vec<Addr<Door>>>, ticket: Ticket) {
    for door in doors.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        door.do_send(Committed(ticket));
    }
}

/// Where the daemon is reached, a line for each protocol.
fn say_where(config: &Config) {
    let sip: Vec<String> = config.sip.listen.iter().map(ToString::to_string).collect();
    tracing::info!("SIP on {}", sip.join(", "));
    tracing::info!("HTTP on {}", config.http.listen);
}

/// Where there is no company yet, prints the link by which its first administrator begins: on the console alone, as it is
/// a secret for a day.
fn say_how_to_begin(web: &Web, is_empty: bool) {
    if !is_empty {
        return;
    }
    let token = web.setup.open(Instant::now());
    eprintln!(
        "\nVorrang has no company yet. To make it and its first administrator, open within a day:\n\n    {}/desktop/setup#{token}\n",
        web.house.config.public_url()
    );
}

/// How many files may be open at once; says so.
fn open_files(config: &Config) -> u64 {
    let (open_files, wanted) = (descriptors::raise(), descriptors::wanted(&config.limits));
    if open_files < wanted {
        tracing::warn!("{open_files} files may be open at once; all that [limits] allows needs {wanted} (LimitNOFILE)");
    } else {
        tracing::info!("{open_files} files may be open at once");
    }
    open_files
}

fn start_user_agent(house: &House, sockets: Vec<Bound>, music: &Arc<Prompt>) -> Result<Addr<UserAgent>, StartError> {
    let config = house.config.clone();
    let media = &config.media;
    let sounds = Arc::new(Sounds::music_only(music.clone()));
    let settings = RelaySettings {
        address: media.address,
        ports: media.ports.first..=media.ports.last,
        threads: media.threads,
        latch: LATCH,
        silence: media.silence,
    };
    let listener: Arc<OnceLock<Addr<UserAgent>>> = Arc::default();
    let relay = {
        let listener = listener.clone();
        Relay::start(settings, move |event| {
            if let Some(user_agent) = listener.get() {
                user_agent.do_send(MediaEvent(event));
            }
        })?
    };
    let limits =
        Limits { connections: config.limits.sip_connections, per_source: config.limits.sip_connections_per_source };
    let house = house.clone();
    let address = UserAgent::start_in_arbiter(&Arbiter::new().handle(), move |_| {
        // The sockets are bound and non-blocking: taking them over fails only without a runtime.
        #[allow(clippy::expect_used, reason = "an arbiter has a runtime")]
        let signalling = Signalling::new(sockets, limits).expect("watch the SIP sockets");
        UserAgent::new(signalling, relay, sounds, house, rand::random())
    });
    _ = listener.set(address.clone());
    Ok(address)
}

/// Reads and encodes what callers hear in each queue, aside: it takes long. A file that was there when the company was
/// applied and is not any more leaves its queue with the usual music.
async fn load_sounds(
    companies: &[(FloorRows, Addr<Door>)],
    music: &Arc<Prompt>,
) -> Result<BTreeMap<QueueId, Arc<Sounds>>, StartError> {
    let queues: Vec<QueueRow> = companies.iter().flat_map(|(rows, _)| rows.queues.clone()).collect();
    let music = music.clone();
    let load = move || {
        let of = |row: QueueRow| {
            let sounds = Sounds::load(row.voice.music.as_deref(), &music, row.voice.announcements.as_ref());
            let sounds = sounds.unwrap_or_else(|error| {
                tracing::error!(queue = row.name, %error, "a queue has no sounds of its own (apply its company again)");
                Sounds::music_only(music.clone())
            });
            (row.id, Arc::new(sounds))
        };
        queues.into_iter().map(of).collect()
    };
    tokio::task::spawn_blocking(load).await.map_err(|_| StartError::Thread)
}

/// Who reads companies and tells everybody what they are like.
struct Reading {
    web: Arc<Web>,
    user_agent: Addr<UserAgent>,
    music: Arc<Prompt>,
    doors: Arc<Mutex<Vec<Addr<Door>>>>,
}

impl Reading {
    /// Reads them again whenever somebody asks for it, one time after the other: who asks while nothing is read yet is served
    /// by the same time.
    async fn again_when_asked(self, mut asked: mpsc::UnboundedReceiver<Reload>) {
        while let Some(first) = asked.recv().await {
            let mut waiting = vec![first];
            while let Ok(another) = asked.try_recv() {
                waiting.push(another);
            }
            if let Err(error) = self.again().await {
                tracing::error!(%error, "the companies were not read again; everything stays as it was");
            }
            // Whoever asked may have gone meanwhile.
            waiting.into_iter().for_each(|asker| _ = asker.send(()));
        }
    }

    async fn again(&self) -> Result<(), StartError> {
        let companies = self.open_floors().await?;
        let sounds = load_sounds(&companies, &self.music).await?;
        let mut read = vec![];
        for (_, door) in &companies {
            let (ask, answer) = Ask::answered(FloorRequest::Reload);
            door.do_send(ask);
            read.push(answer);
        }
        // What a floor did not read it has logged; a user agent that is gone ends the daemon elsewhere.
        _ = self.user_agent.send(Directory { companies, sounds }).await;
        for answer in read {
            _ = answer.await;
        }
        Ok(())
    }

    /// Opens the floors that are not open yet; all companies with the doors to their floors.
    async fn open_floors(&self) -> Result<Vec<(FloorRows, Addr<Door>)>, StartError> {
        let mut directory = vec![];
        let (web, house) = (&self.web, &self.web.house);
        let companies = house.store.companies()?;
        if companies.is_empty() {
            tracing::warn!(
                "there is no company yet: calls and chats are refused (vorrang company apply FILE makes one, or the link for this)"
            );
        } else {
            web.setup.close();
        }
        for company in companies {
            let Some(Loaded { company: rows, damages }) = house.store.company(company.id)? else { continue };
            for damage in damages {
                tracing::error!(company = rows.name, "a setting cannot be read: {damage}");
            }
            let door = match web.door(company.id) {
                Some(door) => door,
                None => {
                    tracing::info!(
                        queues = rows.queues.len(),
                        agents = rows.agents.len(),
                        numbers = rows.numbers.len(),
                        trunks = rows.trunks.len(),
                        chat_services = rows.services.len(),
                        "company {}",
                        rows.name
                    );
                    let telephony = Telephony(self.user_agent.clone().recipient());
                    let door = open_floor(house.clone(), rows.clone(), telephony, self.doors.clone()).await?;
                    web.opened(company.id, door.clone());
                    door
                }
            };
            directory.push((rows, door));
        }
        Ok(directory)
    }
}

/// Opens a floor on a thread of its own.
async fn open_floor(
    house: House,
    rows: FloorRows,
    telephony: Telephony,
    doors: Arc<Mutex<Vec<Addr<Door>>>>,
) -> Result<Addr<Door>, StartError> {
    let (opened, waiting) = oneshot::channel();
    Arbiter::new().spawn(async move {
        let door = Floor::open(house, rows, Some(telephony)).map(|floor| {
            let door = Door::open(floor);
            doors.lock().unwrap_or_else(PoisonError::into_inner).push(door.clone());
            door
        });
        // Whoever started it may have given up.
        _ = opened.send(door);
    });
    Ok(waiting.await.map_err(|_| StartError::Thread)??)
}
