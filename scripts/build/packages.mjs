import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { root, runTool } from './command.mjs';
import { isStamped, stamped } from './stamp.mjs';

/**
 * The other packages of the workspace. One that needs another comes after it. `copies` are files from elsewhere in the
 * repository: each goes into this folder of the package's dist/, and one that ends in `.br` is decompressed there.
 *
 * @type {{ folder: string, copies: Record<string, string[]> }[]}
 */
export const packages = [
  {
    folder: 'packages/javascript',
    copies: {
      engine: ['LICENSE', 'compiler.wasm', 'digests.json', 'requirements.txt', 'runtime.wasm'].map(
        (name) => `pdk/javascript/engine/${name}`,
      ),
    },
  },
  {
    folder: 'packages/python',
    copies: {
      engine: ['LICENSE', 'digests.json', 'engine.wasm.br', 'library.br', 'source.json'].map(
        (name) => `pdk/python/engine/${name}`,
      ),
      stubs: ['pdk/python/engine/src/hookcell.pyi'],
      python: filesIn('packages/python/python'),
      zones: ['pdk/python/zones/zones.br'],
    },
  },
  {
    folder: 'packages/cli',
    copies: {
      page: filesIn('packages/cli/page'),
      kits: ['pdk/closed_on_sundays.json'],
      'kits/rust': ['pdk/rust/hookcell-pdk/examples/closed_on_sundays.rs'],
      'kits/assemblyscript': ['pdk/assemblyscript/examples/closed_on_sundays.ts'],
      'kits/python': ['pdk/python/examples/closed_on_sundays.py'],
      'kits/zig': ['pdk/zig/examples/closed_on_sundays.zig', 'pdk/zig/build.args'],
      'kits/zig/hookcell': filesIn('pdk/zig/hookcell'),
      'kits/c': ['pdk/c/examples/closed_on_sundays.c', 'pdk/c/build.args', 'pdk/c/hookcell.h'],
      'kits/c/hookcell': filesIn('pdk/c/hookcell'),
    },
  },
  { folder: 'packages/create', copies: {} },
];

/** npm only packs a license that is in the package's folder. */
export const licenses = ['LICENSE-APACHE', 'LICENSE-MIT'];

/** The package's package.json. */
export function manifestOf({ folder }) {
  return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
}

/** Each package compiled from its src/ into its dist/. */
export const packageSteps = packages.map(({ folder, copies }) => {
  const name = folder.replace('/', '-');
  const copied = Object.values(copies).flat();
  const configuration = `${folder}/tsconfig.build.json`;
  const shared = ['index.d.ts', 'dist', 'package-lock.json', 'tsconfig.json', ...licenses];
  const inputs = [...shared, `${folder}/src`, `${folder}/package.json`, configuration, ...copied];
  const outputs = [`${folder}/dist`, ...licenses.map((license) => `${folder}/${license}`)];
  return {
    notice: `compiling ${folder}`,

    isCurrent: () => isStamped(name, inputs, outputs),

    make: () => stamped(name, () => compile(folder, configuration, copies), inputs, outputs),
  };
});

async function compile(folder, configuration, copies) {
  rmSync(path.join(root, folder, 'dist'), { recursive: true, force: true });
  await runTool('typescript', ['--project', configuration], { command: 'tsc' });
  for (const [into, files] of Object.entries({ ...mapInto('dist', copies), '.': licenses })) {
    mkdirSync(path.join(root, folder, into), { recursive: true });
    for (const file of files) {
      copy(path.join(root, file), path.join(root, folder, into));
    }
  }
}

function copy(file, folder) {
  const copied = path.join(folder, nameOfCopy(file));
  if (file.endsWith('.br')) {
    writeFileSync(copied, brotliDecompressSync(readFileSync(file)));
  } else {
    copyFileSync(file, copied);
  }
}

/** npm compresses what it packs, so what is compressed in the repository is not in a package. A start then need not decompress it. */
export function nameOfCopy(file) {
  return path.basename(file, '.br');
}

function filesIn(folder) {
  return readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`);
}

function mapInto(home, copies) {
  return Object.fromEntries(Object.entries(copies).map(([into, files]) => [`${home}/${into}`, files]));
}
