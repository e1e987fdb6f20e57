//! Clients that take their time: their connections end, and calls go on meanwhile.

use super::client::{answer, ask, base64};
use super::company;
use crate::floor::run;
use crate::process::{self, Daemon, PATIENCE, own_address};
use crate::records::NoTrunks;
use actix::Actor;
use actix_web::App;
use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service};
use domain::time::Timestamp;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use vorrang::web::{self, Web};

const MEBIBYTE: u64 = 1 << 20;

#[test]
fn a_thousand_bodies_that_never_come_take_little_memory_and_neither_calls_nor_others_wait_for_them() {
    let trunk = own_address();
    let trunk_company = process::company(&[trunk], &["4711"]);
    let trunk_of = trunk_company.split_once("queue = \"Service\"\n").unwrap().1;
    let number = "[[number]]\nnumber = \"4711\"\nqueue = \"Service\"\n";
    let mut daemon = Daemon::of(&company(1, &format!("{number}{trunk_of}")), &[], Some(1_024));
    let http = daemon.http;
    assert_eq!(ask(http, "GET /healthz", "", "").status, 200);
    let before = daemon.memory_bytes("VmRSS");
    let began = Instant::now();
    let request = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nhost: {http}\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{{"
    );
    let mut slow: Vec<TcpStream> = (0..1_000)
        .map(|_| {
            let mut stream = TcpStream::connect(http).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_calls_are_taken(&mut daemon, trunk, 5);
    let during = daemon.memory_bytes("VmHWM");
    let last = slow.last_mut().unwrap();
    last.set_read_timeout(Some(PATIENCE)).unwrap();
    let said = answer(last);
    assert_eq!(said.status, 408, "{said:?}");
    assert_eq!(ask(http, "GET /healthz", "", "").status, 200);
    assert_calls_are_taken(&mut daemon, trunk, 1);
    println!(
        "1,000 slow bodies: memory {} MiB before, {} at most; the last one was let go after {:.1} s",
        before / MEBIBYTE,
        during / MEBIBYTE,
        began.elapsed().as_secs_f64()
    );
    assert!(during < before + 200 * MEBIBYTE);
    assert!(
        daemon.log().contains("1024 files may be open at once; all that [limits] allows needs"),
        "{}",
        daemon.log()
    );
    for mut stream in slow {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // Cut or answered: it does not stay.
        _ = stream.read_to_end(&mut vec![]);
    }
}

#[test]
fn a_head_that_does_not_come_and_a_connection_that_says_nothing_are_let_go() {
    let daemon = super::daemon(0, &[]);
    for said in ["", "GET /healthz HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = TcpStream::connect(daemon.http).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let began = Instant::now();
        _ = stream.read_to_end(&mut vec![]);
        assert!((3..PATIENCE.as_secs()).contains(&began.elapsed().as_secs()), "{said:?}: {:?}", began.elapsed());
    }
    // A second request on a connection would have no clock.
    let mut stream = TcpStream::connect(daemon.http).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz HT").unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(answer(&mut stream).status, 200);
}

/// So many calls come by the trunk and are answered, all at once.
#[track_caller]
fn assert_calls_are_taken(daemon: &mut Daemon, trunk: IpAddr, calls: usize) {
    let socket = UdpSocket::bind((trunk, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let own = socket.local_addr().unwrap();
    let to = SocketAddr::from(([127, 0, 0, 1], daemon.sip_port));
    let sdp =
        format!("v=0\r\no=- 1 1 IN IP4 {trunk}\r\ns=-\r\nc=IN IP4 {trunk}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n");
    for call in 0..calls {
        let id = format!("{}-{call}", own.port());
        let invite = format!(
            "INVITE sip:4711@localhost SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK-{id}\r\n\
             From: <sip:a@b>;tag={id}\r\nTo: <sip:4711@localhost>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:a@{own}>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
            sdp.len()
        );
        socket.send_to(invite.as_bytes(), to).unwrap();
        let mut heard = String::new();
        daemon.until("the call is answered", |_| {
            let mut buffer = [0; 4_096];
            if let Ok(length) = socket.recv(&mut buffer) {
                heard = String::from_utf8_lossy(&buffer[..length]).into_owned();
            }
            assert!(!heard.starts_with("SIP/2.0 5") && !heard.starts_with("SIP/2.0 4"), "{heard}");
            heard.starts_with("SIP/2.0 200") && heard.contains(&id)
        });
    }
}

#[test]
fn a_disk_that_answers_nothing_keeps_no_http_worker() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), Timestamp(1_000_000), async |floor, _| {
        let reloads = mpsc::unbounded_channel().0;
        let web = Web::new(floor.house().clone(), NoTrunks.start().recipient(), reloads).unwrap();
        let app = init_service(App::new().configure(web::routes(web))).await;
        let ask = |path: &str| {
            let anna = format!("Basic {}", base64("anna:anna-password"));
            let request = TestRequest::get().uri(path).peer_addr(SocketAddr::from(([127, 0, 0, 1], 9)));
            request.insert_header((header::AUTHORIZATION, anna)).to_request()
        };
        let held = floor.store().hold_reads();
        let mut waiting = pin!(call_service(&app, ask("/api/v1/sessions/current")));
        // One thread does all of it: whoever blocked it would be waited for for ever.
        tokio::select! {
            biased;
            answer = &mut waiting => panic!("nothing can be read: {}", answer.status()),
            alive = call_service(&app, ask("/healthz")) => assert_eq!(alive.status(), 200),
        }
        drop(held);
        assert_eq!(waiting.await.status(), 200, "and once the disk answers, so does the daemon");
    });
}
