//! The program `vorrang`: reads the command line and runs what was asked for until it is told to stop.

use sd_notify::NotifyState;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use vorrang::cli::{self, Run};
use vorrang::config::Config;
use vorrang::daemon::{Daemon, StartError};
use vorrang::{demo, telemetry};

fn main() -> ExitCode {
    let result = match cli::run(std::env::args_os()) {
        Run::Exit(code) => return code,
        Run::Serve { config, .. } => actix::System::new().block_on(serve(*config)),
        Run::Demo(options) => actix::System::new().block_on(demo::run(options)),
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
    loop {
        tokio::select! {
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
