//! A company's file and its audit: written, read again, looked at before it is applied, and who changed what.
//! Never what a company may be like: that is asked of `domain::company`.

mod removal;

pub use removal::{exported, run_vorrang, vorrang};

use domain::company::{Change, Company, Difference, Thing};
use domain::id::CompanyId;
use domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::process::Command;
use vorrang::cli;
use vorrang::store::{
    Application, Archive, AuditEntry, Author, CompanyFile, Hashed as _, Offline, Secret, StoreError, TrunkEntry,
};

const COMPANY: CompanyId = CompanyId(1);

/// A company that uses every key.
const FULL: &str = r#"
[company]
name = "Beispiel GmbH"
break_reasons = ["lunch", "training"]
keep_withheld_numbers = true
country = "AT"
time_zone = "Europe/Zurich"
licence = "v4.public.as-it-was-issued"
contact_fields = [{ name = "Since", holds = "date" }, { name = "Rating", holds = "choice", choices = ["Gold", "Silver"] }]

[[queue]]
name = "Support"
exclusive = true
ring_s = 15
call_wrap_up_s = 20
chat_wrap_up_s = 25
strategy = "skill"
push = ["chat", "email"]
head_start_s = { call = 300, chat = "strict" }
waiting_max = 30
wait_max_s = 600
overflow = "Sales"
unserved = "overflow"
hours = "Shop"
closed = "wait"
chats_max = 4
answer = "with_agent"
music = "/srv/song.wav"
announcements = { language = "en", welcome = false, please_wait = "/srv/wait.wav", closed = "/srv/closed.wav", every_s = 40, position = false }

[[queue]]
name = "Sales"

[[agent]]
login_name = "anna"
display_name = "Anna Ader"
password = "the door's secret"
role = ["administrator", "Night shift"]
active = false
phone = "anna-phone"
phone_password = "the wire's secret"
voice_only = true
chats_max = 2
queues = ["Sales", "Support"]
skills = { Support = 7 }

[[agent]]
login_name = "rosa"
password = "the door's secret"
phone = "sip:rosa@192.0.2.7:5070"

[[role]]
name = "Night shift"
answers = false
contacts = "read"
contact_data = "read"
records = "read_queues"
work = "change_queues"
people = "change"
lines = "read"
company = "read"
audit = "read"

[[api_key]]
name = "Reports"
token = "a-token-0123456789-0123456789-0123456789"
roles = ["Night shift"]
queues = ["Sales"]
until = "2099-12-31"

[[number]]
number = "4930123"
queue = "Support"

[[classification]]
code = "order"
label = "Order"
queues = ["Support"]

[[classification]]
code = "order.late"
label = "Comes late"
parent = "order"

[[template]]
name = "hello"
text = "Hello {visitor}"
language = "en"
queues = ["Support"]

[[hours]]
name = "Shop"
week.mon = ["09:00-12:30", "13:00-18:00"]
week.sun = ["22:00-06:00+1"]
days = [{ date = "2026-12-24", name = "Heiligabend", open = ["09:00-12:00"] }, { date = "2026-12-25" }]
closed_until = "2026-12-01T11:00:00Z"

[[hours]]
name = "Fair"
open_until = "2026-12-01T20:00:00Z"

[[trunk]]
name = "by address"
address = ["192.0.2.0/24", "2001:db8::7"]
server = "gw.example.com"

[[trunk]]
name = "by password"
user = "branch"
password = "the branch's secret"

[[trunk]]
name = "registered"
registrar = "[2001:db8::1]:5070"
transport = "tcp"
user = "0301234"
login = "me@example.com"
password = "the provider's secret"
expires_s = 300
probe_s = 0
number = "to"

[[chat_service]]
token = "tok-2"
name = "Website"
queue = "Sales"
active = false
hours = "Shop"
telephone = "+49 30 123456"
previous_token = "tok-1"
previous_token_until = "2027-01-31T00:00:00Z"
identify_key = "the key with which the shop proves"

