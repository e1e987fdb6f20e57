//! What a company is made of, for its administrators: each thing by its kind and id, and who changed what.
//! It carries; what may be changed is decided by `domain::company`, and what goes on is finished.

use super::{licence, paging, tags};
use crate::actors::user_agent::advertised;
use crate::config::Listen;
use crate::protocol::error::Code;
use crate::protocol::rest::{
    Audit, AuditView, Changed, CompanyThing, DifferenceView, Installation, SipPlace, ThingKind, ThingSettings,
};
use crate::store::{
    AuditCursor, AuditEntry, AuditFilter, Described, Edit, EditError, FloorRows, StoreError, Version, changes, things,
};
use crate::web::Web;
use crate::web::access::{Changes, Sees, area};
use crate::web::error::ApiError;
use actix_web::http::header::{self, ETAG};
use actix_web::web::{self, Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::company::{Change, Difference, Kind};
use domain::id::CompanyId;
use domain::time::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

/// How often a change is thought of anew because somebody else was faster, where it depends on nothing that they changed.
pub(super) const TRIES: usize = 5;
/// How many entries a page of the audit holds, if nothing else is asked for.
const LIMIT: u32 = 100;
/// How many it may hold.
const LIMIT_MAX: u32 = 1000;

/// How a change is made.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct How {
    /// Only say what would change.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub(super) dry_run: bool,
}

/// What can be asked of the audit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AuditQuery {
    /// Only changes of such things: `company`, `queue`, `agent`, `number`, `trunk`, `chat_service` or `break reason`.
    kind: Option<String>,
    /// Only changes of the thing of this name.
    name: Option<String>,
    /// Only changes by whoever has this name.
    author: Option<String>,
    /// Only changes at this time or later.
    from: Option<u64>,
    /// Only changes before this time.
    to: Option<u64>,
    /// How many: 1 to 1,000, usually 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the page before; the other fields stay as they were.
    cursor: Option<String>,
}

/// The company's own settings. `ETag` is for `If-Match`.
#[utoipa::path(
    get,
    path = "/company",
    operation_id = "get_company",
    tag = "company",
    responses((status = 200, description = "With `ETag`", body = CompanyThing)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn settings(who: Sees<area::Company>, web: Data<Web>) -> Result<HttpResponse, ApiError> {
    shown(&web, who.0.company, Kind::Company, &who.0.company.to_string()).await
}

/// Changes the company's own settings: what is left out stays, what is `null` has its default again (RFC 7396).
#[utoipa::path(
    patch,
    path = "/company",
    operation_id = "change_company",
    tag = "company",
    params(How, ("If-Match" = Option<String>, Header, description = "The `ETag` of what it was; other than that it is refused")),
    request_body = ThingSettings,
    responses(
        (status = 200, description = "It is durable and holds; with the new `ETag`", body = Changed),
        (status = 412, description = "`stale`: somebody else has changed it meanwhile"),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`"),
    ),
    security(("session" = ["company: change"]), ("basic" = ["company: change"]), ("key" = ["company: change"]))
)]
pub(in crate::web) async fn change_settings(
    who: Changes<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    how: Query<How>,
    patch: Json<ThingSettings>,
) -> Result<HttpResponse, ApiError> {
    let (id, patch) = (who.0.company.to_string(), patch.into_inner().0);
    edited(&web, &who, Kind::Company, Edit::Change { id, patch }, &request, &how).await
}

/// What holds where the company says nothing, and where its phones and pages reach the daemon: for the forms of administrators.
#[utoipa::path(
    get,
    path = "/company/installation",
    operation_id = "get_installation",
    tag = "company",
    responses((status = 200, description = "It is the same for all companies of the daemon", body = Installation)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn installation(_: Sees<area::Company>, web: Data<Web>) -> HttpResponse {
    let config = &web.house.config;
    let place = |listen: &Listen| SipPlace {
        transport: listen.transport.name().to_lowercase(),
        host: advertised(config.sip.advertise.as_deref(), listen.address),
        port: listen.address.port(),
    };
    HttpResponse::Ok().json(Installation {
        ring_s: config.agent.ring.as_secs(),
        call_wrap_up_s: config.agent.call_wrap_up.as_secs(),
        chat_wrap_up_s: config.agent.chat_wrap_up.as_secs(),
        chats_max: config.agent.chats_max,
        public_url: config.public_url(),
        sip_realm: config.sip.realm.clone(),
        sip: config.sip.listen.iter().map(place).collect(),
    })
}

/// All things of a kind, each with its settings by key as in the company's file, but without secrets. What is not among
/// the settings has its default.
#[utoipa::path(
    get,
    path = "/company/{kind}",
    operation_id = "list_things",
    tag = "company",
    params(("kind" = ThingKind, Path, description = "What they are")),
    responses((status = 200, description = "All of them", body = Vec<CompanyThing>)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn list(
    who: Sees<area::Company>,
    web: Data<Web>,
    kind: Path<ThingKind>,
) -> Result<HttpResponse, ApiError> {
    let (_, company) = company_of(&web, who.0.company).await?;
    let all: Vec<CompanyThing> = things(&company, kind.into_inner().into()).into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(all))
}

/// Makes a thing. What is left out has its default.
#[utoipa::path(
    post,
    path = "/company/{kind}",
    operation_id = "make_thing",
    tag = "company",
    params(("kind" = ThingKind, Path, description = "What it is"), How),
    request_body = ThingSettings,
    responses(
        (status = 200, description = "What would change, if that was all that was asked", body = Changed),
        (status = 201, description = "It is durable and there; with `Location` and `ETag`", body = Changed),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`"),
    ),
    security(("session" = ["company: change"]), ("basic" = ["company: change"]), ("key" = ["company: change"]))
)]
pub(in crate::web) async fn make(
    who: Changes<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    kind: Path<ThingKind>,
    how: Query<How>,
    settings: Json<ThingSettings>,
) -> Result<HttpResponse, ApiError> {
    let edit = Edit::Make(settings.into_inner().0);
    edited(&web, &who, kind.into_inner().into(), edit, &request, &how).await
}

