import type { Language } from './language.js';
import { buildWithPackage, packageTool } from './package.js';
import { packageManifest } from './package-manifest.js';

const BUILDER = '@hookcell/javascript';

const tools = [[packageTool(BUILDER)]];
const build = buildWithPackage(BUILDER);

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
    strict: true,
    noEmit: true,
  },
  include: ['src'],
};

export const typescript: Language = {
  name: 'typescript',
  entry: 'src/plugin.ts',
  tools,
  build,
  files: (name) => ({
    'package.json': packageManifest(name, [BUILDER]),
    'tsconfig.json': `${JSON.stringify(TSCONFIG, undefined, 2)}\n`,
    'src/plugin.ts': `import { reject, type Hook } from '@hookcell/javascript';

export const before_hook: Hook<{ day: string }> = (ctx) => {
  if (ctx.input.day === 'Sunday') return reject('closed on Sundays');
};
`,
  }),
};

export const javascript: Language = {
  name: 'javascript',
  entry: 'src/plugin.js',
  tools,
  build,
  files: (name) => ({
    'package.json': packageManifest(name, [BUILDER]),
    'src/plugin.js': `import { reject } from '@hookcell/javascript';

/** @type {import('@hookcell/javascript').Hook<{ day: string }>} */
export const before_hook = (ctx) => {
  if (ctx.input.day === 'Sunday') return reject('closed on Sundays');
};
`,
  }),
};
