//! What an administrator decides about a chat service: the token in a website's snippet selects the queue (R4).
//! Never a secret: everybody who opens the website can read the token.

use super::refusal::named;
use super::{Company, Kind, NextIds, Outside, Refusal, Refusals, Secret, Why, Widget, Wrong, take};
use crate::contact;
use crate::id::{CompanyId, HoursId, QueueId};
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
    /// When it is open; `None`: when its queue is.
    pub hours: Option<HoursId>,
    /// What visitors may dial when nobody is there, as it is to be shown.
    pub telephone: Option<String>,
    /// The token before this one, and until when it is good.
    pub previous: Option<Previous>,
    /// What its visitors' browsers are told.
    pub widget: Widget,
    /// By which the company's website proves who a visitor is.
    pub identify_key: Option<Secret>,
}

/// The shortest secret by which a website proves something, in characters.
pub const IDENTIFY_KEY_CHARACTERS_MIN: usize = 32;

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
    /// The name of the opening hours by which it goes; those of its queue by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// What visitors may dial when nobody is there, as it is to be shown; nothing by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// The token that it had until now, which goes on working for a while; an empty one ends that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_token: Option<String>,
    /// Until when: RFC 3339, as `2027-01-31T00:00:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_token_until: Option<String>,
    /// By which the company's website proves who a visitor is, 32 characters or more; none if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identify_key: Option<Secret>,
    /// The chat in visitors' browsers: all of it, what is left out in here has its default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widget: Option<Widget>,
    /// A form that says everything: what is left out has its default; a secret stays.
    #[serde(skip)]
    pub whole: bool,
}

impl ServiceEntry {
    /// What is wrong with it by itself.
    fn look(&self, mut refuse: impl FnMut(Wrong)) {
        if let Some(telephone) = &self.telephone
            && !telephone.is_empty()
            && !contact::is_telephone(telephone)
        {
            refuse((Some("telephone"), Why::Telephone));
        }
        if let Some(key) = &self.identify_key
            && (1..IDENTIFY_KEY_CHARACTERS_MIN).contains(&key.0.chars().count())
        {
            refuse((Some("identify_key"), Why::IdentifyKey));
        }
        if let Some(widget) = &self.widget {
            widget.look(refuse);
        }
    }

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
            (Some(_), None) => Err((Some("previous_token_until"), Why::NoUntil)),
            (None, Some(_)) => Err((Some("previous_token_until"), Why::NoPrevious)),
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
            hours: company.hours_name(self.hours),
            telephone: self.telephone.clone(),
            previous_token: self.previous.as_ref().map(|(token, _)| token.clone()),
            previous_token_until: self.previous.as_ref().and_then(|(_, at)| until(*at)),
            identify_key: self.identify_key.clone(),
            widget: Some(&self.widget).filter(|widget| **widget != Widget::default()).cloned(),
            whole: false,
        }
    }
}

impl Company {
    pub(super) fn put_service(
        &mut self,
        entry: &ServiceEntry,
        outside: &Outside,
        next: &mut NextIds,
        refused: &mut Refusals,
    ) {
        let token = &entry.token;
        let is_named = refused.note(named(Kind::Service, token)).is_some();
        let queue = refused.note(self.queue_of(Kind::Service, token, "queue", &entry.queue));
        let hours = entry.hours.as_deref().map(|hours| self.hours_of(Kind::Service, token, hours));
        let hours = hours.and_then(|hours| refused.note(hours));
        let mut refuse = |key, why| refused.add(Kind::Service, token, (key, why));
        let previous = entry.previous().unwrap_or_else(|(key, why)| {
            refuse(key, why);
            None
        });
        entry.look(|(key, why)| refuse(key, why));
        let renewed = entry.previous_token.as_ref().filter(|token| !token.is_empty());
        if outside.tokens.contains(token) || renewed.is_some_and(|token| outside.tokens.contains(token)) {
            refuse(None, Why::OtherCompany);
        }
        let at = |token: &String| self.services.iter().position(|known| known.token == *token);
        let known = at(token).or(renewed.and_then(at));
        if renewed.is_some_and(|renewed| renewed != token && at(token).is_some() && at(renewed).is_some()) {
            refuse(Some("previous_token"), Why::TokenTaken);
        }
        let Some(queue) = queue.filter(|_| is_named) else { return };
        let mut service = match known {
            Some(at) => self.services[at].clone(),
            None => {
                let (company, name) = (self.id, token.clone());
                let id = take(&mut next.service).cast_signed();
                ChatService { id, company, name, active: true, ..ChatService::default() }
            }
        };
        if entry.whole {
            let ChatService { id, company, identify_key, .. } = service;
            let name = token.clone();
            service = ChatService { id, company, name, active: true, identify_key, ..ChatService::default() };
        }
        service.token.clone_from(token);
        service.queue = queue;
        service.name = entry.name.clone().unwrap_or(service.name);
        service.active = entry.active.unwrap_or(service.active);
        service.hours = hours.unwrap_or(service.hours);
        match entry.telephone.as_deref() {
            None => {}
            Some("") => service.telephone = None,
            Some(telephone) => service.telephone = Some(telephone.to_owned()),
        }
        service.previous = previous.unwrap_or(service.previous);
        service.widget = entry.widget.clone().unwrap_or(service.widget);
        if let Some(secret) = &entry.identify_key {
            service.identify_key = Some(secret.clone()).filter(|secret| !secret.0.is_empty());
        }
        let was_others = |token: &String| {
            let others = self.services.iter().filter(|other| other.id != service.id);
            let mut previous = others.filter_map(|other| other.previous.as_ref());
            outside.previous_tokens.contains(token) || previous.any(|(previous, _)| previous == token)
        };
        if [Some(token), service.previous.as_ref().map(|(token, _)| token)].into_iter().flatten().any(was_others) {
            refuse(None, Why::TokenBefore);
        }
        match known {
            Some(at) => self.services[at] = service,
            None => self.services.push(service),
        }
    }

    pub(super) fn remove_service(&mut self, token: &str) -> Result<(), Refusal> {
        let known = self.services.iter().position(|service| service.token == token);
        let at = known.ok_or_else(|| Refusal::new(Kind::Service, token, None, Why::Unknown))?;
        self.services.remove(at);
        Ok(())
    }
}
