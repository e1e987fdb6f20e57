//! By which licence a company's chats may begin, for its administrators. It is installed as the company's setting `licence`.
//! It carries; what holds is decided by `domain::licence`.

use crate::licence::{held, look};
use crate::protocol::error::Code;
use crate::protocol::rest::{LicenceStateView, LicenceView, LicencedView};
use crate::store::{Edit, FloorRows};
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::company::{Kind, Refusals};
use domain::licence::State;
use serde_json::Value;

/// What holds for the company's chats now.
#[utoipa::path(
    get,
    path = "/company/licence",
    operation_id = "get_licence",
    tag = "company",
    responses((status = 200, description = "Whether chats may begin, by what and until when", body = LicenceView)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn get(who: Sees<area::Company>, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    let gone = || ApiError::new(Code::NotFound, "there is no such company any more");
    let company = web.house.store.ask_floor(who.0.company).await?.ok_or_else(gone)?;
    let config = &web.house.config;
    let held = held(config.licence.public_key.as_ref(), &company);
    let state = State::of(held.as_ref(), &company.name, web.house.clock.now());
    Ok(HttpResponse::Ok().json(LicenceView {
        lets_chats_begin: state.lets_chats_begin(),
        message: state.to_string(),
        message_de: state.german(),
        state: LicenceStateView::from(&state),
        chat_agents: u32::try_from(company.chat_agents(config.agent.chats_max).len()).unwrap_or(u32::MAX),
        licence: held.and_then(Result::ok).map(|licence| LicencedView {
            ends: licence.ends(),
            number: licence.number,
            company: licence.company,
            channels: licence.channels.into_iter().collect(),
            agents: licence.agents,
            from: licence.from,
            until: licence.until,
            grace_days: licence.grace_days,
        }),
    }))
}

/// Looks at the licence that an edit would give a company.
///
/// # Errors
/// With what is wrong with it.
pub(super) fn look_at(web: &Web, company: &FloorRows, kind: Kind, edit: &Edit) -> Result<(), Refusals> {
    let (Kind::Company, Edit::Change { patch, .. }) = (kind, edit) else { return Ok(()) };
    // What is no text is refused with the other settings.
    let Some(Value::String(text)) = patch.get("licence") else { return Ok(()) };
    look(web.house.config.licence.public_key.as_ref(), company, text, web.house.clock.now())
}
