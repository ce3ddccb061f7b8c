// `callHookSync`: a call on the calling thread.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { HookcellError, WasmRuntime } from 'hookcell';
import type { PluginResult, SyncCallOptions } from 'hookcell';

import { libuvThreads } from '../../native/index.js';
import { pluginFile, removePluginFiles, runScript } from '../support/child';
import { fixture } from '../support/wat';

const endlessFuel = { maxFuel: Number.MAX_SAFE_INTEGER };
const context = { input: { email: 'ada@example.com' }, headers: { accept: '*/*' } };

let warnings: string[];
let runtime: WasmRuntime;

beforeEach(async () => {
  warnings = [];
  runtime = new WasmRuntime({ logger: { warn: (line) => warnings.push(line) } });
  for (const name of ['counter', 'crash', 'endless_hook', 'modifier', 'pass_through', 'plugin_error']) {
    await runtime.loadPluginBytes(name, await fixture(name));
  }
});

afterEach(() => runtime.close({ interrupt: true }));
afterAll(removePluginFiles);

const call = (plugin: string, options?: SyncCallOptions): PluginResult =>
  runtime.callHookSync<object>(plugin, 'before_hook', context, options) as PluginResult;

test.each(['modifier', 'pass_through', 'plugin_error', 'crash', 'counter'])(
  'the result is what a call on another thread gives: %s',
  async (name) => {
    const { usage, ...result } = call(name);
    const { usage: usageThere, ...resultThere } = await runtime.callHook(name, 'before_hook', context);

    expect(result).toEqual(resultThere);
    expect(usage).toEqual({ ...usageThere, queueMs: 0, runMs: expect.any(Number), where: 'inline' });
    expect(usage.runMs).toBeGreaterThan(0);
  },
);

test('the caller keeps its own objects, and every call has a fresh cell', () => {
  const first = call('counter');

  expect(first.ok && first.ctx.headers).toBe(context.headers);
  expect(call('counter')).toEqual({ ...first, usage: expect.anything() });
});

