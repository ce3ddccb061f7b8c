// The example plugins of pdk/: each language does what pdk/cases.json says, on the package as a user imports it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { HookContext } from 'hookcell';

import { exampleFile, pythonCache } from '../support/pdk';

interface Case {
  name: string;
  hook: string;
  context: HookContext;
  expected: { ok: boolean; ctx?: object; error?: string; details?: unknown[] };
  except?: string[];
}

const pdk = join(__dirname, '../..', 'pdk');
const cases: Case[] = JSON.parse(readFileSync(join(pdk, 'cases.json'), 'utf8'));

describe.each(['assemblyscript', 'javascript', 'python', 'rust', 'wat', 'zig'])('the example in %s', (language) => {
  const plugin = exampleFile(language);
  const runtime = new WasmRuntime({ logger: false, cacheDir: pythonCache });

  beforeAll(() => runtime.loadPlugin(plugin), 60_000);
  afterAll(() => runtime.close());

  test.each(cases.filter(({ except = [] }) => !except.includes(language)))('$name', async (scenario) => {
    const { hook, context, expected } = scenario;

    const { usage, ...result } = await runtime.callHook(plugin, hook, context);

    expect(result).toEqual(expected.ok ? { ok: true, ctx: { ...context, ...expected.ctx } } : expected);
    expect(usage.fuel).toBeGreaterThan(0);
  });
});

describe('the hook of the example in rust that answers with a patch', () => {
  const plugin = exampleFile('rust');
  const runtime = new WasmRuntime({ logger: false });

  beforeAll(() => runtime.loadPlugin(plugin));
  afterAll(() => runtime.close());

  test.each(cases.filter(({ hook, except = [] }) => hook === 'before_hook' && !except.includes('rust')))(
    'has the same result as the one that answers with the whole input: $name',
    async ({ context, expected }) => {
      const { usage, ...result } = await runtime.callHook(plugin, 'before_patch', context);

      expect(result).toEqual(expected.ok ? { ok: true, ctx: { ...context, ...expected.ctx } } : expected);
      expect(usage.fuel).toBeGreaterThan(0);
    },
  );
});
