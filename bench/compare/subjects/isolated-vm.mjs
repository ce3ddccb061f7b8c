import { readFileSync } from 'node:fs';
import { libuvThreads } from '../../libuv-threads.mjs';
import { isNormalized, order } from '../orders.mjs';
import { loadIsolatedVm } from '../peers/isolated-vm.mjs';
import { inTurns } from './lend.mjs';

/** As hookcell's defaults: a second, and at least 8 MB are needed. */
const LIMITS = { timeout: 1_000 };
const MEMORY_LIMIT = { memoryLimit: 16 };

/** What each plugin gets. */
const json = order(0);

const source = readFileSync(new URL('../peers/validate-email.js', import.meta.url), 'utf8');
const plugins = [
  { name: 'trivial', script: '() => undefined', isRight: (answer) => answer === undefined },
  { name: 'JavaScript, 200 B', script: `${source}\nbefore_hook`, isRight: isNormalized },
];

/** The names that the targets refer to. */
export const isolatedVmName = (manner, plugin) => `isolated-vm ${manner}, ${plugin}`;

/**
 * The same plugin in JavaScript: compiled once for an isolate, and run in a fresh context of it for each call; and a fresh
 * isolate for each call. As many isolates as hookcell has threads, one call at a time each.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const isolatedVm = {
  name: 'isolated-vm',

  async open(say) {
    const { library, obstacle } = loadIsolatedVm();
    if (library === undefined) {
      say(`isolated-vm is not measured: ${obstacle}`);
      return { subjects: [], close: async () => {} };
    }
    const opened = [];
    const subjects = [];
    for (const { name, script, isRight } of plugins) {
      const open = async () => {
        const isolate = new library.Isolate(MEMORY_LIMIT);
        return { isolate, compiled: await isolate.compileScript(script) };
      };
      const isolates = await Promise.all(Array.from({ length: libuvThreads - 1 }, open));
      opened.push(...isolates);
      const askFresh = async () => {
        const fresh = await open();
        try {
          return await ask(fresh);
        } finally {
          fresh.isolate.dispose();
        }
      };
      const loads = [1, 16];
      subjects.push(
        { name: isolatedVmName('fresh context', name), call: inTurns(isolates, ask), isRight, loads },
        { name: isolatedVmName('fresh isolate', name), call: askFresh, isRight, loads },
      );
    }
    const close = async () => {
      // A call that fails may have disposed of its isolate; closing must not hide that error.
      for (const { isolate } of opened.filter((one) => !one.isolate.isDisposed)) {
        isolate.dispose();
      }
    };
    return { subjects, close };
  },
};

/** Runs the plugin in a fresh context of the isolate. */
async function ask({ isolate, compiled }) {
  const context = await isolate.createContext();
  let hook;
  try {
    hook = await compiled.run(context, { ...LIMITS, reference: true });
    const answer = await hook.apply(undefined, [JSON.stringify(json)], LIMITS);
    return answer && JSON.parse(answer);
  } finally {
    // A function keeps its context until this isolate collects its handle, long after the other has run out of memory.
    hook?.release();
    context.release();
  }
}
