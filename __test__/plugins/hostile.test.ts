// Guests whose author is an attacker: every case of fixtures/hostile/cases.json.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { HookcellError, WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';

import { expand, hostileCases, hostileModule } from './hostile-cases';
import type { Expectation, HostileCase, Part } from './hostile-cases';
import { refusal } from '../support/refusal';
import { fixture } from '../support/wat';

/** The most time that a call may take after its deadline, in milliseconds; ample for a busy machine. */
const OVERRUN_MS = 5_000;

/** The longest message, in UTF-16 units. */
const MESSAGE_UNITS = 1_000;

/** Characters that break a line or control a terminal. */
const WILD = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const ROUNDS = 20;
const WARM_UP_ROUNDS = 5;
const GROWTH_MIB = 32;

// Some results are large, and there are many rounds.
jest.setTimeout(300_000);

const cases = hostileCases.map((row) => [row.name, outcome(row.expect), row] as const);
const ordinaryPrototypes = prototypeKeys();

let modules: Map<HostileCase, Uint8Array>;
let lines: string[];
let runtime: WasmRuntime;

beforeAll(async () => {
  modules = new Map();
  for (const row of hostileCases) {
    modules.set(row, await hostileModule(row));
  }
  runtime = new WasmRuntime({ logger: { warn: (line) => lines.push(line) } });
  await runtime.loadPluginBytes('ordinary', await fixture('modifier'));
});

beforeEach(() => {
  lines = [];
});

afterAll(() => runtime.close());

test.each(cases)('%s: %s', async (_, __, row) => {
  const { refused, callRefused, fault, limit } = row.expect;
  if (refused !== undefined) {
    const error = await refusal(load(row), refused);
    expect(error.limit).toBe(limit);
    expectMessage(error.message, row.expect);
  } else if (callRefused === undefined) {
    await load(row);
    expectResult(row, await call(row));
  } else {
    await load(row);
    expectMessage((await refusal(call(row), callRefused)).message, row.expect);
  }

  expect(lines).toHaveLength(fault === undefined ? 0 : 1);
  for (const line of lines) {
    expectTame(line);
  }
  expect(prototypeKeys()).toEqual(ordinaryPrototypes);
  const ordinary = await runtime.callHook('ordinary', 'before_hook', { input: {} });
  expect(ordinary).toMatchObject({ ok: true, ctx: { input: { seen: true } } });
});

test('the memory of the process does not grow, however often all of them run', async () => {
  // A result of 12 MB occupies JavaScript for most of a second.
  const repeated = hostileCases.filter(({ file }) => file !== 'million_keys.wat');
  const sizes: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // As many at once as there are threads.
    const rest = repeated.values();
    await Promise.all(Array.from({ length: 3 }, () => runEach(rest)));
    collectGarbage();
    sizes.push(process.memoryUsage().rss / 1_048_576);
  }

  const settled = sizes.slice(WARM_UP_ROUNDS, 2 * WARM_UP_ROUNDS);
  const last = sizes.slice(-WARM_UP_ROUNDS);
  expect(Math.min(...last) - Math.max(...settled)).toBeLessThan(GROWTH_MIB);
});

async function runEach(rest: Iterator<HostileCase> & Iterable<HostileCase>): Promise<void> {
  for (const row of rest) {
    try {
      await load(row);
      await call(row);
    } catch (error) {
      expect(error).toBeInstanceOf(HookcellError);
    }
    runtime.unloadPlugin(row.name);
  }
}

function load(row: HostileCase) {
  return runtime.loadPluginBytes(row.name, modules.get(row)!, row.limits);
}

function call({ name, hook = 'before_hook', input = {} }: HostileCase): Promise<PluginResult> {
  return runtime.callHook(name, expand(hook), { input });
}

function outcome({ refused, callRefused, fault, ok }: Expectation): string {
  return refused ?? callRefused ?? fault ?? (ok === true ? 'yes' : 'no');
}

function expectResult({ expect: expected, limits, input = {} }: HostileCase, result: PluginResult): void {
  const { fault, usage } = result;
  expect(usage.runMs).toBeLessThan((limits?.timeoutMs ?? 1_000) + OVERRUN_MS);
  expect(JSON.stringify(result)).toContain('"usage"');
  if (fault !== undefined) {
    expect(fault.code).toBe(expected.fault);
    expectMessage(fault.message, expected);
    for (const frame of fault.backtrace ?? []) {
      expectTame(frame);
    }
    return;
  }

  expect(result.ok).toBe(expected.ok);
  if (expected.pages !== undefined) {
    expect(usage.memoryBytes).toBe(expected.pages * 65_536);
  }
  if (result.ok) {
    expectPart(expected, 'input', result.ctx.input, input);
    expectPart(expected, 'data', result.ctx.data, null);
  } else {
    expectPart(expected, 'error', result.error);
    expectPart(expected, 'details', result.details);
  }
}

/** An omitted value is unchanged. */
function expectPart({ sizes, ...texts }: Expectation, name: Part, value: unknown, unchanged?: unknown): void {
  const size = sizes?.[name];
  const text = texts[name];
  if (size === undefined) {
    expect(value).toEqual(text === undefined ? unchanged : JSON.parse(expand(text)));
  } else {
    expect(sizeOf(value)).toBe(size);
  }
}

function expectMessage(message: string, { says = '' }: Expectation): void {
  expectTame(message);
  expect(message).toContain(says);
}

function expectTame(message: string): void {
  expect(message.length).toBeLessThan(MESSAGE_UNITS);
  expect(message).not.toMatch(WILD);
}

function prototypeKeys(): PropertyKey[] {
  return [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) => Reflect.ownKeys(prototype));
}

/** Keys of an object, items of an array, characters of a string. */
function sizeOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value as object).length;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
