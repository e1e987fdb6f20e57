//! Where a chat service was seen, as its administrators are told.

use super::client::{ask, ask_as, base64};
use super::{PASSWORD, company};
use crate::process::Daemon;
use crate::websocket::WebSocket;
use serde_json::{Value, json};

const SERVICES: &str = "[[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n\
                        widget.origins = [\"https://*.shop.example\"]\n[[chat_service]]\ntoken = \"plain\"\nqueue = \"Service\"\n";

fn daemon() -> Daemon {
    Daemon::of(&company(0, SERVICES).replace("\"supervisor\"", "\"administrator\""), &[], None)
}

fn seen(daemon: &Daemon, service: u64) -> Value {
    let answer = ask_as(daemon.http, "boss", &format!("GET /api/v1/company/services/{service}/seen"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn origins_and_paths(seen: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    seen.as_array().unwrap().iter().map(|page| (text(&page["origin"]).unwrap(), text(&page["path"]))).collect()
}

/// A page asks how its chat is to be.
fn visit(daemon: &Daemon, token: &str, origin: &str, referer: &str) -> u16 {
    let headers = format!("origin: {origin}\nreferer: {referer}");
    ask(daemon.http, &format!("GET /widget/services/{token}?language=de"), &headers, "").status
}

#[test]
fn administrators_see_on_which_pages_a_chat_stands_and_which_origins_it_is_not_for() {
    let mut daemon = daemon();
    assert_eq!(seen(&daemon, 1), json!({"pages": [], "foreign": []}));
    let shop = "https://www.shop.example";
    // What a browser usually says to another site, and what it says where the page lets it.
    assert_eq!(visit(&daemon, "shop", shop, "https://www.shop.example/"), 200);
    assert_eq!(visit(&daemon, "shop", shop, "https://www.shop.example/cart?order=4711#paid"), 200);
    let ours = format!("http://{}", daemon.http);
    assert_eq!(visit(&daemon, "shop", &ours, &format!("{ours}/desktop/")), 200);
    for number in 0..8 {
        let other = format!("https://shop-{number}.example");
        assert_eq!(visit(&daemon, "shop", &other, &format!("{other}/secret")), 403);
    }
    // The chat itself says its page.
    let mut visitor = WebSocket::open(daemon.http, "/ws/visitor", &format!("Origin: {shop}\r\n"));
    visitor.send(&json!({"type": "hello", "token": "shop", "session": "0123456789abcdef0123456789abcdef",
        "client": "visitors-tab", "have": 0, "language": "de", "page": "https://www.shop.example/?order=4711"}));
    visitor.hear();
    daemon.until("all was written", |daemon| seen(daemon, 1)["pages"].as_array().unwrap().len() == 3);
    let told = seen(&daemon, 1);
    let mut pages = origins_and_paths(&told["pages"]);
    pages.sort();
    let paths: Vec<_> = pages.iter().map(|(_, path)| path.as_deref()).collect();
    assert_eq!(paths, [None, Some("/"), Some("/cart")], "{told}");
    assert!(pages.iter().all(|(origin, _)| origin == shop) && !told.to_string().contains("4711"), "{told}");
    let foreign = origins_and_paths(&told["foreign"]);
    assert_eq!(foreign.len(), 5, "{told}");
    assert!(foreign.iter().all(|(origin, path)| origin.starts_with("https://shop-") && path.is_none()), "{told}");
    assert!(told["pages"][0]["first"].as_u64() <= told["pages"][0]["last"].as_u64());
    assert_eq!(seen(&daemon, 2), json!({"pages": [], "foreign": []}), "each service for itself");

    // One of them is let in: it is no stranger any more, and was not seen as long as it was turned away.
    let added = foreign[0].0.clone();
    let patch = json!({"widget": {"origins": ["https://*.shop.example", added]}}).to_string();
    let basic = base64(&format!("boss:{PASSWORD}"));
    let headers = format!("content-type: application/json\nauthorization: Basic {basic}");
    let changed = ask(daemon.http, "PATCH /api/v1/company/services/1", &headers, &patch);
    assert_eq!(changed.status, 200, "{}", changed.text());
    let told = seen(&daemon, 1);
    let is_among = |pages: &Value| origins_and_paths(pages).iter().any(|(origin, _)| *origin == added);
    assert_eq!((is_among(&told["foreign"]), is_among(&told["pages"])), (false, false), "{told}");
    assert_eq!(visit(&daemon, "shop", &added, &format!("{added}/")), 200);
    daemon.until("it is seen at once", |daemon| is_among(&seen(daemon, 1)["pages"]));

    let daemon = daemon.killed_and_started_again(&[]);
    assert_eq!(seen(&daemon, 1)["pages"].as_array().unwrap().len(), 4);
}

#[test]
fn of_a_large_website_the_pages_that_were_seen_last_are_kept() {
    let mut daemon = daemon();
    let visit_all = |daemon: &Daemon, pages: std::ops::Range<u32>| {
        for page in pages {
            let origin = "https://large.example";
            assert_eq!(visit(daemon, "plain", origin, &format!("{origin}/{page}")), 200);
        }
    };
    let has = |daemon: &Daemon, path: &str| {
        let pages = origins_and_paths(&seen(daemon, 2)["pages"]);
        (pages.len(), pages.iter().any(|(_, found)| found.as_deref() == Some(path)))
    };
    visit_all(&daemon, 0..60);
    daemon.until("as many as one minute writes", |daemon| has(daemon, "/49") == (50, true));
    assert_eq!(has(&daemon, "/50"), (50, false));
    // A daemon that was started anew remembers no minute.
    let mut daemon = daemon.killed_and_started_again(&[]);
    visit_all(&daemon, 50..60);
    daemon.until("the others are seen", |daemon| has(daemon, "/59") == (50, true));
    assert_eq!((has(&daemon, "/0"), has(&daemon, "/40")), ((50, false), (50, true)));
}
