// QuickJS-ng's own tests, without those of its command line and of its C interface.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { reasonAgainst } from './needs.mjs';

/** Some are programs of many functions that are called at the end: each call is a test. */
const callAtTheEnd = /^(?:test\w*)\(\);?.*$/gm;

const functionOfAProgram = /^(?:async )?function\*? (\w+)\([\s\S]*?^\}/gm;

/**
 * @param {string} folder
 * @returns {import('./batch.mjs').Test[]}
 */
export function quickjsTests(folder) {
  const top = `${readFileSync(path.join(folder, 'assert.js'), 'utf8').replaceAll('export function', 'function')}
const print = () => {};`;
  const programs = readdirSync(folder)
    .filter((name) => name.endsWith('.js') && !/^(?:assert|microbench|fixture_.*)\.js$/.test(name))
    .toSorted()
    .map((name) => [name, withoutAssert(readFileSync(path.join(folder, name), 'utf8'))])
    .filter(([, text]) => !/^(?:import|export) |\bimport\(|\bqjs:|\bbjson\b|\bos\.|\bstd\./m.test(text));
  const tests = programs.flatMap(([name, text]) => {
    const calls = text.match(callAtTheEnd) ?? [];
    if (calls.length < 2) {
      return [testOf(name, top, text)];
    }
    // A function that is no strict code would keep the others from being compiled.
    const functions = new Map([...text.matchAll(functionOfAProgram)].map(([code, own]) => [own, code]));
    const rest = text.replaceAll(functionOfAProgram, '').replaceAll(callAtTheEnd, '');
    return calls.map((call) => testOf(`${name}: ${call}`, top, [rest, ...needed(call, functions), call].join('\n')));
  });
  return tests.filter(({ name, body }) => reasonAgainst(`${name}\n${body}`) === undefined);
}

function testOf(name, top, body) {
  return { name, top, body, isAsync: false, expected: 'passes' };
}

/** The functions that a piece of code names, and what these name. */
function needed(code, functions, found = new Set()) {
  for (const [name] of code.matchAll(/\w+/g)) {
    const own = functions.get(name);
    if (own !== undefined && !found.has(own)) {
      found.add(own);
      needed(own, functions, found);
    }
  }
  return found;
}

function withoutAssert(text) {
  return text.replaceAll(/^import \{[^}]*\} from "\.\/assert\.js";?$/gm, '');
}
