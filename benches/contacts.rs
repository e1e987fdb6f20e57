//! What a book of 100,000 contacts costs: taking it over from a table, and finding somebody in it as they are typed.
//! Prints a table in Markdown; `cargo bench --bench contacts -- NAME...` measures only those rows.
//! Never a promise: it prints what this machine did in one run.
#![allow(missing_docs)]

#[path = "shared/mod.rs"]
mod shared;

use shared::daemon::{Daemon, Under, password_hash};
use shared::table::{self, Measured, Needed, Row};
use shared::{Result, doing, share};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

const NEEDED: [Needed; 1] = [("taskset", "-V", "util-linux")];
const CONTACTS: u32 = 100_000;
/// How often each kind of search is timed.
const SEARCHES: u32 = 500;

const ROWS: [Row; 3] = [
    Row {
        name: "import",
        what: "100,000 contacts out of a table, each with a number, an address and an id",
        peer: "",
        goal: "60 s",
        measure: import,
    },
    Row {
        name: "again",
        what: "the same table a second time: nothing changes",
        peer: "",
        goal: "60 s",
        measure: again,
    },
    Row {
        name: "search",
        what: "a search among 100,000 contacts, as somebody types: p50 / p99, and p99 of each kind",
        peer: "",
        goal: "p99 20 ms",
        measure: search,
    },
];

fn main() -> ExitCode {
    table::print("contacts", "", &ROWS, &NEEDED, &table::arguments())
}

/// What came out of the one run.
struct Figures {
    import_s: f64,
    again_s: f64,
    /// Milliseconds, by kind.
    searches: Vec<(&'static str, Vec<f64>)>,
}

fn figures() -> Result<&'static Figures> {
    static FIGURES: OnceLock<Result<Figures>> = OnceLock::new();
    FIGURES.get_or_init(run).as_ref().map_err(Clone::clone)
}

fn import() -> Result<Measured> {
    let Figures { import_s, .. } = figures()?;
    let vorrang = format!("{import_s:.1} s ({:.0} a second)", f64::from(CONTACTS) / import_s);
    Ok(Measured { vorrang, floor: String::new() })
}

fn again() -> Result<Measured> {
    Ok(Measured { vorrang: format!("{:.1} s", figures()?.again_s), floor: String::new() })
}

fn search() -> Result<Measured> {
    let searches = &figures()?.searches;
    let sorted = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times
    };
    let all = sorted(searches.iter().flat_map(|(_, times)| times).copied().collect());
    let mut vorrang = format!("{:.1} / {:.1} ms", share(&all, 0.5)?, share(&all, 0.99)?);
    for (kind, times) in searches {
        write!(vorrang, "; {kind} {:.1}", share(&sorted(times.clone()), 0.99)?).map_err(doing("write"))?;
    }
    Ok(Measured { vorrang, floor: String::new() })
}

fn run() -> Result<Figures> {
    let company = format!(
        "[company]\nname = \"Many\"\n[[agent]]\nlogin_name = \"boss\"\nrole = \"supervisor\"\npassword_hash = {:?}\n",
        password_hash()?
    );
    let daemon = Daemon::start("", &company, "CONTACTS_DAEMON", Under::Nothing)?;
    let session = daemon.session("boss")?;
    let table: String = ["Vorname;Nachname;Firma;Telefon;E-Mail;other:crm\n".to_owned()]
        .into_iter()
        .chain((0..CONTACTS).map(|at| Somebody::of(at).line()))
        .collect();
    let client = Client { http: daemon.http, session };
    let import_s = client.takes(&table, "\"made\":100000")?;
    let again_s = client.takes(&table, "\"same\":100000")?;
    let mut searches = vec![];
    for (kind, typed) in KINDS {
        let mut times = vec![];
        for at in 0..SEARCHES {
            // Each somebody else's, all over the book.
            let (somebody, begin) = (Somebody::of(at * 199 + 7), Instant::now());
            let answer = client.ask("GET", &format!("/api/v1/contacts?q={}", escaped(&typed(&somebody))), "")?;
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
            if !answer.contains("\"name\"") {
                return Err(format!("nobody was found: {kind}: {answer}"));
            }
        }
        searches.push((kind, times));
    }
    Ok(Figures { import_s, again_s, searches })
}

