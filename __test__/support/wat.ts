import { readFileSync } from 'node:fs';
import path from 'node:path';

import initWabt from 'wabt';

const FIXTURES = path.join(__dirname, '../../fixtures');
const wabt = initWabt();

/** Features that the text may use but not every engine has. */
export type WasmFeatures = NonNullable<Parameters<Awaited<typeof wabt>['parseWat']>[2]>;

/** The module of a `.wat` source, with the names of its functions. */
export async function compile(source: string, features: WasmFeatures = {}): Promise<Uint8Array> {
  const module = (await wabt).parseWat('plugin.wat', source, features);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

/** The plugin of a file in `fixtures/`, by its name without `.wat`. */
export function fixture(name: string): Promise<Uint8Array> {
  return compile(readFileSync(path.join(FIXTURES, `${name}.wat`), 'utf8'));
}

/** The parts of a plugin that a test chooses; omitted parts follow the contract and do nothing. */
export interface Parts {
  /** Definitions other than the exports: data, globals, a start section, further hooks. */
  definitions?: string;
  /** The `memory` export. */
  memory?: string;
  /** Body of `alloc`, with `$size`. */
  alloc?: string;
  /** Body of `before_hook`, with `$pointer` and `$length`. */
  hook?: string;
}

/** A plugin made of parts. */
export function plugin(parts: Parts): Promise<Uint8Array> {
  const { definitions = '', memory = '(memory (export "memory") 1)', alloc = '(i32.const 1024)' } = parts;
  const { hook = '(i64.const 0)' } = parts;
  return compile(`(module
    ${memory}
    ${definitions}
    (func (export "alloc") (param $size i32) (result i32) ${alloc})
    (func (export "dealloc") (param $pointer i32) (param $size i32))
    (func $before_hook (export "before_hook") (param $pointer i32) (param $length i32) (result i64) ${hook}))`);
}

/** A plugin whose `before_hook` always returns these bytes. */
export function answering(answer: string | Uint8Array): Promise<Uint8Array> {
  const bytes = Buffer.from(answer);
  const text = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  const pages = Math.floor((32_768 + bytes.length) / 65_536) + 1;
  return plugin({
    memory: `(memory (export "memory") ${pages})`,
    definitions: `(data (i32.const 32768) "${text}")`,
    hook: packed(32_768, bytes.length),
  });
}

/** The instructions for a result at `pointer`. */
export function packed(pointer: number, length: number): string {
  return `(i64.or (i64.shl (i64.const ${pointer}) (i64.const 32)) (i64.const ${length}))`;
}
