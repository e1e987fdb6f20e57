//! The relay on real sockets of 127.0.0.1: what phones hear, and what strangers cannot do.
//! Never sleeps in place of a condition: phones wait for packets, with a time-out.

use std::cell::Cell;
use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use sip::media::rtp::{self, Header};
use sip::media::tone;
use sip::media::transcode::{self, Transcoder};

use super::*;
use crate::telephony::prompts::Prompts;

const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn music_arrives_in_one_unbroken_stream() {
    let (relay, _) = relay(20_000..=20_009, 1);
    let (phone, port) = leg(&relay, Codec::Pcma);
    relay.play(port.id, Playback::looped(Prompts::music()));
    let (first, payload) = phone.hear();
    assert_eq!(&payload[..], Prompts::music().frame(Codec::Pcma, 0).unwrap());
    assert!(first.marker && first.payload_type == 8);
    for step in 1..=50_u16 {
        let (header, payload) = phone.hear();
        assert_eq!(&payload[..], Prompts::music().frame(Codec::Pcma, step.into()).unwrap());
        let sequence = first.sequence.wrapping_add(step);
        let timestamp = first.timestamp.wrapping_add(160 * u32::from(step));
        assert_eq!(header, Header { marker: false, sequence, timestamp, ..first });
    }
    relay.stop(port.id);
}

#[test]
fn a_bridge_carries_both_voices_bit_for_bit_and_continues_the_stream_of_the_music() {
    for threads in [1, 3] {
        let (relay, _) = relay(20_010..=20_029, threads);
        let (caller, caller_port) = leg(&relay, Codec::Pcmu);
        let (agent, agent_port) = leg(&relay, Codec::Pcmu);
        relay.play(caller_port.id, Playback::looped(Prompts::music()));
        let mut heard = caller.hear().0;
        relay.bridge(caller_port.id, agent_port.id);
        // The bridge stands once the agent hears the caller.
        let ssrc_of_agent_leg = speak_until_heard(&caller, &caller_port, &agent).ssrc;
        for number in 0..20_u8 {
            let voice = [number; 160];
            agent.speak(&agent_port, 0, &voice);
            let (header, payload) = loop {
                let (header, payload) = caller.hear();
                assert_eq!(header.sequence, heard.sequence.wrapping_add(1));
                assert_eq!(header.ssrc, heard.ssrc);
                heard = header;
                // Music may still have been on its way.
                if number > 0 || header.marker {
                    break (header, payload);
                }
            };
            assert_eq!(payload, voice);
            assert_eq!(header.marker, number == 0, "only the switch is marked");
            caller.speak(&caller_port, 0, &voice);
            let (header, payload) = agent.hear();
            assert_eq!((header.ssrc, payload), (ssrc_of_agent_leg, voice.to_vec()));
        }
        relay.unbridge(agent_port.id);
        relay.play(caller_port.id, Playback::looped(Prompts::music()));
        let (header, _) = caller.hear();
        assert_eq!((header.sequence, header.ssrc, header.marker), (heard.sequence.wrapping_add(1), heard.ssrc, true));
    }
}

#[test]
fn two_laws_are_translated_and_keys_change_their_payload_type() {
    let (relay, _) = relay(20_030..=20_039, 2);
    let (caller, caller_port) = leg(&relay, Codec::Pcmu);
    let (agent, agent_port) = leg(&relay, Codec::Pcma);
    relay.negotiated(caller_port.id, negotiated(Some(caller.address()), Codec::Pcmu, Some(96), Direction::SendReceive));
    relay.negotiated(agent_port.id, negotiated(Some(agent.address()), Codec::Pcma, Some(101), Direction::SendReceive));
    relay.bridge(caller_port.id, agent_port.id);
    let before = speak_until_heard(&caller, &caller_port, &agent);
    caller.speak(&caller_port, 96, &[5, 0x8a, 0, 160]);
    let (header, payload) = agent.hear();
    assert_eq!((header.payload_type, &payload[..]), (101, &[5, 0x8a, 0, 160][..]));
    assert_eq!(header.sequence, before.sequence.wrapping_add(1));
    caller.speak(&caller_port, 0, &[0x80; 160]);
    let (header, payload) = agent.hear();
    assert_eq!((header.payload_type, payload), (8, vec![0xaa; 160]));
    // A far end without telephone events is spared them, and sees no gap.
    relay.negotiated(agent_port.id, negotiated(Some(agent.address()), Codec::Pcma, None, Direction::SendReceive));
    // Until the relay's thread has heard of it, they come as before.
    until(|| {
        let before = speak_until_heard(&caller, &caller_port, &agent);
        caller.speak(&caller_port, 96, &[5, 0x8a, 0, 160]);
        let after = speak_until_heard(&caller, &caller_port, &agent);
        after.payload_type == 8 && after.sequence == before.sequence.wrapping_add(1)
    });
}

