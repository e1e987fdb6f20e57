//! Session descriptions: what of RFC 8866 one audio stream needs, and the offer/answer rules about it (RFC 3264).
//! Never chooses an address or a port, and never keeps what it does not understand, except its place in the answer.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::media;
use crate::wire::is_token;
use crate::wire::text::cut;

/// The longest description that is read, in bytes.
pub const SDP_BYTES_MAX: usize = 16 * 1024;
/// The most media lines and the most formats per line.
const ITEMS_MAX: usize = 64;
/// The most codecs of one side that are offered on to the other.
const OFFERED_ON_MAX: usize = 16;
/// More bytes than our descriptions have, unless a peer has much to say.
const USUAL_LENGTH: usize = 384;
/// The longest name of a host (RFC 1035 §2.3.4, as text).
const HOST_BYTES_MAX: usize = 253;
/// The profiles of RTP that we speak. The second one differs in when reports are sent (RFC 4585), and we send none; what is
/// encrypted we cannot hear.
const PROFILES: [&str; 2] = ["RTP/AVP", "RTP/AVPF"];
/// The longest parameters of a format, in bytes, that are passed on.
const PARAMETERS_BYTES_MAX: usize = 255;

/// Why a description cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// Not a description at all.
    #[error("not a session description: {0}")]
    Malformed(&'static str),
    /// No audio over plain RTP, or none that is wanted: all of it has port 0.
    #[error("no audio stream over RTP/AVP with a port")]
    NoAudio,
    /// Audio, but in no codec both sides know.
    #[error("no codec in common")]
    NoCommonCodec,
}

/// A codec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// G.711 µ-law, static payload type 0.
    Pcmu,
    /// G.711 A-law, static payload type 8.
    Pcma,
    /// G.722, static payload type 9.
    G722,
    /// Keys as events (RFC 4733), at 8000 Hz.
    TelephoneEvent,
    /// Anything else: what both sides of a call know passes untouched.
    Other {
        /// In upper case, for example `OPUS`.
        name: String,
        /// In Hz.
        clock_rate: u32,
        /// 1 if nothing is said.
        channels: u8,
    },
}

/// The codecs that we can hear and speak, and turn into each other.
pub const OURS: [Codec; 3] = [Codec::Pcma, Codec::Pcmu, Codec::G722];

/// What has a payload type and is no speech by itself: keys at other rates, comfort noise, redundancy, and the like.
const NO_SPEECH: [&str; 7] = ["TELEPHONE-EVENT", "CN", "RED", "ULPFEC", "FLEXFEC", "RTX", "TONE"];

impl Codec {
    fn of(name: &str, clock_rate: u32, channels: u8) -> Codec {
        let known = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::TelephoneEvent];
        // G.722 has 16000 samples a second and a clock of 8000 Hz (RFC 3551 §4.5.2); some write the former.
        let clock = |known: &Codec| clock_rate == 8000 || (known, clock_rate) == (&Codec::G722, 16_000);
        let is_this = |known: &Codec| known.name().eq_ignore_ascii_case(name) && clock(known) && channels == 1;
        let other = || Codec::Other { name: name.to_ascii_uppercase(), clock_rate, channels };
        known.into_iter().find(is_this).unwrap_or_else(other)
    }

    /// Whether it carries speech.
    pub fn is_speech(&self) -> bool {
        match self {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => true,
            Codec::TelephoneEvent => false,
            Codec::Other { name, .. } => !NO_SPEECH.contains(&name.as_str()),
        }
    }

    /// The codec as we speak it; `None` for what only passes through.
    pub fn spoken(&self) -> Option<media::Codec> {
        match self {
            Codec::Pcmu => Some(media::Codec::Pcmu),
            Codec::Pcma => Some(media::Codec::Pcma),
            Codec::G722 => Some(media::Codec::G722),
            Codec::TelephoneEvent | Codec::Other { .. } => None,
        }
    }

    /// The rate of its RTP clock in Hz.
    pub fn clock_rate(&self) -> u32 {
        match self {
            Codec::Pcmu | Codec::Pcma | Codec::G722 | Codec::TelephoneEvent => 8000,
            Codec::Other { clock_rate, .. } => *clock_rate,
        }
    }

    /// What a payload type means without an rtpmap (RFC 3551 §6).
    fn of_payload(payload: u8) -> Option<Codec> {
        let (name, clock_rate, channels) = match payload {
            0 => ("PCMU", 8000, 1),
            3 => ("GSM", 8000, 1),
            4 => ("G723", 8000, 1),
            5 => ("DVI4", 8000, 1),
            6 => ("DVI4", 16_000, 1),
            7 => ("LPC", 8000, 1),
            8 => ("PCMA", 8000, 1),
            9 => ("G722", 8000, 1),
            10 => ("L16", 44_100, 2),
            11 => ("L16", 44_100, 1),
            12 => ("QCELP", 8000, 1),
            13 => ("CN", 8000, 1),
            15 => ("G728", 8000, 1),
            16 => ("DVI4", 11_025, 1),
            17 => ("DVI4", 22_050, 1),
            18 => ("G729", 8000, 1),
            _ => return None,
        };
        Some(Codec::of(name, clock_rate, channels))
    }

    fn name(&self) -> &str {
        match self {
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
            Codec::G722 => "G722",
            Codec::TelephoneEvent => "telephone-event",
            Codec::Other { name, .. } => name,
        }
    }

    /// As it stands in `a=rtpmap`.
    fn write(&self, text: &mut String) {
        for part in [self.name(), "/", itoa::Buffer::new().format(self.clock_rate())] {
            text.push_str(part);
        }
        match self {
            Codec::Pcmu | Codec::Pcma | Codec::G722 | Codec::TelephoneEvent | Codec::Other { channels: 1, .. } => {}
            Codec::Other { channels, .. } => {
                let _ = write!(text, "/{channels}");
            }
        }
    }
}

/// One payload type and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// 0 to 127.
    pub payload: u8,
    /// Its codec.
    pub codec: Codec,
    /// Its parameters (`a=fmtp`), as the peer wrote them.
    pub parameters: Option<String>,
}

impl Format {
    /// A format without parameters.
    pub fn new(payload: u8, codec: Codec) -> Format {
        Format { payload, codec, parameters: None }
    }
}

