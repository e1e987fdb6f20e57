//! Does a stream give the same messages however it is cut, and what becomes of one that lies about its lengths?

use sip::wire::{Frame, Framer, HEAD_BYTES_MAX, KeepAlive, MESSAGE_BYTES_MAX, frame, parse};

use crate::targets::{Taken, pieces_of, seeds};

fn message(length: &str, body: &str) -> Vec<u8> {
    format!("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\n{length}\r\n{body}").into_bytes()
}

#[test]
fn every_cut_of_a_stream_gives_the_same_messages() {
    let streamable = |bytes: &Vec<u8>| frame(bytes) == Frame::Message { length: bytes.len() };
    let messages: Vec<_> = seeds::messages().into_iter().filter(streamable).collect();
    assert!(messages.len() > 40, "{} of the seeds can stand in a stream", messages.len());
    for message in &messages {
        let expected = vec![Taken::Message(message.clone())];
        for cut in 0..message.len() {
            assert_eq!(
                pieces_of(message, |turn| if turn == 0 { cut.max(1) } else { message.len() }),
                expected,
                "{cut}"
            );
        }
        assert_eq!(pieces_of(message, |_| 1), expected, "byte by byte");
    }
    let between = messages.join(&b"\r\n\r\n"[..]);
    let taken = pieces_of(&between, |_| between.len());
    assert_eq!(taken.iter().filter(|one| **one == Taken::KeepAlive(KeepAlive::Ping)).count(), messages.len() - 1);
    for size in [1, 2, 3, 7, 64, 1000] {
        assert_eq!(pieces_of(&between, |_| size), taken, "in pieces of {size}");
    }
}

#[test]
fn a_content_length_that_lies_breaks_the_stream_or_waits_for_what_it_promised() {
    for (lengths, left_over) in [
        ("Content-Length: 3\r\n", Some(0)),
        ("Content-Length: 0003\r\n", Some(0)),
        ("Content-Length: 2\r\n", Some(1)),
        ("Content-Length: 4\r\n", None),
        ("Content-Length: 60000\r\n", None),
    ] {
        let stream = message(lengths, "abc");
        let expected = left_over.map_or(Frame::Incomplete, |rest| Frame::Message { length: stream.len() - rest });
        assert_eq!(frame(&stream), expected, "{lengths}");
    }
    for lengths in [
        "Content-Length: 65536\r\n",
        "Content-Length: 4294967299\r\n",
        "Content-Length: 18446744073709551615\r\n",
        "Content-Length: 18446744073709551619\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 3 3\r\n",
        "Content-Length: 3\r\nl: 4\r\n",
        "Content-Length: 3\r\nl:\r\n",
        "Content-Length: three\r\n",
        "",
    ] {
        let stream = message(lengths, "abc");
        assert!(matches!(frame(&stream), Frame::Broken(_)), "{lengths}");
        assert_eq!(pieces_of(&stream, |_| 1), pieces_of(&stream, |_| stream.len()), "{lengths}");
    }
}

#[test]
fn a_head_without_an_end_is_given_up_at_its_cap_and_not_before() {
    let endless = [&b"OPTIONS sip:a SIP/2.0\r\n"[..], &b"X-Own: y\r\n".repeat(4000)].concat();
    let (mut framer, mut asked) = (Framer::default(), 0);
    let broken = (1..endless.len()).find(|end| {
        asked += 1;
        framer.frame(&endless[..*end]) != Frame::Incomplete
    });
    assert_eq!(broken, Some(HEAD_BYTES_MAX), "after {asked} looks");
}

#[test]
fn the_largest_message_passes_and_one_byte_more_does_not() {
    let head = message("Content-Length: 65000\r\n", "").len();
    let largest = MESSAGE_BYTES_MAX - head;
    let stream = message(&format!("Content-Length: {largest}\r\n"), &"x".repeat(largest));
    assert_eq!(frame(&stream), Frame::Message { length: MESSAGE_BYTES_MAX });
    assert!(parse(&stream).is_ok());
    assert!(matches!(frame(&message(&format!("Content-Length: {}\r\n", largest + 1), "")), Frame::Broken(_)));
}

#[test]
fn what_cannot_stand_in_a_stream_is_still_a_datagram() {
    let without = message("", "abc");
    assert!(matches!(frame(&without), Frame::Broken(_)));
    assert_eq!(parse(&without).map(|raw| raw.body), Ok(b"abc".to_vec()));
}
