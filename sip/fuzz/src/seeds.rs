//! What mutation and fuzzing begin with: the torture messages, and a few of every kind that phones and trunks send.

macro_rules! torture {
    ($($name:literal,)*) => {
        /// Name and text of each message in `sip/tests/torture/`, in the RFCs' order.
        pub const TORTURE: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../tests/torture/", $name, ".sip"))),)*];
    };
}

torture![
    "wsinv",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "dblreq",
    "semiuri",
    "transports",
    "mpart01",
    "unreason",
    "noreason",
    "badinv01",
    "clerr",
    "ncl",
    "scalar02",
    "scalarlg",
    "quotbal",
    "ltgtruri",
    "lwsruri",
    "lwsstart",
    "trws",
    "escruri",
    "baddate",
    "regbadct",
    "badaspec",
    "baddn",
    "badvers",
    "mismatch01",
    "mismatch02",
    "bigcode",
    "badbranch",
    "insuf",
    "unkscm",
    "novelsc",
    "unksm2",
    "bext01",
    "invut",
    "regaut01",
    "multi01",
    "mcl01",
    "bcast",
    "zeromf",
    "cparam01",
    "cparam02",
    "regescrt",
    "sdp01",
    "inv2543",
    "ipv6-good",
    "ipv6-bad",
    "port-ambiguous",
    "port-unambiguous",
    "via-received-param-with-delim",
    "via-received-param-no-delim",
    "ipv6-in-sdp",
    "mult-ip-in-header",
    "mult-ip-in-sdp",
    "ipv4-mapped-ipv6",
    "ipv6-bug-abnf-3-colons",
    "ipv6-correct-abnf-2-colons",
];

/// The bytes of a torture message, whose text is in the notation of RFC 4475 §2.
pub fn bytes_of(text: &str) -> Vec<u8> {
    let text = repeated(&joined(text));
    let mut bytes = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, hex, after)) = tag(rest, "<hex>", "</hex>") {
        bytes.extend(before.replace('\n', "\r\n").bytes());
        let digits: Vec<u32> = hex.chars().map(|c| c.to_digit(16).expect("a hexadecimal digit")).collect();
        bytes.extend(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8));
        rest = after;
    }
    bytes.extend(rest.replace('\n', "\r\n").bytes());
    bytes
}

fn joined(text: &str) -> String {
    match tag(text, "<allOneLine>\n", "</allOneLine>") {
        Some((before, lines, after)) => format!("{before}{}{}", lines.replace('\n', ""), joined(after)),
        None => text.to_owned(),
    }
}

fn repeated(text: &str) -> String {
    let Some((before, inner, after)) = tag(text, "<repeat count=", "</repeat>") else { return text.to_owned() };
    let (count, what) = inner.split_once('>').expect("a closed tag");
    format!("{before}{}{}", what.repeat(count.parse().expect("a count")), repeated(after))
}

fn tag<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, rest) = text.split_once(open)?;
    let (inner, after) = rest.split_once(close).expect("a closed tag");
    Some((before, inner, after))
}

/// Messages of every kind.
pub fn messages() -> Vec<Vec<u8>> {
    let torture = TORTURE.iter().map(|(_, text)| bytes_of(text));
    torture.chain(USUAL.iter().map(|text| text.replace('\n', "\r\n").into_bytes())).collect()
}

/// Streams: two bytes that say how to cut, then messages with keep-alives between them.
pub fn streams() -> Vec<Vec<u8>> {
    let messages = messages();
    let between: [&[u8]; 3] = [b"", b"\r\n", b"\r\n\r\n"];
    let streams = messages.windows(3).zip(between.iter().cycle());
    streams.map(|(three, between)| [&[7, 1], &three.join(*between)[..]].concat()).collect()
}

/// Session descriptions.
pub fn descriptions() -> Vec<Vec<u8>> {
    let bodies = messages().into_iter().filter_map(|message| Some(sip::wire::parse(&message).ok()?.body));
    let own = DESCRIPTIONS.iter().map(|text| text.replace('\n', "\r\n").into_bytes());
    bodies.filter(|body| body.starts_with(b"v=0")).chain(own).collect()
}

