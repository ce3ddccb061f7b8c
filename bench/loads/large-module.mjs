import { randomBytes } from 'node:crypto';

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

/**
 * The same plugin with so much data of its own behind its memory, so that only its code is the same.
 *
 * @param {Uint8Array} module
 * @param {number} bytes
 */
export function withData(module, bytes) {
  const parts = [module.subarray(0, HEADER_BYTES)];
  let pages = 0;
  for (const { id, contents } of sections(module)) {
    if (id === MEMORY) {
      pages = decode(contents, 2).value;
      // One memory without a maximum.
      parts.push(section(id, Buffer.from([1, 0, ...encode(pages + Math.ceil(bytes / PAGE_BYTES))])));
    } else if (id === DATA) {
      const { value, next } = decode(contents, 0);
      const offset = Buffer.from([0, I32_CONST, ...encodeSigned(pages * PAGE_BYTES), END]);
      const own = Buffer.concat([offset, encode(bytes), randomBytes(bytes)]);
      parts.push(section(id, Buffer.concat([encode(value + 1), contents.subarray(next), own])));
    } else {
      parts.push(section(id, contents));
    }
  }
  return Buffer.concat(parts);
}

const HEADER_BYTES = 8;
const PAGE_BYTES = 65_536;
const I32_CONST = 0x41;
const END = 0x0b;
const CUSTOM = 0;
const FUNCTION = 3;
const MEMORY = 5;
const CODE = 10;
const DATA = 11;

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

/** A positive number as signed LEB128: its last digit has a bit left for the sign. */
function encodeSigned(value) {
  const bytes = [...encode(value)];
  const last = bytes.at(-1);
  return last < 64 ? bytes : [...bytes.slice(0, -1), last + 128, 0];
}

function encode(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}
