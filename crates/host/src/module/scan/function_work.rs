//! An estimate of a function's cost for the compiler: the cost of each operator by its kind and its depth, and at each event (a
//! branch, a call) the cost of keeping all values that may be live.

use wasmparser::Operator;

use super::chains::Chains;
use super::depth::Depth;
use super::operator_work::{self, Kind};

/// For each value that is live across a branch: 40 to 150 ns, and 16 to 30 bytes of memory.
const LIVE_AT_BRANCH: u64 = 10;

/// For each value that is live across a call and must be saved: 30 to 120 ns.
const LIVE_AT_CALL: u64 = 8;

/// For each operand that is live below any operation: 60 to 90 ns, because the compiler looks for a register among them.
const OPERAND_AT_OPERATION: u64 = 9;

/// For each link that the optimizer tries: about 2 µs.
const LINK: u64 = 200;

/// The number of values that are computed for a branch, a call or an access, mostly fuel and addresses.
const VALUES_OF_AN_EVENT: u64 = 4;

/// The work of the current function.
#[derive(Default)]
pub(super) struct FunctionWork {
    locals: u64,
    work: u64,
    hold_ns: u64,
    chains: Chains,
    depth: Depth,
}

impl FunctionWork {
    /// Begins a function with this many parameters and local variables.
    pub(super) fn begin(&mut self, locals: u32) {
        self.locals = u64::from(locals);
        self.work = operator_work::FUNCTION.saturating_add(self.locals.saturating_mul(operator_work::VALUE));
        self.hold_ns = 0;
        self.chains.begin(usize::try_from(locals).unwrap_or_default());
        self.depth.begin();
    }

    /// Counts an operator that changes the height of the operand stack from `before` to `after`.
    pub(super) fn operator(&mut self, operator: &Operator<'_>, before: u32, after: u32) {
        let (work, kind) = operator_work::of(operator);
        self.add(work);
        self.hold_ns = self.hold_ns.saturating_add(operator_work::hold_ns(kind));
        let live = self.locals.saturating_add(u64::from(before));
        let (values, at_events) = match kind {
            Kind::Plain => (1, 0),
            Kind::Constant | Kind::Pure | Kind::Computed => (2, 0),
            Kind::Access => (VALUES_OF_AN_EVENT, 0),
            Kind::Branch(ways) => (VALUES_OF_AN_EVENT, ways.saturating_mul(LIVE_AT_BRANCH)),
            Kind::Call => (VALUES_OF_AN_EVENT, LIVE_AT_CALL),
            Kind::Bulk => (4 * VALUES_OF_AN_EVENT, 4 * LIVE_AT_BRANCH + LIVE_AT_CALL),
        };
        self.add(live.saturating_mul(at_events));
        if kind == Kind::Call {
            self.add(u64::from(after.saturating_sub(before)).saturating_mul(operator_work::RESULT));
        }
        let (at_locals, at_operands) = pressure(kind, work);
        self.add(self.locals.saturating_mul(at_locals));
        self.add(u64::from(before).saturating_mul(at_operands));
        // About 5 ns for each block of the depth.
        self.add(values.saturating_mul(self.depth.now()).div_euclid(2));
        self.depth.operator(operator);
        self.link(operator, kind, before, after);
    }

    fn link(&mut self, operator: &Operator<'_>, kind: Kind, before: u32, after: u32) {
        let (operands, height) = (before.saturating_add(1).saturating_sub(after), usize::try_from(after).unwrap_or(0));
        match (operator, kind) {
            (_, Kind::Constant) => self.chains.constant(),
            (Operator::LocalGet { local_index }, _) => self.chains.get(*local_index),
            (Operator::LocalSet { local_index }, _) => self.chains.set(*local_index, false),
            (Operator::LocalTee { local_index }, _) => self.chains.set(*local_index, true),
            (_, Kind::Pure) => {
                let links = self.chains.operation(usize::try_from(operands).unwrap_or(0));
                self.add(u64::from(links).saturating_mul(LINK));
            }
            (_, Kind::Branch(_)) | (Operator::Block { .. } | Operator::End | Operator::Drop | Operator::Nop, _) => {
                self.chains.keep(height);
            }
            _ => self.chains.other(height),
        }
    }

    /// The work of the whole function.
    pub(super) fn end(&self) -> u64 {
        self.work
    }

    /// How long the function holds its thread if it runs once from its beginning to its end, in nanoseconds.
    pub(super) fn hold_ns(&self) -> u64 {
        self.hold_ns
    }

    fn add(&mut self, work: u64) {
        self.work = self.work.saturating_add(work);
    }
}

/// What each local variable and each operand on the stack adds to an operation that needs registers. A conversion becomes many
/// instructions, and each of them adds its part.
fn pressure(kind: Kind, work: u64) -> (u64, u64) {
    match (kind, work) {
        (Kind::Access | Kind::Pure, _) => (2, OPERAND_AT_OPERATION),
        (Kind::Computed, ..=450) => (5, OPERAND_AT_OPERATION),
        (Kind::Computed, ..=2_000) => (15, 15),
        (Kind::Computed, _) => (45, 45),
        _ => (0, 0),
    }
}
