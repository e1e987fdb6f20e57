//! The centre that is called: its company, and its people at work.

use crate::shared::daemon::{Daemon, Under, password_hash};
use crate::shared::{Result, doing};
use std::fmt::Write as _;

/// Whom callers dial to reach an agent.
pub const AGENTS: &str = "4930100";
/// Whom they dial to hear music for ever: a queue that nobody serves.
pub const MUSIC: &str = "4930200";
/// Where the phones of all agents are.
pub const PHONES: &str = "127.0.0.3:5070";
/// Where callers come from.
pub const CALLERS: &str = "127.0.0.2";

/// All as it is by default, but for addresses, wrap-up, the number of calls, and callers who may be silent.
const SETTINGS: &str = "[media]\naddress = \"127.0.0.1\"\nsilence_s = 0\n[agent]\ncall_wrap_up_s = 0\n\
                        [limits]\ncalls = 4000\n";

/// A daemon with so many agents, all at work. `VOICE_DAEMON` names another one than the one just built.
pub fn centre(agents: usize, under: Under) -> Result<Daemon> {
    let daemon = Daemon::start(SETTINGS, &company(agents)?, "VOICE_DAEMON", under)?;
    let boss = daemon.session("boss")?;
    (0..agents).try_for_each(|agent| daemon.log_in(&boss, &format!("a{agent}")))?;
    Ok(daemon)
}

fn company(agents: usize) -> Result<String> {
    let hash = password_hash()?;
    let mut text = format!(
        "[company]\nname = \"Bench\"\n[[queue]]\nname = \"Service\"\n[[queue]]\nname = \"Music\"\n\
         [[agent]]\nlogin_name = \"boss\"\nrole = \"supervisor\"\npassword_hash = \"{hash}\"\nqueues = []\n\
         [[number]]\nnumber = \"{AGENTS}\"\nqueue = \"Service\"\n[[number]]\nnumber = \"{MUSIC}\"\nqueue = \"Music\"\n\
         [[trunk]]\nname = \"callers\"\naddress = \"{CALLERS}\"\n"
    );
    for agent in 0..agents {
        write!(
            text,
            "[[agent]]\nlogin_name = \"a{agent}\"\npassword_hash = \"{hash}\"\nvoice_only = true\n\
             queues = [\"Service\"]\nphone = \"sip:a{agent}@{PHONES}\"\n"
        )
        .map_err(doing("write the company"))?;
    }
    Ok(text)
}