#[test]
fn a_stranger_at_three_times_the_rate_gets_nothing_through() {
    let (relay, _) = relay(20_040..=20_049, 1);
    let (caller, caller_port) = leg(&relay, Codec::Pcmu);
    let (agent, agent_port) = leg(&relay, Codec::Pcmu);
    let stranger = Phone::on("127.0.0.2");
    relay.bridge(caller_port.id, agent_port.id);
    speak_until_heard(&caller, &caller_port, &agent);
    for number in 0..100_u16 {
        for _ in 0..3 {
            stranger.speak(&caller_port, 0, &[0xee; 160]);
        }
        caller.speak(&caller_port, 0, &[1; 160]);
        let (header, payload) = agent.hear();
        assert_eq!(payload, [1; 160], "packet {number}");
        assert_eq!(header.payload_type, 0);
    }
    let statistics = relay.statistics(caller_port.id).unwrap();
    assert_eq!(statistics.dropped_source, 300);
    assert_eq!(relay.statistics(agent_port.id).unwrap().dropped_source, 0);
    stranger.hears_nothing();
}

#[test]
fn a_stranger_who_is_first_gets_nothing_through_either() {
    let (relay, _) = relay(20_150..=20_159, 1);
    let (caller, caller_port) = leg(&relay, Codec::Pcmu);
    let (agent, agent_port) = leg(&relay, Codec::Pcmu);
    let stranger = Phone::on("127.0.0.2");
    relay.bridge(caller_port.id, agent_port.id);
    // The caller has not said a word, and anybody who guesses the port is quicker.
    for _ in 0..150 {
        stranger.speak(&caller_port, 0, &[0xee; 160]);
    }
    until(|| relay.statistics(caller_port.id).is_some_and(|statistics| statistics.dropped_source == 150));
    // What the agent says goes to the caller as described, and to nobody else.
    agent.speak(&agent_port, 0, &[7; 160]);
    assert_eq!(caller.hear().1, [7; 160]);
    caller.speak(&caller_port, 0, &[1; 160]);
    assert_eq!(agent.hear().1, [1; 160], "the first that the agent hears is the caller");
    stranger.hears_nothing();
    agent.hears_nothing();
}

#[test]
fn after_a_change_of_description_late_packets_of_the_old_one_are_not_heard() {
    let (relay, _) = relay(20_160..=20_169, 1);
    let (caller, caller_port) = leg(&relay, Codec::Pcmu);
    let (agent, agent_port) = leg(&relay, Codec::Pcmu);
    let moved = Phone::new();
    relay.bridge(caller_port.id, agent_port.id);
    let before = speak_until_heard(&caller, &caller_port, &agent);
    let now_there = negotiated(Some(moved.address()), Codec::Pcmu, None, Direction::SendReceive);
    relay.negotiated(caller_port.id, now_there);
    // The order is followed when the agent is heard at the new place.
    speak_until_heard(&agent, &agent_port, &moved);
    for _ in 0..10 {
        caller.speak(&caller_port, 0, &[0xee; 160]);
    }
    until(|| relay.statistics(caller_port.id).is_some_and(|statistics| statistics.dropped_source == 10));
    moved.speak(&caller_port, 0, &[2; 160]);
    let (header, payload) = agent.hear();
    assert_eq!(payload, [2; 160]);
    assert_eq!((header.ssrc, header.sequence), (before.ssrc, before.sequence.wrapping_add(1)), "one stream");
    assert!(header.marker);
}

#[test]
fn a_phone_behind_nat_is_answered_where_it_really_is() {
    let (relay, _) = relay(20_050..=20_059, 1);
    let (described, phone, stranger) = (Phone::new(), Phone::on("127.0.0.2"), Phone::on("127.0.0.3"));
    let port = relay.open(0).unwrap();
    let signals_from = Some(phone.address().ip());
    let negotiated = negotiated(Some(described.address()), Codec::Pcmu, None, Direction::SendReceive);
    relay.negotiated(port.id, Negotiated { signals_from, ..negotiated });
    relay.play(port.id, Playback::looped(Prompts::music()));
    described.hear();
    stranger.speak(&port, 0, &[1; 160]);
    phone.speak(&port, 0, &[1; 160]);
    phone.hear();
    stranger.speak(&port, 0, &[1; 160]);
    for _ in 0..10 {
        phone.hear();
    }
    stranger.hears_nothing();
}

