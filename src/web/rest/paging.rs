//! What routes that answer page by page read of a query.

use crate::protocol::error::Code;
use crate::web::error::ApiError;
use std::ops::RangeInclusive;

/// How many a page may hold: what was asked for, else the usual number.
///
/// # Errors
/// If it is none of these numbers.
pub(super) fn limit(asked: Option<u64>, usual: u32, accepted: RangeInclusive<u32>) -> Result<u32, ApiError> {
    let asked = asked.unwrap_or(usual.into());
    let (least, most) = (accepted.start(), accepted.end());
    let number = u32::try_from(asked).ok().filter(|number| accepted.contains(number));
    number.ok_or_else(|| malformed(format!("limit: expected {least} to {most}, found {asked}")))
}

/// Where the page begins.
///
/// # Errors
/// If `place` reads none out of the cursor.
pub(super) fn after<T>(cursor: Option<&str>, place: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
    let no_place = || malformed("cursor: expected `next` of the page before");
    cursor.map(|text| place(text).ok_or_else(no_place)).transpose()
}

/// A number that fits into a row of the database.
///
/// # Errors
/// If it is none; `name` is the field's.
pub(super) fn number(name: &str, text: Option<&str>) -> Result<Option<u64>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<u64>() {
        Ok(number) if i64::try_from(number).is_ok() => Ok(Some(number)),
        Ok(_) | Err(_) => Err(malformed(format!("{name}: expected a whole number, found `{text}`"))),
    }
}

/// The query cannot be read.
pub(super) fn malformed(why: impl Into<String>) -> ApiError {
    ApiError::new(Code::Malformed, why)
}
