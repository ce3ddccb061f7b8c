// What a hook does with more of the same takes more in proportion, and not in its square.

import { WasmRuntime } from 'hookcell';

import { emptyContext, Engine } from './engine';

const runtime = new WasmRuntime({ logger: false, maxFuel: 2_000_000_000, timeoutMs: 20_000 });
let engine: Engine;

beforeAll(async () => {
  engine = await Engine.load();
}, 120_000);
afterAll(() => runtime.close());

/** Of `n`. */
const programs: Record<string, string> = {
  'a map of whole numbers': 'const map = new Map(); for (let i = 0; i < n; i++) map.set(i, i);',
  'a set of multiples': 'const set = new Set(); for (let i = 0; i < n; i++) set.add(i * 1024);',
  'a set of fractions': 'const set = new Set(); for (let i = 0; i < n; i++) set.add(i + 0.5);',
  'a clone of what nests': 'let o = {}; for (let i = 0; i < n; i++) o = { o }; structuredClone(o);',
};

/** The fuel of calls with these numbers, without what an empty call takes. */
async function fuelOf(program: string, numbers: readonly number[]): Promise<number[]> {
  const source = `const work = (n) => { ${program} }; export const before_hook = ({ input: { n } }) => { if (n > 0) work(n); };`;
  const bytes = await engine.plugin(source);
  await runtime.loadPluginBytes(program, bytes);
  const all: number[] = [];
  for (const n of [0, ...numbers]) {
    const { ok, usage } = await runtime.callHook(program, 'before_hook', { ...emptyContext, input: { n } });
    all.push(ok ? usage.fuel! - (all[0] ?? 0) : NaN);
  }
  return all.slice(1);
}

test.each(Object.keys(programs))('%s', async (name) => {
  const [few, many] = await fuelOf(programs[name]!, [250, 1_000]);
  expect(many! / few!).toBeLessThan(5);
});

test('an array from which elements were taken stays as fast as it was', async () => {
  const made = 'const array = Array.from({ length: 2_000 }, (_, i) => i);';
  const [making] = await fuelOf(made, [1]);
  const [taking] = await fuelOf(`${made} for (let i = 0; i < n; i++) array.splice(1, 1);`, [10]);
  expect(taking!).toBeLessThan(2 * making!);
});
