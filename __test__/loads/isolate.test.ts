// `isolate`: modules and compile bombs in a child process.

import { WasmRuntime } from 'hookcell';

import { nestedLoops } from '../support/compile-bomb';
import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

/** Limits that let the bombs here pass. */
const wide = { maxLoopNesting: 4_000, maxCompileWork: Number.MAX_SAFE_INTEGER };
const context = { input: { email: 'ada@example.com' } };

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

test('a module compiled in a child process is the same plugin', async () => {
  const bytes = await fixture('modifier');

  const isolated = await runtime.loadPluginBytes('isolated', bytes, { isolate: true });
  const own = await runtime.loadPluginBytes('own', bytes);

  expect(isolated.codeFrom).toBe('isolate');
  const { isolate, ...info } = isolated;
  expect(isolate).toEqual({ ms: expect.any(Number), peakBytes: expect.any(Number) });
  expect({ ...info, key: '', codeFrom: 'memory', loadedInMs: 0 }).toEqual({ ...own, key: '', loadedInMs: 0 });
  expect(await runtime.callHook('isolated', 'before_hook', context)).toMatchObject({
    ok: true,
    ctx: { input: { email: 'ada@example.com' } },
  });
});

test('a module that does not compile is refused with the same reason as in this process', async () => {
  const bytes = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x03, 0x02, 0x01, 0x07]);

  const isolated = await refusal(runtime.loadPluginBytes('isolated', bytes, { isolate: true }), 'ERR_COMPILE');
  const own = await refusal(runtime.loadPluginBytes('own', bytes), 'ERR_COMPILE');

  expect(isolated.message.replace('isolated', 'own')).toBe(own.message);
});

test('too deeply nested loops are refused before anything is compiled', async () => {
  const error = await refusal(runtime.loadPluginBytes('bomb', await nestedLoops(4_000)), 'ERR_LIMIT');

  expect(error.limit).toBe('maxLoopNesting');
});

test('a compile bomb within the limits is stopped at its deadline, and the server continues', async () => {
  await runtime.loadPluginBytes('pass-through', await fixture('pass_through'));
  const bomb = await nestedLoops(4_000);
  const started = performance.now();

  const loading = runtime.loadPluginBytes('bomb', bomb, { ...wide, isolate: { timeoutMs: 1_000 } });
  const served = await runtime.callHook('pass-through', 'before_hook', context);
  const error = await refusal(loading, 'ERR_LIMIT');

  expect(served.ok).toBe(true);
  expect(error.limit).toBe('isolate.timeoutMs');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(runtime.isLoaded('bomb')).toBe(false);
});

(process.platform === 'linux' ? test : test.skip)(
  'a bomb that takes more memory than it may is stopped by the operating system',
  async () => {
    const bomb = await nestedLoops(1_500);

    const error = await refusal(
      runtime.loadPluginBytes('bomb', bomb, {
        ...wide,
        isolate: { maxMemoryBytes: 16_777_216, timeoutMs: 60_000 },
      }),
      'ERR_LIMIT',
    );

    expect(error.limit).toBe('isolate.maxMemoryBytes');
  },
);

test.each([
  [1, TypeError, 'isolate must be true, false or an object, got a number'],
  [{ timeoutMs: 99 }, RangeError, 'isolate.timeoutMs must be a whole number from 100 to 600000, got 99'],
  [{ maxMemoryBytes: 1 }, RangeError, 'isolate.maxMemoryBytes must be a whole number from 16777216'],
  [{ timeout: 1 }, TypeError, "unknown option 'isolate.timeout'; the options here are timeoutMs, maxMemoryBytes"],
])('isolate: %j is refused by its name', async (isolate, type, message) => {
  const options = { isolate } as never;

  const error: unknown = await runtime.loadPluginBytes('plugin', Buffer.alloc(8), options).catch((reason) => reason);

  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toContain(message);
});
