//! A call to a user who has several phones: an INVITE of its own to each, under one leg of the application's (RFC 3261 §16.6,
//! §16.7). The first 200 has the call; everybody else gets CANCEL, or ACK and BYE.
//! Never decides how a phone's leg goes on: each is a [`Leg`] with the table that every leg has, and an id that only we know.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::calls::Call;
use super::flows::{Outgoing, Route};
use super::leg::{Detail, Side};
use super::{Purpose, UserAgent, Wake};
use crate::contract::{EndedBy, Event, Facts, FailedBy, Known, LegId};
use crate::session::{Action, State};

/// Why the other phones are cancelled when one has the call: none of them shows a missed call then (RFC 3326).
const COMPLETED_ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// One call that rings at several phones, or whose losers have not all been told.
#[derive(Debug, Clone)]
pub(super) struct Fork {
    /// What stands in each INVITE; none in what is left of an earlier boot.
    call: Option<Call>,
    /// The phones' legs that are not over, but for the winner's.
    branches: BTreeSet<LegId>,
    /// Further ways to phones that ring already, for the case that the first one is dead (RFC 5626 §5.3).
    spare: VecDeque<Route>,
    phase: Phase,
    /// The best failure so far.
    failure: Option<Detail>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody answered yet.
    Ringing,
    /// A phone answered, and is the application's leg now.
    Won,
    /// The application gave up, or a phone refused for all of them (6xx).
    GivenUp,
    /// The same, and a 200 crossed it.
    Crossed,
}

impl UserAgent {
    /// Calls all phones of a user. Of the ways to one phone only the first is tried, and the next if that is dead.
    pub(super) fn fork(&mut self, now: Duration, id: LegId, call: Call, routes: Vec<Route>) {
        let (mut first, mut spare): (Vec<Route>, VecDeque<Route>) = (Vec::new(), VecDeque::new());
        for route in routes {
            let rings = route.instance.is_some() && first.iter().any(|other| other.instance == route.instance);
            if rings { spare.push_back(route) } else { first.push(route) }
        }
        if first.len() == 1 && spare.is_empty() {
            let Some(route) = first.pop() else { return };
            let invite = self.call(now, id, &call, route);
            self.tell_facts(id);
            return self.start(now, invite, Purpose::Invite(id));
        }
        let branches: Vec<(LegId, Route)> = first.into_iter().map(|route| (self.new_id(), route)).collect();
        let own = branches.iter().map(|(branch, _)| *branch).collect();
        let fork = Fork { call: Some(call.clone()), branches: own, spare, phase: Phase::Ringing, failure: None };
        self.forks.insert(id, fork);
        let invites: Vec<_> = branches
            .into_iter()
            .map(|(branch, route)| (branch, self.call_branch(now, id, branch, &call, route)))
            .collect();
        self.tell_fork(id);
        for (branch, invite) in invites {
            self.start(now, invite, Purpose::Invite(branch));
        }
    }

    /// What is left of a forked call of an earlier boot, only to be ended.
    pub(super) fn fork_resumed(&mut self, now: Duration, id: LegId, dialogs: Vec<Known>) {
        let branches: Vec<LegId> = dialogs.iter().map(|_| self.new_id()).collect();
        let own = branches.iter().copied().collect();
        let fork = Fork { call: None, branches: own, spare: VecDeque::new(), phase: Phase::GivenUp, failure: None };
        self.forks.insert(id, fork);
        for (branch, known) in branches.into_iter().zip(dialogs) {
            self.resume(now, branch, known);
            self.adopt(id, branch);
            self.hang_up(now, branch);
        }
    }

    fn call_branch(&mut self, now: Duration, id: LegId, branch: LegId, call: &Call, route: Route) -> Outgoing {
        let invite = self.call(now, branch, call, route);
        self.adopt(id, branch);
        invite
    }

    fn adopt(&mut self, id: LegId, branch: LegId) {
        if let Some(leg) = self.legs.get_mut(&branch) {
            leg.branch_of = Some(id);
        }
    }

