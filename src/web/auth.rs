//! Who somebody is: the session cookie of the web applications, and where there is no browser an API key, or name and password.
//! Only hashes of tokens are kept; of a password only a hash that is forgotten soon.

use super::Web;
use super::attempts::{Attempts, Name, Rates};
use super::error::ApiError;
use super::hashing::{Asker, Busy, Hashers};
use super::limits;
use super::until::Until;
use crate::protocol::error::Code;
use crate::store::{AgentRow, ApiKeyRow, Author, Hashed as _, Secret};
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as CookieTime;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{self, Header as _};
use actix_web_httpauth::headers::authorization::{Authorization, Basic, Bearer};
use domain::company::{ApiKey, OWN_ROLES_FROM, Rights};
use domain::id::{AgentId, CompanyId, QueueId};
use domain::time::Span;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The session cookie, where people come without TLS.
const COOKIE: &str = "vorrang_session";
/// The same by TLS: browsers take it from this host alone, and from no other of its domain (RFC 6265bis §4.1.3.2).
const SECURE_COOKIE: &str = "__Host-vorrang_session";
/// How long a session lasts: a working day.
pub const SESSION: Span = Span::seconds(14 * 60 * 60);
/// So much is kept of how a browser names itself.
const BROWSER_CHARACTERS_MAX: usize = 300;
/// How long a right password is not compared again: whoever calls the API with one does so again and again.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);
const REMEMBERED_MAX: usize = 10_000;
/// When those come again for whom there was no place.
const BUSY_S: u64 = 3;
/// Where the log says who came in and who did not; fail2ban reads it.
const SECURITY: &str = "vorrang::security";

/// Who asks for something.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Of which company they are.
    pub company: CompanyId,
    /// Who they are.
    pub who: Who,
}

/// What asks for something.
#[derive(Clone, Debug)]
pub enum Who {
    /// A person.
    Agent(AgentRow),
    /// A program, by its key.
    ApiKey(ApiKey),
}

impl Caller {
    /// Who changes what they change.
    pub fn author(&self) -> Author {
        match &self.who {
            Who::Agent(person) => Author::Agent(person.login_name.clone()),
            Who::ApiKey(key) => Author::ApiKey(key.name.clone()),
        }
    }

    /// Which person they are, if they are one.
    pub fn agent(&self) -> Option<AgentId> {
        match &self.who {
            Who::Agent(person) => Some(person.id),
            Who::ApiKey(_) => None,
        }
    }

    /// The queues that are theirs.
    pub fn queues(&self) -> BTreeSet<QueueId> {
        match &self.who {
            Who::Agent(person) => person.queues.keys().copied().collect(),
            Who::ApiKey(key) => key.queues.clone(),
        }
    }

    /// What they may do, by their roles as they are now.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn rights(&self, web: &Web) -> Result<Rights, ApiError> {
        let roles = match &self.who {
            Who::Agent(person) => &person.roles,
            Who::ApiKey(key) => &key.roles,
        };
        let has_own = roles.iter().any(|role| role.0 >= OWN_ROLES_FROM);
        let own = if has_own { web.house.store.roles(self.company).await? } else { vec![] };
        Ok(Rights::of(roles, &own))
    }
}

impl From<AgentRow> for Caller {
    fn from(person: AgentRow) -> Caller {
        Caller { company: person.company, who: Who::Agent(person) }
    }
}

/// Who is behind a request: by session cookie, else by API key or by name and password.
///
/// # Errors
/// `unauthenticated` if none of them is there, `wrong_credentials` if they are wrong.
pub async fn caller(web: &Web, request: &HttpRequest) -> Result<Caller, ApiError> {
    if let Some(session) = session(web, request)
        && let Some(person) = web.house.store.web_session(&session, web.house.clock.now()).await?
    {
        return Ok(person.into());
    }
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return Err(ApiError::new(Code::Unauthenticated, "nobody is logged in"));
    }
    if let Ok(bearer) = Authorization::<Bearer>::parse(request) {
        return by_key(web, request, bearer.as_ref().token()).await.map_err(ApiError::asking_for_a_key);
    }
    let Ok(authorization) = Authorization::<Basic>::parse(request) else {
        let error = ApiError::new(Code::Unauthenticated, "only Bearer and Basic credentials are understood");
        return Err(error.asking_for_a_password());
    };
    let basic = authorization.into_scheme();
    let person = by_password(web, request, basic.user_id(), basic.password().unwrap_or_default()).await;
    person.map(Caller::from).map_err(ApiError::asking_for_a_password)
}