/// Which way media flows, seen from the side that describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendReceive,
    /// Only from the describing side: a hold, often with music.
    SendOnly,
    /// Only to the describing side.
    ReceiveOnly,
    /// Neither way.
    Inactive,
}

impl Direction {
    fn of(attribute: &str) -> Option<Direction> {
        match attribute {
            "sendrecv" => Some(Direction::SendReceive),
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::ReceiveOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Direction::SendReceive => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::ReceiveOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    /// The answer to this direction by a side that would send and receive (RFC 3264 §6.1).
    pub fn answered(self) -> Direction {
        match self {
            Direction::SendReceive => Direction::SendReceive,
            Direction::SendOnly => Direction::ReceiveOnly,
            Direction::ReceiveOnly => Direction::SendOnly,
            Direction::Inactive => Direction::Inactive,
        }
    }
}

/// The audio stream a peer describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Where the peer wants its audio. An unspecified address (`0.0.0.0`) is the old way of holding (RFC 3264 §8.4), unless
    /// the host is named: then it stands for the address, of this family, that the name has.
    pub address: SocketAddr,
    /// The name of the host, if it is given by name (RFC 8866 §5.7). It may have any address.
    pub host: Option<String>,
    /// In the peer's order of preference.
    pub formats: Vec<Format>,
    /// As the peer sees it.
    pub direction: Direction,
}

impl Audio {
    /// Whether the peer wants to hear nothing.
    pub fn is_held(&self) -> bool {
        let silent = matches!(self.direction, Direction::SendOnly | Direction::Inactive);
        silent || self.address.ip().is_unspecified() && self.host.is_none()
    }

    /// The payload type the peer uses for a codec.
    pub fn payload_of(&self, codec: &Codec) -> Option<u8> {
        self.formats.iter().find(|format| format.codec == *codec).map(|format| format.payload)
    }
}

/// A description as a peer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The first audio stream over plain RTP in which we can speak; or else the first with any speech, or the first.
    pub audio: Audio,
    /// Its profile, as the peer wrote it.
    profile: String,
    /// The other streams.
    pub refused: Refused,
}

/// The streams beside the audio, none of which we take: the `m=` lines that refuse those before it, and those behind it.
/// They keep their places for the whole session (RFC 3264 §6, §8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused([String; 2]);

impl Description {
    /// Reads a description. Unknown types of lines and unknown attributes are passed over (RFC 8866 §5).
    pub fn parse(bytes: &[u8]) -> Result<Description, SdpError> {
        if bytes.len() > SDP_BYTES_MAX {
            return Err(SdpError::Malformed("too long"));
        }
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let is_padding = |c: char| c.is_ascii_whitespace() || c == '\0';
        let mut lines = lines(text).map(|line| line.trim_end_matches(is_padding)).filter(|line| !line.is_empty());
        if lines.next() != Some("v=0") {
            return Err(SdpError::Malformed("no v=0"));
        }
        let mut session_address = None;
        let mut session_direction = Direction::default();
        let mut sections: Vec<Section> = Vec::new();
        for line in lines {
            // Another message may have come into this one's body: what is no line of a description is not guessed at.
            let Some((kind, value)) = cut(line, b'=').filter(|(kind, _)| kind.len() == 1) else {
                return Err(SdpError::Malformed("no line of a description"));
            };
            let is_full = sections.len() >= ITEMS_MAX;
            match (kind, sections.last_mut()) {
                ("m", _) if is_full => return Err(SdpError::Malformed("too many streams")),
                ("m", _) => sections.push(Section::parse(value)?),
                // Judged below: a stream that is refused anyway may have an address that means nothing to us.
                // Of several the first counts: they are layers of one stream (RFC 8866 §5.7).
                ("c", Some(section)) => _ = section.address.get_or_insert_with(|| connection(value)),
                ("c", None) => _ = session_address.get_or_insert_with(|| connection(value)),
                ("a", Some(section)) => section.attribute(value),
                ("a", None) => session_direction = Direction::of(value).unwrap_or(session_direction),
                _ => {}
            }
        }
        let audio_at = audio_at(&sections).ok_or(SdpError::NoAudio)?;
        let section = &sections[audio_at];
        let (ip, host) =
            section.address.clone().or(session_address).ok_or(SdpError::Malformed("no c= for the audio"))??;
        let audio = Audio {
            address: SocketAddr::new(ip, section.port),
            host,
            formats: section.formats(),
            direction: section.direction.unwrap_or(session_direction),
        };
        let refused = [&sections[..audio_at], &sections[audio_at + 1..]];
        let profile = section.protocol.to_owned();
        let refused = Refused(refused.map(|sections| sections.iter().map(Section::refused).collect()));
        Ok(Description { audio, profile, refused })
    }
}

/// Whether a description may be that of a peer that wants to hear nothing ([`Audio::is_held`]), as far as it shows without
/// reading all of it. Where this is `false` none is.
pub fn may_be_held(sdp: &[u8]) -> bool {
    let is_somewhere = |place: &[u8]| {
        let host = place.strip_prefix(b"IN IP4 ").unwrap_or_default();
        host.first().is_some_and(|digit| (b'1'..=b'9').contains(digit))
            && host.iter().all(|byte| byte.is_ascii_digit() || b"./\r \0".contains(byte))
    };
    sdp.split(|byte| *byte == b'\n').any(|line| match line {
        [b'c', b'=', place @ ..] => !is_somewhere(place),
        [b'a', b'=', word @ ..] => [&b"sendonly"[..], b"inactive"].iter().any(|held| word.starts_with(held)),
        _ => false,
    })
}

/// Which stream is taken.
fn audio_at(sections: &[Section]) -> Option<usize> {
    let find = |wanted: &dyn Fn(&Codec) -> bool| {
        let has_it = |section: &Section| section.payloads().any(|(_, codec)| wanted(&codec));
        sections.iter().position(|section| section.is_audio() && has_it(section))
    };
    let any = || sections.iter().position(Section::is_audio);
    find(&|codec| codec.spoken().is_some()).or_else(|| find(&Codec::is_speech)).or_else(any)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (line, behind) = cut(rest, b'\n').unwrap_or((rest, ""));
        let is_over = rest.is_empty();
        rest = behind;
        (!is_over).then_some(line)
    })
}

