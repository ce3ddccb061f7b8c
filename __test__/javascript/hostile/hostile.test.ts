// Hooks in JavaScript whose author is an attacker.

import { WasmRuntime } from 'hookcell';
import type { PluginResult } from 'hookcell';

import { emptyContext, Engine } from '../engine';
import { hostileHooks } from './hostile-hooks';

const all = Object.entries(hostileHooks).flatMap(([group, rows]) => rows.map((row) => ({ group, ...row })));
const context = { ...emptyContext, input: { n: 1 } };

/** The longest message and the longest log, with what the host adds. */
const mostMessage = 1_200;
const mostLog = 40_000;

let runtime: WasmRuntime;
let ordinary: PluginResult;

beforeAll(async () => {
  const engine = await Engine.load();
  runtime = new WasmRuntime({ logger: false, maxFuel: 2_000_000_000, timeoutMs: 20_000, concurrency: 2 });
  const bodies = all.map(({ body }) => `async (ctx) => { ${body} }`);
  const source = `const bodies = [${bodies.join(',\n')}];
    const all = []; const map = new Map();
    export const before_hook = async (ctx) => { const { headers: { number } } = ctx; if (number !== undefined) return bodies[Number(number)](ctx); };
    export const after_hook = () => ({ data: [Object.keys(Object.prototype), [1, 2].map((x) => x * 2), JSON.stringify({ a: [...'ab'] }), typeof Date.now, all.length, map.size] });`;
  await runtime.loadPluginBytes('hostile', await engine.plugin(source));
  ordinary = await runtime.callHook('hostile', 'after_hook', context);
}, 120_000);

afterAll(() => runtime.close());

/** How a call ended, in a line. */
function ending(result: PluginResult): string {
  if (result.fault !== undefined) {
    return `${result.fault.code} ${result.fault.message}`;
  }
  return result.ok
    ? `ok: ${JSON.stringify(result.ctx.input)} ${JSON.stringify(result.ctx.data)}`
    : `rejected: ${result.error}`;
}

test.each(all.map((row, number) => [row.group, row.does, row.ends, number] as const))(
  '%s: %s ends as %s, and the next call is as the first one was',
  async (_, __, ends, number) => {
    const result = await runtime.callHook('hostile', 'before_hook', {
      ...context,
      headers: { number: String(number) },
    });
    expect(ending(result).replace(/^(ERR_\w+) .*?(?:threw|thrown)[^:]*: /, '$1 ')).toEqual(
      expect.stringMatching(startOf(ends)),
    );
    expect(result.fault?.message.length ?? 0).toBeLessThan(mostMessage);
    expect(JSON.stringify([result.log, result.fault]).length).toBeLessThan(mostLog);
    const { ok, ctx } = (await runtime.callHook('hostile', 'after_hook', context)) as PluginResult & { ctx: unknown };
    expect({ ok, ctx }).toEqual({ ok: ordinary.ok, ctx: (ordinary as typeof ordinary & { ctx: unknown }).ctx });
  },
  60_000,
);

function startOf(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`);
}
