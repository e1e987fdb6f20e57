//! What opening hours come to, before they are saved, and the days that a calendar brings. Nothing is changed here.
//! It carries; when something is open is decided by `domain::hours`.

use super::body::whole;
use super::calls::on_pool;
use crate::protocol::error::{Code, RefusalView};
use crate::protocol::rest::{
    HolidayView, HoursDayView, HoursImportView, HoursOutlookView, LeftOutView, StretchView, ThingSettings,
};
use crate::store::StoreError;
use crate::web::Web;
use crate::web::access::{Sees, area};
use crate::web::error::ApiError;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Payload};
use domain::company::HoursEntry;
use domain::hours::calendar::{CALENDAR_BYTES_MAX, calendar};
use domain::hours::{Hours, Outlook, Stretch};
use serde_json::Value;

/// How many days are shown.
const DAYS: i32 = 14;

/// What opening hours come to: whether it is open now, and the next 14 days in the company's zone. They need not be there
/// yet: `settings` are all that holds, and what is left out has its default.
#[utoipa::path(
    post,
    path = "/company/hours/outlook",
    operation_id = "hours_outlook",
    tag = "company",
    request_body = ThingSettings,
    responses(
        (status = 200, description = "Nothing is changed", body = HoursOutlookView),
        (status = 422, description = "`refused`: all that is wrong with them, in `refusals`"),
    ),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn outlook(
    who: Sees<area::Company>,
    web: Data<Web>,
    settings: Json<ThingSettings>,
) -> Result<HttpResponse, ApiError> {
    let mut settings = settings.into_inner().0;
    settings.entry("name").or_insert_with(|| Value::from(""));
    let entry: HoursEntry = serde_json::from_value(Value::Object(settings))
        .map_err(|why| ApiError::new(Code::Malformed, format!("the request's body: {why}")))?;
    let hours = entry.hours().map_err(StoreError::Refused)?;
    let gone = || ApiError::new(Code::NotFound, "there is no such company any more");
    let zone = web.house.store.ask_floor(who.0.company).await?.ok_or_else(gone)?.zone();
    let now = web.house.clock.now();
    let state = hours.at(&zone, now);
    Ok(HttpResponse::Ok().json(HoursOutlookView {
        time_zone: zone.to_string(),
        now,
        open: state.is_open(),
        until: state.until(),
        days: hours.outlook(&zone, now, DAYS).into_iter().map(day).collect(),
    }))
}

fn day(Outlook { date, name, lasts, open }: Outlook) -> HoursDayView {
    let stretch = |Stretch { from, to }: Stretch| StretchView { from, to };
    let open = open.into_iter().map(stretch).collect();
    HoursDayView { date: date.to_string(), name, from: lasts.from, to: lasts.to, open }
}

/// The days that a calendar (iCalendar, RFC 5545) brings: its all-day events of the next three years, each as often as it comes
/// again. Nothing is changed by that: whoever wants them puts them among the `days` of opening hours.
#[utoipa::path(
    post,
    path = "/company/hours/import",
    operation_id = "read_holidays",
    tag = "company",
    request_body(content((String = "text/calendar"))),
    responses(
        (status = 200, description = "What it brings, and which events bring nothing", body = HoursImportView),
        (status = 422, description = "`refused`: what of it cannot be read, with the line"),
    ),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn import(
    Sees(person, ..): Sees<area::Company>,
    web: Data<Web>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let file = whole(body, CALENDAR_BYTES_MAX).await?;
    let now = web.house.clock.now();
    let read = on_pool(&web, person.company, move |_, rows, _| {
        let today = Hours::today(&rows.zone(), now).unwrap_or_default();
        Ok(calendar(&file, today))
    });
    let found = read.await?.map_err(|why| {
        let (message, message_de) = (why.to_string(), why.german());
        let view = RefusalView { kind: "hours", name: String::new(), key: None, message, message_de };
        ApiError::refused(why.to_string(), vec![view])
    })?;
    let left_out = found.left_out.into_iter().map(|(line, why)| {
        let (message, message_de) = (why.to_string(), why.german());
        LeftOutView { line, message, message_de }
    });
    let days = found.days.into_iter().map(|(date, name)| HolidayView { date: date.to_string(), name }).collect();
    Ok(HttpResponse::Ok().json(HoursImportView { days, left_out: left_out.collect() }))
}
