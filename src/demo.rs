//! The demo: the whole daemon on loopback, with a company, two desk phones and as many callers as are asked for.
//! Never a shortcut: phones and callers reach the daemon by SIP and RTP alone.

mod pages;
mod place;
mod rest;
mod shop;
mod telephone;

use crate::cli;
use crate::config::{Config, ConfigError};
use crate::daemon::{Daemon, StartError};
use crate::licence::NotSigned;
use crate::store::StoreError;
use crate::telemetry::{self, TelemetryError};
use place::Place;
use shop::Shop;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// The settings that differ from the daemon's own defaults.
const SETTINGS: &str = include_str!("demo/settings.toml");

/// Why the demo could not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A setting.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// An address that the simulated telephones cannot reach.
    #[error("{key} is {address}: the demo's telephones reach 127.0.0.0/8 only")]
    NotLoopback {
        /// Which setting.
        key: &'static str,
        /// Its value.
        address: IpAddr,
    },
    /// The demo's company.
    #[error("the demo's company: {0}")]
    Company(#[from] toml::de::Error),
    /// The demo's licence.
    #[error("the demo's licence: {0}")]
    Licence(#[from] NotSigned),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A socket or a directory, with what to do about it.
    #[error("{0}")]
    System(#[from] io::Error),
    /// The log.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The daemon itself.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Runs the demo until it is told to stop, and takes everything away again that it made.
///
/// # Errors
/// With what was being done and what can be changed.
pub async fn run(options: cli::Demo) -> Result<(), DemoError> {
    let mut config = Config::load_over(SETTINGS)?;
    telemetry::start(&config.log)?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut terminal_closed = signal(SignalKind::hangup())?;
    let place = Place::take(&mut config, &options)?;

    let shop = Arc::new(Shop::open(&mut config)?);
    let address = config.public_url();
    let daemon = Daemon::start(config, rest::routes(shop.clone())).await?;
    shop.register().await;
    println!("Open {address}/ in a browser. Ctrl-C ends the demo.");

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = terminal_closed.recv() => {}
    }
    // Without its callers the daemon has no calls to wait for.
    shop.hang_up_all().await;
    daemon.stop().await;
    drop(place);
    Ok(())
}
