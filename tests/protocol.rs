//! Do the front ends speak the daemon's protocol? Their types are generated from it.

use domain::announcement::{Announcements, Language};
use domain::company::widget::{AgentName, Choice, Field, FieldKind, Position, Texts, Unserved, Widget};
use domain::company::{
    AREAS, ClassificationEntry, CompanyEntry, DayEntry, Dialled, HeadStartEntry, HoursEntry, NumberEntry, RoleEntry,
    TemplateEntry, TrunkTransport, WeekEntry,
};
use domain::file::FileKind;
use domain::queue::{self, Answer, Channel, Strategy};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::Path;
use ts_rs::{Config, TS};
use vorrang::protocol::agent::{AgentReply, AgentRequest};
use vorrang::protocol::contacts::{
    ContactChanged, ContactField, ContactPerson, ContactSettings, Contacts, Identified, ImportNews, Interactions,
    MergeInto,
};
use vorrang::protocol::desk::{
    NewPassword, NewWriteUp, OwnItems, Preferences, SessionView, TemplateView, Transcript, WriteUpView,
};
use vorrang::protocol::rest::{
    AgentEntry, ApiKeyUsed, Audit, Calls, Changed, CreatedTask, CurrentSession, Decisions, HoursImportView,
    HoursOutlookView, Installation, LicenceView, MoveTo, NewPresence, NewSession, NewSetup, NewTask, OutlookView,
    PeopleImported, PhoneView, QueueEntry, SeenView, ServiceEntry, SetupView, ThingKind, TrunkView,
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
    NewSetup::export_all(&config).unwrap();
    SetupView::export_all(&config).unwrap();
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
    ApiKeyUsed::export_all(&config).unwrap();
    SeenView::export_all(&config).unwrap();
    PeopleImported::export_all(&config).unwrap();
    ThingKind::export_all(&config).unwrap();
    Audit::export_all(&config).unwrap();
    Installation::export_all(&config).unwrap();
    LicenceView::export_all(&config).unwrap();
    HoursOutlookView::export_all(&config).unwrap();
    HoursImportView::export_all(&config).unwrap();
    OutlookView::export_all(&config).unwrap();
    Contacts::export_all(&config).unwrap();
    ContactPerson::export_all(&config).unwrap();
    ContactSettings::export_all(&config).unwrap();
    ContactChanged::export_all(&config).unwrap();
    MergeInto::export_all(&config).unwrap();
    ContactField::export_all(&config).unwrap();
    Identified::export_all(&config).unwrap();
    ImportNews::export_all(&config).unwrap();
    Interactions::export_all(&config).unwrap();
    WriteUpView::export_all(&config).unwrap();
    NewWriteUp::export_all(&config).unwrap();
    Transcript::export_all(&config).unwrap();
    OwnItems::export_all(&config).unwrap();
    TemplateView::export_all(&config).unwrap();
    NewPassword::export_all(&config).unwrap();
    SessionView::export_all(&config).unwrap();
    Preferences::export_all(&config).unwrap();

    std::fs::write(fresh.path().join("keys.ts"), keys()).unwrap();

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web-shared/src/protocol");
    for file in ["agent.ts", "contacts.ts", "desk.ts", "error.ts", "keys.ts", "rest.ts", "visitor.ts"] {
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

/// All keys of a company's settings, so that a form can be seen to have a field for each.
fn keys() -> String {
    let keys = json!({
        // Reasons for breaks are things of their own.
        "company": known::<CompanyEntry>(&json!({"": 0})).into_iter().filter(|key| key != "break_reasons").collect::<Vec<_>>(),
        "queues": known::<vorrang::store::QueueEntry>(&json!({"": 0})),
        "queues.head_start_s": known::<HeadStartEntry>(&json!({"": 0})),
        "queues.announcements": known::<Announcements>(&json!({"": 0})),
        "agents": known::<vorrang::store::AgentEntry>(&json!({"": 0})),
        "numbers": known::<NumberEntry>(&json!({"": 0})),
        "trunks": known::<vorrang::store::TrunkEntry>(&json!({"": 0})),
        "services": known::<domain::company::ServiceEntry>(&json!({"": 0})),
        "services.widget": known::<Widget>(&json!({"": 0})),
        "services.widget.texts": known::<Texts>(&json!({"": 0})),
        "services.widget.form": known::<Field>(&json!({"": 0})),
        "services.widget.form.choices": known::<Choice>(&json!({"": 0})),
        "classifications": known::<ClassificationEntry>(&json!({"": 0})),
        "templates": known::<TemplateEntry>(&json!({"": 0})),
        "hours": known::<HoursEntry>(&json!({"": 0})),
        "hours.week": known::<WeekEntry>(&json!({"": 0})),
        "hours.days": known::<DayEntry>(&json!({"": 0})),
        "api_keys": known::<vorrang::store::ApiKeyEntry>(&json!({"": 0})),
        "roles": known::<RoleEntry>(&json!({"": 0})),
    });
    let mut words = json!({
        "queues.strategy": known::<Strategy>(&json!("")),
        "queues.push": known::<Channel>(&json!("")),
        "queues.unserved": known::<queue::Unserved>(&json!("")),
        "queues.closed": known::<queue::Unserved>(&json!("")),
        "queues.answer": known::<Answer>(&json!("")),
        "queues.announcements.language": known::<Language>(&json!("")),
        "trunks.transport": known::<TrunkTransport>(&json!("")),
        "trunks.number": known::<Dialled>(&json!("")),
        "services.widget.languages": known::<Language>(&json!("")),
        "services.widget.position": known::<Position>(&json!("")),
        "services.widget.agent_name": known::<AgentName>(&json!("")),
        "services.widget.unserved": known::<Unserved>(&json!("")),
        "services.widget.attachments_kinds": known::<FileKind>(&json!("")),
        "services.widget.form.kind": known::<FieldKind>(&json!("")),
    });
    for area in AREAS {
        let levels: Vec<&str> = area.levels().iter().map(|level| level.as_str()).collect();
        words[format!("roles.{}", area.as_str())] = json!(levels);
    }
    let table = |name: &str, says: &str, rows: &Value| {
        format!("\n/** {says} */\nexport const {name}: Record<string, readonly string[]> = {rows:#};\n")
    };
    let head =
        "// This file was generated from how the daemon reads a company's settings. Do not edit this file manually.\n";
    let keys = table("KEYS", "The keys of the settings of each kind, and of what stands in them.", &keys);
    let words = table("WORDS", "The words that may stand at a key.", &words);
    format!("{head}{keys}{words}")
}

/// What serde says that it expects where it finds something else.
fn known<T: DeserializeOwned>(other: &Value) -> Vec<String> {
    let why = T::deserialize(other).err().map(|why| why.to_string()).unwrap_or_default();
    let (_, expected) = why.split_once("expected ").unwrap_or_else(|| panic!("`{why}` names nothing"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