#[test]
fn wideband_and_telephone_sound_are_translated_both_ways() {
    let (relay, _) = relay(20_170..=20_179, 1);
    let (caller, caller_port) = leg(&relay, Codec::G722);
    let (agent, agent_port) = leg(&relay, Codec::Pcma);
    relay.bridge(caller_port.id, agent_port.id);
    let tone = tone::sine(440.0, 1_000, -12.0);
    for (from, port, to, codec, heard_as) in [
        (&caller, &caller_port, &agent, Codec::G722, Codec::Pcma),
        (&agent, &agent_port, &caller, Codec::Pcma, Codec::G722),
    ] {
        let sent = transcode::encode(codec, tone.iter().copied());
        let mut transcoder = Transcoder::new(codec, heard_as);
        for payload in sent.chunks_exact(160) {
            from.speak(port, codec.payload_type(), payload);
            let (header, heard) = to.hear();
            let mut expected = payload.to_vec();
            transcoder.translate(&mut expected);
            assert_eq!((header.payload_type, heard), (heard_as.payload_type(), expected));
        }
    }
}

#[test]
fn a_codec_that_we_do_not_speak_passes_untouched_and_to_nobody_with_another() {
    let (relay, _) = relay(20_180..=20_199, 1);
    let foreign = |phone: &Phone, sent, received, codec| {
        let sound = Sound::Foreign { codec, clock_rate_hz: 48_000 };
        Negotiated {
            taken: vec![(sound, sent)],
            heard: vec![(received, Kind::Voice(sound)), (101, Kind::TelephoneEvent)],
            ..negotiated(Some(phone.address()), Codec::Pcmu, Some(101), Direction::SendReceive)
        }
    };
    let (caller, caller_port) = leg(&relay, Codec::Pcmu);
    let (agent, agent_port) = leg(&relay, Codec::Pcmu);
    relay.negotiated(caller_port.id, foreign(&caller, 111, 96, 1));
    relay.negotiated(agent_port.id, foreign(&agent, 98, 98, 1));
    relay.bridge(caller_port.id, agent_port.id);
    // Packets of all lengths, of which we understand nothing.
    for length in [1, 3, 77, 160, 400] {
        let payload: Vec<u8> = (0..length).map(|at| (at * 31 + length) as u8).collect();
        caller.speak(&caller_port, 96, &payload);
        let (header, heard) = agent.hear();
        assert_eq!((header.payload_type, &heard), (98, &payload));
        agent.speak(&agent_port, 98, &payload);
        let (header, heard) = caller.hear();
        assert_eq!((header.payload_type, heard), (111, payload));
    }
    caller.speak(&caller_port, 101, &[5, 0x8a, 0, 160]);
    assert_eq!(agent.hear().1, [5, 0x8a, 0, 160]);
    // Another one in the agent's place, and one that we speak: noise must not reach them.
    for other in
        [foreign(&agent, 98, 98, 2), negotiated(Some(agent.address()), Codec::Pcmu, Some(101), Direction::SendReceive)]
    {
        relay.negotiated(agent_port.id, other);
        let key = [1, 0x8a, 0, 160];
        // Until the relay's thread has heard of it, everything passes as before.
        until(|| {
            caller.speak(&caller_port, 96, &[9; 160]);
            caller.speak(&caller_port, 101, &key);
            let is_stopped = agent.hear().1 == key;
            is_stopped || agent.hear().1 != key
        });
        for _ in 0..5 {
            caller.speak(&caller_port, 96, &[9; 160]);
        }
        caller.speak(&caller_port, 101, &key);
        assert_eq!(agent.hear().1, key, "keys still pass, and nothing before them");
    }
}

