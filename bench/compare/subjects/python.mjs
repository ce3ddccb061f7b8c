import { readFileSync } from 'node:fs';
import { buildPlugin } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';
import { fileOf } from '../../../scripts/plugins/kept.mjs';
import { python as language } from '../../../scripts/plugins/python/python.mjs';
import { isNormalized, order } from '../orders.mjs';

const HOOK = 'before_hook';
const trivial = 'def before_hook(ctx):\n    pass\n';

/** The names that the targets refer to. */
export const pythonNames = {
  trivial: 'Python, trivial, callHookSync',
  email: 'Python, 200 B, callHookSync',
  trivialBusy: 'Python, trivial',
  emailBusy: 'Python, 200 B',
};

/**
 * Plugins in Python, built by the package: a hook that does nothing, and the example of pdk/, which normalizes an address.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const python = {
  name: 'Python',

  async open(say) {
    await language.make(say);
    const runtime = new WasmRuntime();
    const { trivial: plain, email, trivialBusy, emailBusy } = pythonNames;
    const plugins = [
      [plain, trivialBusy, (await buildPlugin({ source: trivial })).wasm, ({ ok }) => ok],
      [email, emailBusy, readFileSync(fileOf(language, 'validate_email')), isNormalized],
    ];
    const context = order(0);
    const subjects = [];
    for (const [sync, busy, wasm, isRight] of plugins) {
      await runtime.loadPluginBytes(busy, wasm, { isolate: false });
      const callSync = () => runtime.callHookSync(busy, HOOK, context);
      const call = () => runtime.callHook(busy, HOOK, context);
      subjects.push({ name: sync, call: callSync, isRight, blocks: true, loads: [1] }, { name: busy, call, isRight });
    }
    return { subjects, close: () => runtime.close() };
  },
};
