// The tests of test262 that a plugin's engine can run.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { reasonAgainst } from './needs.mjs';

const folders = ['built-ins', 'language'];

/** They are for one version of Unicode, and each takes a minute. */
const generated = /^built-ins\/RegExp\/property-escapes\/generated\//;

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
  const fitting = texts.filter(([name, text]) => !generated.test(name) && reasonAgainst(text) === undefined);
  return fitting.filter((_, i) => i % every === 0).map(([name, text]) => testOf(name, text, include));
}

function testOf(name, text, include) {
  const [, meta = ''] = /\/\*---([\s\S]*?)---\*\//.exec(text) ?? [];
  const names =
    /\bincludes: \[([^\]]*)\]/
      .exec(meta)?.[1]
      .split(',')
      .map((one) => one.trim()) ?? [];
  const [, phase, type] = /\bnegative:\s+phase: (\w+)\s+type: (\w+)/.exec(meta) ?? [];
  return {
    name,
    top: ['assert.js', 'sta.js', ...names.filter((one) => one !== '')].map((one) => include(one)).join('\n'),
    body: text,
    isAsync: /\bflags: \[[^\]]*\basync\b/.test(meta),
    expected: type === undefined ? 'passes' : `${phase === 'runtime' ? 'throws' : 'does not compile:'} ${type}`,
  };
}
