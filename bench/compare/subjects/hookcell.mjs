import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../../../scripts/build/fixture.mjs';
import { pdk } from '../../../scripts/plugins/compiler.mjs';
import { isNormalized, order, sizes } from '../orders.mjs';

const CHAINED = 5;
const HOOK = 'before_hook';
const isAccepted = ({ ok }) => ok;

/** The names that the targets refer to. */
export const hookcellNames = {
  trivial: 'hookcell, trivial',
  chain: `hookcell, chain of ${CHAINED} trivial`,
  sync: 'hookcell, trivial, callHookSync',
  json: (language, size) => `hookcell, ${language}, ${size}`,
};

/**
 * The package as it is installed, with the default options.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const hookcell = {
  name: 'hookcell',

  async open(say) {
    const runtime = new WasmRuntime();
    await runtime.loadPluginBytes('trivial', await assembleFixture('pass_through'));
    const small = order(0);
    const subjects = [
      { name: hookcellNames.trivial, call: () => runtime.callHook('trivial', HOOK, small), isRight: isAccepted },
    ];
    if (typeof runtime.callChain === 'function') {
      const plugins = Array.from({ length: CHAINED }, () => 'trivial');
      const call = () => runtime.callChain(plugins, HOOK, small);
      subjects.push({ name: hookcellNames.chain, call, isRight: isAccepted });
    } else {
      say('this version has no callChain: the chain is left out');
    }
    if (typeof runtime.callHookSync === 'function') {
      const call = () => runtime.callHookSync('trivial', HOOK, small);
      subjects.push({ name: hookcellNames.sync, call, isRight: isAccepted, blocks: true, isSequential: true });
    } else {
      say('this version has no callHookSync: it is left out');
    }
    for (const { language, sizes: measured } of [
      { language: 'rust', sizes },
      { language: 'assemblyscript', sizes },
      { language: 'zig', sizes: sizes.slice(0, 1) },
      { language: 'wat', sizes: sizes.slice(0, 1) },
    ]) {
      const plugin = path.join(pdk, language, 'validate_email.wasm');
      await runtime.loadPlugin(plugin);
      for (const { size, items } of measured) {
        const context = order(items);
        const call = () => runtime.callHook(plugin, HOOK, context);
        subjects.push({ name: hookcellNames.json(language, size), call, isRight: isNormalized });
      }
    }
    return { subjects, close: () => runtime.close() };
  },
};