[chat_service.widget]
origins = ["https://shop.example", "https://*.example.org"]
languages = ["de", "en"]
accent = '#2f5bd0'
position = "left"
agent_name = "first"
unserved = "form"
attachments = true
attachments_max_mb = 5
attachments_kinds = ["png", "pdf"]
rating = true
transcript = false
opens_after_s = 30
texts.de = { greeting = "Moin", waiting = "Gleich", away = "Zu", on_the_phone = "Telefon", consent = "Einverstanden?" }
[[chat_service.widget.form]]
key = "topic"
kind = "choice"
needed = true
label = { de = "Thema", en = "Topic" }
choices = [{ value = "bikes", label = { de = "Räder", en = "Bikes" } }]
"#;

#[test]
fn an_exported_company_applied_again_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = offline(directory.path(), "one.db");
    apply(&mut store, &file(FULL));
    let before = store.floor(COMPANY).unwrap().unwrap();
    let text = cli::company::text(&before, "vorrang").unwrap();
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains("# The password that we prove to the trunk \"registered\" is not written here"), "{text}");

    assert_eq!(words(&apply(&mut store, &file(&text))), [] as [&str; 0]);
    assert_eq!(store.floor(COMPANY).unwrap().unwrap(), before);

    let mut other = offline(directory.path(), "other.db");
    let mut elsewhere = file(&text);
    let why = other.apply(&elsewhere, &Application::by("test", "vorrang")).unwrap_err().to_string();
    assert_eq!(why, "trunk registered: password: the user `0301234` needs a password");
    let is_registered = |trunk: &&mut TrunkEntry| trunk.registrar.is_some();
    elsewhere.trunks.iter_mut().find(is_registered).unwrap().password = Some("the provider's secret".to_owned());
    elsewhere.services[0].identify_key = Some(Secret("the key with which the shop proves".to_owned()));
    apply(&mut other, &elsewhere);
    assert_eq!(other.floor(COMPANY).unwrap().unwrap(), before);
}

#[test]
fn the_full_company_uses_every_key_that_is_documented_and_the_export_writes_all_but_passwords() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = offline(directory.path(), "one.db");
    apply(&mut store, &file(FULL));
    let text = cli::company::text(&store.floor(COMPANY).unwrap().unwrap(), "vorrang").unwrap();
    let operations = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md")).unwrap();
    let table = operations.split("## The company file").nth(1).unwrap().split("\n## ").next().unwrap();
    let first_cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let keys: Vec<&str> =
        first_cells.flat_map(|cell| cell.split('`')).filter_map(|name| name.rsplit(['.', '…']).next()).collect();
    let keys: Vec<&str> = keys.into_iter().filter(|key| !key.trim_matches([',', ' ']).is_empty()).collect();
    assert!(keys.len() > 50, "{keys:?}");
    for key in keys {
        let is_plain = matches!(key, "password" | "phone_password" | "identify_key");
        assert_eq!(
            text.contains(&format!("{key} = ")) || text.contains(&format!(".{key}]")),
            !is_plain,
            "{key} in {text}"
        );
    }
}

