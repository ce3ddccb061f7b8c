// What must work wherever the addon loads. It uses no test runner, because none runs on all runtimes.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { HookcellError, WasmRuntime } from 'hookcell';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { assembleFixture } from '../build/fixture.mjs';

const plugin = new URL('../../pdk/wat/validate_email.wasm', import.meta.url);
const context = () => ({ input: { email: ' Ada@Example.com ' } });
const lines = [];
const runtime = new WasmRuntime({ logger: { warn: (line) => lines.push(line) }, timeoutMs: 200 });

const tests = {
  async 'a plugin in a file is called, and says yes or no'() {
    const { hooks } = await runtime.loadPlugin(plugin);
    assert.ok(hooks.includes('before_hook'));
    const yes = await runtime.callHook(plugin, 'before_hook', context());
    assert.equal(yes.ctx?.input.email, 'ada@example.com');
    const no = await runtime.callHook(plugin, 'before_hook', { input: { email: 'ada' } });
    assert.deepEqual([no.ok, no.error, no.fault], [false, 'email is not valid', undefined]);
  },

  async 'a call on the calling thread gives the same'() {
    assert.equal(runtime.callHookSync(plugin, 'before_hook', context()).ctx?.input.email, 'ada@example.com');
  },

  async 'a chain hands the context on, and ends at the first that says no'() {
    await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'not today' }), { isolate: false });
    const end = await runtime.callChain([plugin, 'no', plugin], 'before_hook', context());
    assert.deepEqual([end.ok, end.error, end.steps.length], [false, 'not today', 2]);
    assert.equal(end.ctx.input.email, 'ada@example.com');
  },

  async 'a trap is a fault, and a line in the log'() {
    await runtime.loadPluginBytes('trap', pluginFailing('trap'), { isolate: false });
    const { fault } = await runtime.callHook('trap', 'before_hook', context());
    assert.equal(fault?.code, 'ERR_TRAP');
    assert.match(lines.at(-1), /^hookcell: trap before_hook failed: ERR_TRAP/);
  },

  async 'calls that nest too deeply are a fault, and the process goes on'() {
    await runtime.loadPluginBytes('deep', Buffer.from(await assembleFixture('endless_recursion')), { isolate: false });
    const { fault } = await runtime.callHook('deep', 'before_hook', context());
    assert.equal(fault?.code, 'ERR_STACK');
  },

  async 'a plugin that never returns is stopped at its deadline, and the event loop turns meanwhile'() {
    await runtime.loadPluginBytes('loop', pluginFailing('loop'), { isolate: false, maxFuel: Number.MAX_SAFE_INTEGER });
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    const { fault } = await runtime.callHook('loop', 'before_hook', context());
    clearInterval(timer);
    assert.equal(fault?.code, 'ERR_TIMEOUT');
    assert.ok(turns > 2, `${turns} turns`);
  },

  async 'a plugin that runs out of fuel is stopped'() {
    const { fault } = await runtime.callHook('loop', 'before_hook', context(), { maxFuel: 10_000 });
    assert.equal(fault?.code, 'ERR_FUEL');
  },

  async 'a signal ends a call at once'() {
    const calling = runtime.callHook('loop', 'before_hook', context(), {
      signal: AbortSignal.timeout(20),
      timeoutMs: 5_000,
    });
    await assert.rejects(calling, { name: 'TimeoutError' });
  },

  async 'a refusal is an error with its code'() {
    const calling = runtime.callHook('absent', 'before_hook', context());
    await assert.rejects(calling, (error) => error instanceof HookcellError && error.code === 'ERR_NOT_LOADED');
    await assert.rejects(runtime.loadPluginBytes('text', Buffer.from('text'), { isolate: false }), {
      code: 'ERR_COMPILE',
    });
  },

  async 'a plugin is compiled in a child process'() {
    const other = new WasmRuntime({ logger: false });
    // Changed, because code is shared with a plugin of the same bytes.
    const bytes = Buffer.concat([await readFile(plugin), Buffer.from([0, 2, 1, 0x78])]);
    const { codeFrom } = await other.loadPluginBytes('isolated', bytes, { isolate: true });
    assert.equal(codeFrom, 'isolate');
    assert.equal((await other.callHook('isolated', 'before_hook', context())).ctx?.input.email, 'ada@example.com');
    await other.close();
  },

  async 'many calls at once all end, each with its own answer'() {
    const calls = Array.from({ length: 200 }, (_, index) =>
      runtime.callHook(plugin, 'before_hook', { input: { email: `U${index}@example.com` } }),
    );
    const emails = (await Promise.all(calls)).map(({ ctx }) => ctx?.input.email);
    assert.deepEqual(
      emails,
      calls.map((_, index) => `u${index}@example.com`),
    );
  },

  async 'a runtime that is closed takes no more calls'() {
    await runtime.close();
    await assert.rejects(runtime.callHook(plugin, 'before_hook', context()), { code: 'ERR_CLOSED' });
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error?.stack ?? error}`);
  }
}
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
// A runtime that does not end by itself has left something open, and its test must fail in time.
setTimeout(() => {
  console.log('the process does not end by itself');
  process.exit(1);
}, 10_000).unref();
process.exitCode = failed > 0 ? 1 : 0;
