// Plugins of the same code and with different data, as those of one JavaScript engine are.

import { WasmRuntime } from 'hookcell';

import { packed, plugin } from '../support/wat';

const context = { input: {} };

/** A plugin with more than 128 KiB of code, which rejects with this text. */
function large(error: string): Promise<Uint8Array> {
  const answer = JSON.stringify({ ok: false, error });
  const code = `(func ${'(drop (i32.const 1))'.repeat(20_000)})`.repeat(3);
  return plugin({
    definitions: `${code} (data (i32.const 512) "${answer.replaceAll('"', '\\22')}")`,
    hook: packed(512, answer.length),
  });
}

test('the second plugin of the same code shares it, needs no compiler process, and answers for itself', async () => {
  const runtime = new WasmRuntime({ logger: false });
  const first = await runtime.loadPluginBytes('first', await large('one'));
  const second = await runtime.loadPluginBytes('second', await large('two'), { isolate: true });

  expect([first.codeFrom, second.codeFrom]).toEqual(['compiler', 'memory']);
  expect(second).not.toHaveProperty('isolate');
  expect(second.codeBytes).toBe(first.codeBytes);
  expect(second.dataBytes).toBeGreaterThan(0);
  expect(second.sha256).not.toBe(first.sha256);
  for (const [name, error] of [
    ['first', 'one'],
    ['second', 'two'],
    ['first', 'one'],
  ] as const) {
    expect(await runtime.callHook(name, 'before_hook', context)).toMatchObject({ ok: false, error });
  }
  await runtime.close();
});