/// An address, or the name of a host and the unspecified address of the family that it is to have.
type Place = (IpAddr, Option<String>);

/// One stream: its `m=` line, and what is said about it.
#[derive(Debug)]
struct Section<'a> {
    kind: &'a str,
    port: u16,
    protocol: &'a str,
    formats: Vec<&'a str>,
    address: Option<Result<Place, SdpError>>,
    direction: Option<Direction>,
    maps: Vec<(u8, Codec)>,
    parameters: Vec<(u8, &'a str)>,
}

impl<'a> Section<'a> {
    fn parse(value: &'a str) -> Result<Section<'a>, SdpError> {
        let mut words = value.split_ascii_whitespace();
        let mut word = || words.next().ok_or(SdpError::Malformed("a short m="));
        let (kind, port, protocol) = (word()?, word()?, word()?);
        let port = port.split('/').next().unwrap_or("");
        let port = port.parse().map_err(|_| SdpError::Malformed("a port that is not a number"))?;
        let formats: Vec<&str> = words.take(ITEMS_MAX).collect();
        // They stand in our answer again.
        let is_word = |word: &str| word.bytes().all(|byte| is_token(byte) || byte == b'/');
        if !is_word(kind) || !is_word(protocol) || !formats.iter().all(|format| is_word(format)) {
            return Err(SdpError::Malformed("an m= with more than words"));
        }
        let (maps, parameters) = (Vec::new(), Vec::new());
        Ok(Section { kind, port, protocol, formats, address: None, direction: None, maps, parameters })
    }

    /// Whether it is audio over plain RTP that is not refused.
    fn is_audio(&self) -> bool {
        let is_ours = PROFILES.iter().any(|profile| profile.eq_ignore_ascii_case(self.protocol));
        self.kind.eq_ignore_ascii_case("audio") && is_ours && self.port != 0
    }

    /// The line that refuses it.
    fn refused(&self) -> String {
        let formats = if self.formats.is_empty() { "0".to_owned() } else { self.formats.join(" ") };
        format!("m={} 0 {} {formats}\r\n", self.kind, self.protocol)
    }

    fn attribute(&mut self, value: &'a str) {
        if let Some(direction) = Direction::of(value) {
            self.direction = Some(direction);
        }
        if let Some((payload, parameters)) = value.strip_prefix("fmtp:").and_then(|text| cut(text.trim_ascii(), b' '))
            && let Ok(payload) = payload.parse()
            && self.parameters.len() < ITEMS_MAX
            && parameters.len() <= PARAMETERS_BYTES_MAX
            // They stand in our offer to the other side.
            && parameters.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
        {
            self.parameters.push((payload, parameters.trim_ascii()));
        }
        let Some(map) = value.strip_prefix("rtpmap:").filter(|_| self.maps.len() < ITEMS_MAX) else { return };
        let Some((payload, encoding)) = cut(map.trim_ascii(), b' ') else { return };
        let mut encoding = encoding.trim_ascii().split('/');
        let (name, clock) = (encoding.next().unwrap_or(""), encoding.next().unwrap_or(""));
        let channels = encoding.next().map_or(Ok(1), str::parse);
        if let (Ok(payload), Ok(clock), Ok(channels)) = (payload.parse(), clock.parse(), channels)
            && payload < 128
            && !name.is_empty()
            && name.bytes().all(is_token)
        {
            self.maps.push((payload, Codec::of(name, clock, channels)));
        }
    }

    /// The payload types that mean something, and what.
    fn payloads(&self) -> impl Iterator<Item = (u8, Cow<'_, Codec>)> {
        self.formats.iter().filter_map(|text| text.parse().ok()).filter_map(|payload| {
            let mapped = self.maps.iter().find(|(own, _)| *own == payload).map(|(_, codec)| Cow::Borrowed(codec));
            Some((payload, mapped.or_else(|| Codec::of_payload(payload).map(Cow::Owned))?))
        })
    }

    fn formats(&self) -> Vec<Format> {
        let parameters = |payload| self.parameters.iter().find(|(own, _)| *own == payload).map(|(_, text)| *text);
        self.payloads()
            .map(|(payload, codec)| Format {
                payload,
                codec: codec.into_owned(),
                parameters: parameters(payload).map(str::to_owned),
            })
            .collect()
    }
}

fn connection(value: &str) -> Result<Place, SdpError> {
    let mut words = value.split_ascii_whitespace();
    let (network, family, host) = (words.next(), words.next(), words.next());
    let is = |word: Option<&str>, wanted: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(wanted));
    let Some(host) = host.filter(|_| is(network, "IN") && (is(family, "IP4") || is(family, "IP6"))) else {
        return Err(SdpError::Malformed("a c= that is not IN IP4 or IP6"));
    };
    // A time to live may follow, and addresses of one link come with the name of that link.
    let host = host.split(['/', '%']).next().unwrap_or("").trim_matches(['[', ']']);
    let unknown = if is(family, "IP4") { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    match host.parse::<IpAddr>() {
        Ok(address) if address.is_multicast() => Err(SdpError::Malformed("a c= with the address of a group")),
        Ok(address) => Ok((address, None)),
        Err(_) if !is_host_name(host) => Err(SdpError::Malformed("a c= without a host")),
        // Nothing ever has such a name (RFC 2606 §2): it says nowhere, as 0.0.0.0 does.
        Err(_) if host.trim_end_matches('.').to_ascii_lowercase().ends_with(".invalid") => Ok((unknown, None)),
        Err(_) => Ok((unknown, Some(host.to_owned()))),
    }
}

/// Whether it may be the name of a host (RFC 1123 §2.1), and is no mistyped address.
fn is_host_name(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        let bytes = label.bytes();
        (1..=63).contains(&label.len())
            && bytes.into_iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let last = text.rsplit('.').next().unwrap_or("");
    text.len() <= HOST_BYTES_MAX && text.split('.').all(is_label) && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Our own side of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Where we want audio.
    pub address: SocketAddr,
    /// The same for all descriptions of a dialog (RFC 3264 §8).
    pub session_id: u64,
    /// One more with each change.
    pub version: u64,
    /// As we see it.
    pub direction: Direction,
}

/// What offer and answer agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The speech that the peer likes best, with the payload type under which it wants it.
    pub format: Format,
    /// What else the peer takes, at any time (RFC 3264 §6.1), likewise.
    pub others: Vec<Format>,
    /// The payload type under which the peer wants key events, if both know them.
    pub telephone_event: Option<u8>,
    /// What payload types mean that come from the peer: each of them at any time, each named once, those of our own
    /// description first.
    pub heard: Vec<Format>,
    /// Where the peer wants audio.
    pub remote: SocketAddr,
    /// The name of that host, if its address is not known ([`Audio::host`]).
    pub host: Option<String>,
    /// As we see it.
    pub direction: Direction,
}

