import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { ErrorCode, FaultCode, JsonObject, LimitName, SandboxLimits } from 'hookcell';

import { compile } from '../support/wat';
import type { WasmFeatures } from '../support/wat';

const HOSTILE = path.join(__dirname, '../../fixtures/hostile');

// Features that only the sandbox refuses. The types of wabt lack some of them.
const FEATURES = {
  exceptions: true,
  memory64: true,
  multi_memory: true,
  relaxed_simd: true,
  tail_call: true,
  threads: true,
} as WasmFeatures;

/** A row of `fixtures/hostile/cases.json`; the README next to it explains the columns. */
export interface HostileCase {
  name: string;
  does: string;
  file?: string;
  with?: Record<string, Text>;
  answer?: Piece[];
  module?: string;
  functionNames?: Record<string, Piece[]>;
  hook?: Text;
  input?: JsonObject;
  limits?: SandboxLimits;
  expect: Expectation;
}

/** How a case ends. */
export interface Expectation {
  refused?: ErrorCode;
  limit?: LimitName;
  callRefused?: ErrorCode;
  fault?: FaultCode;
  says?: string;
  ok?: boolean;
  input?: Text;
  data?: Text;
  error?: Text;
  details?: Text;
  sizes?: Partial<Record<Part, number>>;
  pages?: number;
}

/** A part of a plugin's answer. */
export type Part = 'input' | 'data' | 'error' | 'details';

/** A text, or the pieces of one. */
export type Text = string | Piece[];

type Piece = string | { repeat: Text; times: number } | { bytes: string };

/** Every case. */
export const hostileCases = JSON.parse(readFileSync(path.join(HOSTILE, 'cases.json'), 'utf8')) as HostileCase[];

/** The module that a case loads. */
export async function hostileModule(row: HostileCase): Promise<Uint8Array> {
  if (row.module !== undefined) {
    return Buffer.from(row.module, 'hex');
  }
  const values = new Map(Object.entries(row.with ?? {}).map(([name, text]) => [name, expand(text)]));
  if (row.answer !== undefined) {
    values.set('PIECES', program(row.answer));
  }
  const source = readFileSync(path.join(HOSTILE, row.file ?? 'answers.wat'), 'utf8');
  const module = await compile(fillIn(source, values), FEATURES);
  return row.functionNames === undefined ? module : Buffer.concat([module, nameSection(row.functionNames)]);
}

/** The text; `#` in a repeated part is the number of earlier repetitions. */
export function expand(text: Text): string {
  return typeof text === 'string' ? text : text.map(expandPiece).join('');
}

function expandPiece(piece: Piece): string {
  if (typeof piece === 'string') {
    return piece;
  }
  if ('bytes' in piece) {
    throw new Error("WebAssembly's text format is UTF-8");
  }
  const repeated = expand(piece.repeat);
  return Array.from({ length: piece.times }, (_, index) => repeated.replaceAll('#', String(index))).join('');
}

/** A guest's source with `{{NAME}}` and `{{NAME|default}}` filled in. */
function fillIn(source: string, values: ReadonlyMap<string, string>): string {
  return source.replaceAll(/\{\{(\w+)(?:\|(.*?))?\}\}/g, (_, name: string, missing?: string) => {
    const value = values.get(name) ?? missing;
    if (value === undefined) {
      throw new Error(`no value for ${name}`);
    }
    return value;
  });
}

/** What `answers.wat` reads, as the text of a data segment. */
function program(pieces: Piece[]): string {
  const bytes = pieces.flatMap((piece) => {
    const [times, content] = timesAndBytes(piece);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(times, 0);
    head.writeUInt32LE(content.length, 4);
    return [head, content];
  });
  return Buffer.concat(bytes)
    .toString('hex')
    .replaceAll(/../g, String.raw`\$&`);
}

function timesAndBytes(piece: Piece): [times: number, bytes: Buffer] {
  if (typeof piece === 'string') {
    return [1, Buffer.from(piece)];
  }
  return 'bytes' in piece ? [1, Buffer.from(piece.bytes, 'hex')] : [piece.times, Buffer.from(expand(piece.repeat))];
}

/** A custom section that names functions by their index. */
function nameSection(names: Record<string, Piece[]>): Buffer {
  const entries = Object.entries(names).map(([index, pieces]) => {
    const name = pieces.map(timesAndBytes).map(([times, bytes]) => Buffer.alloc(times * bytes.length, bytes));
    return Buffer.concat([leb128(Number(index)), withLength(...name)]);
  });
  const functions = withLength(leb128(entries.length), ...entries);
  return Buffer.concat([Buffer.of(0), withLength(withLength(Buffer.from('name')), Buffer.of(1), functions)]);
}

function withLength(...parts: Buffer[]): Buffer {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([leb128(bytes.length), bytes]);
}

function leb128(value: number): Buffer {
  const bytes = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.of(...bytes, rest);
}
