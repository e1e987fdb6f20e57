//! The demo's company, with its people's desk phones and those who call it.
//! Never asks the daemon who talks with whom: the telephones know it.

use super::DemoError;
use super::telephone::{Key, Line, Telephone};
use crate::config::Config;
use crate::licence::{NotSigned, SecretKey};
use crate::store::{AgentRow, Application, CompanyFile, Offline, Phone};
use actix::{Arbiter, ArbiterHandle};
use domain::id::CompanyId;
use domain::licence::{CHAT, Licence};
use domain::time::Timestamp;
use sip::Transport;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who the company is.
const COMPANY: &str = include_str!("company.toml");
/// Where its desk phones are.
const DESKS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
/// Where its callers are: the trunk's address.
const CALLERS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// The callers' numbers begin so and end in three digits; they are kept free for films and books.
const CALLERS_NUMBER: &str = "+493023125";
/// How many callers there may be at once, and how many are shown.
const CALLERS_MAX: usize = 20;
/// The pitch of the first desk phone, and of the first caller; each next one is a bit higher.
const DESK_HZ: f64 = 440.0;
const CALLER_HZ: f64 = 330.0;
const STEP_HZ: f64 = 20.0;

/// Until when the demo's licence holds: longer than any demo runs.
const FAR_AWAY: Timestamp = Timestamp(8_000_000_000_000);

/// The company and its telephones.
pub(super) struct Shop {
    /// The company's id.
    pub(super) company: CompanyId,
    /// Its chat service's token.
    pub(super) token: String,
    /// Its people's desks.
    pub(super) desks: Vec<Desk>,
    number: String,
    daemon: SocketAddr,
    telephones: ArbiterHandle,
    callers: Mutex<Callers>,
}

/// Somebody's place of work.
pub(super) struct Desk {
    /// Whose.
    pub(super) agent: AgentRow,
    /// The telephone on it.
    pub(super) telephone: Telephone,
    password: String,
}

/// Somebody who called.
#[derive(Clone)]
pub(super) struct Caller {
    /// Names the call.
    pub(super) id: u64,
    /// From which number.
    pub(super) number: String,
    /// Their telephone.
    pub(super) telephone: Telephone,
}

#[derive(Default)]
struct Callers {
    last: u64,
    recent: VecDeque<Caller>,
}

/// Why nobody could call.
pub(super) enum NoCall {
    /// There are too many callers already.
    TooMany,
    /// The system has no socket for them.
    NoLine(io::Error),
}

/// The demo issues its own licence, by a key that is forgotten at once.
fn licensed(config: &mut Config, file: &mut CompanyFile) -> Result<(), NotSigned> {
    let key = SecretKey::generate()?;
    let licence = Licence {
        number: "demo".to_owned(),
        company: file.company.name.clone(),
        channels: [CHAT.to_owned()].into(),
        agents: u32::try_from(file.agents.len()).unwrap_or(u32::MAX),
        from: Timestamp(0),
        until: FAR_AWAY,
        grace_days: 0,
    };
    file.company.licence = Some(key.issue(&licence)?);
    config.licence.public_key = Some(key.public());
    Ok(())
}

impl Shop {
    /// Writes the company into the database, which no daemon may use yet, and puts the telephones on the desks.
    pub(super) fn open(config: &mut Config) -> Result<Shop, DemoError> {
        let mut file: CompanyFile = toml::from_str(COMPANY)?;
        licensed(config, &mut file)?;
        let mut database = Offline::open(&config.store.path)?;
        database.apply(&file, &Application::by("demo", &config.sip.realm))?;
        let company = database.companies()?.into_iter().find(|company| company.name == file.company.name);
        let floor = company.map(|company| database.floor(company.id)).transpose()?.flatten();
        let floor = floor.ok_or_else(|| io::Error::other("the demo's company is not in its database"))?;

        let udp = config.sip.listen.iter().find(|listen| listen.transport == Transport::Udp);
        let daemon = udp.ok_or_else(|| io::Error::other("sip.listen has no udp address for the demo's telephones"))?;
        let daemon = daemon.address;
        let telephones = Arbiter::new().handle();
        let mut desks = vec![];
        let agents = file.agents.into_iter().filter_map(|entry| {
            let row = floor.agents.iter().find(|row| row.login_name == entry.login_name)?;
            Some((row.clone(), entry.phone_password?))
        });
        for ((agent, password), place) in agents.zip(0_u32..) {
            let telephone = Telephone::plug_in(&telephones, DESKS, DESK_HZ + STEP_HZ * f64::from(place))?;
            desks.push(Desk { agent, telephone, password });
        }
        Ok(Shop {
            company: floor.id,
            token: file.services.into_iter().next().map(|service| service.token).unwrap_or_default(),
            desks,
            number: file.numbers.into_iter().next().map(|entry| entry.number).unwrap_or_default(),
            daemon,
            telephones,
            callers: Mutex::default(),
        })
    }

    /// Registers the desk phones.
    pub(super) async fn register(&self) {
        for desk in &self.desks {
            let Some(Phone::Registers { user, .. }) = &desk.agent.phone else { continue };
            let (user, password) = (user.clone(), desk.password.clone());
            desk.telephone.press(Key::Register { registrar: self.daemon, user, password }).await;
        }
    }

    /// Somebody's desk.
    pub(super) fn desk(&self, login_name: &str) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.agent.login_name == login_name)
    }

    /// Those who called, the last one at the end.
    pub(super) fn callers(&self) -> Vec<Caller> {
        self.lock().recent.iter().cloned().collect()
    }

    /// Whether somebody of the company talks with this number.
    pub(super) fn talks_with(&self, number: &str) -> bool {
        // A desk phone is connected only once the daemon has put the call through.
        self.desks.iter().any(|desk| matches!(desk.telephone.line(), Line::Connected { peer } if peer == number))
    }

    /// Lets somebody call.
    pub(super) async fn call(&self) -> Result<Caller, NoCall> {
        let caller = {
            let mut callers = self.lock();
            if callers.recent.len() >= CALLERS_MAX {
                let over = callers.recent.iter().position(|caller| caller.telephone.line() == Line::Idle);
                callers.recent.remove(over.ok_or(NoCall::TooMany)?);
            }
            let (id, place) = (callers.last + 1, callers.last % 1000);
            let pitch_hz = CALLER_HZ - STEP_HZ * (place % 5) as f64;
            let telephone = Telephone::plug_in(&self.telephones, CALLERS, pitch_hz).map_err(NoCall::NoLine)?;
            let caller = Caller { id, number: format!("{CALLERS_NUMBER}{place:03}"), telephone };
            callers.last = id;
            callers.recent.push_back(caller.clone());
            caller
        };
        let (from, number) = (caller.number.clone(), self.number.clone());
        caller.telephone.press(Key::Call { from, number, destination: self.daemon }).await;
        Ok(caller)
    }

    /// Lets everybody who calls hang up.
    pub(super) async fn hang_up_all(&self) {
        for caller in self.callers() {
            caller.telephone.press(Key::HangUp).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
