//! Customers whom a company knows: found while somebody types, listed, made, changed, merged, parted and erased.
//! It carries; what a contact may be like is decided by `domain::contact`.

use super::company::{How, difference};
use super::{paging, tags};
use crate::actors::floor::FloorRequest;
use crate::protocol::contacts::{
    ContactChanged, ContactField, ContactPerson, ContactSettings, ContactView, Contacts, MergeInto, PointKind,
    PointView,
};
use crate::protocol::error::{Code, RefusalView};
use crate::store::{ContactCursor, ContactsChanged, FloorRows, StoreError, contact_tag};
use crate::web::Web;
use crate::web::access::{Changes, Sees, area};
use crate::web::auth::Caller;
use crate::web::error::ApiError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETAG};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::contact::{Contact, ContactChange, ContactEntry, Country, Point, Refusal};
use domain::id::{CompanyId, ContactId};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::IntoParams;

/// How many contacts are found, if nothing else is asked for.
const LIMIT: u32 = 20;
/// How many may be.
const LIMIT_MAX: u32 = 100;

/// What can be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ContactsQuery {
    /// What was typed: beginnings of names, organisations, numbers, addresses or ids. Without it all are listed.
    q: Option<String>,
    /// How many: 1 to 100, usually 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Contacts that have words with all the beginnings that were typed, however they are written; or a page of all.
#[utoipa::path(
    get,
    path = "/contacts",
    operation_id = "list_contacts",
    tag = "contacts",
    params(ContactsQuery),
    responses((status = 200, description = "By the alphabet", body = Contacts)),
    security(("session" = ["contacts: read"]), ("basic" = ["contacts: read"]), ("key" = ["contacts: read"]))
)]
pub(in crate::web) async fn list(
    Sees(person, ..): Sees<area::Contacts>,
    web: Data<Web>,
    query: Query<ContactsQuery>,
) -> Result<HttpResponse, ApiError> {
    let (store, ContactsQuery { q, limit, cursor }) = (&web.house.store, query.into_inner());
    let limit = paging::limit(limit.map(u64::from), LIMIT, 1..=LIMIT_MAX)?;
    let views = |contacts: &[Contact]| contacts.iter().map(ContactView::from).collect();
    let typed = q.filter(|typed| !typed.trim().is_empty());
    Ok(HttpResponse::Ok().json(match typed {
        Some(typed) => {
            let found = store.find_contacts(person.company, &typed, limit as usize).await?;
            Contacts { contacts: views(&found), next: None }
        }
        None => {
            let after = paging::after(cursor.as_deref(), place)?;
            let page = store.list_contacts(person.company, after, limit as usize).await?;
            let next = page.next.map(|ContactCursor { sorting, contact }| format!("{contact}-{sorting}"));
            Contacts { contacts: views(&page.contacts), next }
        }
    }))
}

/// A contact with those that were merged into it; of one that was merged the other one. `ETag` is for `If-Match`.
#[utoipa::path(
    get,
    path = "/contacts/{contact}",
    operation_id = "get_contact",
    tag = "contacts",
    params(("contact" = u64, Path, description = "Its id")),
    responses((status = 200, description = "With `ETag`", body = ContactPerson)),
    security(("session" = ["contacts: read"]), ("basic" = ["contacts: read"]), ("key" = ["contacts: read"]))
)]
pub(in crate::web) async fn one(
    Sees(person, ..): Sees<area::Contacts>,
    web: Data<Web>,
    contact: Path<u64>,
) -> Result<HttpResponse, ApiError> {
    let found = person_of(&web, person.company, ContactId(*contact)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tags::etag(&contact_tag(&found)))).json(ContactPerson::of(&found)))
}

/// What the company wants to know of its contacts besides, in the order in which that is shown.
#[utoipa::path(
    get,
    path = "/contact-fields",
    operation_id = "list_contact_fields",
    tag = "contacts",
    responses((status = 200, description = "All of them", body = Vec<ContactField>)),
    security(("session" = ["contacts: read"]), ("basic" = ["contacts: read"]), ("key" = ["contacts: read"]))
)]
pub(in crate::web) async fn fields(
    Sees(person, ..): Sees<area::Contacts>,
    web: Data<Web>,
) -> Result<HttpResponse, ApiError> {
    let fields = rows(&web, person.company).await?.contact_fields;
    Ok(HttpResponse::Ok().json(fields.iter().map(ContactField::from).collect::<Vec<_>>()))
}

