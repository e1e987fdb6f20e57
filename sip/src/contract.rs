//! What the user agent and the application say to each other.
//! Never holds behaviour: the words only, each with what it promises.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::auth::{Algorithm, Secret};
use crate::dialog::Dialog;
use crate::sdp::Direction;
use crate::spelled;
use crate::throttle::PerSource;
use crate::timing::Timing;
use crate::tokens::Branch;
use crate::transport::{Flow, Listener, Transport};

/// One INVITE dialog of ours, or the attempt at one. The application chooses the ids of outgoing legs, without the top
/// bit; those of incoming legs have it and are random, so that they differ from those of earlier boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LegId(pub u64);

impl LegId {
    pub(crate) const TOP: u64 = 1 << 63;

    /// Whether the user agent chose this id.
    pub fn is_incoming(self) -> bool {
        self.0 & LegId::TOP != 0
    }
}

/// Who we are and how much we take on.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where we can be reached. A request of ours names the one by which its answer comes back; without one that suits,
    /// it is not sent.
    pub listeners: Vec<Listener>,
    /// The realm of our digest challenges.
    pub realm: String,
    /// The digest algorithms we accept, in the order in which they are offered. Phones should take the first they know
    /// (RFC 8760 §2.3), but some give up when they meet one that they don't know, wherever it stands (libre 1, and so
    /// the baresip of Debian 12); hence MD5 alone by default.
    pub algorithms: Vec<Algorithm>,
    /// The User-Agent and Server header.
    pub user_agent: String,
    /// The base values of all timers (RFC 3261 §17.1.1.1), and limits of our own.
    pub timing: Timing,
    /// The longest registration we grant.
    pub max_registration: Duration,
    /// The most phones a user may have registered at once; those not heard from for longest give way.
    pub bindings_max: usize,
    /// How much is taken from one address that is neither a trunk's nor a registered phone's.
    pub per_source: PerSource,
    /// The most legs at once; an INVITE beyond gets 503, an own one fails with it.
    pub legs_max: usize,
    /// The most transactions at once that peers began; requests beyond get 503.
    pub transactions_max: usize,
}

impl Settings {
    /// Settings for one UDP listener, everything else at its default.
    pub fn new(listen: SocketAddr) -> Settings {
        let listener = Listener { transport: Transport::Udp, address: listen, host: listen.ip().to_string() };
        Settings {
            listeners: vec![listener],
            realm: "vorrang".to_owned(),
            algorithms: vec![Algorithm::Md5],
            user_agent: "Vorrang".to_owned(),
            timing: Timing::default(),
            max_registration: Duration::from_secs(3600),
            bindings_max: 5,
            per_source: PerSource::default(),
            legs_max: 10_000,
            transactions_max: 50_000,
        }
    }
}

/// What goes in.
#[derive(Debug, Clone)]
pub enum Input {
    /// A message came: a datagram, or what [`crate::wire::frame`] cut from a stream.
    Received {
        /// One SIP message, head and body.
        bytes: Vec<u8>,
        /// The way it came. Its answer goes back the same way.
        flow: Flow,
    },
    /// A connection ended, or the one that a [`Output::Send`] asked for could not be made. What waited for it goes
    /// another way, or fails.
    Closed {
        /// The connection: as in [`Input::Received`], or as in the [`Output::Send`].
        flow: Flow,
    },
    /// The deadline passed.
    Due,
    /// The application wants something.
    Command(Command),
    /// Replaces all accounts of phones. Phones of accounts that are gone are unregistered.
    Accounts(Vec<Account>),
    /// Replaces all trunks, which are known by their names. What has not changed goes on; registrations of trunks that are
    /// gone are undone.
    Trunks(Vec<Trunk>),
}

/// A phone's account. Its user is both the address of record and the digest user name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user part of the address of record, and the name for the digest.
    pub user: String,
    /// The password or its hashes.
    pub secret: Secret,
}

/// A provider or gateway: who it is, how its calls are let in, and where our requests to it go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trunk {
    /// Names it in events.
    pub name: String,
    /// From where it may call without a password.
    pub addresses: Vec<AddressRange>,
    /// Where our requests go.
    pub server: Option<Server>,
    /// Who proves a password to whom.
    pub account: Option<TrunkAccount>,
    /// Where the number stands that was dialled.
    pub dialled: Dialled,
    /// The numbers that are called by it. Of several trunks that call from the same address, the one is meant that has
    /// the dialled number.
    pub numbers: Arc<BTreeSet<String>>,
    /// How often it is asked whether it is there (OPTIONS, RFC 3261 §11); never if none.
    pub probe: Option<Duration>,
}