#[test]
fn each_change_leaves_one_entry_and_one_that_changes_nothing_none() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = offline(directory.path(), "one.db");
    let begin = "[company]\nname = \"Beispiel GmbH\"\n";
    apply(&mut store, &file(&format!("{begin}[[queue]]\nname = \"Q\"")));
    let made = audit(directory.path());
    assert_eq!(
        told(&made),
        ["company Beispiel GmbH: new: keep_withheld_numbers = false", "queue Q: new: exclusive = false"]
    );
    assert!(made.iter().all(|entry| entry.author == Author::Operator("test".to_owned()) && entry.at > Timestamp(0)));

    let mut seen = made.len();
    let mut leaves = |store: &mut Offline, what: &str, expected: &str| {
        let entries = audit(directory.path());
        let new: Vec<String> = told(&entries)[seen..].to_vec();
        let expected: Vec<String> = Some(expected.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(new, expected, "{what}");
        let shown = format!("{:?}", &entries[seen..]);
        assert!(!shown.contains("long enough") && !shown.contains("argon2"), "{shown}");
        seen = entries.len();
        assert!(store.floor(COMPANY).unwrap().is_some());
    };
    for (entry, expected) in [
        ("[[role]]\nname = \"Leads\"\nwork = \"read\"", "role Leads: new: answers = true, work = \"read\""),
        ("keep_withheld_numbers = true", "company Beispiel GmbH: changed: keep_withheld_numbers false -> true"),
        ("break_reasons = [\"lunch\"]", "break reason lunch: new"),
        ("[[queue]]\nname = \"Q\"\nring_s = 15", "queue Q: changed: ring_s = 15"),
        ("[[queue]]\nname = \"Q\"\nring_s = 20", "queue Q: changed: ring_s 15 -> 20"),
        (
            "[[agent]]\nlogin_name = \"anna\"\npassword = \"long enough\"\nphone = \"anna\"\nphone_password = \"long enough\"",
            "agent anna: new: active = true, display_name = \"anna\", password_hash = \"(secret)\", phone = \"anna\", \
             phone_ha1_md5 = \"(secret)\", phone_ha1_sha256 = \"(secret)\", queues = [], role = [\"agent\"], voice_only = false",
        ),
        ("[[agent]]\nlogin_name = \"anna\"\nqueues = [\"Q\"]", "agent anna: changed: queues [] -> [\"Q\"]"),
        (
            "[[agent]]\nlogin_name = \"anna\"\nphone_password = \"long enough too\"",
            "agent anna: changed: phone_ha1_md5 is another, phone_ha1_sha256 is another",
        ),
        ("[[number]]\nnumber = \"1\"\nqueue = \"Q\"", "number 1: new: queue = \"Q\""),
        (
            "[[trunk]]\nname = \"t\"\naddress = \"192.0.2.1\"",
            "trunk t: new: address = [\"192.0.2.1\"], number = \"request_uri\"",
        ),
        ("[[trunk]]\nname = \"t\"\nnumber = \"to\"", "trunk t: changed: number \"request_uri\" -> \"to\""),
        (
            "[[chat_service]]\ntoken = \"tok\"\nqueue = \"Q\"",
            "chat_service tok: new: active = true, name = \"tok\", queue = \"Q\", token = \"tok\"",
        ),
        (
            "[[chat_service]]\ntoken = \"tok\"\nqueue = \"Q\"\nactive = false",
            "chat_service tok: changed: active true -> false",
        ),
    ] {
        apply(&mut store, &file(&format!("{begin}{entry}")));
        leaves(&mut store, entry, expected);
        apply(&mut store, &file(&format!("{begin}{entry}")));
        leaves(&mut store, "the same again", "");
    }
    let anna = || "anna".to_owned();
    let own = Secret::hash("long enough for anna").unwrap();
    let boss = Author::Operator("boss".to_owned());
    for (change, expected) in [
        (Change::Activate { login_name: anna(), active: false }, "agent anna: changed: active true -> false"),
        (Change::Activate { login_name: anna(), active: false }, ""),
        (Change::Activate { login_name: anna(), active: true }, "agent anna: changed: active false -> true"),
        (Change::Password { login_name: anna(), hash: own.clone() }, "agent anna: changed: password_hash is another"),
        (Change::Password { login_name: anna(), hash: own }, ""),
        (Change::Remove(Thing::Agent(anna())), "agent anna: removed"),
        (Change::Remove(Thing::Number("1".to_owned())), "number 1: removed"),
        (Change::Remove(Thing::Trunk("t".to_owned())), "trunk t: removed"),
        (Change::Remove(Thing::Service("tok".to_owned())), "chat_service tok: removed"),
        (Change::Remove(Thing::BreakReason("lunch".to_owned())), "break reason lunch: removed"),
        (Change::Remove(Thing::Queue("Q".to_owned())), "queue Q: removed"),
    ] {
        store.change(COMPANY, std::slice::from_ref(&change), &boss).unwrap();
        leaves(&mut store, &format!("{change:?}"), expected);
    }
    let last = audit(directory.path()).pop().unwrap();
    assert_eq!(last.author, boss);
    let mut since = vec![];
    let archive = &mut Archive::open(&directory.path().join("one.db")).unwrap();
    archive.audit(COMPANY, Timestamp(last.at.0 + 1), |entry| since.push(entry)).unwrap();
    assert_eq!(since, []);
}

