import type { LoadOptions, WasmRuntime } from 'hookcell';

import { judge } from '../src/module/needed-limits';

test('a plugin that does not load in time is a refusal that says so', async () => {
  const loading = (_name: string, _module: Uint8Array, { signal }: LoadOptions) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const runtime = { loadPluginBytes: loading } as unknown as WasmRuntime;

  const { refusal, info } = await judge(runtime, 'slow.wasm', new Uint8Array(), {}, { mostMs: 20 });

  expect(info).toBeUndefined();
  expect(refusal).toMatchObject({ code: 'ERR_LIMIT', message: expect.stringContaining('did not load within 20 ms') });
});
