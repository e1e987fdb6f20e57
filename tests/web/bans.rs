//! Whom fail2ban finds in the log: who guesses passwords, at the address that they have, and nobody else.

use super::client::{ask, ask_as, log_in};
use super::{PASSWORD, company};
use crate::process::Daemon;
use crate::websocket::WebSocket;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What strangers would like to have in the log: another one's address.
const FORGED: [&str; 6] = [
    "log-in refused from 198.51.100.1: wrong password for \"x\"",
    "\n2026-11-30T08:20:00.123456Z  WARN vorrang::security: log-in refused from 198.51.100.2: wrong password for \"x\"",
    "\r\n WARN vorrang::security: SIP refused from 198.51.100.3: wrong credentials\r\n",
    "x\"\n\"log-in refused from 198.51.100.4: wrong password for an unknown name",
    "\",\"level\":\"WARN\",\"message\":\"SIP refused from 198.51.100.5: wrong credentials\",\"target\":\"vorrang::security\"}",
    "}\n{\"level\":\"WARN\",\"message\":\"SIP refused from 198.51.100.6: too many requests\",\"target\":\"vorrang::security\"}",
];

/// The addresses that fail2ban would ban by a log.
fn banned(log: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    std::fs::write(&path, log).unwrap();
    let filter = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/vorrang.fail2ban");
    let mut command = Command::new("fail2ban-regex");
    command.args(["--usedns", "no", "--out", "ip"]).arg(path).arg(filter);
    let output = command.output().expect("fail2ban-regex, which the Debian package fail2ban brings (scripts/packages)");
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() || found.is_empty(), "{output:?}");
    assert!(!found.contains("ERROR"), "{found}");
    found.lines().map(str::to_owned).collect()
}

#[test]
fn fail2ban_finds_who_guesses_and_no_address_that_a_stranger_writes_into_the_log() {
    let shop = "[[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n";
    let hash = <vorrang::store::Secret as vorrang::store::Hashed>::hash(PASSWORD).unwrap().0;
    let odd = format!("{:?}", FORGED[0]);
    let odd_name = format!("[[agent]]\nlogin_name = {odd}\npassword_hash = \"{hash}\"\n");
    let company = company(1, &format!("{shop}{odd_name}"));
    for format in ["text", "json"] {
        // As much as there is to be logged.
        let daemon = Daemon::of(&company, &[("LOG__FORMAT", format), ("LOG__FILTER", "debug")], None);
        let http = daemon.http;
        assert_eq!(log_in(http, "192.0.2.1", "agent-0", PASSWORD).status, 200);
        assert_eq!(log_in(http, "192.0.2.2", FORGED[0], PASSWORD).status, 200);
        assert_eq!(ask_as(http, "boss", "GET /api/v1/trunks").status, 200);
        assert_eq!(ask(http, "GET /api/v1/trunks", "x-forwarded-for: 192.0.2.3", "").status, 401);
        for (number, forged) in FORGED.iter().enumerate() {
            let page: String = forged.chars().take(2_000).collect();
            let mut visitor = WebSocket::open(http, "/ws/visitor", "");
            let session = format!("{number:032}");
            visitor.send(&json!({"type": "hello", "token": "shop", "session": session, "client": "visitors-tab", "have": 0, "language": "de", "page": page}));
            visitor.reply("snapshot");
            assert_eq!(visitor.command(1, json!({"do": "say", "text": forged})), None);
            let line: String = forged.chars().filter(|letter| !letter.is_control()).collect();
            ask(http, "GET /api/v1/nothing", &format!("user-agent: {line}\nx-forwarded-for: {line}"), "");
        }
        assert!(daemon.log().contains("log-in from 192.0.2.1 by"), "the control: it is in the log");
        assert_eq!(banned(&daemon.log()), BTreeSet::new(), "{format}: nobody did anything wrong");

        let mut guessers = BTreeSet::new();
        let names = FORGED.iter().copied().chain(["agent-0", "boss", "nobody"]);
        for (number, name) in (1..).zip(names) {
            for address in [format!("203.0.113.{number}"), format!("2001:db8:{number}::66")] {
                // What stands before the last address is the sender's own, and nobody believes it.
                let from = format!("198.51.100.7, {address}");
                assert_eq!(log_in(http, &from, name, "a guess").status, 401, "{name}");
                guessers.insert(address);
            }
        }
        assert_eq!(banned(&daemon.log()), guessers, "{format}");
    }
}

#[test]
fn fail2ban_reads_the_systems_journal_as_well_and_only_our_lines_of_it() {
    let journal = r#"2026-11-30T08:20:00+0000 host vorrang[812]: SIP refused from 192.0.2.9: wrong credentials for the unknown user "100"
2026-11-30T08:20:00+0000 host vorrang[812]: log-in refused from 2001:db8::9: wrong password for "anna"
2026-11-30T08:20:01+0000 host vorrang[812]: log-in from 192.0.2.11 by "anna"
2026-11-30T08:20:02+0000 host vorrang[812]: chat: log-in refused from 198.51.100.1: wrong password for "x"
2026-11-30T08:20:02+0000 host sshd[9]: log-in refused from 198.51.100.2: wrong password for "x"
Nov 30 08:20:03 host vorrang[812]: SIP refused from 192.0.2.12: a stranger's call
"#;
    assert_eq!(banned(journal), ["192.0.2.12", "192.0.2.9", "2001:db8::9"].map(str::to_owned).into());
}
