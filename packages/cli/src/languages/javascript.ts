import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { shown } from '../terminal/shown-text.js';
import { BuildFailure } from './build-failure.js';
import type { BuildRequest, Language } from './language.js';
import { packageTool, resolveFrom } from './package.js';
import { packageManifest } from './package-manifest.js';

const BUILDER = '@hookcell/javascript';

/** The part of the builder that this command uses. The project chooses its version. */
interface Builder {
  buildPlugin(source: { entry: string }): Promise<{ wasm: Uint8Array }>;
}

/** What the builder throws if the source is at fault. */
interface BuildError extends Error {
  problems?: readonly {
    code: string;
    message: string;
    file?: string;
    line?: number;
    column?: number;
    lineText?: string;
  }[];
}

const tools = [[packageTool(BUILDER)]];

async function build({ entry, output, folder }: BuildRequest): Promise<void> {
  const { buildPlugin } = (await import(resolveFrom(folder, BUILDER) ?? BUILDER)) as Builder;
  try {
    const { wasm } = await buildPlugin({ entry: path.resolve(folder, entry) });
    await writeFile(output, wasm);
  } catch (error) {
    const { problems } = error as BuildError;
    if (problems === undefined) {
      throw error;
    }
    throw new BuildFailure(problems.map(describeProblem).join('\n\n'), { cause: error });
  }
}

function describeProblem({ code, message, file, line, column, lineText }: NonNullable<BuildError['problems']>[number]) {
  const where =
    file === undefined ? '' : `\n  at ${[file, line, column].filter((part) => part !== undefined).join(':')}`;
  return `${code}: ${message}${where}${lineText === undefined ? '' : `\n    ${shown(lineText)}`}`;
}

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
