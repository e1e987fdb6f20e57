//! Do the sockets keep what they promise, with peers on loopback that behave and that don't?

use super::*;
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

/// Longer than anything here takes; only a test that hangs sees it.
const PATIENCE: Duration = Duration::from_secs(10);

const MESSAGE: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";

/// Sockets, and what they gave.
struct Post {
    signalling: Rc<Signalling>,
    addresses: Vec<SocketAddr>,
    inputs: Vec<Input>,
}

impl Post {
    fn open(listen: &[(Transport, &str)], limits: Limits) -> Post {
        let bound = listen.iter().map(|(transport, address)| bind(*transport, address.parse().unwrap()));
        let bound: Vec<Bound> = bound.map(Result::unwrap).collect();
        let addresses = bound.iter().map(|bound| bound.address).collect();
        Post { signalling: Signalling::new(bound, limits).unwrap(), addresses, inputs: vec![] }
    }

    fn tcp(limits: Limits) -> Post {
        Post::open(&[(Transport::Tcp, "127.0.0.1:0")], limits)
    }

    /// Works until so many inputs are there.
    async fn until(&mut self, count: usize) {
        let work = async {
            while self.inputs.len() < count {
                self.signalling.woken().await;
                self.signalling.receive(|input| self.inputs.push(input));
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, work).await;
        assert!(in_time.is_ok(), "{count} inputs expected: {:?}", self.inputs);
    }

    /// Works for a moment.
    async fn for_a_moment(&mut self) {
        let end = std::time::Instant::now() + Duration::from_millis(100);
        while std::time::Instant::now() < end {
            self.signalling.receive(|input| self.inputs.push(input));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn messages(&self) -> Vec<(Vec<u8>, Flow)> {
        let message = |input: &Input| match input {
            Input::Received { bytes, flow } => Some((bytes.clone(), *flow)),
            _ => None,
        };
        self.inputs.iter().filter_map(message).collect()
    }

    fn closed(&self) -> Vec<Flow> {
        let flow = |input: &Input| if let Input::Closed { flow } = input { Some(*flow) } else { None };
        self.inputs.iter().filter_map(flow).collect()
    }
}

const MANY: Limits = Limits { connections: 1000, per_source: 1000 };

/// Whether the other side has cut the connection.
fn is_cut(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    matches!(stream.read(&mut [0; 16]), Ok(0)) || stream.write(b"x").is_err()
}

#[actix::test]
async fn an_answer_leaves_by_the_socket_that_was_asked_in_both_families() {
    let listen = [(Transport::Udp, "127.0.0.1:0"), (Transport::Udp, "127.0.0.1:0"), (Transport::Udp, "[::1]:0")];
    let mut post = Post::open(&listen, MANY);
    for (at, own) in [(0, "127.0.0.2:0"), (1, "127.0.0.2:0"), (2, "[::1]:0")] {
        let peer = UdpSocket::bind(own).unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.send_to(MESSAGE, post.addresses[at]).unwrap();
        post.until(at + 1).await;
        let (bytes, flow) = post.messages().pop().unwrap();
        assert_eq!(bytes, MESSAGE);
        let expected =
            Flow { transport: Transport::Udp, local: Some(post.addresses[at]), peer: peer.local_addr().unwrap() };
        assert_eq!(flow, expected);
        post.signalling.send(b"answer", flow);
        let mut buffer = [0; 16];
        let (length, from) = peer.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..length], from), (&b"answer"[..], post.addresses[at]));
        // By a way that is yet to be chosen: the first that can reach it.
        post.signalling.send(b"call", Flow::udp(flow.peer));
        let (_, from) = peer.recv_from(&mut buffer).unwrap();
        assert_eq!(from, post.addresses[if at == 2 { 2 } else { 0 }]);
    }
}

#[actix::test]
async fn more_datagrams_than_a_batch_are_all_read() {
    let mut post = Post::open(&[(Transport::Udp, "127.0.0.1:0")], MANY);
    let peer = UdpSocket::bind("127.0.0.2:0").unwrap();
    for _ in 0..200 {
        peer.send_to(MESSAGE, post.addresses[0]).unwrap();
    }
    post.until(200).await;
}

#[actix::test]
async fn messages_of_a_stream_are_cut_pings_answered_and_answers_go_back_on_it() {
    let mut post = Post::open(&[(Transport::Tcp, "127.0.0.1:0"), (Transport::Tcp, "[::1]:0")], MANY);
    for at in [0, 1] {
        let mut peer = TcpStream::connect(post.addresses[at]).unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let stream = [b"\r\n\r\n", MESSAGE, MESSAGE, b"\r\n\r\n", &MESSAGE[..20]].concat();
        peer.write_all(&stream).unwrap();
        post.until(3 * at + 2).await;
        peer.write_all(&MESSAGE[20..]).unwrap();
        post.until(3 * at + 3).await;
        let messages = post.messages();
        assert!(messages[3 * at..].iter().all(|(bytes, _)| bytes == MESSAGE));
        let flow = messages[3 * at].1;
        assert_eq!((flow.local, flow.peer), (Some(post.addresses[at]), peer.local_addr().unwrap()));
        post.signalling.send(b"answer", flow);
        let mut buffer = [0; 10];
        peer.read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"\r\n\r\nanswer", "two pongs of half a ping each");
    }
}

