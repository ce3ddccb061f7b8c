const headerBytes = 8;
const customSection = 0;
const memorySection = 5;
const codeSection = 10;
const dataSection = 11;

/** The bytes of a module's sections, with their headers. */
export interface SectionSizes {
  code: number;
  data: number;
  rest: number;
}

/** Sums up the sections of a module that the host has checked. */
export function sectionSizes(wasm: Uint8Array): SectionSizes {
  const sizes = { code: 0, data: 0, rest: headerBytes };
  for (const { id, begins, ends } of sectionsOf(wasm)) {
    const kind = { [codeSection]: 'code', [dataSection]: 'data' }[id] ?? 'rest';
    sizes[kind as keyof SectionSizes] += ends - begins;
  }
  return sizes;
}

/** The pages of memory that a module begins with, which the host has checked. */
export function memoryPages(wasm: Uint8Array): number {
  for (const { id, content } of sectionsOf(wasm)) {
    if (id === memorySection) {
      // How many memories, and whether there is a maximum.
      return readLeb(wasm, content + 2).value;
    }
  }
  return 0;
}

function* sectionsOf(wasm: Uint8Array) {
  for (let begins = headerBytes; begins < wasm.length;) {
    const { value, next } = readLeb(wasm, begins + 1);
    yield { id: wasm[begins]!, begins, content: next, ends: next + value };
    begins = next + value;
  }
}

/** A custom section, with its header. */
export function customSectionOf(name: string, content: string): Uint8Array {
  const text = Buffer.from(content);
  const title = Buffer.from(name);
  const length = leb(title.length);
  const body = Buffer.concat([length, title, text]);
  return Buffer.concat([Buffer.of(customSection), leb(body.length), body]);
}

function readLeb(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  let at = from;
  for (;;) {
    const byte = bytes[at]!;
    at += 1;
    value += (byte % 0x80) * factor;
    if (byte < 0x80) {
      return { value, next: at };
    }
    factor *= 0x80;
  }
}

function leb(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 0x80;
    rest = Math.floor(rest / 0x80);
    bytes.push(rest > 0 ? low + 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}
