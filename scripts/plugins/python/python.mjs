import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { CommandError, root } from '../../build/command.mjs';
import { packageSteps } from '../../build/packages.mjs';
import { isStamped, stamped } from '../../build/stamp.mjs';
import { orMissing, pdk, workshop } from '../compiler.mjs';

const folder = path.join(pdk, 'python');
const engine = path.join(folder, 'engine');

/** Where the plugins are: each has 7 MB, and any machine makes the same bytes in a second, so that only their digests are committed. */
const home = path.join(workshop, 'python', 'plugins');
const cases = 'validate_email';
const examples = ['closed_on_sundays', 'panics'];
const recipe = 'hook.py';

/** The sources by the names of their plugins, from the root of the repository. */
const sources = {
  [cases]: `pdk/python/src/${cases}.py`,
  ...Object.fromEntries(examples.map((name) => [name, `pdk/python/examples/${name}.py`])),
  ...recipes(),
};

const context = {
  input: { email: 'ada@example.com', name: 'Ada' },
  user: { id: 'u1', role: 'admin' },
  headers: { 'x-request-id': '7' },
  tenant_id: 'acme',
};
/** Contexts with something in each part. What the hooks make on their first use is then there. */
const rehearsal = { samples: [context, { ...context, data: { email: 'ada@example.com' } }], rehearse: true };

export const python = {
  name: 'python',
  pinned: true,
  home,
  digests: path.join(folder, 'digests.json'),

  /** The engine is built by engine.mjs beside this file, which takes some minutes. */
  engine: { run: checkEngine },

  /** Builds what is not there, or is of other sources. */
  async make(say) {
    if (!pythonPlugins.isCurrent()) {
      await pythonPlugins.make(say);
    }
  },

  async build(output, say) {
    writeFileSync(output, await buildPlugin(sources[cases], say, rehearsal));
  },

  example: (name) => `examples/${name}.py`,
  recipe,

  async buildExample({ source }, output, say) {
    writeFileSync(output, await buildPlugin(source, say));
  },
};

const build = 'plugins-python';
const inputs = [
  'crates/host/src',
  'packages/python/dist',
  'scripts/plugins/python/python.mjs',
  ...Object.values(sources),
];
const outputs = Object.keys(sources).map((source) => `target/pdk/python/plugins/${source}.wasm`);

/** The plugins of pdk/python as a step of `npm run setup`, because tests of all kinds use them. */
export const pythonPlugins = {
  notice: 'building the plugins of pdk/python; the first build compiles the engine',

  isCurrent: () => isStamped(build, inputs, outputs),

  make: (say = () => {}) => stamped(build, () => buildAll(say), inputs, outputs),
};

async function buildAll(say) {
  mkdirSync(home, { recursive: true });
  for (const [plugin, source] of Object.entries(sources)) {
    const wasm = await buildPlugin(source, say, plugin === cases ? rehearsal : {});
    writeFileSync(path.join(home, `${plugin}.wasm`), wasm);
  }
}

/** The recipes of the cookbook that are written in Python, too. */
function recipes() {
  const cookbook = 'examples/cookbook';
  const names = existsSync(path.join(root, cookbook)) ? readdirSync(path.join(root, cookbook)) : [];
  const cooked = names.map((name) => [name, `${cookbook}/${name}/${recipe}`]);
  return Object.fromEntries(cooked.filter(([, source]) => existsSync(path.join(root, source))));
}

/** Builds a plugin with the package as an author uses it. */
async function buildPlugin(file, say, options = {}) {
  for (const step of packageSteps.filter(({ isCurrent }) => !isCurrent())) {
    await step.make();
  }
  const builder = await orMissing('the package is not built', () => import('@hookcell/python'));
  const cacheDir = path.join(workshop, 'python', 'cache');
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
  say(`building ${path.basename(file)} in a sandbox`);
  try {
    const { wasm } = await builder.buildPlugin({ entry: path.resolve(root, file) }, { ...options, cacheDir });
    return wasm;
  } catch (cause) {
    throw cause instanceof builder.PluginBuildError
      ? new CommandError(`the plugin cannot be built: ${inspect(cause)}`, { cause })
      : cause;
  }
}

/** Holds the committed engine against its digests and against what a plugin may import. */
function checkEngine() {
  const named = JSON.parse(readFileSync(path.join(engine, 'digests.json'), 'utf8'));
  const built = Object.keys(named).map((name) => [name, unpacked(name)]);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(unpacked('engine.wasm')));
  return [
    ...built.map(([name, bytes]) => ({
      name: `the engine's ${name} has the digest that digests.json names`,
      failure: digestOf(bytes) === named[name] ? undefined : 'the digest differs',
    })),
    {
      name: 'the engine imports nothing',
      failure: imports.length === 0 ? undefined : `it imports ${imports.map((entry) => entry.name).join(', ')}`,
    },
  ];
}

function unpacked(name) {
  return brotliDecompressSync(readFileSync(path.join(engine, `${name}.br`)));
}

function digestOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
