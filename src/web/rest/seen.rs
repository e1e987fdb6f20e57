//! On which pages a chat service was seen, for whoever puts it into a website.

use crate::protocol::error::Code;
use crate::protocol::rest::{SeenPageView, SeenView};
use crate::store::{SeenPage, Sighting};
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use domain::company::Widget;
use std::collections::BTreeMap;

/// The pages on which a chat service was seen, and the origins of others that asked for it and that it is not for.
#[utoipa::path(
    get,
    path = "/company/services/{id}/seen",
    operation_id = "service_seen",
    tag = "company",
    params(("id" = String, Path, description = "The id of a chat service")),
    responses((status = 200, description = "The one that was seen last first", body = SeenView)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn get(
    Sees(person, ..): Sees<area::Company>,
    web: Data<Web>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let none = || ApiError::new(Code::NotFound, "there is no such thing in this company");
    let company = web.house.store.ask_floor(person.company).await?.ok_or_else(none)?;
    let service = company.services.iter().find(|service| service.id.to_string() == *id).ok_or_else(none)?;
    let sightings = web.house.store.sightings(service.id).await?;
    Ok(HttpResponse::Ok().json(view(&service.widget, sightings)))
}

/// By what holds now: an origin that was added since is no longer a stranger, and where it was turned away it was not seen.
fn view(widget: &Widget, sightings: Vec<Sighting>) -> SeenView {
    let mut pages = vec![];
    let mut foreign: BTreeMap<String, SeenPageView> = BTreeMap::new();
    for Sighting { page: SeenPage { admitted, origin, path }, first, last } in sightings {
        let seen = SeenPageView { origin, path: Some(path).filter(|path| !path.is_empty()), first, last };
        match (widget.admits(Some(&seen.origin)), admitted) {
            (true, true) => pages.push(seen),
            (true, false) => {}
            (false, _) => {
                let of_origin = foreign.entry(seen.origin.clone());
                let known = of_origin.or_insert(SeenPageView { path: None, ..seen.clone() });
                known.first = known.first.min(first);
                known.last = known.last.max(last);
            }
        }
    }
    let mut foreign: Vec<SeenPageView> = foreign.into_values().collect();
    foreign.sort_by_key(|seen| std::cmp::Reverse(seen.last));
    foreign.truncate(SeenPage::kept(false));
    SeenView { pages, foreign }
}
