//! Who may: the signature of a handler says whom it serves, and there is no other check of a role.
//! Never says who somebody is: that is `auth.rs`.

use super::error::ApiError;
use super::{Web, auth};
use crate::protocol::error::Code;
use crate::store::{AgentRow, Role};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::pin::Pin;

/// Somebody of a company: by the session cookie, else by name and password. Whoever has another role may no less.
///
/// Refused: 401 `unauthenticated` or `wrong_credentials`; 429 `too_many`; 503 `unavailable`.
pub struct Agent(pub AgentRow);

/// A supervisor or an administrator, who see and steer everybody of their company.
///
/// Refused: as an [`Agent`], and 403 `forbidden`.
pub struct Supervisor(pub AgentRow);

/// An administrator, who changes their company.
///
/// Refused: as an [`Agent`], and 403 `forbidden`.
pub struct Administrator(pub AgentRow);

impl Agent {
    /// For what only those who supervise may do, where not all that a handler does is.
    ///
    /// # Errors
    /// `forbidden` for others, who are told what it is.
    pub fn must_supervise(&self, what: &str) -> Result<(), ApiError> {
        if self.0.role.supervises() {
            Ok(())
        } else {
            Err(ApiError::new(Code::Forbidden, format!("only supervisors and administrators may {what}")))
        }
    }
}

impl FromRequest for Agent {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Agent, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let web = request.app_data::<Data<Web>>();
            let web = web.ok_or_else(|| ApiError::new(Code::Unavailable, "there is no house behind this address"))?;
            auth::person(web, &request).await.map(Agent)
        })
    }
}

impl FromRequest for Supervisor {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Supervisor, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let agent = Agent::from_request(request, payload);
        Box::pin(async move {
            let agent = agent.await?;
            agent.must_supervise("do this")?;
            Ok(Supervisor(agent.0))
        })
    }
}

impl FromRequest for Administrator {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Administrator, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let agent = Agent::from_request(request, payload);
        Box::pin(async move {
            let Agent(person) = agent.await?;
            if person.role == Role::Administrator {
                Ok(Administrator(person))
            } else {
                Err(ApiError::new(Code::Forbidden, "only administrators may do this"))
            }
        })
    }
}
