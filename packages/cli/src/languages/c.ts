import { kitArguments, kitFile, kitFolder } from './kit.js';
import type { Language, Tool } from './language.js';
import { packageManifest } from './package-manifest.js';
import { compile, versionOf } from './program.js';
import { compileWithZig, zigCommand, zigTool } from './zig.js';

const clangTool: Tool = {
  name: 'clang with wasm-ld',
  install: 'apt-get install clang lld',
  async find(folder) {
    const linker = await versionOf('wasm-ld', ['--version'], folder);
    return linker && versionOf('clang', ['--version'], folder);
  },
};

export const c: Language = {
  name: 'c',
  entry: 'src/plugin.c',
  tools: [[zigTool, clangTool]],

  async build({ entry, output, folder }) {
    const args = [...kitArguments('c'), entry, '-o', output];
    if ((await zigCommand(folder)) !== undefined) {
      await compileWithZig(['cc', ...args], folder);
      return;
    }
    // The first two name Zig's target.
    await compile('clang', ['--target=wasm32-unknown-unknown', '-Wl,--stack-first', ...args.slice(2)], folder);
  },

  files: (name) => ({
    'package.json': packageManifest(name),
    'src/plugin.c': kitFile('c', 'closed_on_sundays.c'),
    'hookcell.h': kitFile('c', 'hookcell.h'),
    ...kitFolder('c/hookcell', 'hookcell'),
  }),
};