#[test]
fn whatever_was_agreed_is_heard_at_any_time_also_in_the_middle_of_a_word() {
    let (relay, _) = relay(20_220..=20_229, 1);
    let (caller, caller_port) = leg(&relay, Codec::Pcma);
    let (agent, agent_port) = leg(&relay, Codec::Pcma);
    let foreign = Sound::Foreign { codec: 1, clock_rate_hz: 16_000 };
    let all = [(Codec::Pcmu, 0), (Codec::G722, 9), (Codec::Pcma, 100)];
    let all =
        || all.into_iter().map(|(codec, payload_type)| (Sound::Spoken(codec), payload_type)).chain([(foreign, 97)]);
    let to_agent = negotiated(Some(agent.address()), Codec::Pcma, Some(101), Direction::SendReceive);
    relay.negotiated(
        agent_port.id,
        Negotiated {
            taken: all().collect(),
            heard: all()
                .map(|(sound, payload_type)| (payload_type, Kind::Voice(sound)))
                .chain(to_agent.heard)
                .collect(),
            ..negotiated(Some(agent.address()), Codec::Pcma, Some(96), Direction::SendReceive)
        },
    );
    relay
        .negotiated(caller_port.id, negotiated(Some(caller.address()), Codec::Pcma, Some(101), Direction::SendReceive));
    relay.bridge(caller_port.id, agent_port.id);
    agent.speak(&agent_port, 8, &[1; 160]);
    let mut before = caller.hear().0;
    let mut transcoder = Transcoder::new(Codec::Pcma, Codec::Pcma);
    // The caller takes PCMA alone: it hears everything in it, and one stream.
    for (number, payload_type) in [0, 8, 0, 100, 9, 9, 0, 101, 9, 8].into_iter().enumerate() {
        let sent = [number as u8 + 7; 160];
        agent.speak(&agent_port, payload_type, &sent);
        let (header, heard) = caller.hear();
        let (mut expected, codec) = (sent.to_vec(), [(0, Codec::Pcmu), (9, Codec::G722)]);
        if let Some((_, codec)) = codec.into_iter().find(|(own, _)| *own == payload_type) {
            transcoder.turn(codec, Codec::Pcma);
            transcoder.translate(&mut expected);
        }
        let payload_type = if payload_type == 101 { 101 } else { 8 };
        let sequence = before.sequence.wrapping_add(1);
        let timestamp = before.timestamp.wrapping_add(160);
        assert_eq!(header, Header { marker: false, payload_type, sequence, timestamp, ..before }, "{number}");
        assert_eq!(heard, expected, "{number}");
        before = header;
    }
    // What the agent takes as it is, it gets untouched, though it would like PCMU best.
    caller.speak(&caller_port, 8, &[3; 160]);
    let (header, heard) = agent.hear();
    assert_eq!((header.payload_type, heard), (100, vec![3; 160]));
    caller.speak(&caller_port, 101, &[5, 0x8a, 0, 160]);
    assert_eq!(agent.hear().0.payload_type, 96, "keys under its own number");
    // A codec of the caller's that only passes through goes under the agent's number for it, with its own clock.
    let heard = vec![(97, Kind::Voice(foreign)), (9, Kind::Voice(Sound::Spoken(Codec::G722)))];
    let both = negotiated(Some(caller.address()), Codec::Pcma, None, Direction::SendReceive);
    relay.negotiated(caller_port.id, Negotiated { heard, ..both });
    relay.play(agent_port.id, Playback::looped(Prompts::music()));
    let music = agent.hear();
    assert_eq!(music.0.payload_type, 0, "prompts are in what it likes best of what we speak");
    relay.stop(agent_port.id);
    agent.socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    // Until the relay's thread has heard of the end of the music, nothing else is heard.
    let (first, passed) = (0..100_u8)
        .find_map(|number| {
            caller.speak(&caller_port, 97, &[9, 8, number]);
            let (header, heard) =
                std::iter::from_fn(|| agent.try_hear()).find(|(header, _)| header.payload_type != 0)?;
            Some((heard, header))
        })
        .expect("heard in the end");
    assert_eq!((passed.payload_type, passed.marker, &first[..2]), (97, true, &[9, 8][..]));
    agent.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    caller.speak(&caller_port, 9, &[6; 160]);
    let (header, heard) = agent.hear();
    assert_eq!((header.payload_type, header.marker, heard), (9, true, vec![6; 160]), "and its clock is another one");
    assert_eq!((header.ssrc, header.sequence), (passed.ssrc, passed.sequence.wrapping_add(1)));
}

