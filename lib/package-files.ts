// Where the files of this package are that other programs open by their path. A bundler takes the code elsewhere and
// leaves them behind, and what lies in an archive (Yarn's Plug'n'Play) exists for Node.js alone.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { HookcellError } from './errors.js';

const PAGE = 'docs/bundling.md';
/** Electron's archives, which its Node.js alone looks into. */
const IN_ARCHIVE = /\.asar[/\\]/;

/** Node.js needs no threads for its own compiler there. Other runtimes do not know the option. */
const nodeOptions = 'bun' in process.versions || 'deno' in process.versions ? [] : ['--v8-pool-size=0'];

/** How a compiler process is started. */
export interface CompilerCommand {
  program: string;
  arguments: string[];
}

let found: CompilerCommand | undefined;

/**
 * The command that starts a compiler process.
 *
 * @throws {@link HookcellError} `ERR_ISOLATE` if its program cannot be found
 */
export function compilerCommand(): CompilerCommand {
  found ??= {
    program: process.execPath,
    arguments: [...nodeOptions, ...permissions(), ...plugAndPlay(), findProgram()],
  };
  return found;
}

/** Deno lets a program load no addon, and read no file to find it, unless it is told to. */
function permissions(): string[] {
  return 'deno' in process.versions
    ? ['run', '--quiet', '--no-prompt', '--allow-read', '--allow-env', '--allow-sys', '--allow-ffi']
    : [];
}

/** Under Yarn's Plug'n'Play no program finds the package of the addon, unless it is told where packages are. */
function plugAndPlay(): string[] {
  return 'pnp' in process.versions ? ['--require', createRequire(__filename).resolve('pnpapi')] : [];
}

function findProgram(): string {
  const folder = packageFolder();
  if (folder === undefined) {
    throw new HookcellError(
      'ERR_ISOLATE',
      `isolate needs files of hookcell that are not beside its code in ${__dirname}: a bundler has moved it. ` +
        `Mark hookcell as external, and have it in node_modules (see ${PAGE})`,
    );
  }
  if (IN_ARCHIVE.test(folder)) {
    throw new HookcellError(
      'ERR_ISOLATE',
      `isolate cannot start a program that lies in an archive, ${folder}: have hookcell unpacked (see ${PAGE})`,
    );
  }
  return join(folder, 'dist', 'compile-child.js');
}

/** The folder of this package: where this file lies in it, or else where the server would find it. */
function packageFolder(): string | undefined {
  const own = join(__dirname, '..');
  return isPackage(own) ? own : installedFolder();
}

/** Where the code is bundled, and the package installed for what the bundle leaves out. */
function installedFolder(): string | undefined {
  for (const from of [__filename, process.argv[1], join(process.cwd(), 'server')]) {
    try {
      const folder = dirname(createRequire(from ?? '').resolve('hookcell/package.json'));
      if (isPackage(folder)) {
        return folder;
      }
    } catch {
      // Not from there.
    }
  }
  return undefined;
}

function isPackage(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
    return name === 'hookcell';
  } catch {
    return false;
  }
}
