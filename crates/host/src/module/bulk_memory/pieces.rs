//! The functions that are added to a module: `memory.fill` and `memory.copy` in pieces.

use wasm_encoder::{BlockType, Function, InstructionSink};

/// Bytes that are filled or copied between two looks at the clock: 64 pages of the machine, for which the kernel needs up
/// to 0.1 ms when the guest first touches them.
pub(super) const PIECE_BYTES: i32 = 256 * 1_024;

/// The logarithm of a page's length in bytes.
const PAGE_BYTES_LOG: i64 = 16;

/// `(destination, value, length)`, as `memory.fill` takes them.
pub(super) fn fill_in_pieces() -> Function {
    const DESTINATION: u32 = 0;
    const VALUE: u32 = 1;
    const LENGTH: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    if_long(&mut code, LENGTH);
    // A range that ends outside the memory is left to the instruction, which traps and writes nothing.
    is_inside(&mut code, DESTINATION, LENGTH);
    code.if_(BlockType::Empty);
    code.loop_(BlockType::Empty);
    code.local_get(DESTINATION).local_get(VALUE).i32_const(PIECE_BYTES).memory_fill(0);
    step(&mut code, DESTINATION);
    shorten_and_repeat(&mut code, LENGTH);
    code.end();
    code.end();
    code.end();
    code.local_get(DESTINATION).local_get(VALUE).local_get(LENGTH).memory_fill(0);
    code.end();
    function
}

/// `(destination, source, length)`, as `memory.copy` takes them. If the ranges overlap, it begins at the end that
/// is not read again.
pub(super) fn copy_in_pieces() -> Function {
    const DESTINATION: u32 = 0;
    const SOURCE: u32 = 1;
    const LENGTH: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    if_long(&mut code, LENGTH);
    is_inside(&mut code, DESTINATION, LENGTH);
    is_inside(&mut code, SOURCE, LENGTH);
    code.i32_and();
    code.if_(BlockType::Empty);
    code.local_get(DESTINATION).local_get(SOURCE).i32_le_u();
    code.if_(BlockType::Empty);
    code.loop_(BlockType::Empty);
    code.local_get(DESTINATION).local_get(SOURCE).i32_const(PIECE_BYTES).memory_copy(0, 0);
    step(&mut code, DESTINATION);
    step(&mut code, SOURCE);
    shorten_and_repeat(&mut code, LENGTH);
    code.end();
    code.else_();
    code.loop_(BlockType::Empty);
    code.local_get(LENGTH).i32_const(PIECE_BYTES).i32_sub().local_set(LENGTH);
    code.local_get(DESTINATION).local_get(LENGTH).i32_add();
    code.local_get(SOURCE).local_get(LENGTH).i32_add();
    code.i32_const(PIECE_BYTES).memory_copy(0, 0);
    code.local_get(LENGTH).i32_const(PIECE_BYTES).i32_gt_u().br_if(0);
    code.end();
    code.end();
    code.end();
    code.end();
    code.local_get(DESTINATION).local_get(SOURCE).local_get(LENGTH).memory_copy(0, 0);
    code.end();
    function
}

fn if_long(code: &mut InstructionSink<'_>, length: u32) {
    code.local_get(length).i32_const(PIECE_BYTES).i32_gt_u();
    code.if_(BlockType::Empty);
}

/// Is the range within the memory?
fn is_inside(code: &mut InstructionSink<'_>, begins: u32, length: u32) {
    code.local_get(begins).i64_extend_i32_u().local_get(length).i64_extend_i32_u().i64_add();
    code.memory_size(0).i64_extend_i32_u().i64_const(PAGE_BYTES_LOG).i64_shl();
    code.i64_le_u();
}

fn step(code: &mut InstructionSink<'_>, pointer: u32) {
    code.local_get(pointer).i32_const(PIECE_BYTES).i32_add().local_set(pointer);
}

fn shorten_and_repeat(code: &mut InstructionSink<'_>, length: u32) {
    code.local_get(length).i32_const(PIECE_BYTES).i32_sub().local_tee(length);
    code.i32_const(PIECE_BYTES).i32_gt_u().br_if(0);
}
