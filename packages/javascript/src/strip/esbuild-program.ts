import { createRequire } from 'node:module';
import path from 'node:path';

/** How esbuild's own program is started. */
export interface Program {
  command: string;
  arguments: string[];
}

let found: Program | undefined;

/** The program of the installed esbuild. */
export function esbuildProgram(): Program {
  found ??= find();
  return found;
}

function find(): Program {
  const { platform, arch, execPath } = process;
  const fromEsbuild = createRequire(require.resolve('esbuild'));
  const name = platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild';
  try {
    return { command: fromEsbuild.resolve(`@esbuild/${platform}-${arch}/${name}`), arguments: [] };
  } catch {
    // esbuild has another build for this machine, and a script that finds it.
    const manifest = fromEsbuild.resolve('esbuild/package.json');
    return { command: execPath, arguments: [path.join(path.dirname(manifest), 'bin', 'esbuild')] };
  }
}
