//! Who may: the signature of a handler says whom it serves, and of how much, and there is no other check of a right.
//! Never says who somebody is: that is `auth.rs`.

use super::Web;
use super::auth::{self, Caller, Who};
use super::error::ApiError;
use crate::protocol::error::Code;
use crate::store::AgentRow;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use area::InArea;
use domain::company::{Area, Rights, Scope};
use domain::id::QueueId;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::pin::Pin;

/// Somebody of a company, or a program by its API key: for what is left to their rights.
///
/// Refused: 401 `unauthenticated` or `wrong_credentials`; 429 `too_many`; 503 `unavailable`.
pub struct Anyone(pub Caller, pub Rights);

/// Somebody of a company: by the session cookie, else by name and password; for what is their own.
///
/// Refused: as [`Anyone`], and 403 `forbidden` for programs.
pub struct Agent(pub AgentRow, pub Rights);

/// Whoever may see `A`, and of how much of it.
///
/// Refused: as [`Anyone`], and 403 `forbidden`.
pub struct Sees<A>(pub Caller, pub Within, pub PhantomData<A>);

/// Whoever may change `A`, and of how much of it.
///
/// Refused: as [`Anyone`], and 403 `forbidden`.
pub struct Changes<A>(pub Caller, pub Within, pub PhantomData<A>);

/// The areas, for signatures.
pub mod area {
    use domain::company::Area;

    /// An area.
    pub trait InArea {
        /// Which.
        const AREA: Area;
    }

    macro_rules! areas {
        ($($name:ident),+) => {
            $(
                #[doc = concat!("[`Area::", stringify!($name), "`]")]
                pub enum $name {}
                impl InArea for $name {
                    const AREA: Area = Area::$name;
                }
            )+
        };
    }

    areas!(Contacts, ContactData, Records, Work, People, Lines, Company, Audit);
}

/// Of how much somebody may do something.
#[derive(Clone, Debug)]
pub enum Within {
    /// Of everything.
    All,
    /// Of what is of these queues, which are theirs.
    Queues(BTreeSet<QueueId>),
}

impl Within {
    fn of(caller: &Caller, scope: Scope) -> Within {
        match scope {
            Scope::All => Within::All,
            Scope::Queues => Within::Queues(caller.queues()),
        }
    }

    /// Whether what is of a queue is within.
    pub fn has(&self, queue: QueueId) -> bool {
        match self {
            Within::All => true,
            Within::Queues(queues) => queues.contains(&queue),
        }
    }

    /// Whether what is of any of these queues is.
    pub fn has_any(&self, queues: impl IntoIterator<Item = QueueId>) -> bool {
        matches!(self, Within::All) || queues.into_iter().any(|queue| self.has(queue))
    }

    /// For what is of one queue.
    ///
    /// # Errors
    /// `forbidden`, if that is not within.
    pub fn must_have(&self, queue: QueueId) -> Result<(), ApiError> {
        let why = "your roles let you do this in the queues that you serve, and this one is none of them";
        if self.has(queue) { Ok(()) } else { Err(ApiError::new(Code::Forbidden, why)) }
    }
}

fn forbidden(verb: &str, area: Area) -> ApiError {
    let (area, helps) = (area.as_str(), "an administrator gives roles that do");
    ApiError::new(Code::Forbidden, format!("no role of yours lets you {verb} `{area}` ({helps})"))
}

impl Agent {
    /// The same, where programs may ask too.
    pub fn anyone(&self) -> Anyone {
        Anyone(self.0.clone().into(), self.1.clone())
    }
}

impl Anyone {
    /// For what others than an item's own people may see only if a role of theirs lets them.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_see(&self, area: Area) -> Result<Within, ApiError> {
        let scope = self.1.reads(area).ok_or_else(|| forbidden("see", area))?;
        Ok(Within::of(&self.0, scope))
    }

    /// The same for what they may change.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_change(&self, area: Area) -> Result<Within, ApiError> {
        let scope = self.1.changes(area).ok_or_else(|| forbidden("change", area))?;
        Ok(Within::of(&self.0, scope))
    }
}

impl FromRequest for Anyone {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Anyone, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let web = request.app_data::<Data<Web>>();
            let web = web.ok_or_else(|| ApiError::new(Code::Unavailable, "there is no house behind this address"))?;
            let caller = auth::caller(web, &request).await?;
            let rights = caller.rights(web).await?;
            Ok(Anyone(caller, rights))
        })
    }
}

impl FromRequest for Agent {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Agent, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let anyone = Anyone::from_request(request, payload);
        Box::pin(async move {
            let Anyone(caller, rights) = anyone.await?;
            match caller.who {
                Who::Agent(person) => Ok(Agent(person, rights)),
                Who::ApiKey(_) => {
                    let why = "this is a person's own, and an API key is nobody: log in as that person";
                    Err(ApiError::new(Code::Forbidden, why))
                }
            }
        })
    }
}

impl<A: InArea + 'static> FromRequest for Sees<A> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Sees<A>, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let anyone = Anyone::from_request(request, payload);
        Box::pin(async move {
            let anyone = anyone.await?;
            let within = anyone.must_see(A::AREA)?;
            Ok(Sees(anyone.0, within, PhantomData))
        })
    }
}

impl<A: InArea + 'static> FromRequest for Changes<A> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Changes<A>, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let anyone = Anyone::from_request(request, payload);
        Box::pin(async move {
            let anyone = anyone.await?;
            let within = anyone.must_change(A::AREA)?;
            Ok(Changes(anyone.0, within, PhantomData))
        })
    }
}
