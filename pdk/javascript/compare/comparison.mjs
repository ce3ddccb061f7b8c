// Expressions in the engine unfrozen, in the engine frozen, and in V8.

import { readFileSync } from 'node:fs';
import { emptyContext } from './engine.mjs';
import { Instance } from './instance.mjs';
import { Program } from './program.mjs';

/** Tells any value as text. */
const show = `const show = (v, depth = 0) => {
  if (typeof v === 'string') return JSON.stringify(v);
  if (typeof v === 'symbol' || typeof v === 'function') return typeof v;
  if (typeof v === 'bigint') return v + 'n';
  if (Object.is(v, -0)) return '-0';
  if (v === null || typeof v !== 'object') return String(v);
  const tag = Object.prototype.toString.call(v).slice(8, -1);
  if (v instanceof Error) return v.name;
  if (v instanceof Date) return 'Date ' + v.getTime();
  if (v instanceof RegExp) return String(v);
  if (depth > 4) return tag;
  if (v instanceof Map || v instanceof Set) return tag + show([...v], depth + 1);
  const keys = Reflect.ownKeys(v).filter((key) => typeof key === 'string' && key !== 'length');
  return tag + (Array.isArray(v) ? v.length : '') + '{' + keys.slice(0, 40).map((key) => key + ':' + show(v[key], depth + 1)).join() + '}';
};
const told = async (what) => { try { return show(await what()); } catch (error) { return 'throws ' + show(error); } };`;

/** Known differences: a regular expression for the expressions, one for what the engine says, an example, and the reason. */
export const differences = JSON.parse(readFileSync(new URL('differences.json', import.meta.url), 'utf8'));
const known = differences.map(({ matches, engine }) => [new RegExp(matches, 'su'), new RegExp(engine, 'su')]);

/**
 * Runs the expressions. Those that end differently and match no known difference are what is found.
 *
 * @param {import('./engine.mjs').Engine} engine
 * @param {string[]} expressions
 */
export async function compare(engine, expressions) {
  const tell = expressions.map((expression) => `await told(async () => (${expression}))`);
  const program = new Program(`return [${tell.join(',\n')}];`, show);
  const unfrozen = outcomes(await engine.unfrozen(program.source), expressions);
  const { wasm, thrown } = await engine.plugin(program.source);
  const frozen = wasm
    ? outcomes(JSON.parse(new Instance(wasm).call(JSON.stringify(emptyContext))), expressions)
    : expressions.map(() => `no plugin: ${thrown.message}`);
  const text = await program.inV8();
  const v8 = text.startsWith('[') ? JSON.parse(text)[0] : expressions.map(() => text);
  const found = expressions
    .map((expression, i) => ({ expression, unfrozen: unfrozen[i], frozen: frozen[i], v8: v8[i] }))
    .filter((one) => one.unfrozen !== one.v8 || one.frozen !== one.v8);
  return { known: found.filter(isKnown), found: found.filter((one) => !isKnown(one)) };
}

function isKnown({ expression, unfrozen, frozen }) {
  return unfrozen === frozen && known.some(([pattern, said]) => pattern.test(expression) && said.test(frozen));
}

function outcomes({ ctx, thrown }, expressions) {
  return ctx?.data[0] ?? expressions.map(() => `thrown: ${thrown?.message}`);
}
