//! What an administrator decides about a chat service: the token in a website's snippet selects the queue (R4).
//! Never a secret: everybody who opens the website can read the token.

use super::refusal::{Wrong, named};
use super::{Company, Kind, NextIds, Outside, Refusal, Why, take};
use crate::contact;
use crate::id::{CompanyId, QueueId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A token that goes on working, and until when.
type Previous = (String, Timestamp);

/// A chat service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatService {
    /// Its id.
    pub id: i64,
    /// Its company.
    pub company: CompanyId,
    /// The token in the snippet, unique in the database.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Where its chats wait.
    pub queue: QueueId,
    /// Whether it takes new chats.
    pub active: bool,
    /// What visitors may dial when nobody is there, as it is to be shown.
    pub telephone: Option<String>,
    /// The token before this one, and until when it is good.
    pub previous: Option<Previous>,
}

/// A chat service, known by its token. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    /// The token in the website's snippet.
    pub token: String,
    /// Its name; the token by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the queue where its chats wait.
    pub queue: String,
    /// Whether it takes new chats; `true` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// What visitors may dial when nobody is there, as it is to be shown; nothing by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// The token that it had until now, which goes on working for a while; an empty one ends that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_token: Option<String>,
    /// Until when: RFC 3339, as `2027-01-31T00:00:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_token_until: Option<String>,
}

impl ServiceEntry {
    /// The token that goes on working, and until when; an inner `None` ends it.
    fn previous(&self) -> Result<Option<Option<Previous>>, Wrong> {
        match (self.previous_token.as_deref(), self.previous_token_until.as_deref()) {
            (None, None) => Ok(None),
            (Some(""), _) => Ok(Some(None)),
            (Some(token), _) if token == self.token => Err((Some("previous_token"), Why::TokenItself)),
            (Some(token), Some(until)) => {
                let until = until.parse::<jiff::Timestamp>().ok();
                let until = until.and_then(|until| u64::try_from(until.as_millisecond()).ok());
                let until = until.ok_or((Some("previous_token_until"), Why::Time))?;
                Ok(Some(Some((token.to_owned(), Timestamp(until)))))
            }
            (Some(_), None) => Err((None, Why::NoUntil)),
            (None, Some(_)) => Err((None, Why::NoPrevious)),
        }
    }
}

impl ChatService {
    /// As a file describes it.
    pub fn entry(&self, company: &Company) -> ServiceEntry {
        let until = |at: Timestamp| jiff::Timestamp::from_millisecond(at.0.cast_signed()).ok().map(|at| at.to_string());
        ServiceEntry {
            token: self.token.clone(),
            name: Some(self.name.clone()),
            queue: company.queue_name(self.queue).to_owned(),
            active: Some(self.active),
            telephone: self.telephone.clone(),
            previous_token: self.previous.as_ref().map(|(token, _)| token.clone()),
            previous_token_until: self.previous.as_ref().and_then(|(_, at)| until(*at)),
        }
    }
}

impl Company {
    pub(super) fn put_service(
        &mut self,
        entry: &ServiceEntry,
        outside: &Outside,
        next: &mut NextIds,
    ) -> Result<(), Refusal> {
        let token = &entry.token;
        named(Kind::Service, token)?;
        let refuse = |key, why| Refusal::new(Kind::Service, token, key, why);
        let queue = self.queue_of(Kind::Service, token, None, &entry.queue)?;
        let previous = entry.previous().map_err(|(key, why)| refuse(key, why))?;
        let renewed = entry.previous_token.as_ref().filter(|token| !token.is_empty());
        if outside.tokens.contains(token) || renewed.is_some_and(|token| outside.tokens.contains(token)) {
            return Err(refuse(None, Why::OtherCompany));
        }
        let at = |token: &String| self.services.iter().position(|known| known.token == *token);
        let known = match (at(token), renewed.and_then(at)) {
            (Some(_), Some(_)) => return Err(refuse(Some("previous_token"), Why::TokenTaken)),
            (Some(at), None) | (None, Some(at)) => Some(at),
            (None, None) => None,
        };
        let mut service = match known {
            Some(at) => self.services[at].clone(),
            None => {
                let (company, name) = (self.id, token.clone());
                let id = take(&mut next.service).cast_signed();
                ChatService { id, company, name, active: true, ..ChatService::default() }
            }
        };
        service.token.clone_from(token);
        service.queue = queue;
        service.name = entry.name.clone().unwrap_or(service.name);
        service.active = entry.active.unwrap_or(service.active);
        match entry.telephone.as_deref() {
            None => {}
            Some("") => service.telephone = None,
            Some(telephone) if contact::is_telephone(telephone) => service.telephone = Some(telephone.to_owned()),
            Some(_) => return Err(refuse(Some("telephone"), Why::Telephone)),
        }
        service.previous = previous.unwrap_or(service.previous);
        let was_others = |token: &String| {
            let others = self.services.iter().filter(|other| other.id != service.id);
            let mut previous = others.filter_map(|other| other.previous.as_ref());
            outside.previous_tokens.contains(token) || previous.any(|(previous, _)| previous == token)
        };
        if [Some(token), service.previous.as_ref().map(|(token, _)| token)].into_iter().flatten().any(was_others) {
            return Err(refuse(None, Why::TokenBefore));
        }
        match known {
            Some(at) => self.services[at] = service,
            None => self.services.push(service),
        }
        Ok(())
    }

    pub(super) fn remove_service(&mut self, token: &str) -> Result<(), Refusal> {
        let known = self.services.iter().position(|service| service.token == token);
        let at = known.ok_or_else(|| Refusal::new(Kind::Service, token, None, Why::Unknown))?;
        self.services.remove(at);
        Ok(())
    }
}
