import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { run } from '../build/command.mjs';
import { workshop } from '../plugins/compiler.mjs';
import { cpythonArchive } from '../plugins/python/source.mjs';

const folder = path.join(workshop, 'python', 'reference');
const program = path.join(folder, 'python');

/** CPython of the engine's version for this machine, if it was built before. */
export function builtPython() {
  return existsSync(program) ? program : undefined;
}

/** Builds CPython from the engine's sources, as they are, with its modules in C. It takes minutes. */
export async function buildPython(say) {
  const archive = await cpythonArchive(say);
  say('building CPython for this machine');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run('tar', ['--extract', '--file', archive, '--strip-components=1', '--directory', folder]);
  const options = { cwd: folder, env: { ...process.env, CFLAGS: '-O1' }, output: 'capture', errors: 'ignore' };
  await run('./configure', ['-q', '--disable-test-modules', '--without-ensurepip'], options);
  await run('make', ['--silent', `-j${availableParallelism()}`, 'all'], options);
  return program;
}
