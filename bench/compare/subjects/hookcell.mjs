import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../../../scripts/build/fixture.mjs';
import { pdk } from '../../../scripts/plugins/compiler.mjs';
import { defaultBuilds, defaultModule } from '../../guests/default-builds.mjs';
import { rustLayout, untouched } from '../../guests/made.mjs';
import { isNormalized, order, sizes } from '../orders.mjs';

const CHAINED = 5;
const HOOK = 'before_hook';
const isAccepted = ({ ok }) => ok;

/** Plugins that accept and change nothing. Each comes with the name of its rows. */
const trivial = [
  { plugin: 'trivial', make: () => assembleFixture('pass_through') },
  { plugin: 'trivial, 2 pages', make: () => untouched(2) },
  { plugin: 'trivial, 8 pages', make: () => untouched(8) },
  { plugin: 'trivial, 17 pages', make: rustLayout },
];

/** The names that the targets refer to. */
export const hookcellNames = {
  trivial: 'hookcell, trivial',
  trivialSync: 'hookcell, trivial, callHookSync',
  trivialOf: (pages) => `hookcell, trivial, ${pages} pages`,
  chain: `hookcell, chain of ${CHAINED} trivial`,
  chainOf: (pages) => `hookcell, chain of ${CHAINED} trivial, ${pages} pages`,
  json: (language, size) => `hookcell, ${language}, ${size}`,
  patch: (size) => `hookcell, rust, ${size}, answered with a patch`,
};

/**
 * The package as it is installed, with the default options.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const hookcell = {
  name: 'hookcell',

  async open() {
    const runtime = new WasmRuntime();
    const subjects = [...(await trivialSubjects(runtime)), ...(await jsonSubjects(runtime))];
    return { subjects, close: () => runtime.close() };
  },
};

async function trivialSubjects(runtime) {
  const small = order(0);
  const subjects = [];
  const add = (name, call, more) => subjects.push({ name: `hookcell, ${name}`, call, isRight: isAccepted, ...more });
  for (const { plugin, make } of trivial) {
    await runtime.loadPluginBytes(plugin, await make());
    add(plugin, () => runtime.callHook(plugin, HOOK, small));
  }
  for (const plugin of ['trivial', 'trivial, 8 pages']) {
    const chain = Array.from({ length: CHAINED }, () => plugin);
    add(`chain of ${CHAINED} ${plugin}`, () => runtime.callChain(chain, HOOK, small));
  }
  for (const plugin of ['trivial', 'trivial, 17 pages']) {
    const call = () => runtime.callHook(plugin, HOOK, small, { inlineFuel: 10_000 });
    add(`${plugin}, inline`, call);
  }
  for (const plugin of ['trivial', 'trivial, 17 pages']) {
    const call = () => runtime.callHookSync(plugin, HOOK, small);
    add(`${plugin}, callHookSync`, call, { blocks: true, loads: [1] });
  }
  return subjects;
}

async function jsonSubjects(runtime) {
  const subjects = [];
  const measure = async (name, module, measured) => {
    await runtime.loadPluginBytes(name, module);
    for (const { size, items } of measured) {
      const context = order(items);
      const call = () => runtime.callHook(name, HOOK, context);
      subjects.push({ name: hookcellNames.json(name, size), call, isRight: isNormalized });
    }
  };
  const [smallest] = sizes;
  for (const [language, measured] of Object.entries({
    rust: sizes,
    assemblyscript: sizes,
    zig: [smallest],
    wat: [smallest],
  })) {
    const module = readFileSync(path.join(pdk, language, 'validate_email.wasm'));
    await measure(language, module, measured);
  }
  // The same change as in the row of this size before, without the rest of the input.
  const [{ size, items }] = sizes.slice(-1);
  const context = order(items);
  const call = () => runtime.callHook('rust', 'before_patch', context);
  subjects.push({ name: hookcellNames.patch(size), call, isRight: isNormalized });
  for (const { language } of defaultBuilds) {
    await measure(`${language} by default`, defaultModule(language), [smallest]);
  }
  return subjects;
}
