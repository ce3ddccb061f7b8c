// A configuration and new code that come at the same time, from two loads.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { Accepted } from 'hookcell';

import { packed, plugin } from '../support/wat';
import { reasonOf } from '../support/refusal';

const ANSWER_AT = 1_024 - '{"ok":true,"ctx":{"data":'.length;
/** Answers with the whole context as `data`, around the context, where that is. */
const SHOWS = `
  (i32.store16 (i32.add (local.get $pointer) (local.get $length)) (i32.const 0x7d7d))
  (i64.or (i64.shl (i64.const ${ANSWER_AT}) (i64.const 32))
    (i64.extend_i32_u (i32.add (local.get $length) (i32.const ${1_024 - ANSWER_AT + 2}))))`;
const START = `(data (i32.const ${ANSWER_AT}) "{\\22ok\\22:true,\\22ctx\\22:{\\22data\\22:")`;
const NO = '{"ok":false}';

/** A plugin that shows its context, and is asked about a configuration so. */
const asked = (body: string) =>
  plugin({
    definitions: `${START} (data (i32.const 60000) "{\\22ok\\22:false}")
      (func (export "validate_config") (param i32 i32) (result i64) (local $left i32) ${body})`,
    hook: SHOWS,
  });
/** Accepts every configuration, after a long time. */
const slow = () =>
  asked(`(local.set $left (i32.const 300000000))
    (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))) (i64.const 0)`);
const strict = () => asked(packed(60_000, NO.length));

const runtime = new WasmRuntime({ logger: false });
const folder = mkdtempSync(path.join(tmpdir(), 'hookcell-overlap-'));
const file = path.join(folder, 'plugin.wasm');
const LONG = { maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 60_000 };

beforeEach(async () => {
  writeFileSync(file, await slow());
  await runtime.loadPlugin(file, LONG);
});
afterEach(() => runtime.unloadPlugin(file));
afterAll(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true });
});

test.each(['load', 'reload'] as const)(
  'code that rejects a configuration never runs with it, although it came while the code before it was asked by a %s',
  async (kind) => {
    const config = { rules: 1 };
    const given = reasonOf(
      kind === 'load' ? runtime.loadPlugin(file, { config, ...LONG }) : runtime.reloadPlugin(file, { config, ...LONG }),
    );
    // The first one is asking by the time that this is loaded; if not, the test proves nothing and passes.
    const { sha256 } = await runtime.loadPluginBytes('strict', await strict(), { isolate: false });
    writeFileSync(file, await strict());
    const reloaded = await reasonOf(runtime.reloadPlugin(file));
    const ends = [await given, reloaded];

    const { ctx } = (await runtime.callHook(file, 'before_hook', { input: {} })) as Accepted<object, any>;
    const isStrict = runtime.plugins().some((info) => info.key === file && info.sha256 === sha256);
    expect('config' in ctx.data).toBe(!isStrict);
    if (kind === 'load') {
      expect(ends.filter((each) => (each as { code?: string }).code === 'ERR_CONFIG')).toHaveLength(1);
    }
  },
  60_000,
);
