//! A place of the route table: a path, what is understood there, and who answers.
//! Whatever else is asked of it gets 405 with `Allow`.

use super::{error, once};
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, Resource, Responder, Route, guard, web};

/// One path of the daemon.
pub struct Place {
    /// As actix-web writes it, such as `/calls/{call}`.
    pub path: &'static str,
    /// What is understood there, in the order of `Allow`.
    pub methods: Vec<Method>,
    /// Whether its POST is done once for each key of a client's.
    pub is_once: bool,
    resource: Resource,
}

/// A path at which nothing is understood yet.
pub fn at(path: &'static str) -> Place {
    Place { path, methods: vec![], is_once: false, resource: web::resource(path) }
}

impl Place {
    /// GET and HEAD: whoever only asks whether something is there gets the same answer without it.
    pub fn read<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
        self.with([Method::GET, Method::HEAD], route.to(handler))
    }

    /// The beginning of a WebSocket, which is GET alone.
    pub fn socket<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        self.with([Method::GET], web::get().to(handler))
    }

    /// POST.
    pub fn post<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        self.with([Method::POST], web::post().to(handler))
    }

    /// POST, done once however often it comes with the same key of its client's.
    pub fn post_once<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        let place = Place { is_once: true, ..self };
        place.with([Method::POST], web::post().to(handler).wrap(from_fn(once::once)))
    }

    /// PUT.
    pub fn put<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        self.with([Method::PUT], web::put().to(handler))
    }

    /// PATCH.
    pub fn patch<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        self.with([Method::PATCH], web::patch().to(handler))
    }

    /// OPTIONS, where pages of other sites may ask for more than GET without a header.
    pub fn options<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        self.with([Method::OPTIONS], web::method(Method::OPTIONS).to(handler))
    }

    /// DELETE.
    pub fn delete<F: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: F) -> Place {
        self.with([Method::DELETE], web::delete().to(handler))
    }

    fn with<const N: usize>(mut self, methods: [Method; N], route: Route) -> Place {
        self.methods.extend(methods);
        Place { resource: self.resource.route(route), ..self }
    }
}

impl HttpServiceFactory for Place {
    fn register(self, config: &mut AppService) {
        let allow = self.methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        self.resource.default_service(web::to(move || error::not_allowed(allow.clone()))).register(config);
    }
}