/// The program that has a key with this token.
///
/// # Errors
/// `wrong_credentials` if no key has it, or the one that has it is over; `too_many` after too many wrong tokens.
async fn by_key(web: &Web, request: &HttpRequest, token: &str) -> Result<Caller, ApiError> {
    let (source, now) = (limits::source(request), web.house.clock.now());
    let attempt = Attempt::new(web.logins.clone(), token, limits::network(source));
    attempt.judge().map_err(|wait| too_many(wait, "API keys"))?;
    let found = web.house.store.api_key(token, now).await?;
    attempt.ended(found.is_some());
    let Some(ApiKeyRow { company, key, is_noted }) = found else {
        if attempt.tells() {
            tracing::warn!(target: SECURITY, "log-in refused from {source}: no API key that works has this token");
        }
        let why = "no API key has this token, or its last day is over (an administrator makes another one)";
        return Err(ApiError::new(Code::WrongCredentials, why));
    };
    if is_noted {
        tracing::info!(target: SECURITY, "requests from {source} by API key {:?}", key.name);
        // Nothing waits for it: when it was used last is known within a minute.
        drop(web.house.store.api_key_used(key.id, now));
    }
    Ok(Caller { company, who: Who::ApiKey(key) })
}

fn too_many(wait: Duration, of_what: &str) -> ApiError {
    let seconds = wait.as_secs() + 1;
    let why = format!("too many wrong {of_what}: wait {seconds} s before the next attempt");
    ApiError::new(Code::TooMany, why).retry_after(seconds)
}

/// The session that a request's cookie names, by what is stored of it.
pub fn session(web: &Web, request: &HttpRequest) -> Option<Vec<u8>> {
    request.cookie(cookie_name(web)).map(|cookie| hash(cookie.value()))
}

fn cookie_name(web: &Web) -> &'static str {
    if web.house.config.is_secure() { SECURE_COOKIE } else { COOKIE }
}

/// The person with this name and password.
///
/// # Errors
/// `wrong_credentials`, in the same words and after the same time whether the name exists or not; `too_many` after too
/// many wrong passwords; `unavailable` while too many others are waiting.
pub async fn by_password(web: &Web, request: &HttpRequest, name: &str, password: &str) -> Result<AgentRow, ApiError> {
    // Who may not work any more is nobody here.
    let person = web.house.store.agent_by_login(name).await?.filter(|person| person.active);
    let source = limits::source(request);
    let attempt = Attempt::new(web.logins.clone(), name, limits::network(source));
    let right = attempt.compare(person.as_ref().map(|person| person.password_hash.clone()), password.to_owned()).await;
    // The name of somebody who exists is the company's own; any other may be a password, typed into the wrong field.
    let whose =
        person.as_ref().map_or_else(|| "an unknown name".to_owned(), |person| format!("{:?}", person.login_name));
    match right {
        Ok(Compared::Remembered) => {}
        Ok(Compared::Right) => tracing::info!(target: SECURITY, "log-in from {source} by {whose}"),
        Ok(Compared::Wrong) => {
            if attempt.tells() {
                tracing::warn!(target: SECURITY, "log-in refused from {source}: wrong password for {whose}");
            }
            return Err(ApiError::new(Code::WrongCredentials, "name or password is wrong"));
        }
        Err(Refused::TooMany(wait)) => {
            if attempt.tells() {
                tracing::warn!(target: SECURITY, "log-in refused from {source}: too many wrong passwords for {whose}");
            }
            return Err(too_many(wait, "passwords"));
        }
        Err(Refused::Busy) => {
            let why = "too many people are logging in at this moment: try again in some seconds";
            return Err(ApiError::new(Code::Unavailable, why).retry_after(BUSY_S));
        }
    }
    person.ok_or_else(|| ApiError::new(Code::WrongCredentials, "name or password is wrong"))
}

/// What logging in needs: who may try, where passwords are compared, and which were right just now.
pub struct LogIns {
    attempts: Mutex<Attempts>,
    hashers: Hashers,
    /// Names with their right passwords, by a hash with a key of this process; the stored hash is in it, so a password
    /// that was changed is not among them.
    right: Mutex<Until<[u8; 32]>>,
    key: [u8; 32],
    began: Instant,
}

impl LogIns {
    /// With the configured limits.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(rates: Rates) -> io::Result<LogIns> {
        Ok(LogIns {
            attempts: Mutex::new(Attempts::new(rates)),
            hashers: Hashers::start()?,
            right: Mutex::new(Until::new(REMEMBERED_MAX)),
            key: rand::random(),
            began: Instant::now(),
        })
    }

    /// Forgets what is over.
    pub fn sweep(&self) {
        self.attempts().sweep(self.now());
        self.right().sweep(self.now());
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn right(&self) -> MutexGuard<'_, Until<[u8; 32]>> {
        self.right.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn proof(&self, name: Name, password: &str, stored: &Secret) -> [u8; 32] {
        let stored = Sha256::digest(stored.0.as_bytes());
        let proof = Sha256::new().chain_update(self.key).chain_update(name).chain_update(stored);
        proof.chain_update(password.as_bytes()).finalize().into()
    }
}

