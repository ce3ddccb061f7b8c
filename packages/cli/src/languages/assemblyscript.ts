import path from 'node:path';

import type { Language } from './language.js';
import { kitFile } from './kit.js';
import { packageTool, resolveFrom } from './package.js';
import { packageManifest } from './package-manifest.js';
import { compile } from './program.js';

const KIT = '@hookcell/assemblyscript';

export const assemblyscript: Language = {
  name: 'assemblyscript',
  entry: 'assembly/plugin.ts',
  tools: [[packageTool('assemblyscript')], [packageTool(KIT)]],

  async build({ entry, output, folder }) {
    const manifest = resolveFrom(folder, 'assemblyscript/package.json') ?? '';
    const compiler = path.join(path.dirname(manifest), 'bin', 'asc.js');
    // The project's asconfig.json has the other options.
    await compile(process.execPath, [compiler, entry, '--outFile', path.relative(folder, output)], folder);
  },

  files: (name) => ({
    'package.json': packageManifest(name, [KIT], { assemblyscript: '~0.28.20' }),
    'asconfig.json': `${JSON.stringify({ extends: `./node_modules/${KIT}/asconfig.json` }, undefined, 2)}\n`,
    'assembly/plugin.ts': kitFile('assemblyscript', 'closed_on_sundays.ts'),
  }),
};