/// One thing with its settings. `ETag` is for `If-Match`.
#[utoipa::path(
    get,
    path = "/company/{kind}/{id}",
    operation_id = "get_thing",
    tag = "company",
    params(
        ("kind" = ThingKind, Path, description = "What it is"),
        ("id" = String, Path, description = "As the list has it"),
    ),
    responses((status = 200, description = "With `ETag`", body = CompanyThing)),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn one(
    who: Sees<area::Company>,
    web: Data<Web>,
    place: Path<(ThingKind, String)>,
) -> Result<HttpResponse, ApiError> {
    let (kind, id) = place.into_inner();
    shown(&web, who.0.company, kind.into(), &id).await
}

/// Changes a thing: what is left out stays, what is `null` has its default again (RFC 7396). Another name renames it.
#[utoipa::path(
    patch,
    path = "/company/{kind}/{id}",
    operation_id = "change_thing",
    tag = "company",
    params(
        ("kind" = ThingKind, Path, description = "What it is"),
        ("id" = String, Path, description = "As the list has it"),
        How,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what it was; other than that it is refused"),
    ),
    request_body = ThingSettings,
    responses(
        (status = 200, description = "It is durable and holds; with the new `ETag`", body = Changed),
        (status = 412, description = "`stale`: somebody else has changed it meanwhile"),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`"),
    ),
    security(("session" = ["company: change"]), ("basic" = ["company: change"]), ("key" = ["company: change"]))
)]
pub(in crate::web) async fn change(
    who: Changes<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    place: Path<(ThingKind, String)>,
    how: Query<How>,
    patch: Json<ThingSettings>,
) -> Result<HttpResponse, ApiError> {
    let ((kind, id), patch) = (place.into_inner(), patch.into_inner().0);
    edited(&web, &who, kind.into(), Edit::Change { id, patch }, &request, &how).await
}

/// Takes a thing out of the company. What goes on with it is finished, and records keep its name.
#[utoipa::path(
    delete,
    path = "/company/{kind}/{id}",
    operation_id = "remove_thing",
    tag = "company",
    params(
        ("kind" = ThingKind, Path, description = "What it is"),
        ("id" = String, Path, description = "As the list has it"),
        How,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what it was; other than that it is refused"),
    ),
    responses(
        (status = 200, description = "It takes nothing new any more", body = Changed),
        (status = 412, description = "`stale`: somebody else has changed it meanwhile"),
        (status = 422, description = "`refused`: what still uses it, in `refusals`"),
    ),
    security(("session" = ["company: change"]), ("basic" = ["company: change"]), ("key" = ["company: change"]))
)]
pub(in crate::web) async fn remove(
    who: Changes<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    place: Path<(ThingKind, String)>,
    how: Query<How>,
) -> Result<HttpResponse, ApiError> {
    let (kind, id) = place.into_inner();
    edited(&web, &who, kind.into(), Edit::Remove { id }, &request, &how).await
}

/// Who changed what of the company, the newest change first; secrets are masked. The next page is asked for with `cursor`.
#[utoipa::path(
    get,
    path = "/company/audit",
    operation_id = "list_audit",
    tag = "company",
    params(AuditQuery),
    responses((status = 200, description = "A page", body = Audit)),
    security(("session" = ["audit: read"]), ("basic" = ["audit: read"]), ("key" = ["audit: read"]))
)]
pub(in crate::web) async fn audit(
    who: Sees<area::Audit>,
    web: Data<Web>,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, ApiError> {
    let AuditQuery { kind, name, author, from, to, limit, cursor } = query.into_inner();
    let kind = kind.map(|kind| Kind::parse(&kind).ok_or_else(|| paging::malformed("kind: such as `queue` or `agent`")));
    let place = |text: &str| {
        let (at, id) = text.split_once('-')?;
        Some(AuditCursor { at: Timestamp(at.parse().ok()?), id: id.parse().ok()? })
    };
    let (limit, after) =
        (paging::limit(limit.map(u64::from), LIMIT, 1..=LIMIT_MAX)?, paging::after(cursor.as_deref(), place)?);
    let (from, to) = (from.map(Timestamp), to.map(Timestamp));
    let filter = AuditFilter { kind: kind.transpose()?, name, author, from, to, after };
    let page = web.house.store.ask_audit(who.0.company, filter, limit).await?;
    for damage in page.damages {
        tracing::error!("an entry of the audit is left out: {damage}");
    }
    let next = page.next.map(|AuditCursor { at, id }| format!("{}-{id}", at.0));
    Ok(HttpResponse::Ok().json(Audit { entries: page.entries.into_iter().map(audit_view).collect(), next }))
}

/// Makes an edit, or says what it would change; once it is durable the floor and the telephony go by it.
async fn edited(
    web: &Data<Web>,
    who: &Changes<area::Company>,
    kind: Kind,
    edit: Edit,
    request: &HttpRequest,
    how: &How,
) -> Result<HttpResponse, ApiError> {
    let (store, company) = (&web.house.store, who.0.company);
    for _ in 0..TRIES {
        let (version, before) = company_of(web, company).await?;
        expected(request, &before, kind, &edit)?;
        licence::look_at(web, &before, kind, &edit).map_err(StoreError::Refused)?;
        let name = name_after(kind, &edit);
        let orders = thought_of(web, before, kind, edit.clone()).await?;
        let author = who.0.author();
        if how.dry_run {
            let planned = store.ask_plan(company, orders, author).await?.map_err(StoreError::Refused)?;
            let differences = planned.into_iter().map(difference).collect();
            return Ok(HttpResponse::Ok().json(Changed { differences, thing: None }));
        }
        match store.change_at(company, version, orders, author).await {
            Err(StoreError::Stale) => {}
            Err(why) => return Err(why.into()),
            Ok(differences) => {
                web.reload().await;
                let made = After { kind, edit: &edit, name: &name, differences };
                return answer(web, request, company, made).await;
            }
        }
    }
    Err(StoreError::Stale.into())
}

/// An edit that was made.
struct After<'a> {
    kind: Kind,
    edit: &'a Edit,
    /// The name of what was made.
    name: &'a str,
    differences: Vec<Difference>,
}

async fn answer(
    web: &Data<Web>,
    request: &HttpRequest,
    company: CompanyId,
    After { kind, edit, name, differences }: After<'_>,
) -> Result<HttpResponse, ApiError> {
    let (_, after) = company_of(web, company).await?;
    let thing = things(&after, kind).into_iter().find(|one| match edit {
        Edit::Make(_) => one.name == name,
        Edit::Change { id, .. } => one.id == *id,
        Edit::Remove { .. } => false,
    });
    let mut response = match (edit, &thing) {
        (Edit::Make(_), Some(thing)) => {
            let place = format!("{}/{}", request.path(), in_a_path(&thing.id));
            let mut created = HttpResponse::Created();
            created.insert_header((header::LOCATION, place));
            created
        }
        (Edit::Make(_) | Edit::Change { .. } | Edit::Remove { .. }, _) => HttpResponse::Ok(),
    };
    if let Some(thing) = &thing {
        response.insert_header((ETAG, tags::etag(&thing.tag())));
    }
    let differences = differences.into_iter().map(difference).collect();
    Ok(response.json(Changed { differences, thing: thing.map(view) }))
}

/// Refuses an edit of what is not any more what somebody looked at (RFC 9110 §13.1.1).
fn expected(request: &HttpRequest, company: &FloorRows, kind: Kind, edit: &Edit) -> Result<(), ApiError> {
    let (Edit::Change { id, .. } | Edit::Remove { id }) = edit else { return Ok(()) };
    let is = things(company, kind).into_iter().find(|one| one.id == *id);
    is.map_or(Ok(()), |one| tags::looked_at(request, &one.tag()))
}

/// The name of a thing that is made.
fn name_after(kind: Kind, edit: &Edit) -> String {
    match edit {
        Edit::Make(settings) => {
            let name = kind.name_key().and_then(|key| settings.get(key));
            name.and_then(|name| name.as_str()).unwrap_or_default().to_owned()
        }
        Edit::Change { .. } | Edit::Remove { .. } => String::new(),
    }
}

/// The changes that an edit comes to, thought of where hashing passwords keeps nobody.
async fn thought_of(web: &Data<Web>, company: FloorRows, kind: Kind, edit: Edit) -> Result<Vec<Change>, ApiError> {
    let realm = web.house.config.sip.realm.clone();
    let done = web::block(move || changes(&company, kind, &edit, &realm)).await;
    let done = done.map_err(|_| ApiError::new(Code::Unavailable, "the daemon stops"))?;
    done.map_err(|why| match why {
        EditError::Unknown => ApiError::new(Code::NotFound, "there is no such thing in this company"),
        EditError::Unreadable(why) => ApiError::new(Code::Malformed, format!("the request's body: {why}")),
        EditError::Refused(refusals) => StoreError::Refused(refusals).into(),
        EditError::Store(why) => why.into(),
    })
}

pub(super) async fn company_of(web: &Data<Web>, company: CompanyId) -> Result<(Version, FloorRows), ApiError> {
    let gone = || ApiError::new(Code::NotFound, "there is no such company any more");
    web.house.store.ask_company_at(company).await?.ok_or_else(gone)
}

async fn shown(web: &Data<Web>, company: CompanyId, kind: Kind, id: &str) -> Result<HttpResponse, ApiError> {
    let (_, company) = company_of(web, company).await?;
    let thing = things(&company, kind).into_iter().find(|one| one.id == id);
    let thing = thing.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such thing in this company"))?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tags::etag(&thing.tag()))).json(view(thing)))
}

/// A text as a part of an address (RFC 3986 §2.1).
fn in_a_path(text: &str) -> String {
    let written = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(written).collect()
}

fn view(Described { id, name, settings }: Described) -> CompanyThing {
    CompanyThing { id, name, settings: ThingSettings(settings) }
}

pub(super) fn difference(found: Difference) -> DifferenceView {
    DifferenceView {
        kind: found.kind.as_str().to_owned(),
        name: found.name,
        what: found.what.as_str().to_owned(),
        from: ThingSettings(found.from),
        to: ThingSettings(found.to),
    }
}

pub(super) fn audit_view(entry: AuditEntry) -> AuditView {
    let (author_kind, author) = entry.author.named();
    AuditView {
        at: entry.at,
        author_kind: author_kind.to_owned(),
        author: author.to_owned(),
        change: difference(entry.difference),
    }
}
