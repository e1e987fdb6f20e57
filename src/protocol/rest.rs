//! The shapes of `/api/v1`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `POST /api/v1/sessions`: logs a person in to the web applications; the answer sets the session cookie.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub struct NewSession {
    /// The login name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// `GET /api/v1/sessions/current` and the answer to `POST /api/v1/sessions`: who is logged in.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "rest.ts")]
pub struct CurrentSession {
    /// The login name.
    pub name: String,
    /// The display name.
    pub display_name: String,
    /// The company's name.
    pub company: String,
}

/// `PUT /api/v1/agents/{name}/presence`: logs an agent in or out, for those without a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "presence", deny_unknown_fields)]
#[ts(export_to = "rest.ts")]
pub enum NewPresence {
    /// Work starts.
    Available {},
    /// Work stops.
    LoggedOut {},
}
