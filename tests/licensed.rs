//! The licences of the tests' companies: a key of this run's own, and what is issued with it.
//! Never asks for the time: its licences hold from 1970 on, for a century and more, unless a test says when.

use domain::licence::{CHAT, Licence};
use domain::time::Timestamp;
use std::sync::LazyLock;
use vorrang::licence::SecretKey;

static KEY: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate().expect("a key"));

/// What belongs into `licence.public_key`.
pub fn public_key() -> String {
    KEY.public().to_string()
}

/// A licence by which nothing stands in the way of a company's chats.
pub fn licence(company: &str) -> Licence {
    Licence {
        number: "1".to_owned(),
        company: company.to_owned(),
        channels: [CHAT.to_owned()].into(),
        agents: 10_000,
        from: Timestamp(0),
        until: Timestamp(8_000_000_000_000),
        grace_days: 0,
    }
}

/// It as it is installed.
pub fn issued(licence: &Licence) -> String {
    KEY.issue(licence).expect("a licence")
}

/// A company's file with its licence, unless it says something of that itself.
pub fn with_licence(file: &str) -> String {
    let table: toml::Table = toml::from_str(file).expect("a company's file");
    let company = &table["company"];
    if company.get("licence").is_some() {
        return file.to_owned();
    }
    let company = company["name"].as_str().expect("a name");
    file.replacen("[company]\n", &format!("[company]\nlicence = \"{}\"\n", issued(&licence(company))), 1)
}