/// Makes a contact.
#[utoipa::path(
    post,
    path = "/contacts",
    operation_id = "make_contact",
    tag = "contacts",
    params(How),
    request_body = ContactSettings,
    responses(
        (status = 200, description = "What would change, if that was all that was asked", body = ContactChanged),
        (status = 201, description = "It is durable and there; with `Location` and `ETag`", body = ContactChanged),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`"),
    ),
    security(("session" = ["contacts: change"]), ("basic" = ["contacts: change"]), ("key" = ["contacts: change"]))
)]
pub(in crate::web) async fn create(
    Changes(person, ..): Changes<area::Contacts>,
    web: Data<Web>,
    request: HttpRequest,
    how: Query<How>,
    settings: Json<ContactSettings>,
) -> Result<HttpResponse, ApiError> {
    let entry = entry(settings.into_inner(), country(&web, person.company).await?)?;
    changed(&web, &person, ContactChange::Create(entry), &request, &how).await
}

/// Changes a contact: what is left out stays, what is `null` goes (RFC 7396).
#[utoipa::path(
    patch,
    path = "/contacts/{contact}",
    operation_id = "change_contact",
    tag = "contacts",
    params(
        ("contact" = u64, Path, description = "Its id"),
        How,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what it was; other than that it is refused"),
    ),
    request_body = ContactSettings,
    responses(
        (status = 200, description = "It is durable; with the new `ETag`", body = ContactChanged),
        (status = 412, description = "`stale`: somebody else has changed it meanwhile"),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`"),
    ),
    security(("session" = ["contacts: change"]), ("basic" = ["contacts: change"]), ("key" = ["contacts: change"]))
)]
pub(in crate::web) async fn change(
    Changes(person, ..): Changes<area::Contacts>,
    web: Data<Web>,
    request: HttpRequest,
    contact: Path<u64>,
    how: Query<How>,
    settings: Json<ContactSettings>,
) -> Result<HttpResponse, ApiError> {
    let entry = entry(settings.into_inner(), country(&web, person.company).await?)?;
    let edit = ContactChange::Edit { contact: ContactId(*contact), entry };
    changed(&web, &person, edit, &request, &how).await
}

/// Says that a contact is the same person as another one, which is found in its place from then on.
#[utoipa::path(
    post,
    path = "/contacts/{contact}/merge",
    operation_id = "merge_contact",
    tag = "contacts",
    params(("contact" = u64, Path, description = "The id of the one that becomes a part"), How),
    request_body = MergeInto,
    responses(
        (status = 200, description = "They are one", body = ContactChanged),
        (status = 422, description = "`refused`: why they cannot be one, in `refusals`"),
    ),
    security(("session" = ["contacts: change"]), ("basic" = ["contacts: change"]), ("key" = ["contacts: change"]))
)]
pub(in crate::web) async fn merge(
    Changes(person, ..): Changes<area::Contacts>,
    web: Data<Web>,
    request: HttpRequest,
    contact: Path<u64>,
    how: Query<How>,
    body: Json<MergeInto>,
) -> Result<HttpResponse, ApiError> {
    let merge = ContactChange::Merge { contact: ContactId(*contact), into: body.into };
    changed(&web, &person, merge, &request, &how).await
}

/// Takes back that a contact was merged into another one.
#[utoipa::path(
    post,
    path = "/contacts/{contact}/part",
    operation_id = "part_contact",
    tag = "contacts",
    params(("contact" = u64, Path, description = "The id of the one that was merged"), How),
    responses(
        (status = 200, description = "They are two", body = ContactChanged),
        (status = 422, description = "`refused`: it was not merged"),
    ),
    security(("session" = ["contacts: change"]), ("basic" = ["contacts: change"]), ("key" = ["contacts: change"]))
)]
pub(in crate::web) async fn part(
    Changes(person, ..): Changes<area::Contacts>,
    web: Data<Web>,
    request: HttpRequest,
    contact: Path<u64>,
    how: Query<How>,
) -> Result<HttpResponse, ApiError> {
    changed(&web, &person, ContactChange::Part { contact: ContactId(*contact) }, &request, &how).await
}

/// Erases what is known about a person, with all contacts that were merged into theirs. `dry_run` says what goes.
#[utoipa::path(
    delete,
    path = "/contacts/{contact}",
    operation_id = "erase_contact",
    tag = "contacts",
    params(
        ("contact" = u64, Path, description = "Its id"),
        How,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what it was; other than that it is refused"),
    ),
    responses(
        (status = 200, description = "It is gone", body = ContactChanged),
        (status = 412, description = "`stale`: somebody else has changed it meanwhile"),
        (status = 422, description = "`refused`: it was merged into another one"),
    ),
    security(("session" = ["contact_data: change"]), ("basic" = ["contact_data: change"]), ("key" = ["contact_data: change"]))
)]
pub(in crate::web) async fn erase(
    Changes(person, ..): Changes<area::ContactData>,
    web: Data<Web>,
    request: HttpRequest,
    contact: Path<u64>,
    how: Query<How>,
) -> Result<HttpResponse, ApiError> {
    let erase = ContactChange::Erase { contact: ContactId(*contact) };
    changed(&web, &person, erase, &request, &how).await
}

