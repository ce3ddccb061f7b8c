/**
 * A plugin with as much code as `bytes`: all functions of a real one, again and again. The copies call the originals, so
 * every one is valid as it is.
 *
 * @param {Uint8Array} module a module without imports
 * @param {number} bytes
 */
export function enlarge(module, bytes) {
  const code = [...sections(module)].find(({ id }) => id === CODE);
  const copies = Math.ceil(bytes / code.contents.length);
  const parts = [module.subarray(0, HEADER_BYTES)];
  for (const { id, contents } of sections(module)) {
    // Names of functions that are told apart by nothing else.
    if (id !== CUSTOM) {
      parts.push(id === FUNCTION || id === CODE ? section(id, repeat(contents, copies)) : section(id, contents));
    }
  }
  return Buffer.concat(parts);
}

/**
 * The same plugin with another digest.
 *
 * @param {Uint8Array} module
 * @param {number} number
 */
export function numbered(module, number) {
  const name = Buffer.from(`number ${number}`);
  return Buffer.concat([module, section(CUSTOM, Buffer.concat([encode(name.length), name]))]);
}

const HEADER_BYTES = 8;
const CUSTOM = 0;
const FUNCTION = 3;
const CODE = 10;

function* sections(module) {
  let at = HEADER_BYTES;
  while (at < module.length) {
    const { value, next } = decode(module, at + 1);
    yield { id: module[at], contents: module.subarray(next, next + value) };
    at = next + value;
  }
}

function section(id, contents) {
  return Buffer.concat([Buffer.from([id]), encode(contents.length), contents]);
}

/** A list of items, so many times over. */
function repeat(list, copies) {
  const { value, next } = decode(list, 0);
  return Buffer.concat([encode(value * copies), ...Array.from({ length: copies }, () => list.subarray(next))]);
}

/** Reads an unsigned LEB128 number. */
function decode(bytes, start) {
  let value = 0;
  for (let at = start, unit = 1; ; at += 1, unit *= 128) {
    value += (bytes[at] & 127) * unit;
    if (bytes[at] < 128) {
      return { value, next: at + 1 };
    }
  }
}

function encode(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}
