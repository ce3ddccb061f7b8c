// The options `now` and `seed`: a guest has neither clock nor random numbers unless the operator grants them.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { CallOptions, Granted, LoadOptions, PluginResult } from 'hookcell';

import { errorOf } from '../support/refusal';
import { fixture } from '../support/wat';

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ logger: false });
});

afterEach(() => runtime.close());

const load = async (name: string, options: LoadOptions = {}) =>
  await runtime.loadPluginBytes(name, await fixture('report_context'), { isolate: false, ...options });

const dataOf = (result: PluginResult) => (result.ok ? result.ctx.data : result);

const call = async (name: string, options?: CallOptions) => {
  const result = await runtime.callHook(name, 'after_hook', { input: {} }, options);
  return { seen: dataOf(result) as Granted, granted: result.granted };
};

test('the time is that of the call, in milliseconds and as RFC 3339', async () => {
  await load('clock', { now: true });
  const before = Date.now();
  const { seen, granted } = await call('clock');
  expect(seen.now?.ms).toBeGreaterThanOrEqual(before);
  expect(seen.now?.ms).toBeLessThanOrEqual(Date.now());
  expect(seen.now?.iso).toBe(new Date(seen.now?.ms ?? 0).toISOString());
  expect(seen).not.toHaveProperty('seed');
  expect(granted).toEqual({ now: seen.now });
});

test('a seed is another one in each call, and a call without grants has no granted', async () => {
  await load('dice', { seed: true });
  await load('plain');
  const seeds = await Promise.all(Array.from({ length: 50 }, async () => (await call('dice')).seen.seed));
  expect(new Set(seeds).size).toBe(50);
  expect(seeds[0]).toMatch(/^[0-9a-f]{32}$/);
  const { seen, granted } = await call('plain');
  expect(seen).not.toHaveProperty('now');
  expect(granted).toBeUndefined();
});

test.each<[CallOptions, object]>([
  [{ now: 0 }, { now: { ms: 0, iso: '1970-01-01T00:00:00.000Z' } }],
  [{ now: new Date('2026-05-28T20:26:40.123Z') }, { now: { ms: 1_780_000_000_123, iso: '2026-05-28T20:26:40.123Z' } }],
  [{ now: { ms: -1, iso: '' } }, { now: { ms: -1, iso: '1969-12-31T23:59:59.999Z' } }],
  [{ seed: 'a"b' }, { seed: 'a"b' }],
  [{ seed: -1.5 }, { seed: -1.5 }],
])('a call can fix them: %j', async (options, expected) => {
  await load('fixed');
  expect((await call('fixed', options)).granted).toEqual(expected);
  expect((await call('fixed', options)).seen).toMatchObject(expected);
});

test('a call can withhold what the load grants', async () => {
  await load('clock', { now: true, seed: true });
  const { seen, granted } = await call('clock', { now: false });
  expect(seen).not.toHaveProperty('now');
  expect(Object.keys(granted ?? {})).toEqual(['seed']);
});

test('the plugins of a chain get the same time and different seeds, and only those that are granted some', async () => {
  await load('one', { now: true, seed: true });
  await load('two', { now: true, seed: true });
  await load('plain');
  const result = await runtime.callChain(['one', 'plain', 'two'], 'before_hook', { input: {} });
  const [one, plain, two] = result.steps.map((step) => step.granted);
  expect(plain).toBeUndefined();
  expect(one?.now).toEqual(two?.now);
  expect(one?.seed).not.toBe(two?.seed);
  expect(result.granted).toEqual(two);
});

test('a recorded call is repeated with the time and the seed that it had', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'hookcell-grants-'));
  const recorder = new WasmRuntime({ logger: false, record: { dir, when: 'all' } });
  await recorder.loadPluginBytes('both', await fixture('report_context'), { isolate: false, now: true, seed: true });
  const first = await recorder.callHook('both', 'after_hook', { input: {} });
  await recorder.close();
  const [file = ''] = readdirSync(dir);
  const { context, now, seed, expected } = JSON.parse(readFileSync(path.join(dir, file), 'utf8'));
  rmSync(dir, { recursive: true });
  expect({ now, seed }).toEqual(first.granted);

  await load('both', { now: true, seed: true });
  const again = await runtime.callHook('both', 'after_hook', context, { now, seed });
  expect(dataOf(again)).toEqual(dataOf(first));
  expect(expected.ctx.data).toEqual(dataOf(first));
});

test.each([
  [{ now: 'noon' }, TypeError, 'now must be true, false, a Date'],
  [{ now: 1.5 }, RangeError, 'got 1.5'],
  [{ now: new Date(NaN) }, RangeError, 'got NaN'],
  [{ now: 253_402_300_800_000 }, RangeError, 'to 253402300799999'],
  [{ seed: Number.NaN }, TypeError, 'seed must be true, false, a string or a finite number'],
  [{ seed: 'x'.repeat(257) }, RangeError, 'seed must have at most 256 characters'],
])('an option that is wrong is named: %j', async (options, kind, message) => {
  await load('plain');
  const error = await errorOf(call('plain', options as CallOptions));
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toContain(message);
});
