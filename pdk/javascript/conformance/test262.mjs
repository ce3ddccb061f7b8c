// The tests of test262 that a plugin's engine can run.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folders = ['built-ins', 'language'];

/** What a plugin does not have, or a module is not. */
const without = [
  [/\bflags: \[[^\]]*\b(?:noStrict|raw|module)\b/, 'is no strict function: a plugin is a module, and a test is a function in one'],
  [/\$262|\bdetachArrayBuffer|\bagent\b/, 'needs what only a test program has: another realm, or a buffer that is taken away'],
  [/\beval\b|\bFunction\s*\(|\bfnGlobalObject|GeneratorFunction\s*\(|AsyncFunction\s*\(/, 'compiles text, and a plugin has no parser'],
  [/\b(?:SharedArrayBuffer|Atomics|Intl)\b/, 'needs what a plugin does not have'],
  [/\bfeatures: \[[^\]]*\b(?:tail-call-optimization|caller|dynamic-import|import\.meta)\b/, 'needs what neither engine has in this form'],
];

/**
 * Each `every`th test that fits, by the order of their paths.
 *
 * @param {string} suite the folder of test262
 * @param {number} every
 * @returns {import('./batch.mjs').Test[]}
 */
export function selectTests(suite, every) {
  const harness = new Map();
  const include = (name) => {
    if (!harness.has(name)) {
      harness.set(name, readFileSync(path.join(suite, 'harness', name), 'utf8'));
    }
    return harness.get(name);
  };
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(suite, 'test', folder), { recursive: true })
      .map((name) => path.join(folder, name))
      .filter((name) => name.endsWith('.js') && !name.endsWith('_FIXTURE.js')),
  );
  const texts = files.toSorted().map((name) => [name, readFileSync(path.join(suite, 'test', name), 'utf8')]);
  const fitting = texts.filter(([, text]) => reasonAgainst(text) === undefined);
  return fitting.filter((_, i) => i % every === 0).map(([name, text]) => testOf(name, text, include));
}

/** Why a plugin's engine cannot run a test; undefined if it can. */
function reasonAgainst(text) {
  return without.find(([pattern]) => pattern.test(text))?.[1];
}

function testOf(name, text, include) {
  const [, meta = ''] = /\/\*---([\s\S]*?)---\*\//.exec(text) ?? [];
  const names = /\bincludes: \[([^\]]*)\]/.exec(meta)?.[1].split(',').map((one) => one.trim()) ?? [];
  const [, phase, type] = /\bnegative:\s+phase: (\w+)\s+type: (\w+)/.exec(meta) ?? [];
  return {
    name,
    top: ['assert.js', 'sta.js', ...names.filter((one) => one !== '')].map((one) => include(one)).join('\n'),
    body: text,
    isAsync: /\bflags: \[[^\]]*\basync\b/.test(meta),
    expected: type === undefined ? 'passes' : `${phase === 'runtime' ? 'throws' : 'does not compile:'} ${type}`,
  };
}
