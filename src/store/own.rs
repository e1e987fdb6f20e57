//! The rows that are one person's own: where they are logged in, and what they have set for their screens.
//! Never read by a floor: nothing is decided by them.

use super::Store;
use super::connection::DatabaseConnection;
use super::ids::Stored;
use super::pending::Pending;
use super::schema::web_session;
use diesel::prelude::*;
use domain::id::AgentId;
use domain::time::Timestamp;

diesel::table! { preference (agent) { agent -> BigInt, text -> Text, } }

/// A browser in which somebody is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSession {
    /// The hash of its token.
    pub token_hash: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// The browser, as it named itself.
    pub browser: String,
}

impl Store {
    /// The sessions of somebody that last beyond `now`, the newest first.
    pub fn web_sessions(&self, agent: AgentId, now: Timestamp) -> Pending<Vec<WebSession>> {
        self.ask("find somebody's sessions", move |connection| {
            let rows = web_session::table
                .filter(web_session::agent.eq(agent.stored()))
                .filter(web_session::expires_at.gt(now.stored()))
                .order(web_session::created_at.desc())
                .select((
                    web_session::token_hash,
                    web_session::created_at,
                    web_session::expires_at,
                    web_session::browser,
                ))
                .load::<(Vec<u8>, i64, i64, String)>(connection)?;
            let session = |(token_hash, created_at, expires_at, browser)| WebSession {
                token_hash,
                created_at: Timestamp::from_stored(created_at),
                expires_at: Timestamp::from_stored(expires_at),
                browser,
            };
            Ok(rows.into_iter().map(session).collect())
        })
    }

    /// What somebody has set for their screens; `None` if that is nothing.
    pub fn preferences(&self, agent: AgentId) -> Pending<Option<String>> {
        self.ask("read what somebody has set", move |connection| {
            preference::table.find(agent.stored()).select(preference::text).first(connection).optional()
        })
    }
}

/// Keeps what somebody has set.
pub(super) fn keep_preferences(connection: &mut DatabaseConnection, agent: AgentId, text: &str) -> QueryResult<()> {
    diesel::delete(preference::table.find(agent.stored())).execute(connection)?;
    let values = (preference::agent.eq(agent.stored()), preference::text.eq(text));
    diesel::insert_into(preference::table).values(values).execute(connection)?;
    Ok(())
}
