//! Many people of a company at once: taken over from a table, and written as one.
//! It carries; what a line says, and what is wrong with it, is decided by `domain::company`.

use super::body::whole;
use super::calls::on_pool;
use super::company::{How, TRIES, company_of, difference};
use super::tags;
use crate::protocol::error::{Code, RefusalView};
use crate::protocol::rest::{PeopleImported, PersonSecrets};
use crate::store::{Author, FloorRows, Given, PeopleSecrets, StoreError, differences_tag, planned_changes};
use crate::web::Web;
use crate::web::access::{Changes, Sees, area};
use crate::web::error::ApiError;
use crate::web::hosted::spoken;
use actix_web::http::header::{self, ETAG};
use actix_web::web::{self, Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::announcement::Language;
use domain::company::{
    Difference, Fault, PEOPLE_BYTES_MAX, PeopleTable, Refusal, Refusals, What, people_table, people_template,
};
use domain::id::CompanyId;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

/// What passwords are made of: nothing that is taken for something else when it is read out and typed into a phone.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Hundreds of passwords are hashed for one table: one is taken over at a time.
static ONE: Semaphore = Semaphore::const_new(1);

/// In which language a table is written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct InLanguage {
    /// `de` or `en`; usually what `Accept-Language` asks for.
    #[param(value_type = Option<String>)]
    language: Option<Language>,
}

impl InLanguage {
    fn or_as_accepted_by(&self, request: &HttpRequest) -> Language {
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        self.language.unwrap_or_else(|| spoken(accepted.unwrap_or_default()))
    }
}

/// Makes and changes people by a table (CSV in UTF-8, with a line of headers in English or German; comma, semicolon or tab
/// between the columns). Whoever has the login name of a line is who is meant; all others are new. What has no column, or an
/// empty cell, stays as it is; nobody is removed. It is done as a whole or not at all. Who is new gets a password, and so does
/// a new phone: both are told in this answer alone.
#[utoipa::path(
    post,
    path = "/company/people/import",
    operation_id = "import_people",
    tag = "company",
    params(How, ("If-Match" = Option<String>, Header, description = "The `ETag` of a dry run: if it would come to something else by now it is refused")),
    request_body(content((String = "text/csv"))),
    responses(
        (status = 200, description = "It is durable and holds. Of a dry run what it would come to, with `ETag`", body = PeopleImported),
        (status = 412, description = "`stale`: somebody else has changed people meanwhile"),
        (status = 422, description = "`refused`: all that is wrong with it, in `refusals`, each with its line and column"),
    ),
    security(("session" = ["company: change"]), ("basic" = ["company: change"]), ("key" = ["company: change"]))
)]
pub(in crate::web) async fn import(
    who: Changes<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    how: Query<How>,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let file: Arc<[u8]> = whole(body, PEOPLE_BYTES_MAX).await?.into();
    let another = |_| ApiError::new(Code::TooMany, "another table is being taken over, try again once that is done");
    let _one = if how.dry_run { None } else { Some(ONE.try_acquire().map_err(another)?) };
    let author = who.0.author();
    let mut secrets = PeopleSecrets::default();
    for _ in 0..TRIES {
        let (version, company) = company_of(&web, who.0.company).await?;
        let (table, differences) = planned(&web, company, file.clone(), &author).await?;
        let tag = differences_tag(&differences);
        tags::looked_at(&request, &tag)?;
        if how.dry_run {
            let answer = imported(&table, differences, vec![]);
            return Ok(HttpResponse::Ok().insert_header((ETAG, tags::etag(&tag))).json(answer));
        }
        let realm = web.house.config.sip.realm.clone();
        let (orders, table, made) = in_the_background(move || {
            secrets.make(&table, drawn)?;
            Ok((secrets.changes(&table, &realm), table, secrets))
        })
        .await?;
        match web.house.store.change_at(who.0.company, version, orders, author.clone()).await {
            Err(StoreError::Stale) => secrets = made,
            Err(StoreError::Refused(why)) => return Err(refused(table, why)),
            Err(why) => return Err(why.into()),
            Ok(differences) => {
                web.reload().await;
                let answer = imported(&table, differences, made.given(&table));
                return Ok(HttpResponse::Ok().json(answer));
            }
        }
    }
    Err(StoreError::Stale.into())
}

/// All people as a table (CSV in UTF-8) that can be read in again, and then changes nothing. There is no secret in it.
#[utoipa::path(
    get,
    path = "/company/people/export",
    operation_id = "export_people",
    tag = "company",
    params(InLanguage),
    responses((status = 200, description = "By id; with semicolons in German", content((String = "text/csv")))),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn export(
    Sees(person, ..): Sees<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    asked: Query<InLanguage>,
) -> Result<HttpResponse, ApiError> {
    written(&web, person.company, asked.or_as_accepted_by(&request), (people_table, "people")).await
}

