// Every recipe does the same in each of its languages: what its fixtures say.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { buildPlugin } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';
import type { HookContext, JsonObject, LogLine, PluginResult } from 'hookcell';

import { exampleFile, pythonCache } from '../../__test__/support/pdk';

interface Fixture {
  name: string;
  hook?: string;
  context: HookContext;
  expected: { ok: boolean; ctx?: { input?: JsonObject; data?: unknown }; error?: string; details?: unknown[] };
  log?: LogLine[];
}

const recipes = readdirSync(__dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const others = ['hook.rs', 'hook.as.ts', 'hook.zig', 'hook.c'];

const inPython = recipes.filter((recipe) => existsSync(path.join(__dirname, recipe, 'hook.py')));

const runtime = new WasmRuntime({ logger: false, cacheDir: pythonCache });
afterAll(() => runtime.close());

test('the cookbook has ten recipes, each in TypeScript and one other language, and its page lists all of them', () => {
  expect(recipes).toHaveLength(10);
  const page = readFileSync(path.join(__dirname, 'README.md'), 'utf8');
  for (const recipe of recipes) {
    expect(existsSync(path.join(__dirname, recipe, 'hook.ts'))).toBe(true);
    expect(others.filter((source) => existsSync(path.join(__dirname, recipe, source)))).toHaveLength(1);
    expect(page).toContain(`](${recipe})`);
  }
  const used = recipes.flatMap((recipe) => others.filter((source) => existsSync(path.join(__dirname, recipe, source))));
  expect(new Set(used)).toEqual(new Set(others));
});

test('at least three recipes are in Python, too', () => {
  expect(inPython.length).toBeGreaterThanOrEqual(3);
});

describe.each(recipes)('%s', (recipe) => {
  const folder = path.join(__dirname, recipe);
  const fixtures = JSON.parse(readFileSync(path.join(folder, 'fixtures.json'), 'utf8')) as Fixture[];
  const [typescript, other, python] = [
    `${recipe} in TypeScript`,
    `${recipe} in another language`,
    `${recipe} in Python`,
  ];
  const plugins = [typescript, other, ...(inPython.includes(recipe) ? [python] : [])];

  beforeAll(async () => {
    const { wasm } = await buildPlugin({ entry: path.join(folder, 'hook.ts') });
    await runtime.loadPluginBytes(typescript, wasm, { isolate: false });
    await runtime.loadPluginBytes(other, readFileSync(path.join(folder, 'hook.wasm')), { isolate: false });
    if (plugins.includes(python)) {
      await runtime.loadPluginBytes(python, readFileSync(exampleFile('python', recipe)), { isolate: false });
    }
    // The first build compiles the engine.
  }, 120_000);

  test('its fixtures accept as well as change or reject, and have different names', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(10);
    expect(new Set(fixtures.map(({ name }) => name)).size).toBe(fixtures.length);
    expect(new Set(fixtures.map(({ expected }) => JSON.stringify(expected))).size).toBeGreaterThan(1);
  });

  test.each(fixtures)('$name, in each language', async ({ hook = 'before_hook', context, expected, log }) => {
    const results = await Promise.all(plugins.map((plugin) => runtime.callHook(plugin, hook, context)));
    const { input, data } = expected.ctx ?? {};
    const wanted = expected.ok
      ? { ok: true, input: input ?? context.input, data: data === undefined ? (context.data ?? null) : data }
      : expected;
    expect(results.map(outcomeOf)).toEqual(plugins.map(() => wanted));
    if (log !== undefined) {
      expect(results.map((result) => result.log ?? [])).toEqual(plugins.map(() => log));
    }
  });
});

function outcomeOf(result: PluginResult): object {
  const { ok, error, details, fault } = result;
  if (result.ok) {
    return { ok, input: result.ctx.input, data: result.ctx.data };
  }
  return { ok, error, ...(details === undefined ? {} : { details }), ...(fault === undefined ? {} : { fault }) };
}