/// Writes the first offer of a session, with these formats in order of preference.
pub fn offer(local: &Local, formats: &[Format]) -> Vec<u8> {
    offer_beside(&Refused::default(), local, formats)
}

/// Writes an offer beside the streams that are refused already.
pub fn offer_beside(Refused([before, behind]): &Refused, local: &Local, formats: &[Format]) -> Vec<u8> {
    let mut text = head(local);
    text.push_str(before);
    audio_line(&mut text, PROFILES[0], local.address.port(), local.direction, formats);
    text.push_str(behind);
    text.into_bytes()
}

/// The formats we offer when nothing else is known: all that we speak, and key events.
pub fn usual_formats() -> Vec<Format> {
    offered_on(&[])
}

/// The formats to offer to one side of a call when the other side has `theirs`: theirs first, so that nothing has to be
/// translated, then whatever we can translate into them, then key events.
pub fn offered_on(theirs: &[Format]) -> Vec<Format> {
    offered_within(&[], theirs, &[])
}

/// The same within a session: what is `agreed` comes first, and `known` is what payload types meant so far, for they never
/// mean anything else (RFC 3264 §8.3.2).
pub fn offered_within(agreed: &[Format], theirs: &[Format], known: &[Format]) -> Vec<Format> {
    let is_speech = |format: &&Format| format.codec.is_speech();
    let mut wanted: Vec<Format> = Vec::new();
    for format in agreed.iter().chain(theirs).filter(is_speech).take(OFFERED_ON_MAX) {
        if !wanted.iter().any(|other| other.codec == format.codec) {
            wanted.push(format.clone());
        }
    }
    let mut others = theirs.iter().filter(is_speech).peekable();
    let can_translate = others.peek().is_none() || others.any(|format| format.codec.spoken().is_some());
    for codec in OURS.into_iter().filter(|_| can_translate) {
        let Some(payload) = codec.spoken().map(media::Codec::payload_type) else { continue };
        if !wanted.iter().any(|other| other.codec == codec) {
            wanted.push(Format::new(payload, codec));
        }
    }
    let keys = theirs.iter().find(|format| format.codec == Codec::TelephoneEvent).map_or(101, |format| format.payload);
    wanted.push(Format::new(keys, Codec::TelephoneEvent));
    let mut formats: Vec<Format> = Vec::with_capacity(wanted.len());
    for format in wanted {
        let is_free = |payload: &u8| {
            let is_other = |known: &Format| known.payload == *payload && known.codec != format.codec;
            !known.iter().any(is_other) && !formats.iter().any(|other| other.payload == *payload)
        };
        let own = known.iter().filter(|known| known.codec == format.codec).map(|known| known.payload);
        if let Some(payload) = own.chain([format.payload]).chain(96..128).find(is_free) {
            formats.push(Format { payload, ..format });
        }
    }
    formats
}

/// The codec to answer an offer with: the one that the other side of the call has, if it is offered; else the first
/// offered that is among `ours` (the offerer's order wins).
///
/// # Errors
/// When nothing of that is offered.
pub fn choose(offer: &Description, ours: &[Codec], shared: Option<&Codec>) -> Result<Format, SdpError> {
    let find = |wanted: &dyn Fn(&Codec) -> bool| offer.audio.formats.iter().find(|format| wanted(&format.codec));
    let shared = shared.and_then(|shared| find(&|codec| codec == shared));
    shared.or_else(|| find(&|codec| ours.contains(codec))).cloned().ok_or(SdpError::NoCommonCodec)
}

/// The first codec of an offer that carries speech, whether we speak it or not.
///
/// # Errors
/// When there is none.
pub fn choose_any(offer: &Description) -> Result<Format, SdpError> {
    offer.audio.formats.iter().find(|format| format.codec.is_speech()).cloned().ok_or(SdpError::NoCommonCodec)
}

/// Answers an offer with one of its formats, and with its key events. All other streams are refused in their places
/// (RFC 3264 §6).
pub fn answer(offer: &Description, local: &Local, chosen: Format) -> (Vec<u8>, Agreed) {
    let keys = offer.audio.payload_of(&Codec::TelephoneEvent);
    // Never more than the offer allows.
    let direction = match (offer.audio.direction.answered(), local.direction) {
        (allowed, Direction::SendReceive) => allowed,
        (Direction::SendReceive, wished) => wished,
        (allowed, wished) if allowed == wished => allowed,
        (
            Direction::SendOnly | Direction::ReceiveOnly | Direction::Inactive,
            Direction::SendOnly | Direction::ReceiveOnly | Direction::Inactive,
        ) => Direction::Inactive,
    };
    let mut formats = vec![chosen.clone()];
    formats.extend(keys.map(|payload| Format::new(payload, Codec::TelephoneEvent)));
    let Refused([before, behind]) = &offer.refused;
    let mut text = head(local);
    text.push_str(before);
    audio_line(&mut text, &offer.profile, local.address.port(), direction, &formats);
    text.push_str(behind);
    let heard = heard(&formats, &offer.audio.formats);
    let agreed = Agreed {
        format: chosen,
        others: vec![],
        telephone_event: keys,
        heard,
        remote: offer.audio.address,
        host: offer.audio.host.clone(),
        direction,
    };
    (text.into_bytes(), agreed)
}