/// The columns that a table of people may have, with an example below them.
#[utoipa::path(
    get,
    path = "/company/people/template",
    operation_id = "people_template",
    tag = "company",
    params(InLanguage),
    responses((status = 200, description = "With semicolons in German", content((String = "text/csv")))),
    security(("session" = ["company: read"]), ("basic" = ["company: read"]), ("key" = ["company: read"]))
)]
pub(in crate::web) async fn template(
    Sees(person, ..): Sees<area::Company>,
    web: Data<Web>,
    request: HttpRequest,
    asked: Query<InLanguage>,
) -> Result<HttpResponse, ApiError> {
    written(&web, person.company, asked.or_as_accepted_by(&request), (people_template, "people-template")).await
}

/// A table of a company, and what its file is called.
async fn written(
    web: &Data<Web>,
    company: CompanyId,
    language: Language,
    (table, name): (fn(&FloorRows, Language) -> String, &str),
) -> Result<HttpResponse, ApiError> {
    let table = on_pool(web, company, move |_, company, _| Ok(table(company, language))).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .body(table))
}

/// What a table says, and what it would come to.
async fn planned(
    web: &Data<Web>,
    company: FloorRows,
    file: Arc<[u8]>,
    author: &Author,
) -> Result<(PeopleTable, Vec<Difference>), ApiError> {
    let (id, editor) = (company.id, author.clone());
    let (table, forbidden) = in_the_background(move || {
        let table = PeopleTable::read(&file, &company);
        let forbidden = editor.editor().map(|editor| table.forbidden(&company, editor)).unwrap_or_default();
        Ok((table, forbidden))
    })
    .await?;
    match web.house.store.ask_plan(id, planned_changes(&table), author.clone()).await? {
        Ok(differences) if table.faults.is_empty() => Ok((table, differences)),
        Ok(_) => Err(refused(table, Refusals::default())),
        // What roles forbid is not looked at where something else is wrong.
        Err(Refusals(mut why)) => {
            let more: Vec<Refusal> = forbidden.0.into_iter().filter(|more| !why.contains(more)).collect();
            why.extend(more);
            Err(refused(table, Refusals(why)))
        }
    }
}

/// All that is wrong: with the table, and with what the company would be.
fn refused(mut table: PeopleTable, why: Refusals) -> ApiError {
    let others = table.refuse(why);
    let message: Vec<String> = table.faults.iter().map(Fault::to_string).chain([others.to_string()]).collect();
    let faults = table.faults.iter().map(|fault| RefusalView {
        kind: "agent",
        name: fault.login_name.clone(),
        key: Some(Cow::Owned(fault.place())),
        message: fault.to_string(),
        message_de: fault.german(),
    });
    let views = faults.chain(others.0.iter().map(RefusalView::from)).collect();
    ApiError::refused(message.join("\n").trim_end(), views)
}

fn imported(table: &PeopleTable, differences: Vec<Difference>, given: Vec<Given>) -> PeopleImported {
    let count = |what: What| differences.iter().filter(|difference| difference.what == what).count() as u32;
    let (created, changed) = (count(What::New), count(What::Changed));
    let secrets = |Given { login_name, display_name, password, phone }: Given| {
        let (phone, phone_password) = phone.unzip();
        PersonSecrets { login_name, display_name, password, phone, phone_password }
    };
    PeopleImported {
        created,
        changed,
        unchanged: (table.persons.len() as u32).saturating_sub(created + changed),
        differences: differences.into_iter().map(difference).collect(),
        given: given.into_iter().map(secrets).collect(),
    }
}

/// Does what takes long where it keeps nobody.
async fn in_the_background<T: Send + 'static>(
    what: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = web::block(what).await;
    Ok(done.map_err(|_| ApiError::new(Code::Unavailable, "the daemon stops"))??)
}

/// So many letters and digits by chance.
fn drawn(characters: usize) -> String {
    // Of a byte that is too large no letter comes more often than another.
    let fair = u8::MAX - u8::MAX % LETTERS.len() as u8;
    let bytes = std::iter::repeat_with(rand::random::<u8>).filter(|byte| *byte < fair);
    bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_password_is_as_long_as_asked_and_every_letter_comes() {
        let drawn: Vec<String> = (0..200).map(|_| drawn(24)).collect();
        assert!(drawn.iter().all(|one| one.len() == 24));
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 200);
        assert_eq!(drawn.concat().bytes().collect::<BTreeSet<_>>(), LETTERS.iter().copied().collect());
    }
}
