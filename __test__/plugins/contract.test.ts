// What a module must export, and the errors for one that does not.

import { WasmRuntime } from 'hookcell';

import { refusal } from '../support/refusal';
import { answering, compile, plugin } from '../support/wat';

const context = { input: {} };

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

describe('a module that breaks the contract', () => {
  test('is refused, and everything that is missing is listed', async () => {
    const error = await refusal(runtime.loadPluginBytes('plugin', await compile('(module)')), 'ERR_ABI');

    for (const missing of ['memory', 'alloc', 'dealloc', 'before_hook']) {
      expect(error.message).toContain(`"${missing}"`);
    }
  });

  test('is refused, and everything of the wrong type is listed', async () => {
    const bytes = await compile(`(module
      (memory (export "before_hook") 1)
      (func (export "memory"))
      (func (export "alloc") (param i64) (result i32) (i32.const 0))
      (func (export "dealloc") (param i32 i32) (result i32) (i32.const 0)))`);

    const { message } = await refusal(runtime.loadPluginBytes('plugin', bytes), 'ERR_ABI');

    expect(message).toContain('export "memory" must be a memory, not a function');
    expect(message).toContain('export "alloc" must be (i32) -> (i32), not (i64) -> (i32)');
    expect(message).toContain('export "dealloc" must be (i32, i32) -> (), not (i32, i32) -> (i32)');
    expect(message).toContain('export "before_hook" must be (i32, i32) -> (i64), not a memory');
  });

  test('is refused, and its imports and everything else are listed', async () => {
    const bytes = await compile('(module (import "env" "abort" (func)) (memory (export "memory") 1))');

    const { message } = await refusal(runtime.loadPluginBytes('plugin', bytes), 'ERR_IMPORT');

    expect(message).toContain('"abort" from "env"');
    expect(message).toContain('"alloc"');
  });

  test('needs no after_hook', async () => {
    expect((await runtime.loadPluginBytes('plugin', await answering(''))).hooks).toEqual(['before_hook']);
  });

  test('can have other hooks, which are called by name', async () => {
    const definitions = '(func (export "price_hook") (param i32 i32) (result i64) (i64.const 0))';
    const info = await runtime.loadPluginBytes('plugin', await plugin({ definitions }));

    expect(info.hooks.toSorted()).toEqual(['before_hook', 'price_hook']);
    expect(await runtime.callHook('plugin', 'price_hook', context)).toMatchObject({ ok: true });
  });
});