/// Makes a change, or says what it would come to.
async fn changed(
    web: &Data<Web>,
    who: &Caller,
    change: ContactChange,
    request: &HttpRequest,
    how: &How,
) -> Result<HttpResponse, ApiError> {
    let (store, company) = (&web.house.store, who.company);
    let expected = expected(web, company, &change, request).await?;
    if how.dry_run {
        let planned = store.plan_contact(company, change).await?.map_err(StoreError::RefusedContact)?;
        let differences = planned.into_iter().map(difference).collect();
        return Ok(HttpResponse::Ok().json(ContactChanged { differences, person: None }));
    }
    let (named, is_new) = (change.contacts(), matches!(change, ContactChange::Create(_)));
    let author = who.author();
    let done = match expected {
        None => store.change_contact(company, change, author),
        Some(tag) => store.change_contact_at(company, change, tag, author),
    };
    let ContactsChanged { changed, differences } = done.await?;
    let differences = differences.into_iter().map(difference).collect();
    let id = named.first().or_else(|| changed.keys().next()).copied().unwrap_or_default();
    tell(web, company, changed.into_keys().collect()).await;
    let person = store.contacts_with(company, id).await?;
    let mut response = HttpResponse::build(if is_new { StatusCode::CREATED } else { StatusCode::OK });
    if is_new {
        response.insert_header((header::LOCATION, format!("{}/{id}", request.path())));
    }
    if !person.is_empty() {
        response.insert_header((ETAG, tags::etag(&contact_tag(&person))));
    }
    Ok(response.json(ContactChanged { differences, person: ContactPerson::of(&person) }))
}

/// Open desktops show what is different now.
async fn tell(web: &Data<Web>, company: CompanyId, contacts: Vec<ContactId>) {
    // A floor that is not open shows nothing.
    _ = web.ask(company, FloorRequest::ContactsChanged { contacts }).await;
}

/// The tag that a person must still have (RFC 9110 §13.1.1), if whoever asks has said which one they looked at.
async fn expected(
    web: &Data<Web>,
    company: CompanyId,
    change: &ContactChange,
    request: &HttpRequest,
) -> Result<Option<String>, ApiError> {
    let Some(id) = change.contacts().first().copied().filter(|_| tags::is_said(request)) else { return Ok(None) };
    let tag = contact_tag(&person_of(web, company, id).await?);
    tags::looked_at(request, &tag)?;
    Ok(Some(tag))
}

pub(super) async fn person_of(web: &Data<Web>, company: CompanyId, id: ContactId) -> Result<Vec<Contact>, ApiError> {
    let found = web.house.store.contacts_with(company, id).await?;
    let unknown = || ApiError::new(Code::NotFound, format!("there is no contact {id}"));
    Some(found).filter(|found| !found.is_empty()).ok_or_else(unknown)
}

/// In which country numbers are written that name none.
async fn country(web: &Data<Web>, company: CompanyId) -> Result<Country, ApiError> {
    Ok(rows(web, company).await?.country)
}

async fn rows(web: &Data<Web>, company: CompanyId) -> Result<FloorRows, ApiError> {
    let gone = || ApiError::new(Code::NotFound, "there is no such company any more");
    web.house.store.ask_floor(company).await?.ok_or_else(gone)
}

/// What a contact is to be like; or all that is wrong with its points, each at its place.
fn entry(settings: ContactSettings, country: Country) -> Result<ContactEntry, ApiError> {
    let ContactSettings { name, organisation, language, notes, fields, points } = settings;
    let (mut read, mut refusals) = (BTreeSet::new(), vec![]);
    for (at, written) in points.iter().flatten().enumerate() {
        match point(written, country) {
            Ok(point) => _ = read.insert(point),
            Err(why) => {
                let key = Some(format!("points/{at}").into());
                refusals.push(RefusalView { key, ..RefusalView::from(&why) });
            }
        }
    }
    if !refusals.is_empty() {
        let said: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
        return Err(ApiError::refused(said.join("; "), refusals));
    }
    let fields = fields.unwrap_or_default().into_iter();
    Ok(ContactEntry {
        name,
        organisation,
        language,
        notes,
        fields: fields.map(|(field, value)| (field, value.unwrap_or_default())).collect(),
        points: points.is_some().then_some(read),
    })
}

fn point(PointView { kind, value }: &PointView, country: Country) -> Result<Point, Refusal> {
    match kind {
        PointKind::Telephone => Point::telephone(value, country),
        PointKind::Email => Point::email(value),
        PointKind::Other => {
            let (system, id) = value.split_once(':').unwrap_or((value, ""));
            Point::other(system, id)
        }
    }
}

fn place(text: &str) -> Option<ContactCursor> {
    let (contact, sorting) = text.split_once('-')?;
    Some(ContactCursor { sorting: sorting.to_owned(), contact: ContactId(contact.parse().ok()?) })
}
