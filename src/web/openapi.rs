//! The description of the API (OpenAPI 3.1), made from the handlers and from the shapes that they speak.
//! Adds nothing of its own but what is true of every address.

use super::{done_once, files, rest};
use crate::protocol::error::{ProblemDetails, RefusalView};
use crate::protocol::rest::ThingKind;
use actix_web::HttpResponse;
use std::sync::OnceLock;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};

/// All that can be asked of the API. What needs a person names `session` and `basic`, what a program may ask too also `key`, and
/// each what a role has to let them do in which area, if it is not everybody's.
#[derive(OpenApi)]
#[openapi(
    info(title = "Vorrang", description = "HEAD is understood wherever GET is. Times are milliseconds since 1970."),
    servers((url = "/api/v1")),
    paths(
        document,
        files::agent_reads,
        files::agent_sends,
        rest::api_keys::used,
        rest::account::change_password,
        rest::account::end_session,
        rest::account::preferences,
        rest::account::sessions,
        rest::account::set_preferences,
        rest::agents::list,
        rest::agents::set_presence,
        rest::calls::list,
        rest::calls::one,
        rest::company::audit,
        rest::company::change,
        rest::company::change_settings,
        rest::company::installation,
        rest::hours::import,
        rest::hours::outlook,
        rest::licence::get,
        rest::company::list,
        rest::company::make,
        rest::company::one,
        rest::company::remove,
        rest::company::settings,
        rest::contacts::change,
        rest::contact_archive::archive,
        rest::contact_tables::export,
        rest::contact_tables::import,
        rest::contacts::create,
        rest::contacts::erase,
        rest::contacts::list,
        rest::contacts::fields,
        rest::contacts::merge,
        rest::contacts::one,
        rest::contacts::part,
        rest::interactions::identify,
        rest::interactions::list,
        rest::items::send_elsewhere,
        rest::items::why,
        rest::own::items,
        rest::own::templates,
        rest::people::export,
        rest::people::import,
        rest::people::template,
        rest::phones::list,
        rest::queues::create_task,
        rest::queues::list,
        rest::queues::outlook,
        rest::queues::overflow,
        rest::seen::get,
        rest::services::list,
        rest::sessions::create,
        rest::sessions::current,
        rest::sessions::delete,
        rest::setup::begin,
        rest::setup::get,
        rest::trunks::list,
        rest::write_ups::read,
        rest::write_ups::transcript,
        rest::write_ups::write,
    ),
    components(schemas(ProblemDetails, RefusalView, ThingKind)),
    modifiers(&Everywhere)
)]
struct Document;

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "describe",
    tag = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"))
)]
pub(super) async fn document() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| Document::openapi().to_json().unwrap_or_default());
    HttpResponse::Ok().content_type("application/json").body(text.as_str())
}

/// What the middleware, the extractors and serde do at every address.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            "vorrang_session",
            "POST /sessions gives it; by TLS its name begins with `__Host-`",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme("basic", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        // What a client may leave out is none of this.
        let sent = components.schemas.iter_mut().filter(|(name, _)| *name != "ContactSettings");
        sent.for_each(|(_, schema)| whole(schema));
        for path in done_once() {
            document.paths.paths.get_mut(path).and_then(|path| path.post.as_mut()).into_iter().for_each(takes_a_key);
        }
        for path in document.paths.paths.values_mut() {
            for (changes, operation) in operations(path) {
                refusals(operation, changes);
            }
        }
    }
}

/// The operations of a path, and whether they change anything.
fn operations(path: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let changing = [&mut path.put, &mut path.post, &mut path.patch, &mut path.delete];
    let changing = changing.into_iter().flatten().map(|operation| (true, operation));
    path.get.iter_mut().map(|operation| (false, operation)).chain(changing)
}

/// Adds the key by which it is done once however often it comes.
fn takes_a_key(operation: &mut Operation) {
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("Within a day it is done once with this key, and answered as the first time"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255))))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(key));
    for (status, description) in [
        ("409", "`wrong_state`: a request with this key is being done, or was when the daemon ended"),
        ("422", "`refused`: the key was used for another request"),
    ] {
        let answers = &mut operation.responses.responses;
        answers.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::new(description)));
    }
}

/// Adds what is refused by others than the handler. Each refusal is a problem (RFC 9457).
fn refusals(operation: &mut Operation, changes: bool) {
    let parameters: Vec<_> = operation.parameters.iter().flatten().collect();
    let takes = |place: &ParameterIn| {
        parameters.iter().any(|one| matches!(one, RefOr::T(parameter) if parameter.parameter_in == *place))
    };
    let (named, asked) = (takes(&ParameterIn::Path), takes(&ParameterIn::Query));
    let body = operation.request_body.is_some();
    let person = operation.security.is_some();
    for (status, description, is_possible) in [
        ("400", "`malformed`: a field of path, query or body cannot be read", named || asked || body),
        ("401", "`unauthenticated` or `wrong_credentials`", person),
        ("403", "`forbidden`: by this person or API key, or from another site's page", person || changes),
        ("404", "`not_found`: nothing of that name in this company", named),
        ("405", "`malformed`: another method; `Allow` names those that are understood", true),
        ("408", "`malformed`: the body did not come in time", body),
        ("413", "`malformed`: the body is longer than 64 KiB", body),
        ("415", "`malformed`: the body is no JSON by its type", body),
        ("429", "`too_many`: wrong passwords or API keys; with `Retry-After`", person),
        ("500", "`damaged`: what is stored of it cannot be read", person),
        ("503", "`unavailable`: nothing can be stored or read now, or the daemon stops", true),
    ] {
        if is_possible {
            let answers = &mut operation.responses.responses;
            answers.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::new(description)));
        }
    }
    for (status, answer) in &mut operation.responses.responses {
        if let (true, RefOr::T(answer)) = (status.as_str() >= "400", answer) {
            let problem = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
            answer.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
        }
    }
}

/// Of what is sent no field is ever left out: what is not there is `null`.
fn whole(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.required = object.properties.keys().cloned().collect();
            object.properties.values_mut().for_each(whole);
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(whole),
        Schema::AllOf(all) => all.items.iter_mut().for_each(whole),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(whole),
        _ => {}
    }
}