#[test]
fn whoever_is_silent_but_reports_lives() {
    let settings = RelaySettings { silence: Duration::from_millis(400), ..settings(20_200..=20_209, 1) };
    let (relay, events) = relay_with(settings);
    let (phone, port) = leg(&relay, Codec::Pcmu);
    let stranger = Phone::on("127.0.0.2");
    let report = [0x80, 200, 0, 6, 0, 0, 0, 1];
    let comfort_noise = 13;
    type Sign<'a> = (&'a str, &'a dyn Fn());
    let signs: [Sign<'_>; 3] = [
        ("a report on the RTCP port", &|| _ = phone.socket.send_to(&report, ("127.0.0.1", port.rtp + 1)).unwrap()),
        ("a report among the voice", &|| _ = phone.socket.send_to(&report, ("127.0.0.1", port.rtp)).unwrap()),
        ("comfort noise", &|| phone.speak(&port, comfort_noise, &[40])),
    ];
    for (what, sign) in signs {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1_200) {
            sign();
            assert!(events.recv_timeout(Duration::from_millis(50)).is_err(), "{what}");
        }
        // What strangers report shows nothing.
        let silent = loop {
            _ = stranger.socket.send_to(&report, ("127.0.0.1", port.rtp + 1)).unwrap();
            if let Ok(event) = events.recv_timeout(Duration::from_millis(50)) {
                break event;
            }
            assert!(start.elapsed() < PATIENCE, "after {what} silence is never noticed");
        };
        assert_eq!(silent, RelayEvent::Silent { port: port.id });
    }
}

#[test]
fn prompts_follow_each_other_in_one_stream_and_music_lasts_as_long_as_it_is_to() {
    let (relay, events) = relay(20_210..=20_219, 1);
    let (phone, port) = leg(&relay, Codec::G722);
    let (first, short) = (Prompts::beep(), Arc::new(Prompt::from_samples("60 ms", &[1_000; 480])));
    relay.play(port.id, Playback::Once(vec![first.clone(), short.clone(), first.clone()]));
    let frames = |prompt: &Prompt| -> Vec<Vec<u8>> {
        (0..prompt.frames()).map(|at| prompt.frame(Codec::G722, at).unwrap().to_vec()).collect()
    };
    let expected: Vec<Vec<u8>> = [frames(&first), frames(&short), frames(&first)].concat();
    let mut before: Option<Header> = None;
    for frame in expected {
        let (header, payload) = phone.hear();
        assert_eq!((header.payload_type, payload), (9, frame));
        if let Some(before) = before {
            assert_eq!(header.sequence, before.sequence.wrapping_add(1));
            assert_eq!(header.timestamp, before.timestamp.wrapping_add(160));
        }
        before = Some(header);
    }
    assert_eq!(events.recv_timeout(PATIENCE), Ok(RelayEvent::PromptEnded { port: port.id }));
    // Music from its second 24.9 on, for 200 ms: it begins anew meanwhile.
    let (music, lasting) = (Prompts::music(), Some(Duration::from_millis(200)));
    let from = music.duration() - Duration::from_millis(100);
    relay.play(port.id, Playback::Looped { prompt: music.clone(), from, lasting });
    let music = frames(&music);
    for frame in music[music.len() - 5..].iter().chain(&music[..5]) {
        assert_eq!(phone.hear().1, *frame);
    }
    assert_eq!(events.recv_timeout(PATIENCE), Ok(RelayEvent::PromptEnded { port: port.id }));
    phone.hears_nothing();
}

#[test]
fn nothing_is_sent_to_anyone_before_a_negotiation() {
    let (relay, _) = relay(20_060..=20_069, 1);
    let phone = Phone::new();
    let port = relay.open(0).unwrap();
    relay.play(port.id, Playback::looped(Prompts::music()));
    for _ in 0..5 {
        phone.speak(&port, 0, &[1; 160]);
    }
    let expected = Statistics { dropped_other: 5, ..Statistics::default() };
    until(|| relay.statistics(port.id) == Some(expected));
    phone.hears_nothing();
}

#[test]
fn on_hold_neither_music_nor_voice_reaches_the_phone() {
    let (relay, _) = relay(20_070..=20_079, 1);
    let (phone, port) = leg(&relay, Codec::Pcmu);
    relay.play(port.id, Playback::looped(Prompts::music()));
    let last = phone.hear().0;
    relay.negotiated(port.id, negotiated(Some(phone.address()), Codec::Pcmu, None, Direction::Inactive));
    phone.socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut sequence = last.sequence;
    while let Some((header, _)) = phone.try_hear() {
        sequence = header.sequence;
    }
    phone.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    relay.negotiated(port.id, negotiated(Some(phone.address()), Codec::Pcmu, None, Direction::SendReceive));
    let (header, _) = phone.hear();
    assert_eq!((header.sequence, header.marker), (sequence.wrapping_add(1), true));
}

