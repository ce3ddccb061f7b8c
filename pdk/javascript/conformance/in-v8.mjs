// Tests in V8, each in a realm of its own.

import vm from 'node:vm';
import { setImmediate } from 'node:timers/promises';
import { Batch } from './batch.mjs';

/** So many turns of the event loop are more than any promise of a test takes. */
const turns = 50;

/**
 * What each test of a batch ends with.
 *
 * @param {Batch} batch
 * @returns {Promise<string[]>}
 */
export async function runInV8(batch) {
  const outcomes = [];
  for (const [test, one] of batch.tests.entries()) {
    outcomes.push(await outcomeOf(new Batch([one]), test));
  }
  return outcomes;
}

async function outcomeOf(batch) {
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
  let module;
  try {
    module = new vm.SourceTextModule(batch.source, { context });
    await module.link(() => {
      throw new SyntaxError('a test imports nothing');
    });
    await module.evaluate();
  } catch (error) {
    return `does not compile: ${error.name}`;
  }
  const never = {};
  const result = module.namespace.before_hook({ input: { test: 0 } });
  const ended = await Promise.race([result, later(never)]);
  // A test may give all objects a `then`, and so another result.
  const said = ended === never ? undefined : ended?.ctx?.data?.[0];
  return said ?? 'fails with TypeError';
}

async function later(value) {
  for (let turn = 0; turn < turns; turn += 1) {
    await setImmediate();
  }
  return value;
}
