//! The rows of trunks.
//! Never kept once they are removed: records hold the trunk's name itself.

use super::reading::{Damage, Reading, json};
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::{Dialled, Secret, Trunk, TrunkAccount, TrunkServer};
use domain::id::CompanyId;
use domain::time::Span;
use std::collections::BTreeSet;

diesel::table! {
    trunk (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        addresses -> Text,
        server -> Nullable<Text>,
        registers -> BigInt,
        tcp -> BigInt,
        user -> Nullable<Text>,
        login -> Nullable<Text>,
        password -> Nullable<Text>,
        ha1_md5 -> Nullable<Text>,
        ha1_sha256 -> Nullable<Text>,
        expires_s -> Nullable<BigInt>,
        probe_s -> Nullable<BigInt>,
        dialled_to -> BigInt,
    }
}

/// How long a registration is asked for where an older version kept nothing, in seconds.
const EXPIRES_S: i64 = 600;
/// How often a trunk is asked whether it is there where an older version kept nothing, in seconds.
const PROBE_S: i64 = 60;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = trunk, treat_none_as_null = true)]
struct Row {
    company: i64,
    name: String,
    /// JSON: a list of texts.
    addresses: String,
    server: Option<String>,
    registers: i64,
    tcp: i64,
    user: Option<String>,
    login: Option<String>,
    password: Option<String>,
    ha1_md5: Option<String>,
    ha1_sha256: Option<String>,
    expires_s: Option<i64>,
    probe_s: Option<i64>,
    dialled_to: i64,
}

fn seconds(span: Span) -> i64 {
    (span.0 / 1000).cast_signed()
}

impl Row {
    fn of(trunk: &Trunk) -> QueryResult<Row> {
        let row = Row {
            company: trunk.company.stored(),
            name: trunk.name.clone(),
            addresses: json(&trunk.addresses)?,
            server: trunk.server.as_ref().map(TrunkServer::place),
            registers: matches!(trunk.account, Some(TrunkAccount::Ours { .. })).into(),
            tcp: trunk.server.as_ref().is_some_and(|server| server.tcp).into(),
            user: None,
            login: None,
            password: None,
            ha1_md5: None,
            ha1_sha256: None,
            expires_s: None,
            probe_s: trunk.server.as_ref().map(|_| trunk.probe.map_or(0, seconds)),
            dialled_to: (trunk.dialled == Dialled::To).into(),
        };
        Ok(match trunk.account.clone() {
            None => row,
            Some(TrunkAccount::Theirs { user, ha1_md5, ha1_sha256 }) => {
                Row { user: Some(user), ha1_md5: Some(ha1_md5.0), ha1_sha256: Some(ha1_sha256.0), ..row }
            }
            Some(TrunkAccount::Ours { user, login, password, expires }) => Row {
                login: Some(login).filter(|login| *login != user),
                user: Some(user),
                password: Some(password.0),
                expires_s: Some(seconds(expires)),
                ..row
            },
        })
    }

    fn read(self, damages: &mut Vec<Damage>) -> Trunk {
        let mut row = Reading::new("trunk", &self.name, damages);
        let tcp = row.flag("tcp", self.tcp);
        let server = self.server.as_deref().and_then(|place| {
            let server = TrunkServer::parse(place, tcp);
            if server.is_none() {
                row.damaged("server", format_args!("found `{place}`, expected a host and perhaps a port"));
            }
            server
        });
        let registers = row.flag("registers", self.registers);
        let account = match (self.user, self.password, self.ha1_md5, self.ha1_sha256) {
            (Some(user), Some(password), _, _) if registers => Some(TrunkAccount::Ours {
                login: self.login.unwrap_or_else(|| user.clone()),
                user,
                password: Secret(password),
                expires: Span::seconds(row.number("expires_s", self.expires_s.or(Some(EXPIRES_S))).unwrap_or(600)),
            }),
            (Some(user), _, Some(md5), Some(sha256)) if !registers => {
                Some(TrunkAccount::Theirs { user, ha1_md5: Secret(md5), ha1_sha256: Secret(sha256) })
            }
            (Some(_), _, _, _) => {
                row.damaged("user", "a user without a password");
                None
            }
            (None, _, _, _) => None,
        };
        let probe_s = row.number("probe_s", self.probe_s.or(Some(PROBE_S))).unwrap_or_default();
        Trunk {
            company: CompanyId::from_stored(self.company),
            addresses: row.json("addresses", Some(&self.addresses)).unwrap_or_default(),
            probe: server.as_ref().filter(|_| probe_s > 0).map(|_| Span::seconds(probe_s)),
            server,
            account,
            dialled: if row.flag("dialled_to", self.dialled_to) { Dialled::To } else { Dialled::RequestUri },
            name: self.name,
        }
    }
}

/// A company's trunks, by name.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<Trunk>> {
    let of_company = trunk::table.filter(trunk::company.eq(company.stored()));
    let rows = of_company.select(Row::as_select()).load(connection)?;
    let mut trunks: Vec<Trunk> = rows.into_iter().map(|row| row.read(damages)).collect();
    // Databases differ in how they order texts.
    trunks.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(trunks)
}

/// The users that the trunks of all other companies prove to be.
pub(super) fn of_others(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<BTreeSet<String>> {
    let others = trunk::table.filter(trunk::company.ne(company.stored())).filter(trunk::registers.eq(0));
    Ok(others.select(trunk::user).load::<Option<String>>(connection)?.into_iter().flatten().collect())
}

/// Makes the rows agree.
pub(super) fn save(connection: &mut DatabaseConnection, before: &[Trunk], after: &[Trunk]) -> QueryResult<()> {
    let of = |known: &Trunk| {
        trunk::table.filter(trunk::company.eq(known.company.stored())).filter(trunk::name.eq(known.name.clone()))
    };
    for gone in before.iter().filter(|trunk| after.iter().all(|kept| kept.name != trunk.name)) {
        diesel::delete(of(gone)).execute(connection)?;
    }
    for entry in after.iter().filter(|trunk| !before.contains(trunk)) {
        let row = Row::of(entry)?;
        if before.iter().any(|known| known.name == entry.name) {
            diesel::update(of(entry)).set(&row).execute(connection)?;
        } else {
            diesel::insert_into(trunk::table).values(&row).execute(connection)?;
        }
    }
    Ok(())
}