/// What is typed of somebody.
type Kind = (&'static str, fn(&Somebody) -> String);

const KINDS: [Kind; 6] = [
    ("two letters", |one| one.last.chars().take(2).collect()),
    ("four letters", |one| one.last.chars().take(4).collect()),
    ("first and last name", |one| format!("{} {}", one.first, one.last)),
    ("the beginnings of both", |one| format!("{} {}", &one.first[..2], &one.last[..3])),
    ("a number, but for its end", |one| one.telephone[..one.telephone.len() - 2].to_owned()),
    ("an address", |one| one.email.clone()),
];

const FIRST: [&str; 24] = [
    "Anna", "Bert", "Carla", "David", "Emma", "Felix", "Greta", "Hans", "Ida", "Jonas", "Klara", "Lukas", "Marie",
    "Noah", "Olga", "Paul", "Rosa", "Simon", "Tilda", "Uwe", "Vera", "Willi", "Yara", "Zeno",
];
const BEGINNINGS: [&str; 20] = [
    "Ahl", "Berg", "Christ", "Dorn", "Eich", "Fried", "Grun", "Hoff", "Jung", "Kauf", "Lang", "Mull", "Neu", "Ober",
    "Pfeif", "Richt", "Schmid", "Stein", "Wald", "Zimm",
];
const ENDINGS: [&str; 15] =
    ["er", "mann", "bach", "hoff", "meier", "stein", "berg", "inger", "ler", "ke", "feld", "haus", "wald", "ow", "ert"];

/// Somebody who is made up.
struct Somebody {
    first: &'static str,
    last: String,
    company: u32,
    telephone: String,
    email: String,
    id: u32,
}

impl Somebody {
    fn of(at: u32) -> Somebody {
        // Any odd number spreads them: neighbours have little in common.
        let mixed = at.wrapping_mul(2_654_435_761);
        let pick = |shift: u32, among: usize| (mixed >> shift) as usize % among;
        let (first, begins) = (FIRST[pick(3, FIRST.len())], BEGINNINGS[pick(9, BEGINNINGS.len())]);
        let last = format!("{begins}{}", ENDINGS[pick(17, ENDINGS.len())]);
        let email = format!("{}.{}.{at}@example.com", first.to_lowercase(), last.to_lowercase());
        Somebody {
            first,
            last,
            company: at % 4000,
            telephone: format!("+4930{:07}", 1_000_000 + at * 7),
            email,
            id: at,
        }
    }

    fn line(&self) -> String {
        let Somebody { first, last, company, telephone, email, id } = self;
        format!("{first};{last};Werk {company} GmbH;{telephone};{email};{id}\n")
    }
}

fn escaped(text: &str) -> String {
    text.replace('+', "%2B").replace(' ', "%20").replace('@', "%40")
}

/// Somebody who is signed in. Each connection brings one request.
struct Client {
    http: SocketAddr,
    session: String,
}

impl Client {
    /// How many seconds it takes to take a table over; what is told at last has to say this.
    fn takes(&self, table: &str, expected: &str) -> Result<f64> {
        let begin = Instant::now();
        let told = self.ask("POST", "/api/v1/contacts/import", table)?;
        let last = told.lines().last().unwrap_or_default();
        if last.contains(expected) { Ok(begin.elapsed().as_secs_f64()) } else { Err(format!("the import: {last}")) }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let Client { http, session } = self;
        let mut stream = TcpStream::connect(http).map_err(doing("connect"))?;
        stream.set_nodelay(true).map_err(doing("connect"))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {http}\r\ncontent-type: text/csv\r\ncontent-length: {}\r\n{session}\r\n",
            body.len()
        );
        let mut send = |part: &str| stream.write_all(part.as_bytes());
        send(&head).and_then(|()| send(body)).map_err(doing("ask the daemon"))?;
        answer(&mut BufReader::new(stream)).map_err(doing("hear the daemon"))
    }
}

/// The body of an answer, whose length stands before it or before each of its chunks (RFC 9112 §7.1).
fn answer(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let (mut length, mut chunked) = (0, false);
    loop {
        let line = line(stream)?;
        let Some((name, value)) = line.split_once(':') else {
            if line.is_empty() {
                break;
            }
            continue;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or_default(),
            "transfer-encoding" => chunked = value.trim() == "chunked",
            _ => {}
        }
    }
    let mut body = vec![];
    if !chunked {
        read(stream, length, &mut body)?;
    }
    while chunked {
        let length = usize::from_str_radix(&line(stream)?, 16).unwrap_or_default();
        read(stream, length, &mut body)?;
        line(stream)?;
        chunked = length > 0;
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn read(stream: &mut BufReader<TcpStream>, length: usize, body: &mut Vec<u8>) -> std::io::Result<()> {
    let begin = body.len();
    body.resize(begin + length, 0);
    stream.read_exact(&mut body[begin..])
}
