// A stream of brief calls, whose results cross together and whose thread waits a moment for the next call.

import type { SandboxConfig, WasmRuntime } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';

import { makeRuntime } from '../support/busy';
import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

/** More than it takes for calls to count as brief. */
const MANY = 500;

let runtime: WasmRuntime;

async function makeStream(config: SandboxConfig): Promise<void> {
  runtime = await makeRuntime(config);
  for (let count = 0; count < MANY; count += 1) {
    await call('quick');
  }
}

afterEach(() => runtime.close({ interrupt: true }));

const call = (plugin: string, timeoutMs?: number) =>
  runtime.callHook(plugin, 'before_hook', { input: {} }, timeoutMs === undefined ? undefined : { timeoutMs });

test('the result of a brief call does not wait for the end of a slow one that its thread takes next', async () => {
  const slowMs = 1_500;
  await makeStream({ concurrency: 1 });
  const start = performance.now();

  const first = call('quick');
  const slow = call('endless', slowMs);
  const behind = Array.from({ length: 30 }, () => call('quick'));
  await first;
  const tookMs = performance.now() - start;

  expect(tookMs).toBeLessThan(slowMs / 2);
  expect(await slow).toMatchObject({ fault: { code: 'ERR_TIMEOUT' } });
  await Promise.all(behind);
});

test('a call that comes after a slow chain among brief ones has its own thread soon', async () => {
  const slowMs = 1_500;
  await makeStream({ concurrency: 2 });
  for (let count = 0; count < MANY; count += 1) {
    await runtime.callChain(['quick', 'quick'], 'before_hook', { input: {} });
  }
  const start = performance.now();

  const slow = runtime.callChain(['quick', 'endless'], 'before_hook', { input: {} }, { timeoutMs: slowMs });
  await Promise.all(Array.from({ length: 30 }, () => call('quick')));

  expect(performance.now() - start).toBeLessThan(slowMs / 2);
  expect(await slow).toMatchObject({ fault: { code: 'ERR_TIMEOUT' }, steps: [{ ok: true }, { ok: false }] });
});

test('when no calls come, no thread goes on waiting for them', async () => {
  await makeStream({});
  const quietMs = 400;
  const before = process.cpuUsage();

  await new Promise((resolve) => setTimeout(resolve, quietMs));

  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(quietMs / 4);
});

test('results that cross together keep their own texts and numbers, in every alphabet', async () => {
  await makeStream({ concurrency: 2, maxQueue: 10_000 });
  const texts = ['', 'plain', 'é', 'Ж', '語', '😀', 'a😀\u0000"\\', 'x'.repeat(20_000), 'é'.repeat(20_000)];
  for (const [index, text] of texts.entries()) {
    await runtime.loadPluginBytes(`text ${index}`, pluginAnswering({ ok: true, ctx: { data: text } }));
  }
  await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'Ж' }));

  const calls = Array.from({ length: 400 }, async (_, number) => {
    const index = number % texts.length;
    const [result, refused, silent] = await Promise.all([
      call(`text ${index}`),
      call('no'),
      runtime.callHook('quick', 'before_hook', { input: { number } }),
    ]);
    expect(result).toMatchObject({ ok: true, ctx: { data: texts[index] }, usage: { fuel: expect.any(Number) } });
    expect(refused).toMatchObject({ ok: false, error: 'Ж', usage: { runMs: expect.any(Number) } });
    expect(silent).toMatchObject({ ok: true, ctx: { input: { number } } });
  });

  await Promise.all(calls);
});

test('each call of a stream finds its plugin as it was loaded, also in chains', async () => {
  await makeStream({});
  await runtime.loadPluginBytes('counter', await fixture('counter'));
  const first = await call('counter');

  for (let count = 0; count < MANY; count += 1) {
    expect(await call('counter')).toMatchObject({ ok: true, ctx: first.ok && first.ctx });
    const chain = await runtime.callChain(['counter', 'quick', 'counter'], 'before_hook', { input: {} });
    expect(chain).toMatchObject({ ok: true, ctx: first.ok && first.ctx });
  }
});

test('a plugin that is replaced or unloaded in a stream is not called again', async () => {
  await makeStream({});
  for (let version = 0; version < 20; version += 1) {
    await runtime.loadPluginBytes('versioned', pluginAnswering({ ok: true, ctx: { data: version } }));
    for (let count = 0; count < 20; count += 1) {
      expect(await call('versioned')).toMatchObject({ ok: true, ctx: { data: version } });
    }
  }
  runtime.unloadPlugin('versioned');

  await refusal(call('versioned'), 'ERR_NOT_LOADED');
});
