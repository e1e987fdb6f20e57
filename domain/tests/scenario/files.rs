//! The scenarios' files, by name: a test for each of them is made of this list.
//! Nothing here opens one.

use std::path::{Path, PathBuf};

/// Gives the names of all files, with `_` for `-`, to a macro that makes something of each.
macro_rules! for_each_file {
    ($make:ident) => {
        $make! {
            activate_during_call_wrap_up
            agent_dials_out
            agent_leaves_queue
            agent_turns_away_while_it_rings
            all_chats_parked
            answer_crosses_time_out
            answered_with_an_agent
            blind_transfer
            break_while_busy
            browser_lost
            busy_agent_last
            busy_desk
            call_declined
            call_not_answered
            call_takes_precedence
            call_wrap_up
            callback
            caller_hangs_up_while_it_rings
            chat_picked
            chat_transferred
            consultation_and_hold
            crash_before_commit
            crowd
            customer_known
            daemon_restarted
            everybody_missed_or_declined
            free_while_busy_rings
            logout
            logout_during_call
            logout_while_it_rings
            long_chat
            messages
            moved_while_offered
            next_call_waits
            nobody_serves_the_queue
            notes
            other_item_before_resume
            park_and_activate
            parked_chat_ended
            phone_busy_or_unreachable
            preempted_chat_ended
            preempted_for_long
            pushed_chat_not_activated
            pushed_chats
            queue_holds_everything
            second_call
            strategies
            two_calls_race
            two_tabs
            visitor_browser_lost
            visitor_ends_while_it_rings
            visitor_idle
            visitor_takes_callback_or_email
            visitor_wants_another_agent
            visitor_writes_while_parked
            wrap_up_at_logout
            wrap_up_parked
            wrap_up_shields
        }
    };
}
pub(crate) use for_each_file;

macro_rules! names {
    ($($name:ident)*) => {
        /// The names of all files, with `_` for `-`.
        pub const FILES: &[&str] = &[$(stringify!($name)),*];
    };
}
for_each_file!(names);

/// The file with this name.
pub fn file(name: &str) -> String {
    format!("{}.scenario", name.replace('_', "-"))
}

/// Where the files are, from this crate or from the one that holds the daemon.
pub fn folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let candidates = ["tests/scenarios", "domain/tests/scenarios"].map(|folder| here.join(folder));
    candidates.into_iter().find(|folder| folder.join("README.md").exists()).unwrap_or_default()
}
