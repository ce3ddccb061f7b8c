// Finds the files of this package that other programs open by path. A bundler moves the code but not these files, and
// files in an archive (Yarn's Plug'n'Play) exist only for Node.js.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { HookcellError } from './errors.js';

const PAGE = 'docs/bundling.md';
/** An Electron archive, which only Electron's Node.js can read. */
const IN_ARCHIVE = /\.asar[/\\]/;

/** The child needs no threads for V8's own compiler. Bun and Deno do not know the option. */
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

/** Deno needs these permissions to find and load the addon. */
function permissions(): string[] {
  return 'deno' in process.versions
    ? ['run', '--quiet', '--no-prompt', '--allow-read', '--allow-env', '--allow-sys', '--allow-ffi']
    : [];
}

/** Under Yarn's Plug'n'Play a program finds packages only through this module. */
function plugAndPlay(): string[] {
  return 'pnp' in process.versions ? ['--require', createRequire(__filename).resolve('pnpapi')] : [];
}

function findProgram(): string {
  const folder = packageFolder();
  if (folder === undefined) {
    throw new HookcellError(
      'ERR_ISOLATE',
      `isolate needs files of hookcell that are missing beside its code in ${__dirname}, because a bundler moved it. ` +
        `Mark hookcell as external and install it in node_modules (see ${PAGE})`,
    );
  }
  if (IN_ARCHIVE.test(folder)) {
    throw new HookcellError(
      'ERR_ISOLATE',
      `isolate cannot start a program inside an archive, ${folder}: unpack hookcell (see ${PAGE})`,
    );
  }
  return join(folder, 'dist', 'compile-child.js');
}

/** The folder of this package: the one that holds this file, or else the one that the server would load. */
function packageFolder(): string | undefined {
  const own = join(__dirname, '..');
  return isPackage(own) ? own : installedFolder();
}

/** The installed package, if this code is in a bundle. */
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
