//! The lengths of a function's chains of operations. The optimizer tries to rewrite each link together with those before it,
//! so a link costs more in a longer chain.

/// The most links that the optimizer looks back.
const LONGEST: u8 = 20;

/// Marks a value that the compiler knows and folds into its uses.
const KNOWN: u8 = u8::MAX;

/// For each value on the operand stack and in a local variable, the number of links of the chain that computes it.
#[derive(Default)]
pub(super) struct Chains {
    operands: Vec<u8>,
    locals: Vec<u8>,
}

impl Chains {
    pub(super) fn begin(&mut self, locals: usize) {
        self.operands.clear();
        self.locals.clear();
        self.locals.resize(locals, 0);
    }

    pub(super) fn constant(&mut self) {
        self.operands.push(KNOWN);
    }

    pub(super) fn get(&mut self, local: u32) {
        let links = usize::try_from(local).ok().and_then(|local| self.locals.get(local)).copied();
        self.operands.push(links.unwrap_or_default());
    }

    /// Moves the value on top of the stack into a local variable, or copies it if it `stays` on the stack.
    pub(super) fn set(&mut self, local: u32, stays: bool) {
        let links = self.operands.last().copied().unwrap_or_default();
        if !stays {
            self.operands.pop();
        }
        if let Some(value) = usize::try_from(local).ok().and_then(|local| self.locals.get_mut(local)) {
            *value = links;
        }
    }

    /// An operation on this many operands at the top of the stack. Returns the number of links that the optimizer tries.
    pub(super) fn operation(&mut self, operands: usize) -> u8 {
        let first = self.operands.len().saturating_sub(operands);
        let (mut links, mut known, mut open) = (0_u8, 0_usize, 0_usize);
        for operand in self.operands.drain(first..) {
            if operand == KNOWN {
                known = known.saturating_add(1);
            } else {
                open = open.saturating_add(1);
                links = links.max(operand);
            }
        }
        let result = match (known, open) {
            (_, 0) => KNOWN,
            (0, 2..) => links,
            _ => links.saturating_add(1).min(LONGEST),
        };
        self.operands.push(result);
        links
    }

    /// Sets the height of the stack; the values that stay on it are the same.
    pub(super) fn keep(&mut self, height: usize) {
        self.operands.resize(height, 0);
    }

    /// Sets the height of the stack after any other operator, whose result is not a link of a chain.
    pub(super) fn other(&mut self, height: usize) {
        self.operands.resize(height, 0);
        if let Some(top) = self.operands.last_mut() {
            *top = 0;
        }
    }
}
