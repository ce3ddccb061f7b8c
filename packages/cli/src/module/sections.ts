import { ByteReader } from './byte-reader.js';
import { MalformedModule } from './malformed-module.js';

/** A section of a module. */
export interface Section {
  /** The name of the standard for it, or `custom`. */
  readonly kind: string;
  /** The name of a custom section. */
  readonly name?: string;
  /** Its length with its header. */
  readonly bytes: number;
  /** Where its content starts, after the name of a custom section. */
  readonly start: number;
  readonly end: number;
}

const KINDS = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];

const MAGIC = '\0asm\x01\0\0\0';

/** Reads the sections of a module in their order. Their content is not read. */
export function readSections(module: Uint8Array): Section[] {
  if (Buffer.from(module.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) {
    throw new MalformedModule('it does not start as a core WebAssembly module');
  }
  const reader = new ByteReader(module, MAGIC.length);
  const sections: Section[] = [];
  while (!reader.isAtEnd) {
    sections.push(readSection(reader));
  }
  return sections;
}

/** A reader of the content of a section. */
export function contentOf(module: Uint8Array, { start, end }: Section): ByteReader {
  return new ByteReader(module, start, end);
}

function readSection(reader: ByteReader): Section {
  const header = reader.at;
  const id = reader.byte();
  const content = reader.part(reader.unsigned());
  const kind = KINDS[id];
  if (kind === undefined) {
    throw new MalformedModule(`a section has the unknown number ${id}, at byte ${header}`);
  }
  const name = kind === 'custom' ? { name: content.text() } : {};
  return { kind, ...name, bytes: content.end - header, start: content.at, end: content.end };
}