#[test]
fn the_end_of_a_prompt_and_a_silent_phone_are_reported_once() {
    let settings = RelaySettings { silence: Duration::from_millis(100), ..settings(20_080..=20_089, 1) };
    let (relay, events) = relay_with(settings);
    let (phone, port) = leg(&relay, Codec::Pcmu);
    relay.play(port.id, Playback::Once(vec![Arc::new(Prompt::from_samples("40 ms", &[0; 320]))]));
    assert_eq!(events.recv_timeout(PATIENCE), Ok(RelayEvent::PromptEnded { port: port.id }));
    assert_eq!(events.recv_timeout(PATIENCE), Ok(RelayEvent::Silent { port: port.id }));
    assert!(events.recv_timeout(Duration::from_millis(250)).is_err(), "said again");
    phone.speak(&port, 0, &[1; 160]);
    assert_eq!(events.recv_timeout(PATIENCE), Ok(RelayEvent::Silent { port: port.id }));
}

#[test]
fn nothing_is_sent_where_no_single_phone_can_be() {
    let (relay, _) = relay(20_110..=20_119, 1);
    let (phone, control) = leg(&relay, Codec::Pcmu);
    let port = relay.open(0).unwrap();
    for remote in ["0.0.0.0:20000", "224.0.0.1:20000", "255.255.255.255:20000", "127.0.0.1:0"] {
        relay.negotiated(port.id, negotiated(Some(remote.parse().unwrap()), Codec::Pcmu, None, Direction::SendReceive));
        relay.play(port.id, Playback::looped(Prompts::music()));
        relay.play(control.id, Playback::Once(vec![Prompts::beep()]));
        for _ in 0..5 {
            phone.hear();
        }
    }
    let statistics = relay.statistics(port.id).unwrap();
    assert_eq!((statistics.sent, statistics.unsent), (0, 0));
}

#[test]
fn a_relay_on_both_protocols_serves_phones_of_both() {
    let address = "::".parse().unwrap();
    let (relay, _) = relay_with(RelaySettings { address, ..settings(20_120..=20_129, 1) });
    for ip in ["127.0.0.1", "::1"] {
        let (phone, port) = (Phone::on(ip), relay.open(0).unwrap());
        relay.negotiated(port.id, negotiated(Some(phone.address()), Codec::Pcmu, None, Direction::SendReceive));
        relay.play(port.id, Playback::looped(Prompts::music()));
        phone.hear();
    }
}

#[test]
fn legs_that_change_threads_in_any_order_end_up_where_the_last_order_put_them() {
    let (relay, _) = relay(20_130..=20_149, 3);
    let legs: Vec<_> = (0..8).map(|_| leg(&relay, Codec::Pcmu)).collect();
    let ids: Vec<_> = legs.iter().map(|(_, port)| port.id).collect();
    thread::scope(|scope| {
        for seed in 1..=4_usize {
            let (relay, ids) = (relay.clone(), &ids);
            scope.spawn(move || {
                for step in 0..2_000 {
                    let (first, second) = (ids[seed * step % 8], ids[(seed + step * 3) % 8]);
                    match (seed + step) % 7 {
                        0 => relay.play(first, Playback::looped(Prompts::music())),
                        1 => relay.unbridge(second),
                        2 => relay.stop(first),
                        _ => relay.bridge(first, second),
                    }
                }
            });
        }
    });
    for pair in legs.chunks_exact(2) {
        relay.bridge(pair[0].1.id, pair[1].1.id);
    }
    for pair in legs.chunks_exact(2) {
        speak_until_heard(&pair[0].0, &pair[0].1, &pair[1].0);
        speak_until_heard(&pair[1].0, &pair[1].1, &pair[0].0);
    }
}

#[test]
fn when_all_ports_are_taken_the_error_says_which_key_to_change_and_closing_frees_them() {
    let (relay, _) = relay(20_091..=20_096, 2);
    let (first, second) = (relay.open(0).unwrap(), relay.open(0).unwrap());
    assert_eq!((first.rtp, second.rtp), (20_092, 20_094));
    let error = relay.open(0).unwrap_err();
    assert!(matches!(error, RelayError::PortsExhausted { pairs: 2, open: 2, .. }), "{error:?}");
    assert!(error.to_string().contains("media.ports 20091-20096"), "{error}");
    relay.close(first.id);
    let error = relay.open(1).unwrap_err();
    assert!(matches!(error, RelayError::PortsExhausted { spare: 1, .. }), "the last pair is kept: {error:?}");
    let again = relay.open(0).unwrap();
    assert_eq!(again.rtp, first.rtp);
    assert_ne!(again.id, first.id);
    assert_eq!(relay.statistics(first.id), None);
    relay.close(second.id);
    assert_eq!(relay.open(0).unwrap().rtp, second.rtp);
}