/// What the peer's answer to an offer of ours means: all of its formats that we offered.
///
/// # Errors
/// When no speech is among them.
pub fn accept(answer: &Description, offered: &[Format]) -> Result<Agreed, SdpError> {
    let is_offered = |format: &&Format| offered.iter().any(|own| own.codec == format.codec);
    let common = answer.audio.formats.iter().filter(is_offered);
    let mut speech = common.clone().filter(|format| format.codec.is_speech()).cloned();
    let keys = common.clone().find(|format| format.codec == Codec::TelephoneEvent);
    Ok(Agreed {
        format: speech.next().ok_or(SdpError::NoCommonCodec)?,
        others: speech.collect(),
        telephone_event: keys.map(|format| format.payload),
        heard: heard(offered, &answer.audio.formats),
        remote: answer.audio.address,
        host: answer.audio.host.clone(),
        direction: answer.audio.direction.answered(),
    })
}

/// What the peer's payload types mean: what we said they do, for by our numbers it should send (RFC 3264 §5.1); where we
/// said nothing, what it said itself, and at last what RFC 3551 says of the codecs that we speak.
fn heard(ours: &[Format], theirs: &[Format]) -> Vec<Format> {
    let spoken = OURS.into_iter().filter_map(|codec| Some(Format::new(codec.spoken()?.payload_type(), codec)));
    let mut heard: Vec<Format> = Vec::with_capacity(ours.len() + theirs.len());
    for format in ours.iter().chain(theirs).cloned().chain(spoken) {
        if !heard.iter().any(|other| other.payload == format.payload) {
            heard.push(format);
        }
    }
    heard
}

fn head(local: &Local) -> String {
    let ip = local.address.ip().to_string();
    let family = if local.address.is_ipv4() { "IP4" } else { "IP6" };
    let mut text = String::with_capacity(USUAL_LENGTH);
    let _ = write!(text, "v=0\r\no=- {} {} IN ", local.session_id, local.version);
    for part in [family, " ", &ip, "\r\ns=-\r\nc=IN ", family, " ", &ip, "\r\nt=0 0\r\n"] {
        text.push_str(part);
    }
    text
}

