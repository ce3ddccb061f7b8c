import { Piscina } from 'piscina';
import { libuvThreads } from '../../libuv-threads.mjs';
import { peerPlugins } from './v8.mjs';

/** The names that the targets refer to. */
export const piscinaName = (plugin) => `piscina + V8 instance, ${plugin}`;

/**
 * A fresh V8 instance for each call, as in v8.mjs, in as many worker threads as hookcell has of libuv's. The context goes
 * there as JSON text, and the answer comes back as the object that it was parsed to.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const piscina = {
  name: 'piscina',

  async open() {
    const plugins = await peerPlugins();
    const threads = libuvThreads - 1;
    const pool = new Piscina({
      filename: new URL('piscina-worker.mjs', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      workerData: new Map(plugins.map(({ name, module }) => [name, module])),
    });
    const subjects = plugins.map(({ name: plugin, context, isRight }) => {
      const call = () => pool.run({ plugin, context: JSON.stringify(context) });
      return { name: piscinaName(plugin), call, isRight };
    });
    return { subjects, close: () => pool.destroy() };
  },
};