#[test]
fn useless_settings_are_refused() {
    let start = |settings| Relay::start(settings, |_| ()).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(start(settings(20_001..=20_001, 1)).contains("media.ports 20001-20001"));
    assert!(start(settings(20_000..=20_001, 0)).contains("media.threads is 0"));
}

#[test]
fn dropping_the_last_handle_ends_the_threads_and_frees_the_ports() {
    let (relay, _) = relay(20_100..=20_101, 2);
    let port = relay.open(0).unwrap();
    let clone = relay.clone();
    drop(relay);
    assert!(UdpSocket::bind(("127.0.0.1", port.rtp)).is_err());
    drop(clone);
    UdpSocket::bind(("127.0.0.1", port.rtp)).unwrap();
}

/// Prints what a packet costs the relay and a bare loop of one recv and one send, in CPU time of their threads.
#[test]
#[ignore = "a measurement: run it alone, in release, with --nocapture"]
fn cost_of_a_packet() {
    const CALLS: u16 = 50;
    const ROUNDS: u16 = 300;
    let (relay, _) = relay(21_000..=22_999, 1);
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let (caller, caller_port) = leg(&relay, Codec::Pcmu);
            let (agent, agent_port) = leg(&relay, Codec::Pcmu);
            relay.bridge(caller_port.id, agent_port.id);
            speak_until_heard(&caller, &caller_port, &agent);
            (caller, caller_port, agent)
        })
        .collect();
    for at_once in [1, usize::from(CALLS)] {
        let before = cpu_of_thread("relay-0");
        for _ in 0..ROUNDS {
            for calls in calls.chunks(at_once) {
                for (caller, caller_port, _) in calls {
                    caller.speak(caller_port, 0, &[1; 160]);
                }
                for (_, _, agent) in calls {
                    agent.hear();
                }
            }
        }
        let packets = u128::from(ROUNDS) * u128::from(CALLS);
        let relayed = (cpu_of_thread("relay-0") - before).as_nanos() / packets;
        let bare = UdpSocket::bind("127.0.0.1:0").unwrap();
        let bare_port = Port { id: PortId(0), rtp: bare.local_addr().unwrap().port() };
        let agents: Vec<_> = calls.iter().map(|(_, _, agent)| agent.address()).collect();
        let looping = thread::Builder::new().name("bare".into()).spawn(move || {
            let mut datagram = [0; 2_048];
            for packet in 0..packets as usize {
                let (len, _) = bare.recv_from(&mut datagram).unwrap();
                bare.send_to(&datagram[..len], agents[packet % agents.len()]).unwrap();
            }
            cpu_of_thread("bare")
        });
        for _ in 0..ROUNDS {
            for calls in calls.chunks(at_once) {
                for (caller, _, _) in calls {
                    caller.speak(&bare_port, 0, &[1; 160]);
                }
                for (_, _, agent) in calls {
                    agent.hear();
                }
            }
        }
        let bare = looping.unwrap().join().unwrap().as_nanos() / packets;
        let ratio = relayed as f64 / bare as f64;
        println!("{at_once} at once: relay {relayed} ns a packet, bare loop {bare} ns: {ratio:.2}");
    }
    drop(calls);
    let listeners: Vec<_> = (0..200).map(|_| leg(&relay, Codec::Pcmu)).collect();
    for (_, port) in &listeners {
        relay.play(port.id, Playback::looped(Prompts::music()));
    }
    listeners[0].0.hear();
    let before = cpu_of_thread("relay-0");
    for _ in 0..150 {
        listeners[0].0.hear();
    }
    let spent = (cpu_of_thread("relay-0") - before) / 3 / 200;
    for (_, port) in &listeners {
        relay.close(port.id);
    }
    let sockets: Vec<_> = listeners.iter().map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let bare = thread::Builder::new().name("bare".into()).spawn(move || {
        let phones: Vec<_> = listeners.iter().map(|_| Phone::new()).collect();
        let addresses: Vec<_> = phones.iter().map(Phone::address).collect();
        let before = cpu_of_thread("bare");
        let start = Instant::now();
        for turn in 0..600_u32 {
            for (socket, address) in sockets.iter().zip(&addresses).skip(turn as usize % 4).step_by(4) {
                socket.send_to(&[0; 172], address).unwrap();
            }
            // The pace is part of what is measured: sends from cold caches cost more.
            thread::sleep((start + Duration::from_millis(5) * (turn + 1)).saturating_duration_since(Instant::now()));
        }
        (cpu_of_thread("bare") - before) / 3 / 200
    });
    let bare = bare.unwrap().join().unwrap();
    println!("200 waiting callers with music: {spent:?} of CPU each a second; 50 bare sends: {bare:?}");
}