/// Where our requests to a trunk go. Its calls are let in from there if we are registered with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The name or address, as it stands in addresses.
    pub host: String,
    /// The port there, if one is to stand there.
    pub port: Option<u16>,
    /// What carries the messages to it.
    pub transport: Transport,
    /// Where it is, the best first: whoever has the name service finds it out. Empty: not known yet.
    pub addresses: Vec<SocketAddr>,
}

/// Who proves a password when a trunk is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrunkAccount {
    /// The trunk does, with each call to us, from wherever it calls (RFC 3261 §22.2).
    Theirs {
        /// Its user name, which no phone and no other trunk has.
        user: String,
        /// The password or its hashes.
        secret: Secret,
    },
    /// We do: our user is kept registered at the trunk's server (RFC 3261 §10.2), and proves the password when it calls.
    Ours {
        /// The user.
        user: String,
        /// The name for the digest; often the user again.
        login: String,
        /// The password.
        secret: Secret,
        /// How long to ask for.
        expires: Duration,
    },
}

/// Where the number stands that was dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialled {
    /// In the request's address.
    #[default]
    RequestUri,
    /// In To: the request's address is the Contact that we registered.
    To,
}

/// A network: an address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    address: IpAddr,
    prefix: u8,
}

impl AddressRange {
    /// A network; none if the prefix is longer than the address.
    pub fn new(address: IpAddr, prefix: u8) -> Option<AddressRange> {
        (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some(AddressRange { address, prefix })
    }

    /// Reads `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`.
    pub fn parse(text: &str) -> Option<AddressRange> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.trim().parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix = if text.contains('/') { prefix.trim().parse().ok()? } else { whole };
        AddressRange::new(address, prefix)
    }

    /// Whether an address lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The phones of a registered user: all ring at once, and the first that answers has the call.
    Registered(String),
    /// Any SIP URI.
    Uri {
        /// For example `sip:+4930123@192.0.2.1`.
        uri: String,
        /// Where the packets go: needed if the URI names its host, because names are not resolved here.
        destination: Option<SocketAddr>,
    },
    /// A number behind a trunk. Challenges of its server are answered.
    Trunk {
        /// The trunk's name.
        name: String,
        /// The user part of the Request-URI.
        number: String,
    },
}