/// A file with something wrong in each of its things.
const WRONG: &str = r#"[company]
name = "One"
break_reasons = ["tea", "tea"]
[[queue]]
name = "Service"
push = ["call"]
chats_max = 0
overflow = "Nowhere"
music = "missing.wav"
[[queue]]
name = "Service"
[[agent]]
login_name = "anna"
password = "short"
phone = "p"
queues = ["Sales"]
[[number]]
number = "4711"
queue = "Sales"
[[trunk]]
name = "provider"
address = "nowhere"
probe_s = 60
[[chat_service]]
token = "shop"
queue = "Service"
telephone = "call us"
"#;

#[test]
fn all_that_is_wrong_with_a_file_is_said_at_once_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let (file, config) = (directory.path().join("company.toml"), directory.path().join("config.toml"));
    std::fs::write(&file, WRONG).unwrap();
    std::fs::write(&config, "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vorrang"));
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("VORRANG_")) {
        command.env_remove(key);
    }
    command.args(["company", "apply"]).arg(&file).arg("--config").arg(config);
    let output = command.env("VORRANG_STORE__PATH", directory.path().join("vorrang.db")).output().unwrap();
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let (said, name) = (said.strip_suffix("\nnothing was changed\n").unwrap(), file.display().to_string());
    let said = said.strip_prefix("vorrang: ").unwrap().replace(&format!("{name}:"), "");
    let said = said.replace(&format!("{}/", directory.path().display()), "");
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "3: break reason tea: is there twice, expected once",
            "6: queue Service: push: calls always are; expected callback, chat, email or work_item",
            "7: queue Service: chats_max: expected 1 or more",
            "8: queue Service: overflow: there is no queue `Nowhere`, expected one of: Service",
            "9: queue Service: music: read sound missing.wav: No such file or directory (os error 2) \
             (accepted: WAV, PCM of 8, 16, 24 or 32 bits or 32-bit float)",
            "11: queue Service: is there twice, expected once",
            "13: agent anna: phone_password: the phone p needs a phone_password to register",
            "14: agent anna: password: the password is too short, expected 8 characters or more",
            "16: agent anna: queues: there is no queue `Sales`, expected one of: Service",
            "19: number 4711: queue: there is no queue `Sales`, expected one of: Service",
            "22: trunk provider: address: found `nowhere`, expected an IP address or a network such as 192.0.2.0/24",
            "23: trunk provider: probe_s: only with a registrar or a server",
            "27: chat_service shop: telephone: expected 6 to 20 digits, as in \"+49 30 123456\"",
        ]
    );
}

#[test]
fn a_refused_change_leaves_neither_rows_nor_an_entry() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = offline(directory.path(), "one.db");
    apply(&mut store, &file(FULL));
    let (before, entries) = (store.floor(COMPANY).unwrap(), audit(directory.path()).len());
    let queue = Change::Remove(Thing::Queue("Support".to_owned()));
    let why = store.change(COMPANY, &[queue], &Author::Operator("test".to_owned())).unwrap_err();
    let expected = "queue Support: is still used by number 4930123, classification order, template hello (change or remove them first)";
    assert!(matches!(why, StoreError::Refused(ref why) if why.to_string() == expected), "{why}");
    assert_eq!((store.floor(COMPANY).unwrap(), audit(directory.path()).len()), (before, entries));
}

