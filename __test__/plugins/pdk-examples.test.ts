// The small examples of pdk/: every language does what their fixtures say, on the package as a user imports it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { HookContext } from 'hookcell';

interface Fixture {
  name: string;
  hook: string;
  context: HookContext;
  expected: { ok: boolean; error?: string };
}

const pdk = join(__dirname, '../..', 'pdk');
const fixtures: Fixture[] = JSON.parse(readFileSync(join(pdk, 'closed_on_sundays.json'), 'utf8'));

describe.each(['assemblyscript', 'rust'])('closed_on_sundays in %s', (language) => {
  const plugin = join(pdk, language, 'closed_on_sundays.wasm');
  const runtime = new WasmRuntime({ logger: false });

  beforeAll(() => runtime.loadPlugin(plugin));
  afterAll(() => runtime.close());

  test.each(fixtures)('$name', async ({ hook, context, expected }) => {
    const { usage, ...result } = await runtime.callHook(plugin, hook, context);

    expect(result).toEqual(expected.ok ? { ok: true, ctx: context } : expected);
    expect(usage.fuel).toBeGreaterThan(0);
  });
});