/// What the application wants. A command for a leg that is gone, or that does not fit its state, does nothing: the
/// event that says so is already on its way.
#[derive(Debug, Clone)]
pub enum Command {
    /// Incoming leg: send a provisional response; it is repeated every minute.
    Provisional {
        /// An incoming leg that has had no final response.
        leg: LegId,
        /// 101 to 199.
        status: u16,
        /// The answer for early media (RFC 3960); without it the peer rings by itself.
        sdp: Option<Vec<u8>>,
    },
    /// Incoming leg: send the 200; it is repeated until the ACK.
    Answer {
        /// An incoming leg that has had no final response.
        leg: LegId,
        /// The answer, or the offer if the INVITE had none.
        sdp: Vec<u8>,
    },
    /// Incoming leg: refuse; a 503 says when to come again. Ends with [`Event::Ended`].
    Reject {
        /// An incoming leg that has had no final response.
        leg: LegId,
        /// 300 to 699.
        status: u16,
        /// The reason phrase; empty for the usual one.
        reason: String,
    },
    /// Begin an outgoing leg. Answered by [`Event::Facts`] and later [`Event::Ringing`], [`Event::Answered`] or
    /// [`Event::Failed`].
    Invite {
        /// A new id without the top bit.
        leg: LegId,
        /// Whom to call.
        target: Target,
        /// The calling number, or [`ANONYMOUS`].
        from_user: String,
        /// The calling name.
        from_display: Option<String>,
        /// The offer (RFC 3264); a delayed offer is not made.
        sdp: Vec<u8>,
    },
    /// Outgoing leg: give up. Ends with [`Event::Failed`]; if a 200 crosses, it gets ACK and BYE by itself and the leg
    /// ends with [`Event::Ended`].
    Cancel {
        /// An outgoing leg that has had no final response.
        leg: LegId,
    },
    /// Outgoing leg: take the 200 by sending its ACK. Until then the peer's repetitions are absorbed.
    Accept {
        /// An outgoing leg of which [`Event::Answered`] was told.
        leg: LegId,
    },
    /// Outgoing leg: a 200 came but is not wanted: ACK, then BYE. Ends with [`Event::Ended`].
    Refuse {
        /// An outgoing leg of which [`Event::Answered`] was told.
        leg: LegId,
    },
    /// Answer [`Event::Reoffer`].
    AnswerReoffer {
        /// The leg of which [`Event::Reoffer`] was told.
        leg: LegId,
        /// The answer, or the offer if the peer asked for one.
        sdp: Vec<u8>,
    },
    /// Refuse [`Event::Reoffer`]; the call goes on as it was.
    RefuseReoffer {
        /// The leg of which [`Event::Reoffer`] was told.
        leg: LegId,
        /// 300 to 699; 488 if nothing in the offer can be used.
        status: u16,
    },
    /// Change a confirmed session by a re-INVITE. Ends with [`Event::Reanswered`] or [`Event::ReofferFailed`]. If it
    /// meets an offer of the peer, it is made again by itself when its turn comes (RFC 3261 §14.1), unless the peer's
    /// offer comes first. While another one is on its way, it waits; of several that wait, the last counts.
    Reoffer {
        /// A confirmed leg.
        leg: LegId,
        /// The offer, of the next version.
        sdp: Vec<u8>,
    },
    /// Hang up, in whatever state the leg is. Ends with [`Event::Ended`] or [`Event::Failed`].
    Bye {
        /// A leg in either direction, in any state.
        leg: LegId,
    },
    /// End a dialog of an earlier boot. Ends with [`Event::Ended`] or [`Event::Failed`] for the leg the facts name.
    End {
        /// The last facts of that leg.
        facts: Facts,
    },
    /// Register one of our users elsewhere, and keep it registered.
    Register {
        /// Where the REGISTER goes.
        registrar: SocketAddr,
        /// What carries the messages to it.
        transport: Transport,
        /// The user, also for the digest.
        user: String,
        /// For the challenges of the registrar.
        password: String,
        /// The Contact's URI; by default the user at our host and port.
        contact: Option<String>,
        /// How long to ask for.
        expires: Duration,
    },
    /// Undo [`Command::Register`].
    Unregister {
        /// The user of [`Command::Register`].
        user: String,
    },
    /// Put back what was known of a user's phones before a restart.
    RestoreBindings {
        /// The account's user.
        user: String,
        /// As in [`Event::Bindings`], with what is left of their time.
        bindings: Vec<Binding>,
    },
}

/// A registered phone, or one of its ways to us: everything needed to reach it after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its Contact's URI.
    pub contact: String,
    /// The way its REGISTER came.
    pub flow: Flow,
    /// The way requests to it go: back the same way, or to where it says that it listens.
    pub way: Flow,
    /// The proxies on that way, as they stand in Route (RFC 3327).
    pub path: Vec<String>,
    /// Which phone it is (RFC 5626 §4.1), if it says so.
    pub instance: Option<String>,
    /// Which of its ways to us it is (RFC 5626 §4.2), if it keeps several.
    pub reg_id: Option<u32>,
    /// The Call-ID of its REGISTER.
    pub call_id: String,
    /// Its CSeq number: what comes later must have a higher one.
    pub cseq: u32,
    /// How long it is good for.
    pub expires: Duration,
    /// For how long the phone has been registered without a gap.
    pub registered_for: Duration,
    /// What the phone says that it is (RFC 3261 §20.41): 100 characters at most, and no control characters.
    pub user_agent: Option<String>,
}

/// What comes out.
#[derive(Debug, Clone)]
pub enum Output {
    /// Send a message.
    Send {
        /// One SIP message, head and body.
        bytes: Vec<u8>,
        /// Which way. For TCP: by the connection that [`Flow::goes_by`] finds, or by a new one to its peer.
        flow: Flow,
    },
    /// Something for the application.
    Event(Event),
}

/// The user of a caller who does not want to be known, in what comes in and goes out (RFC 3323 §4.1.1.3).
pub const ANONYMOUS: &str = "anonymous";

/// Who calls, as far as it is known and may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number or user; [`ANONYMOUS`] if it is withheld.
    pub user: String,
    /// The number that is withheld, as far as it is known: not to be shown, nor given to a phone (RFC 3325 §8).
    pub withheld: Option<String>,
    /// The name to show.
    pub display: Option<String>,
    /// The host of the URI by which the caller is known.
    pub host: String,
}

