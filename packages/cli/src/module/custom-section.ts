import { readSections } from './sections.js';

/**
 * The module with one custom section of this name, at the end, instead of those that it had.
 *
 * @throws {MalformedModule}
 */
export function withCustomSection(module: Uint8Array, name: string, content: string): Buffer {
  const sections = readSections(module);
  const parts: Uint8Array[] = [module.subarray(0, HEADER_BYTES)];
  for (const section of sections) {
    if (section.name !== name) {
      parts.push(module.subarray(section.end - section.bytes, section.end));
    }
  }
  const title = Buffer.from(name);
  const payload = Buffer.concat([unsigned(title.length), title, Buffer.from(content)]);
  return Buffer.concat([...parts, Buffer.of(CUSTOM), unsigned(payload.length), payload]);
}

const HEADER_BYTES = 8;
const CUSTOM = 0;

/** Unsigned LEB128. */
function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