fn audio_line(text: &mut String, profile: &str, port: u16, direction: Direction, formats: &[Format]) {
    let _ = write!(text, "m=audio {port} {profile}");
    for format in formats {
        text.push(' ');
        text.push_str(itoa::Buffer::new().format(format.payload));
    }
    text.push_str("\r\n");
    for format in formats {
        for part in ["a=rtpmap:", itoa::Buffer::new().format(format.payload), " "] {
            text.push_str(part);
        }
        format.codec.write(text);
        text.push_str("\r\n");
        let parameters = match format.codec {
            Codec::TelephoneEvent => Some("0-15"),
            _ => format.parameters.as_deref(),
        };
        if let Some(parameters) = parameters {
            for part in ["a=fmtp:", itoa::Buffer::new().format(format.payload), " ", parameters, "\r\n"] {
                text.push_str(part);
            }
        }
    }
    for part in ["a=ptime:20\r\na=", direction.name(), "\r\n"] {
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Local {
        let address = "192.0.2.1:4000".parse().expect("an address");
        Local { address, session_id: 1, version: 1, direction: Direction::SendReceive }
    }

    fn answered(offer: &Description, ours: &[Codec]) -> Result<(String, Agreed), SdpError> {
        let (bytes, agreed) = answer(offer, &local(), choose(offer, ours, None)?);
        Ok((String::from_utf8(bytes).expect("text"), agreed))
    }

    /// An offer of these formats as `payload name/rate`, or a payload type alone.
    fn offering(formats: &[&str]) -> Description {
        let payloads: Vec<&str> = formats.iter().map(|format| format.split(' ').next().unwrap_or("")).collect();
        let mut text = format!("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP {}\r\n", payloads.join(" "));
        for format in formats.iter().filter(|format| format.contains(' ')) {
            let _ = write!(text, "a=rtpmap:{format}\r\n");
        }
        Description::parse(text.as_bytes()).expect("a description")
    }

    fn payloads(formats: &[Format]) -> String {
        let one = |format: &Format| {
            let mut text = format!("{} ", format.payload);
            format.codec.write(&mut text);
            text
        };
        formats.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    const OFFER: &str = "v=0\r\no=a 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 203.0.113.4\r\nt=0 0\r\na=sendonly\r\n\
        m=video 5000 RTP/AVP 31\r\nm=audio 5002 RTP/AVP 96 8 0 97 13\r\na=rtpmap:96 opus/48000/2\r\n\
        a=rtpmap:97 telephone-event/8000\r\nm=audio 5004 RTP/SAVP 0\r\na=inactive\r\n";

    #[test]
    fn an_offer_is_answered_in_the_peers_order_and_place_for_place() {
        let offer = Description::parse(OFFER.as_bytes()).expect("an offer");
        assert_eq!(offer.audio.address.to_string(), "203.0.113.4:5002");
        assert!(offer.audio.is_held());
        let (text, agreed) = answered(&offer, &OURS).expect("an answer");
        assert_eq!(agreed.format, Format::new(8, Codec::Pcma));
        assert_eq!(agreed.telephone_event, Some(97));
        assert_eq!(agreed.direction, Direction::ReceiveOnly);
        let media: Vec<&str> = text.lines().filter(|line| line.starts_with("m=")).collect();
        assert_eq!(media, ["m=video 0 RTP/AVP 31", "m=audio 4000 RTP/AVP 8 97", "m=audio 0 RTP/SAVP 0"]);
        assert!(text.contains("a=recvonly\r\n"));
    }

    #[test]
    fn our_own_offer_and_its_answer_agree() {
        let offered = usual_formats();
        let theirs = Description::parse(&offer(&local(), &offered)).expect("an offer");
        let (text, at_callee) = answered(&theirs, &[Codec::Pcmu]).expect("an answer");
        let at_caller = accept(&Description::parse(text.as_bytes()).expect("an answer"), &offered).expect("agreed");
        assert_eq!(at_caller.format, at_callee.format);
        assert_eq!(at_caller.telephone_event, Some(101));
        assert_eq!(at_caller.format.codec, Codec::Pcmu);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        for (text, error) in [
            ("", SdpError::Malformed("no v=0")),
            ("v=0\r\nm=audio x RTP/AVP 0\r\n", SdpError::Malformed("a port that is not a number")),
            ("v=0\r\nm=audio 1 RTP/AVP 0\r\n", SdpError::Malformed("no c= for the audio")),
            ("v=0\r\nc=IN IP4 host.name\r\n", SdpError::NoAudio),
            ("v=0\r\nc=IN IP4 192.0.2.256\r\nm=audio 1 RTP/AVP 0\r\n", SdpError::Malformed("a c= without a host")),
            (
                "v=0\r\nc=IN IP4 239.1.2.3/127\r\nm=audio 1 RTP/AVP 0\r\n",
                SdpError::Malformed("a c= with the address of a group"),
            ),
            ("v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 1 RTP/SAVP 0\r\n", SdpError::NoAudio),
            ("v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 0 RTP/AVP 0\r\n", SdpError::NoAudio),
            ("v=0\r\nc=IN IP4 1.2.3.4\r\nm=image 1 udptl t38\r\nm=audio 0 RTP/AVP 0\r\n", SdpError::NoAudio),
            ("v=0\r\nc=IN IP4 1.2.3.4\r\nm=image 1 udptl t38\r\n", SdpError::NoAudio),
            ("v=0\r\nm=audio 1 RTP/AVP \u{fffd}\r\n", SdpError::Malformed("an m= with more than words")),
            ("v=0\r\nc=IN IP4 1.2.3.4\r\nm=video 1 RTP/AVP 31\r\n", SdpError::NoAudio),
        ] {
            assert_eq!(Description::parse(text.as_bytes()), Err(error), "{text}");
        }
        let only_opus = "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 1 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n";
        let only_opus = Description::parse(only_opus.as_bytes()).expect("a description");
        assert_eq!(answered(&only_opus, &OURS), Err(SdpError::NoCommonCodec));
        assert_eq!(choose_any(&offering(&["13", "97 telephone-event/48000"])), Err(SdpError::NoCommonCodec));
    }

    #[test]
    fn the_other_side_is_offered_what_this_one_has_and_then_what_can_be_translated() {
        for (theirs, offered) in [
            (&[][..], "8 PCMA/8000, 0 PCMU/8000, 9 G722/8000, 101 telephone-event/8000"),
            (&["0"], "0 PCMU/8000, 8 PCMA/8000, 9 G722/8000, 101 telephone-event/8000"),
            (
                &["9", "8", "13", "96 telephone-event/8000"],
                "9 G722/8000, 8 PCMA/8000, 0 PCMU/8000, 96 telephone-event/8000",
            ),
            (
                &["101 opus/48000/2", "0", "100 telephone-event/48000"],
                "101 OPUS/48000/2, 0 PCMU/8000, 8 PCMA/8000, 9 G722/8000, 96 telephone-event/8000",
            ),
            // What we cannot hear cannot be translated.
            (&["18", "101 telephone-event/8000"], "18 G729/8000, 101 telephone-event/8000"),
        ] {
            let formats = offered_on(&offering(theirs).audio.formats);
            assert_eq!(payloads(&formats), offered, "{theirs:?}");
        }
        let many: Vec<String> = (96..127).map(|payload| format!("{payload} x{payload}/8000")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(offered_on(&offering(&many).audio.formats).len(), OFFERED_ON_MAX + 1);
    }

    #[test]
    fn an_offer_within_a_session_holds_all_that_we_can_under_the_numbers_that_it_had() {
        let keys = "telephone-event/8000";
        for (agreed, theirs, known, offered) in [
            (
                &["8"][..],
                &[][..],
                &["8", "101 telephone-event/8000"][..],
                format!("8 PCMA/8000, 0 PCMU/8000, 9 G722/8000, 101 {keys}"),
            ),
            (
                &["0"],
                &["9", "97 telephone-event/8000"],
                &["0", "96 telephone-event/8000"],
                format!("0 PCMU/8000, 9 G722/8000, 8 PCMA/8000, 96 {keys}"),
            ),
            // Its own number for a codec, and none that meant something else.
            (
                &["100 PCMA/8000"],
                &["101 opus/48000/2", "8"],
                &["100 PCMA/8000", "101 telephone-event/8000", "96 speex/8000"],
                format!("100 PCMA/8000, 97 OPUS/48000/2, 0 PCMU/8000, 9 G722/8000, 101 {keys}"),
            ),
            // Two that cannot be translated stay with each other.
            (&["98 opus/48000/2"], &["111 opus/48000/2"], &["98 opus/48000/2"], format!("98 OPUS/48000/2, 101 {keys}")),
        ] {
            let [agreed, theirs, known] = [agreed, theirs, known].map(|formats| offering(formats).audio.formats);
            assert_eq!(payloads(&offered_within(&agreed, &theirs, &known)), offered);
        }
    }

    #[test]
    fn the_answer_prefers_what_the_other_side_has() {
        let offer = offering(&["8", "9", "96 opus/48000/2", "18"]);
        let chosen = |shared: Option<&Codec>| choose(&offer, &OURS, shared).map(|format| format.payload);
        assert_eq!(chosen(None), Ok(8));
        assert_eq!(chosen(Some(&Codec::G722)), Ok(9));
        assert_eq!(chosen(Some(&Codec::Pcmu)), Ok(8));
        assert_eq!(chosen(Some(&Codec::of("opus", 48_000, 2))), Ok(96));
        assert_eq!(chosen(Some(&Codec::of("opus", 48_000, 1))), Ok(8), "another kind of it");
        assert_eq!(choose_any(&offering(&["13", "18", "8"])).map(|format| format.payload), Ok(18));
    }

    #[test]
    fn parameters_are_passed_on_and_nothing_else_with_them() {
        let text = "v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 96 18 97\r\na=rtpmap:96 opus/48000/2\r\n\
            a=fmtp:96 minptime=10;useinbandfec=1\r\na=fmtp:18 annexb=no\u{e9}\r\na=rtpmap:97 ev\ril/8000\r\n";
        let offer = Description::parse(text.as_bytes()).expect("a description");
        let on = String::from_utf8(super::offer(&local(), &offered_on(&offer.audio.formats))).expect("text");
        assert!(on.contains("a=rtpmap:96 OPUS/48000/2\r\na=fmtp:96 minptime=10;useinbandfec=1\r\n"), "{on}");
        assert!(on.contains("a=rtpmap:18 G729/8000\r\na=rtpmap:101"), "{on}");
        assert!(!on.contains(" 97"), "{on}");
    }

    #[test]
    fn each_side_has_its_own_payload_types() {
        let offered = offered_on(&offering(&["96 opus/48000/2", "97 telephone-event/8000"]).audio.formats);
        let answer = offering(&["111 OPUS/48000/2", "112 telephone-event/8000"]);
        let agreed = accept(&answer, &offered).expect("agreed");
        assert_eq!((agreed.format.payload, agreed.telephone_event), (111, Some(112)));
        let keys = "telephone-event/8000";
        let all =
            format!("96 OPUS/48000/2, 97 {keys}, 111 OPUS/48000/2, 112 {keys}, 8 PCMA/8000, 0 PCMU/8000, 9 G722/8000");
        assert_eq!(payloads(&agreed.heard), all, "by our numbers, by its own, and by those that everybody knows");
    }

    #[test]
    fn every_format_of_an_answer_holds_at_any_time() {
        for (offered, answer, taken, heard) in [
            (&[][..], &["0", "8", "101 telephone-event/8000"][..], "0 PCMU/8000, 8 PCMA/8000", "8 PCMA/8000"),
            // In its own order, with what was never offered, and what is no speech.
            (&[], &["18", "13", "9", "8", "0"], "9 G722/8000, 8 PCMA/8000, 0 PCMU/8000", "8 PCMA/8000"),
            // Under other numbers: it should send by ours.
            (&[], &["100 PCMA/8000", "0"], "100 PCMA/8000, 0 PCMU/8000", "8 PCMA/8000"),
            // A number that means one thing here and another there.
            (
                &["96 opus/48000/2", "8"],
                &["8", "98 opus/48000/2", "96 telephone-event/8000"],
                "8 PCMA/8000, 98 OPUS/48000/2",
                "96 OPUS/48000/2",
            ),
        ] {
            let offered = offered_on(&offering(offered).audio.formats);
            let agreed = accept(&offering(answer), &offered).expect("agreed");
            let all: Vec<Format> = [agreed.format].into_iter().chain(agreed.others).collect();
            assert_eq!(payloads(&all), taken, "{answer:?}");
            assert_eq!(payloads(&agreed.heard[..1]), heard, "{answer:?}");
            assert!(offered.iter().all(|format| agreed.heard.contains(format)), "{answer:?}");
        }
        assert_eq!(accept(&offering(&["18"]), &usual_formats()), Err(SdpError::NoCommonCodec));
    }

    #[test]
    fn whoever_offers_several_is_heard_in_each_of_them() {
        let offer = offering(&["100 PCMA/8000", "0", "18", "96 telephone-event/8000"]);
        let (text, agreed) = answered(&offer, &OURS).expect("an answer");
        assert!(text.contains("m=audio 4000 RTP/AVP 100 96\r\n"), "one is enough to speak: {text}");
        let heard = "100 PCMA/8000, 96 telephone-event/8000, 0 PCMU/8000, 18 G729/8000, 8 PCMA/8000, 9 G722/8000";
        assert_eq!(payloads(&agreed.heard), heard);
    }

    #[test]
    fn a_host_may_be_named_and_nothing_else_is_taken_for_a_name() {
        for (c, host, is_held) in [
            ("IN IP4 sbc-7.example.com", Some("sbc-7.example.com"), false),
            ("IN IP6 sbc7.example.com.", Some("sbc7.example.com."), false),
            ("IN IP4 localhost/127", Some("localhost"), false),
            ("IN IP6 anonymous.invalid", None, true),
            ("IN IP4 0.0.0.0", None, true),
        ] {
            let text = format!("v=0\r\nc={c}\r\nm=audio 2 RTP/AVP 0\r\n");
            let offer = Description::parse(text.as_bytes()).expect("a description");
            assert_eq!((offer.audio.host.as_deref(), offer.audio.is_held()), (host, is_held), "{c}");
            assert_eq!(offer.audio.address.is_ipv4(), c.contains("IP4"), "{c}");
            assert_eq!(answered(&offer, &OURS).expect("an answer").1.host.as_deref(), host, "{c}");
        }
        let long = ["a.".repeat(127), "example".to_owned()].concat();
        for host in ["1.2.3", "1.2.3.4.5", "a..b", "-", "a b", "a;b", "h\u{f6}st.example", &long] {
            let text = format!("v=0\r\nc=IN IP4 {}\r\nm=audio 2 RTP/AVP 0\r\n", host.replace(' ', "\u{a0}"));
            assert!(Description::parse(text.as_bytes()).is_err(), "{host}");
        }
    }

    #[test]
    fn only_the_audios_own_address_has_to_be_one() {
        let text = "v=0\r\nc=IN IP4 1.2.3\r\nm=video 1 RTP/AVP 31\r\nc=IN IP6 1.2.3\r\n\
            m=audio 2 RTP/AVP 0\r\nc=IN IP4 192.0.2.9\r\n";
        let offer = Description::parse(text.as_bytes()).expect("a description");
        assert_eq!(offer.audio.address.to_string(), "192.0.2.9:2");
    }

    #[test]
    fn a_stream_that_is_refused_stays_refused() {
        let second = "v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 0 RTP/AVP 0\r\nm=audio 2 RTP/AVP 8\r\n";
        let offer = Description::parse(second.as_bytes()).expect("a description");
        assert_eq!(offer.audio.address.port(), 2, "another is taken");
        let (text, _) = answered(&offer, &OURS).expect("an answer");
        assert!(text.contains("m=audio 0 RTP/AVP 0\r\nm=audio 4000 RTP/AVP 8\r\n"), "{text}");
    }

    /// What stands around the audio, the audio's own lines, and what is understood: where, direction, formats.
    #[rustfmt::skip]
    const VALID: [(&str, &str, &str); 27] = [
        // The session (RFC 8866 §5): more lines than we need, fewer, or in another spelling.
        ("v=0\ns=-\nc=IN IP4 192.0.2.9\nm=audio 2 RTP/AVP 8\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 8", "192.0.2.9:2", "8 PCMA/8000"),
        ("\u{feff}v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("\r\nv=0  \r\n\r\nc=IN IP4 192.0.2.9  \r\nm=audio 2 RTP/AVP 8\r\n\0", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\no=- 1 1 IN IP4 sbc.example\r\ns=\u{e9}\r\ni=x\r\nu=http://x/\r\ne=a@b\r\np=+49 30\r\nc=IN IP4 192.0.2.9\r\nb=AS:84\r\nt=0 0\r\nr=1 2 3\r\nz=0 0\r\nk=clear:x\r\na=tool:x\r\nX=?\r\nm=audio 2 RTP/AVP 8\r\ni=x\r\nb=TIAS:64000\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\na=group:BUNDLE 0\r\na=ice-lite\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 8\r\na=mid:0\r\na=rtcp-mux\r\na=rtcp:3 IN IP4 192.0.2.10\r\na=candidate:1 1 UDP 1 10.0.0.1 9 typ host\r\na=fingerprint:sha-1 00\r\na=crypto:1 x inline:x\r\na=ptime:30\r\na=maxptime:40\r\na=label:1\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        // Where (§5.7).
        ("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 2 RTP/AVP 8\r\nc=IN IP4 192.0.2.9\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nm=audio 2 RTP/AVP 8\r\nc=IN IP4 192.0.2.9\r\nc=IN IP4 192.0.2.10\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=in ip4 192.0.2.9/127\r\nm=audio 2 RTP/AVP 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP6 2001:db8::9\r\nm=audio 2 RTP/AVP 8\r\n", "[2001:db8::9]:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP6 fe80::9%eth0\r\nm=audio 2 RTP/AVP 8\r\n", "[fe80::9]:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP6 [2001:db8::9]\r\nm=audio 2 RTP/AVP 8\r\n", "[2001:db8::9]:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2/2 RTP/AVP 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        // Over what (RFC 4585), and which of several streams (RFC 3264 §6).
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVPF 8\r\na=rtcp-fb:* trr-int 5000\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4 RTP/SAVP 8\r\nm=audio 2 RTP/AVP 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4 RTP/AVP 18\r\nm=audio 2 RTP/AVP 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 18\r\nm=audio 4 RTP/AVP 13\r\n", "192.0.2.9:2", "18 G729/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=message 7 TCP/MSRP *\r\nm=application 0 UDP/BFCP *\r\nm=audio 2 RTP/AVP 8\r\nm=text 8 RTP/AVP 98\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=image 4 udptl t38\r\na=T38FaxVersion:0\r\nm=audio 2 RTP/AVP 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        // In what (§6.6, RFC 3551 §6).
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 0 3 8 9 18\r\n", "192.0.2.9:2", "0 PCMU/8000, 3 GSM/8000, 8 PCMA/8000, 9 G722/8000, 18 G729/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 8\r\na=rtpmap:8 pcma/8000/1\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 8\r\na=rtpmap: 8  PCMA/8000 \r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 100\r\na=rtpmap:100 PCMA/8000\r\n", "192.0.2.9:2", "100 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 9\r\na=rtpmap:9 G722/16000\r\n", "192.0.2.9:2", "9 G722/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 99 8 200 x\r\na=rtpmap:8 nonsense\r\n", "192.0.2.9:2", "8 PCMA/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 2 RTP/AVP 8 110 101\r\na=rtpmap:110 telephone-event/48000\r\na=rtpmap:101 TELEPHONE-EVENT/8000\r\n", "192.0.2.9:2", "8 PCMA/8000, 110 TELEPHONE-EVENT/48000, 101 telephone-event/8000"),
        ("v=0\r\nc=IN IP4 192.0.2.9\r\nM=x\r\nm=AUDIO 2 rtp/avp 8\r\n", "192.0.2.9:2", "8 PCMA/8000"),
    ];

    #[test]
    fn what_is_valid_or_usual_is_understood_and_answered_in_its_place() {
        for (text, address, formats) in VALID {
            let offer = Description::parse(text.as_bytes()).expect(text);
            assert_eq!(
                (offer.audio.address.to_string().as_str(), payloads(&offer.audio.formats).as_str()),
                (address, formats),
                "{text}"
            );
            assert!(!offer.audio.is_held(), "{text}");
            let (answer, _) = answer(&offer, &local(), choose_any(&offer).expect(text));
            let answer = String::from_utf8(answer).expect("text");
            let offered = text.split("m=").skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
            let answered = answer.split("m=").skip(1).map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
            let line = |line: Vec<&str>| format!("{} {}", line[0].to_lowercase(), line[2]);
            assert!(offered.map(line).eq(answered.clone().map(line)), "{text}: {answer}");
            assert_eq!(answered.filter(|line| line[1] != "0").count(), 1, "{text}: {answer}");
        }
    }

    #[test]
    fn whoever_is_on_hold_shows_it_without_being_read() {
        for (c, a, shows) in [
            ("IN IP4 192.0.2.9", "sendrecv", false),
            ("IN IP4 192.0.2.9/127", "recvonly", false),
            ("IN IP4 192.0.2.9", "sendonly", true),
            ("IN IP4 192.0.2.9", "inactive", true),
            ("IN IP4 0.0.0.0", "sendrecv", true),
            ("IN IP6 ::", "sendrecv", true),
            ("IN IP4 anonymous.invalid", "sendrecv", true),
        ] {
            for text in [
                format!("v=0\r\nc={c}\r\nm=audio 2 RTP/AVP 0\r\na={a}\r\n"),
                format!("v=0\na={a}\nm=audio 2 RTP/AVP 0\nc={c}\n"),
            ] {
                let held = Description::parse(text.as_bytes()).expect("a description").audio.is_held();
                assert_eq!((held, may_be_held(text.as_bytes())), (shows, shows), "{text}");
            }
        }
    }

    #[test]
    fn an_unspecified_address_and_ipv6_are_read() {
        let held = Description::parse(b"v=0\nc=IN IP4 0.0.0.0\nm=audio 9 RTP/AVP 0\n").expect("a description");
        assert!(held.audio.is_held());
        let six = Description::parse(b"v=0\nc=IN IP6 ::1\nm=audio 9 RTP/AVP 0\n").expect("a description");
        assert_eq!(six.audio.address.to_string(), "[::1]:9");
    }
}