/// How an incoming call was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// By its address, or with its password.
    Trunk {
        /// The trunk's name.
        name: String,
    },
    /// From a registered phone, or with its password.
    Phone {
        /// The account's user.
        user: String,
    },
    /// From the registrar with which one of our users is registered by [`Command::Register`].
    Registrar {
        /// Our user there.
        user: String,
    },
}

/// Who ended a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// We did, with a BYE.
    Local,
    /// The peer's BYE, already answered.
    Remote,
    /// The peer never acknowledged our 200; a BYE was sent.
    Timeout,
}

/// Whose word it is that our INVITE came to nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailedBy {
    /// A peer's.
    Peer,
    /// Nobody's: there is no way to the peer, or nothing came back.
    #[default]
    Nobody,
    /// Ours: there are [`Settings::legs_max`] legs, so that nothing was sent. It says nothing about the peer.
    Us,
}

/// What happened. Every leg ends with exactly one of [`Event::Failed`], [`Event::Cancelled`] and [`Event::Ended`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A call came in; 100 was sent.
    Incoming {
        /// Its new id, with the top bit set.
        leg: LegId,
        /// Why it was let in.
        origin: Origin,
        /// From a trunk its asserted identity (RFC 3325), otherwise From.
        caller: Identity,
        /// The user of the Request-URI, or of what the trunk says that counts.
        number: String,
        /// The offer, if there was one.
        sdp: Option<Vec<u8>>,
        /// Where it came from.
        source: SocketAddr,
    },
    /// A provisional response to our INVITE.
    Ringing {
        /// The leg of [`Command::Invite`].
        leg: LegId,
        /// 101 to 199.
        status: u16,
        /// The answer for early media (RFC 3960), if there is one.
        sdp: Option<Vec<u8>>,
    },
    /// A 200 to our INVITE. Say [`Command::Accept`] or [`Command::Refuse`] within 64 × T1.
    Answered {
        /// The leg of [`Command::Invite`].
        leg: LegId,
        /// The answer; empty if the peer sent none.
        sdp: Vec<u8>,
    },
    /// Our INVITE came to nothing.
    Failed {
        /// The leg of [`Command::Invite`], which is gone.
        leg: LegId,
        /// The peer's status; of our own: 408 nobody answered, 480 no phone registered, 400 no such address,
        /// 503 no way there or too many legs.
        status: u16,
        /// When the peer says to try again.
        retry_after: Option<Duration>,
        /// Whose word that is.
        by: FailedBy,
    },
    /// The ACK to our 200 came.
    Confirmed {
        /// The incoming leg that was answered.
        leg: LegId,
        /// The answer, if our 200 held the offer.
        sdp: Option<Vec<u8>>,
    },
    /// The caller gave up before we answered; 487 was sent.
    Cancelled {
        /// The incoming leg, which is gone.
        leg: LegId,
    },
    /// The leg is over.
    Ended {
        /// The leg, which is gone.
        leg: LegId,
        /// Whose doing it was.
        by: EndedBy,
    },
    /// The peer of a confirmed leg did not answer when it was asked whether it is still there, or does not know the call any
    /// more. Nothing else happens: whether it is gone is yours to say, who hear its media.
    Unresponsive {
        /// A confirmed leg.
        leg: LegId,
        /// How often in a row, from 1.
        missed: u32,
    },
    /// The peer offers a change, or asks for an offer. Say [`Command::AnswerReoffer`] within 20 × T1.
    Reoffer {
        /// A confirmed leg.
        leg: LegId,
        /// The new offer; none if the peer wants ours.
        sdp: Option<Vec<u8>>,
    },
    /// The answer to [`Command::Reoffer`], or to the offer we made at the peer's wish.
    Reanswered {
        /// The leg of [`Command::Reoffer`] or [`Command::AnswerReoffer`].
        leg: LegId,
        /// The peer's answer to that offer.
        sdp: Vec<u8>,
    },
    /// [`Command::Reoffer`] came to nothing; the call goes on as it was.
    ReofferFailed {
        /// The leg of [`Command::Reoffer`].
        leg: LegId,
        /// The peer's status; of our own: 491 the peer's offer came first, so that ours has to be written anew.
        status: u16,
    },
    /// The peer put us on hold (`sendonly`, `inactive`, or the address 0.0.0.0: RFC 3264 §8.4), or took us off again. Told
    /// once for each change, after the offer is answered.
    Held {
        /// A confirmed leg.
        leg: LegId,
        /// Whether the peer wants to hear nothing now.
        held: bool,
    },
    /// The peer wants its audio elsewhere, in another way or direction than before. Not told for the first description,
    /// nor for one that says the same again.
    MediaChanged {
        /// The leg whose peer it is.
        leg: LegId,
        /// The address and port of the peer's audio.
        remote: SocketAddr,
        /// As we see it: what we may send and receive.
        direction: Direction,
    },
    /// A phone is reachable: it registered, anew or again.
    Registered {
        /// The account's user.
        user: String,
    },
    /// Keep these, the one heard from last first, in place of what was kept of the user's phones; after a restart they go
    /// into [`Command::RestoreBindings`].
    Bindings {
        /// The account's user.
        user: String,
        /// None if no phone is left.
        bindings: Vec<Binding>,
    },
    /// The user has no phone any more.
    Unregistered {
        /// The account's user.
        user: String,
    },
    /// A registration of ours changed.
    RegistrationState {
        /// The user of [`Command::Register`].
        user: String,
        /// How it stands.
        state: RegistrationState,
    },
    /// A stranger, or somebody with a wrong password, was refused. Not told for each of very many: see
    /// [`crate::throttle`].
    Refused {
        /// What was refused.
        refused: Refused,
        /// The address and port that it came from; over UDP it may be forged.
        source: SocketAddr,
    },
    /// Our registration with a trunk changed.
    TrunkRegistration {
        /// The trunk's name.
        trunk: String,
        /// How it stands.
        state: RegistrationState,
    },
    /// What is believed of a trunk that is probed has changed, or is known for the first time.
    TrunkReachable {
        /// The trunk's name.
        trunk: String,
        /// Whether it is there.
        reachable: bool,
        /// What it said last, 408 for nothing.
        status: u16,
    },
    /// Keep these, replacing older ones of the same leg, until the leg ends.
    Facts(Facts),
}

