// What a plugin in JavaScript gets of a configuration, a time and a seed that the operator grants.

import { buildPlugin } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';

const runtime = new WasmRuntime({ logger: false });
const context = { input: {}, data: null, user: null, headers: {}, tenant_id: null };
const now = 1_780_000_000_123;

beforeAll(async () => {
  const source = `
    export const before_hook = (ctx) => ({ data: [ctx.config, ctx.now, ctx.seed, Date.now(), new Date().toISOString(), Math.random(), Math.random()] });
    export const quiet = (ctx) => { try { Date.now(); } catch {} try { Math.random(); } catch {} return { data: Object.keys(ctx) }; };`;
  const { wasm } = await buildPlugin({ source, filename: 'grants.js' });
  await runtime.loadPluginBytes('grants', wasm, { config: { percent: 10 } });
}, 120_000);
afterAll(() => runtime.close());

async function dataOf(options: object, hook = 'before_hook'): Promise<unknown[]> {
  const result = await runtime.callHook('grants', hook, context, options);
  if (!result.ok) {
    throw new Error(JSON.stringify(result));
  }
  return result.ctx.data as unknown as unknown[];
}

test('a hook in JavaScript has the config, the time and the random numbers that its call grants', async () => {
  const first = await dataOf({ now, seed: 'a' });
  const iso = new Date(now).toISOString();
  expect(first.slice(0, 5)).toEqual([{ percent: 10 }, { ms: now, iso }, 'a', now, iso]);
  expect(await dataOf({ now, seed: 'a' })).toEqual(first);
  expect((await dataOf({ now, seed: 'b' }))[5]).not.toBe(first[5]);
  expect((await dataOf({ now, seed: 'a', config: { percent: 15 } }))[0]).toEqual({ percent: 15 });
});

test('a hook in JavaScript that swallows the refusal of time and random numbers has both in its log', async () => {
  const { log } = await runtime.callHook('grants', 'quiet', context);
  expect(log?.map(({ level, message }) => [level, message.replace(/ \(at .*/, '')])).toEqual([
    ['warn', 'asked for the time, which this call does not grant'],
    ['warn', 'asked for random numbers, which this call does not grant'],
  ]);
  expect(log?.[0]?.message).toMatch(/ \(at .*quiet \(grants\.js:3:\d+\)\)$/);
  const granted = await runtime.callHook('grants', 'quiet', context, { now: true, seed: true });
  expect(granted.log).toBeUndefined();
});