/// Somebody says a name and a password.
struct Attempt {
    logins: Arc<LogIns>,
    name: Name,
    source: IpAddr,
}

enum Compared {
    /// It was right just now, and is not compared again.
    Remembered,
    Right,
    Wrong,
}

enum Refused {
    /// Too many wrong passwords: for so long none is looked at.
    TooMany(Duration),
    /// Too many others are waiting.
    Busy,
}

impl Attempt {
    fn new(logins: Arc<LogIns>, name: &str, source: IpAddr) -> Attempt {
        let digest = Sha256::digest(name.as_bytes());
        let mut name = Name::default();
        name.copy_from_slice(&digest[..16]);
        Attempt { logins, name, source }
    }

    async fn compare(&self, stored: Option<Secret>, password: String) -> Result<Compared, Refused> {
        let (logins, name, source) = (self.logins.clone(), self.name, self.source);
        let proof = stored.as_ref().map(|stored| logins.proof(name, &password, stored));
        if proof.is_some_and(|proof| logins.right().holds(&proof, logins.now())) {
            return Ok(Compared::Remembered);
        }
        let judge =
            move |logins: &LogIns| logins.attempts().judge(name, source, logins.now()).map_err(Refused::TooMany);
        judge(&logins)?;
        let asker = Asker { source, is_known: logins.attempts().is_known(name, source, logins.now()) };
        let compared = self.logins.hashers.run(asker, move |scratch| {
            // Of many that came at once, those before have counted by now.
            judge(&logins)?;
            let right = stored.as_ref().unwrap_or_else(|| nobody()).matches_in(&password, scratch);
            let (proof, now) = (proof.filter(|_| right), logins.now());
            match proof {
                Some(proof) => {
                    logins.attempts().succeeded(name, source, now);
                    logins.right().set(proof, now + REMEMBERED, now);
                    Ok(Compared::Right)
                }
                None => {
                    logins.attempts().failed(name, source, now);
                    Ok(Compared::Wrong)
                }
            }
        });
        compared.await.map_err(|Busy| Refused::Busy)?
    }

    /// Whether another attempt is looked at; else for how long none is.
    fn judge(&self) -> Result<(), Duration> {
        self.logins.attempts().judge(self.name, self.source, self.logins.now())
    }

    /// What was said was right, or wrong.
    fn ended(&self, right: bool) {
        let (mut attempts, now) = (self.logins.attempts(), self.logins.now());
        if right {
            attempts.succeeded(self.name, self.source, now);
        } else {
            attempts.failed(self.name, self.source, now);
        }
    }

    fn tells(&self) -> bool {
        self.logins.attempts().tells(self.source, self.logins.now())
    }
}

/// The hash that is tried for names that nobody has.
fn nobody() -> &'static Secret {
    static NOBODY: OnceLock<Secret> = OnceLock::new();
    NOBODY.get_or_init(|| Secret::hash("nobody").unwrap_or(Secret(String::new())))
}

/// Begins a session and gives its cookie.
///
/// # Errors
/// When it cannot be stored.
pub async fn begin(web: &Web, person: &AgentRow, request: &HttpRequest) -> Result<Cookie<'static>, ApiError> {
    let token = token();
    let now = web.house.clock.now();
    let browser = request.headers().get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    let browser: String = browser.chars().take(BROWSER_CHARACTERS_MAX).collect();
    web.house.store.web_session_created(&hash(&token), person.id, now, now + SESSION, &browser).await?;
    Ok(cookie(web, token, CookieTime::milliseconds(SESSION.0.cast_signed())))
}

/// Ends a session and gives the cookie that takes it out of the browser.
///
/// # Errors
/// When that cannot be stored.
pub async fn end(web: &Web, request: &HttpRequest) -> Result<Cookie<'static>, ApiError> {
    if let Some(session) = session(web, request) {
        web.house.store.web_session_deleted(&session).await?;
    }
    Ok(cookie(web, String::new(), CookieTime::ZERO))
}

fn cookie(web: &Web, value: String, age: CookieTime) -> Cookie<'static> {
    Cookie::build(cookie_name(web), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(web.house.config.is_secure())
        .max_age(age)
        .finish()
}

/// Whether a page of ours opened this connection: another site's page would bring the agent's cookie too.
pub fn is_same_origin(request: &HttpRequest) -> bool {
    let header =
        |name| request.headers().get(name).and_then(|value: &actix_web::http::header::HeaderValue| value.to_str().ok());
    let (Some(origin), Some(host)) = (header("origin"), header("host")) else { return header("origin").is_none() };
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

/// What is stored of a token.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// 32 random bytes, in lower-case hexadecimal.
pub fn token() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
