// Four calls that end or block other plugin hosts for good.

import { WasmRuntime } from 'hookcell';

import { pluginFile, removePluginFiles, runScript } from '../support/child';
import { fixture } from '../support/wat';

const context = { input: {} };
const endlessFuel = { maxFuel: Number.MAX_SAFE_INTEGER };
const PAGE = 65_536;

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('good', await fixture('pass_through'));
});

afterEach(async () => {
  // It still serves after each test.
  expect(await runtime.callHook('good', 'before_hook', context)).toMatchObject({ ok: true });
  await runtime.close();
});

afterAll(removePluginFiles);

test('a loop in `start` is stopped at the deadline, and blocks neither the event loop nor other calls', async () => {
  await runtime.loadPluginBytes('bad', await fixture('endless_start'), { ...endlessFuel, timeoutMs: 300 });
  let ended = false;
  const call = runtime.callHook('bad', 'before_hook', context).finally(() => (ended = true));

  await new Promise(setImmediate);
  expect(await runtime.callHook('good', 'before_hook', context)).toMatchObject({ ok: true });
  expect(ended).toBe(false);

  const { fault, usage } = await call;
  expect(fault?.code).toBe('ERR_TIMEOUT');
  expect(usage.runMs).toBeGreaterThanOrEqual(299);
});

test('a loop in `start` also ends when its fuel is used up, and at a signal', async () => {
  await runtime.loadPluginBytes('bad', await fixture('endless_start'), { timeoutMs: 60_000 });

  expect(await runtime.callHook('bad', 'before_hook', context)).toMatchObject({ fault: { code: 'ERR_FUEL' } });
  const call = runtime.callHook('bad', 'before_hook', context, { ...endlessFuel, signal: AbortSignal.timeout(50) });
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a plugin that grows its memory without end gets no more than `maxMemoryPages`', async () => {
  await runtime.loadPluginBytes('bad', await fixture('memory_bomb'), { ...endlessFuel, maxMemoryPages: 17 });
  const before = process.memoryUsage.rss();

  for (let count = 0; count < 200; count += 1) {
    const { fault, usage } = await runtime.callHook('bad', 'before_hook', context);
    expect(fault?.code).toBe('ERR_MEMORY');
    expect(usage.memoryBytes).toBe(17 * PAGE);
  }

  // Their memories together would be 212 MiB, and a single one without a limit 4 GiB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
});

describe('the budget of one call is not eaten by another', () => {
  beforeEach(async () => {
    // One module, which may be compiled once or twice.
    await runtime.loadPluginBytes('one', await fixture('endless_hook'), endlessFuel);
    await runtime.loadPluginBytes('other', await fixture('endless_hook'), endlessFuel);
  });

  test('of time: short deadlines that pass do not end a call with a long one', async () => {
    const long = runtime.callHook('one', 'before_hook', context, { timeoutMs: 600 });
    const over = new AbortController();
    void long.then(() => over.abort());
    let shortOnes = 0;

    while (!over.signal.aborted) {
      const plugin = shortOnes % 2 === 0 ? 'one' : 'other';
      const { fault, usage } = await runtime.callHook(plugin, 'before_hook', context, { timeoutMs: 20 });
      expect(fault?.code).toBe('ERR_TIMEOUT');
      expect(usage.runMs).toBeGreaterThanOrEqual(19);
      shortOnes += 1;
    }

    const { fault, usage } = await long;
    expect(fault?.code).toBe('ERR_TIMEOUT');
    expect(usage.runMs).toBeGreaterThanOrEqual(599);
    expect(shortOnes).toBeGreaterThan(3);
  });

  test('of fuel: a call may use all of its own, no matter what other calls used before or meanwhile', async () => {
    await runtime.loadPluginBytes('spender', await fixture('spends_fuel'));
    const alone = (await runtime.callHook('spender', 'before_hook', context)).usage.fuel as number;
    const exactly = { maxFuel: alone };
    const spendBeside = runtime.callHook('one', 'before_hook', context, { timeoutMs: 100 });

    for (let count = 0; count < 20; count += 1) {
      const { ok, usage } = await runtime.callHook('spender', 'before_hook', context, exactly);
      expect({ ok, fuel: usage.fuel }).toEqual({ ok: true, fuel: alone });
    }

    await spendBeside;
    const { fault } = await runtime.callHook('spender', 'before_hook', context, { maxFuel: alone - 1 });
    expect(fault?.code).toBe('ERR_FUEL');
  });
});

test('a bad import in a worker is a refusal there, and ends neither the worker nor the process', async () => {
  const bad = JSON.stringify(await pluginFile('wasi'));
  const good = JSON.stringify(await pluginFile('pass_through'));
  const worker = `
    const { WasmRuntime } = require('hookcell');
    const { parentPort } = require('node:worker_threads');
    (async () => {
      const runtime = new WasmRuntime({ logger: false });
      const { code, message } = await runtime.loadPlugin(${bad}).catch((error) => error);
      await runtime.loadPlugin(${good});
      const { ok } = await runtime.callHook(${good}, 'before_hook', { input: {} });
      parentPort.postMessage({ code, message, ok });
    })();`;

  const ended = await runScript(`
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
    worker.on('message', (message) => console.log(JSON.stringify(message)));
    worker.on('error', console.error);
    worker.on('exit', (code) => console.log(code));`);

  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  const [reply, workerCode] = ended.stdout.trim().split('\n');
  expect(JSON.parse(reply as string)).toEqual({
    code: 'ERR_IMPORT',
    message: expect.stringContaining('"fd_write" from "wasi_snapshot_preview1"') as unknown,
    ok: true,
  });
  expect(workerCode).toBe('0');
});
