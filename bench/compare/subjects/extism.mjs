import { createPlugin } from '@extism/extism';
import { extismPlugin } from '../extism/plugin.mjs';
import { libuvThreads } from '../../libuv-threads.mjs';
import { isNormalized, order } from '../orders.mjs';
import { inTurns } from './lend.mjs';

const plugins = [
  { name: 'trivial', file: 'fixtures/pass_through.wat', heap: '$heap', isRight: (answer) => answer === undefined },
  { name: 'wat, 200 B', file: 'pdk/wat/validate_email.wat', heap: '$free', isRight: isNormalized },
];

/** The names that the targets refer to. */
export const extismName = (manner, plugin) => `Extism ${manner}, ${plugin}`;

/**
 * Extism with the same code (see extism/plugin.mjs) and the same JSON both ways. `reused` plugins keep their memory from
 * one call to the next; a `fresh` one is made for each call from a compiled module, and closed after it.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const extism = {
  name: 'extism',

  async open() {
    const subjects = [];
    const opened = [];
    for (const { name, file, heap, isRight } of plugins) {
      const module = new WebAssembly.Module(await extismPlugin(file, { heap }));
      const context = order(0);
      const ask = async (plugin) => (await plugin.call('call', JSON.stringify(context)))?.json();
      const add = (manner, call, more) => subjects.push({ name: extismName(manner, name), call, isRight, ...more });
      const open = (options) => createPlugin({ wasm: [{ module }] }, options);
      const fresh = (options) => async () => {
        const plugin = await open(options);
        try {
          return await ask(plugin);
        } finally {
          await plugin.close();
        }
      };

      const foreground = await open({});
      // One worker runs one call at a time: as many of them as hookcell has threads, in turns.
      const workers = await Promise.all(Array.from({ length: libuvThreads - 1 }, () => open({ runInWorker: true })));
      opened.push(foreground, ...workers);
      add('reused', () => askAndReset(foreground, ask), { blocks: true });
      add('fresh', fresh({}), { blocks: true });
      add(
        'runInWorker reused',
        inTurns(workers, (plugin) => askAndReset(plugin, ask)),
      );
      // More worker threads would take the machine down rather than be measured.
      add('runInWorker fresh', fresh({ runInWorker: true }), { loads: [1, 16] });
    }
    return { subjects, close: () => Promise.all(opened.map((plugin) => plugin.close())) };
  },
};

/** Without a reset, the host side keeps the input and output of every call forever. */
async function askAndReset(plugin, ask) {
  const answer = await ask(plugin);
  await plugin.reset();
  return answer;
}
