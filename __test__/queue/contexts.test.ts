// The contexts of waiting calls: how long one may be, and how many bytes all of them may hold.

import type { CallOptions, WasmRuntime } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';

import { makeRuntime, occupy } from '../support/busy';
import { refusal } from '../support/refusal';

describe('the contexts of waiting calls', () => {
  let runtime: WasmRuntime;

  afterEach(() => runtime.close({ interrupt: true }));

  const text = (bytes: number) => ({ input: { text: 'x'.repeat(bytes) } });
  const call = (bytes: number, options?: CallOptions, plugin = 'quick') =>
    runtime.callHook(plugin, 'before_hook', text(bytes), options);

  test('are refused at once if they are too long for their plugin, also in a chain', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxContextBytes: 2_000 });
    await runtime.loadPluginBytes('small', pluginAnswering({ ok: true }), { maxContextBytes: 500 });
    await runtime.loadPluginBytes('large', pluginAnswering({ ok: true }), { maxContextBytes: 5_000 });
    const release = occupy(runtime);

    const error = await refusal(call(2_000), 'ERR_LIMIT');
    expect(error.limit).toBe('maxContextBytes');
    expect(error.message).toBe('the context has 2075 bytes; maxContextBytes is 2000');
    await refusal(call(500, {}, 'small'), 'ERR_LIMIT');
    await refusal(runtime.callChain(['small', 'large'], 'before_hook', text(1_000)), 'ERR_LIMIT');
    await refusal(runtime.callHook('quick', 'before_hook', { input: { text: 'é'.repeat(1_000) } }), 'ERR_LIMIT');
    await refusal(call(2_000, {}, 'not loaded'), 'ERR_LIMIT');
    expect(runtime.waiting).toBe(0);

    const waits = call(4_000, {}, 'large');
    expect(runtime.waiting).toBe(1);
    release();
    expect(await waits).toMatchObject({ ok: true });
  });

  test('are checked again if their plugin was replaced meanwhile', async () => {
    runtime = await makeRuntime({ concurrency: 1 });
    const release = occupy(runtime);
    const waits = call(1_000);

    await runtime.loadPluginBytes('quick', pluginAnswering({ ok: true }), { maxContextBytes: 500 });
    release();

    expect((await refusal(waits, 'ERR_LIMIT')).limit).toBe('maxContextBytes');
  });

  test('hold no more bytes together than `maxQueueBytes`', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 5_000 });
    const release = occupy(runtime);
    const first = call(2_000);
    const second = call(2_000);

    const error = await refusal(call(2_000), 'ERR_QUEUE_FULL');
    expect(error.limit).toBe('maxQueueBytes');
    release();
    await Promise.all([first, second]);
    expect(await call(2_000)).toMatchObject({ ok: true });
  });

  test('of one tenant hold no more bytes than its share, a quarter by default', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 8_000 });
    const release = occupy(runtime);
    const first = call(1_500, { tenant: 'a' });

    const error = await refusal(call(1_500, { tenant: 'a' }), 'ERR_QUEUE_FULL');
    expect(error.limit).toBe('maxQueueBytesPerTenant');
    expect(error.message).toMatch(
      /^this tenant's waiting calls hold \d+ of 2000 bytes, and this call has \d+ \(maxQueueBytesPerTenant\)$/,
    );
    const others = [call(1_500, { tenant: 'b' }), call(4_000)];
    release();
    await Promise.all([first, ...others]);
  });

  test('are counted with the names of their tenants', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 5_000 });
    const release = occupy(runtime);
    const first = call(4_650);

    const error = await refusal(call(1, { tenant: 'b'.repeat(256) }), 'ERR_QUEUE_FULL');
    expect(error.limit).toBe('maxQueueBytes');
    const second = call(1, { tenant: 'b' });
    release();
    await Promise.all([first, second]);
  });

  test('do not count while they run, and a context above the bound can run at once', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueueBytes: 0 });
    expect(await call(10_000)).toMatchObject({ ok: true });
    const release = occupy(runtime);
    expect((await refusal(call(1), 'ERR_QUEUE_FULL')).limit).toBe('maxQueueBytes');
    release();
  });
});
