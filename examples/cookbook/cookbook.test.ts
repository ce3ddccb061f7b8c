// Every recipe does the same in both of its languages: what its fixtures say.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { buildPlugin } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';
import type { HookContext, JsonObject, LogLine, PluginResult } from 'hookcell';

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

const runtime = new WasmRuntime({ logger: false });
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

describe.each(recipes)('%s', (recipe) => {
  const folder = path.join(__dirname, recipe);
  const fixtures = JSON.parse(readFileSync(path.join(folder, 'fixtures.json'), 'utf8')) as Fixture[];
  const [typescript, other] = [`${recipe} in TypeScript`, `${recipe} in another language`];

  beforeAll(async () => {
    const { wasm } = await buildPlugin({ entry: path.join(folder, 'hook.ts') });
    await runtime.loadPluginBytes(typescript, wasm, { isolate: false });
    await runtime.loadPluginBytes(other, readFileSync(path.join(folder, 'hook.wasm')), { isolate: false });
    // The first build compiles the engine.
  }, 120_000);

  test('its fixtures accept as well as change or reject, and have different names', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(10);
    expect(new Set(fixtures.map(({ name }) => name)).size).toBe(fixtures.length);
    expect(new Set(fixtures.map(({ expected }) => JSON.stringify(expected))).size).toBeGreaterThan(1);
  });

  test.each(fixtures)('$name, in both languages', async ({ hook = 'before_hook', context, expected, log }) => {
    const results = [await runtime.callHook(typescript, hook, context), await runtime.callHook(other, hook, context)];
    const { input, data } = expected.ctx ?? {};
    const wanted = expected.ok
      ? { ok: true, input: input ?? context.input, data: data === undefined ? (context.data ?? null) : data }
      : expected;
    expect(results.map(outcomeOf)).toEqual([wanted, wanted]);
    if (log !== undefined) {
      expect(results.map((result) => result.log ?? [])).toEqual([log, log]);
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