fn settings(ports: RangeInclusive<u16>, threads: usize) -> RelaySettings {
    let address = "127.0.0.1".parse().unwrap();
    RelaySettings { address, ports, threads, latch: Duration::from_secs(2), silence: Duration::from_secs(60) }
}

fn relay(ports: RangeInclusive<u16>, threads: usize) -> (Relay, Receiver<RelayEvent>) {
    relay_with(settings(ports, threads))
}

fn relay_with(settings: RelaySettings) -> (Relay, Receiver<RelayEvent>) {
    let (sender, events) = channel();
    let on_event = move |event| {
        // Tests that do not look at events have dropped the receiver.
        let _ = sender.send(event);
    };
    (Relay::start(settings, on_event).unwrap(), events)
}

/// What is agreed with a phone that signals from where its sound comes from.
fn negotiated(
    remote: Option<SocketAddr>,
    codec: Codec,
    telephone_event: Option<u8>,
    direction: Direction,
) -> Negotiated {
    let keys = telephone_event.map(|payload_type| (payload_type, Kind::TelephoneEvent));
    Negotiated {
        remote: remote.map_or(Described::Nowhere, Described::At),
        signals_from: remote.map(|address| address.ip()),
        taken: vec![(Sound::Spoken(codec), codec.payload_type())],
        keys_taken: telephone_event,
        heard: [(codec.payload_type(), Kind::Voice(Sound::Spoken(codec)))].into_iter().chain(keys).collect(),
        direction,
    }
}

/// A phone and its leg, negotiated both ways.
fn leg(relay: &Relay, codec: Codec) -> (Phone, Port) {
    let phone = Phone::new();
    let port = relay.open(0).unwrap();
    relay.negotiated(port.id, negotiated(Some(phone.address()), codec, None, Direction::SendReceive));
    (phone, port)
}

/// Speaks mu-law until the other phone hears it, and returns the last header heard. Then all earlier orders have been
/// followed: a thread that moved this packet was woken for them no later.
fn speak_until_heard(from: &Phone, port: &Port, to: &Phone) -> Header {
    let quick = Duration::from_millis(50);
    to.socket.set_read_timeout(Some(quick)).unwrap();
    for attempt in 1..100 {
        from.speak(port, 0, &vec![1; attempt]);
        while let Some((header, payload)) = to.try_hear() {
            if payload.len() == attempt {
                to.socket.set_read_timeout(Some(PATIENCE)).unwrap();
                return header;
            }
        }
    }
    panic!("never heard");
}

fn until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never came true");
        thread::yield_now();
    }
}

/// User and system time of a thread of this process, by its name.
fn cpu_of_thread(name: &str) -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let mut tasks = tasks.map(|task| task.unwrap().path());
    let of_name =
        |path: &std::path::PathBuf| std::fs::read_to_string(path.join("comm")).is_ok_and(|c| c.trim() == name);
    let schedstat = std::fs::read_to_string(tasks.find(of_name).unwrap().join("schedstat")).unwrap();
    Duration::from_nanos(schedstat.split(' ').next().unwrap().parse().unwrap())
}

struct Phone {
    socket: UdpSocket,
    sequence: Cell<u16>,
}

impl Phone {
    fn new() -> Phone {
        Phone::on("127.0.0.1")
    }

    fn on(ip: &str) -> Phone {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Phone { socket, sequence: Cell::new(0) }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    fn speak(&self, port: &Port, payload_type: u8, payload: &[u8]) {
        let sequence = self.sequence.get().wrapping_add(1);
        self.sequence.set(sequence);
        let timestamp = u32::from(sequence) * 160;
        let header = Header { marker: false, payload_type, sequence, timestamp, ssrc: self.address().port().into() };
        let packet = [&header.to_bytes()[..], payload].concat();
        self.socket.send_to(&packet, ("127.0.0.1", port.rtp)).unwrap();
    }

    fn hear(&self) -> (Header, Vec<u8>) {
        self.try_hear().expect("a packet in time")
    }

    fn try_hear(&self) -> Option<(Header, Vec<u8>)> {
        let mut datagram = [0; 2_048];
        let (len, _) = self.socket.recv_from(&mut datagram).ok()?;
        let packet = rtp::parse(&datagram[..len]).unwrap();
        Some((packet.header, datagram[packet.payload].to_vec()))
    }

    fn hears_nothing(&self) {
        self.socket.set_nonblocking(true).unwrap();
        assert_eq!(self.try_hear(), None);
    }
}
