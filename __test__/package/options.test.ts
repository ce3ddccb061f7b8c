// Options outside their bounds, of the wrong type, or of an unknown name.

import { WasmRuntime } from 'hookcell';
import type { CallOptions, LimitName, LoadOptions, QueueOptions, SandboxConfig } from 'hookcell';

import { fixture } from '../support/wat';

const context = { input: {} };

const limits: [LimitName, number, number][] = [
  ['maxMemoryPages', 1, 65_536],
  ['maxFuel', 1, Number.MAX_SAFE_INTEGER],
  ['timeoutMs', 1, 3_600_000],
  ['inlineFuel', 0, 100_000],
  ['maxContextBytes', 1, 268_435_456],
  ['maxResultBytes', 1, 268_435_456],
  ['maxResultValues', 1, Number.MAX_SAFE_INTEGER],
  ['maxModuleBytes', 8, 268_435_456],
  ['maxTableElements', 1, 1_000_000],
];
const queueOptions: [keyof QueueOptions, number, number][] = [
  ['concurrency', 1, 1_024],
  ['maxQueue', 0, 1_000_000],
  ['queueTimeoutMs', 1, 3_600_000],
  ['maxConcurrencyPerTenant', 1, 1_024],
  ['maxQueuePerTenant', 0, 1_000_000],
  ['maxQueueBytes', 0, Number.MAX_SAFE_INTEGER],
  ['maxQueueBytesPerTenant', 0, Number.MAX_SAFE_INTEGER],
  ['maxUndeliveredBytes', 0, Number.MAX_SAFE_INTEGER],
  ['maxLoads', 1, 1_000_000],
];
const ofACall = new Set<keyof SandboxConfig>([
  'maxMemoryPages',
  'maxFuel',
  'timeoutMs',
  'inlineFuel',
  'queueTimeoutMs',
]);
const ofALoad = new Set<keyof SandboxConfig>(limits.map(([name]) => name));

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

describe.each([...limits, ...queueOptions])('%s, from %d to %d,', (name, min, max) => {
  test.each([min, max])('may be %d', async (value) => {
    await using bounded = new WasmRuntime({ [name]: value });

    expect(bounded.plugins()).toEqual([]);
  });

  test.each([min - 1, max + 1, -1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'as %d is a RangeError',
    async (value) => {
      const message = `${name} must be a whole number from ${min} to ${max}, got ${value}`;

      await expectEverywhere(name, value, { name: 'RangeError', message });
    },
  );

  test.each([
    ['1000', 'the string "1000"'],
    [null, 'null'],
    [10n, 'a bigint'],
    [true, 'a boolean'],
    [[1], 'an array'],
    [{}, 'an object'],
  ])('as %p is a TypeError', async (value, shown) => {
    const message = `${name} must be a whole number from ${min} to ${max}, got ${shown}`;

    await expectEverywhere(name, value, { name: 'TypeError', message });
  });
});

describe('an option', () => {
  test('that is misspelled is a TypeError that names it and the valid options', async () => {
    const there = /^unknown option 'timeout'; the options here are (?<names>.+)$/;
    const make = () => new WasmRuntime({ timeout: 5 } as SandboxConfig);

    expect(make).toThrow(TypeError);
    expect(make).toThrow(there);
    const names = messageOf(make).match(there)?.groups?.['names']?.split(', ');
    expect(names).toEqual(expect.arrayContaining(['logger', ...[...queueOptions, ...limits].map(([name]) => name)]));
    await expect(runtime.loadPlugin('x', { timeout: 5 } as LoadOptions)).rejects.toThrow("unknown option 'timeout'");
    await expect(runtime.loadPluginBytes('x', Buffer.from(''), { logger: false } as LoadOptions)).rejects.toThrow(
      "unknown option 'logger'",
    );
  });

  test('that a single call cannot set is a TypeError', async () => {
    const options = { maxModuleBytes: 100 } as CallOptions;

    await expect(runtime.callHook('x', 'before_hook', context, options)).rejects.toThrow(
      new TypeError(
        "unknown option 'maxModuleBytes'; the options here are queueTimeoutMs, signal, tenant, requestId, config, now, seed, maxMemoryPages, " +
          'maxFuel, timeoutMs, inlineFuel',
      ),
    );
  });

  test('of the queue that a plugin cannot set is a TypeError', async () => {
    const options = { concurrency: 2 } as LoadOptions;

    await expect(runtime.loadPlugin('x', options)).rejects.toThrow("unknown option 'concurrency'");
  });

  test.each([
    [null, 'null'],
    [{}, 'an object'],
    [{ aborted: false }, 'an object'],
    [true, 'a boolean'],
    [new AbortController(), 'an object'],
  ])('signal as %p is a TypeError', async (signal, shown) => {
    const options = { signal } as unknown as CallOptions;

    await expect(runtime.callHook('x', 'before_hook', context, options)).rejects.toThrow(
      new TypeError(`signal must be an AbortSignal, got ${shown}`),
    );
  });

  test.each([
    [7, 'a number'],
    [{}, 'an object'],
    [['a'], 'an array'],
  ])('tenant as %p is a TypeError', async (tenant, shown) => {
    const options = { tenant } as unknown as CallOptions;

    await expect(runtime.callHook('x', 'before_hook', context, options)).rejects.toThrow(
      new TypeError(`tenant must be a string or null, got ${shown}`),
    );
  });

  test('tenant is refused above 256 characters', async () => {
    const call = (tenant: string) => runtime.callHook('x', 'before_hook', context, { tenant });

    await expect(call('t'.repeat(257))).rejects.toThrow(
      new RangeError('tenant must have at most 256 characters, got 257'),
    );
    await expect(call('t'.repeat(256))).rejects.toMatchObject({ code: 'ERR_NOT_LOADED' });
  });

  test('that is undefined has its default', async () => {
    await using plain = new WasmRuntime({ timeoutMs: undefined, logger: undefined });

    expect(plain.plugins()).toEqual([]);
  });

  test.each([null, 5, 'timeoutMs', []])('given as %j instead of an object is a TypeError', async (options) => {
    expect(() => new WasmRuntime(options as SandboxConfig)).toThrow(TypeError);
    await expect(runtime.callHook('x', 'before_hook', context, options as CallOptions)).rejects.toThrow(TypeError);
  });

  test.each([null, true, {}, { warn: 'loud' }, console.warn])('logger as %p is a TypeError', (logger) => {
    expect(() => new WasmRuntime({ logger } as unknown as SandboxConfig)).toThrow(
      /^logger must be false or an object with a method warn/,
    );
  });
});

function messageOf(make: () => unknown): string {
  try {
    make();
    return 'nothing was thrown';
  } catch (error) {
    return (error as Error).message;
  }
}

async function expectEverywhere(
  name: keyof SandboxConfig,
  value: unknown,
  expected: Pick<Error, 'name' | 'message'>,
): Promise<void> {
  const options = { [name]: value } as object;
  const bytes = await fixture('pass_through');
  const error = expect.objectContaining(expected);

  expect(() => new WasmRuntime(options)).toThrow(error);
  if (ofALoad.has(name)) {
    await expect(runtime.loadPlugin('x.wasm', options)).rejects.toThrow(error);
    await expect(runtime.loadPluginBytes('x', bytes, options)).rejects.toThrow(error);
  }
  if (ofACall.has(name)) {
    await expect(runtime.callHook('x', 'before_hook', context, options)).rejects.toThrow(error);
  }
  expect(runtime.plugins()).toEqual([]);
}
