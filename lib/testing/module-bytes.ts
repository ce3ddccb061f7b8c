/** The size of a WebAssembly page. The context starts on a page border. */
const PAGE = 65_536;

/** What the hooks of a {@link pluginModule} do. */
export type HookCode = { answer: string } | 'trap' | 'loop';

const TYPES = bytes(3, [0x60, 1, 0x7f, 1, 0x7f], [0x60, 2, 0x7f, 0x7f, 0], [0x60, 2, 0x7f, 0x7f, 1, 0x7e]);
const EXPORTS = { memory: [2, 0], alloc: [0, 0], dealloc: [0, 1], before_hook: [0, 2], after_hook: [0, 3] };
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const UNREACHABLE = 0x00;
const LOOP_FOREVER = [0x03, 0x40, 0x0c, 0, 0x0b, UNREACHABLE];
const END = 0x0b;

/** Assembles a plugin whose hooks all do the same: a complete module of the plugin contract, without a compiler. */
export function pluginModule(code: HookCode): Uint8Array<ArrayBuffer> {
  const answer = Buffer.from(typeof code === 'string' ? '' : code.answer);
  // The result is at address 0, and the context after it, with memory for the largest context that is allowed by default.
  const contextAt = Math.ceil((answer.length + 1) / PAGE) * PAGE;
  const pages = contextAt / PAGE + 17;
  const hook = hookBody(code, answer.length);
  const parts = [
    text('\0asm'),
    [1, 0, 0, 0],
    section(1, TYPES),
    section(3, [4, 0, 1, 2, 2]),
    section(5, bytes(1, 0, unsigned(pages))),
    section(7, bytes(Object.keys(EXPORTS).length, ...Object.entries(EXPORTS).map(exportEntry))),
    section(10, bytes(4, body(I32_CONST, signed(BigInt(contextAt))), body(), body(hook), body(hook))),
    dataHeader(answer.length),
  ];
  // Not as an array of numbers: a result may have megabytes.
  return new Uint8Array(Buffer.concat([Uint8Array.from(parts.flat()), answer]));
}

/** The data section with one segment at address 0, without the segment's bytes. */
function dataHeader(length: number): number[] {
  const segment = bytes(1, 0, I32_CONST, 0, END, unsigned(length));
  return bytes(11, unsigned(segment.length + length), segment);
}

function hookBody(code: HookCode, length: number): number[] {
  if (code === 'trap') {
    return [UNREACHABLE];
  }
  // The pointer is 0, so the i64 is the length.
  return code === 'loop' ? LOOP_FOREVER : bytes(I64_CONST, signed(BigInt(length)));
}

function exportEntry([name, index]: [string, number[]]): number[] {
  return bytes(name.length, text(name), index);
}

/** A function without locals. */
function body(...code: (number | number[])[]): number[] {
  const content = bytes(0, ...code, END);
  return bytes(unsigned(content.length), content);
}

function section(id: number, content: number[]): number[] {
  return bytes(id, unsigned(content.length), content);
}

function text(characters: string): number[] {
  return [...Buffer.from(characters)];
}

function bytes(...parts: (number | number[])[]): number[] {
  return parts.flat();
}

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...unsigned(Math.floor(value / 0x80))];
}

/** Signed LEB128 of a number that is not negative: the sign bit of the last byte stays clear. */
function signed(value: bigint): number[] {
  return value < 0x40n ? [Number(value)] : [Number(value % 0x80n) + 0x80, ...signed(value / 0x80n)];
}
