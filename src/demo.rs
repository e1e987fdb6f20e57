//! The demo: a company, phones and callers to play with.
/// Options.
pub async fn run(_: crate::cli::Demo) -> Result<(), crate::daemon::StartError> {
    Ok(())
}
