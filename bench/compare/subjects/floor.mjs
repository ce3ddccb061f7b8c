import { randomFill } from 'node:crypto';
import { loadFloor } from '../floor/addon.mjs';
import { order } from '../orders.mjs';

/** The names that the targets refer to. */
export const floorNames = { empty: 'empty AsyncTask', json: 'AsyncTask with the JSON', node: 'crypto.randomFill' };

/**
 * What a hop to a thread of libuv's pool costs by itself.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const floor = {
  name: 'floor',

  async open() {
    const { emptyTask, echoTask } = await loadFloor();
    const context = order(0);
    const byte = Buffer.alloc(1);
    return {
      subjects: [
        { name: floorNames.empty, call: () => emptyTask() },
        {
          name: floorNames.json,
          call: async () => JSON.parse(await echoTask(JSON.stringify(context))),
          isRight: (result) => result.input.email === context.input.email,
        },
        {
          name: floorNames.node,
          call: () =>
            new Promise((resolve, reject) => randomFill(byte, (error) => (error ? reject(error) : resolve()))),
        },
      ],
      close: async () => {},
    };
  },
};
