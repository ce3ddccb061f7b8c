import { ByteReader } from './byte-reader.js';
import { MalformedModule } from './malformed-module.js';
import { contentOf } from './sections.js';
import type { Section } from './sections.js';

/** An import of a module. */
export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  readonly type: string;
}

/** An export of a module. */
export interface ModuleExport {
  readonly name: string;
  /** `memory`, `global`, or the signature of a function, such as `(i32, i32) -> i64`. */
  readonly type: string;
}

/** A memory, in pages of 64 KiB. */
export interface ModuleMemory {
  readonly minPages: number;
  readonly maxPages?: number;
}

/** What a module declares, apart from its code. */
export interface Declarations {
  readonly imports: readonly ModuleImport[];
  readonly exports: readonly ModuleExport[];
  readonly memories: readonly ModuleMemory[];
  /** The functions that it defines. */
  readonly functions: number;
  /** Has it a start section? */
  readonly hasStart: boolean;
}

const VALUE_TYPES: Record<number, string> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
  0x70: 'funcref',
  0x6f: 'externref',
};
const EXTERNAL_KINDS = ['function', 'table', 'memory', 'global', 'tag'];
const FUNCTION_TYPE = 0x60;

/** Reads what the sections of a module declare. */
export function readDeclarations(module: Uint8Array, sections: readonly Section[]): Declarations {
  const read = <T>(kind: string, item: (reader: ByteReader) => T): T[] => {
    const section = sections.find((each) => each.kind === kind);
    if (section === undefined) {
      return [];
    }
    const reader = contentOf(module, section);
    return reader.list(() => item(reader));
  };
  const types = read('type', readFunctionType);
  const signatures: string[] = [];
  const memories: ModuleMemory[] = [];
  const imports = read('import', (reader) => {
    const names = { module: reader.text(), name: reader.text() };
    const kind = externalKind(reader.byte());
    let type = kind;
    if (kind === 'function') {
      type = types[reader.unsigned()] ?? kind;
      signatures.push(type);
    } else if (kind === 'memory') {
      memories.push(readLimits(reader));
    } else {
      skipDeclaration(kind, reader);
    }
    return { ...names, type };
  });
  const own = read('function', (reader) => types[reader.unsigned()] ?? 'function');
  signatures.push(...own);
  memories.push(...read('memory', readLimits));
  const exports = read('export', (reader) => {
    const name = reader.text();
    const kind = externalKind(reader.byte());
    const index = reader.unsigned();
    return { name, type: kind === 'function' ? (signatures[index] ?? kind) : kind };
  });
  const hasStart = sections.some(({ kind }) => kind === 'start');
  return { imports, exports, memories, functions: own.length, hasStart };
}

function readFunctionType(reader: ByteReader): string {
  const form = reader.byte();
  if (form !== FUNCTION_TYPE) {
    throw new MalformedModule(`a type is no function type, at byte ${reader.at - 1}`);
  }
  const values = () => reader.list(() => valueType(reader.byte()));
  const parameters = values();
  const results = values();
  return `(${parameters.join(', ')}) -> ${results.length === 1 ? results[0] : `(${results.join(', ')})`}`;
}

function readLimits(reader: ByteReader): ModuleMemory {
  const flags = reader.byte();
  const minPages = reader.unsigned();
  return (flags & 1) === 0 ? { minPages } : { minPages, maxPages: reader.unsigned() };
}

function skipDeclaration(kind: string, reader: ByteReader): void {
  reader.byte();
  if (kind === 'table') {
    readLimits(reader);
  } else if (kind === 'tag') {
    reader.unsigned();
  } else {
    reader.byte();
  }
}

function valueType(byte: number): string {
  return VALUE_TYPES[byte] ?? `type 0x${byte.toString(16)}`;
}

function externalKind(byte: number): string {
  const kind = EXTERNAL_KINDS[byte];
  if (kind === undefined) {
    throw new MalformedModule(`an import or export has the unknown kind ${byte}`);
  }
  return kind;
}
