import { readFileSync } from 'node:fs';
import path from 'node:path';
import { assembleFixture } from '../../../scripts/build/fixture.mjs';
import { pdk } from '../../../scripts/plugins/compiler.mjs';
import { Guest } from '../../../scripts/plugins/guest.mjs';
import { rustLayout } from '../../guests/made.mjs';
import { isNormalized, order } from '../orders.mjs';

const isAccepted = ({ ok }) => ok;

/** The plugins that the others are measured with, too. */
export async function peerPlugins() {
  const context = order(0);
  return [
    {
      name: 'trivial',
      module: new WebAssembly.Module(await assembleFixture('pass_through')),
      context,
      isRight: isAccepted,
    },
    ...['rust', 'wat'].map((language) => ({
      name: `${language}, 200 B`,
      module: new WebAssembly.Module(readFileSync(path.join(pdk, language, 'validate_email.wasm'))),
      context,
      isRight: isNormalized,
    })),
  ];
}

/** The names that the targets refer to. */
export const v8Name = (plugin) => `V8 instance, ${plugin}`;

/**
 * The same modules by the same contract, each call in a fresh `WebAssembly.Instance` on the main thread: JSON text
 * written to `alloc`'s memory, the hook called, the answer parsed. Nothing bounds such a call.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const v8 = {
  name: 'v8',

  async open() {
    const large = {
      name: 'trivial, 17 pages',
      module: new WebAssembly.Module(await rustLayout()),
      context: order(0),
      isRight: isAccepted,
    };
    const subjects = [...(await peerPlugins()), large].map(({ name, module, context, isRight }) => {
      const guest = new Guest(module);
      const call = () => guest.call('before_hook', JSON.stringify(context)).answer;
      return { name: v8Name(name), call, isRight, blocks: true };
    });
    return { subjects, close: async () => {} };
  },
};