#[test]
fn a_dry_run_says_what_would_change_and_pruning_takes_out_what_the_file_leaves_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = offline(directory.path(), "one.db");
    let how = Application::by("test", "vorrang");
    assert_eq!(store.plan(&file(FULL), &how).unwrap().len(), 19);
    assert_eq!((store.companies().unwrap(), audit_of(directory.path(), "one.db")), (vec![], vec![]));

    apply(&mut store, &file(FULL));
    let less = "[company]\nname = \"Beispiel GmbH\"\nbreak_reasons = [\"lunch\"]\n[[queue]]\nname = \"Sales\"\n\
                [[agent]]\nlogin_name = \"rosa\"\ndisplay_name = \"Rosa\"\n\
                [[chat_service]]\ntoken = \"tok-3\"\nqueue = \"Sales\"\nhours = \"\"\nprevious_token = \"tok-2\"\n\
                previous_token_until = \"2027-01-31T00:00:00Z\"";
    let pruning = Application { prune: true, ..how.clone() };
    let before = store.floor(COMPANY).unwrap();
    assert_eq!(
        words(&store.plan(&file(less), &how).unwrap()),
        [
            "agent rosa: changed: display_name \"rosa\" -> \"Rosa\"",
            "chat_service tok-3: changed: hours no longer \"Shop\", previous_token \"tok-1\" -> \"tok-2\", token \"tok-2\" -> \"tok-3\"",
        ]
    );
    let planned = words(&store.plan(&file(less), &pruning).unwrap());
    assert_eq!(store.floor(COMPANY).unwrap(), before, "planning changes nothing");
    assert_eq!(
        planned,
        [
            "queue Support: removed",
            "break reason training: removed",
            "agent rosa: changed: display_name \"rosa\" -> \"Rosa\"",
            "agent anna: removed",
            "number 4930123: removed",
            "trunk by address: removed",
            "trunk by password: removed",
            "trunk registered: removed",
            "chat_service tok-3: changed: hours no longer \"Shop\", previous_token \"tok-1\" -> \"tok-2\", token \"tok-2\" -> \"tok-3\"",
            "classification order: removed",
            "classification order.late: removed",
            "template hello: removed",
            "hours Shop: removed",
            "hours Fair: removed",
            "role Night shift: removed",
            "api_key Reports: removed",
        ]
    );
    assert_eq!(words(&store.apply(&file(less), &pruning).unwrap()), planned);
    assert_eq!(words(&store.apply(&file(less), &pruning).unwrap()), [] as [&str; 0]);
}

#[test]
fn what_was_removed_keeps_its_name_and_its_id_and_others_may_have_what_was_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = offline(directory.path(), "one.db");
    apply(&mut store, &file(FULL));
    let before = store.floor(COMPANY).unwrap().unwrap();
    let nothing = file("[company]\nname = \"Beispiel GmbH\"");
    store.apply(&nothing, &Application { prune: true, ..Application::by("test", "vorrang") }).unwrap();
    let empty = store.floor(COMPANY).unwrap().unwrap();
    assert_eq!((empty.agents.len(), empty.queues.len(), empty.services.len(), empty.trunks.len()), (0, 0, 0, 0));
    let names = |company: &Company| {
        let agents = before.agents.iter().map(|agent| company.agent_name(agent.id).to_owned());
        agents.chain(before.queues.iter().map(|queue| company.queue_name(queue.id).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(names(&empty), names(&before));
    assert!(store.agent_by_login("anna").unwrap().is_none());

    let other = FULL.replace("Beispiel GmbH", "Other");
    apply(&mut store, &file(&other));
    apply(
        &mut store,
        &file(
            &FULL
                .replace("anna", "anne")
                .replace("rosa", "ros")
                .replace("tok-", "t-")
                .replace("a-token", "b-token")
                .replace("branch", "b")
                .replace("4930123", "4930124"),
        ),
    );
    let again = store.floor(COMPANY).unwrap().unwrap();
    let highest = before.queues.iter().map(|queue| queue.id).max();
    assert!(again.queues.iter().all(|queue| Some(queue.id) > highest), "{:?}", again.queues);
    let taken = store.apply(&file(FULL), &Application::by("test", "vorrang")).unwrap_err().to_string();
    assert!(taken.lines().any(|line| line == "agent anna: belongs to another company"), "{taken}");
}

fn audit(directory: &Path) -> Vec<AuditEntry> {
    audit_of(directory, "one.db")
}

fn audit_of(directory: &Path, name: &str) -> Vec<AuditEntry> {
    let mut entries = vec![];
    let mut archive = Archive::open(&directory.join(name)).unwrap();
    archive.audit(COMPANY, Timestamp(0), |entry| entries.push(entry.unwrap())).unwrap();
    entries
}

fn told(entries: &[AuditEntry]) -> Vec<String> {
    entries.iter().map(|entry| entry.difference.words()).collect()
}

fn words(found: &[Difference]) -> Vec<String> {
    found.iter().map(Difference::words).collect()
}

fn offline(directory: &Path, name: &str) -> Offline {
    let path: PathBuf = directory.join(name);
    Offline::open(&path).unwrap()
}

fn apply(store: &mut Offline, file: &CompanyFile) -> Vec<Difference> {
    store.apply(file, &Application::by("test", "vorrang")).unwrap()
}

fn file(text: &str) -> CompanyFile {
    toml::from_str(text).unwrap()
}