    /// The application wants a call to end that still rings everywhere; whether it is one.
    pub(super) fn give_up(&mut self, now: Duration, id: LegId) -> bool {
        let Some(fork) = self.forks.get_mut(&id) else { return false };
        match fork.phase {
            Phase::Won => false,
            Phase::GivenUp | Phase::Crossed => true,
            Phase::Ringing => {
                fork.phase = Phase::GivenUp;
                self.end_branches(now, id, None);
                true
            }
        }
    }

    /// A 200 came to a phone's INVITE. If it is the first, that leg is the application's from now on, and the other phones
    /// are cancelled. The id under which the leg goes on.
    pub(super) fn win(&mut self, now: Duration, branch: LegId) -> LegId {
        let leg = self.legs.get(&branch).filter(|leg| matches!(leg.session.state, State::Calling | State::Early));
        let Some(id) = leg.and_then(|leg| leg.branch_of) else { return branch };
        let Some(fork) = self.forks.get_mut(&id) else { return branch };
        if fork.phase != Phase::Ringing {
            return branch;
        }
        fork.phase = Phase::Won;
        fork.branches.remove(&branch);
        let Some(mut leg) = self.legs.remove(&branch) else { return branch };
        leg.branch_of = None;
        self.dialogs.insert(leg.dialog.key(&self.keys), id);
        if let Side::Outgoing { invite, .. } = &leg.side {
            self.clients.change(*invite, |client| client.set_purpose(Purpose::Invite(id)));
        }
        self.wakes.set(Wake::Leg(branch), None);
        self.wakes.set(Wake::Leg(id), leg.deadline());
        self.legs.insert(id, leg);
        self.end_branches(now, id, Some(COMPLETED_ELSEWHERE));
        self.forget_fork(id);
        id
    }

    /// What a phone's leg would tell the application: it hears of the call, not of its phones. The leg itself is not in
    /// the table meanwhile.
    pub(super) fn on_branch(&mut self, now: Duration, id: LegId, branch: LegId, action: Action, detail: &Detail) {
        let Some(fork) = self.forks.get_mut(&id) else { return };
        match action {
            Action::TellRinging if fork.phase == Phase::Ringing && detail.status > 100 => {
                self.tell(Event::Ringing { leg: id, status: detail.status, sdp: detail.sdp.clone() });
            }
            Action::TellFailed => {
                fork.branches.remove(&branch);
                self.on_branch_failed(now, id, detail);
            }
            Action::TellEnded(_) => {
                fork.branches.remove(&branch);
                if fork.phase == Phase::GivenUp {
                    fork.phase = Phase::Crossed;
                }
                self.settle_fork(id);
            }
            // A winner's, or an incoming leg's; and what was given up rings for nobody.
            Action::TellRinging | Action::TellAnswered | Action::TellConfirmed | Action::TellCancelled => {}
            Action::TellFacts => {}
            // No news.
            Action::SendCancel | Action::SendAck | Action::SendBye | Action::SendOk | Action::SendOptions => {}
            Action::SendProvisional | Action::SendRefusal | Action::SendTerminated => {}
        }
    }

    fn on_branch_failed(&mut self, now: Duration, id: LegId, detail: &Detail) {
        let Some(fork) = self.forks.get_mut(&id) else { return };
        let is_better = fork.failure.as_ref().is_none_or(|best| rank(detail) < rank(best));
        if is_better {
            fork.failure = Some(detail.clone());
        }
        if fork.phase == Phase::Ringing && detail.status >= 600 {
            // RFC 3261 §16.7 step 5: one speaks for all.
            fork.phase = Phase::GivenUp;
            let declined = format!("SIP;cause={};text=\"Call declined elsewhere\"", detail.status);
            self.end_branches(now, id, Some(&declined));
        } else if fork.phase == Phase::Ringing && is_dead_way(detail.status) {
            self.call_otherwise(now, id);
        }
        self.settle_fork(id);
    }