test('it blocks for at most `timeoutMs`', () => {
  const start = performance.now();
  const { fault, usage } = call('endless_hook', { ...endlessFuel, timeoutMs: 50 });

  expect(fault?.code).toBe('ERR_TIMEOUT');
  expect(usage.runMs).toBeGreaterThanOrEqual(50);
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('a fault is logged and published before the call returns', () => {
  const messages: unknown[] = [];
  const listener = (message: unknown) => messages.push(message);
  subscribe('hookcell:fault', listener);
  try {
    const { fault, usage } = call('crash');

    expect(warnings).toEqual([
      expect.stringContaining(`hookcell: crash before_hook failed: ERR_TRAP ${fault?.message}`),
    ]);
    expect(messages).toEqual([{ plugin: 'crash', hook: 'before_hook', fault, usage }]);
  } finally {
    unsubscribe('hookcell:fault', listener);
  }
});

describe('it throws', () => {
  const refused = (make: () => unknown): unknown => {
    try {
      return make();
    } catch (error) {
      expect(error).toBeInstanceOf(HookcellError);
      return error;
    }
  };

  test('the errors that `callHook` rejects with', async () => {
    await runtime.loadPluginBytes('short', await fixture('pass_through'), { maxContextBytes: 10 });

    expect(refused(() => call('not there'))).toMatchObject({ code: 'ERR_NOT_LOADED' });
    expect(refused(() => runtime.callHookSync('crash', 'no_hook', context))).toMatchObject({ code: 'ERR_NO_HOOK' });
    expect(refused(() => call('short'))).toMatchObject({ code: 'ERR_LIMIT', limit: 'maxContextBytes' });
    const wrong = { input: [] as unknown as object };
    expect(refused(() => runtime.callHookSync('crash', 'before_hook', wrong))).toMatchObject({ code: 'ERR_CONTEXT' });
  });

  test('for options that only a waiting call has', () => {
    expect(() => call('modifier', { signal: AbortSignal.abort() } as object)).toThrow("unknown option 'signal'");
    expect(() => call('modifier', { tenant: 'acme' } as object)).toThrow("unknown option 'tenant'");
    expect(() => call('modifier', { timeoutMs: 0 })).toThrow(RangeError);
    expect(() => runtime.callHookSync('modifier', 7 as unknown as string, context)).toThrow(TypeError);
  });

  test('after the runtime is closed, even while it waits for others', async () => {
    const endless = runtime.callHook('endless_hook', 'before_hook', context, { ...endlessFuel, timeoutMs: 300 });
    const closing = runtime.close();

    expect(refused(() => call('modifier'))).toMatchObject({ code: 'ERR_CLOSED' });
    await Promise.all([endless, closing]);
  });
});

test('it does not wait in the queue, even if all threads of the pool are busy', async () => {
  const threads = libuvThreads();
  await using busy = new WasmRuntime({ logger: false, concurrency: threads, maxQueue: 0, ...endlessFuel });
  await busy.loadPluginBytes('endless', await fixture('endless_hook'));
  await busy.loadPluginBytes('modifier', await fixture('modifier'));
  const calls = Array.from({ length: threads }, () => busy.callHook('endless', 'before_hook', context));

  expect(busy.callHookSync('modifier', 'before_hook', context)).toMatchObject({ ok: true });
  for (const { fault } of await Promise.all(calls)) {
    expect(fault?.code).toBe('ERR_TIMEOUT');
  }
});

describe('in a process of its own', () => {
  jest.setTimeout(60_000);

  /** Calls at every depth near the end of the stack, with a plugin that also uses up the guest's stack. */
  const recursion = (plugin: string) => `
    const { WasmRuntime } = require('hookcell');
    const runtime = new WasmRuntime({ logger: false });
    const ends = [];
    let calls = 400;
    function recurse() {
      try {
        recurse();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      if (calls > 0) {
        calls -= 1;
        try {
          ends[calls] = runtime.callHookSync('recursion', 'before_hook', { input: {} }).fault.code;
        } catch (error) {
          ends[calls] = error;
        }
      }
    }
    runtime.loadPluginBytes('recursion', require('node:fs').readFileSync(${plugin})).then(() => {
      recurse();
      const outcomes = ends.map((end) => (/call stack/.test(end.message) ? 'no stack' : String(end)));
      console.log([...new Set(outcomes)].sort().join());
    });`;

  test.each([
    ['the main thread', (script: string) => script],
    [
      'a worker, which has less stack',
      (script: string) =>
        `new (require('node:worker_threads').Worker)(${JSON.stringify(script)}, { eval: true }).on('error', console.log);`,
    ],
  ])('a call deep in a recursion works or throws, on %s', async (_, onThread) => {
    const plugin = JSON.stringify(await pluginFile('endless_recursion'));
    const ended = await runScript(onThread(recursion(plugin)));

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'ERR_STACK,no stack\n', stderr: '' });
  });

  test('16 threads can be in a call at once, and one more is refused', async () => {
    const load = (plugin: string) => `
      const { WasmRuntime } = require('hookcell');
      const runtime = new WasmRuntime({ logger: false, maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 3_000 });
      const loaded = runtime.loadPlugin(${plugin});
      const call = (key) => {
        try {
          const { ok, fault } = runtime.callHookSync(key, 'before_hook', { input: {} });
          return fault?.code ?? ok;
        } catch (error) {
          return error.code;
        }
      };`;
    const worker = `${load(JSON.stringify(await pluginFile('endless_hook')))}
      const { parentPort, workerData } = require('node:worker_threads');
      loaded.then(({ key }) => {
        parentPort.postMessage('ready');
        Atomics.wait(workerData, 0, 0);
        parentPort.postMessage(call(key));
      });`;
    const ended = await runScript(`${load(JSON.stringify(await pluginFile('pass_through')))}
      const { once } = require('node:events');
      const { Worker } = require('node:worker_threads');
      const gate = new Int32Array(new SharedArrayBuffer(4));
      const options = { eval: true, workerData: gate };
      (async () => {
        const { key } = await loaded;
        const workers = Array.from({ length: 17 }, () => new Worker(${JSON.stringify(worker)}, options));
        await Promise.all(workers.map((worker) => once(worker, 'message')));
        const ends = Promise.all(workers.map((worker) => once(worker, 'message')));
        Atomics.store(gate, 0, 1);
        Atomics.notify(gate, 0);
        const outcomes = (await ends).flat().sort();
        console.log(outcomes.length, outcomes.indexOf('ERR_TIMEOUT'), new Set(outcomes), call(key));
      })();`);

    // One refusal, and then only calls that ran to their deadlines.
    const stdout = "17 1 Set(2) { 'ERR_QUEUE_FULL', 'ERR_TIMEOUT' } true\n";
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout });
  });
});
