//! The program `vorrang`: reads the command line and runs what was asked for until it is told to stop.

use sd_notify::NotifyState;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use vorrang::cli::{self, EXIT_CONFIG, Run};
use vorrang::config::Config;
use vorrang::daemon::{self, Daemon, Problem, StartError, Weight};
use vorrang::{demo, telemetry};

/// A third of the unit's WatchdogSec.
const WATCHDOG_EVERY: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let result = match cli::run(std::env::args_os()) {
        Run::Exit(code) => return code,
        Run::Check { config, file } => return check(&config, file.as_deref()),
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

/// Says all that would hinder the daemon, and what else is not as it was meant.
fn check(config: &Config, file: Option<&Path>) -> ExitCode {
    let problems = daemon::check(config);
    for Problem { key, what, weight } in &problems {
        let word = if *weight == Weight::Warning { "warning: " } else { "" };
        eprintln!("vorrang: {word}{}: {what}", Config::place(file, key));
    }
    if problems.iter().any(|problem| problem.weight != Weight::Warning) {
        return ExitCode::from(EXIT_CONFIG);
    }
    println!("the settings are right");
    ExitCode::SUCCESS
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
                daemon.reload().await;
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
