// The small examples of pdk/: every language does what their fixtures say, on the package as a user imports it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { WasmRuntime } from 'hookcell';
import type { HookContext } from 'hookcell';

import { exampleFile, pythonCache } from '../support/pdk';

interface Fixture {
  name: string;
  hook: string;
  context: HookContext;
  expected: { ok: boolean; error?: string; thrown?: string };
  log?: { level: string; message: string; fields: object }[];
}

const pdk = join(__dirname, '../..', 'pdk');
const languages = ['assemblyscript', 'c', 'python', 'rust', 'zig'];

function fixturesOf(example: string): Fixture[] {
  return JSON.parse(readFileSync(join(pdk, `${example}.json`), 'utf8'));
}

/** The line of `text` in an example's source. */
function lineOf(file: string, text: string): number {
  const lines = readFileSync(join(pdk, file), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}

describe.each(languages)('closed_on_sundays in %s', (language) => {
  const plugin = exampleFile(language, 'closed_on_sundays');
  const runtime = new WasmRuntime({ logger: false, cacheDir: pythonCache });

  beforeAll(() => runtime.loadPlugin(plugin), 60_000);
  afterAll(() => runtime.close());

  test.each(fixturesOf('closed_on_sundays'))('$name', async ({ hook, context, expected }) => {
    const { usage, ...result } = await runtime.callHook(plugin, hook, context);

    expect(result).toEqual(expected.ok ? { ok: true, ctx: context } : expected);
    expect(usage.fuel).toBeGreaterThan(0);
  });
});

describe.each([
  { language: 'assemblyscript', source: 'examples/panics.ts', shown: /panics\.ts:(\d+)/ },
  { language: 'c', source: 'examples/panics.c', shown: /panics\.c:(\d+)/ },
  { language: 'python', source: 'examples/panics.py', shown: /panics\.py:(\d+)/ },
  { language: 'rust', source: 'hookcell-pdk/examples/panics.rs', shown: /panics\.rs:(\d+)/ },
  { language: 'zig', source: 'examples/panics.zig', shown: /panics\.zig:(\d+)/ },
])('a plugin in $language that panics', ({ language, source, shown }) => {
  const plugin = exampleFile(language, 'panics');
  const runtime = new WasmRuntime({ logger: false, cacheDir: pythonCache });
  const [good, bad] = fixturesOf('panics') as [Fixture, Fixture & { expected: { thrown: string } }];

  beforeAll(() => runtime.loadPlugin(plugin), 60_000);
  afterAll(() => runtime.close());

  test('is a fault with its message and its place, and the lines before it are in the log', async () => {
    const result = await runtime.callHook(plugin, bad.hook, bad.context);

    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_THROWN' }, log: bad.log });
    const { fault } = result as { fault: { message: string; backtrace: string[] } };
    expect(fault.message).toContain(bad.expected.thrown);
    const line = shown.exec(fault.backtrace[0] ?? '')?.[1];
    expect(Number(line)).toBe(lineOf(`${language}/${source}`, bad.expected.thrown.replace('items', '')));
  });

  test('logs, and nothing of an earlier call is in the log of the next', async () => {
    await runtime.callHook(plugin, bad.hook, bad.context);
    const { usage, ...result } = await runtime.callHook(plugin, good.hook, good.context);

    expect(result).toEqual({ ok: true, ctx: good.context, log: good.log });
    expect(usage.fuel).toBeGreaterThan(0);
  });
});
