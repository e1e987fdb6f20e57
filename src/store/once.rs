//! The first answers to requests that came with a key of their client's, so that each is done once however often it comes.
//! Never knows what was asked: requests are told apart by their fingerprints.

use super::connection::DatabaseConnection;
use super::ids::Stored;
use diesel::prelude::*;
use domain::time::{Span, Timestamp};

diesel::table! {
    once (who, key) {
        who -> Text,
        key -> Binary,
        fingerprint -> Binary,
        at -> BigInt,
        epoch -> BigInt,
        status -> Nullable<BigInt>,
        headers -> Text,
        body -> Binary,
    }
}

/// For how long an answer is kept.
const KEPT: Span = Span::seconds(24 * 60 * 60);
/// How many of one person are, at most.
const ANSWERS_MAX: i64 = 10_000;

/// A request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceKey {
    /// Who asks: keys of others are none of theirs.
    pub who: String,
    /// The hash of the key.
    pub key: Vec<u8>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers that say something, as JSON: an object of texts.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a request that comes with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once {
    /// It is the first; it is to be answered now.
    First,
    /// It was answered before.
    Answered(Answered),
    /// It is being done.
    GoesOn,
    /// It was being done when the daemon ended, and nobody knows how far.
    Unknown,
    /// The key was used for another request.
    Other,
    /// There are too many answers of theirs.
    TooMany,
}

type Row = (Vec<u8>, i64, i64, Option<i64>, String, Vec<u8>);

pub(super) fn begin(
    connection: &mut DatabaseConnection,
    OnceKey { who, key }: &OnceKey,
    fingerprint: &[u8],
    at: Timestamp,
    epoch: u32,
) -> QueryResult<Once> {
    let found: Option<Row> = once::table
        .find((who, key))
        .select((once::fingerprint, once::at, once::epoch, once::status, once::headers, once::body))
        .first(connection)
        .optional()?;
    let is_old = |then: &i64| Timestamp::from_stored(*then) + KEPT <= at;
    match found {
        Some((_, then, ..)) if is_old(&then) => {
            diesel::delete(once::table.find((who, key))).execute(connection)?;
        }
        Some((known, ..)) if known != fingerprint => return Ok(Once::Other),
        Some((_, _, _, Some(status), headers, body)) => {
            return Ok(Once::Answered(Answered { status: u16::try_from(status).unwrap_or_default(), headers, body }));
        }
        Some((_, _, boot, None, ..)) => return Ok(if boot == i64::from(epoch) { Once::GoesOn } else { Once::Unknown }),
        None => {}
    }
    let theirs: i64 = once::table.filter(once::who.eq(who)).count().get_result(connection)?;
    if theirs >= ANSWERS_MAX {
        return Ok(Once::TooMany);
    }
    let values = (
        once::who.eq(who),
        once::key.eq(key),
        once::fingerprint.eq(fingerprint),
        once::at.eq(at.stored()),
        once::epoch.eq(i64::from(epoch)),
        once::headers.eq(""),
        once::body.eq(&[] as &[u8]),
    );
    diesel::insert_into(once::table).values(values).execute(connection)?;
    Ok(Once::First)
}

pub(super) fn end(
    connection: &mut DatabaseConnection,
    OnceKey { who, key }: &OnceKey,
    answered: Option<&Answered>,
) -> QueryResult<()> {
    match answered {
        None => diesel::delete(once::table.find((who, key))).execute(connection)?,
        Some(Answered { status, headers, body }) => diesel::update(once::table.find((who, key)))
            .set((once::status.eq(i64::from(*status)), once::headers.eq(headers), once::body.eq(body)))
            .execute(connection)?,
    };
    Ok(())
}

pub(super) fn forget(connection: &mut DatabaseConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(once::table.filter(once::at.le(Timestamp(now.0.saturating_sub(KEPT.0)).stored())))
        .execute(connection)
}
