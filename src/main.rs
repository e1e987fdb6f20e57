//! The program `vorrang`: reads the command line and runs what was asked for until it is told to stop.

use sd_notify::NotifyState;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use vorrang::cli::{self, Run};
use vorrang::config::Config;
use vorrang::daemon::{Daemon, StartError};
use vorrang::{demo, telemetry};

/// A third of the unit's WatchdogSec.
const WATCHDOG_EVERY: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let result = match cli::run(std::env::args_os()) {
        Run::Exit(code) => return code,
        Run::Serve { config } => actix::System::new().block_on(serve(*config)).map_err(|error| error.to_string()),
        Run::Demo(options) => actix::System::new().block_on(demo::run(options)).map_err(|error| error.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vorrang: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    telemetry::start(&config.log)?;
    let (mut stop, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut reload = signal(SignalKind::hangup())?;
    let daemon = Daemon::start(config, |_| {}).await?;
    tell_service_manager(&[NotifyState::Ready]);
    let mut watchdog = tokio::time::interval(WATCHDOG_EVERY);
    loop {
        tokio::select! {
            _ = watchdog.tick() => {
                // A thread that hangs keeps this one waiting, and the service manager starts the daemon anew.
                if daemon.is_alive().await {
                    tell_service_manager(&[NotifyState::Watchdog]);
                }
            }
            _ = stop.recv() => break,
            _ = interrupt.recv() => break,
            _ = reload.recv() => {
                tell_service_manager(&[NotifyState::Reloading, NotifyState::monotonic_usec_now()?]);
                if let Err(error) = daemon.reload().await {
                    tracing::error!(%error, "nothing was changed");
                }
                tell_service_manager(&[NotifyState::Ready]);
            }
        }
    }
    tell_service_manager(&[NotifyState::Stopping]);
    daemon.stop().await;
    Ok(())
}

fn tell_service_manager(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