/// What was refused to a stranger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// A password was wrong, there is no such user, or there were too many wrong passwords to look at this one.
    Credentials {
        /// The user that the stranger wants to be, as it stands in a URI: 64 characters at most, all that is not plain
        /// ASCII escaped, so that it holds no space, quote, backslash or line end.
        user: String,
        /// Whether there is such a user.
        is_known: bool,
    },
    /// A call without a password, that said none when it was asked for it either.
    Call,
    /// More than [`Settings::per_source`] allows; what comes next is dropped.
    Flood,
}

/// How a registration of ours stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationState {
    /// The registrar knows where we are.
    Registered {
        /// For how long; refreshed in time.
        expires: Duration,
    },
    /// Refused, or not answered (408, 503); tried again after a while that grows (RFC 5626 §4.5).
    Refused {
        /// The registrar's status; 200 if it granted nothing.
        status: u16,
    },
    /// Not registered any more, as wished.
    Unregistered,
}

/// Everything needed to end a leg after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The leg that they are of.
    pub leg: LegId,
    /// One for each phone that rings, or still has to hear that another one answered.
    pub(crate) dialogs: Vec<Known>,
}

/// What is known of one dialog of a leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) dialog: Dialog,
    pub(crate) stage: Stage,
}

/// How far a leg had come when its facts were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Our INVITE is out: to be cancelled, which takes its branch.
    Inviting {
        #[serde(with = "spelled")]
        branch: Branch,
    },
    /// A 200 to our INVITE came: to be acknowledged, perhaps again, and ended.
    Answered,
    /// Our 200 is out: to be ended.
    Accepted,
}

/// How much is going on, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Legs that have not ended.
    pub legs: usize,
    /// Transactions we began.
    pub client_transactions: usize,
    /// Transactions peers began.
    pub server_transactions: usize,
    /// Users with a phone.
    pub users_registered: usize,
    /// Registrations of ours, those that are being undone among them.
    pub registrations: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        for (range, address, expected) in [
            ("192.0.2.0/24", "192.0.2.200", true),
            ("192.0.2.0/24", "192.0.3.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "::ffff:192.0.2.7", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("2001:db8::/32", "10.0.0.1", false),
        ] {
            let range_parsed = AddressRange::parse(range).expect(range);
            assert_eq!(range_parsed.contains(address.parse().expect("an address")), expected, "{range} {address}");
        }
        for text in ["", "x", "1.2.3.4/33", "1.2.3.4/", "::/129"] {
            assert_eq!(AddressRange::parse(text), None, "{text}");
        }
    }
}
