//! On which pages chat services were seen: which page, when first and when last, and nothing of who looked at it.
//! Never grows with a website: of each service the pages that were seen last are kept.

use super::Store;
use super::connection::DatabaseConnection;
use super::ids::Stored;
use super::pending::Pending;
use diesel::prelude::*;
use domain::time::Timestamp;

diesel::table! {
    sighting (service, admitted, origin, path) {
        service -> BigInt,
        admitted -> BigInt,
        origin -> Text,
        path -> Text,
        first_at -> BigInt,
        last_at -> BigInt,
    }
}

/// A page that asked for a chat service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPage {
    /// Whether the service is for pages of this origin.
    pub admitted: bool,
    /// As browsers write it (RFC 6454 §6.2).
    pub origin: String,
    /// Its path; empty if it is not known.
    pub path: String,
}

impl SeenPage {
    /// How many such pages of a service are kept.
    pub const fn kept(admitted: bool) -> usize {
        if admitted { 50 } else { 5 }
    }
}

/// When a page was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Which.
    pub page: SeenPage,
    /// When first, as far as it is kept.
    pub first: Timestamp,
    /// When last, within a minute.
    pub last: Timestamp,
}

impl Store {
    /// The pages on which a chat service was seen, the last one first.
    pub fn sightings(&self, service: i64) -> Pending<Vec<Sighting>> {
        self.ask("read where a chat service was seen", move |connection| {
            let rows = sighting::table
                .filter(sighting::service.eq(service))
                .order((sighting::last_at.desc(), sighting::origin, sighting::path))
                .select((sighting::admitted, sighting::origin, sighting::path, sighting::first_at, sighting::last_at))
                .load::<(i64, String, String, i64, i64)>(connection)?;
            let seen = |(admitted, origin, path, first, last)| Sighting {
                page: SeenPage { admitted: admitted != 0, origin, path },
                first: Timestamp::from_stored(first),
                last: Timestamp::from_stored(last),
            };
            Ok(rows.into_iter().map(seen).collect())
        })
    }
}

/// Keeps that a page was seen; the one that was unseen for longest gives way.
pub(super) fn keep(
    connection: &mut DatabaseConnection,
    service: i64,
    page: &SeenPage,
    at: Timestamp,
) -> QueryResult<()> {
    let (admitted, at) = (i64::from(page.admitted), at.stored());
    let row = sighting::table.find((service, admitted, &page.origin, &page.path));
    if diesel::update(row).set(sighting::last_at.eq(at)).execute(connection)? > 0 {
        return Ok(());
    }
    let values = (
        sighting::service.eq(service),
        sighting::admitted.eq(admitted),
        sighting::origin.eq(&page.origin),
        sighting::path.eq(&page.path),
        sighting::first_at.eq(at),
        sighting::last_at.eq(at),
    );
    diesel::insert_into(sighting::table).values(values).execute(connection)?;
    let of_service = sighting::table.filter(sighting::service.eq(service)).filter(sighting::admitted.eq(admitted));
    let known: Vec<(String, String)> = of_service
        .order((sighting::last_at.desc(), sighting::first_at.desc()))
        .select((sighting::origin, sighting::path))
        .load(connection)?;
    for (origin, path) in known.iter().skip(SeenPage::kept(page.admitted)) {
        diesel::delete(sighting::table.find((service, admitted, origin, path))).execute(connection)?;
    }
    Ok(())
}

/// Forgets where a chat service was seen.
pub(super) fn forget(connection: &mut DatabaseConnection, service: i64) -> QueryResult<()> {
    diesel::delete(sighting::table.filter(sighting::service.eq(service))).execute(connection)?;
    Ok(())
}