/// Packets on an RTP port: voice, a key, with everything optional, RTCP, STUN.
pub fn packets() -> Vec<Vec<u8>> {
    let header = [0, 1, 0, 0, 0, 160, 1, 2, 3, 4];
    let packet = |start: &[u8], rest: &[u8]| [start, &header, rest].concat();
    vec![
        packet(&[0x80, 0x80], &[0xd5; 160]),
        packet(&[0x80, 101], &[5, 0x8a, 3, 0x20]),
        packet(&[0xb2, 8], &[[9; 8].as_slice(), &[0xbe, 0xde, 0, 1, 0x10, 1, 0, 0], &[0xd5; 20], &[0, 0, 3]].concat()),
        packet(&[0x80, 200], &[0; 16]),
        vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ]
}

const DESCRIPTIONS: &[&str] = &[
    "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\na=sendonly\nm=audio 5002 RTP/AVP 96 8 0 97 13\n\
     a=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1\na=rtpmap:97 telephone-event/8000\na=fmtp:97 0-16\na=ptime:20\n\
     m=audio 5004 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\na=inactive\n",
    "v=0\no=- 1 2 IN IP6 ::1\ns=-\nt=0 0\nm=audio 9/2 RTP/AVP 0 8 101\nc=IN IP6 ::1/3\na=rtpmap:101 telephone-event/8000\n\
     a=recvonly\nm=video 0 RTP/AVP 31\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n",
    "v=0\nc=IN IP4 0.0.0.0\nm=audio 0 RTP/AVP 0\n",
];

const USUAL: &[&str] = &[
    "REGISTER sip:10.0.0.1 SIP/2.0\nv: SIP/2.0/UDP 10.0.0.20;rport;branch=z9hG4bKr\nf: <sip:ann@10.0.0.1>;tag=r\n\
     t: <sip:ann@10.0.0.1>\ni: r\nCSeq: 1 REGISTER\n\
     m: <sip:ann@10.0.0.20;transport=udp>;+sip.instance=\"<urn:uuid:0>\";expires=60, \"b, c\" <sip:x@y>\n\
     Authorization: Digest username=\"ann\", realm=\"vorrang\", nonce=\"0123456789abcdef0\", uri=\"sip:10.0.0.1\", \
     response=\"00\", algorithm=SHA-256, qop=auth, nc=0000000a, cnonce=\"x\"\nl: 0\n\n",
    "INVITE tel:+49-30-1234 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKt\nFrom: <sip:a@b>;tag=t\nTo: <tel:+49>\n\
     Call-ID: t\nCSeq: 1 INVITE\nContact: <sip:a@10.0.0.2>\nRecord-Route: <sip:10.0.0.2;lr>, <sip:p>\n\
     P-Asserted-Identity: \"A\" <sip:+49301234@10.0.0.2;user=phone>, <tel:+49301234>\nContent-Type: application/sdp\n\n\
     v=0\nc=IN IP4 10.0.0.2\nm=audio 4000 RTP/AVP 8 0\n",
    "CANCEL tel:+49-30-1234 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKt\nFrom: <sip:a@b>;tag=t\nTo: <tel:+49>\n\
     Call-ID: t\nCSeq: 1 CANCEL\nl: 0\n\n",
    "ACK sip:x@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKt\nFrom: <sip:a@b>;tag=t\nTo: <sip:x@y>;tag=q\n\
     Call-ID: t\nCSeq: 1 ACK\nl: 0\n\n",
    "INVITE sip:4711@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKm\nFrom: \"M\u{fc}ller\" <sip:a@b>;tag=m\n\
     To: <sip:4711@10.0.0.1>\nCall-ID: m\nCSeq: 1 INVITE\nContact: <sip:a@10.0.0.2>\nMIME-Version: 1.0\n\
     Content-Type: multipart/mixed;boundary=\"b d\"\n\n--b d\nContent-Type: application/isup;version=itu-t92+\n\
     Content-Disposition: signal;handling=optional\n\n\u{1}\u{2}\n--b d\nContent-Type: application/sdp\n\n\
     v=0\nc=IN IP4 10.0.0.2\nm=audio 4000 RTP/AVP 8\n--b d--\n",
    "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\nFrom: <sip:a@x>;tag=a\nTo: <sip:b@y>;tag=b\nCall-ID: z\n\
     CSeq: 1 INVITE\nContact: <sip:b@10.0.0.9>\nRecord-Route: <sip:p;lr>, <sip:q>\nl: 0\n\n",
    "SIP/2.0 401 Unauthorized\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\nFrom: <sip:a@x>;tag=a\nTo: <sip:b@y>;tag=b\n\
     Call-ID: z\nCSeq: 1 REGISTER\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth,auth-int\"\nl: 0\n\n",
];
