import { WasmRuntime } from 'hookcell';
import { pluginAnswering, touchedBytes } from 'hookcell/testing';

test('touchedBytes measures the pages that a call writes to, and refuses what a call refuses', async () => {
  await using runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('plugin', pluginAnswering({ ok: true }));

  const brief = touchedBytes(runtime, 'plugin', 'before_hook', { input: {} });
  const long = touchedBytes(runtime, 'plugin', 'before_hook', { input: { text: 'x'.repeat(20_000) } });

  expect([brief, long].map((bytes) => bytes % 4096)).toEqual([0, 0]);
  expect(brief).toBeGreaterThan(0);
  expect(long - brief).toBeGreaterThanOrEqual(16_384);
  expect(() => touchedBytes(runtime, 'none', 'before_hook', { input: {} })).toThrow(
    expect.objectContaining({ code: 'ERR_NOT_LOADED' }),
  );
  expect(() => touchedBytes({}, 'plugin', 'before_hook', { input: {} })).toThrow(/expected a WasmRuntime/);
});
