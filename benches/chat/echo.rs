//! The barest WebSocket that could stand in the daemon's place: each text goes back to whoever sent it, and nothing is kept.
//! With the same libraries, and as many threads.

#![allow(clippy::needless_pass_by_value, reason = "the shapes that actix asks for")]

use crate::shared::{Result, doing};
use actix::{Actor, StreamHandler};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_web_actors::ws;
use std::net::SocketAddr;

struct Echo;

impl Actor for Echo {
    type Context = ws::WebsocketContext<Self>;
}

impl StreamHandler<std::result::Result<ws::Message, ws::ProtocolError>> for Echo {
    fn handle(&mut self, message: std::result::Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        match message {
            Ok(ws::Message::Text(text)) => ctx.text(text),
            Ok(ws::Message::Ping(data)) => ctx.pong(&data),
            _ => {}
        }
    }
}

async fn open(request: HttpRequest, stream: web::Payload) -> std::result::Result<HttpResponse, actix_web::Error> {
    ws::start(Echo, &request, stream)
}

/// Runs until it is told to stop.
pub fn run(at: SocketAddr) -> Result<()> {
    actix_web::rt::System::new()
        .block_on(async move {
            let server = HttpServer::new(|| App::new().route("/ws/visitor", web::get().to(open)));
            server.workers(2).bind(at)?.run().await
        })
        .map_err(doing("echo"))
}
