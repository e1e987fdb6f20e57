//! The board is what the loaded machines make it: how it is made of them, and that it stayed so.
//! No decision is made here.

use super::{Floor, Members};
use crate::actors::kind::Kind;
use domain::routing::Board;

/// Debug builds look at the whole board whenever so many times nothing was on its way.
const LOOKED_AT_EVERY: u64 = 16;

impl Floor {
    /// The board as the loaded machines make it, with the agents in the queues in which they are now.
    pub(super) fn board_of_machines(&self) -> Board {
        fn show<M: Kind>(members: &Members<M>, board: &mut Board) {
            for id in members.ids() {
                members.look(id, |machine| machine.see(id, board));
            }
        }
        let mut board = self.board.borrow().blank();
        show(&self.agents, &mut board);
        show(&self.chats, &mut board);
        show(&self.queues, &mut board);
        show(&self.calls, &mut board);
        show(&self.tasks, &mut board);
        board
    }

    /// Nothing is on its way: in debug builds, the board is looked at every now and then.
    pub(super) fn at_rest(&self) {
        if cfg!(debug_assertions) {
            self.rests.set(self.rests.get() + 1);
            if self.rests.get().is_multiple_of(LOOKED_AT_EVERY) {
                self.assert_board();
            }
        }
    }

    /// Asserts that the board, turn after turn, became what the machines make now. Only while nothing is on its way.
    ///
    /// # Panics
    /// In debug builds, if it did not: then a turn did not show the board what it changed.
    pub fn assert_board(&self) {
        debug_assert_eq!(
            self.board.borrow().clone().knowledge(),
            self.board_of_machines().knowledge(),
            "the board of company {} is not what its machines make",
            self.company
        );
    }
}
