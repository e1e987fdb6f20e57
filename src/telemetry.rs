//! How the log is started.
//! Never decides what is worth logging: that is said where it happens.

use crate::config::{Log, LogFormat};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// Why the log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is none.
    #[error("log.filter: {0} (a level, or module=level separated by commas)")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The journal's socket is not there.
    #[error("connect to journald: {0} (not under systemd? set log.format to \"text\" or \"json\")")]
    Journald(#[from] std::io::Error),
    /// There is one already.
    #[error("start the log: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// The time of a line: as the subscriber's own, which takes longer to spell.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, line: &mut Writer<'_>) -> std::fmt::Result {
        write!(line, "{:.6}", jiff::Timestamp::now())
    }
}

/// Starts the log for the whole process; once.
pub fn start(log: &Log) -> Result<(), TelemetryError> {
    // Colours are for eyes: a file or a pipe gets none, and nobody who asks for none (NO_COLOR).
    let colours = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let registry = tracing_subscriber::registry().with(EnvFilter::try_new(&log.filter)?);
    match log.format {
        LogFormat::Text => {
            registry.with(fmt::layer().with_timer(Utc).with_ansi(colours).with_writer(stderr)).try_init()?
        }
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_timer(Utc).with_writer(stderr)).try_init()?
        }
        LogFormat::Journald => registry.with(tracing_journald::layer()?).try_init()?,
    }
    Ok(())
}
