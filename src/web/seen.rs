//! On which pages chat services are seen, by what browsers send of them anyway.
//! Never a visitor's business: no query, no fragment, and nothing of who asks or how often.

use crate::store::SeenPage;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest path that is kept, and the longest origin that is, in characters.
const TEXT_MAX: usize = 200;
/// For how long a page that was seen is not written again.
const QUIET: Duration = Duration::from_secs(60);

/// What was written lately of each chat service. Its pages are as many as are kept, so that no crowd of them makes a crowd of
/// writes.
#[derive(Default)]
pub(super) struct Lately(Mutex<BTreeMap<i64, Vec<(Instant, SeenPage)>>>);

impl Lately {
    /// Whether a page is to be written now.
    pub(super) fn notes(&self, now: Instant, service: i64, page: &SeenPage) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = all.entry(service).or_default();
        lately.retain(|(at, _)| now.duration_since(*at) < QUIET);
        let alike = lately.iter().filter(|(_, other)| other.admitted == page.admitted).count();
        if alike >= SeenPage::kept(page.admitted) || lately.iter().any(|(_, other)| other == page) {
            return false;
        }
        lately.push((now, page.clone()));
        true
    }

    /// Forgets the services that have been quiet.
    pub(super) fn forget_quiet(&self, now: Instant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, lately| lately.iter().any(|(at, _)| now.duration_since(*at) < QUIET));
    }
}

/// The page of this origin and address, as far as that is known; `None` if it is none. Of pages that are not to have the chat
/// their origin says enough.
pub(super) fn page_of(origin: &str, page: Option<&str>, admitted: bool) -> Option<SeenPage> {
    if !is_origin(origin) {
        return None;
    }
    let path = page.filter(|_| admitted).and_then(|page| path_in(origin, page)).unwrap_or_default();
    Some(SeenPage { admitted, origin: origin.to_ascii_lowercase(), path })
}

/// As browsers write it: of pages that have none, such as files, it is `null`.
fn is_origin(text: &str) -> bool {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_whole = |(scheme, host): (&str, &str)| {
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        !scheme.is_empty() && scheme.bytes().all(is_scheme) && !host.is_empty() && host.bytes().all(is_host)
    };
    text == "null" || text.len() <= TEXT_MAX && text.split_once("://").is_some_and(is_whole)
}

/// The path of a page of this origin, without what belongs to one visit: query, fragment and parameters (RFC 3986 §3.3).
fn path_in(origin: &str, page: &str) -> Option<String> {
    let (start, rest) = page.split_at_checked(origin.len())?;
    let path = rest.split(['?', '#', ';']).next().unwrap_or_default();
    let is_there = start.eq_ignore_ascii_case(origin) && path.starts_with('/');
    let is_path = is_there && path.bytes().all(|byte| byte.is_ascii_graphic());
    is_path.then(|| path.chars().take(TEXT_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(origin: &str, page: &str) -> Option<(String, String)> {
        page_of(origin, Some(page), true).map(|page| (page.origin, page.path))
    }

    #[test]
    fn a_page_is_its_origin_and_its_path_and_nothing_of_a_visit() {
        let shop = "https://www.shop.example";
        for (said, path) in [
            ("https://www.shop.example/", "/"),
            ("https://WWW.shop.example/cart/2?order=4711#paid", "/cart/2"),
            ("https://www.shop.example/cart;jsessionid=4711?a=b", "/cart"),
            ("https://www.shop.example?q=/cart", ""),
            // None of its own, or nothing that a browser writes.
            ("https://www.shop.example.evil/cart", ""),
            ("https://other.example/cart", ""),
            ("https://www.shop.example/c art", ""),
            ("https://www.shop.example/ca\u{202e}rt", ""),
            ("https://www.shop.exampl\u{e9}", ""),
            ("/cart", ""),
            ("", ""),
        ] {
            assert_eq!(page(shop, said), Some((shop.to_owned(), path.to_owned())), "{said}");
        }
        let long = page(shop, &format!("{shop}/{}", "a".repeat(2000))).unwrap();
        assert_eq!(long.1.len(), TEXT_MAX);
        assert_eq!(page("HTTPS://Shop.example:8443", "").unwrap().0, "https://shop.example:8443");
        assert_eq!(page("null", "file:///home/kim/shop.html"), Some(("null".to_owned(), String::new())));
        for origin in ["", "://", "shop.example", "https://", "https://a b", "https://<b>", "https://shop.example/x"] {
            assert_eq!(page(origin, ""), None, "{origin}");
        }
    }

    #[test]
    fn a_page_is_written_once_a_minute_and_a_crowd_of_pages_no_oftener_than_so_many_are_kept() {
        let (lately, start) = (Lately::default(), Instant::now());
        let page = |admitted, path: usize| SeenPage {
            admitted,
            origin: "https://a.example".to_owned(),
            path: path.to_string(),
        };
        let written = |at: u64, admitted: bool, paths: usize| {
            let now = start + Duration::from_secs(at);
            (0..paths).filter(|path| lately.notes(now, 1, &page(admitted, *path))).count()
        };
        assert_eq!(
            [written(0, true, 1), written(0, true, 1), written(59, true, 1), written(60, true, 1)],
            [1, 0, 0, 1]
        );
        assert_eq!((written(61, true, 1_000), written(61, false, 1_000)), (49, 5));
        assert!(lately.notes(start + Duration::from_secs(61), 2, &page(true, 0)), "each service for itself");
        lately.forget_quiet(start + Duration::from_secs(200));
        assert!(lately.0.lock().unwrap().is_empty());
    }
}
