//! The depth of an operator in a function's dominator tree: the number of the compiler's blocks that every path to it goes
//! through. For each value that it computes, the optimizer looks back along these blocks.

use wasmparser::{FrameKind, Operator};

/// A loop begins with a header, and with checks of fuel and of the epoch.
const LOOP_BLOCKS: u64 = 3;

/// The depth of the next operator. It may be too large, but never too small.
#[derive(Default)]
pub(super) struct Depth {
    now: u64,
    open: Vec<Frame>,
}

struct Frame {
    kind: FrameKind,
    /// The depth of its beginning.
    begins: u64,
    /// The depth of the shallowest branch to its end.
    shallowest: Option<u64>,
}

impl Depth {
    pub(super) fn begin(&mut self) {
        self.now = LOOP_BLOCKS;
        self.open.clear();
        self.push(FrameKind::Block);
    }

    pub(super) fn now(&self) -> u64 {
        self.now
    }

    pub(super) fn operator(&mut self, operator: &Operator<'_>) {
        match operator {
            Operator::Block { .. } => self.push(FrameKind::Block),
            Operator::Loop { .. } => {
                self.deeper(LOOP_BLOCKS);
                self.push(FrameKind::Loop);
            }
            Operator::If { .. } => {
                self.push(FrameKind::If);
                self.deeper(1);
            }
            Operator::Else => self.other_arm(),
            Operator::End => self.pop(),
            Operator::Br { relative_depth } => self.branch(*relative_depth),
            Operator::BrIf { relative_depth } => {
                self.branch(*relative_depth);
                self.deeper(1);
            }
            Operator::BrTable { targets } => {
                for target in targets.targets().filter_map(Result::ok).chain([targets.default()]) {
                    self.branch(target);
                }
            }
            _ => {}
        }
    }

    fn deeper(&mut self, blocks: u64) {
        self.now = self.now.saturating_add(blocks);
    }

    fn push(&mut self, kind: FrameKind) {
        self.open.push(Frame { kind, begins: self.now, shallowest: None });
    }

    fn branch(&mut self, relative_depth: u32) {
        let now = self.now;
        let index =
            usize::try_from(relative_depth).ok().and_then(|depth| self.open.len().checked_sub(depth)?.checked_sub(1));
        if let Some(frame) = index.and_then(|index| self.open.get_mut(index)) {
            frame.reached_from(now);
        }
    }

    fn other_arm(&mut self) {
        let now = self.now;
        if let Some(frame) = self.open.last_mut() {
            frame.reached_from(now);
            frame.kind = FrameKind::Else;
            self.now = frame.begins.saturating_add(1);
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let ways_in = match frame.kind {
            // A branch to a loop goes back to its beginning.
            FrameKind::Loop => None,
            FrameKind::If => Some(frame.begins),
            _ => frame.shallowest,
        };
        if let Some(shallowest) = ways_in {
            self.now = self.now.min(shallowest).saturating_add(1);
        }
    }
}

impl Frame {
    fn reached_from(&mut self, depth: u64) {
        self.shallowest = Some(self.shallowest.map_or(depth, |shallowest| shallowest.min(depth)));
    }
}