    /// Calls by the ways that are left to phones that do not ring any more.
    fn call_otherwise(&mut self, now: Duration, id: LegId) {
        let Some(fork) = self.forks.get(&id) else { return };
        let legs = fork.branches.iter().filter_map(|branch| self.legs.get(branch));
        let ringing: BTreeSet<String> = legs.filter_map(|leg| leg.instance.clone()).collect();
        let is_free = |route: &Route| route.instance.as_ref().is_some_and(|instance| !ringing.contains(instance));
        let Some(at) = fork.spare.iter().position(is_free) else { return };
        let branch = self.new_id();
        let Some(fork) = self.forks.get_mut(&id) else { return };
        let (Some(route), Some(call)) = (fork.spare.remove(at), fork.call.clone()) else { return };
        fork.branches.insert(branch);
        let invite = self.call_branch(now, id, branch, &call, route);
        self.tell_fork(id);
        self.start(now, invite, Purpose::Invite(branch));
    }

    /// Ends what still rings; `reason` is what the phones hear about it, and nothing if the caller gave up.
    fn end_branches(&mut self, now: Duration, id: LegId, reason: Option<&str>) {
        let branches = self.forks.get(&id).map(|fork| fork.branches.clone()).unwrap_or_default();
        for branch in branches {
            if let (Some(leg), Some(reason)) = (self.legs.get_mut(&branch), reason) {
                leg.reason = Some(reason.to_owned());
            }
            self.hang_up(now, branch);
        }
    }

    /// Tells the end of a call that nobody has, once all its phones are done with.
    fn settle_fork(&mut self, id: LegId) {
        let Some(fork) = self.forks.get(&id).filter(|fork| fork.branches.is_empty()) else { return };
        match fork.phase {
            Phase::Won => {}
            Phase::Crossed => self.tell(Event::Ended { leg: id, by: EndedBy::Local }),
            Phase::Ringing | Phase::GivenUp => {
                let Detail { status, retry_after, by, .. } = fork.failure.clone().unwrap_or_default();
                let status = if status < 300 { 487 } else { status };
                self.tell(Event::Failed { leg: id, status, retry_after, by });
            }
        }
        self.forks.remove(&id);
    }

    /// A call that somebody has needs no book when all losers are done with.
    fn forget_fork(&mut self, id: LegId) {
        if self.forks.get(&id).is_some_and(|fork| fork.phase == Phase::Won && fork.branches.is_empty()) {
            self.forks.remove(&id);
        }
    }

    fn tell_fork(&mut self, id: LegId) {
        let facts = Facts { leg: id, dialogs: self.known_of_branches(id) };
        self.tell(Event::Facts(facts));
    }

    /// What has to be ended after a restart besides a call's own leg.
    pub(super) fn known_of_branches(&self, id: LegId) -> Vec<Known> {
        let branches = self.forks.get(&id).into_iter().flat_map(|fork| &fork.branches);
        branches.filter_map(|branch| self.legs.get(branch)).map(|leg| leg.known()).collect()
    }
}

/// The order in which failures speak for a call (RFC 3261 §16.7 step 6): 6xx first, then the lowest class; within the
/// fourth what can be mended, then what a person did, and last what only says that nobody was there.
/// A phone that answered speaks before one that did not.
fn rank(failure: &Detail) -> (bool, u16, u8) {
    let status = failure.status;
    let class = if status >= 600 { 0 } else { status / 100 };
    let within = match status {
        401 | 407 | 415 | 420 | 484 => 0,
        486 => 1,
        480 => 3,
        408 => 4,
        430 => 5,
        487 => 6,
        _ => 2,
    };
    (failure.by != FailedBy::Peer, class, within)
}

/// Whether a failure may be the way's and not the phone's: nothing came back, nothing could be sent, or a proxy before the
/// phone says so (RFC 5626 §5.3, §11.6).
fn is_dead_way(status: u16) -> bool {
    matches!(status, 408 | 430 | 503)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_failure_is_the_rfcs() {
        let said = |status| rank(&Detail { by: FailedBy::Peer, ..Detail::status(status) });
        // From best to worst.
        let order = [603, 302, 407, 486, 404, 480, 408, 430, 487, 503];
        for pair in order.windows(2) {
            assert!(said(pair[0]) < said(pair[1]), "{pair:?}");
        }
        assert_eq!(said(600), said(603), "the first 6xx counts");
        assert!(said(503) < rank(&Detail::status(408)), "who is there speaks before who is not");
    }
}