#[actix::test]
async fn a_connection_is_made_where_none_is_and_used_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut post = Post::tcp(MANY);
    let way = Flow::to(Transport::Tcp, listener.local_addr().unwrap());
    post.signalling.send(b"one ", way);
    let (mut peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    post.for_a_moment().await;
    post.signalling.send(b"two ", way);
    let mut buffer = [0; 8];
    peer.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"one two ");
    peer.write_all(MESSAGE).unwrap();
    post.until(1).await;
    let flow = post.messages()[0].1;
    assert!(way.goes_by(&flow) && flow.local == Some(peer.peer_addr().unwrap()));
    drop(peer);
    post.until(2).await;
    assert_eq!(post.closed(), [flow]);
    post.signalling.send(b"three", flow);
    post.until(3).await;
    assert_eq!(post.closed(), [flow, flow], "a connection that is gone is not made again, but told");
}

#[actix::test]
async fn where_nobody_listens_that_is_told() {
    let mut post = Post::tcp(MANY);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let way = Flow::to(Transport::Tcp, nobody);
    post.signalling.send(MESSAGE, way);
    post.until(1).await;
    assert!(way.goes_by(&post.closed()[0]));
}

#[actix::test]
async fn who_speaks_something_else_is_cut_and_told_of_only_if_they_spoke_before() {
    let mut post = Post::tcp(MANY);
    let mut stranger = TcpStream::connect(post.addresses[0]).unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    post.for_a_moment().await;
    assert!(is_cut(&mut stranger) && post.inputs.is_empty());
    let mut peer = TcpStream::connect(post.addresses[0]).unwrap();
    peer.write_all(&[MESSAGE, b"nonsense\r\n\r\n"].concat()).unwrap();
    post.until(2).await;
    assert!(is_cut(&mut peer));
    assert_eq!(post.closed(), [post.messages()[0].1]);
}

#[actix::test]
async fn what_came_before_garbage_or_before_the_end_is_answered_before_the_cut() {
    for garbage in [&b"nonsense\r\n\r\n"[..], b""] {
        let mut post = Post::tcp(MANY);
        let mut peer = TcpStream::connect(post.addresses[0]).unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.write_all(&[MESSAGE, garbage].concat()).unwrap();
        peer.shutdown(std::net::Shutdown::Write).unwrap();
        post.until(1).await;
        let flow = post.messages()[0].1;
        assert_eq!(post.closed(), []);
        post.signalling.send(b"answer", flow);
        let mut buffer = [0; 6];
        peer.read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"answer");
        post.until(2).await;
        assert_eq!(post.closed(), [flow]);
    }
}

#[actix::test]
async fn connections_are_limited_by_source_and_in_all() {
    let mut post = Post::tcp(Limits { connections: 5, per_source: 3 });
    let address = post.addresses[0];
    let from = |own: [u8; 4]| {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((own, 0)).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        TcpStream::from(socket)
    };
    let mut one: Vec<TcpStream> = (0..4).map(|_| from([127, 0, 0, 2])).collect();
    post.for_a_moment().await;
    assert_eq!(one.iter_mut().map(is_cut).collect::<Vec<_>>(), [false, false, false, true]);
    for peer in &mut one[..2] {
        peer.write_all(MESSAGE).unwrap();
    }
    post.until(2).await;
    // The third of the first source never said anything: it gives way when there are too many.
    let mut others: Vec<TcpStream> = (0..3).map(|_| from([127, 0, 0, 3])).collect();
    for peer in &mut others {
        peer.write_all(MESSAGE).unwrap();
    }
    post.until(5).await;
    assert!(is_cut(&mut one[2]));
    let mut last = from([127, 0, 0, 4]);
    post.for_a_moment().await;
    assert!(is_cut(&mut last), "all have spoken: nobody gives way");
}

#[actix::test]
async fn who_does_not_read_is_cut_before_much_waits_for_them() {
    let mut post = Post::tcp(MANY);
    let mut peer = TcpStream::connect(post.addresses[0]).unwrap();
    peer.write_all(MESSAGE).unwrap();
    post.until(1).await;
    let flow = post.messages()[0].1;
    let block = vec![b'x'; 60_000];
    for _ in 0..400 {
        post.signalling.send(&block, flow);
        if post.signalling.sockets.borrow().has_news() {
            break;
        }
    }
    post.until(2).await;
    assert_eq!(post.closed(), [flow]);
}

#[test]
fn slow_and_idle_connections_are_cut_in_time() {
    use connections::Connections;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let poll = Poll::new().unwrap();
    let connect = |connections: &mut Connections, now: u64| {
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (theirs, peer) = listener.accept().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let stream = mio::net::TcpStream::from_std(theirs);
        connections.accept(Duration::from_secs(now), poll.registry(), stream, peer);
        ours
    };
    #[rustfmt::skip]
    let rows: [(&str, &[u8], bool, u64, bool); 8] = [
        // Who, what they said at second 1, whether they are needed, when we look, whether they are cut.
        ("silent",              b"",                                false, 9,   false),
        ("silent",              b"",                                false, 10,  true),
        ("pings only",          b"\r\n\r\n",                        false, 10,  true),
        ("dribbles",            b"OPTIONS",                         false, 10,  true),
        ("idle",                MESSAGE,                            false, 120, false),
        ("idle",                MESSAGE,                            false, 121, true),
        ("registered",          MESSAGE,                            true,  999, false),
        ("began a second one",  &[MESSAGE, b"OPTIONS"].concat(),    true,  11,  true),
    ];
    for (who, said, is_needed, look_at, is_cut) in rows {
        let mut connections = Connections::new(MANY, 0);
        let mut peer = connect(&mut connections, 0);
        peer.write_all(said).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        connections.ready(Duration::from_secs(1), Token(0), 64, |_, _| {});
        connections.tidy(Duration::from_secs(look_at), |_| is_needed);
        assert_eq!(connections.is_empty(), is_cut, "{who} at {look_at}");
    }
}
