//! Whether a peer is there: asked with OPTIONS now and then (RFC 3261 §11), believed only when it says so twice.
//! Never sends by itself; it says when the next question is due, and when the belief changes.

use std::time::Duration;

use crate::timing::Timing;

/// What is believed of the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Never asked.
    Unknown,
    /// It answers.
    Reachable,
    /// It answered until now, and once did not.
    Doubtful,
    /// It does not answer.
    Unreachable,
    /// It did not answer until now, and once did.
    Recovering,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// It answered, whatever it said.
    Answered,
    /// It did not, or said that it cannot work.
    Missed,
}

/// A new belief, to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    Reachable,
    Unreachable,
}

/// One lost packet, or one that got through by chance, changes no belief.
pub(crate) fn step(state: State, happening: Happening) -> (State, Option<News>) {
    use {Happening::*, State::*};
    match (state, happening) {
        (Unknown | Recovering, Answered) => (Reachable, Some(News::Reachable)),
        (Unknown | Doubtful, Missed) => (Unreachable, Some(News::Unreachable)),
        (Reachable | Doubtful, Answered) => (Reachable, None),
        (Reachable, Missed) => (Doubtful, None),
        (Unreachable, Answered) => (Recovering, None),
        (Unreachable | Recovering, Missed) => (Unreachable, None),
    }
}

/// One peer that is asked.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    pub(crate) every: Duration,
    pub(crate) state: State,
    /// When the next question is due; none while one is out.
    pub(crate) due_at: Option<Duration>,
}

impl Probe {
    /// A peer that is to be asked at once.
    pub(crate) fn new(now: Duration, every: Duration) -> Probe {
        Probe { every, state: State::Unknown, due_at: Some(now) }
    }

    /// Takes an answer, or that there was none.
    pub(crate) fn on(&mut self, now: Duration, timing: &Timing, happening: Happening) -> Option<News> {
        let (state, news) = step(self.state, happening);
        self.state = state;
        let wait = match state {
            State::Unknown | State::Reachable | State::Unreachable => self.every,
            State::Doubtful | State::Recovering => self.every.min(timing.probe_soon()),
        };
        self.due_at = Some(now + wait);
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use {Happening::*, State::*};

    #[test]
    fn the_table_has_hysteresis() {
        let (up, down) = (Some(News::Reachable), Some(News::Unreachable));
        #[rustfmt::skip]
        let rows = [
            // State        Answered                Missed
            (Unknown,      (Reachable, up),        (Unreachable, down)),
            (Reachable,    (Reachable, None),      (Doubtful, None)),
            (Doubtful,     (Reachable, None),      (Unreachable, down)),
            (Unreachable,  (Recovering, None),     (Unreachable, None)),
            (Recovering,   (Reachable, up),        (Unreachable, None)),
        ];
        for (state, answered, missed) in rows {
            assert_eq!((step(state, Answered), step(state, Missed)), (answered, missed), "{state:?}");
        }
    }

    #[test]
    fn a_peer_that_wavers_is_asked_again_soon() {
        let (timing, every) = (Timing::default(), Duration::from_secs(60));
        let mut probe = Probe::new(Duration::ZERO, every);
        let mut now = Duration::ZERO;
        let mut told = Vec::new();
        for happening in [Answered, Missed, Answered, Missed, Missed, Answered, Missed, Answered, Answered] {
            let news = probe.on(now, &timing, happening);
            let wait = probe.due_at.expect("asked again") - now;
            now += wait;
            told.push((wait.as_secs(), news));
        }
        let (up, down) = (Some(News::Reachable), Some(News::Unreachable));
        assert_eq!(
            told,
            [(60, up), (4, None), (60, None), (4, None), (60, down), (4, None), (60, None), (4, None), (60, up)]
        );
    }
}
