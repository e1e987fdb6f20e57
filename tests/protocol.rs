//! Do the front ends speak the daemon's protocol? Their types are generated from it.

use std::path::Path;
use ts_rs::{Config, TS};
use vorrang::protocol::agent::{AgentReply, AgentRequest};
use vorrang::protocol::contacts::{ContactChanged, ContactPerson, ContactSettings, Contacts, MergeInto};
use vorrang::protocol::desk::{
    NewPassword, NewWriteUp, OwnItems, Preferences, SessionView, TemplateView, Transcript, WriteUpView,
};
use vorrang::protocol::rest::{
    AgentEntry, Audit, Calls, Changed, CreatedTask, CurrentSession, Decisions, MoveTo, NewPresence, NewSession,
    NewTask, PhoneView, QueueEntry, ServiceEntry, ThingKind, TrunkView,
};
use vorrang::protocol::visitor::{VisitorReply, VisitorRequest, WidgetView};

/// With this variable set, the files are written instead of compared.
const UPDATE: &str = "UPDATE_PROTOCOL";

#[test]
fn the_front_ends_have_the_protocol_that_the_daemon_speaks() {
    let fresh = tempfile::tempdir().unwrap();
    let config = Config::new().with_out_dir(fresh.path());
    VisitorRequest::export_all(&config).unwrap();
    VisitorReply::export_all(&config).unwrap();
    WidgetView::export_all(&config).unwrap();
    AgentRequest::export_all(&config).unwrap();
    AgentReply::export_all(&config).unwrap();
    NewSession::export_all(&config).unwrap();
    CurrentSession::export_all(&config).unwrap();
    NewPresence::export_all(&config).unwrap();
    Decisions::export_all(&config).unwrap();
    MoveTo::export_all(&config).unwrap();
    NewTask::export_all(&config).unwrap();
    CreatedTask::export_all(&config).unwrap();
    PhoneView::export_all(&config).unwrap();
    TrunkView::export_all(&config).unwrap();
    QueueEntry::export_all(&config).unwrap();
    AgentEntry::export_all(&config).unwrap();
    ServiceEntry::export_all(&config).unwrap();
    Calls::export_all(&config).unwrap();
    Changed::export_all(&config).unwrap();
    ThingKind::export_all(&config).unwrap();
    Audit::export_all(&config).unwrap();
    Contacts::export_all(&config).unwrap();
    ContactPerson::export_all(&config).unwrap();
    ContactSettings::export_all(&config).unwrap();
    ContactChanged::export_all(&config).unwrap();
    MergeInto::export_all(&config).unwrap();
    WriteUpView::export_all(&config).unwrap();
    NewWriteUp::export_all(&config).unwrap();
    Transcript::export_all(&config).unwrap();
    OwnItems::export_all(&config).unwrap();
    TemplateView::export_all(&config).unwrap();
    NewPassword::export_all(&config).unwrap();
    SessionView::export_all(&config).unwrap();
    Preferences::export_all(&config).unwrap();

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web-shared/src/protocol");
    for file in ["agent.ts", "contacts.ts", "desk.ts", "error.ts", "rest.ts", "visitor.ts"] {
        let generated = std::fs::read_to_string(fresh.path().join(file)).unwrap();
        let kept = folder.join(file);
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&kept, generated).unwrap();
        } else {
            let text = std::fs::read_to_string(&kept).unwrap_or_default();
            assert!(text == generated, "{} is out of date: run with {UPDATE}=1", kept.display());
        }
    }
}
